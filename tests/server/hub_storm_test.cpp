// Peers that are there no more, and those that all come back at once. ZEGOCALL_STORM_CLIENTS says how many (default 5,000).
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <set>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t usual_clients = 1000;  // under a sanitizer each costs ten times as much
#else
constexpr std::size_t usual_clients = 5000;
#endif

/// As many as this process may have descriptors for, which are both ends of every connection.
std::size_t wanted_clients() {
  const char* clients = std::getenv("ZEGOCALL_STORM_CLIENTS");
  const std::size_t wanted = clients ? static_cast<std::size_t>(std::atol(clients)) : usual_clients;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  constexpr rlim_t others = 200;
  if (files.rlim_cur >= 2 * wanted + others) return wanted;
  const std::size_t possible = files.rlim_cur > others ? (files.rlim_cur - others) / 2 : 0;
  WARN_MESSAGE(false, "A STORM OF " << possible << " CLIENTS INSTEAD OF " << wanted << ": the hard limit of open files is "
                                    << files.rlim_cur << ", " << 2 * wanted + others << " are needed");
  REQUIRE(possible >= 100);
  return possible;
}

/// A handshake and a CONNECT in one write: nothing is waited for.
class Returning {
 public:
  Returning(std::uint16_t port, const std::string& auth) : raw_(port) {
    raw_.write(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
        RawClient::frame(0x81, "40" + auth));
  }
  /// What comes first: the answer to the CONNECT, or what was missed.
  std::string first() {
    REQUIRE(raw_.read_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
    REQUIRE(raw_.read_frame().payload.starts_with("0{"));
    return raw_.read_frame().payload;
  }
  std::string hear() { return raw_.read_frame().payload; }
  RawClient& raw() { return raw_; }

 private:
  RawClient raw_;
};

struct Person {
  std::string sid, pid, offset;
  std::string auth() const { return R"({"pid":")" + pid + R"(","offset":")" + offset + "\"}"; }
};

std::string member_of(const std::string& packet, const char* name) {
  return Json::parse(packet.substr(packet.find('{'))).value().get<std::string>(name).value_or("");
}

/// The offset at the end of `42["word",..., "offset"]`.
std::string offset_of(const std::string& packet) {
  const std::size_t at = packet.rfind(",\"");
  return packet.substr(at + 2, packet.size() - at - 4);
}

}  // namespace

TEST_CASE("a peer that is silent for good is given up, with a reason, and its place is free, whatever it polls or listens to") {
  std::mutex mutex;
  std::multiset<std::string> reasons;
  Count gone;
  Namespace ns{"/"};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on_disconnect([&](const Event&, std::string_view why) {
    const std::scoped_lock lock(mutex);
    reasons.insert(std::string(why));
    gone.add();
  });
  HubOptions options;
  options.loops = 2;
  options.ping_interval = 100ms;
  options.ping_timeout = 100ms;
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  const std::uint16_t port = hub.port();
  SocketClient listens(port);
  listens.join();
  const std::string sid = member_of(get(port, "/socket.io/?EIO=4&transport=polling").body, "sid");
  const std::string polls = "/socket.io/?EIO=4&transport=polling&sid=" + sid;
  CHECK(post(port, polls, "40").body == "ok");
  RawClient waits(port);  // its poll is answered, and then nothing comes any more
  waits.write("GET " + polls + " HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(waits.read_answer().body.starts_with("40{"));
  RawClient opened(port);  // a session that never joins anything
  opened.write(
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  REQUIRE(gone.wait_for(2));
  CHECK(reasons == std::multiset<std::string>{"ping timeout", "ping timeout"});
  REQUIRE(await_at_least(port, "zegocall_hub_closed_ping_timeout_total", 3));
  REQUIRE(await_at_most(port, "zegocall_net_websockets", 0));
  CHECK(metric(port, "zegocall_hub_sessions") == 0);
}

TEST_CASE("all clients lose their links at once and come back at once: each is the same, has missed nothing, in bounded time") {
  const std::size_t count = wanted_clients();
  CAPTURE(count);
  Count gone, back;
  Namespace ns{"/"};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on_connect([&](const Event& e) {
    if (e.recovered()) back.add();
  });
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); });
  HubOptions options;
  options.loops = 3;
  options.recovery = {.keep = 60s, .connections_max = 10'000};
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  SocketClient stays(hub.port());
  stays.join();
  std::vector<Person> people(count);
  {
    std::vector<std::unique_ptr<Returning>> clients;
    for (std::size_t n = 0; n < count; ++n) clients.push_back(std::make_unique<Returning>(hub.port(), "{}"));
    for (std::size_t n = 0; n < count; ++n) {
      const std::string answer = clients[n]->first();
      people[n].sid = member_of(answer, "sid");
      people[n].pid = member_of(answer, "pid");
    }
    hub.in("/").emit("heard", {1});
    for (std::size_t n = 0; n < count; ++n) people[n].offset = offset_of(clients[n]->hear());
    for (auto& client : clients) client->raw().reset();
  }
  REQUIRE(gone.wait_for(static_cast<int>(count)));
  hub.in("/").emit("missed", {2});
  const auto began = system_now().steady;
  std::vector<std::unique_ptr<Returning>> clients;
  for (const Person& person : people) clients.push_back(std::make_unique<Returning>(hub.port(), person.auth()));
  for (std::size_t n = 0; n < count; ++n) {
    CHECK(clients[n]->first().starts_with(R"(42["missed",2,")"));
    CHECK(member_of(clients[n]->hear(), "sid") == people[n].sid);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(system_now().steady - began);
  MESSAGE(count << " clients were back after " << took.count() << " ms");
  CHECK(took < 15s);
  CHECK(back.value() == static_cast<int>(count));
  CHECK(metric(hub.port(), "zegocall_hub_recovered_total") == static_cast<long>(count));
  CHECK(metric(hub.port(), "zegocall_hub_recovered_elsewhere_total") > 0);
  CHECK(metric(hub.port(), "zegocall_hub_away") == 0);
  // Who stayed heard both, and is served.
  CHECK(stays.hear_packet().starts_with(R"(2["heard",1,")"));
  CHECK(stays.hear_packet().starts_with(R"(2["missed",2,")"));
  stays.say(R"(27["echo",7])");
  CHECK(stays.hear_packet() == "37[7]");
}
