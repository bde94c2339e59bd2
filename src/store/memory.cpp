// Transactions and calls.
#include "store/memory_store.hpp"
#include "store/people_named.hpp"

namespace zegocall {
namespace store_detail {

Result<std::vector<CallView>> MemoryStore::calls_of(const std::vector<UserId>& users) {
  std::vector<CallView> found;
  const auto add = [&](const CallId& id) {
    const bool there = std::any_of(found.begin(), found.end(), [&](const CallView& call) { return call.id == id; });
    if (!there) found.push_back(*calls_.find(id));
  };
  for (const UserId& user : users) {
    if (const CallId* seat = seats_.find(user)) add(*seat);
    for (auto row = second_legs_.rows().lower_bound({user, CallId()});
         row != second_legs_.rows().end() && row->first.first == user; ++row)
      add(row->first.second);
  }
  return found;
}

Result<Page<CallView>> MemoryStore::history(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto first = members_.rows().lower_bound({user, UnixTime::min(), CallId()});
  const auto last = members_.rows().lower_bound({user, UnixTime::max(), CallId()});
  return newest_first<CallView>(first, last, page, [&](const auto& row) { return *calls_.find(std::get<2>(row.first)); });
}

Result<std::vector<CallView>> MemoryStore::live_rooms_of(const UserId& user) {
  std::vector<CallView> found;
  const auto& rows = live_.rows();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    if (const CallView& call = *calls_.find(row->first.second); is_room_of(call, user)) found.push_back(call);
  return found;
}

Result<Page<CallView>> MemoryStore::calls(PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  return newest_first<CallView>(created_.rows().begin(), created_.rows().end(), page,
                                [&](const auto& row) { return *calls_.find(row.first.second); });
}

Result<std::vector<CallView>> MemoryStore::calls_before(const std::optional<CallPlace>& place, std::uint32_t most) {
  if (auto fine = check(PageRequest{1, most}); !fine) return unexpected(std::move(fine).error());
  const auto& rows = created_.rows();
  const auto end = place ? rows.lower_bound({place->created_at, place->id}) : rows.end();
  std::vector<CallView> found;
  for (auto row = std::make_reverse_iterator(end); row != rows.rend() && found.size() < most; ++row)
    found.push_back(*calls_.find(row->first.second));
  return found;
}

Result<void> MemoryStore::change(const CallChange& change) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(change); !fine) return fine;
  if (auto fine = check_parts(change); !fine) return fine;
  if (change.answer && answers_.find({change.answer->user, change.answer->command})) return answer_conflict();
  const std::size_t savepoint = log_.mark();
  if (auto seated = seat(change); !seated) {
    log_.back_to(savepoint);
    return seated;
  }
  for (const CallChange::Part& part : change.parts) keep_part(part);
  if (change.answer) {
    answers_.put({change.answer->user, change.answer->command}, *change.answer);
    answer_ends_.put({change.answer->keep_until, change.answer->user, change.answer->command}, {});
  }
  for (const OutboxMessage& message : change.outbox) add_to_outbox(message, message.at);
  for (const MissedCall& call : change.missed) missed_.put({call.user, call.at, call.call, call.leg}, call);
  return {};
}

Result<void> MemoryStore::check_parts(const CallChange& change) const {
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallChange::Part& part = change.parts[i];
    const CallView* before = calls_.find(part.after.id);
    if ((before ? before->version : Version{}) != part.expected)
      return version_conflict(i, part.expected, before ? std::optional(before->version) : std::nullopt);
    if (before && before->state == CallState::ended) return ended_already(i);
  }
  return {};
}

Result<void> MemoryStore::seat(const CallChange& change) {
  for (const CallChange::Part& part : change.parts) {
    const CallView* before = calls_.find(part.after.id);
    if (!before) continue;
    for (const UserId& user : second_legs_of(*before)) second_legs_.erase({user, part.after.id});
    for (const UserId& user : seats_released(seats_of(*before), seats_of(part.after))) seats_.erase(user);
  }
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallView& after = change.parts[i].after;
    for (const UserId& user : seats_of(after)) {
      const CallId* taken_by = seats_.find(user);
      if (taken_by && *taken_by != after.id) return seat_conflict(i, after, user);
      if (!taken_by) seats_.put(user, after.id);
    }
    for (const UserId& user : second_legs_of(after)) second_legs_.put({user, after.id}, {});
  }
  return {};
}

void MemoryStore::keep_part(const CallChange::Part& part) {
  const CallView& after = part.after;
  const CallView* before = calls_.find(after.id);
  const CallTime when{before ? before->created_at : after.created_at, after.id};
  if (before)
    for (const Deadline& deadline : before->deadlines) deadlines_.erase(key_of(after.id, deadline));
  for (const Deadline& deadline : after.deadlines) deadlines_.put(key_of(after.id, deadline), {after.id, deadline});
  for (const CallEvent& event : part.events) events_.put({event.call, event.version}, event);
  if (!before) {
    created_.put(when, {});
    live_.put(when, {});
  }
  if (after.ended_at) {
    live_.erase(when);
    for (const UserId& user : members_of(after)) members_.put({user, *after.ended_at, after.id}, {});
  }
  for (const UserId& user : people_named_beside(part)) mentions_.put({user, after.id}, {});
  calls_.put(after.id, after);
}

Result<void> MemoryStore::forget_answers(UnixTime now, std::uint32_t most) {
  if (!in_transaction_) return no_transaction();
  for (; most > 0 && !answer_ends_.rows().empty(); --most) {
    const auto [until, user, command] = answer_ends_.rows().begin()->first;
    if (until > now) break;
    answers_.erase({user, command});
    answer_ends_.erase({until, user, command});
  }
  return {};
}

}  // namespace store_detail

std::unique_ptr<Store> make_memory_store() { return std::make_unique<store_detail::MemoryStore>(); }

}  // namespace zegocall
