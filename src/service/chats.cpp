#include <algorithm>
#include <set>

#include "service/transaction.hpp"
#include "zegocall/service.hpp"

namespace zegocall {

bool has_member(const ChatRecord& chat, const UserId& user) {
  return std::binary_search(chat.members.begin(), chat.members.end(), user);
}

Result<ChatService::Opened> ChatService::open_direct(const UserId& one, const UserId& other, Now now) {
  if (one == other) return fail_field(ErrorCode::invalid_argument, "participants.1", "a chat needs two people");
  std::vector<UserId> members{one, other};
  std::sort(members.begin(), members.end());
  return service_detail::in_transaction(store_, [&]() -> Result<Opened> {
    for (const UserId& member : {one, other}) {
      auto account = store_.account(member);
      if (!account) return unexpected(account.error());
      if (!*account)
        return fail_field(ErrorCode::not_found, member == one ? "participants.0" : "participants.1", "no such account");
    }
    auto existing = store_.chat_of(members);
    if (!existing) return unexpected(existing.error());
    if (*existing) return Opened{**std::move(existing), false};
    ChatRecord chat{make_id_text(now.wall, bytes_), members, now.wall};
    if (auto added = store_.add_chat(chat); !added) return unexpected(added.error());
    return Opened{std::move(chat), true};
  });
}

Result<ChatRecord> ChatService::find(std::string_view id) {
  auto found = store_.chat(id);
  if (!found) return unexpected(found.error());
  if (!*found) return fail_field(ErrorCode::not_found, "chat", "no such chat");
  return **std::move(found);
}

Result<Page<ChatRecord>> ChatService::of(const UserId& user, PageRequest page) { return store_.chats_of(user, page); }

Result<std::vector<UserId>> ChatService::neighbours(const UserId& user) {
  std::set<UserId> found;
  for (PageRequest page{.page = 1, .size = 100};; ++page.page) {
    auto chats = store_.chats_of(user, page);
    if (!chats) return unexpected(chats.error());
    for (const ChatRecord& chat : chats->items) found.insert(chat.members.begin(), chat.members.end());
    if (chats->items.size() < page.size) break;
  }
  found.erase(user);
  return std::vector<UserId>(found.begin(), found.end());
}

}  // namespace zegocall
