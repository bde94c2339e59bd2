// Reading calls; answers and deadlines.
#include <algorithm>
#include <string>

#include "store/codec.hpp"
#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Connection;
using sqlite_detail::Query;
using sqlite_detail::ViewCache;

namespace {

Error about(Error error, const CallId& call) {
  error.detail += " (call " + call.str() + ")";
  return error;
}

/// Every row of a query whose first columns are id, version and snapshot. `cache` (may be null) saves decoding.
template <class... Values>
Result<std::vector<CallView>> snapshots(Connection& db, ViewCache* cache, const char* sql, const Values&... values) {
  std::vector<CallView> found;
  Query rows(db, sql, values...);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    const auto id = rows.id<CallId>(0);
    const Version version(static_cast<std::uint64_t>(rows.integer(1)));
    if (const CallView* known = cache ? cache->find(id, version) : nullptr) {
      found.push_back(*known);
      continue;
    }
    auto call = decode_snapshot(rows.text(2));
    if (!call) return unexpected(about(std::move(call).error(), id));
    if (cache) cache->put(call->value);
    found.push_back(std::move(call->value));
  }
}

// Statements are cached by the address of their text.
constexpr const char* seats_of_user = "SELECT call_id FROM seats WHERE user_id = ?1";
constexpr const char* second_legs_of_user = "SELECT call_id FROM second_legs WHERE user_id = ?1 ORDER BY call_id";

template <class... Values>
Result<std::vector<CallId>> call_ids(Connection& db, const char* sql, const Values&... values) {
  std::vector<CallId> found;
  Query rows(db, sql, SQLITE_STATIC, values...);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.push_back(rows.id<CallId>(0));
  }
}

Result<Page<CallView>> page_of(Result<std::vector<CallView>> items, Result<std::uint64_t> total) {
  if (!items) return unexpected(std::move(items).error());
  if (!total) return unexpected(std::move(total).error());
  return Page<CallView>{std::move(*items), *total};
}

std::optional<ErrorCode> error_code(std::int64_t number) {
  const auto* found = std::find_if(begin_error_table(), end_error_table(),
                                   [&](const ErrorInfo& info) { return static_cast<std::int64_t>(info.code) == number; });
  return found == end_error_table() ? std::nullopt : std::optional(found->code);
}

}  // namespace

Result<std::optional<CallView>> SqliteStore::call(const CallId& id) {
  auto found = snapshots(impl_->db(), impl_->cache(), "SELECT id, version, snapshot FROM calls WHERE id = ?1", id);
  if (!found) return unexpected(std::move(found).error());
  if (found->empty()) return std::optional<CallView>{};
  return std::optional<CallView>(std::move(found->front()));
}

/// The seat's call first, then the others in the order of their ids. Two plain look-ups cost a third of one query that sorts.
Result<std::vector<CallView>> SqliteStore::calls_of(const std::vector<UserId>& users) {
  std::vector<CallView> found;
  for (const UserId& user : users)
    for (const char* sql : {seats_of_user, second_legs_of_user}) {
      auto ids = call_ids(impl_->db(), sql, user);
      if (!ids) return unexpected(std::move(ids).error());
      for (const CallId& id : *ids) {
        if (std::any_of(found.begin(), found.end(), [&](const CallView& other) { return other.id == id; })) continue;
        auto one = call(id);
        if (!one) return unexpected(std::move(one).error());
        if (*one) found.push_back(**std::move(one));
      }
    }
  return found;
}

Result<std::vector<CallView>> SqliteStore::live_calls() {
  return snapshots(impl_->db(), nullptr,
                   "SELECT id, version, snapshot FROM calls WHERE ended_at IS NULL ORDER BY created_at, id");
}

Result<std::vector<CallId>> SqliteStore::live_call_ids() {
  return call_ids(impl_->db(), "SELECT id FROM calls WHERE ended_at IS NULL ORDER BY created_at, id");
}

Result<std::vector<CallEvent>> SqliteStore::events(const CallId& id, Version since) {
  std::vector<CallEvent> found;
  Query rows(impl_->db(), "SELECT version, at, name, body FROM events WHERE call_id = ?1 AND version > ?2 ORDER BY version", id,
             since);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    auto body = decode_body(rows.text(2), rows.text(3));
    if (!body) return unexpected(about(std::move(body).error(), id));
    found.push_back({id, Version(static_cast<std::uint64_t>(rows.integer(0))), rows.time(1), std::move(*body)});
  }
}

Result<Page<CallView>> SqliteStore::history(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  return page_of(snapshots(impl_->db(), nullptr,
                           "SELECT calls.id, calls.version, calls.snapshot FROM members JOIN calls ON calls.id = members.call_id "
                           "WHERE members.user_id = ?1 ORDER BY members.ended_at DESC, members.call_id DESC LIMIT ?2 OFFSET ?3",
                           user, page.size, first_of(page)),
                 impl_->db().count("SELECT count(*) FROM members WHERE user_id = ?1", user));
}

/// mentions has everybody whom a room's settings name; that of a call and a person is never taken back, so it is asked again.
Result<std::vector<CallView>> SqliteStore::live_rooms_of(const UserId& user) {
  auto found = snapshots(impl_->db(), nullptr,
                         "SELECT id, version, snapshot FROM calls WHERE ended_at IS NULL AND id IN "
                         "(SELECT call_id FROM mentions WHERE user_id = ?1 UNION SELECT call_id FROM seats WHERE user_id = ?1 "
                         "UNION SELECT call_id FROM second_legs WHERE user_id = ?1) ORDER BY created_at DESC, id DESC",
                         user);
  if (found) std::erase_if(*found, [&](const CallView& call) { return !is_room_of(call, user); });
  return found;
}

Result<Page<CallView>> SqliteStore::calls(PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  return page_of(snapshots(impl_->db(), nullptr,
                           "SELECT id, version, snapshot FROM calls ORDER BY created_at DESC, id DESC LIMIT ?1 OFFSET ?2",
                           page.size, first_of(page)),
                 impl_->db().count("SELECT count(*) FROM calls"));
}

Result<std::vector<CallView>> SqliteStore::calls_before(const std::optional<CallPlace>& place, std::uint32_t most) {
  if (auto fine = check(PageRequest{1, most}); !fine) return unexpected(std::move(fine).error());
  const CallPlace before = place.value_or(CallPlace{UnixTime::max(), CallId()});
  return snapshots(impl_->db(), nullptr,
                   "SELECT id, version, snapshot FROM calls WHERE (created_at, id) < (?1, ?2) "
                   "ORDER BY created_at DESC, id DESC LIMIT ?3",
                   before.created_at, before.id, most);
}

Result<std::optional<CommandAnswer>> SqliteStore::answer(const UserId& user, const CommandId& command) {
  Query row(impl_->db(),
            "SELECT call_id, version, keep_until, error_code, error_field, error_detail FROM answers "
            "WHERE user_id = ?1 AND command_id = ?2",
            user, command);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return std::optional<CommandAnswer>{};
  CommandAnswer found{user, command, row.id<CallId>(0), Version(static_cast<std::uint64_t>(row.integer(1))), {}, row.time(2)};
  if (!row.is_null(3)) {
    const auto code = error_code(row.integer(3));
    if (!code) return fail_field(ErrorCode::store_corrupt, "error_code", "is a number that this version does not know");
    found.error = Error{*code, std::string(row.text(4)), std::string(row.text(5))};
  }
  return std::optional<CommandAnswer>(std::move(found));
}

Result<void> SqliteStore::forget_answers(UnixTime now, std::uint32_t most) {
  if (auto fine = impl_->writable(); !fine) return fine;
  return impl_->db().run(
      "DELETE FROM answers WHERE (user_id, command_id) IN (SELECT user_id, command_id FROM answers WHERE keep_until <= ?1 "
      "ORDER BY keep_until, user_id, command_id LIMIT ?2)",
      now, most);
}

Result<std::vector<DueDeadline>> SqliteStore::due(UnixTime now, std::uint32_t most) {
  std::vector<DueDeadline> found;
  Query rows(impl_->db(),
             "SELECT call_id, timer, leg, at FROM deadlines WHERE at <= ?1 ORDER BY at, call_id, timer, leg LIMIT ?2", now, most);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    const auto timer = from_name<Timer>(rows.text(1));
    if (!timer) return fail_field(ErrorCode::store_corrupt, "timer", "is a word that this version does not know");
    found.push_back({rows.id<CallId>(0), {*timer, static_cast<std::uint32_t>(rows.integer(2)), rows.time(3)}});
  }
}

Result<std::optional<UnixTime>> SqliteStore::next_deadline() {
  Query row(impl_->db(), "SELECT min(at) FROM deadlines");
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (row.is_null(0)) return std::optional<UnixTime>{};
  return std::optional<UnixTime>(row.time(0));
}

}  // namespace zegocall
