// Accounts, chats, settings, missed calls.
#include "store/memory_store.hpp"

namespace zegocall::store_detail {

Result<void> MemoryStore::add_account(const AccountRecord& account) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(account); !fine) return fine;
  const std::string name_key = ascii_lower(account.name), email_key = ascii_lower(account.email);
  if (account_ids_.find(account.id)) return taken("id");
  if (account_names_.find(name_key)) return taken("name");
  if (!email_key.empty() && account_emails_.find(email_key)) return taken("email");
  const std::int64_t number = next(account_number_);
  accounts_.put(number, account);
  account_ids_.put(account.id, number);
  account_names_.put(name_key, number);
  if (!email_key.empty()) account_emails_.put(email_key, number);
  return {};
}

Result<std::vector<AccountRecord>> MemoryStore::accounts(std::uint32_t most) {
  std::vector<AccountRecord> found;
  for (auto row = accounts_.rows().rbegin(); row != accounts_.rows().rend() && found.size() < most; ++row)
    found.push_back(row->second);
  std::reverse(found.begin(), found.end());
  return found;
}

Result<void> MemoryStore::add_chat(const ChatRecord& chat) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(chat); !fine) return fine;
  const std::string key = members_key(chat.members);
  if (chats_.find(chat.id)) return taken("id");
  if (chat_sets_.find(key)) return taken("members");
  chats_.put(chat.id, chat);
  chat_sets_.put(key, chat.id);
  for (const UserId& user : chat.members) chat_times_.put({user, chat.created_at, chat.id}, {});
  return {};
}

Result<Page<ChatRecord>> MemoryStore::chats_of(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto first = chat_times_.rows().lower_bound({user, UnixTime::min(), {}});
  const auto last = chat_times_.rows().lower_bound({user, UnixTime::max(), {}});
  return newest_first<ChatRecord>(first, last, page, [&](const auto& row) { return *chats_.find(std::get<2>(row.first)); });
}

// ---- settings -------------------------------------------------------------------------------------------------------

Result<PersonSettings> MemoryStore::settings(const UserId& user) {
  const PersonSettings* found = settings_.find(user);
  return found ? *found : PersonSettings{user, false, std::nullopt};
}

Result<void> MemoryStore::keep_settings(const PersonSettings& settings) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(settings); !fine) return fine;
  settings_.put(settings.user, settings);
  return {};
}

namespace {

/// The rows of a table whose key begins with this person.
template <class Rows>
auto rows_of(const Rows& rows, const UserId& user) {
  auto first = rows.begin();
  while (first != rows.end() && std::get<0>(first->first) < user) ++first;
  auto last = first;
  while (last != rows.end() && std::get<0>(last->first) == user) ++last;
  return std::pair(first, last);
}

}  // namespace

Result<void> MemoryStore::block(const Block& block) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(block); !fine) return fine;
  if (blocks_.find({block.user, block.blocked})) return {};
  const auto [first, last] = rows_of(blocks_.rows(), block.user);
  if (static_cast<std::size_t>(std::distance(first, last)) >= StoreLimits::blocks_max) return too_many_blocks();
  blocks_.put({block.user, block.blocked}, block);
  return {};
}

Result<void> MemoryStore::unblock(const UserId& user, const UserId& blocked) {
  if (!in_transaction_) return no_transaction();
  blocks_.erase({user, blocked});
  return {};
}

Result<bool> MemoryStore::is_blocked(const UserId& user, const UserId& by_whom) {
  return blocks_.find({by_whom, user}) != nullptr;
}

Result<Page<Block>> MemoryStore::blocks(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto [first, last] = rows_of(blocks_.rows(), user);
  Page<Block> found;
  found.total = static_cast<std::uint64_t>(std::distance(first, last));
  auto row = first;
  for (std::uint64_t skip = first_of(page); skip > 0 && row != last; --skip) ++row;
  for (; row != last && found.items.size() < page.size; ++row) found.items.push_back(row->second);
  return found;
}

Result<Page<MissedCall>> MemoryStore::missed(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto [first, last] = rows_of(missed_.rows(), user);
  return newest_first<MissedCall>(first, last, page, [](const auto& row) { return row.second; });
}

Result<std::uint64_t> MemoryStore::missed_unseen(const UserId& user) {
  const auto [first, last] = rows_of(missed_.rows(), user);
  return static_cast<std::uint64_t>(std::count_if(first, last, [](const auto& row) { return !row.second.seen; }));
}

Result<std::uint64_t> MemoryStore::mark_missed_seen(const UserId& user, UnixTime up_to, UnixTime seen) {
  if (!in_transaction_) return no_transaction();
  std::vector<MissedCall> marked;
  const auto [first, last] = rows_of(missed_.rows(), user);
  for (auto row = first; row != last; ++row)
    if (row->second.at <= up_to && !row->second.seen) marked.push_back(row->second);
  for (MissedCall& call : marked) {
    call.seen = seen;
    missed_.put({call.user, call.at, call.call, call.leg}, call);
  }
  return static_cast<std::uint64_t>(marked.size());
}

}  // namespace zegocall::store_detail
