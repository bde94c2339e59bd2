// People's settings, blocks and missed calls.
#include <string>

#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Query;

Result<PersonSettings> SqliteStore::settings(const UserId& user) {
  Query row(impl_->db(), "SELECT dnd, dnd_until FROM settings WHERE user_id = ?1", user);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return PersonSettings{user, false, std::nullopt};
  return PersonSettings{user, row.integer(0) != 0, row.is_null(1) ? std::nullopt : std::optional<UnixTime>(row.time(1))};
}

Result<void> SqliteStore::keep_settings(const PersonSettings& settings) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(settings); !fine) return fine;
  return impl_->db().run(
      "INSERT INTO settings (user_id, dnd, dnd_until) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET dnd = ?2, dnd_until = ?3",
      settings.user, settings.dnd ? 1 : 0, settings.dnd_until);
}

Result<void> SqliteStore::block(const Block& block) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(block); !fine) return fine;
  auto known = is_blocked(block.blocked, block.user);
  if (!known) return unexpected(std::move(known).error());
  if (*known) return {};
  auto others = impl_->db().count("SELECT count(*) FROM blocks WHERE user_id = ?1", block.user);
  if (!others) return unexpected(std::move(others).error());
  if (*others >= StoreLimits::blocks_max) return too_many_blocks();
  return impl_->db().run("INSERT INTO blocks (user_id, blocked_id, at) VALUES (?1, ?2, ?3)", block.user, block.blocked, block.at);
}

Result<void> SqliteStore::unblock(const UserId& user, const UserId& blocked) {
  if (auto fine = impl_->writable(); !fine) return fine;
  return impl_->db().run("DELETE FROM blocks WHERE user_id = ?1 AND blocked_id = ?2", user, blocked);
}

Result<bool> SqliteStore::is_blocked(const UserId& user, const UserId& by_whom) {
  Query row(impl_->db(), "SELECT 1 FROM blocks WHERE user_id = ?1 AND blocked_id = ?2", by_whom, user);
  return row.step();
}

Result<Page<Block>> SqliteStore::blocks(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  auto total = impl_->db().count("SELECT count(*) FROM blocks WHERE user_id = ?1", user);
  if (!total) return unexpected(std::move(total).error());
  Page<Block> found{{}, *total};
  Query rows(impl_->db(), "SELECT blocked_id, at FROM blocks WHERE user_id = ?1 ORDER BY blocked_id LIMIT ?2 OFFSET ?3", user,
             page.size, first_of(page));
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.items.push_back({user, rows.id<UserId>(0), rows.time(1)});
  }
}

Result<Page<MissedCall>> SqliteStore::missed(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  auto total = impl_->db().count("SELECT count(*) FROM missed WHERE user_id = ?1", user);
  if (!total) return unexpected(std::move(total).error());
  Page<MissedCall> found{{}, *total};
  Query rows(impl_->db(),
             "SELECT call_id, leg, caller_id, outcome, at, seen_at FROM missed WHERE user_id = ?1 "
             "ORDER BY at DESC, call_id DESC, leg DESC LIMIT ?2 OFFSET ?3",
             user, page.size, first_of(page));
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    const auto outcome = from_name<LegOutcome>(rows.text(3));
    if (!outcome) return fail_field(ErrorCode::store_corrupt, "outcome", "is a word that this version does not know");
    found.items.push_back({user, rows.id<CallId>(0), static_cast<std::uint32_t>(rows.integer(1)), rows.id<UserId>(2), *outcome,
                           rows.time(4), rows.is_null(5) ? std::nullopt : std::optional<UnixTime>(rows.time(5))});
  }
}

Result<std::uint64_t> SqliteStore::missed_unseen(const UserId& user) {
  return impl_->db().count("SELECT count(*) FROM missed WHERE user_id = ?1 AND seen_at IS NULL", user);
}

Result<std::uint64_t> SqliteStore::mark_missed_seen(const UserId& user, UnixTime up_to, UnixTime seen) {
  if (auto fine = impl_->writable(); !fine) return unexpected(std::move(fine).error());
  auto marked =
      impl_->db().run("UPDATE missed SET seen_at = ?3 WHERE user_id = ?1 AND at <= ?2 AND seen_at IS NULL", user, up_to, seen);
  if (!marked) return unexpected(std::move(marked).error());
  return static_cast<std::uint64_t>(impl_->db().changes());
}

}  // namespace zegocall
