// The store in one SQLite file: WAL, synchronous FULL, group commit. The default of every example server.
#pragma once

#include <memory>
#include <string>

#include "zegocall/store/store.hpp"

namespace zegocall {

struct SqliteOptions {
  std::string path = ":memory:";
  std::string vfs{};       ///< SQLite's name of a VFS; empty = its default (tests put a failing one here)
  bool read_only = false;  ///< for tools that look at a running server's file
};

/// Opens or creates the file and brings its schema up to date, one transaction per migration.
/// open's errors: store_newer (a newer version wrote the file), store_corrupt, store_unavailable (with SQLite's words).
class SqliteStore final : public Store {
 public:
  static Result<SqliteStore> open(SqliteOptions options);
  SqliteStore(SqliteStore&&) noexcept;
  SqliteStore& operator=(SqliteStore&&) noexcept;
  ~SqliteStore() override;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
