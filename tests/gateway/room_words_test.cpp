// Rooms as JSON: commands in, rooms and events out.
#include <doctest/doctest.h>

#include "zegocall/gateway/rooms.hpp"
#include "zegocall/gateway/service_metrics.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

Result<CommandBody> read(std::string_view word, const std::string& text) {
  const Json in = Json::parse(text).value();
  return read_command(word, in.view());
}
std::string refused(std::string_view word, const std::string& text) {
  const auto body = read(word, text);
  return body ? "done" : std::string(name(body.error().code)) + " " + body.error().field;
}
template <class Body>
Body as(std::string_view word, const std::string& text) {
  auto body = read(word, text);
  const std::string said = body ? std::string() : to_string(body.error());
  INFO(said);
  REQUIRE(body);
  REQUIRE(std::holds_alternative<Body>(*body));
  return std::get<Body>(*body);
}

}  // namespace

TEST_CASE("a word of the call model is read with its members") {
  CHECK(as<Kick>("kick", R"({"user":"bob","banSeconds":600})").ban_for == 600s);
  CHECK_FALSE(as<Kick>("kick", R"({"user":"bob"})").ban_for);
  CHECK(as<Deny>("deny", R"({"user":"bob","banSeconds":0})").ban_for == 0s);
  const Mute mute = as<Mute>("mute", R"({"except":["a","b"],"track":"video","mode":"force"})");
  CHECK(mute.user.empty());
  CHECK(mute.track == Track::video);
  CHECK(mute.mode == MuteMode::force);
  CHECK(mute.except.size() == 2);
  CHECK(as<SetRole>("set_role", R"({"user":"bob","role":"cohost"})").role == RoleName("cohost"));
  CHECK(as<SetLobby>("set_lobby", R"({"lobby":"until_host"})").lobby == LobbyRule::until_host);
  CHECK(as<SetMedia>("set_media", R"({"audio":false})").audio == false);
  CHECK_FALSE(as<SetMedia>("set_media", R"({"audio":false})").video);
  CHECK(as<SetMetadata>("set_metadata", R"({"text":"x","expected":4})").expected == 4U);
  CHECK_FALSE(as<SetAttribute>("set_attribute", R"({"key":"k","value":null})").value);
  CHECK(as<Invite>("invite", R"({"user":"bob"})").ring);
  CHECK_FALSE(as<Invite>("invite", R"({"user":"bob","ring":false})").ring);
  CHECK(as<EndCall>("end_call", "null").note.empty());
  CHECK(as<Decline>("decline", R"({"busy":true})").busy);
}

TEST_CASE("every word is the name of the command that it gives, and no driver's command has one") {
  const std::string all =
      R"({"user":"u","to":"u","role":"r","lobby":"on","capacity":5,"text":"t","key":"k","code":"c","on":true,"given":true})";
  const Json whole = Json::parse(all).value();
  for (const std::string_view word : command_words()) {
    CAPTURE(std::string(word));
    JsonObject fitting;  // the members that this word has, found by what it refuses
    for (const auto& [member, value] : whole.view().members()) {
      const auto refused_one = read(word, std::string(JsonObject{{std::string(member), value}}.text()));
      const bool unknown =
          !refused_one && refused_one.error().code == ErrorCode::invalid_argument && refused_one.error().field == member;
      if (!unknown) fitting.add(std::string(member), value);
    }
    auto body = read(word, std::string(fitting.text()));
    REQUIRE(body);
    CHECK(name(*body) == word);
  }
  for (const char* word : {"create_room", "join", "knock", "set_passcode", "add_join_code", "timer_fired", "provider_event",
                           "admin_end", "server_started", "device_online", "start_call", "", "KICK"})
    CHECK(refused(word, all) == "unknown_event word");
}

TEST_CASE("what is missing or wrong is named") {
  CHECK(refused("kick", "{}") == "missing_field user");
  CHECK(refused("kick", "[]") == "mistyped_field ");
  CHECK(refused("kick", R"({"user":5})") == "mistyped_field user");
  CHECK(refused("kick", R"({"user":"b","banSeconds":-1})") == "out_of_range banSeconds");
  CHECK(refused("kick", R"({"user":"b","banSeconds":3153600000})") == "done");
  CHECK(refused("kick", R"({"user":"b","banSeconds":3153600001})") == "out_of_range banSeconds");
  CHECK(refused("mute", R"({"track":"smell"})") == "invalid_argument track");
  CHECK(refused("mute", R"({"mode":"loud"})") == "invalid_argument mode");
  CHECK(refused("set_lobby", "{}") == "missing_field lobby");
  CHECK(refused("set_capacity", R"({"capacity":-1})") == "out_of_range capacity");
  CHECK(refused("set_recording", "{}") == "missing_field on");
  CHECK(refused("consent", R"({"given":"yes"})") == "mistyped_field given");
}

TEST_CASE("a room is read from what it has otherwise than its template") {
  const Json in =
      Json::parse(R"({"template":"webinar","title":"T","type":"invited_only","capacity":7,"lobby":"on","hostPolicy":"end",)"
                  R"("entryRole":"guest","consent":"ask","knock":false,"maxSeconds":3600,"media":"audio",)"
                  R"("members":[{"user":"bob","role":"cohost"},{"user":"carol"}]})")
          .value();
  const CreateRoom room = read_room(in.view()).value();
  CHECK(room.from == "webinar");
  CHECK(room.topic == "T");
  CHECK(room.media == Media::audio);
  CHECK(room.settings.type == RoomType::invited_only);
  CHECK(room.settings.capacity == 7U);
  CHECK(room.settings.lobby == LobbyRule::on);
  CHECK(room.settings.host_policy == HostPolicy::end);
  CHECK(room.settings.entry_role == RoleName("guest"));
  CHECK(room.settings.consent == RecordingConsent::ask);
  CHECK(room.settings.knock == false);
  CHECK(room.settings.max_duration == 3600s);
  REQUIRE(room.members.size() == 2);
  CHECK(room.members[0].role == RoleName("cohost"));
  CHECK(room.members[1].role.empty());
  CHECK(read_room(JsonView()).value().from == "meeting");
  const auto field = [](const std::string& text) {
    const Json json = Json::parse(text).value();
    const auto read = read_room(json.view());
    return read ? std::string() : read.error().field;
  };
  CHECK(field(R"({"type":"secret"})") == "type");
  CHECK(field(R"({"members":[{"user":"a"},{"role":"host"}]})") == "members.1.user");
  CHECK(field(R"({"maxSeconds":"long"})") == "maxSeconds");
}

TEST_CASE("a member that nobody knows is refused by its name") {
  const auto room = [](const std::string& text) {
    const Json json = Json::parse(text).value();
    const auto read = read_room(json.view());
    return read ? std::string() : std::string(name(read.error().code)) + " " + read.error().field;
  };
  CHECK(room(R"({"lobbby":"on"})") == "invalid_argument lobbby");
  CHECK(room(R"({"":1})") == "invalid_argument ");
  CHECK(room(R"({"template title":1})") == "invalid_argument template title");
  CHECK(room(R"({"passcode":"tulips"})").empty());  // of read_entry
  CHECK(room(R"({"members":[{"user":"a","rôle":"host"}]})") == "invalid_argument members.0.rôle");
  CHECK(room(R"({"schedule":{"startsAt":"2027-01-01T00:00:00Z","late":5}})") == "invalid_argument schedule.late");
  CHECK(room(R"({"roles":[{"name":"x","can":[]}]})") == "invalid_argument roles.0.can");
  CHECK(refused("kick", R"({"user":"b","banSecond":600})") == "invalid_argument banSecond");
  CHECK(refused("lock", R"({"on":true})") == "invalid_argument on");
  CHECK(refused("lock", R"({"expected":3})") == "invalid_argument expected");  // read_wish reads it
  CHECK(refused("admit", R"({"user":"b","x":null})") == "invalid_argument x");
  const std::string odd = "{\"" + std::string(200, 'y') + "\":1}";
  CHECK(refused("lock", odd) == "invalid_argument " + std::string(64, 'y'));
  const Json one = Json::parse(R"({"a":1})").value(), list = Json::parse("[1]").value();
  CHECK(check_members(one.view(), {"a", "b"}));
  CHECK(check_members(JsonView(), {"a"}));
  CHECK(check_members(list.view(), {"a"}).error().code == ErrorCode::mistyped_field);
}

TEST_CASE("a command may say which version the room must have") {
  const auto wish = [](std::string_view word, const std::string& text) {
    const Json json = Json::parse(text).value();
    return read_wish(word, json.view(), {"callId", "word"});
  };
  CHECK(wish("lock", R"({"expected":17,"callId":"c","word":"lock"})").value().expected == Version(17));
  CHECK_FALSE(wish("lock", "{}").value().expected);
  CHECK_FALSE(wish("lock", "null").value().expected);
  const Command kick = wish("kick", R"({"user":"bob","expected":0})").value();
  CHECK(kick.expected == Version(0));
  CHECK(std::get<Kick>(kick.body).user == UserId("bob"));
  const Command text = wish("set_metadata", R"({"text":"x","expected":4})").value();  // that of the text
  CHECK_FALSE(text.expected);
  CHECK(std::get<SetMetadata>(text.body).expected == 4U);
  CHECK(wish("lock", R"({"expected":"17"})").error().field == "expected");
  CHECK(wish("lock", R"({"expected":-1})").error().field == "expected");
  CHECK(wish("lock", R"({"expectd":1})").error().field == "expectd");
  CHECK(wish("nothing", "{}").error().code == ErrorCode::unknown_event);
}

TEST_CASE("a room has a schedule and roles of its own") {
  const auto read = [](const std::string& text) {
    const Json json = Json::parse(text).value();
    return read_room(json.view());
  };
  const auto plan = read(R"({"schedule":{"startsAt":"2027-01-01T09:30:00Z","earlySeconds":60,"noShowSeconds":120}})")
                        .value()
                        .settings.schedule.value();
  CHECK(iso8601(plan.starts_at) == "2027-01-01T09:30:00.000Z");
  CHECK(plan.early == 60s);
  CHECK(plan.late == 30min);
  CHECK(plan.no_show == 120s);
  CHECK_FALSE(read(R"({"schedule":null})").value().settings.schedule);
  const auto starts = [&](const std::string& at) {
    const auto room = read("{\"schedule\":{\"startsAt\":\"" + at + "\"}}");
    return room ? iso8601(room.value().settings.schedule->starts_at) : room.error().field;
  };
  CHECK(starts("2028-02-29T23:59:59.123Z") == "2028-02-29T23:59:59.123Z");
  for (const char* bad : {"2027-02-29T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z", "2027-01-01T00:00:60Z",
                          "tomorrow", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00", "2027-01-01T00:00:00+01:00",
                          "2027-01-01T00:00:00.1Z", "", "2027-13-01T00:00:00Z", "-027-01-01T00:00:00Z"})
    CHECK(starts(bad) == "schedule.startsAt");
  CHECK(read(R"({"schedule":{}})").error().field == "schedule.startsAt");
  CHECK(read(R"({"schedule":5})").error().code == ErrorCode::mistyped_field);
  CHECK(read(R"({"schedule":{"startsAt":"2027-01-01T00:00:00Z","lateSeconds":-1}})").error().field == "schedule.lateSeconds");
  const auto roles =
      read(R"({"roles":[{"name":"usher","rank":3,"may":["admit","kick"]},{"name":"mute"}]})").value().settings.roles;
  REQUIRE(roles.size() == 2);
  CHECK(roles[0] == CustomRole{"usher", 3, {Capability::admit, Capability::kick}});
  CHECK(roles[1].may.empty());
  CHECK(read(R"({"roles":[{"name":"x","may":["fly"]}]})").error().field == "roles.0.may");
  CHECK(read(R"({"roles":[{"rank":1}]})").error().field == "roles.0.name");
  CHECK(read(R"({"roles":"x"})").error().field == "roles");
}

TEST_CASE("an event is told without what only those in charge may know, and without a gap") {
  CallView room;
  room.id = CallId("r1");
  const Actor nobody;
  RoomUpdated banned, code, locked;
  banned.banned = Ban{UserId("mallory"), UserId("ann"), {}};
  code.code = JoinCode{JoinCodeId("secret-code"), {}, 1, {}};
  locked.locked = true;
  const auto said = [&](EventBody body) {
    const CallEvent event{room.id, Version(3), {}, std::move(body)};
    const Args args = room_event({event, room, nobody});
    return std::string(ArgsView(args).text());
  };
  for (const RoomUpdated& body : {banned, code}) {
    const std::string text = said(body);
    CHECK(text.find("\"version\":3") != std::string::npos);
    CHECK(text.find("mallory") == std::string::npos);
    CHECK(text.find("secret-code") == std::string::npos);
  }
  CHECK(said(locked).find("\"locked\":true") != std::string::npos);
}

TEST_CASE("metrics are collected once a second, and read from anywhere") {
  ServiceMetrics metrics;
  int asked = 0;
  metrics.add([&] { return "a " + std::to_string(++asked) + "\n"; });
  metrics.add([] { return std::string("b 1\n"); });
  CHECK(metrics.text().empty());
  const Now start = system_now();
  metrics.on_deadline(start);
  CHECK(metrics.text() == "a 1\nb 1\n");
  metrics.on_deadline({start.steady, start.wall + 999ms});
  CHECK(asked == 1);
  CHECK(metrics.deadline() == start.wall + 1s);
  metrics.on_deadline({start.steady, start.wall + 1s});
  CHECK(metrics.text() == "a 2\nb 1\n");
}
