// What the page needs beside the contract: how to reach each other.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
void tell_presence(Ring& ring, const UserId& user, bool online, Now now) {
  const Args said{JsonObject{{"userId", user}, {"timestamp", iso8601(now.wall)}}};
  auto neighbours = ring.chats.neighbours(user);
  if (!neighbours) return;  // they see it when they next look
  for (const UserId& each : *neighbours) ring.gateway->tell(each, online ? "user_online" : "user_offline", said);
}

void add_page_routes(Router& http, Ring& ring) {
  http.route(Method::get, "/api/v1/calls/ice-servers", [&ring](const HttpRequest&) -> Result<HttpResponse> {
    JsonArray servers;
    if (!ring.ice.stun.empty()) servers.add(JsonObject{{"urls", ring.ice.stun}});
    if (!ring.ice.turn.empty())
      servers.add(JsonObject{{"urls", ring.ice.turn}, {"username", ring.ice.turn_user}, {"credential", ring.ice.turn_password}});
    return ok(200, "ICE servers", JsonObject{{"iceServers", servers}});
  });
}

}  // namespace ring
