#include "store/sqlite/db.hpp"

#include <utility>

namespace zegocall::sqlite_detail {

namespace {

constexpr int busy_timeout_ms = 5000;

std::string words(sqlite3* handle, int code) {
  std::string text = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const int extended = handle ? sqlite3_extended_errcode(handle) : code;
  return "SQLite: " + text + " (" + std::to_string(extended) + ")";
}

bool is_damage(int code) { return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB; }

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const SqliteOptions& options) {
  std::unique_ptr<Connection> connection(new Connection);
  const int mode = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  // One thread at a time calls a store, so SQLite needs no lock of its own around the connection.
  const int code = sqlite3_open_v2(options.path.c_str(), &connection->handle_, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code != SQLITE_OK) return connection->failed(code);
  connection->read_only_ = options.read_only;
  if (auto configured = connection->configure(); !configured) return unexpected(std::move(configured).error());
  return connection;
}

Result<void> Connection::configure() {
  sqlite3_busy_timeout(handle_, busy_timeout_ms);
  return script("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384;");
}

Result<void> Connection::make_durable() {
  Query mode(*this, "PRAGMA journal_mode = WAL");
  auto row = mode.step();
  if (!row) return unexpected(std::move(row).error());
  // A database in memory has no log; any other answer means that a commit would not be what we promise.
  if (mode.text(0) != "wal" && mode.text(0) != "memory")
    return fail(ErrorCode::store_unavailable, "SQLite: the file cannot use a write-ahead log");
  return script("PRAGMA synchronous = FULL;");
}

Connection::~Connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  sqlite3_close_v2(handle_);
}

Result<Statement*> Connection::prepared(const char* sql) {
  Statement& statement = statements_[sql];
  if (statement.handle) return &statement;
  const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement.handle, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return &statement;
}

Result<void> Connection::script(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return {};
}

Result<std::int64_t> Connection::number(const char* sql) {
  Query query(*this, sql);
  auto row = query.step();
  if (!row) return unexpected(std::move(row).error());
  return *row ? query.integer(0) : 0;
}

Result<void> Connection::begin() {
  if (read_only_) return fail(ErrorCode::invalid_state, "the store is open for reading only");
  if (transaction_ != TransactionState::none) return fail(ErrorCode::invalid_state, "a transaction is open already");
  // IMMEDIATE takes the write lock here, so that no later statement of the transaction can meet SQLITE_BUSY.
  if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  transaction_ = TransactionState::open;
  return {};
}

Result<void> Connection::commit() {
  if (transaction_ == TransactionState::none) return fail(ErrorCode::invalid_state, "no transaction is open");
  if (transaction_ == TransactionState::open) {
    auto committed = run("COMMIT");
    if (committed) {
      transaction_ = TransactionState::none;
      return {};
    }
  }
  Error error{ErrorCode::store_unavailable, {}, "the transaction was lost: " + lost_because_};
  rollback();
  return unexpected(std::move(error));
}

void Connection::rollback() {
  if (transaction_ == TransactionState::none) return;
  // SQLite may have rolled back by itself when the disk failed; the second attempt would only be an error text.
  if (!sqlite3_get_autocommit(handle_)) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  transaction_ = TransactionState::none;
  lost_because_.clear();
}

Unexpected Connection::failed(int code) {
  Error error{is_damage(code) ? ErrorCode::store_corrupt : ErrorCode::store_unavailable, {}, words(handle_, code)};
  if (transaction_ == TransactionState::open) {
    transaction_ = TransactionState::lost;
    lost_because_ = error.detail;
  }
  return unexpected(std::move(error));
}

void Query::take(const char* sql) {
  if (connection_.transaction() == TransactionState::lost) {
    error_ = Error{ErrorCode::store_unavailable, {}, "the transaction was lost; roll it back"};
    return;
  }
  auto statement = connection_.prepared(sql);
  if (!statement) {
    error_ = std::move(statement).error();
    return;
  }
  statement_ = *statement;
  ZC_ASSERT(!statement_->busy);
  statement_->busy = true;
}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_->handle);
  statement_->busy = false;
}

Result<bool> Query::step() {
  if (error_) return unexpected(*error_);
  const int code = sqlite3_step(statement_->handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_.failed(code);
}

std::string_view Query::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_->handle, column);
  if (!bytes) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle, column))};
}

void Query::bind(std::string_view value) {
  if (!statement_) return;
  // A null pointer would be NULL, not the empty text.
  const char* bytes = value.data() ? value.data() : "";
  bound(sqlite3_bind_text64(statement_->handle, ++next_, bytes, value.size(), lifetime_, SQLITE_UTF8));
}

void Query::bind_integer(std::int64_t value) {
  if (statement_) bound(sqlite3_bind_int64(statement_->handle, ++next_, value));
}

void Query::bind_null() {
  if (statement_) bound(sqlite3_bind_null(statement_->handle, ++next_));
}

void Query::bound(int code) {
  if (code != SQLITE_OK && !error_) error_ = connection_.failed(code).error;
}

}  // namespace zegocall::sqlite_detail
