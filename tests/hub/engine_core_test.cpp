// Requests and WebSockets of the Engine.IO path, as the official protocol suite asks for them.
#include "signaling/hub/engine_core.hpp"

#include "hub/fake_host.hpp"

using namespace hub_test;

namespace {

const std::string unknown_sid = R"({"code":1,"message":"Session ID unknown"})";
const std::string bad_request = R"({"code":3,"message":"Bad request"})";

int refused(World& world, std::string_view query) {
  const auto reply = world.core.on_upgrade({world.next_slot++, 1}, {HttpMethod::get, query, ""}, world.now());
  return reply ? reply->status : 0;
}

}  // namespace

TEST_CASE("the handshake over long-polling") {
  World world;
  const Answer answer = world.answer(world.http(HttpMethod::get, "EIO=4&transport=polling"));
  CHECK(answer.status == 200);
  CHECK(answer.type == "text/plain; charset=UTF-8");
  const std::string sid = World::sid_in(answer.body);
  CHECK(sid.size() == 20);
  CHECK(answer.body ==
        "0{\"sid\":\"" + sid +
            "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
  CHECK(world.poll() != sid);
  CHECK(world.core.counters().now_sessions == 2);
}

TEST_CASE("requests that open nothing") {
  World world;
  struct Case {
    HttpMethod method;
    const char* query;
    std::string body;
  };
  const Case cases[] = {
      {HttpMethod::get, "", R"({"code":0,"message":"Transport unknown"})"},
      {HttpMethod::get, "EIO=4", R"({"code":0,"message":"Transport unknown"})"},
      {HttpMethod::get, "EIO=4&transport=abc", R"({"code":0,"message":"Transport unknown"})"},
      {HttpMethod::get, "EIO=4&transport=webtransport", R"({"code":0,"message":"Transport unknown"})"},
      {HttpMethod::get, "EIO=abc&transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {HttpMethod::get, "EIO=3&transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {HttpMethod::get, "transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {HttpMethod::get, "EIO=4&transport=websocket", bad_request},
      {HttpMethod::post, "EIO=4&transport=polling", R"({"code":2,"message":"Bad handshake method"})"},
      {HttpMethod::other, "EIO=4&transport=polling", R"({"code":2,"message":"Bad handshake method"})"},
      {HttpMethod::get, "EIO=4&transport=polling&sid=nobody", unknown_sid},
      {HttpMethod::post, "EIO=4&transport=polling&sid=nobody", unknown_sid},
  };
  for (const Case& one : cases) {
    CAPTURE(one.query);
    const Answer answer = world.answer(world.http(one.method, one.query));
    CHECK(answer.status == 400);
    CHECK(answer.type == "application/json");
    CHECK(answer.body == one.body);
  }
  const Counters& counters = world.core.counters();
  CHECK(counters.now_sessions == 0);
  CHECK(counters.bad_request == 5);
  CHECK(counters.bad_handshake == 5);
  CHECK(counters.unknown_sid == 2);
}

TEST_CASE("a method that no session has harms nobody") {
  World world;
  const std::string sid = world.poll();
  CHECK(world.answer(world.http(HttpMethod::other, "EIO=4&transport=polling&sid=" + sid)).status == 400);
  CHECK(world.core.counters().now_sessions == 1);
}

TEST_CASE("upgrades that are refused") {
  World world;
  CHECK(refused(world, "EIO=4&transport=abc") == 400);
  CHECK(refused(world, "EIO=abc&transport=websocket") == 400);
  CHECK(refused(world, "EIO=3&transport=websocket") == 400);
  CHECK(refused(world, "EIO=4&transport=polling") == 400);
  CHECK(refused(world, "EIO=4&transport=websocket&sid=nobody") == 400);
  CHECK(refused(world, "EIO=4&transport=polling&sid=" + world.poll()) == 400);
  CHECK(world.core.counters().bad_handshake == 6);
}

TEST_CASE("a request of a session names the session's version") {
  HubSettings settings;
  settings.allow_eio3 = true;
  World world(settings);
  const std::string four = world.poll();
  const std::string opened = world.answer(world.http(HttpMethod::get, "EIO=3&transport=polling&b64=1")).body;
  const std::string three = World::sid_in(opened.substr(opened.find(':') + 1));
  for (const std::string wrong : {"EIO=abc&", "EIO=5&", "EIO=&", "EIO=44&", ""}) {
    for (const std::string& sid : {four, three}) {
      CAPTURE(wrong);
      const std::string rest = "&sid=" + sid;
      CHECK(refused(world, wrong + "transport=websocket" + rest) == 400);
      CHECK(world.answer(world.http(HttpMethod::get, wrong + "transport=polling" + rest)).body == bad_request);
      CHECK(world.answer(world.http(HttpMethod::post, wrong + "transport=polling" + rest, "40")).body == bad_request);
    }
  }
  CHECK(refused(world, "EIO=3&transport=websocket&sid=" + four) == 400);
  CHECK(refused(world, "EIO=4&transport=websocket&sid=" + three) == 400);
  // Both live on.
  CHECK(world.core.counters().now_sessions == 2);
  CHECK(world.answer(world.post(four, "40")).status == 200);
  CHECK(refused(world, "EIO=3&transport=websocket&sid=" + three) == 0);
  CHECK(refused(world, "EIO=4&transport=websocket&sid=" + four) == 0);
}

TEST_CASE("a transport that is switched off") {
  HubSettings settings;
  settings.websocket = false;
  World polling_only(settings);
  CHECK(refused(polling_only, "EIO=4&transport=websocket") == 400);
  const std::string body = polling_only.answer(polling_only.http(HttpMethod::get, "EIO=4&transport=polling")).body;
  CHECK(body.find("\"upgrades\":[]") != std::string::npos);
  settings.websocket = true;
  settings.polling = false;
  World websocket_only(settings);
  CHECK(websocket_only.answer(websocket_only.http(HttpMethod::get, "EIO=4&transport=polling")).status == 400);
  (void)websocket_only.websocket();
  CHECK(websocket_only.core.counters().now_sessions == 1);
}

TEST_CASE("a second poll, an aborted poll and a bad body end the session") {
  World world;
  const std::string first = world.poll();
  const Peer waiting = world.get(first);
  CHECK(!world.answered(waiting));
  CHECK(world.answer(world.get(first)).status == 400);
  CHECK(world.answer(waiting).body == "1");
  CHECK(world.answer(world.get(first)).body == unknown_sid);

  const std::string second = world.poll();
  const Peer aborted = world.get(second);
  world.core.on_request_gone(aborted, world.now());
  CHECK(!world.answered(aborted));
  CHECK(world.answer(world.get(second)).body == unknown_sid);

  const std::string third = world.poll();
  CHECK(world.answer(world.post(third, "abc")).status == 400);
  CHECK(world.answer(world.get(third)).body == unknown_sid);

  for (const bool breaks_off : {false, true}) {
    const std::string sid = world.poll();
    const Peer slow = world.begin_post(sid);
    if (breaks_off) {
      world.core.on_request_gone(slow, world.now());
    } else {
      CHECK(world.answer(world.post(sid, "4overtaking")).status == 400);
    }
    CHECK(world.answer(world.get(sid)).body == unknown_sid);
  }
  const Peer stranger = world.begin_post("nobody");
  world.core.on_request_gone(stranger, world.now());
  CHECK(!world.answered(stranger));

  const std::string fourth = world.poll();
  const Peer told = world.get(fourth);
  CHECK(world.answer(world.post(fourth, "1")).body == "ok");
  CHECK(world.answer(told).body == "6");
  CHECK(world.answer(world.get(fourth)).body == unknown_sid);

  const Counters& counters = world.core.counters();
  CHECK(counters.now_sessions == 0);
  CHECK(counters.now_polling == 0);
  CHECK(counters.closed_transport_error == 4);
  CHECK(counters.closed_parse_error == 1);
  CHECK(counters.closed_by_client == 1);
}

TEST_CASE("a posted body of bytes, or one that is too large") {
  HubSettings settings;
  settings.limits.payload_bytes = 10;
  World world(settings);
  const std::string sid = world.poll();
  CHECK(world.answer(world.post(sid, "40{      }")).status == 200);
  CHECK(world.answer(world.post(sid, "40{        }")).status == 413);
  CHECK(world.core.counters().now_sessions == 1);
  CHECK(world.core.counters().payload_too_large == 1);
  CHECK(
      world.answer(world.http(HttpMethod::post, "EIO=4&transport=polling&sid=" + sid, "4", "application/octet-stream")).status ==
      400);
  CHECK(world.core.counters().now_sessions == 0);
}

TEST_CASE("the upgrade: what was said in between arrives, in order and once") {
  World world;
  const std::string sid = world.poll();
  world.post(sid, "40");
  const Connection connection = world.last();
  CHECK(world.answer(world.get(sid)).body.starts_with("40{\"sid\":"));
  const Peer waiting = world.get(sid);
  const Peer socket = world.websocket("EIO=4&transport=websocket&sid=" + sid);
  world.say(socket, "2probe");
  CHECK(world.frames(socket) == Frames{"3probe"});
  CHECK(world.answer(waiting).body == "6");
  world.core.emit(connection, "a", {}, false, world.now());
  const Args bytes{BytesView("xyz")};
  world.core.emit(connection, "b", bytes, false, world.now());
  world.say(socket, "5");
  CHECK(world.frames(socket) == Frames{"42[\"a\"]", "451-[\"b\",{\"_placeholder\":true,\"num\":0}]", "b:xyz"});
  world.core.emit(connection, "c", {}, false, world.now());
  CHECK(world.frames(socket) == Frames{"42[\"c\"]"});
  world.say(socket, "42[\"d\"]");
  CHECK(world.host.heard.back().name == "d");
  CHECK(world.core.counters().upgrades == 1);
  CHECK(world.core.counters().now_polling == 0);

  // GETs and WebSockets with that sid are refused, and the session lives on.
  CHECK(world.answer(world.get(sid)).body == bad_request);
  CHECK(world.answer(world.post(sid, "4")).body == bad_request);
  const Peer second = world.websocket("EIO=4&transport=websocket&sid=" + sid);
  CHECK(world.socket(second).closed);
  world.say(second, "42[\"e\"]");
  CHECK(world.host.heard.back().name == "d");
  world.core.on_close(second, world.now());
  CHECK(world.core.alive(connection));
  world.core.on_close(socket, world.now());
  CHECK(world.host.log.back() == "disconnect transport close");
}

TEST_CASE("a probe that never finishes is closed, and the session polls on") {
  World world;
  const std::string sid = world.poll();
  world.post(sid, "40");
  const Peer probe = world.websocket("EIO=4&transport=websocket&sid=" + sid);
  const Peer second = world.websocket("EIO=4&transport=websocket&sid=" + sid);
  CHECK(world.socket(second).closed);
  world.advance(std::chrono::milliseconds(9'999));
  CHECK(!world.socket(probe).closed);
  world.advance(std::chrono::milliseconds(1));
  CHECK(world.socket(probe).closed);
  CHECK(world.core.counters().now_polling == 1);
  CHECK(world.answer(world.get(sid)).status == 200);
}

TEST_CASE("an upgrade that fails before it opens leaves nothing") {
  World world;
  const Peer peer{50, 1};
  CHECK(!world.core.on_upgrade(peer, {HttpMethod::get, "EIO=4&transport=websocket", ""}, world.now()));
  world.core.on_close(peer, world.now());
  CHECK(world.core.counters().now_sessions == 0);
  world.core.on_open({77, 3}, world.now());
  CHECK(world.host.sockets[77].closed);
}

TEST_CASE("heartbeat in virtual time") {
  HubSettings settings;
  settings.ping_interval = std::chrono::milliseconds(300);
  settings.ping_timeout = std::chrono::milliseconds(200);
  World world(settings);
  const Peer good = world.member();
  const Peer silent = world.member();
  for (int i = 0; i < 5; ++i) {
    world.advance(std::chrono::milliseconds(300));
    CHECK(world.frames(good) == Frames{"2"});
    world.say(good, "3");
    if (i == 0) CHECK(world.frames(silent) == Frames{"2"});
  }
  CHECK(world.socket(silent).closed);
  CHECK(!world.socket(good).closed);
  CHECK(world.host.log.back() == "disconnect ping timeout");
  CHECK(world.core.counters().closed_ping_timeout == 1);
  CHECK(world.core.counters().now_sessions == 1);
}

TEST_CASE("a packet while the pong is due gives the peer its time once more, and only once") {
  HubSettings settings;
  settings.ping_interval = std::chrono::milliseconds(300);
  settings.ping_timeout = std::chrono::milliseconds(200);
  World world(settings);
  const Peer busy = world.member();
  for (int ping = 0; ping < 2; ++ping) {
    world.advance(std::chrono::milliseconds(300));
    CHECK(world.frames(busy) == Frames{"2"});
    world.advance(std::chrono::milliseconds(150));
    world.say(busy, "42[\"upload\"]");
    world.advance(std::chrono::milliseconds(190));
    if (ping == 0) world.say(busy, "3");
  }
  CHECK(!world.socket(busy).closed);
  world.say(busy, "42[\"upload\"]");
  world.advance(std::chrono::milliseconds(20));
  CHECK(world.socket(busy).closed);
  CHECK(world.core.counters().closed_ping_timeout == 1);
}

TEST_CASE("the ping of a polling session comes with the poll") {
  World world;
  const std::string sid = world.poll();
  world.post(sid, "40");
  (void)world.get(sid);
  const Peer waiting = world.get(sid);
  world.advance(std::chrono::milliseconds(25'000));
  CHECK(world.answer(waiting).body == "2");
  world.post(sid, "3");
  const Peer again = world.get(sid);
  world.advance(std::chrono::milliseconds(25'000));
  CHECK(world.answer(again).body == "2");
  world.advance(std::chrono::milliseconds(20'000));
  CHECK(world.answer(world.get(sid)).body == unknown_sid);
}

TEST_CASE("no new sessions after stop_accepting, and every session ends with close_sessions") {
  World world;
  const Peer socket = world.member();
  const std::string sid = world.poll();
  world.post(sid, "40");
  (void)world.get(sid);
  const Peer waiting = world.get(sid);
  world.core.stop_accepting();
  CHECK(world.answer(world.http(HttpMethod::get, "EIO=4&transport=polling")).status == 503);
  CHECK(refused(world, "EIO=4&transport=websocket") == 503);
  world.say(socket, "42[\"still\"]");
  CHECK(world.host.heard.back().name == "still");
  CHECK(world.core.close_sessions(1, world.now()) == 1);
  CHECK(world.core.close_sessions(10, world.now()) == 0);
  CHECK(world.socket(socket).closed);
  CHECK(world.frames(socket).empty());  // no DISCONNECT: the client comes back by itself
  CHECK(world.answer(waiting).body == "1");
  CHECK(world.host.log.back() == "disconnect server shutting down");
  CHECK(world.core.counters().closed_shutting_down == 2);
}

TEST_CASE("a full house answers 503") {
  HubSettings settings;
  settings.limits.sessions = 2;
  World world(settings);
  const Peer first = world.websocket();
  (void)world.poll();
  CHECK(world.answer(world.http(HttpMethod::get, "EIO=4&transport=polling")).status == 503);
  CHECK(refused(world, "EIO=4&transport=websocket") == 503);
  world.core.on_close(first, world.now());
  (void)world.poll();
  CHECK(world.core.counters().refused_full == 1);
}

TEST_CASE("bare Engine.IO messages") {
  struct Echo : EngineEvents {
    EngineCore* core = nullptr;
    ManualClock* clock = nullptr;
    std::vector<SessionEnd> ends;
    void on_session(SessionId) override {}
    void on_message(SessionId id, std::string_view payload, bool binary) override {
      core->send_message(id, std::string(payload), binary, clock->now());
    }
    void on_session_end(SessionId, SessionEnd why) override { ends.push_back(why); }
  };
  ManualClock clock;
  ScriptedBytes bytes;
  FakeHost host;
  Echo echo;
  EngineCore core({}, host, echo, bytes);
  echo.core = &core;
  echo.clock = &clock;
  const Peer socket{1, 1};
  CHECK(!core.on_upgrade(socket, {HttpMethod::get, "EIO=4&transport=websocket", ""}, clock.now()));
  core.on_open(socket, clock.now());
  host.sockets[1].frames.clear();
  core.on_message(socket, "4hello", false, clock.now());
  core.on_message(socket, "\x01\x02", true, clock.now());
  CHECK(host.sockets[1].frames == Frames{"4hello", "b:\x01\x02"});
  const Peer shake{2, 1}, post{3, 1}, get{4, 1};
  core.on_http(shake, {HttpMethod::get, "EIO=4&transport=polling", ""}, "", clock.now());
  const std::string query = "EIO=4&transport=polling&sid=" + World::sid_in(host.answers[2][0].body);
  core.on_http(post, {HttpMethod::post, query, ""},
               "4a\x1e"
               "bAQIDBA==",
               clock.now());
  core.on_http(get, {HttpMethod::get, query, ""}, "", clock.now());
  CHECK(host.answers[4][0].body ==
        "4a\x1e"
        "bAQIDBA==");
  core.on_message(socket, "1", false, clock.now());
  CHECK(echo.ends == std::vector{SessionEnd::client_close});
}

TEST_CASE("stale peers and a frame after the end are nothing") {
  World world;
  const Peer peer = world.member();
  world.core.on_message({peer.slot, 99}, "42[\"x\"]", false, world.now());
  world.core.on_message({4711, 1}, "42[\"x\"]", false, world.now());
  world.core.on_close({peer.slot, 99}, world.now());
  world.core.on_request_gone(peer, world.now());
  CHECK(world.host.heard.empty());
  world.core.on_close(peer, world.now());
  world.core.on_close(peer, world.now());
  world.say(peer, "42[\"x\"]");
  CHECK(world.host.heard.empty());
  CHECK(world.core.counters().closed_transport_close == 1);
}

TEST_CASE("ten thousand sessions: each has its heartbeat, and all can go") {
  World world;
  std::vector<Peer> peers;
  for (int i = 0; i < 10'000; ++i) peers.push_back(world.member());
  CHECK(world.core.counters().now_connections == 10'000);
  world.advance(std::chrono::milliseconds(25'000));
  for (const Peer& peer : peers) {
    REQUIRE(world.frames(peer) == Frames{"2"});
    world.say(peer, "3");
  }
  world.advance(std::chrono::milliseconds(24'999));
  CHECK(world.core.counters().now_sessions == 10'000);
  for (const Peer& peer : peers) world.core.on_close(peer, world.now());
  CHECK(world.core.counters().now_sessions == 0);
  CHECK(world.core.counters().now_connections == 0);
  CHECK(!world.core.deadline());
}

TEST_CASE("a loop that is a little late does not let a silent peer live longer; one that was held up takes no time from it") {
  HubSettings settings;
  settings.ping_interval = std::chrono::milliseconds(300);
  settings.ping_timeout = std::chrono::milliseconds(200);
  for (const int late : {0, 20, 49}) {
    CAPTURE(late);
    World world(settings);
    const std::string sid = world.poll();
    world.clock.advance(std::chrono::milliseconds(300 + late));
    world.core.on_deadline(world.now());
    world.clock.advance(std::chrono::milliseconds(200 - late));  // no timer runs: the request itself is late
    CHECK(world.answer(world.get(sid)).status == 400);
    CHECK(world.core.counters().closed_ping_timeout == 1);
  }
  World world(settings);
  const std::string sid = world.poll();
  world.clock.advance(std::chrono::milliseconds(300 + 5000));
  world.core.on_deadline(world.now());
  world.advance(std::chrono::milliseconds(199));
  CHECK(world.answer(world.get(sid)).body == "2");
}
