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

Result<void> SqliteStore::begin() {
  if (auto begun = impl_->db().begin(); !begun) return begun;
  auto looked = impl_->look_for_others();
  if (!looked) impl_->db().rollback();
  return looked;
}
Result<void> SqliteStore::commit() {
  auto committed = impl_->db().commit();
  if (!committed) impl_->views.clear();
  return committed;
}
void SqliteStore::rollback() {
  impl_->views.clear();
  impl_->db().rollback();
}
bool SqliteStore::in_transaction() const { return impl_->db().transaction() != TransactionState::none; }

/// Inside a transaction nobody else writes; before it they may have.
Result<void> SqliteStore::Impl::look_for_others() {
  auto version = db().number("PRAGMA data_version");
  if (!version) return unexpected(std::move(version).error());
  if (*version != data_version) views.clear();
  data_version = *version;
  return {};
}

Result<void> SqliteStore::Impl::writable() {
  if (db().read_only()) return fail(ErrorCode::invalid_state, "the store is open for reading only");
  if (db().transaction() == TransactionState::none) return store_detail::no_transaction();
  return {};
}

}  // namespace zegocall
