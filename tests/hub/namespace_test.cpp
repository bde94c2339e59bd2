// Namespaces that a pattern lets come and go, and clients of Socket.IO 2.
#include "hub/fake_host.hpp"
#include "signaling/hub/legacy.hpp"

using namespace hub_test;
using namespace std::chrono_literals;

TEST_CASE("a namespace is there as soon as somebody asks for it, and as long as somebody is in it") {
  World world;
  const Peer one = world.websocket(), two = world.websocket();
  world.say(one, "40/room-1,");
  const Connection first = world.last();
  world.say(two, "40/room-1,");
  world.say(two, "40/room-2,");
  (void)world.frames(one), (void)world.frames(two);
  const NamespaceIndex ns = world.core.ns(first);
  CHECK(world.core.name_of(ns) == "/room-1");
  CHECK(world.core.pattern_of(ns) == 7);
  CHECK(!world.core.pattern_of(0));
  CHECK(world.core.find_namespace("/room-1") == ns);
  CHECK(!world.core.find_namespace("/room-3"));
  CHECK(world.core.counters().now_namespaces == 4);
  world.emit({.ns = ns}, "hi");
  CHECK(world.frames(one) == Frames{R"(42/room-1,["hi"])"});
  CHECK(world.frames(two) == Frames{R"(42/room-1,["hi"])"});
  world.say(one, R"(42/room-1,["x"])");
  CHECK(world.host.heard.back().name == "x");
  world.say(one, "41/room-1,");
  CHECK(world.core.find_namespace("/room-1"));
  world.core.on_close(two, world.now());
  CHECK(!world.core.find_namespace("/room-1"));
  CHECK(world.core.counters().now_namespaces == 2);
  world.say(one, "40/room-9,");  // its place is used again
  CHECK(world.core.name_of(world.core.ns(world.last())) == "/room-9");
}

TEST_CASE("what is said to a namespace that is gone with its last connection, by who was put out, is no offence") {
  World world;
  const Peer peer = world.websocket(), stranger = world.websocket();
  for (const Peer each : {peer, stranger}) world.say(each, "40");
  world.say(peer, "40/room-7,");
  world.core.disconnect(world.last(), HubCore::Scope::connection, world.now());
  CHECK(!world.core.find_namespace("/room-7"));
  world.say(peer, R"(42/room-7,["late"])");
  world.say(peer, "41/room-7,");
  CHECK(!world.socket(peer).closed);
  CHECK(world.host.heard.empty());
  world.say(stranger, R"(42/room-7,["x"])");
  CHECK(world.socket(stranger).closed);
  world.say(peer, R"(42/nowhere,["x"])");
  CHECK(world.socket(peer).closed);
}

TEST_CASE("one that is refused leaves no namespace behind") {
  World world;
  world.host.accept_at_once = false;
  const Peer peer = world.websocket();
  world.say(peer, "40/room-1,");
  CHECK(world.core.find_namespace("/room-1"));
  world.core.refuse(world.host.waiting.back(), "no", "", world.now());
  CHECK(!world.core.find_namespace("/room-1"));
}

TEST_CASE("a namespace stays for those who may come back to it") {
  HubSettings settings;
  settings.recovery.keep = 10s;
  World world(settings);
  const Peer peer = world.websocket();
  world.say(peer, "40/room-1,");
  world.core.on_close(peer, world.now());
  CHECK(world.core.find_namespace("/room-1"));
  world.advance(11s);
  CHECK(!world.core.find_namespace("/room-1"));
}

TEST_CASE("namespaces are bounded, in number and name") {
  HubSettings settings;
  settings.limits.namespaces = 3;
  settings.limits.namespaces_per_session = 1000;
  World world(settings);
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  for (int i = 0; i < 3; ++i) world.say(peer, "40/room-" + std::to_string(i) + ",");
  CHECK(world.host.connections.size() == 3);
  (void)world.frames(peer);
  world.say(peer, "40/room-3,");
  CHECK(world.frames(peer) == Frames{R"(44/room-3,{"message":"Invalid namespace"})"});
  CHECK(world.core.counters().limit_dynamic == 1);
  world.say(peer, "41/room-1,");
  world.say(peer, "40/room-3,");
  CHECK(world.host.connections.size() == 4);
  world.say(peer, "40/room-" + std::string(300, 'x') + ",");
  CHECK(world.host.connections.size() == 4);
}

// Socket.IO 2.

namespace {

HubSettings old_clients() {
  HubSettings settings;
  settings.allow_eio3 = true;
  return settings;
}

Peer old_websocket(World& world) {
  const Peer peer = world.websocket("EIO=3&transport=websocket");
  world.advance(25ms);  // the handshake does not come with the upgrade's answer
  return peer;
}

}  // namespace

TEST_CASE("a client of Socket.IO 2 is in the main namespace at once, under the id of its session") {
  World world(old_clients());
  const Peer peer = old_websocket(world);
  const Frames frames = world.frames(peer);
  REQUIRE(frames.size() == 2);
  CHECK(frames[1] == "40");
  CHECK(world.core.id(world.last()).view() == World::sid_in(frames[0]));
  world.say(peer, "40/custom?token=a%20b&n=1&n=2&=x&%zz&plain,");
  CHECK(world.host.auths.back() == R"({"token":"a b","n":"2","%zz":"","plain":""})");
  CHECK(world.core.id(world.last()).str() == "/custom#" + World::sid_in(frames[0]));
  CHECK(world.core.find(1, "/custom#" + World::sid_in(frames[0])) == world.last());
  CHECK(world.frames(peer) == Frames{"40/custom,"});
  world.say(peer, R"(42/custom,1["x"])");
  CHECK(world.host.heard.back().name == "x");
  world.core.on_close(peer, world.now());
  CHECK(world.core.counters().now_connections == 0);
}

TEST_CASE("refusals have the form of Socket.IO 2") {
  World world(old_clients());
  world.host.accept_at_once = false;
  const Peer peer = old_websocket(world);
  (void)world.frames(peer);
  world.core.refuse(world.host.waiting.back(), "not you", "", world.now());
  CHECK(world.frames(peer) == Frames{R"(44"not you")"});
  world.say(peer, "40/custom,");
  world.core.refuse(world.host.waiting.back(), "not you", R"({"a":1})", world.now());
  CHECK(world.frames(peer) == Frames{R"(44/custom,{"a":1})"});
}

TEST_CASE("what goes to old and new clients at once has each one's form") {
  World world(old_clients());
  const Peer young = world.member(), old = old_websocket(world);
  const std::string polling = world.answer(world.http(HttpMethod::get, "EIO=3&transport=polling&b64=1")).body;
  const std::string sid = World::sid_in(polling.substr(polling.find(':') + 1));
  (void)world.frames(old);
  const std::string bytes = "\x01\x02";
  world.emit({}, "b", Args{BytesView(bytes)});
  CHECK(world.frames(young).back() == "b:" + bytes);
  CHECK(world.frames(old).back() == "b:\x04" + bytes);
  const Peer poll = world.http(HttpMethod::get, "EIO=3&transport=polling&sid=" + sid);
  CHECK(world.answer(poll).body.ends_with("6:b4AQI="));
}

TEST_CASE("an old client that is silent for interval and timeout is gone, whatever it polls") {
  World world(old_clients());
  const Peer peer = old_websocket(world);
  world.advance(44'000ms);
  world.say(peer, "2");
  CHECK(world.frames(peer).back() == "3");
  world.advance(44'999ms);
  CHECK(!world.socket(peer).closed);
  world.advance(1ms);
  CHECK(world.socket(peer).closed);
  CHECK(world.core.counters().closed_ping_timeout == 1);
}

TEST_CASE("an old client that goes before its handshake leaves nothing") {
  World world(old_clients());
  const Peer peer = world.websocket("EIO=3&transport=websocket");
  world.core.on_close(peer, world.now());
  world.advance(1s);
  CHECK(world.core.counters().now_sessions == 0);
  CHECK(world.core.counters().sessions_opened == 0);
  CHECK(!world.core.deadline());
}
