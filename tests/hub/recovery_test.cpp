// Connections that come back.
#include "signaling/hub/recovery.hpp"

#include "hub/fake_host.hpp"

using namespace hub_test;
using namespace std::chrono_literals;

namespace {

HubSettings with_recovery() {
  HubSettings settings;
  settings.recovery.keep = 60s;
  return settings;
}

std::string member_of(const std::string& packet, const char* name) {
  return Json::parse(packet.substr(packet.find('{'))).value().get<std::string>(name).value_or("");
}

/// A client that remembers what the stock one remembers.
struct Client {
  World& world;
  std::string auth_more;
  Peer peer{};
  std::string sid, pid, offset;
  Frames heard;  ///< events, without their offset

  explicit Client(World& in, std::string user = "u") : world(in), auth_more("\"user\":\"" + user + "\"") { connect(); }
  void connect() {
    peer = world.websocket();
    (void)world.frames(peer);
    std::string auth = "40{" + auth_more;
    if (!pid.empty()) auth += ",\"pid\":\"" + pid + "\"";
    if (!offset.empty()) auth += ",\"offset\":\"" + offset + "\"";
    world.say(peer, auth + "}");
    heard.clear();
    const Frames frames = world.frames(peer);
    REQUIRE(!frames.empty());
    REQUIRE(frames.back().starts_with("40{"));  // what was missed comes first
    sid = member_of(frames.back(), "sid");
    pid = member_of(frames.back(), "pid");
    for (std::size_t i = 0; i + 1 < frames.size(); ++i) take(frames[i]);
  }
  void take(const std::string& frame) {
    if (!frame.starts_with("42[")) return heard.push_back(frame);
    const std::size_t at = frame.rfind(",\"");
    REQUIRE(at != std::string::npos);
    offset = frame.substr(at + 2, frame.size() - at - 4);
    heard.push_back(frame.substr(0, at) + "]");
  }
  Frames listen() {
    heard.clear();
    for (const std::string& frame : world.frames(peer)) take(frame);
    return std::exchange(heard, {});
  }
  void lose_link() { world.core.on_close(peer, world.now()); }
};

Target everyone() { return {}; }

}  // namespace

TEST_CASE("who comes back has its id, groups and data, and gets what it missed, in order") {
  World world(with_recovery());
  Client alice(world, "alice"), bob(world, "bob");
  const Connection first = world.host.connections[0];
  const std::string sid = alice.sid, pid = alice.pid;
  CHECK(pid.size() == 20);
  CHECK(pid != sid);
  REQUIRE(world.core.join(first, "room"));
  static_cast<FakeHost::Data&>(*world.core.data(first)).text = "kept";
  world.emit(everyone(), "before", {1});
  CHECK(alice.listen() == Frames{R"(42["before",1])"});
  alice.lose_link();
  CHECK(world.host.log.back() == "disconnect transport close");
  CHECK(world.core.counters().now_away == 1);
  const std::string_view room[] = {"room"}, other[] = {"other"}, user[] = {"user_alice"}, own[] = {sid};
  const std::string alone_name = connection_group(sid);
  const std::string_view alone[] = {alone_name};
  world.emit(everyone(), "all", {JsonObject{{"a", 1}}});
  world.emit({.to = room}, "room");
  world.emit({.to = other}, "not for it");
  world.emit({.except = room}, "nor this");
  world.emit({.to = user}, "user");
  world.emit({.to = own}, "own");
  world.emit({.to = alone}, "alone");
  world.emit({.except = alone}, "not alone");
  world.emit({.droppable = true}, "volatile");
  world.emit({.but = world.host.connections[1]}, "but bob");
  alice.connect();
  CHECK(alice.sid == sid);
  CHECK(alice.pid == pid);
  CHECK(alice.heard ==
        Frames{R"(42["all",{"a":1}])", R"(42["room"])", R"(42["user"])", R"(42["own"])", R"(42["alone"])", R"(42["but bob"])"});
  CHECK(world.host.comings.back() == Coming::recovered);
  CHECK(world.host.brought == Frames{"kept"});
  CHECK(world.core.counters().recovered == 1);
  CHECK(world.core.counters().recovered_packets == 6);
  CHECK(world.core.counters().now_away == 0);
  world.emit({.to = room}, "again");
  CHECK(alice.listen() == Frames{R"(42["again"])"});
  std::vector<std::string> groups;
  world.core.groups_of(world.last(), groups);
  CHECK(groups.size() == 2);
  alice.lose_link();
  alice.connect();
  CHECK(alice.sid == sid);
  CHECK(alice.heard.empty());
}

TEST_CASE("attachments come again with their event") {
  World world(with_recovery());
  Client alice(world);
  alice.lose_link();
  const std::string bytes = "\x01\x02";
  world.emit(everyone(), "b", Args{BytesView(bytes)});
  alice.connect();
  REQUIRE(alice.heard.size() == 2);
  CHECK(alice.heard[0].starts_with(R"(451-["b",{"_placeholder":true,"num":0},")"));
  CHECK(alice.heard[1] == "b:" + bytes);
}

TEST_CASE("one that never got an offset gets everything since it connected") {
  World world(with_recovery());
  world.emit(everyone(), "too early");
  Client alice(world);
  alice.lose_link();
  world.emit(everyone(), "missed");
  alice.connect();
  CHECK(world.host.comings.back() == Coming::recovered);
  CHECK(alice.heard == Frames{R"(42["missed"])"});
}

TEST_CASE("who said goodbye, was sent away or comes as somebody else is a new one") {
  World world(with_recovery());
  SUBCASE("left by itself") {
    Client alice(world);
    world.say(alice.peer, "41");
    alice.lose_link();
    alice.connect();
    CHECK(world.host.comings.back() == Coming::lost);
    CHECK(world.core.counters().recovery_unknown == 1);
  }
  SUBCASE("sent away") {
    Client alice(world);
    world.core.disconnect(world.last(), HubCore::Scope::whole_session, world.now(), "enough");
    CHECK(world.host.log.back() == "disconnect enough");
    alice.connect();
    CHECK(world.host.comings.back() == Coming::lost);
  }
  SUBCASE("another user with a stolen pid gets nothing, and takes nothing away") {
    Client alice(world, "alice"), mallory(world, "mallory");
    alice.lose_link();
    world.emit(everyone(), "secret");
    const std::string own = std::exchange(mallory.pid, alice.pid);
    mallory.lose_link();
    mallory.connect();
    CHECK(world.host.comings.back() == Coming::lost);
    CHECK(mallory.heard.empty());
    alice.connect();
    CHECK(world.host.comings.back() == Coming::recovered);
    CHECK(alice.heard == Frames{R"(42["secret"])"});
  }
  SUBCASE("another namespace") {
    Client alice(world);
    alice.lose_link();
    const Peer peer = world.websocket();
    world.say(peer, "40/custom,{\"user\":\"u\",\"pid\":\"" + alice.pid + "\",\"offset\":\"\"}");
    CHECK(world.host.comings.back() == Coming::lost);
  }
  SUBCASE("nobody that was ever here") {
    Client alice(world);
    alice.pid = "nobody";
    alice.connect();
    CHECK(world.host.comings.back() == Coming::lost);
  }
  SUBCASE("an offset that is none of ours") {
    Client alice(world);
    alice.lose_link();
    world.emit(everyone(), "missed");
    const std::string pid = alice.pid, offset = std::exchange(alice.offset, "other1.5");
    alice.connect();
    CHECK(world.host.comings.back() == Coming::lost);
    CHECK(world.core.counters().recovery_overrun == 1);
    // That has not used it up.
    CHECK(world.core.counters().now_away == 1);
    Client right(world);
    right.pid = pid, right.offset = offset;
    right.connect();
    CHECK(world.host.comings.back() == Coming::recovered);
    CHECK(right.heard == Frames{R"(42["missed"])"});
    CHECK(world.core.counters().now_away == 0);
  }
}

TEST_CASE("after `keep` nobody comes back, and nothing is left of it") {
  World world(with_recovery());
  Client alice(world);
  alice.lose_link();
  world.advance(59999ms);
  CHECK(world.core.counters().now_away == 1);
  world.advance(2ms);
  CHECK(world.core.counters().now_away == 0);
  CHECK(world.core.counters().away_forgotten == 1);
  alice.connect();
  CHECK(world.host.comings.back() == Coming::lost);
}

TEST_CASE("what was forgotten cannot be recovered: by number and by bytes") {
  HubSettings settings = with_recovery();
  SUBCASE("number") { settings.recovery.packets = 3; }
  SUBCASE("bytes") { settings.recovery.bytes = 3 * 600; }
  World world(settings);
  Client alice(world);
  const std::string big(300, 'x');
  alice.lose_link();
  for (int i = 0; i < 3; ++i) world.emit(everyone(), "e", {big});
  alice.connect();
  CHECK(world.host.comings.back() == Coming::recovered);
  CHECK(alice.heard.size() == 3);
  alice.lose_link();
  for (int i = 0; i < 8; ++i) world.emit(everyone(), "e", {big});
  alice.connect();
  CHECK(world.host.comings.back() == Coming::lost);
  CHECK(alice.heard.empty());
  CHECK(world.core.counters().recovery_overrun == 1);
}

TEST_CASE("of too many that are away the oldest is forgotten") {
  HubSettings settings = with_recovery();
  settings.recovery.connections = 2;
  World world(settings);
  Client a(world, "a"), b(world, "b"), c(world, "c");
  a.lose_link(), b.lose_link(), c.lose_link();
  CHECK(world.core.counters().now_away == 2);
  a.connect();
  CHECK(world.host.comings.back() == Coming::lost);
  b.connect();
  c.connect();
  CHECK(world.core.counters().recovered == 2);
}

TEST_CASE("without recovery the wire is as it was") {
  World world;
  const Peer peer = world.websocket();
  (void)world.frames(peer);
  world.say(peer, R"(40{"pid":"x","offset":"y"})");
  CHECK(world.frames(peer).front().find("pid") == std::string::npos);
  world.emit(everyone(), "e", {1});
  CHECK(world.frames(peer) == Frames{R"(42["e",1])"});
  CHECK(world.host.comings.back() == Coming::anew);
}

TEST_CASE("a question and its answer carry no offset and are not told again") {
  World world(with_recovery());
  Client alice(world);
  world.core.ask(world.last(), "q", {}, 1s, 1, world.now());
  CHECK(world.frames(alice.peer) == Frames{R"(420["q"])"});
  alice.lose_link();
  alice.connect();
  CHECK(alice.heard.empty());
}

TEST_CASE("offsets") {
  CHECK(offset_text("abc", 12) == "abc.12");
  CHECK(offset_number("abc", "abc.12") == 12);
  CHECK(offset_number("abc", "") == 0);
  for (const char* bad : {"abc.", "abc.x", "abc.12x", "abd.12", "abc12", ".12", "abc.99999999999999999999"})
    CHECK(!offset_number("abc", bad));
}
