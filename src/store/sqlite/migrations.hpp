// The schema's history: numbered steps, forward only, compiled in.
#pragma once

#include <span>

#include "store/sqlite/db.hpp"

namespace zegocall::sqlite_detail {

struct Migration {
  int number;       ///< 1, 2, ... without gaps; what `PRAGMA user_version` says once it is done
  const char* sql;  ///< runs in one transaction
};

/// Marks a file as ours ("zego" in ASCII), so that another program's database is not taken for one.
inline constexpr std::int64_t application_id = 0x7a65676f;

/// Every step that this version knows.
std::span<const Migration> migrations();

/// Makes the file durable (WAL, synchronous FULL) and brings it to the last of `steps`. store_newer if it is past that,
/// store_corrupt if it is no store of ours, store_unavailable for a read-only connection to a file that must be migrated first.
Result<void> migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace zegocall::sqlite_detail
