// Words of the older WebRTC dialect that are more than one command.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

/// The route `initiate` made the call and rang; this word of older clients adds nothing and is only checked.
Result<Args> call_initiate(Ring& ring, const Event& e) {
  auto in = e.get<CallId, UserId>("0.callId", "0.receiverId");
  if (!in) return unexpected(in.error());
  auto& [id, receiver] = *in;
  auto call = ring.calls.find(id);
  if (!call) return unexpected(call.error());
  if (call->caller != e.identity().user || !call->has_member(receiver)) return fail(ErrorCode::forbidden, "not your call");
  return Args{};
}

Result<Args> call_status_update(Ring& ring, const Event& e) {
  auto in = e.get<CallId, std::string, std::optional<JsonView>>("0.callId", "0.status", "0.metadata");
  if (!in) return unexpected(in.error());
  auto& [id, status, metadata] = *in;
  const Actor by = actor(e.identity());
  if (status == "ringing") {
    auto rung = ring.gateway->handle({.by = by, .call = id, .body = AckAlerting{}}, e.now());
    return rung ? Result<Args>(Args{}) : unexpected(rung.error());
  }
  if (status != "connecting" && status != "active")
    return fail_field(ErrorCode::invalid_argument, "0.status", "must be ringing, connecting or active");
  if (metadata && metadata->kind() != JsonKind::object)
    return fail_field(ErrorCode::mistyped_field, "0.metadata", "must be an object");
  auto call = ring.calls.find(id);
  if (!call) return unexpected(call.error());
  if (!call->has_member(by.user)) return fail(ErrorCode::forbidden, "You are not a participant of this call");
  auto updated = update_status(ring, *call, by, status, metadata, e.now());
  return updated ? Result<Args>(Args{}) : unexpected(updated.error());
}

}  // namespace

void add_call_events(Namespace& ns, Ring& ring) {
  ns.on(
      "call_initiate", [&ring](const Event& e) { return call_initiate(ring, e); }, Run::service);
  ns.on(
      "call_status_update", [&ring](const Event& e) { return call_status_update(ring, e); }, Run::service);
}

}  // namespace ring
