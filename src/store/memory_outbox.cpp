// The outbox, its dead letters, and what rooms keep.
#include "store/memory_store.hpp"

namespace zegocall::store_detail {

// ---- outbox ---------------------------------------------------------------------------------------------------------

void MemoryStore::add_to_outbox(OutboxMessage message, UnixTime due) {
  OutboxEntry entry{next(outbox_number_), std::move(message), 0, std::nullopt};
  const std::string& order = entry.message.order;
  const OutboxLane lane = entry.message.lane;
  if (order.empty() || !first_of_order(lane, order)) {
    entry.due = due;
    outbox_due_.put({lane, due, entry.number}, {});
  }
  if (!order.empty()) outbox_orders_.put({lane, order, entry.number}, {});
  outbox_.put(entry.number, std::move(entry));
}

std::optional<std::int64_t> MemoryStore::first_of_order(OutboxLane lane, const std::string& order) const {
  const auto first = outbox_orders_.rows().lower_bound({lane, order, 0});
  if (first == outbox_orders_.rows().end()) return std::nullopt;
  const auto& [its_lane, its_order, number] = first->first;
  return its_lane == lane && its_order == order ? std::optional(number) : std::nullopt;
}

OutboxEntry MemoryStore::take_from_outbox(std::int64_t number) {
  OutboxEntry taken = *outbox_.find(number);
  const std::string& order = taken.message.order;
  const OutboxLane lane = taken.message.lane;
  outbox_.erase(number);
  if (!order.empty()) outbox_orders_.erase({lane, order, number});
  if (!taken.due) return taken;
  outbox_due_.erase({lane, *taken.due, number});
  const auto after = order.empty() ? std::nullopt : first_of_order(lane, order);
  if (!after) return taken;
  OutboxEntry first = *outbox_.find(*after);
  first.due = first.message.at;
  outbox_due_.put({lane, *first.due, first.number}, {});
  outbox_.put(first.number, first);
  return taken;
}

Result<std::vector<OutboxEntry>> MemoryStore::outbox(OutboxLane lane, std::uint32_t most) {
  std::vector<OutboxEntry> found;
  for (const auto& row : outbox_.rows()) {
    if (found.size() == most) break;
    if (row.second.message.lane == lane) found.push_back(row.second);
  }
  return found;
}

Result<std::vector<OutboxEntry>> MemoryStore::outbox_due(OutboxLane lane, UnixTime now, std::uint32_t most) {
  std::vector<OutboxEntry> found;
  for (auto row = outbox_due_.rows().lower_bound({lane, UnixTime::min(), 0}); row != outbox_due_.rows().end(); ++row) {
    const auto& [its_lane, due, number] = row->first;
    if (its_lane != lane || due > now || found.size() == most) break;
    found.push_back(*outbox_.find(number));
  }
  return found;
}

Result<std::optional<UnixTime>> MemoryStore::outbox_next(OutboxLane lane) {
  return outbox_due(lane, UnixTime::max(), 1).transform([](const std::vector<OutboxEntry>& first) {
    return first.empty() ? std::optional<UnixTime>{} : first.front().due;
  });
}

Result<std::uint64_t> MemoryStore::outbox_size(OutboxLane lane) {
  const auto& rows = outbox_.rows();
  return static_cast<std::uint64_t>(
      std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.second.message.lane == lane; }));
}

Result<void> MemoryStore::outbox_done(std::int64_t number) {
  if (!in_transaction_) return no_transaction();
  if (outbox_.find(number)) (void)take_from_outbox(number);
  return {};
}

Result<void> MemoryStore::outbox_retry(std::int64_t number, UnixTime due) {
  if (!in_transaction_) return no_transaction();
  const OutboxEntry* found = outbox_.find(number);
  if (!found) return no_message();
  if (!found->due) return not_first_of_order();
  OutboxEntry entry = *found;
  outbox_due_.erase({entry.message.lane, *entry.due, number});
  entry.due = due;
  ++entry.attempts;
  outbox_due_.put({entry.message.lane, due, number}, {});
  outbox_.put(number, std::move(entry));
  return {};
}

Result<void> MemoryStore::outbox_bury(std::int64_t number, UnixTime at, const std::string& reason) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check_reason(reason); !fine) return fine;
  if (!outbox_.find(number)) return no_message();
  DeadLetter letter{take_from_outbox(number), at, reason};
  letter.entry.due.reset();
  dead_.put(number, std::move(letter));
  return {};
}

Result<Page<DeadLetter>> MemoryStore::dead_letters(PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  std::vector<std::pair<std::pair<UnixTime, std::int64_t>, DeadLetter>> rows;
  for (const auto& row : dead_.rows()) rows.push_back({{row.second.died, row.first}, row.second});
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return newest_first<DeadLetter>(rows.begin(), rows.end(), page, [](const auto& row) { return row.second; });
}

Result<void> MemoryStore::dead_letter_again(std::int64_t number, UnixTime due) {
  if (!in_transaction_) return no_transaction();
  const DeadLetter* found = dead_.find(number);
  if (!found) return no_message();
  OutboxMessage message = found->entry.message;
  dead_.erase(number);
  add_to_outbox(std::move(message), due);
  return {};
}

Result<std::uint64_t> MemoryStore::forget_dead_letters(OutboxLane lane, UnixTime before, std::uint32_t most) {
  if (!in_transaction_) return no_transaction();
  std::vector<std::pair<UnixTime, std::int64_t>> old;
  for (const auto& row : dead_.rows())
    if (row.second.entry.message.lane == lane && row.second.died < before) old.emplace_back(row.second.died, row.first);
  std::sort(old.begin(), old.end());
  if (old.size() > most) old.resize(most);
  for (const auto& [died, number] : old) dead_.erase(number);
  return static_cast<std::uint64_t>(old.size());
}

// ---- rooms ----------------------------------------------------------------------------------------------------------

Result<void> MemoryStore::add_room_message(const RoomMessage& message) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(message); !fine) return fine;
  if (!calls_.find(message.call)) return no_call();
  if (last_room_message(message.call).value() >= message.number) return taken("number");
  room_messages_.put({message.call, message.number}, message);
  return {};
}

Result<std::vector<RoomMessage>> MemoryStore::room_messages(const CallId& call, std::uint64_t after, std::uint32_t most) {
  std::vector<RoomMessage> found;
  for (auto row = room_messages_.rows().upper_bound({call, after});
       row != room_messages_.rows().end() && row->first.first == call && found.size() < most; ++row)
    found.push_back(row->second);
  return found;
}

Result<std::uint64_t> MemoryStore::last_room_message(const CallId& call) {
  const auto after = room_messages_.rows().upper_bound({call, ~std::uint64_t{0}});
  if (after == room_messages_.rows().begin()) return std::uint64_t{0};
  const auto last = std::prev(after);
  return last->first.first == call ? last->first.second : std::uint64_t{0};
}

Result<void> MemoryStore::forget_room_messages(const CallId& call, std::uint64_t up_to) {
  if (!in_transaction_) return no_transaction();
  const std::uint64_t newest = last_room_message(call).value();
  for (;;) {
    const auto row = room_messages_.rows().upper_bound({call, 0});
    if (row == room_messages_.rows().end() || row->first.first != call) return {};
    const std::uint64_t number = row->first.second;
    if (number > up_to || number == newest) return {};
    room_messages_.erase({call, number});
  }
}

Result<std::uint64_t> MemoryStore::room_read(const CallId& call, const UserId& user) {
  const std::uint64_t* found = room_reads_.find({call, user});
  return found ? *found : std::uint64_t{0};
}

Result<void> MemoryStore::keep_room_read(const CallId& call, const UserId& user, std::uint64_t number) {
  if (!in_transaction_) return no_transaction();
  if (!calls_.find(call)) return no_call();
  if (room_read(call, user).value() < number) room_reads_.put({call, user}, number);
  return {};
}

Result<std::optional<PasscodeRecord>> MemoryStore::passcode(const CallId& call) {
  const PasscodeRecord* found = passcodes_.find(call);
  return found ? std::optional<PasscodeRecord>(*found) : std::nullopt;
}

Result<void> MemoryStore::keep_passcode(const PasscodeRecord& passcode) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(passcode); !fine) return fine;
  if (!calls_.find(passcode.call)) return no_call();
  passcodes_.put(passcode.call, passcode);
  return {};
}

Result<void> MemoryStore::add_join_code(const JoinCodeRecord& code) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(code); !fine) return fine;
  if (!calls_.find(code.call)) return no_call();
  if (join_codes_.find(code.digest)) return taken("digest");
  join_codes_.put(code.digest, code);
  return {};
}

Result<std::optional<JoinCodeRecord>> MemoryStore::join_code(std::string_view digest) {
  const JoinCodeRecord* found = join_codes_.find(std::string(digest));
  return found ? std::optional<JoinCodeRecord>(*found) : std::nullopt;
}

Result<std::uint64_t> MemoryStore::forget_join_codes(UnixTime now, std::uint32_t most) {
  if (!in_transaction_) return no_transaction();
  std::vector<std::pair<UnixTime, std::string>> old;
  for (const auto& row : join_codes_.rows())
    if (row.second.expires <= now) old.emplace_back(row.second.expires, row.first);
  std::sort(old.begin(), old.end());
  if (old.size() > most) old.resize(most);
  for (const auto& [expires, digest] : old) join_codes_.erase(digest);
  return static_cast<std::uint64_t>(old.size());
}

}  // namespace zegocall::store_detail
