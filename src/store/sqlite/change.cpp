// Writing: one decision's changes.
#include <algorithm>
#include <set>
#include <string>

#include "store/codec.hpp"
#include "store/people_named.hpp"
#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Query;

/// What can refuse a change is looked at before the first row is written: after that only the disk can fail, and that loses the
/// transaction. A savepoint for each change would copy every page that it touches.
Result<void> SqliteStore::change(const CallChange& change) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(change); !fine) return fine;
  if (auto fine = impl_->check_parts(change); !fine) return fine;
  auto held = impl_->check_seats(change);
  if (!held) {
    // Who asks a second time is told that, whatever has come of the seats since.
    auto before = change.answer ? answer(change.answer->user, change.answer->command) : std::optional<CommandAnswer>{};
    if (before && *before) return answer_conflict();
    return unexpected(std::move(held).error());
  }
  return impl_->apply(change, *held);
}

Result<void> SqliteStore::Impl::check_parts(const CallChange& change) {
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallChange::Part& part = change.parts[i];
    Query row(db(), "SELECT version, ended_at FROM calls WHERE id = ?1", SQLITE_STATIC, part.after.id);
    auto found = row.step();
    if (!found) return unexpected(std::move(found).error());
    const Version version{*found ? static_cast<std::uint64_t>(row.integer(0)) : 0};
    if (version != part.expected) return version_conflict(i, part.expected, *found ? std::optional(version) : std::nullopt);
    if (*found && !row.is_null(1)) return ended_already(i);
  }
  return {};
}

Result<void> SqliteStore::Impl::apply(const CallChange& change, const SeatsHeld& held) {
  if (change.answer)  // the first to write: a conflict leaves nothing behind
    if (auto kept = keep_answer(*change.answer); !kept) return kept;
  // Every seat is given back before one is claimed: a call that makes room for another may stand behind it.
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    if (change.parts[i].expected.value == 0) continue;  // a new call holds none
    if (auto released = release_seats(change.parts[i].after, held[i]); !released) return released;
  }
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallChange::Part& part = change.parts[i];
    auto kept = keep_call(part)
                    .and_then([&] { return claim_seats(part.after, held[i]); })
                    .and_then([&] { return keep_deadlines(part); })
                    .and_then([&] { return keep_members(part.after); })
                    .and_then([&] { return keep_mentions(part); });
    if (!kept) return kept;
  }
  if (auto kept = keep_missed(change.missed); !kept) return kept;
  for (const OutboxMessage& message : change.outbox)
    if (auto kept = add_to_outbox(message, message.at); !kept) return kept;
  return {};
}

Result<void> SqliteStore::Impl::keep_answer(const CommandAnswer& answer) {
  std::optional<int> code;
  std::optional<std::string> field, detail;
  if (answer.error) {
    code = static_cast<int>(answer.error->code);
    field = answer.error->field;
    detail = answer.error->detail;
  }
  auto kept = db().run(
      "INSERT INTO answers (user_id, command_id, call_id, version, error_code, error_field, error_detail, keep_until) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (user_id, command_id) DO NOTHING",
      answer.user, answer.command, answer.call, answer.version, code, field, detail, answer.keep_until);
  if (kept && db().changes() == 0) return answer_conflict();
  return kept;
}

namespace {

Result<std::vector<UserId>> seats_held(sqlite_detail::Connection& db, const CallId& call) {
  std::vector<UserId> users;
  Query rows(db, "SELECT user_id FROM seats WHERE call_id = ?1 ORDER BY user_id", SQLITE_STATIC, call);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return users;
    users.push_back(rows.id<UserId>(0));
  }
}

Result<std::vector<Deadline>> deadlines_kept(sqlite_detail::Connection& db, const CallId& call) {
  std::vector<Deadline> kept;
  Query rows(db, "SELECT timer, leg, at FROM deadlines WHERE call_id = ?1", SQLITE_STATIC, call);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return kept;
    const auto timer = from_name<Timer>(rows.text(0));
    if (!timer) return fail_field(ErrorCode::store_corrupt, "timer", "is a word that this version does not know");
    kept.push_back({*timer, static_cast<std::uint32_t>(rows.integer(1)), rows.time(2)});
  }
}

}  // namespace

Result<SqliteStore::Impl::SeatsHeld> SqliteStore::Impl::check_seats(const CallChange& change) {
  SeatsHeld held(change.parts.size());
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    if (change.parts[i].expected.value == 0) continue;
    auto seats = seats_held(db(), change.parts[i].after.id);
    if (!seats) return unexpected(std::move(seats).error());
    held[i] = *std::move(seats);
  }
  const auto gives_back = [&](std::size_t part, const UserId& user) {
    const std::vector<UserId> keeps = seats_of(change.parts[part].after);
    return std::binary_search(held[part].begin(), held[part].end(), user) &&
           !std::binary_search(keeps.begin(), keeps.end(), user);
  };
  std::set<UserId> claimed;
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallView& after = change.parts[i].after;
    for (const UserId& user : seats_of(after)) {
      if (!claimed.insert(user).second) return seat_conflict(i, after, user);
      if (std::binary_search(held[i].begin(), held[i].end(), user)) continue;
      Query row(db(), "SELECT call_id FROM seats WHERE user_id = ?1", SQLITE_STATIC, user);
      auto taken = row.step();
      if (!taken) return unexpected(std::move(taken).error());
      if (!*taken) continue;
      bool comes_free = false;
      for (std::size_t j = 0; j < change.parts.size(); ++j) comes_free = comes_free || gives_back(j, user);
      if (!comes_free) return seat_conflict(i, after, user);
    }
  }
  return held;
}

Result<void> SqliteStore::Impl::release_seats(const CallView& after, const std::vector<UserId>& held) {
  for (const UserId& user : seats_released(held, seats_of(after)))
    if (auto released = db().run("DELETE FROM seats WHERE user_id = ?1", user); !released) return released;
  return db().run("DELETE FROM second_legs WHERE call_id = ?1", after.id);
}

Result<void> SqliteStore::Impl::claim_seats(const CallView& after, const std::vector<UserId>& held) {
  for (const UserId& user : seats_of(after)) {
    if (std::binary_search(held.begin(), held.end(), user)) continue;
    auto claimed = db().run("INSERT INTO seats (user_id, call_id, version) VALUES (?1, ?2, ?3)", user, after.id, after.version);
    if (!claimed) return claimed;
  }
  for (const UserId& user : second_legs_of(after)) {
    auto listed = db().run("INSERT INTO second_legs (user_id, call_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING", user, after.id);
    if (!listed) return listed;
  }
  return {};
}

Result<void> SqliteStore::Impl::keep_call(const CallChange::Part& part) {
  const CallView& after = part.after;
  const std::optional<std::string_view> outcome = after.outcome ? std::optional(name(*after.outcome)) : std::nullopt;
  const std::string snapshot = encode_snapshot(after);
  auto kept =
      part.expected.value == 0
          ? db().run(
                "INSERT INTO calls (id, version, state, outcome, created_at, ended_at, snapshot) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                after.id, after.version, name(after.state), outcome, after.created_at, after.ended_at, snapshot)
          : db().run("UPDATE calls SET version = ?2, state = ?3, outcome = ?4, ended_at = ?5, snapshot = ?6 WHERE id = ?1",
                     after.id, after.version, name(after.state), outcome, after.ended_at, snapshot);
  if (kept) views.put(after);
  for (const CallEvent& event : part.events) {
    if (!kept) return kept;
    const std::string body = encode_body(event.body);
    kept = db().run("INSERT INTO events (call_id, version, at, name, body) VALUES (?1, ?2, ?3, ?4, ?5)", event.call,
                    event.version, event.at, name(event.body), body);
  }
  return kept;
}

Result<void> SqliteStore::Impl::keep_deadlines(const CallChange::Part& part) {
  const CallView& after = part.after;
  auto before =
      part.expected.value == 0 ? Result<std::vector<Deadline>>(std::vector<Deadline>{}) : deadlines_kept(db(), after.id);
  if (!before) return unexpected(std::move(before).error());
  const auto has = [](const std::vector<Deadline>& list, const Deadline& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  for (const Deadline& gone : *before) {
    if (has(after.deadlines, gone)) continue;
    auto deleted = db().run("DELETE FROM deadlines WHERE call_id = ?1 AND timer = ?2 AND leg = ?3 AND at = ?4", after.id,
                            name(gone.timer), gone.leg, gone.at);
    if (!deleted) return deleted;
  }
  for (const Deadline& fresh : after.deadlines) {
    if (has(*before, fresh)) continue;
    auto added = db().run("INSERT INTO deadlines (call_id, timer, leg, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                          after.id, name(fresh.timer), fresh.leg, fresh.at);
    if (!added) return added;
  }
  return {};
}

Result<void> SqliteStore::Impl::keep_members(const CallView& after) {
  if (!after.ended_at) return {};
  for (const UserId& user : members_of(after)) {
    auto listed =
        db().run("INSERT INTO members (user_id, ended_at, call_id) VALUES (?1, ?2, ?3)", user, *after.ended_at, after.id);
    if (!listed) return listed;
  }
  return {};
}

Result<void> SqliteStore::Impl::keep_mentions(const CallChange::Part& part) {
  for (const UserId& user : people_named_beside(part)) {
    auto kept = db().run("INSERT INTO mentions (user_id, call_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING", user, part.after.id);
    if (!kept) return kept;
  }
  return {};
}

Result<void> SqliteStore::Impl::keep_missed(const std::vector<MissedCall>& missed) {
  for (const MissedCall& call : missed) {
    auto kept = db().run(
        "INSERT INTO missed (user_id, at, call_id, leg, caller_id, outcome, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT DO UPDATE SET caller_id = ?5, outcome = ?6, seen_at = ?7",
        call.user, call.at, call.call, call.leg, call.caller, name(call.outcome), call.seen);
    if (!kept) return kept;
  }
  return {};
}

}  // namespace zegocall
