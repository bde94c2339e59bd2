// Forgetting calls and people.
#include <algorithm>
#include <string>

#include "store/codec.hpp"
#include "store/people_named.hpp"
#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Connection;
using sqlite_detail::Query;

namespace {

/// The first column of every row.
template <class... Values>
Result<std::vector<std::string>> texts(Connection& db, const char* sql, const Values&... values) {
  std::vector<std::string> found;
  Query rows(db, sql, values...);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.emplace_back(rows.text(0));
  }
}

/// Each statement once with the same values; stops at the first failure.
template <std::size_t N, class... Values>
Result<void> run_all(Connection& db, const char* const (&statements)[N], const Values&... values) {
  for (const char* sql : statements)
    if (auto ran = db.run(sql, values...); !ran) return ran;
  return {};
}

// The call itself last: the others refer to it.
constexpr const char* forget_one_call[] = {
    "DELETE FROM events WHERE call_id = ?1",     "DELETE FROM mentions WHERE call_id = ?1",
    "DELETE FROM missed WHERE call_id = ?1",     "DELETE FROM room_messages WHERE call_id = ?1",
    "DELETE FROM room_reads WHERE call_id = ?1", "DELETE FROM join_codes WHERE call_id = ?1",
    "DELETE FROM passcodes WHERE call_id = ?1",  "DELETE FROM calls WHERE id = ?1",
};

constexpr const char* forget_one_person[] = {
    "DELETE FROM answers WHERE user_id = ?1",  "DELETE FROM missed WHERE user_id = ?1",
    "DELETE FROM blocks WHERE user_id = ?1",   "DELETE FROM blocks WHERE blocked_id = ?1",
    "DELETE FROM settings WHERE user_id = ?1", "DELETE FROM room_reads WHERE user_id = ?1",
    "DELETE FROM accounts WHERE id = ?1",
};

constexpr const char* rename_one_person[] = {
    "UPDATE missed SET caller_id = ?2 WHERE caller_id = ?1",
    "UPDATE room_messages SET user_id = ?2, text = '' WHERE user_id = ?1",
    "UPDATE members SET user_id = ?2 WHERE user_id = ?1",
    "UPDATE mentions SET user_id = ?2 WHERE user_id = ?1",
};

}  // namespace

Result<std::uint64_t> SqliteStore::forget_calls(UnixTime ended_before, std::uint32_t most) {
  if (auto fine = impl_->writable(); !fine) return unexpected(std::move(fine).error());
  impl_->views.clear();
  auto& db = impl_->db();
  auto old = texts(db, "SELECT id FROM calls WHERE ended_at IS NOT NULL AND ended_at < ?1 ORDER BY ended_at, id LIMIT ?2",
                   ended_before, most);
  if (!old) return unexpected(std::move(old).error());
  for (const std::string& id : *old) {
    auto call = this->call(CallId(id));
    if (!call) return unexpected(std::move(call).error());
    for (const UserId& user : members_of(**call)) {
      auto gone =
          db.run("DELETE FROM members WHERE user_id = ?1 AND ended_at = ?2 AND call_id = ?3", user, (*call)->ended_at, id);
      if (!gone) return unexpected(std::move(gone).error());
    }
    if (auto gone = run_all(db, forget_one_call, id); !gone) return unexpected(std::move(gone).error());
  }
  return static_cast<std::uint64_t>(old->size());
}

Result<std::uint64_t> SqliteStore::erase_user(const UserId& user, const UserId& instead) {
  if (auto fine = impl_->writable(); !fine) return unexpected(std::move(fine).error());
  impl_->views.clear();
  if (auto fine = check_erase(user, instead); !fine) return unexpected(std::move(fine).error());
  auto& db = impl_->db();
  auto seats = texts(
      db, "SELECT user_id FROM seats WHERE user_id = ?1 UNION ALL SELECT user_id FROM second_legs WHERE user_id = ?1", user);
  if (!seats) return unexpected(std::move(seats).error());
  if (!seats->empty()) return sits_in_a_call();
  auto others = texts(db,
                      "SELECT id FROM accounts WHERE id = ?1 UNION ALL SELECT user_id FROM seats WHERE user_id = ?1 UNION ALL "
                      "SELECT user_id FROM members WHERE user_id = ?1 UNION ALL SELECT user_id FROM mentions WHERE user_id = ?1",
                      instead);
  if (!others) return unexpected(std::move(others).error());
  if (!others->empty()) return taken("instead");
  auto calls =
      texts(db, "SELECT call_id FROM members WHERE user_id = ?1 UNION SELECT call_id FROM mentions WHERE user_id = ?1", user);
  auto live = live_calls();
  if (!calls || !live) return unexpected(calls ? std::move(live).error() : std::move(calls).error());
  for (const CallView& call : *live)
    if (call.has_member(user) && std::find(calls->begin(), calls->end(), call.id.str()) == calls->end())
      calls->push_back(call.id.str());
  Result<void> done;
  for (const std::string& id : *calls)
    if (done) done = impl_->rename_call(CallId(id), user, instead);
  if (done) done = run_all(db, rename_one_person, user, instead);
  if (done) done = impl_->rename_messages(user, instead);
  if (done) done = impl_->rename_chats(user, instead);
  if (done) done = run_all(db, forget_one_person, user);
  if (!done) return unexpected(std::move(done).error());
  return static_cast<std::uint64_t>(calls->size());
}

Result<void> SqliteStore::Impl::rename_call(const CallId& id, const UserId& user, const UserId& instead) {
  auto snapshot = texts(db(), "SELECT snapshot FROM calls WHERE id = ?1", id);
  if (!snapshot) return unexpected(std::move(snapshot).error());
  auto call = decode_snapshot(snapshot->empty() ? std::string_view() : snapshot->front());
  if (!call) return unexpected(std::move(call).error());
  rename_person(call->value, user, instead);
  auto kept = db().run("UPDATE calls SET snapshot = ?2 WHERE id = ?1", id, encode_snapshot(call->value, call->unknown));
  if (!kept) return kept;
  std::vector<CallEvent> log;
  {
    Query rows(db(), "SELECT version, name, body FROM events WHERE call_id = ?1 ORDER BY version", id);
    for (;;) {
      auto row = rows.step();
      if (!row) return unexpected(std::move(row).error());
      if (!*row) break;
      auto body = decode_body(rows.text(1), rows.text(2));
      if (!body) return unexpected(std::move(body).error());
      log.push_back({id, Version(static_cast<std::uint64_t>(rows.integer(0))), {}, *std::move(body)});
    }
  }
  for (CallEvent& event : log) {
    const std::string before = encode_body(event.body);
    rename_person(event, user, instead);
    const std::string after = encode_body(event.body);
    if (before == after) continue;
    kept = db().run("UPDATE events SET body = ?3 WHERE call_id = ?1 AND version = ?2", id, event.version, after);
    if (!kept) return kept;
  }
  return {};
}

Result<void> SqliteStore::Impl::rename_messages(const UserId& user, const UserId& instead) {
  struct Row {
    std::int64_t number;
    std::string body;
  };
  const auto changed = [&](const char* sql) -> Result<std::vector<Row>> {
    std::vector<Row> found;
    Query rows(db(), sql, user);
    for (;;) {
      auto row = rows.step();
      if (!row) return unexpected(std::move(row).error());
      if (!*row) return found;
      std::string renamed = rename_in_text(rows.text(1), user, instead);
      if (renamed != rows.text(1)) found.push_back({rows.integer(0), std::move(renamed)});
    }
  };
  auto waiting = changed("SELECT number, body FROM outbox WHERE instr(body, ?1) > 0");
  auto dead = changed("SELECT number, body FROM dead_letters WHERE instr(body, ?1) > 0");
  if (!waiting || !dead) return unexpected(waiting ? std::move(dead).error() : std::move(waiting).error());
  for (const Row& row : *waiting)
    if (auto kept = db().run("UPDATE outbox SET body = ?2 WHERE number = ?1", row.number, row.body); !kept) return kept;
  for (const Row& row : *dead)
    if (auto kept = db().run("UPDATE dead_letters SET body = ?2 WHERE number = ?1", row.number, row.body); !kept) return kept;
  return {};
}

Result<void> SqliteStore::Impl::rename_chats(const UserId& user, const UserId& instead) {
  auto chats = texts(db(), "SELECT chat_id FROM chat_members WHERE user_id = ?1", user);
  if (!chats) return unexpected(std::move(chats).error());
  if (auto renamed = db().run("UPDATE chat_members SET user_id = ?2 WHERE user_id = ?1", user, instead); !renamed) return renamed;
  for (const std::string& id : *chats) {
    auto members = texts(db(), "SELECT user_id FROM chat_members WHERE chat_id = ?1 ORDER BY user_id", id);
    if (!members) return unexpected(std::move(members).error());
    std::vector<UserId> users;
    for (const std::string& member : *members) users.emplace_back(std::string_view(member));
    auto kept = db().run("UPDATE chats SET members_key = ?2 WHERE id = ?1", id, members_key(users));
    if (!kept) return kept;
  }
  return {};
}

// VACUUM writes only what is still there; the log that still holds what was is emptied with it.
Result<void> SqliteStore::scrub() {
  if (in_transaction()) return fail(ErrorCode::invalid_state, "a transaction is open");
  if (impl_->db().read_only()) return fail(ErrorCode::invalid_state, "the store is open for reading only");
  if (auto done = impl_->db().script("VACUUM"); !done) return done;
  Query row(impl_->db(), "PRAGMA wal_checkpoint(TRUNCATE)");
  auto done = row.step();
  if (!done) return unexpected(std::move(done).error());
  if (row.integer(0) != 0) return fail(ErrorCode::store_unavailable, "SQLite: another connection still reads what was deleted");
  return {};
}

}  // namespace zegocall
