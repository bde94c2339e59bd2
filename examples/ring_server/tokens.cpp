// /calls: the provider's room and a token for the asker's own seat. Tokens are made here and kept nowhere.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

Result<HttpResponse> zego_token(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  if (call->state == CallState::ended) return refuse(400, "The call is over");
  if (!ring.calls.has_tokens())
    return refuse(503, "Provider tokens are switched off: this server has no ZEGO_APP_ID and ZEGO_SERVER_SECRET");
  auto seat = ring.calls.token(call->id, request.identity().user, request.now());
  if (!seat) return unexpected(seat.error());
  return ok(200, "Token generated",
            JsonObject{{"token", seat->token},
                       {"zegoToken", seat->token},
                       {"roomId", seat->room},
                       {"appId", seat->app},
                       {"userId", seat->user},
                       {"expiresAt", iso8601(seat->expires)},
                       {"zegoRoom", JsonObject{{"roomId", seat->room}, {"appId", seat->app}}}});
}

Result<HttpResponse> zego_room(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  auto seat = ring.calls.token(call->id, request.identity().user, request.now());
  JsonObject room{{"roomId", ring.calls.room_of(call->id)}, {"appId", ring.calls.app()}};
  if (seat)
    room.add("token", seat->token).add("expiresAt", iso8601(seat->expires));
  else
    room.add("token", nullptr).add("expiresAt", nullptr);
  return ok(200, "Room",
            JsonObject{{"call", JsonObject{{"id", call->id},
                                           {"status", status_of(*call)},
                                           {"callType", call_type(call->media)},
                                           {"participants", participants_json(ring, *call)}}},
                       {"zegoRoom", room}});
}

}  // namespace

void add_token_routes(Router& http, Ring& ring) {
  http.route(
      Method::post, "/api/v1/calls/:callId/zego-token", [&ring](const HttpRequest& r) { return zego_token(ring, r); },
      Run::service);
  http.route(
      Method::get, "/api/v1/calls/:callId/zego-room", [&ring](const HttpRequest& r) { return zego_room(ring, r); }, Run::service);
}

}  // namespace ring
