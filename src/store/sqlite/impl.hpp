// The inside of SqliteStore, shared by its source files.
#pragma once

#include <memory>
#include <vector>

#include "store/sqlite/db.hpp"
#include "store/sqlite/view_cache.hpp"
#include "zegocall/store/sqlite.hpp"

namespace zegocall {

struct SqliteStore::Impl {
  std::unique_ptr<sqlite_detail::Connection> connection;
  sqlite_detail::ViewCache views{};
  std::int64_t data_version = 0;  // of the file, when `views` was last compared with it

  sqlite_detail::Connection& db() { return *connection; }
  /// The cached views, or null: outside of a transaction another connection may write at any time.
  sqlite_detail::ViewCache* cache() { return db().transaction() == sqlite_detail::TransactionState::open ? &views : nullptr; }
  /// Nothing wrong, or why no change is possible now.
  Result<void> writable();
  /// Forgets the cached views if another connection wrote to the file.
  Result<void> look_for_others();

  // change.cpp: the parts of a change, in the order in which they must happen.
  using SeatsHeld = std::vector<std::vector<UserId>>;  ///< of each part of a change, sorted, before it
  Result<void> check_parts(const CallChange& change);
  Result<SeatsHeld> check_seats(const CallChange& change);
  Result<void> apply(const CallChange& change, const SeatsHeld& held);
  Result<void> keep_answer(const CommandAnswer& answer);
  Result<void> release_seats(const CallView& after, const std::vector<UserId>& held);
  Result<void> keep_call(const CallChange::Part& part);
  Result<void> claim_seats(const CallView& after, const std::vector<UserId>& held);
  Result<void> keep_deadlines(const CallChange::Part& part);
  Result<void> keep_members(const CallView& after);
  Result<void> keep_mentions(const CallChange::Part& part);
  Result<void> keep_missed(const std::vector<MissedCall>& missed);

  // outbox.cpp
  Result<void> add_to_outbox(const OutboxMessage& message, UnixTime due);
  /// The entry, taken out; the next of its order becomes due. Nothing if there is none of this number.
  Result<std::optional<OutboxEntry>> take_from_outbox(std::int64_t number);

  // rooms.cpp
  Result<void> call_exists(const CallId& call);

  // erase.cpp
  Result<void> rename_call(const CallId& id, const UserId& user, const UserId& instead);
  Result<void> rename_messages(const UserId& user, const UserId& instead);
  Result<void> rename_chats(const UserId& user, const UserId& instead);

  // people.cpp
  Result<ChatRecord> chat_row(sqlite_detail::Query& row);
};

}  // namespace zegocall
