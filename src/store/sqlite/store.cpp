// Opening, and transactions.
#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"
#include "store/sqlite/migrations.hpp"

namespace zegocall {

using sqlite_detail::Connection;
using sqlite_detail::TransactionState;

// NOLINTNEXTLINE(performance-unnecessary-value-param): options are handed over, as everywhere in the face
Result<SqliteStore> SqliteStore::open(SqliteOptions options) {
  auto connection = Connection::open(options);
  if (!connection) return unexpected(std::move(connection).error());
  if (auto migrated = migrate(**connection, sqlite_detail::migrations()); !migrated)
    return unexpected(std::move(migrated).error());
  auto impl = std::make_unique<Impl>();
  impl->connection = std::move(*connection);
  return SqliteStore(std::move(impl));
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::SqliteStore(SqliteStore&&) noexcept = default;
SqliteStore& SqliteStore::operator=(SqliteStore&&) noexcept = default;
SqliteStore::~SqliteStore() = default;

Result<void> SqliteStore::begin() { return impl_->db().begin(); }
Result<void> SqliteStore::commit() { return impl_->db().commit(); }
void SqliteStore::rollback() { impl_->db().rollback(); }
bool SqliteStore::in_transaction() const { return impl_->db().transaction() != TransactionState::none; }

Result<void> SqliteStore::Impl::writable() {
  if (db().read_only()) return fail(ErrorCode::invalid_state, "the store is open for reading only");
  if (db().transaction() == TransactionState::none) return store_detail::no_transaction();
  return {};
}

}  // namespace zegocall
