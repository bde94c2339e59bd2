// What the page needs beside the contract: how to reach each other.
#include "ring.hpp"

using namespace zegocall;

namespace ring {

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
