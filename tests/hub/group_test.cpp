// Groups, broadcasts, questions to many, and the bounds on all of it.
#include "hub/fake_host.hpp"

#include "support/rapidcheck.hpp"

#include <set>

using namespace hub_test;
using namespace std::chrono_literals;

namespace {

struct Room {
  World world;
  std::vector<Peer> peers;
  std::vector<Connection> members;

  explicit Room(int size, HubSettings settings = {}) : world(settings) {
    for (int i = 0; i < size; ++i) {
      peers.push_back(world.member("u" + std::to_string(i % 3)));
      members.push_back(world.last());
    }
  }
  void join(std::size_t i, std::string_view group) { CHECK(world.core.join(members[i], group)); }
  /// The members that got something since the last look.
  std::vector<std::size_t> reached() {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < peers.size(); ++i)
      if (const std::size_t count = world.frames(peers[i]).size(); count > 0) {
        CHECK(count == 1);
        out.push_back(i);
      }
    return out;
  }
  std::vector<std::size_t> emit(std::vector<std::string_view> to, std::vector<std::string_view> except = {},
                                Connection but = {}) {
    world.emit({.ns = 0, .to = to, .except = except, .but = but}, "x");
    return reached();
  }
};

using Who = std::vector<std::size_t>;

}  // namespace

TEST_CASE("whom a message reaches") {
  Room room(6);
  room.join(0, "a");
  room.join(1, "a");
  room.join(1, "b");
  room.join(2, "b");
  CHECK(room.emit({}) == Who{0, 1, 2, 3, 4, 5});
  CHECK(room.emit({"a"}) == Who{0, 1});
  CHECK(room.emit({"a", "b"}) == Who{0, 1, 2});
  CHECK(room.emit({"a"}, {"b"}) == Who{0});
  CHECK(room.emit({"a", "b"}, {}, room.members[1]) == Who{0, 2});
  CHECK(room.emit({}, {"a"}, room.members[5]) == Who{2, 3, 4});
  CHECK(room.emit({"nobody"}).empty());
  CHECK(room.emit({"nobody", "b"}) == Who{1, 2});
  CHECK(room.emit({user_group(UserId("u1"))}) == Who{1, 4});
  const ConnectionId own = room.world.core.id(room.members[3]);
  CHECK(room.emit({own.view()}) == Who{3});
  CHECK(room.emit({"a"}, {own.view(), room.world.core.id(room.members[0]).view()}) == Who{1});
  room.world.core.leave(room.members[1], "a");
  CHECK(room.emit({"a"}) == Who{0});
  room.world.core.on_close(room.peers[0], room.world.now());
  CHECK(room.emit({"a"}).empty());
  CHECK(room.emit({}) == Who{1, 2, 3, 4, 5});
  room.world.emit({.ns = 1}, "x");
  room.world.emit({.ns = 9}, "x");
  CHECK(room.reached().empty());
}

TEST_CASE("one frame is built for all WebSockets, in one order for everybody") {
  Room room(5);
  for (std::size_t i = 0; i < 5; ++i) room.join(i, "r");
  const std::size_t before = room.world.host.sends;
  const std::string_view to[] = {"r"};
  const Args one{1, BytesView("bin")}, two{2};
  room.world.emit({.to = to}, "n", one);
  room.world.emit({.to = to}, "n", two);
  CHECK(room.world.host.sends == before + 3);
  for (const Peer& peer : room.peers)
    CHECK(room.world.frames(peer) == Frames{R"(451-["n",1,{"_placeholder":true,"num":0}])", "b:bin", R"(42["n",2])"});
  CHECK(room.world.core.counters().fan_outs == 2);
  CHECK(room.world.core.counters().deliveries == 10);
}

TEST_CASE("a relay is the received text, untouched") {
  Room room(2);
  room.join(1, "r");
  room.world.host.handler = [&](Connection c, const EventIn& event) {
    const std::string_view to[] = {"r"};
    room.world.core.emit({.to = to, .but = c}, event.name, event.args, room.world.now());
    return Taken::yes;
  };
  room.world.say(room.peers[0], R"(42["signal",{"sdp": "a\u0041\n" , "n":1.50e3},[ ]])");
  CHECK(room.world.frames(room.peers[1]) == Frames{R"(42["signal",{"sdp": "a\u0041\n" , "n":1.50e3},[ ]])"});
  room.world.say(room.peers[0], R"(451-["bin",{"_placeholder":true,"num":0}])");
  room.world.say_binary(room.peers[0], "abc");
  CHECK(room.world.frames(room.peers[1]) == Frames{R"(451-["bin",{"_placeholder":true,"num":0}])", "b:abc"});
  CHECK(room.world.frames(room.peers[0]).empty());
}

TEST_CASE("join, leave, disconnect and members by target") {
  Room room(4);
  const std::string group = user_group(UserId("u0"));
  const std::string_view users[] = {group};
  room.world.core.join({.to = users}, "r");
  std::vector<Connection> found;
  const std::string_view in_r[] = {"r"};
  room.world.core.members({.to = in_r}, found);
  CHECK(found == std::vector{room.members[0], room.members[3]});
  room.world.core.leave({.to = in_r, .but = room.members[0]}, "r");
  CHECK(room.emit({"r"}) == Who{0});
  room.world.core.disconnect({.to = users}, HubCore::Scope::connection, room.world.now());
  CHECK(!room.world.core.alive(room.members[0]));
  CHECK(!room.world.core.alive(room.members[3]));
  CHECK(room.world.core.alive(room.members[1]));
  CHECK(room.world.core.counters().now_groups == 2);
  room.world.core.disconnect(Target{}, HubCore::Scope::whole_session, room.world.now());
  CHECK(room.world.core.counters().now_sessions == 2);
  CHECK(room.world.core.counters().now_groups == 0);
  CHECK(room.world.core.join(room.members[0], "x").error().code == ErrorCode::closed);
}

TEST_CASE("a target that names two connections of one ended session ends it once") {
  Room room(1);
  room.world.say(room.peers[0], "40/custom");
  room.world.core.disconnect({.ns = 1}, HubCore::Scope::whole_session, room.world.now());
  CHECK(room.world.socket(room.peers[0]).closed);
  CHECK(room.world.core.counters().now_connections == 0);
}

TEST_CASE("questions: answered, lost and timed out") {
  Room room(4);
  World& world = room.world;
  const Args args{"?"};
  world.core.ask(room.members[0], "q", args, 5s, 100, world.now());
  CHECK(world.frames(room.peers[0]) == Frames{R"(420["q","?"])"});
  world.say(room.peers[0], R"(430["yes",2])");
  CHECK(world.host.asked[100] == std::vector<std::string>{R"("yes",2)"});
  CHECK(world.host.ask_ends[100].answered == 1);
  world.say(room.peers[0], R"(430["again"])");
  CHECK(world.core.counters().acks_unknown == 1);

  world.core.ask(Target{}, "q", args, 5s, 101, world.now());
  for (const Peer& peer : room.peers) CHECK(world.frames(peer) == Frames{R"(421["q","?"])"});
  world.say(room.peers[0], "431[0]");
  world.say(room.peers[1], "431[1]");
  world.core.on_close(room.peers[2], world.now());
  CHECK(world.host.ask_ends.count(101) == 0);
  CHECK(world.core.counters().now_asks == 1);
  world.advance(4'999ms);
  CHECK(world.host.ask_ends.count(101) == 0);
  world.advance(1ms);
  CHECK(world.host.asked[101] == std::vector<std::string>{"0", "1"});
  const AskEnd end = world.host.ask_ends[101];
  CHECK(end.asked == 4);
  CHECK(end.answered == 2);
  CHECK(end.lost == 1);
  world.say(room.peers[3], "431[3]");
  CHECK(world.host.asked[101].size() == 2);
  CHECK(world.core.counters().asks_timed_out == 1);
  CHECK(world.core.counters().now_asks == 0);
}

TEST_CASE("a question to nobody ends at once") {
  Room room(1);
  const std::string_view nobody[] = {"nobody"};
  room.world.core.ask({.to = nobody}, "q", {}, 5s, 1, room.world.now());
  CHECK(room.world.host.ask_ends[1].asked == 0);
  room.world.core.on_close(room.peers[0], room.world.now());
  room.world.core.ask(room.members[0], "q", {}, 5s, 2, room.world.now());
  CHECK(room.world.host.ask_ends.count(2) == 1);
}

TEST_CASE("a peer cannot answer for another") {
  Room room(2);
  room.world.core.ask(room.members[0], "q", {}, 5s, 1, room.world.now());
  room.world.say(room.peers[1], "430[\"forged\"]");
  CHECK(room.world.host.asked.empty());
  CHECK(room.world.core.counters().acks_unknown == 1);
}

TEST_CASE("a question may ask another when it ends") {
  Room room(1);
  for (std::uint64_t token = 0; token < 3; ++token) room.world.core.ask(room.members[0], "q", {}, 1s, token, room.world.now());
  room.world.core.on_close(room.peers[0], room.world.now());
  for (std::uint64_t token = 0; token < 3; ++token) CHECK(room.world.host.ask_ends[token].lost == 1);
}

TEST_CASE("pending questions of one connection are bounded") {
  HubSettings settings;
  settings.limits.pending_acks = 2;
  Room room(1, settings);
  for (std::uint64_t token = 0; token < 3; ++token) room.world.core.ask(room.members[0], "q", {}, 1s, token, room.world.now());
  CHECK(room.world.frames(room.peers[0]).size() == 2);
  CHECK(room.world.host.ask_ends[2].lost == 1);
  CHECK(room.world.core.counters().limit_pending_acks == 1);
  room.world.say(room.peers[0], "430[]");
  room.world.core.ask(room.members[0], "q", {}, 1s, 4, room.world.now());
  CHECK(room.world.frames(room.peers[0]).size() == 1);
}

TEST_CASE("groups of one connection are bounded, and so are their names") {
  HubSettings settings;
  settings.limits.groups_per_connection = 2;
  settings.limits.group_name_bytes = 4;
  Room room(1, settings);
  room.join(0, "a");
  room.join(0, "1234");
  room.world.core.leave(room.members[0], "nothing");
  CHECK(room.world.core.join(room.members[0], "c").error().code == ErrorCode::limit_exceeded);
  CHECK(room.world.core.join(room.members[0], "12345").error().code == ErrorCode::limit_exceeded);
  room.world.core.leave(room.members[0], "a");
  room.join(0, "c");
  CHECK(room.world.core.counters().limit_groups == 2);
  CHECK(room.emit({"c"}) == Who{0});
}

TEST_CASE("a slow reader misses what may be dropped, and is cut off at last") {
  HubSettings settings;
  settings.limits.outbox_bytes = 1000;
  settings.limits.outbox_droppable_bytes = 100;
  Room room(3, settings);
  World& world = room.world;
  world.socket(room.peers[1]).buffered = 101;
  world.emit({.droppable = true}, "typing");
  CHECK(room.reached() == Who{0, 2});
  world.core.emit(room.members[1], "typing", {}, true, world.now());
  CHECK(room.reached().empty());
  CHECK(world.core.counters().dropped_droppable == 2);
  world.emit({}, "must");
  CHECK(room.reached() == Who{0, 1, 2});
  world.socket(room.peers[1]).buffered = 1001;
  world.emit({}, "must");
  CHECK(room.reached() == Who{0, 2});
  CHECK(world.socket(room.peers[1]).aborted);
  CHECK(world.host.log.back() == "disconnect slow reader");
  CHECK(world.core.counters().closed_slow_reader == 1);
}

TEST_CASE("a polling peer that does not poll: droppable is dropped, the rest waits up to a bound") {
  HubSettings settings;
  settings.limits.outbox_bytes = 50;
  World world(settings);
  const std::string sid = world.poll();
  world.post(sid, "40");
  (void)world.get(sid);
  world.emit({.droppable = true}, "typing");
  CHECK(world.core.counters().dropped_droppable == 1);
  world.emit({}, "must");
  CHECK(world.answer(world.get(sid)).body == "42[\"must\"]");
  const Args large{std::string(60, 'x')};
  world.emit({}, "large", large);
  CHECK(world.host.log.back() == "disconnect slow reader");
}

TEST_CASE("namespaces, attachments and rates are bounded") {
  HubSettings settings;
  settings.limits.namespaces_per_session = 1;
  settings.limits.attachments = 2;
  settings.limits.attachment_bytes = 10;
  settings.limits.packets_per_second = 10;
  settings.limits.packets_burst = 20;
  World world(settings);
  const Peer peer = world.member();
  world.say(peer, "40/custom");
  CHECK(world.frames(peer) == Frames{R"(44/custom,{"message":"too many namespaces"})"});
  world.say(peer, R"(453-["x"])");
  CHECK(world.socket(peer).closed);
  CHECK(world.core.counters().limit_packet == 1);
  const Peer large = world.member();
  world.say(large, R"(452-["x"])");
  world.say_binary(large, "1234567890");
  world.say_binary(large, "1");
  CHECK(world.socket(large).closed);
  CHECK(world.core.counters().limit_attachments == 1);
  const Peer loud = world.member();
  for (int i = 0; i < 19; ++i) world.say(loud, "42[\"x\"]");
  CHECK(!world.socket(loud).closed);
  world.advance(1s);
  for (int i = 0; i < 10; ++i) world.say(loud, "42[\"x\"]");
  CHECK(!world.socket(loud).closed);
  world.say(loud, "42[\"x\"]");
  CHECK(world.socket(loud).closed);
  CHECK(world.core.counters().closed_rate_limited == 1);
  CHECK(world.host.log.back() == "disconnect rate limited");
}

TEST_CASE("frames over the announced size end the session") {
  HubSettings settings;
  settings.limits.payload_bytes = 20;
  World world(settings);
  const Peer peer = world.member();
  world.say(peer, "42[\"12345678901234\"]");
  CHECK(world.host.heard.size() == 1);
  CHECK(!world.socket(peer).closed);
  world.say(peer, "42[\"1234567890123456\"]");
  CHECK(world.socket(peer).closed);
  CHECK(world.core.counters().payload_too_large == 1);
  CHECK(world.core.counters().closed_limit == 1);
}

TEST_CASE("held events are bounded: first reading stops, then the session ends") {
  HubSettings settings;
  settings.limits.held_events = 4;
  World world(settings);
  const Peer peer = world.member();
  bool busy = true;
  world.host.handler = [&](Connection, const EventIn&) { return busy ? Taken::hold : Taken::yes; };
  for (int i = 0; i < 2; ++i) world.say(peer, "42[\"x\"]");
  CHECK(!world.socket(peer).paused);
  world.say(peer, "42[\"x\"]");
  CHECK(world.socket(peer).paused);
  busy = false;
  world.core.resume(world.last(), world.now());
  CHECK(!world.socket(peer).paused);
  CHECK(world.host.heard.size() == 3);
  busy = true;
  for (int i = 0; i < 4; ++i) world.say(peer, "42[\"x\"]");
  CHECK(!world.socket(peer).closed);
  world.say(peer, "42[\"x\"]");
  CHECK(world.socket(peer).closed);
  CHECK(world.core.counters().limit_held == 1);
  busy = false;
  world.core.resume(world.last(), world.now());
  CHECK(world.host.heard.size() == 8);
  CHECK(world.host.log.back() == "disconnect limit exceeded");
}

TEST_CASE("groups against a model") {
  check_property("members are what was joined and not left", [] {
    Room room(6);
    std::vector<std::set<std::string>> model(6);
    std::vector<bool> alive(6, true);
    const std::vector<std::string> names{"a", "b", "c"};
    const int steps = *rc::gen::inRange(0, 60);
    for (int step = 0; step < steps; ++step) {
      const auto who = *rc::gen::inRange<std::size_t>(0, 6);
      const std::string group = *rc::gen::elementOf(names);
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
          room.world.core.on_close(room.peers[who], room.world.now());
          alive[who] = false;
          model[who].clear();
          break;
        case 1:
        case 2:
          room.world.core.leave(room.members[who], group);
          model[who].erase(group);
          break;
        default:
          RC_ASSERT(room.world.core.join(room.members[who], group).has_value() == alive[who]);
          if (alive[who]) model[who].insert(group);
          break;
      }
      for (std::size_t i = 0; i < 6; ++i)
        RC_ASSERT(room.world.core.groups_of(room.members[i]) == (alive[i] ? model[i].size() + 1 : 0));
      const std::string to = *rc::gen::elementOf(names), but = *rc::gen::elementOf(names);
      const std::string_view groups[] = {to, group}, except[] = {but};
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < 6; ++i)
        if ((model[i].count(to) || model[i].count(group)) && !model[i].count(but)) expected.push_back(i);
      room.world.emit({.to = groups, .except = except}, "x");
      RC_ASSERT(room.reached() == expected);
    }
  });
}
