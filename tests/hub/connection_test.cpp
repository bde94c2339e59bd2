// Namespaces, connections, events and their order.
#include "hub/fake_host.hpp"

using namespace hub_test;
using namespace std::chrono_literals;

TEST_CASE("CONNECT to the default and to another namespace") {
  World world;
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  world.say(peer, "40");
  const Connection main = world.last();
  const std::string sid(world.core.id(main).view());
  CHECK(sid.size() == 20);
  CHECK(world.frames(peer) == Frames{"40{\"sid\":\"" + sid + "\"}"});
  CHECK(world.host.auths.back() == "{}");
  world.say(peer, R"(40/custom,{"token":"x"})");
  const Connection custom = world.last();
  CHECK(world.host.auths.back() == R"({"token":"x"})");
  CHECK(world.frames(peer) == Frames{"40/custom,{\"sid\":\"" + std::string(world.core.id(custom).view()) + "\"}"});
  CHECK(world.core.ns(custom) == 1);
  CHECK(world.core.find(0, sid) == main);
  CHECK(world.core.find(1, sid) == Connection{});
  CHECK(world.core.handshake(main) == world.core.handshake(custom));
}

TEST_CASE("an unknown namespace is refused to the byte, and the session goes on") {
  World world;
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  world.say(peer, "40/random");
  CHECK(world.frames(peer) == Frames{R"(44/random,{"message":"Invalid namespace"})"});
  world.say(peer, "40/random,{\"a\":1}");
  CHECK(world.frames(peer) == Frames{R"(44/random,{"message":"Invalid namespace"})"});
  world.say(peer, "40");
  CHECK(world.host.connections.size() == 1);
  CHECK(world.core.counters().unknown_namespace == 2);
}

TEST_CASE("a refused CONNECT says why; the peer may try again") {
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  world.say(peer, "40{\"token\":\"bad\"}");
  world.core.refuse(world.host.waiting.back(), "not authorised", R"({"code":"expired"})", world.now());
  CHECK(world.frames(peer) == Frames{R"(44{"message":"not authorised","data":{"code":"expired"}})"});
  CHECK(world.core.counters().connections_refused == 1);
  world.core.accept(world.host.waiting.back(), {}, world.now());
  CHECK(world.host.connections.empty());
  world.say(peer, "40");
  world.core.accept(world.host.waiting.back(), {}, world.now());
  CHECK(world.host.connections.size() == 1);
  CHECK(world.core.alive(world.last()));
}

TEST_CASE("authentication may answer later, or never be needed any more") {
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  world.say(peer, "40");
  const Connection waiting = world.host.waiting.back();
  CHECK(!world.core.alive(waiting));
  CHECK(!world.core.id(waiting).empty());
  CHECK(world.frames(peer).empty());
  world.core.on_close(peer, world.now());
  CHECK(world.host.log == std::vector<std::string>{"authenticate_gone"});
  world.core.accept(waiting, {}, world.now());
  world.core.refuse(waiting, "late", "", world.now());
  CHECK(world.host.connections.empty());
  CHECK(world.core.counters().now_connections == 0);
}

TEST_CASE("no accepted CONNECT in time closes the session") {
  for (int how = 0; how < 4; ++how) {
    CAPTURE(how);
    HubSettings settings;
    settings.connect_timeout = 1s;
    World world(settings);
    world.host.accept_at_once = false;
    const Peer peer = world.websocket();
    if (how == 1) world.say(peer, "40");         // waits for the host
    if (how == 2) world.say(peer, "40/random");  // refused
    if (how == 3) {                              // left again
      world.say(peer, "40");
      world.core.accept(world.host.waiting.back(), {}, world.now());
      world.advance(5s);
      world.say(peer, "41");
    }
    world.advance(999ms);
    CHECK(!world.socket(peer).closed);
    world.advance(1ms);
    CHECK(world.socket(peer).closed);
    CHECK(world.core.counters().closed_connect_timeout == 1);
  }
}

TEST_CASE("an accepted connection is not disturbed by the connect timer") {
  HubSettings settings;
  settings.connect_timeout = 1s;
  World world(settings);
  const Peer peer = world.member();
  world.say(peer, "40/custom");
  world.say(peer, "41/custom,");
  world.advance(10s);
  CHECK(!world.socket(peer).closed);
}

TEST_CASE("a second CONNECT is let be until the connection has spoken") {
  World world;
  const Peer peer = world.member();
  world.say(peer, "40");
  CHECK(!world.socket(peer).closed);
  CHECK(world.core.counters().connections_accepted == 1);
  world.say(peer, R"(42["x"])");
  world.say(peer, "40");
  CHECK(world.socket(peer).closed);
  CHECK(world.core.counters().bad_order == 1);
}

TEST_CASE("what closes the whole session") {
  for (const char* frame : {"4abc",
                            "42{}",
                            "42abc[\"x\"]",
                            "4",
                            "4x",
                            "47",
                            "42",
                            "42[]",
                            "42[{}]",
                            "42[\"disconnect\"]",
                            "42/custom,[\"x\"]",
                            "42/random,[\"x\"]",
                            "41/custom,",
                            "44{}",
                            "40[]",
                            "451-[\"x\"]42[\"y\"]",
                            "4511-[\"x\"]",
                            "43[1]",
                            "431{}",
                            "42[\"x\",\"\xff\"]",
                            "42[\"x\"",
                            "b",
                            "bAQID",
                            "2",
                            "2probe",
                            "abc",
                            "",
                            "x4"}) {
    CAPTURE(frame);
    World world;
    const Peer peer = world.member();
    const Peer other = world.member();
    world.say(peer, frame);
    CHECK(world.socket(peer).closed);
    CHECK(world.host.log.back().starts_with("disconnect "));
    CHECK(world.host.heard.empty());
    CHECK(!world.socket(other).closed);
    const Counters& c = world.core.counters();
    CHECK(c.now_connections == 1);
    CHECK(c.closed_parse_error + c.closed_transport_error == 1);
  }
}

TEST_CASE("binary at the wrong moment closes the session") {
  World alone;
  const Peer peer = alone.member();
  alone.say_binary(peer, "x");
  CHECK(alone.socket(peer).closed);
  CHECK(alone.core.counters().bad_binary == 1);
  World between;
  const Peer second = between.member();
  between.say(second, R"(451-["x",{"_placeholder":true,"num":0}])");
  between.say(second, R"(42["y"])");
  CHECK(between.socket(second).closed);
  CHECK(between.core.counters().bad_order == 1);
  World missing;
  const Peer third = missing.member();
  missing.say(third, R"(451-["x",{"_placeholder":true,"num":7}])");
  CHECK(!missing.socket(third).closed);
  missing.say_binary(third, "part");
  CHECK(missing.socket(third).closed);
  CHECK(missing.host.heard.empty());
}

TEST_CASE("events, their arguments and their answers") {
  World world;
  const Peer peer = world.member();
  world.say(peer, R"(42["plain"])");
  world.say(peer, R"(427["ask",{"a":[1,2]},"x"])");
  REQUIRE(world.host.heard.size() == 2);
  CHECK(world.host.heard[0].name == "plain");
  CHECK(world.host.heard[0].args == "");
  CHECK(!world.host.heard[0].ack);
  CHECK(world.host.heard[1].args == R"({"a":[1,2]},"x")");
  CHECK(world.host.heard[1].ack == 7);
  const Args answer{"ok", 1};
  world.core.acknowledge(world.last(), 7, answer, world.now());
  CHECK(world.frames(peer) == Frames{R"(437["ok",1])"});
  const Args binary{BytesView("data")};
  world.core.acknowledge(world.last(), 8, binary, world.now());
  CHECK(world.frames(peer) == Frames{R"(461-8[{"_placeholder":true,"num":0}])", "b:data"});
}

TEST_CASE("attachments arrive with their event") {
  World world;
  const Peer peer = world.member();
  world.say(peer, R"(452-3["up",{"_placeholder":true,"num":1},{"k":{"_placeholder":true,"num":0}}])");
  world.say_binary(peer, "first");
  CHECK(world.host.heard.empty());
  world.say_binary(peer, "second");
  REQUIRE(world.host.heard.size() == 1);
  CHECK(world.host.heard[0].attachments == std::vector<std::string>{"first", "second"});
  CHECK(world.host.heard[0].ack == 3);
  world.say(peer, R"(42["next"])");
  CHECK(world.host.heard.back().name == "next");
  // The same over long-polling, where bytes are base64.
  const std::string sid = world.poll();
  world.post(sid, "40");
  world.post(sid,
             "451-[\"up\",{\"_placeholder\":true,\"num\":0}]\x1e"
             "bAQIDBA==");
  CHECK(world.host.heard.back().attachments == std::vector<std::string>{"\x01\x02\x03\x04"});
}

TEST_CASE("DISCONNECT leaves one namespace, from either side") {
  World world;
  const Peer peer = world.member();
  const Connection main = world.last();
  world.say(peer, "40/custom");
  const Connection custom = world.last();
  (void)world.frames(peer);
  world.say(peer, "41");
  CHECK(world.host.log.back() == "disconnect client namespace disconnect");
  CHECK(!world.core.alive(main));
  CHECK(world.core.alive(custom));
  world.core.disconnect(custom, HubCore::Scope::connection, world.now());
  CHECK(world.host.log.back() == "disconnect server namespace disconnect");
  CHECK(world.frames(peer) == Frames{"41/custom,"});
  CHECK(!world.socket(peer).closed);
  // What the peer said before it heard of that is no offence; what it says to a namespace that it left itself is.
  world.say(peer, "42/custom,[\"late\"]");
  world.say(peer, "41/custom,");
  CHECK(!world.socket(peer).closed);
  CHECK(world.host.heard.empty());
  world.say(peer, "40");
  CHECK(world.core.alive(world.last()));
  world.say(peer, "41");
  world.say(peer, "42[\"x\"]");
  CHECK(world.socket(peer).closed);
}

TEST_CASE("the whole session can be ended, with a goodbye or as a lost link") {
  World world;
  const Peer first = world.member();
  world.say(first, "40/custom");
  (void)world.frames(first);
  world.core.disconnect(world.last(), HubCore::Scope::whole_session, world.now());
  CHECK(world.frames(first) == Frames{"41/custom,", "41"});
  CHECK(world.socket(first).closed);
  CHECK(world.host.log.back() == "disconnect forced server close");
  const Peer second = world.member();
  world.core.kick(world.last(), "too loud", world.now());
  CHECK(world.frames(second).empty());
  CHECK(world.socket(second).closed);
  CHECK(world.host.log.back() == "disconnect too loud");
  CHECK(world.core.counters().closed_by_server == 2);
  CHECK(world.core.counters().now_connections == 0);
}

TEST_CASE("a disconnect from inside a handler is told after it") {
  World world;
  const Peer peer = world.member();
  world.host.handler = [&](Connection c, const EventIn& event) {
    if (event.name == "leave") {
      world.core.disconnect(c, HubCore::Scope::connection, world.now());
      world.core.emit(c, "never", {}, false, world.now());
      world.core.acknowledge(c, 1, {}, world.now());
      CHECK(world.host.log.back() == "connect");
    }
    return Taken::yes;
  };
  world.say(peer, "421[\"leave\"]");
  CHECK(world.host.log == std::vector<std::string>{"connect", "event leave", "disconnect server namespace disconnect"});
  CHECK(world.frames(peer) == Frames{"41"});
}

TEST_CASE("a handler may say things while another connection ends") {
  World world;
  const Peer leaving = world.member();
  const Peer staying = world.member();
  world.host.on_gone = [&](Connection) {
    world.emit({}, "user-left");
    return Taken::yes;
  };
  world.core.on_close(leaving, world.now());
  CHECK(world.frames(staying) == Frames{"42[\"user-left\"]"});
  CHECK(world.frames(leaving).empty());
}

TEST_CASE("held events keep their order, and the disconnect comes last") {
  World world;
  const Peer peer = world.member();
  const Connection connection = world.last();
  bool busy = true;
  world.host.handler = [&](Connection, const EventIn&) { return busy ? Taken::hold : Taken::yes; };
  world.host.on_gone = [&](Connection) { return busy ? Taken::hold : Taken::yes; };
  world.say(peer, R"(425["a",1])");
  world.say(peer, R"(451-["b",{"_placeholder":true,"num":0}])");
  world.say_binary(peer, "part");
  world.core.resume(connection, world.now());
  CHECK(world.host.heard.empty());
  world.say(peer, R"(42["c"])");
  world.core.on_close(peer, world.now());
  CHECK(!world.core.alive(connection));
  busy = false;
  world.core.resume(connection, world.now());
  CHECK(world.host.log == std::vector<std::string>{"connect", "event a", "event b", "event c", "disconnect transport close"});
  CHECK(world.host.heard[0].ack == 5);
  CHECK(world.host.heard[1].attachments == std::vector<std::string>{"part"});
  world.core.resume(connection, world.now());
  CHECK(world.host.log.size() == 5);
  CHECK(world.core.id(connection).empty());
}

TEST_CASE("a disconnect can be held although no event was") {
  World world;
  const Peer peer = world.member();
  const Connection connection = world.last();
  bool busy = true;
  world.host.on_gone = [&](Connection) { return busy ? Taken::hold : Taken::yes; };
  world.core.on_close(peer, world.now());
  CHECK(world.host.log.back() == "connect");
  CHECK(!world.core.id(connection).empty());
  world.core.resume(connection, world.now());
  CHECK(world.host.log.back() == "connect");
  busy = false;
  world.core.resume(connection, world.now());
  CHECK(world.host.log.back() == "disconnect transport close");
}

TEST_CASE("resume stops at the next event that has to wait, also from inside a handler") {
  World world;
  const Peer peer = world.member();
  const Connection connection = world.last();
  std::string blocked = "a";
  world.host.handler = [&](Connection c, const EventIn& event) {
    if (event.name == "a") world.core.resume(c, world.now());
    return event.name == blocked ? Taken::hold : Taken::yes;
  };
  world.say(peer, R"(42["a"])");
  world.say(peer, R"(42["b"])");
  world.say(peer, R"(42["c"])");
  blocked = "c";
  world.core.resume(connection, world.now());
  CHECK(world.host.heard.size() == 2);
  blocked.clear();
  world.core.resume(connection, world.now());
  CHECK(world.host.heard.back().name == "c");
  world.say(peer, R"(42["d"])");
  CHECK(world.host.heard.back().name == "d");
  CHECK(world.core.counters().held == 3);
}

TEST_CASE("an identity that expires: a warning, a minute, the end") {
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  world.say(peer, "40");
  const Connection connection = world.host.waiting.back();
  Accepted accepted;
  accepted.user = UserId("ann");
  accepted.expires = world.now().wall + 10s;
  world.core.accept(connection, std::move(accepted), world.now());
  (void)world.frames(peer);
  world.advance(9'999ms);
  CHECK(world.frames(peer).empty());
  world.advance(1ms);
  CHECK(world.frames(peer) == Frames{"42[\"auth_expiring\"]"});
  world.advance(10s);
  CHECK(world.core.alive(connection));
  SUBCASE("unless it is extended") {
    world.core.extend(connection, world.now().wall + 100s, world.now());
    world.say(peer, "3");
    for (int i = 0; i < 9; ++i) world.advance(10s), world.say(peer, "3");
    (void)world.frames(peer);
    world.advance(10s);
    CHECK(world.frames(peer) == Frames{"42[\"auth_expiring\"]"});
    CHECK(world.core.alive(connection));
  }
  SUBCASE("and then it is over") {
    for (int i = 0; i < 5; ++i) world.say(peer, "3"), world.advance(i < 4 ? 10s : 9'999ms);
    CHECK(world.core.alive(connection));
    world.advance(1ms);
    CHECK(world.host.log.back() == "disconnect auth expired");
    CHECK(world.frames(peer).back() == "41");
    CHECK(world.core.counters().connections_expired == 1);
  }
}

TEST_CASE("an identity that is expired already, or never") {
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  world.say(peer, "40");
  Accepted past;
  past.expires = world.now().wall - 1s;
  world.core.accept(world.host.waiting.back(), std::move(past), world.now());
  (void)world.frames(peer);
  world.advance(0ms);
  CHECK(world.frames(peer) == Frames{"42[\"auth_expiring\"]"});
  world.say(peer, "40/custom");
  Accepted never;
  never.expires = UnixTime::max();
  world.core.accept(world.host.waiting.back(), std::move(never), world.now());
  world.core.extend(world.host.waiting.back(), std::nullopt, world.now());
  CHECK(world.core.alive(world.host.waiting.back()));
}

TEST_CASE("identity and data live as long as the connection") {
  struct Data final : ConnectionData {
    explicit Data(int& destroyed) : destroyed_(destroyed) {}
    ~Data() override { ++destroyed_; }
    int& destroyed_;
  };
  int destroyed = 0;
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  world.say(peer, "40");
  const Connection connection = world.host.waiting.back();
  Accepted accepted;
  accepted.user = UserId("ann");
  accepted.data = std::make_unique<Data>(destroyed);
  world.core.accept(connection, std::move(accepted), world.now());
  CHECK(world.core.user(connection) == UserId("ann"));
  CHECK(world.core.data(connection) != nullptr);
  world.host.on_gone = [&](Connection c) {
    CHECK(world.core.user(c) == UserId("ann"));
    CHECK(world.core.data(c) != nullptr);
    CHECK(world.core.groups_of(c) == 0);
    return Taken::yes;
  };
  world.core.on_close(peer, world.now());
  CHECK(destroyed == 1);
  CHECK(world.core.data(connection) == nullptr);
  CHECK(world.core.user(connection).empty());
  CHECK(world.core.handshake(connection) == nullptr);
}

TEST_CASE("a turn of several calls makes one polling body") {
  World world;
  const std::string sid = world.poll();
  world.post(sid, "40");
  (void)world.get(sid);
  const Peer waiting = world.get(sid);
  world.core.open_turn(world.now());
  world.emit({}, "a");
  world.emit({}, "b");
  CHECK(!world.answered(waiting));
  world.core.close_turn();
  CHECK(world.answer(waiting).body ==
        "42[\"a\"]\x1e"
        "42[\"b\"]");
}
