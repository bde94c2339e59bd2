// /calls: history, the active call, and the way out of a call that a client has lost.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

Result<HttpResponse> history(Ring& ring, const HttpRequest& request) {
  auto page = page_of(request);
  if (!page) return refuse(400, words(page.error()));
  auto calls = ring.calls.history(request.identity().user, *page);
  if (!calls) return unexpected(calls.error());
  return ok(200, "Call history",
            JsonObject{{"calls", JsonArray::of(calls->items, [&](const CallView& call) { return call_json(ring, call); })},
                       {"pagination", pagination(*page, calls->total, "totalCalls")}});
}

Result<HttpResponse> active(Ring& ring, const HttpRequest& request) {
  auto call = ring.calls.active(request.identity().user);
  if (!call) return unexpected(call.error());
  if (!*call) return ok(200, "No active call", nullptr);
  return ok(200, "Active call", call_json(ring, **call));
}

Result<HttpResponse> force_end(Ring& ring, const HttpRequest& request) {
  auto call = ring.calls.active(request.identity().user);
  if (!call) return unexpected(call.error());
  if (!*call) return ok(200, "No active calls", JsonObject{{"endedCount", 0}});
  // Without a device: this is the way out when the device that is in the call is gone.
  auto ended = ring.gateway->handle(
      {.id = command_id_of(request), .by = {request.identity().user, {}}, .call = (*call)->id, .body = EndCall{"cancelled"}},
      request.now());
  if (!ended) return unexpected(ended.error());
  return ok(
      200, "Active calls ended",
      JsonObject{{"endedCount", 1},
                 {"endedCalls", JsonArray::list({JsonObject{
                                    {"callId", ended->id}, {"status", status_of(*ended)}, {"duration", duration_of(*ended)}}})}});
}

}  // namespace

void add_call_list_routes(Router& http, Ring& ring) {
  http.route(
      Method::get, "/api/v1/calls/history", [&ring](const HttpRequest& r) { return history(ring, r); }, Run::service);
  http.route(
      Method::get, "/api/v1/calls/active", [&ring](const HttpRequest& r) { return active(ring, r); }, Run::service);
  http.route(
      Method::post, "/api/v1/calls/force-end-active", [&ring](const HttpRequest& r) { return force_end(ring, r); }, Run::service);
}

}  // namespace ring
