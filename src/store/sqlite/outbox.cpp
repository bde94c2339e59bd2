// The outbox and its dead letters.
#include <string>

#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Connection;
using sqlite_detail::Query;

namespace {

#define ZC_OUTBOX_COLUMNS "number, topic, body, at, order_key, id, attempts, due_at, lane"

OutboxEntry entry_of(const Query& row) {
  OutboxEntry entry{
      row.integer(0),
      {std::string(row.text(1)), std::string(row.text(2)), row.time(3), std::string(row.text(4)), std::string(row.text(5)),
       row.text(8) == name(OutboxLane::provider) ? OutboxLane::provider : OutboxLane::host},
      static_cast<std::uint32_t>(row.integer(6)),
      std::nullopt};
  if (!row.is_null(7)) entry.due = row.time(7);
  return entry;
}

template <class... Values>
Result<std::vector<OutboxEntry>> entries(Connection& db, const char* sql, const Values&... values) {
  std::vector<OutboxEntry> found;
  Query rows(db, sql, values...);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.push_back(entry_of(rows));
  }
}

}  // namespace

Result<void> SqliteStore::Impl::add_to_outbox(const OutboxMessage& message, UnixTime due) {
  return db().run(
      "INSERT INTO outbox (topic, body, at, order_key, id, due_at, lane) VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN NOT EXISTS "
      "(SELECT 1 FROM outbox WHERE lane = ?7 AND order_key = ?4 AND order_key <> '') THEN ?6 END, ?7)",
      message.topic, message.body, message.at, message.order, message.id, due, name(message.lane));
}

Result<std::optional<OutboxEntry>> SqliteStore::Impl::take_from_outbox(std::int64_t number) {
  auto found = entries(db(), "SELECT " ZC_OUTBOX_COLUMNS " FROM outbox WHERE number = ?1", number);
  if (!found) return unexpected(std::move(found).error());
  if (found->empty()) return std::optional<OutboxEntry>{};
  OutboxEntry& entry = found->front();
  auto taken = db().run("DELETE FROM outbox WHERE number = ?1", number);
  if (taken && entry.due && !entry.message.order.empty())
    taken = db().run(
        "UPDATE outbox SET due_at = at WHERE number = "
        "(SELECT min(number) FROM outbox WHERE lane = ?2 AND order_key = ?1 AND order_key <> '')",
        entry.message.order, name(entry.message.lane));
  if (!taken) return unexpected(std::move(taken).error());
  return std::optional<OutboxEntry>(std::move(entry));
}

Result<std::vector<OutboxEntry>> SqliteStore::outbox(OutboxLane lane, std::uint32_t most) {
  return entries(impl_->db(), "SELECT " ZC_OUTBOX_COLUMNS " FROM outbox WHERE lane = ?1 ORDER BY number LIMIT ?2", name(lane),
                 most);
}

Result<std::vector<OutboxEntry>> SqliteStore::outbox_due(OutboxLane lane, UnixTime now, std::uint32_t most) {
  return entries(impl_->db(),
                 "SELECT " ZC_OUTBOX_COLUMNS
                 " FROM outbox WHERE lane = ?1 AND due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at, number LIMIT ?3",
                 name(lane), now, most);
}

Result<std::optional<UnixTime>> SqliteStore::outbox_next(OutboxLane lane) {
  Query row(impl_->db(), "SELECT min(due_at) FROM outbox WHERE lane = ?1 AND due_at IS NOT NULL", name(lane));
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (row.is_null(0)) return std::optional<UnixTime>{};
  return std::optional<UnixTime>(row.time(0));
}

Result<std::uint64_t> SqliteStore::outbox_size(OutboxLane lane) {
  Query row(impl_->db(), "SELECT count(*) FROM outbox WHERE lane = ?1", name(lane));
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<void> SqliteStore::outbox_done(std::int64_t number) {
  if (auto fine = impl_->writable(); !fine) return fine;
  auto taken = impl_->take_from_outbox(number);
  if (!taken) return unexpected(std::move(taken).error());
  return {};
}

Result<void> SqliteStore::outbox_retry(std::int64_t number, UnixTime due) {
  if (auto fine = impl_->writable(); !fine) return fine;
  auto found = entries(impl_->db(), "SELECT " ZC_OUTBOX_COLUMNS " FROM outbox WHERE number = ?1", number);
  if (!found) return unexpected(std::move(found).error());
  if (found->empty()) return no_message();
  if (!found->front().due) return not_first_of_order();
  return impl_->db().run("UPDATE outbox SET due_at = ?2, attempts = attempts + 1 WHERE number = ?1", number, due);
}

Result<void> SqliteStore::outbox_bury(std::int64_t number, UnixTime at, const std::string& reason) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check_reason(reason); !fine) return fine;
  auto taken = impl_->take_from_outbox(number);
  if (!taken) return unexpected(std::move(taken).error());
  if (!*taken) return no_message();
  const OutboxMessage& message = (*taken)->message;
  return impl_->db().run(
      "INSERT INTO dead_letters (number, topic, body, at, order_key, id, attempts, died_at, reason, lane) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      number, message.topic, message.body, message.at, message.order, message.id, (*taken)->attempts, at, reason,
      name(message.lane));
}

Result<Page<DeadLetter>> SqliteStore::dead_letters(PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  auto total = impl_->db().number("SELECT count(*) FROM dead_letters");
  if (!total) return unexpected(std::move(total).error());
  Page<DeadLetter> found{{}, static_cast<std::uint64_t>(*total)};
  Query rows(impl_->db(),
             "SELECT number, topic, body, at, order_key, id, attempts, NULL, lane, died_at, reason FROM dead_letters "
             "ORDER BY died_at DESC, number DESC LIMIT ?1 OFFSET ?2",
             page.size, first_of(page));
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.items.push_back({entry_of(rows), rows.time(9), std::string(rows.text(10))});
  }
}

Result<void> SqliteStore::dead_letter_again(std::int64_t number, UnixTime due) {
  if (auto fine = impl_->writable(); !fine) return fine;
  auto found =
      entries(impl_->db(),
              "SELECT number, topic, body, at, order_key, id, attempts, NULL, lane FROM dead_letters WHERE number = ?1", number);
  if (!found) return unexpected(std::move(found).error());
  if (found->empty()) return no_message();
  return impl_->db().run("DELETE FROM dead_letters WHERE number = ?1", number).and_then([&] {
    return impl_->add_to_outbox(found->front().message, due);
  });
}

Result<std::uint64_t> SqliteStore::forget_dead_letters(OutboxLane lane, UnixTime before, std::uint32_t most) {
  if (auto fine = impl_->writable(); !fine) return unexpected(std::move(fine).error());
  auto gone = impl_->db().run(
      "DELETE FROM dead_letters WHERE number IN (SELECT number FROM dead_letters WHERE lane = ?1 AND died_at < ?2 "
      "ORDER BY died_at, number LIMIT ?3)",
      name(lane), before, most);
  if (!gone) return unexpected(std::move(gone).error());
  return static_cast<std::uint64_t>(impl_->db().changes());
}

}  // namespace zegocall
