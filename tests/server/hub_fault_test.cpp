// Peers that misbehave: each is told apart by a counter, costs bounded memory, and harms nobody else.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <fstream>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

Namespace echo() {
  Namespace ns;
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on("join", [](const Event& e) -> Result<Args> {
    const auto group = e.get<GroupId>("0");
    if (!group) return unexpected(group.error());
    if (auto joined = e.sender().join(*group); !joined) return unexpected(joined.error());
    return Args{};
  });
  return ns;
}

/// Resident bytes of this process.
std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, pages = 0;
  in >> all >> pages;
  return pages * 4096;
}

void still_served(SocketClient& client) {
  client.say(R"(29["echo","alive"])");
  std::string packet;
  while (!packet.starts_with("39")) {
    packet = client.hear_packet();
    REQUIRE(packet != "()");
  }
}

}  // namespace

TEST_CASE("a reader that never reads: what is droppable is left out, then it is disconnected with a reason") {
  std::mutex mutex;
  std::string reason;
  Count gone;
  Namespace ns = echo();
  ns.on_disconnect([&](const Event&, std::string_view why) {
    const std::scoped_lock lock(mutex);
    reason = why;
    gone.add();
  });
  HubOptions options;
  options.limits.outbox_bytes_max = 2'000'000;
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  SocketClient deaf(hub.port()), good(hub.port());
  deaf.join();
  good.join();
  deaf.say(R"(21["join","deaf"])");
  CHECK(deaf.hear_packet() == "31[]");
  const std::string big(100'000, 'x');
  const Audience to = hub.in("/").to(GroupId{"deaf"});
  const std::size_t before = resident();
  for (int i = 0; i < 2'000 && metric(hub.port(), "zegocall_hub_dropped_droppable_total") == 0; ++i)
    to.droppable().emit("much", {big});
  CHECK(metric(hub.port(), "zegocall_hub_dropped_droppable_total") > 0);
  CHECK(metric(hub.port(), "zegocall_hub_connections") == 2);
  still_served(good);
  for (int i = 0; i < 200 && gone.value() == 0; ++i) {
    to.emit("much", {big});
    still_served(good);
  }
  REQUIRE(gone.wait_for(1));
  {
    const std::scoped_lock lock(mutex);
    CHECK(reason == "slow reader");
  }
  CHECK(metric(hub.port(), "zegocall_hub_closed_slow_reader_total") == 1);
  CHECK(resident() < before + 64'000'000);
  still_served(good);
}

TEST_CASE("a polling client that never polls costs no more than its outbox") {
  HubOptions options;
  options.limits.outbox_bytes_max = 100'000;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  const std::string open = get(hub.port(), "/socket.io/?EIO=4&transport=polling").body;
  const std::string sid = Json::parse(open.substr(1)).value().get<std::string>("sid").value();
  CHECK(post(hub.port(), "/socket.io/?EIO=4&transport=polling&sid=" + sid, "40").body == "ok");
  REQUIRE(metric(hub.port(), "zegocall_hub_connections") == 1);  // before "ok" was said
  for (int i = 0; i < 200; ++i) hub.in("/").emit("much", {std::string(1000, 'x')});
  REQUIRE(await_at_least(hub.port(), "zegocall_hub_closed_slow_reader_total", 1));
  CHECK(get(hub.port(), "/socket.io/?EIO=4&transport=polling&sid=" + sid).status == 400);
}

TEST_CASE("a body in the middle of which another comes, or that breaks off, ends its session, as the original does") {
  const Hub hub = Hub::open({}, {.namespaces = {echo()}}).value();
  const std::string open = get(hub.port(), "/socket.io/?EIO=4&transport=polling").body;
  const std::string door =
      "/socket.io/?EIO=4&transport=polling&sid=" + Json::parse(open.substr(1)).value().get<std::string>("sid").value();
  CHECK(post(hub.port(), door, "40").body == "ok");
  RawClient slow(hub.port());
  slow.write("POST " + door + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  REQUIRE(slow.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");  // the server has seen it begin
  slow.write("42[");
  SUBCASE("another") { CHECK(post(hub.port(), door, "3").status == 400); }
  SUBCASE("broken off") {
    slow.close();
    CHECK(await_at_least(hub.port(), "zegocall_net_requests_cut_off_total", 1));
  }
  CHECK(await_at_least(hub.port(), "zegocall_hub_closed_transport_error_total", 1));
  CHECK(get(hub.port(), door).status == 400);
}

TEST_CASE("bad input, each kind by its counter") {
  struct Case {
    std::string counter;
    std::vector<std::pair<int, std::string>> frames;  // opcode byte, payload
  };
  const std::vector<Case> cases = {
      {"zegocall_net_websockets_bad_text_total", {{0x81, "42[\"\xff\"]"}}},
      {"zegocall_hub_bad_binary_total", {{0x82, "nobody announced it"}}},
      {"zegocall_hub_bad_order_total", {{0x81, R"(451-["x",{"_placeholder":true,"num":0}])"}, {0x81, "42[\"y\"]"}}},
      {"zegocall_hub_bad_binary_total", {{0x81, R"(451-["x",{"_placeholder":true,"num":3}])"}, {0x82, "part"}}},
      {"zegocall_hub_limit_packet_total", {{0x81, "451000000-[\"x\"]"}}},
      {"zegocall_hub_limit_packet_total", {{0x81, "42[\"x\"," + std::string(5000, '[') + std::string(5000, ']') + "]"}}},
      {"zegocall_hub_bad_json_total", {{0x81, "42[\"x\",\"\\ud80\"]"}}},
      {"zegocall_hub_bad_packet_total", {{0x81, "42{}"}}},
      {"zegocall_hub_bad_packet_total", {{0x81, "4abc"}}},
      {"zegocall_hub_closed_transport_error_total", {{0x81, "2"}}},
      {"zegocall_hub_closed_parse_error_total", {{0x81, "x"}}},
      {"zegocall_net_websockets_too_large_total", {{0x81, "4" + std::string(20'000, 'x')}}},
      {"zegocall_hub_limit_attachments_total",
       {{0x81, R"(452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])"},
        {0x82, std::string(9'000, 'x')},
        {0x82, std::string(9'000, 'x')}}},
  };
  HubOptions options;
  options.limits.message_bytes_max = options.limits.packet_bytes_max = 16'000;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  SocketClient good(hub.port());
  good.join();
  for (const Case& bad : cases) {
    CAPTURE(bad.counter);
    const long before = metric(hub.port(), bad.counter);
    REQUIRE(before >= 0);
    SocketClient client(hub.port());
    client.join();
    for (const auto& [opcode, payload] : bad.frames)
      client.raw().write(RawClient::frame(static_cast<std::uint8_t>(opcode), payload));
    CHECK(client.hear() == "");
    CHECK(metric(hub.port(), bad.counter) == before + 1);
  }
  still_served(good);
}

TEST_CASE("parts of a packet may be a message each, together they have a bound of their own") {
  HubOptions options;
  options.limits.packet_bytes_max = 1'500'000;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  SocketClient client(hub.port());
  client.join();
  const auto send = [&](std::size_t each) {
    client.say(R"(52-1["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
    for (int part = 0; part < 2; ++part) client.raw().write(RawClient::frame(0x82, std::string(each, 'x')));
  };
  send(700'000);
  CHECK(client.hear_packet().starts_with("62-1["));
  CHECK(client.hear().size() == 700'000);
  CHECK(client.hear().size() == 700'000);
  send(800'000);
  CHECK(client.hear() == "");
  CHECK(metric(hub.port(), "zegocall_hub_limit_attachments_total") == 1);
}

TEST_CASE("floods of acknowledgements and of joins") {
  HubOptions options;
  options.limits.groups_per_connection_max = 10;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  SocketClient client(hub.port());
  client.join();
  for (int i = 0; i < 5'000; ++i) client.say("3" + std::to_string(i) + "[1]");
  for (int i = 0; i < 1'000; ++i) client.say("2[\"join\",\"g" + std::to_string(i) + "\"]");
  still_served(client);
  CHECK(metric(hub.port(), "zegocall_hub_acks_unknown_total") == 5'000);
  CHECK(metric(hub.port(), "zegocall_hub_limit_groups_total") == 990);
  CHECK(metric(hub.port(), "zegocall_hub_groups") == 10);
}

TEST_CASE("questions that a client does not answer are bounded") {
  HubOptions options;
  options.limits.pending_acks_max = 8;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  SocketClient client(hub.port());
  client.join();
  Count closed, others;
  for (int i = 0; i < 100; ++i)
    hub.in("/").ask("q", {}, {.timeout = 60s}, [&](Result<std::vector<Args>> all) {
      (!all && all.error().code == ErrorCode::closed ? closed : others).add();
    });
  CHECK(closed.wait_for(92));
  CHECK(metric(hub.port(), "zegocall_hub_limit_pending_acks_total") == 92);
  CHECK(metric(hub.port(), "zegocall_hub_asks") == 8);
  client.raw().close();
  CHECK(closed.wait_for(100));
  CHECK(others.value() == 0);
}

TEST_CASE("storms of 5,000 clients, again and again: all are let in, all are forgotten, one that stays is served") {
  const Hub hub = Hub::open({}, {.namespaces = {echo()}}).value();
  SocketClient stays(hub.port());
  stays.join();
  std::size_t settled = 0;
  for (int storm = 0; storm < 3; ++storm) {
    for (int batch = 0; batch < 10; ++batch) {
      std::vector<std::unique_ptr<SocketClient>> clients;
      for (int i = 0; i < 500; ++i) {
        clients.push_back(std::make_unique<SocketClient>(hub.port()));
        clients.back()->say("0");
      }
      for (auto& client : clients) REQUIRE(client->hear_packet().starts_with("0{"));
      still_served(stays);
    }
    REQUIRE(await_at_most(hub.port(), "zegocall_hub_connections", 1));
    if (storm == 0) settled = resident();
  }
  CHECK(metric(hub.port(), "zegocall_hub_connections_accepted_total") == 15'001);
  CHECK(resident() < settled + 16'000'000);
}

TEST_CASE("a clock that jumps ahead ends nobody who answers") {
  AdvancingClock clock;
  HubOptions options;
  options.clock = &clock;
  const Hub hub = Hub::open(options, {.namespaces = {echo()}}).value();
  SocketClient client(hub.port());
  client.join();
  clock.advance(std::chrono::hours(3));
  still_served(client);  // answers the ping on the way
  CHECK(metric(hub.port(), "zegocall_hub_connections") == 1);
}
