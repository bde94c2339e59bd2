// The words of chats: relays to a chat's group, for its members only. Nothing is stored.
#include <algorithm>

#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

constexpr std::size_t chat_bytes_max = 16'000, status_bytes_max = 100;  // 4,000 characters, four bytes each

GroupId group_of(std::string_view chat) { return GroupId("chat:" + std::string(chat)); }

/// The chat's id, if the sender is in it.
Result<std::string> own_chat(Ring& ring, const Event& e, std::string_view path) {
  auto id = e.get<std::string>(path);
  if (!id) return id;
  auto chat = ring.chats.find(*id);
  if (!chat) return unexpected(chat.error());
  if (!has_member(*chat, e.identity().user)) return fail(ErrorCode::forbidden, "not a member of this chat");
  return *std::move(id);
}

using Shape = Result<JsonObject> (*)(Ring&, const Event&);

/// `heard` goes to the others in the chat as `said`, in the shape that the contract gives it.
void relay_in_chat(Namespace& ns, Ring& ring, const char* heard, const char* said, Shape shape) {
  ns.on(
      heard,
      [&ring, said, shape](const Event& e) -> Result<Args> {
        auto chat = own_chat(ring, e, "0.chatId");
        if (!chat) return unexpected(chat.error());
        auto fields = shape(ring, e);
        if (!fields) return unexpected(fields.error());
        e.others().to(group_of(*chat)).emit(said, {fields->add("chatId", *chat)});
        return Args{};
      },
      Run::service);
}

Result<JsonObject> typing(Ring& ring, const Event& e) {
  const UserId& me = e.identity().user;
  return ring.accounts.find(me).transform([&](const AccountRecord& a) {
    return JsonObject{{"userId", me}, {"username", a.name}, {"fullName", a.display_name}};
  });
}

Result<JsonObject> stopped_typing(Ring&, const Event& e) { return JsonObject{{"userId", e.identity().user}}; }

Result<JsonObject> new_message(Ring& ring, const Event& e) {
  using Text = std::optional<std::string>;
  auto in = e.get<std::string, Text, Text>("0.message", "0.messageType", "0.replyTo");
  if (!in) return unexpected(in.error());
  auto& [message, type, reply_to] = *in;
  if (message.size() > chat_bytes_max) return fail_field(ErrorCode::payload_too_large, "0.message", "at most 4,000 characters");
  return JsonObject{{"message", JsonObject{{"sender", card(ring, e.identity().user)},
                                           {"message", message},
                                           {"messageType", type.value_or("text")},
                                           {"replyTo", reply_to},
                                           {"timestamp", iso8601(e.now().wall)}}}};
}

Result<JsonObject> messages_read(Ring&, const Event& e) {
  auto ids = e.get<std::vector<std::string>>("0.messageIds");
  if (!ids) return unexpected(ids.error());
  return JsonObject{{"readBy", e.identity().user}, {"messageIds", *ids}};
}

Result<JsonObject> message_deleted(Ring&, const Event& e) {
  auto id = e.get<std::string>("0.messageId");
  if (!id) return unexpected(id.error());
  return JsonObject{{"messageId", *id}, {"deletedBy", e.identity().user}};
}

Result<JsonObject> message_restored(Ring&, const Event& e) {
  auto in = e.get<std::string, std::optional<JsonView>>("0.messageId", "0.restoredMessage");
  if (!in) return unexpected(in.error());
  auto& [id, restored] = *in;
  return JsonObject{{"messageId", id}, {"restoredMessage", restored}, {"restoredBy", e.identity().user}};
}

}  // namespace

void add_chat_events(Namespace& ns, Ring& ring) {
  ns.on(
      "join_chat",
      [&ring](const Event& e) -> Result<Args> {
        auto chat = own_chat(ring, e, "0");
        if (!chat) return unexpected(chat.error());
        auto joined = e.sender().join(group_of(*chat));
        return joined ? Result<Args>(Args{}) : unexpected(joined.error());
      },
      Run::service);
  ns.on(
      "leave_chat",
      [](const Event& e) -> Result<Args> {
        auto chat = e.get<std::string>("0");
        if (!chat) return unexpected(chat.error());
        e.sender().leave(group_of(*chat));
        return Args{};
      },
      Run::service);
  relay_in_chat(ns, ring, "typing_start", "user_typing", typing);
  relay_in_chat(ns, ring, "typing_stop", "user_stopped_typing", stopped_typing);
  relay_in_chat(ns, ring, "send_message", "new_message", new_message);
  relay_in_chat(ns, ring, "mark_read", "messages_read", messages_read);
  relay_in_chat(ns, ring, "delete_message", "message_deleted", message_deleted);
  relay_in_chat(ns, ring, "restore_message", "message_restored", message_restored);
  ns.on("set_online_status", [](const Event& e) -> Result<Args> {
    auto status = e.get<std::string>("0");
    if (!status) return unexpected(status.error());
    if (status->size() > status_bytes_max) return fail_field(ErrorCode::out_of_range, "0", "at most 100 bytes");
    e.others()
        .user(e.identity().user)
        .emit("user_status_changed", {JsonObject{{"userId", e.identity().user}, {"status", *status}}});
    return Args{};
  });
  ns.on("request_unread_counts", [](const Event& e) -> Result<Args> {
    e.sender().emit(
        "unread_counts_updated",
        {JsonObject{
            {"unreadNotifications", 0}, {"unreadMessages", 0}, {"timestamp", iso8601(e.now().wall)}, {"fromCache", false}}});
    return Args{};
  });
}

}  // namespace ring
