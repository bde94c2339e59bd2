// One SQLite connection with its cached statements: the only file pair that speaks SQLite's C interface.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/store/sqlite.hpp"

namespace zegocall::sqlite_detail {

/// Where the connection stands. lost: the disk failed inside the transaction; nothing of it may be committed.
enum class TransactionState : std::uint8_t { none, open, lost };

/// A prepared statement in the cache. `busy` guards against a second use before the first one is done.
struct Statement {
  sqlite3_stmt* handle = nullptr;
  bool busy = false;
};

class Connection {
 public:
  /// The file, opened, with foreign keys and the busy timeout; nothing in the file is changed yet.
  static Result<std::unique_ptr<Connection>> open(const SqliteOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Write-ahead log and synchronous FULL; an error if this file or its VFS cannot have them.
  Result<void> make_durable();

  /// The cached statement of this literal: the address is the key.
  Result<Statement*> prepared(const char* sql);
  /// Several statements, uncached, without values.
  Result<void> script(const char* sql);
  /// One statement that answers no rows. `values` must outlive the call only.
  template <class... Values>
  Result<void> run(const char* sql, const Values&... values);
  /// The first column of the only row of a pragma or count.
  Result<std::int64_t> number(const char* sql);
  /// As number, of a count with values.
  template <class... Values>
  Result<std::uint64_t> count(const char* sql, const Values&... values);
  std::int64_t changes() const { return sqlite3_changes64(handle_); }

  Result<void> begin();
  Result<void> commit();
  void rollback();
  TransactionState transaction() const { return transaction_; }
  bool read_only() const { return read_only_; }

  /// The Error for a failed call: store_corrupt or store_unavailable in SQLite's words. Inside a transaction it is lost then.
  Unexpected failed(int code);

 private:
  Connection() = default;
  Result<void> configure();

  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, Statement> statements_{};
  TransactionState transaction_ = TransactionState::none;
  std::string lost_because_{};
  bool read_only_ = false;
};

/// One run of a cached statement, reset when it goes. The values are copied.
class Query {
 public:
  template <class... Values>
  Query(Connection& connection, const char* sql, const Values&... values) : Query(connection, sql, SQLITE_TRANSIENT, values...) {}
  template <class... Values>
  Query(Connection& connection, const char* sql, sqlite3_destructor_type lifetime, const Values&... values)
      : connection_(connection), lifetime_(lifetime) {
    take(sql);
    (bind(values), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  /// True: a row is there to be read. False: done.
  Result<bool> step();

  std::string_view text(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_->handle, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_->handle, column) == SQLITE_NULL; }
  UnixTime time(int column) const { return UnixTime(std::chrono::milliseconds(integer(column))); }
  template <class IdType>
  IdType id(int column) const {
    return IdType(text(column));
  }

 private:
  void take(const char* sql);
  void bind(std::string_view value);
  void bind(const char* value) { bind(std::string_view(value)); }
  void bind(const std::string& value) { bind(std::string_view(value)); }
  template <std::integral N>
  void bind(N value) {
    bind_integer(static_cast<std::int64_t>(value));
  }
  void bind(UnixTime value) { bind_integer(value.time_since_epoch().count()); }
  void bind(Version value) { bind_integer(static_cast<std::int64_t>(value.value)); }
  template <class Tag>
  void bind(const Id<Tag>& value) {
    bind(value.view());
  }
  template <class T>
  void bind(const std::optional<T>& value) {
    if (value)
      bind(*value);
    else
      bind_null();
  }
  void bind_integer(std::int64_t value);
  void bind_null();
  void bound(int code);

  Connection& connection_;
  sqlite3_destructor_type lifetime_;
  Statement* statement_ = nullptr;
  std::optional<Error> error_{};
  int next_ = 0;
};

template <class... Values>
Result<void> Connection::run(const char* sql, const Values&... values) {
  Query query(*this, sql, SQLITE_STATIC, values...);
  auto stepped = query.step();
  if (!stepped) return unexpected(std::move(stepped).error());
  return {};
}

template <class... Values>
Result<std::uint64_t> Connection::count(const char* sql, const Values&... values) {
  Query row(*this, sql, values...);
  auto stepped = row.step();
  if (!stepped) return unexpected(std::move(stepped).error());
  return static_cast<std::uint64_t>(row.integer(0));
}

}  // namespace zegocall::sqlite_detail
