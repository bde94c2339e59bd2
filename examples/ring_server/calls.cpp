// /calls: what two people do with a call. Every refusal in the order of the contract.
#include <algorithm>
#include <cctype>

#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

/// Object ids are hex digits in any case; ours are lower case.
std::optional<std::string> id_in(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!is_id_text(text)) return std::nullopt;
  return text;
}

HttpResponse busy(const Ring& ring, const Error& error, const UserId& caller, const UserId& callee) {
  const bool mine = error.field == "caller";
  auto existing = mine ? ring.calls.active(caller) : ring.calls.taken_by(callee);
  const std::string_view message = mine ? "You are already in a call" : "The other person is in another call";
  if (!existing || !*existing) return refuse(409, message);
  const CallView& call = **existing;
  return refuse(409, message,
                JsonObject{{"existingCallId", call.id},
                           {"existingCall", JsonObject{{"_id", call.id},
                                                       {"status", status_of(call)},
                                                       {"callType", call_type(call.media)},
                                                       {"initiatedAt", iso8601(call.created_at)},
                                                       {"participants", participants_json(ring, call)}}}});
}

Result<HttpResponse> initiate(Ring& ring, const HttpRequest& request) {
  using Text = std::optional<std::string>;
  auto fields = request.get<Text, Text, Text>("receiverId", "chatId", "callType");
  if (!fields) return refuse(400, words(fields.error()));
  auto& [receiver_text, chat_text, type] = *fields;
  for (const Text& field : {receiver_text, chat_text, type})
    if (!field || field->empty()) return refuse(400, "receiverId, chatId and callType are required");
  if (*type != "voice" && *type != "video") return refuse(400, "callType must be voice or video");
  const auto chat_id = id_in(*chat_text);
  if (!chat_id) return refuse(400, "chatId is not an id");
  auto chat = ring.chats.find(*chat_id);
  if (!chat && chat.error().code == ErrorCode::not_found) return refuse(404, "Chat not found");
  if (!chat) return unexpected(chat.error());
  const UserId me = request.identity().user, receiver{id_in(*receiver_text).value_or(*receiver_text)};
  if (!has_member(*chat, me) || !has_member(*chat, receiver)) return refuse(403, "Both people must be in the chat");
  auto account = ring.accounts.find(receiver);
  if (!account && account.error().code == ErrorCode::not_found) return refuse(404, "Receiver not found");
  if (!account) return unexpected(account.error());
  if (receiver == me) return refuse(400, "You cannot call yourself");
  const Media media = *type == "video" ? Media::video : Media::audio;
  auto call = ring.gateway->handle(
      {.id = command_id_of(request), .by = actor(request.identity()), .body = StartCall{{receiver}, media, chat->id}},
      request.now());
  if (!call && call.error().code == ErrorCode::busy) return busy(ring, call.error(), me, receiver);
  if (!call) return unexpected(call.error());
  return ok(201, "Call initiated successfully", call_json(ring, *call));
}

Result<HttpResponse> accept(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  if (call->caller == request.identity().user) return refuse(403, "Only the person who is called can accept");
  const CommandId id = command_id_of(request);  // one that was used gets its first answer, whatever became of the call
  if (id.empty() && call->state == CallState::active) return refuse(400, "The call cannot be accepted: it is active");
  auto accepted =
      ring.gateway->handle({.id = id, .by = actor(request.identity()), .call = call->id, .body = Accept{}}, request.now());
  if (!accepted) return unexpected(accepted.error());
  JsonObject data = call_json(ring, *accepted);
  if (auto seat = ring.calls.token(call->id, request.identity().user, request.now())) data.add("zegoToken", seat->token);
  return ok(200, "Call accepted successfully", data);
}

Result<HttpResponse> decline(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  auto declined = ring.gateway->handle(
      {.id = command_id_of(request), .by = actor(request.identity()), .call = call->id, .body = Decline{}}, request.now());
  if (!declined) return unexpected(declined.error());
  return ok(200, "Call declined successfully", call_json(ring, *declined));
}

Result<HttpResponse> end(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  std::string reason = "normal";
  if (!request.body().empty()) {
    auto given = request.get<std::optional<std::string>>("endReason");
    if (!given) return refuse(400, words(given.error()));
    reason = given->value_or(reason);
  }
  if (!is_end_reason(reason)) return refuse(400, "endReason is not a known reason");
  auto ended = ring.gateway->handle(
      {.id = command_id_of(request), .by = actor(request.identity()), .call = call->id, .body = EndCall{reason}}, request.now());
  if (!ended && ended.error().code == ErrorCode::already_done) ended = ring.calls.find(call->id);
  if (!ended) return unexpected(ended.error());
  return ok(200, "Call ended successfully", call_json(ring, *ended));
}

Result<void> check_metadata(JsonView metadata) {
  const auto one_of = [&](std::string_view field, std::initializer_list<std::string_view> known) -> Result<void> {
    const auto given = metadata.get<std::optional<std::string>>(field);
    if (given && (!*given || std::find(known.begin(), known.end(), **given) != known.end())) return {};
    std::string words = "metadata." + std::string(field) + " must be one of:";
    for (const std::string_view each : known) words.append(" ").append(each);
    return fail(ErrorCode::invalid_argument, std::move(words));
  };
  if (auto fine = one_of("quality", {"excellent", "good", "poor", "failed"}); !fine) return fine;
  return one_of("connectionType", {"wifi", "cellular", "unknown"});
}

Result<HttpResponse> status(Ring& ring, const HttpRequest& request) {
  auto call = call_of(ring, request);
  if (!call) return unexpected(call.error());
  auto fields = request.get<std::string, std::optional<JsonView>>("status", "metadata");
  if (!fields) return refuse(400, words(fields.error()));
  auto& [wanted, metadata] = *fields;
  if (wanted != "connecting" && wanted != "active") return refuse(400, "status must be connecting or active");
  if (metadata && metadata->kind() != JsonKind::object) return refuse(400, "metadata must be an object");
  auto updated = update_status(ring, *call, actor(request.identity()), wanted, metadata, request.now());
  if (!updated) return unexpected(updated.error());
  return ok(200, "Call status updated successfully", call_json(ring, *updated));
}

}  // namespace

Result<CallView> call_of(const Ring& ring, const HttpRequest& request) {
  const auto id = id_in(request.path("callId"));
  if (!id) return fail(ErrorCode::invalid_argument, "callId is not an id");
  auto call = ring.calls.find(CallId(*id));
  if (!call && call.error().code == ErrorCode::not_found) return fail(ErrorCode::not_found, "Call not found");
  if (!call) return call;
  if (!knows_of(*call, request.identity().user)) return fail(ErrorCode::forbidden, "You are not a participant of this call");
  return call;
}

CommandId command_id_of(const HttpRequest& request) {
  return request.header("idempotency-key") ? request.command_id() : CommandId{};
}

Result<CallView> update_status(Ring& ring, const CallView& call, const Actor& by, std::string_view status,
                               std::optional<JsonView> metadata, Now now) {
  if (call.state == CallState::ended) return fail(ErrorCode::invalid_state, "The call is over");
  if (!call.answered_at) return fail(ErrorCode::invalid_state, "The call has not been accepted");
  if (metadata)
    if (auto fine = check_metadata(*metadata); !fine) return unexpected(fine.error());
  const bool joins = status == "active";
  if (!joins && call.active_at) return call;  // it is further than that
  ring.status_metadata = metadata;            // for the event of the call that tells the first `active`
  Result<CallView> after = joins ? ring.gateway->join_all(call.id, by, now) : Result<CallView>(call);
  ring.status_metadata.reset();
  if (!after) return after;
  const bool told = !call.active_at && after->active_at;
  if (!told && (metadata || (!joins && call.state == CallState::ringing))) {
    JsonObject update{{"callId", call.id}, {"status", status}, {"updatedBy", by.user}, {"timestamp", iso8601(now.wall)}};
    if (metadata) update.add("metadata", *metadata);
    ring.gateway->tell_others(call, by.user, "call_status_update", {update});
  }
  return after;
}

void add_call_routes(Router& http, Ring& ring) {
  const auto add = [&](Method method, const char* path, Result<HttpResponse> (*handler)(Ring&, const HttpRequest&)) {
    http.route(method, std::string("/api/v1/calls/") + path, [&ring, handler](const HttpRequest& r) { return handler(ring, r); },
               Run::service, {.body_max = 10 * 1024 * 1024});
  };
  add(Method::post, "initiate", initiate);
  add(Method::patch, ":callId/accept", accept);
  add(Method::patch, ":callId/decline", decline);
  add(Method::patch, ":callId/end", end);
  add(Method::patch, ":callId/status", status);
}

}  // namespace ring
