// Limits that are about how much and how often: packets, addresses, and a clock that jumps.
#include "hub/fake_host.hpp"

using namespace hub_test;
using namespace std::chrono_literals;

namespace {

HubSettings slow_packets() {
  HubSettings settings;
  settings.limits.packets_per_second = 10;
  settings.limits.packets_burst = 20;
  return settings;
}

void flood(World& world, Peer peer, int packets) {
  for (int i = 0; i < packets; ++i) world.say(peer, R"(42["x"])");
}

}  // namespace

TEST_CASE("packets of one session: the burst, then the rate, then the end with a reason") {
  World world(slow_packets());
  const Peer peer = world.member(), other = world.member();
  flood(world, peer, 19);  // the CONNECT was one
  CHECK(!world.socket(peer).closed);
  world.advance(1s);
  flood(world, peer, 10);
  CHECK(!world.socket(peer).closed);
  flood(world, peer, 1);
  CHECK(world.socket(peer).closed);
  CHECK(world.host.log.back() == "disconnect rate limited");
  CHECK(world.core.counters().flood_session == 1);
  CHECK(world.core.counters().closed_rate_limited == 1);
  flood(world, other, 5);
  CHECK(!world.socket(other).closed);
}

TEST_CASE("the other policy: it is not read for a while, and nothing is lost") {
  HubSettings settings = slow_packets();
  settings.flood = Flood::slow_down;
  World world(settings);
  const Peer peer = world.member();
  flood(world, peer, 20);
  CHECK(world.socket(peer).paused);
  CHECK(world.host.heard.size() == 20);
  CHECK(world.core.counters().slowed_down == 1);
  world.advance(50ms);
  CHECK(!world.socket(peer).paused);
  flood(world, peer, 1);
  CHECK(world.socket(peer).paused);
  CHECK(world.host.heard.size() == 21);
  const std::string sid = world.poll();
  (void)world.post(sid, "40");
  for (int i = 0; i < 20; ++i) (void)world.post(sid, R"(42["x"])");
  CHECK(world.answer(world.get(sid)).status == 200);  // what was said before it was disconnected
  CHECK(world.core.counters().closed_rate_limited == 1);
}

TEST_CASE("two reasons not to read are one pause, which ends with the last of them") {
  HubSettings settings = slow_packets();
  settings.flood = Flood::slow_down;
  settings.limits.held_events = 4;
  World world(settings);
  const Peer peer = world.member();
  bool holding = false;
  world.host.handler = [&](Connection, const EventIn&) { return holding ? Taken::hold : Taken::yes; };
  flood(world, peer, 17);
  holding = true;
  flood(world, peer, 3);
  CHECK(world.socket(peer).paused);
  world.advance(50ms);
  CHECK(world.socket(peer).paused);
  holding = false;
  world.core.resume(world.last(), world.now());
  CHECK(!world.socket(peer).paused);
}

TEST_CASE("packets of all sessions from one address, also when they come and go") {
  HubSettings settings;
  settings.limits.packets_per_second_per_address = 10;
  settings.limits.packets_burst_per_address = 20;
  World world(settings);
  world.host.address = "192.0.2.1";
  const Peer a = world.member(), b = world.member();
  flood(world, a, 9);
  flood(world, b, 9);
  CHECK(!world.socket(b).closed);
  flood(world, b, 1);
  CHECK(world.socket(b).closed);
  CHECK(world.core.counters().flood_address == 1);
  world.core.on_close(a, world.now());
  const Peer again = world.websocket();
  world.say(again, "40");
  CHECK(world.socket(again).closed);
  world.host.address = "192.0.2.2";
  CHECK(!world.socket(world.member()).closed);
  world.host.address = "192.0.2.1";
  world.advance(2s);
  CHECK(!world.socket(world.member()).closed);
}

TEST_CASE("sessions from one address: the next is told why, others are not concerned") {
  HubSettings settings;
  settings.limits.sessions_per_address = 2;
  World world(settings);
  world.host.address = "192.0.2.1";
  const Peer first = world.websocket();
  (void)world.poll();
  const Answer answer = world.answer(world.http(HttpMethod::get, "EIO=4&transport=polling"));
  CHECK(answer.status == 429);
  CHECK(answer.body == R"({"code":3,"message":"Too many sessions from this address"})");
  const auto refusal =
      world.core.on_upgrade({world.next_slot++, 1}, {HttpMethod::get, "EIO=4&transport=websocket", ""}, world.now());
  REQUIRE(refusal);
  CHECK(refusal->status == 429);
  CHECK(world.core.counters().refused_address == 2);
  world.host.address = "192.0.2.2";
  (void)world.websocket();
  world.core.on_close(first, world.now());
  world.host.address = "192.0.2.1";
  (void)world.websocket();
  CHECK(world.core.counters().now_sessions == 3);
}

TEST_CASE("an address of IPv6 counts with its /64, which one customer has whole") {
  HubSettings settings;
  settings.limits.sessions_per_address = 1;
  settings.limits.packets_per_second_per_address = 10;
  settings.limits.packets_burst_per_address = 20;
  World world(settings);
  const auto refused_from = [&world](const char* address) {
    world.host.address = address;
    return world.core.on_upgrade({world.next_slot++, 1}, {HttpMethod::get, "EIO=4&transport=websocket", ""}, world.now());
  };
  world.host.address = "2001:db8:1:2::1";
  const Peer first = world.member();
  for (const char* address : {"2001:db8:1:2::1", "2001:db8:1:2::2", "2001:DB8:1:2:ffff:ffff:ffff:ffff"}) {
    const auto refusal = refused_from(address);
    REQUIRE_MESSAGE(refusal, address);
    CHECK(refusal->status == 429);
  }
  CHECK(!refused_from("2001:db8:1:3::1"));
  world.host.address = "192.0.2.1";
  (void)world.websocket();
  CHECK(refused_from("::ffff:192.0.2.1"));
  // The packets go with the /64 too, when its next session comes from a neighbouring address.
  flood(world, first, 19);
  world.core.on_close(first, world.now());
  world.host.address = "2001:db8:1:2::2";
  const Peer next = world.websocket();
  world.say(next, "40");
  CHECK(world.socket(next).closed);
  CHECK(world.core.counters().flood_address == 1);
}

TEST_CASE("thousands of addresses leave nothing behind but what they still owe") {
  HubSettings settings;
  settings.limits.sessions_per_address = 5;
  settings.limits.packets_per_second_per_address = 1000;
  settings.limits.packets_burst_per_address = 10;
  World world(settings);
  for (int i = 0; i < 20'000; ++i) {
    world.host.address = "2001:db8:" + std::to_string(i / 1000) + ":" + std::to_string(i % 1000) + "::1";
    const Peer peer = world.websocket();
    world.core.on_close(peer, world.now());
    world.clock.advance(1ms);
  }
  CHECK(world.core.counters().now_sessions == 0);
}

TEST_CASE("a steady clock that jumps far ahead ends no session that still answers") {
  World world;
  const Peer peer = world.member();
  world.clock.advance(std::chrono::hours(5));
  world.core.on_deadline(world.now());
  CHECK(!world.socket(peer).closed);
  CHECK(world.frames(peer).back() == "2");
  world.advance(19s);
  world.say(peer, "3");
  world.advance(24s);
  CHECK(!world.socket(peer).closed);
}

TEST_CASE("a clock that steps back neither ends a session nor stops its limits") {
  World world(slow_packets());
  const Peer peer = world.member();
  flood(world, peer, 19);
  Now back = world.now();
  back.steady -= std::chrono::hours(1);
  back.wall -= std::chrono::hours(1);
  world.core.on_message(peer, R"(42["x"])", false, back);  // over the burst, and no time has passed
  CHECK(world.socket(peer).closed);
  const Peer other = world.member();
  world.core.on_deadline(back);
  CHECK(!world.socket(other).closed);
}

TEST_CASE("a storm of clients that come and go uses the same places again") {
  World world;
  std::uint32_t highest = 0;
  for (int round = 0; round < 4; ++round) {
    std::vector<Peer> peers;
    for (int i = 0; i < 5'000; ++i) {
      peers.push_back(world.websocket());
      world.say(peers.back(), "40");
      highest = std::max(highest, world.last().index);
      world.host.connections.clear();
      world.host.log.clear();
      world.host.connections.push_back({});
    }
    CHECK(world.core.counters().now_connections == 5'000);
    for (const Peer peer : peers) world.core.on_close(peer, world.now());
    CHECK(world.core.counters().now_connections == 0);
  }
  CHECK(highest < 5'000);
}

TEST_CASE("acknowledgements that nobody asked for are counted and cost nothing else") {
  World world;
  const Peer peer = world.member();
  for (int i = 0; i < 50'000; ++i) world.say(peer, "43" + std::to_string(i) + "[1]");
  CHECK(!world.socket(peer).closed);
  CHECK(world.core.counters().acks_unknown == 50'000);
  CHECK(world.core.counters().now_asks == 0);
}

TEST_CASE("groups without end: the connection keeps what it may have") {
  World world;
  (void)world.member();
  std::size_t joined = 0;
  for (int i = 0; i < 10'000; ++i) joined += world.core.join(world.last(), "g" + std::to_string(i)) ? 1u : 0u;
  CHECK(joined == 256);
  CHECK(world.core.counters().limit_groups == 9'744);
  CHECK(world.core.counters().now_groups == 256);
}

TEST_CASE("a million placeholders: of more attachments than may be, of none, of one") {
  HubSettings settings;
  settings.limits.payload_bytes = 64'000'000;
  World world(settings);
  const Peer announced = world.member();
  world.say(announced, "451000000-[\"x\"]");  // refused by its head: nothing is waited for
  CHECK(world.socket(announced).closed);
  CHECK(world.core.counters().limit_packet == 1);

  std::string body = "-[\"x\"";
  for (int i = 0; i < 1'000'000; ++i) body += R"(,{"_placeholder":true,"num":0})";
  body += "]";
  const Peer none = world.member();
  world.say(none, "450" + body);
  CHECK(world.socket(none).closed);
  CHECK(world.core.counters().bad_packet == 1);
  const Peer one = world.member();
  const std::size_t before = world.host.heard.size();
  world.say(one, "451" + body);
  world.say_binary(one, "x");
  CHECK(!world.socket(one).closed);  // one attachment in many places is legal
  REQUIRE(world.host.heard.size() == before + 1);
  CHECK(world.host.heard.back().attachments == std::vector<std::string>{"x"});
  CHECK(world.host.heard.back().args == body.substr(6, body.size() - 7));
}

TEST_CASE("nesting without end is refused") {
  World world;
  const Peer deep = world.member();
  world.say(deep, "42[\"x\"," + std::string(100'000, '[') + std::string(100'000, ']') + "]");
  CHECK(world.socket(deep).closed);
  CHECK(world.core.counters().limit_packet == 1);
}
