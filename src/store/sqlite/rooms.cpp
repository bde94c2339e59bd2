// What rooms keep beside their log: messages, passcodes, join codes.
#include <string>

#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Query;

namespace {
/// SQLite's integers have a sign; no message has a number beyond.
std::int64_t as_integer(std::uint64_t number) {
  return number > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(number);
}
}  // namespace

Result<void> SqliteStore::Impl::call_exists(const CallId& call) {
  Query row(db(), "SELECT 1 FROM calls WHERE id = ?1", call);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return no_call();
  return {};
}

Result<void> SqliteStore::add_room_message(const RoomMessage& message) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(message); !fine) return fine;
  if (auto known = impl_->call_exists(message.call); !known) return known;
  auto last = last_room_message(message.call);
  if (!last) return unexpected(std::move(last).error());
  if (*last >= message.number) return taken("number");
  return impl_->db().run("INSERT INTO room_messages (call_id, number, user_id, at, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                         message.call, message.number, message.user, message.at, message.text);
}

Result<std::vector<RoomMessage>> SqliteStore::room_messages(const CallId& call, std::uint64_t after, std::uint32_t most) {
  std::vector<RoomMessage> found;
  Query rows(impl_->db(),
             "SELECT number, user_id, at, text FROM room_messages WHERE call_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
             call, as_integer(after), most);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.push_back(
        {call, static_cast<std::uint64_t>(rows.integer(0)), rows.id<UserId>(1), rows.time(2), std::string(rows.text(3))});
  }
}

Result<std::uint64_t> SqliteStore::last_room_message(const CallId& call) {
  Query row(impl_->db(), "SELECT max(number) FROM room_messages WHERE call_id = ?1", call);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<void> SqliteStore::forget_room_messages(const CallId& call, std::uint64_t up_to) {
  if (auto fine = impl_->writable(); !fine) return fine;
  return impl_->db().run(
      "DELETE FROM room_messages WHERE call_id = ?1 AND number <= ?2 AND number < "
      "(SELECT max(number) FROM room_messages WHERE call_id = ?1)",
      call, as_integer(up_to));
}

Result<std::uint64_t> SqliteStore::room_read(const CallId& call, const UserId& user) {
  Query row(impl_->db(), "SELECT number FROM room_reads WHERE call_id = ?1 AND user_id = ?2", call, user);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  return *there ? static_cast<std::uint64_t>(row.integer(0)) : std::uint64_t{0};
}

Result<void> SqliteStore::keep_room_read(const CallId& call, const UserId& user, std::uint64_t number) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto known = impl_->call_exists(call); !known) return known;
  if (number == 0) return {};
  return impl_->db().run(
      "INSERT INTO room_reads (call_id, user_id, number) VALUES (?1, ?2, ?3) "
      "ON CONFLICT DO UPDATE SET number = max(number, ?3)",
      call, user, as_integer(number));
}

Result<std::optional<PasscodeRecord>> SqliteStore::passcode(const CallId& call) {
  Query row(impl_->db(), "SELECT stamp, hash FROM passcodes WHERE call_id = ?1", call);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return std::optional<PasscodeRecord>{};
  return std::optional<PasscodeRecord>({call, static_cast<std::uint64_t>(row.integer(0)), std::string(row.text(1))});
}

Result<void> SqliteStore::keep_passcode(const PasscodeRecord& passcode) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(passcode); !fine) return fine;
  if (auto known = impl_->call_exists(passcode.call); !known) return known;
  return impl_->db().run(
      "INSERT INTO passcodes (call_id, stamp, hash) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stamp = ?2, hash = ?3",
      passcode.call, as_integer(passcode.stamp), passcode.hash);
}

Result<void> SqliteStore::add_join_code(const JoinCodeRecord& code) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(code); !fine) return fine;
  if (auto known = impl_->call_exists(code.call); !known) return known;
  auto added =
      impl_->db().run("INSERT INTO join_codes (digest, call_id, code, expires_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                      code.digest, code.call, code.code, code.expires);
  if (added && impl_->db().changes() == 0) return taken("digest");
  return added;
}

Result<std::optional<JoinCodeRecord>> SqliteStore::join_code(std::string_view digest) {
  Query row(impl_->db(), "SELECT call_id, code, expires_at FROM join_codes WHERE digest = ?1", digest);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return std::optional<JoinCodeRecord>{};
  return std::optional<JoinCodeRecord>({std::string(digest), row.id<CallId>(0), std::string(row.text(1)), row.time(2)});
}

Result<std::uint64_t> SqliteStore::forget_join_codes(UnixTime now, std::uint32_t most) {
  if (auto fine = impl_->writable(); !fine) return unexpected(std::move(fine).error());
  auto gone = impl_->db().run(
      "DELETE FROM join_codes WHERE digest IN "
      "(SELECT digest FROM join_codes WHERE expires_at <= ?1 ORDER BY expires_at, digest LIMIT ?2)",
      now, most);
  if (!gone) return unexpected(std::move(gone).error());
  return static_cast<std::uint64_t>(impl_->db().changes());
}

}  // namespace zegocall
