// /chats: who may call whom.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

Result<HttpResponse> open_chat(Ring& ring, const HttpRequest& request) {
  auto fields = request.get<std::vector<UserId>, std::optional<std::string>>("participants", "chatType");
  if (!fields) return refuse(400, words(fields.error()));
  auto& [people, type] = *fields;
  if (type.value_or("direct") != "direct") return refuse(400, "chatType must be direct");
  if (people.size() != 2) return refuse(400, "participants must be two people");
  for (const UserId& user : people)
    if (!is_id_text(user.view())) return refuse(400, "participants must be user ids");
  if (people[0] == people[1]) return refuse(400, "A chat needs two different people");
  if (people[0] != request.identity().user && people[1] != request.identity().user)
    return refuse(403, "You must be a participant of the chat");
  auto opened = ring.chats.open_direct(people[0], people[1], request.now());
  if (!opened && opened.error().code == ErrorCode::not_found) return refuse(404, "User not found");
  if (!opened) return unexpected(opened.error());
  return ok(opened->created ? 201 : 200, opened->created ? "Chat created" : "Chat already exists", chat_json(ring, opened->chat));
}

Result<HttpResponse> list_chats(Ring& ring, const HttpRequest& request) {
  auto page = page_of(request);
  if (!page) return refuse(400, words(page.error()));
  auto chats = ring.chats.of(request.identity().user, *page);
  if (!chats) return unexpected(chats.error());
  return ok(200, "Chats",
            JsonObject{{"chats", JsonArray::of(chats->items, [&](const ChatRecord& chat) { return chat_json(ring, chat); })},
                       {"pagination", pagination(*page, chats->total, "totalChats")}});
}

}  // namespace

void add_chat_routes(Router& http, Ring& ring) {
  http.route(
      Method::post, "/api/v1/chats", [&ring](const HttpRequest& r) { return open_chat(ring, r); }, Run::service);
  http.route(
      Method::get, "/api/v1/chats", [&ring](const HttpRequest& r) { return list_chats(ring, r); }, Run::service);
}

}  // namespace ring
