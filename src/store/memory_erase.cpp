// Forgetting calls and people.
#include "store/memory_store.hpp"
#include "store/people_named.hpp"

namespace zegocall::store_detail {

namespace {

/// Erases the rows of a table for which `which` says so.
template <class Table, class Which>
void erase_if(Table& table, const Which& which) {
  std::vector<std::remove_const_t<typename std::remove_cvref_t<decltype(table.rows())>::key_type>> keys;
  for (const auto& [key, value] : table.rows())
    if (which(key, value)) keys.push_back(key);
  for (const auto& key : keys) table.erase(key);
}

}  // namespace

Result<std::uint64_t> MemoryStore::forget_calls(UnixTime ended_before, std::uint32_t most) {
  if (!in_transaction_) return no_transaction();
  std::vector<std::pair<UnixTime, CallId>> old;
  for (const auto& [id, call] : calls_.rows())
    if (call.ended_at && *call.ended_at < ended_before) old.emplace_back(*call.ended_at, id);
  std::sort(old.begin(), old.end());
  if (old.size() > most) old.resize(most);
  for (const auto& [ended, id] : old) forget_call(CallView(*calls_.find(id)));
  return static_cast<std::uint64_t>(old.size());
}

void MemoryStore::forget_call(const CallView& call) {
  const CallId& id = call.id;
  erase_if(events_, [&](const auto& key, const auto&) { return key.first == id; });
  erase_if(mentions_, [&](const auto& key, const auto&) { return key.second == id; });
  erase_if(missed_, [&](const auto&, const auto& value) { return value.call == id; });
  erase_if(room_messages_, [&](const auto& key, const auto&) { return key.first == id; });
  erase_if(room_reads_, [&](const auto& key, const auto&) { return key.first == id; });
  erase_if(join_codes_, [&](const auto&, const auto& value) { return value.call == id; });
  passcodes_.erase(id);
  for (const UserId& user : members_of(call)) members_.erase({user, *call.ended_at, id});
  created_.erase({call.created_at, id});
  calls_.erase(id);
}

Result<std::uint64_t> MemoryStore::erase_user(const UserId& user, const UserId& instead) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check_erase(user, instead); !fine) return unexpected(std::move(fine).error());
  const auto second = second_legs_.rows().lower_bound({user, CallId()});
  const bool is_rung = second != second_legs_.rows().end() && second->first.first == user;
  if (seats_.find(user) || is_rung) return sits_in_a_call();
  const auto named = [](const auto& rows, const UserId& who) {
    return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return std::get<0>(row.first) == who; });
  };
  if (account_ids_.find(instead) || seats_.find(instead) || named(members_.rows(), instead) || named(mentions_.rows(), instead))
    return taken("instead");
  std::vector<CallId> calls;
  for (const auto& row : members_.rows())
    if (std::get<0>(row.first) == user) calls.push_back(std::get<2>(row.first));
  for (const auto& row : mentions_.rows())
    if (row.first.first == user) calls.push_back(row.first.second);
  for (const auto& row : live_.rows())
    if (calls_.find(row.first.second)->has_member(user)) calls.push_back(row.first.second);
  std::sort(calls.begin(), calls.end());
  calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
  for (const CallId& id : calls) rename_in_call(id, user, instead);
  rename_in_lists(user, instead);
  rename_in_messages(user, instead);
  rename_in_chats(user, instead);
  forget_person(user);
  return static_cast<std::uint64_t>(calls.size());
}

void MemoryStore::rename_in_call(const CallId& id, const UserId& user, const UserId& instead) {
  CallView call = *calls_.find(id);
  rename_person(call, user, instead);
  calls_.put(id, call);
  for (CallEvent& event : events(id, Version{}).value()) {
    rename_person(event, user, instead);
    events_.put({id, event.version}, event);
  }
  if (mentions_.find({user, id})) {
    mentions_.erase({user, id});
    mentions_.put({instead, id}, {});
  }
  if (call.ended_at && members_.find({user, *call.ended_at, id})) {
    members_.erase({user, *call.ended_at, id});
    members_.put({instead, *call.ended_at, id}, {});
  }
}

void MemoryStore::rename_in_lists(const UserId& user, const UserId& instead) {
  std::vector<MissedCall> missed;
  for (const auto& row : missed_.rows())
    if (row.second.caller == user) missed.push_back(row.second);
  for (MissedCall& call : missed) {
    call.caller = instead;
    missed_.put({call.user, call.at, call.call, call.leg}, call);
  }
  std::vector<RoomMessage> written;
  for (const auto& row : room_messages_.rows())
    if (row.second.user == user) written.push_back(row.second);
  for (RoomMessage& message : written) {
    message.user = instead;
    message.text.clear();
    room_messages_.put({message.call, message.number}, message);
  }
}

void MemoryStore::rename_in_messages(const UserId& user, const UserId& instead) {
  const auto waiting = outbox_.rows();
  for (auto [number, entry] : waiting) {
    entry.message.body = rename_in_text(entry.message.body, user, instead);
    outbox_.put(number, entry);
  }
  const auto dead = dead_.rows();
  for (auto [number, letter] : dead) {
    letter.entry.message.body = rename_in_text(letter.entry.message.body, user, instead);
    dead_.put(number, letter);
  }
}

void MemoryStore::rename_in_chats(const UserId& user, const UserId& instead) {
  std::vector<std::string> of_user;
  for (const auto& row : chat_times_.rows())
    if (std::get<0>(row.first) == user) of_user.push_back(std::get<2>(row.first));
  for (const std::string& id : of_user) {
    ChatRecord chat = *chats_.find(id);
    chat_sets_.erase(members_key(chat.members));
    chat_times_.erase({user, chat.created_at, id});
    std::replace(chat.members.begin(), chat.members.end(), user, instead);
    std::sort(chat.members.begin(), chat.members.end());
    chat_sets_.put(members_key(chat.members), id);
    chat_times_.put({instead, chat.created_at, id}, {});
    chats_.put(id, chat);
  }
}

void MemoryStore::forget_person(const UserId& user) {
  erase_if(answer_ends_, [&](const auto& key, const auto&) { return std::get<1>(key) == user; });
  erase_if(answers_, [&](const auto& key, const auto&) { return key.first == user; });
  erase_if(missed_, [&](const auto& key, const auto&) { return std::get<0>(key) == user; });
  erase_if(blocks_, [&](const auto& key, const auto&) { return key.first == user || key.second == user; });
  erase_if(room_reads_, [&](const auto& key, const auto&) { return key.second == user; });
  settings_.erase(user);
  const std::int64_t* number = account_ids_.find(user);
  if (!number) return;
  const AccountRecord account = *accounts_.find(*number);
  accounts_.erase(*number);
  account_names_.erase(ascii_lower(account.name));
  if (!account.email.empty()) account_emails_.erase(ascii_lower(account.email));
  account_ids_.erase(user);
}

Result<void> MemoryStore::scrub() {
  if (in_transaction_) return fail(ErrorCode::invalid_state, "a transaction is open");
  return {};
}

}  // namespace zegocall::store_detail
