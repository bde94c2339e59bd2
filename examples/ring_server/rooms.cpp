// /rooms: meetings that people come to by themselves. A room is a call of the library, and its id is a call's.
#include "zegocall/gateway/rooms.hpp"
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

constexpr std::size_t room_body_max = 256 * 1024;

/// The body, null where there is none; an object with these members and no others.
Result<JsonView> body_of(const HttpRequest& request, std::initializer_list<std::string_view> members) {
  auto body = request.json();
  if (!body) return body;
  if (auto fine = check_members(*body, members); !fine) return unexpected(std::move(fine).error());
  return body;
}

Command command_of(const HttpRequest& request, CommandBody body, std::optional<Version> expected = {}) {
  return {.id = command_id_of(request),
          .by = actor(request.identity()),
          .call = CallId(request.path("roomId")),
          .body = std::move(body),
          .expected = expected};
}

/// A member of the body, or nothing; also of a body that is null.
template <class T>
Result<std::optional<T>> maybe(JsonView in, std::string_view member) {
  if (in.kind() != JsonKind::object) return std::optional<T>{};
  return in.get<std::optional<T>>(member);
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
  auto body = request.json();  // read_room looks for members that nobody knows
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

/// By the door: `wish` is Join, Knock or Accept, `words` the body.
Result<HttpResponse> come(Ring& ring, const HttpRequest& request, CommandBody wish, JsonView words) {
  auto entry = read_entry(words);
  if (!entry) return unexpected(entry.error());
  auto expected = read_expected(words);
  if (!expected) return unexpected(expected.error());
  return ring.rooms->enter(request, command_of(request, std::move(wish), *expected), *entry).and_then([&](const CallView& room) {
    const LegView* leg = room.live_leg_of(request.identity().user);
    const bool waits = leg && leg->state == LegState::waiting;
    return shown(ring, waits ? 202 : 200, waits ? "You are in the lobby" : "Welcome", room, request.identity().user);
  });
}

Result<HttpResponse> join(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request, {"passcode", "code", "consent", "expected"});
  if (!body) return unexpected(body.error());
  auto consent = maybe<bool>(*body, "consent");
  if (!consent) return unexpected(consent.error());
  return come(ring, request, Join{consent->value_or(false)}, *body);
}

Result<HttpResponse> knock(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request, {"passcode", "code", "note", "expected"});
  if (!body) return unexpected(body.error());
  auto note = maybe<std::string>(*body, "note");
  if (!note) return unexpected(note.error());
  return come(ring, request, Knock{note->value_or("")}, *body);
}

/// The answer of who was rung into the room: an entry like the others, with a passcode where there is one.
Result<HttpResponse> accept_into_room(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request, {"passcode", "code", "expected"});
  if (!body) return unexpected(body.error());
  return come(ring, request, Accept{}, *body);
}

Result<HttpResponse> set_passcode(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request, {"passcode", "expected"});
  if (!body) return unexpected(body.error());
  auto words = read_entry(*body);
  if (!words) return unexpected(words.error());
  auto expected = read_expected(*body);
  if (!expected) return unexpected(expected.error());
  return ring.rooms->set_passcode(request, command_of(request, {}, *expected), words->passcode)
      .and_then([&](const CallView& room) { return shown(ring, 200, "Passcode changed", room, request.identity().user); });
}

Result<HttpResponse> add_code(Ring& ring, const HttpRequest& request) {
  auto body = body_of(request, {"role", "uses", "seconds", "expected"});
  if (!body) return unexpected(body.error());
  auto role = maybe<RoleName>(*body, "role");
  if (!role) return unexpected(role.error());
  auto uses = maybe<std::uint32_t>(*body, "uses"), seconds = maybe<std::uint32_t>(*body, "seconds");
  if (!uses || !seconds) return unexpected(uses ? seconds.error() : uses.error());
  auto expected = read_expected(*body);
  if (!expected) return unexpected(expected.error());
  auto code = ring.rooms->add_code(command_of(request, {}, *expected), role->value_or(RoleName()), uses->value_or(1),
                                   std::chrono::seconds(seconds->value_or(3600)), request.now());
  if (!code) return unexpected(code.error());
  return ok(201, "Join code made", JsonObject{{"id", code->id}, {"code", code->text}});
}

/// GET /rooms: those that concern the asker and live.
Result<HttpResponse> list(Ring& ring, const HttpRequest& request) {
  auto page = page_of(request);
  if (!page) return unexpected(page.error());
  const UserId& me = request.identity().user;
  auto rooms = ring.calls.rooms(me, *page);
  if (!rooms) return unexpected(rooms.error());
  const auto row = [&](const CallView& room) {
    const RoomView& view = room.room_view();
    JsonObject out{{"id", room.id},
                   {"title", room.topic},
                   {"state", name(room.state)},
                   {"host", view.host},
                   {"role", role_of(room, me)},
                   {"template", view.settings.from},
                   {"type", name(view.settings.type)},
                   {"capacity", view.settings.capacity},
                   {"seats", room.index.counts.seats()},
                   {"locked", view.locked},
                   {"passcode", view.passcode.value != 0},
                   {"createdAt", iso8601(room.created_at)}};
    if (view.settings.schedule) out.add("startsAt", iso8601(view.settings.schedule->starts_at));
    return Json(out);
  };
  return ok(
      200, "Rooms",
      JsonObject{{"rooms", JsonArray::of(rooms->items, row)}, {"pagination", pagination(*page, rooms->total, "totalRooms")}});
}

/// Who was there, when and for how long: for the host.
Result<HttpResponse> attendance(Ring& ring, const HttpRequest& request) {
  auto found = ring.calls.attendance(CallId(request.path("roomId")), request.identity().user, {}, request.now());
  if (!found) return unexpected(found.error());
  return ok(200, "Attendance",
            JsonObject{{"people", to_json(member_table(*found))},
                       {"intervals", to_json(interval_table(*found))},
                       {"peak", std::uint64_t{found->peak}},
                       {"personSeconds", std::chrono::floor<std::chrono::seconds>(found->person_time).count()}});
}

/// The figures of a room that is over: for the host.
Result<HttpResponse> statistics(Ring& ring, const HttpRequest& request) {
  auto found = ring.calls.figures(CallId(request.path("roomId")), request.identity().user);
  if (!found) return unexpected(found.error());
  const Json table = to_json(statistics_table(std::span(&*found, 1)));
  return ok(200, "Statistics", table.get<JsonView>("0").value());
}

/// The room, or with ?since=VERSION what happened after that, where that is shorter.
Result<HttpResponse> show(Ring& ring, const HttpRequest& request) {
  std::optional<Version> since;
  if (const auto text = request.query("since")) {
    auto number = Json::parse(*text).and_then([](const Json& json) { return json.view().get<std::uint64_t>(); });
    if (!number) return fail_field(ErrorCode::invalid_argument, "since", "since must be a version");
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
  auto body = request.json();
  if (!body) return unexpected(body.error());
  auto wish = read_wish(request.path("word"), *body);
  if (!wish && wish.error().code == ErrorCode::unknown_event) return fail_field(ErrorCode::not_found, "word", "Unknown command");
  if (!wish) return unexpected(wish.error());
  return ring.gateway->handle(command_of(request, std::move(wish->body), wish->expected), request.now())
      .and_then([&](const CallView& room) { return shown(ring, 200, "Done", room, request.identity().user); });
}

Result<HttpResponse> write(Ring& ring, const HttpRequest& request) {
  auto text = body_of(request, {"text"}).and_then([](JsonView in) { return in.get<std::string>("text"); });
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
  if (!after) return fail_field(ErrorCode::invalid_argument, "after", "after must be a number");
  // Without a number: what this person has not been told yet, once.
  auto found = text ? ring.rooms->chat().read(id, request.identity().user, *after)
                    : ring.rooms->chat().replay(id, request.identity().user);
  if (!found) return unexpected(found.error());
  return ok(200, "Messages", JsonObject{{"messages", JsonArray::of(*found, message_json)}});
}

Result<HttpResponse> typing(Ring& ring, const HttpRequest& request) {
  auto on = body_of(request, {"on"}).and_then([](JsonView in) { return in.get<bool>("on"); });
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
  auto wish = read_wish(word, in, {"callId", "word"});
  if (!wish) return unexpected(wish.error());
  wish->by = actor(e.identity());
  wish->call = id;
  return ring.gateway->handle(*wish, e.now()).transform([](const CallView& call) {
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
  add(Method::get, "", list, Run::service);
  add(Method::get, "/:roomId", show, Run::service);
  add(Method::get, "/:roomId/attendance", attendance, Run::service);
  add(Method::get, "/:roomId/statistics", statistics, Run::service);
  add(Method::post, "/:roomId/join", join, Run::worker);
  add(Method::post, "/:roomId/knock", knock, Run::worker);
  add(Method::post, "/:roomId/accept", accept_into_room, Run::worker);
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
    if (ring.rooms) ring.rooms->follow(told, "room_typing");
    if (!told.call.is_room()) return std::nullopt;
    return room_event(told);
  });
}

}  // namespace ring
