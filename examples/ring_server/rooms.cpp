// /rooms: meetings that people come to by themselves. A room is a call of the library, and its id is a call's.
#include "zegocall/gateway/rooms.hpp"
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

constexpr std::size_t room_body_max = 256 * 1024;

/// The body; null where there is none.
Result<JsonView> body_of(const HttpRequest& request) { return request.json(); }

Command command_of(const HttpRequest& request, CommandBody body) {
  return {.id = command_id_of(request),
          .by = actor(request.identity()),
          .call = CallId(request.path("roomId")),
          .body = std::move(body)};
}

/// The room as the asker may see it.
Result<HttpResponse> shown(Ring& ring, int status, std::string_view message, const CallView& room, const UserId& to) {
  auto seen = zegocall::snapshot(room, {}, to, std::nullopt);
  if (!seen) return ok(status, message, JsonObject{{"id", room.id}});
  JsonObject data{{"room", room_json(*seen->whole)}, {"zegoRoom", zego_room_json(ring, room)}};
  const LegView* leg = room.last_leg_of(to);
  if (leg) data.add("you", JsonObject{{"state", name(leg->state)}, {"role", role_of(room, *leg)}});
  return ok(status, message, data);
}

Result<HttpResponse> create(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request);
  if (!body) return unexpected(body.error());
  auto entry = read_entry(*body);
  if (!entry) return unexpected(entry.error());
  auto room = read_room(*body);
  if (!room) return unexpected(room.error());
  Command command = command_of(request, *std::move(room));
  command.call = {};
  return ring.rooms->create(request, std::move(command), entry->passcode).and_then([&](const CallView& made) {
    return shown(ring, 201, "Room created", made, request.identity().user);
  });
}

template <class Body>
Result<HttpResponse> come(Ring& ring, const HttpRequest& request, Result<Body> wish) {
  if (!wish) return unexpected(wish.error());
  auto words = body_of(request).and_then(read_entry);
  if (!words) return unexpected(words.error());
  return ring.rooms->enter(request, command_of(request, *std::move(wish)), *words).and_then([&](const CallView& room) {
    const LegView* leg = room.live_leg_of(request.identity().user);
    const bool waits = leg && leg->state == LegState::waiting;
    return shown(ring, waits ? 202 : 200, waits ? "You are in the lobby" : "Welcome", room, request.identity().user);
  });
}

Result<HttpResponse> join(Ring& ring, const HttpRequest& request) {
  return come<Join>(ring, request, body_of(request).and_then([](JsonView in) -> Result<Join> {
    if (in.kind() != JsonKind::object) return Join{};
    return in.get<std::optional<bool>>("consent").transform([](auto given) { return Join{given.value_or(false)}; });
  }));
}

Result<HttpResponse> knock(Ring& ring, const HttpRequest& request) {
  return come<Knock>(ring, request, body_of(request).and_then([](JsonView in) -> Result<Knock> {
    if (in.kind() != JsonKind::object) return Knock{};
    return in.get<std::optional<std::string>>("note").transform([](auto given) { return Knock{given.value_or("")}; });
  }));
}

/// The answer of who was rung into the room: an entry like the others, with a passcode where there is one.
Result<HttpResponse> accept(Ring& ring, const HttpRequest& request) { return come<Accept>(ring, request, Accept{}); }

Result<HttpResponse> set_passcode(Ring& ring, const HttpRequest& request) {
  auto words = body_of(request).and_then(read_entry);
  if (!words) return unexpected(words.error());
  return ring.rooms->set_passcode(request, command_of(request, {}), words->passcode).and_then([&](const CallView& room) {
    return shown(ring, 200, "Passcode changed", room, request.identity().user);
  });
}

Result<HttpResponse> add_code(Ring& ring, const HttpRequest& request) {
  auto fields =
      request.get<std::optional<RoleName>, std::optional<std::uint32_t>, std::optional<std::uint32_t>>("role", "uses", "seconds");
  if (!fields) return unexpected(fields.error());
  auto& [role, uses, seconds] = *fields;
  auto code = ring.rooms->add_code(command_of(request, {}), role.value_or(RoleName()), uses.value_or(1),
                                   std::chrono::seconds(seconds.value_or(3600)), request.now());
  if (!code) return unexpected(code.error());
  return ok(201, "Join code made", JsonObject{{"id", code->id}, {"code", code->text}});
}

/// The room, or with ?since=VERSION what happened after that, where that is shorter.
Result<HttpResponse> show(Ring& ring, const HttpRequest& request) {
  std::optional<Version> since;
  if (const auto text = request.query("since")) {
    auto number = Json::parse(*text).and_then([](const Json& json) { return json.view().get<std::uint64_t>(); });
    if (!number) return refuse(400, "since must be a version");
    since = Version(*number);
  }
  const CallId id(request.path("roomId"));
  auto call = ring.calls.find(id);
  if (!call) return unexpected(call.error());
  auto seen = ring.calls.snapshot(id, request.identity().user, since);
  if (!seen) return unexpected(seen.error());
  if (seen->whole) return shown(ring, 200, "Room", *call, request.identity().user);
  return ok(200, "Events", JsonObject{{"events", JsonArray::of(seen->events, [&](const CallEvent& event) {
                                         const Actor nobody;
                                         const Args said = room_event({event, *call, nobody});
                                         return Json::copy_of(said[0]);
                                       })}});
}

/// POST /rooms/ID/WORD: any command of the call model that needs nothing but its body.
Result<HttpResponse> command(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request);
  if (!body) return unexpected(body.error());
  auto wish = read_command(request.path("word"), *body);
  if (!wish && wish.error().code == ErrorCode::unknown_event) return refuse(404, "Unknown command");
  if (!wish) return unexpected(wish.error());
  return ring.gateway->handle(command_of(request, *std::move(wish)), request.now()).and_then([&](const CallView& room) {
    return shown(ring, 200, "Done", room, request.identity().user);
  });
}

Result<HttpResponse> write(Ring& ring, const HttpRequest& request) {
  auto text = request.get<std::string>("text");
  if (!text) return unexpected(text.error());
  return ring.rooms
      ->write(CallId(request.path("roomId")), request.identity().user, *text, "room_message", request.now(),
              command_id_of(request))
      .transform([](const RoomMessage& message) { return ok(201, "Message sent", message_json(message)); });
}

Result<HttpResponse> messages(Ring& ring, const HttpRequest& request) {
  const CallId id(request.path("roomId"));
  const auto text = request.query("after");
  auto after = text ? Json::parse(*text).and_then([](const Json& json) { return json.view().get<std::uint64_t>(); })
                    : Result<std::uint64_t>(0);
  if (!after) return refuse(400, "after must be a number");
  // Without a number: what this person has not been told yet, once.
  auto found = text ? ring.rooms->chat().read(id, request.identity().user, *after)
                    : ring.rooms->chat().replay(id, request.identity().user);
  if (!found) return unexpected(found.error());
  return ok(200, "Messages", JsonObject{{"messages", JsonArray::of(*found, message_json)}});
}

Result<HttpResponse> typing(Ring& ring, const HttpRequest& request) {
  auto on = request.get<bool>("on");
  if (!on) return unexpected(on.error());
  auto told = ring.rooms->typing(CallId(request.path("roomId")), request.identity().user, *on, "room_typing", request.now());
  if (!told) return unexpected(told.error());
  return ok(200, "Told", nullptr);
}

/// room_command {callId, word, ...}: the same from a socket; acknowledged with the version it led to.
Result<Args> heard(Ring& ring, const Event& e) {
  auto fields = e.get<CallId, std::string, JsonView>("0.callId", "0.word", "0");
  if (!fields) return unexpected(fields.error());
  auto& [id, word, in] = *fields;
  auto wish = read_command(word, in);
  if (!wish) return unexpected(wish.error());
  return ring.gateway->handle({.by = actor(e.identity()), .call = id, .body = *std::move(wish)}, e.now())
      .transform([](const CallView& call) {
        return Args{JsonObject{{"success", true}, {"callId", call.id}, {"version", call.version}}};
      });
}

}  // namespace

void add_room_routes(Router& http, Ring& ring) {
  const auto add = [&](Method method, const char* path, Result<HttpResponse> (*handler)(Ring&, const HttpRequest&), Run run) {
    http.route(method, std::string("/api/v1/rooms") + path, [&ring, handler](const HttpRequest& r) { return handler(ring, r); },
               run, {.body_max = room_body_max});
  };
  add(Method::post, "", create, Run::worker);
  add(Method::get, "/:roomId", show, Run::service);
  add(Method::post, "/:roomId/join", join, Run::worker);
  add(Method::post, "/:roomId/knock", knock, Run::worker);
  add(Method::post, "/:roomId/accept", accept, Run::worker);
  add(Method::post, "/:roomId/passcode", set_passcode, Run::worker);
  add(Method::post, "/:roomId/codes", add_code, Run::service);
  add(Method::post, "/:roomId/messages", write, Run::service);
  add(Method::get, "/:roomId/messages", messages, Run::service);
  add(Method::post, "/:roomId/typing", typing, Run::service);
  add(Method::post, "/:roomId/:word", command, Run::service);
}

void add_room_events(Namespace& ns, Ring& ring) {
  ns.on(
      "room_command", [&ring](const Event& e) { return heard(ring, e); }, Run::service);
}

std::vector<Say> room_sayings(Ring& ring) {
  return say_each("room_event", To::everyone, [&ring](const Told& told) -> std::optional<Args> {
    if (!told.call.is_room()) return std::nullopt;
    if (std::holds_alternative<CallEnded>(told.event.body) && ring.rooms) ring.rooms->chat().forget(told.call.id);
    return room_event(told);
  });
}

}  // namespace ring
