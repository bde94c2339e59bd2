// The inside of SqliteStore, shared by its source files.
#pragma once

#include <memory>
#include <vector>

#include "store/sqlite/db.hpp"
#include "zegocall/store/sqlite.hpp"

namespace zegocall {

struct SqliteStore::Impl {
  std::unique_ptr<sqlite_detail::Connection> connection;

  sqlite_detail::Connection& db() { return *connection; }
  /// Nothing wrong, or why no change is possible now.
  Result<void> writable();

  // calls.cpp: the parts of a change, in the order in which they must happen.
  Result<void> apply(const CallChange& change);
  Result<void> check_parts(const CallChange& change);
  Result<void> keep_answer(const CommandAnswer& answer);
  Result<void> release_seats(const CallView& after);
  Result<void> keep_call(const CallChange::Part& part);
  Result<void> claim_seats(std::size_t index, const CallView& after);
  Result<void> keep_deadlines(const CallView& after);
  Result<void> keep_members(const CallView& after);
  Result<void> keep_outbox(const std::vector<OutboxMessage>& messages);

  // people.cpp
  Result<ChatRecord> chat_row(sqlite_detail::Query& row);
};

}  // namespace zegocall
