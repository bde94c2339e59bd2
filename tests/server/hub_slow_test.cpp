// Clients that hold on to what they get: slow heads, slow bodies, answers that nobody reads, heads without end. Each costs
// little, for a while, by its counter, and nobody else notices.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <list>
#include <thread>
#include <vector>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int slow_clients = 150;  // with slow heads, and as many with slow bodies
constexpr auto drip = 2ms;         // between two bytes of a slow client: what is slow does not need a core of its own
constexpr auto window = 300ms;
constexpr int windows = 5;  // of an attack
constexpr int unread_answers = 30;
constexpr std::size_t round_trips = 200;  // at least, in a window
constexpr auto worst_p99 = 250ms;         // of the whole attack, for a round trip that takes a fraction of a millisecond

std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, pages = 0;
  in >> all >> pages;
  return pages * 4096;
}

/// Each of its clients says one byte after the other, for as long as it lives; who is closed comes again.
class Dribblers {
 public:
  Dribblers(std::uint16_t port, std::string start) : port_(port), start_(std::move(start)) {
    for (int i = 0; i < slow_clients; ++i) begin(clients_.emplace_back());
  }
  void step() {
    for (auto& client : clients_) {
      if (client->write("x") && !client->ended() && (client->read_some(0ms) || !client->ended())) continue;
      begin(client);
    }
  }
  void stop() { clients_.clear(); }

 private:
  void begin(std::unique_ptr<RawClient>& client) {
    client = std::make_unique<RawClient>(port_);
    client->write(start_);
  }
  std::uint16_t port_;
  std::string start_;
  std::list<std::unique_ptr<RawClient>> clients_;
};

std::chrono::nanoseconds p99(std::vector<std::chrono::nanoseconds>& all) {
  std::sort(all.begin(), all.end());
  return all[all.size() * 99 / 100];
}

struct Latency {
  std::chrono::nanoseconds socket, web;
};

/// The attackers need a core too, and the machine has others' work: a few turns of the scheduler are no harm, hundreds are.
/// Others' work comes in bursts, an attack that harms does so all the time: `during` is that of the best window.
void check_unharmed(Latency before, Latency during) {
  const auto us = [](std::chrono::nanoseconds t) { return t.count() / 1000; };
  MESSAGE("p99 before and during: socket " << us(before.socket) << " and " << us(during.socket) << " us, http " << us(before.web)
                                           << " and " << us(during.web) << " us");
  constexpr auto floor = 20ms;
  CHECK(during.socket <= 10 * before.socket + floor);
  CHECK(during.web <= 10 * before.web + floor);
}

HubOptions hasty() {
  HubOptions options;
  options.head_timeout = 300ms;
  options.body_timeout = 300ms;
  options.unread_timeout = 300ms;
  return options;
}

Wiring wiring() {
  Namespace ns;
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  Router http;
  const auto big = std::make_shared<const std::string>(8'000'000, 'b');
  http.route(Method::get, "/fine", [](const HttpRequest&) -> Result<HttpResponse> { return http_json(200, JsonObject{}); });
  http.route(Method::get, "/big", [big](const HttpRequest&) -> Result<HttpResponse> {
    HttpResponse out;
    out.parts = [big, at = std::size_t{0}]() mutable -> Result<std::optional<std::string>> {
      if (at == big->size()) return std::optional<std::string>();
      return big->substr(std::exchange(at, at + 40'000), 40'000);
    };
    return out;
  });
  http.route(Method::post, "/body", [](const HttpRequest&) -> Result<HttpResponse> { return http_json(200, JsonObject{}); });
  Wiring out;
  out.namespaces = {ns};
  out.http = http;
  return out;
}

/// Round trips over a WebSocket and over kept-alive HTTP, one after the other.
struct Victim {
  explicit Victim(std::uint16_t port) : socket(port), web(port) { socket.join(); }
  /// Their p99 in a window.
  Latency run() {
    std::vector<std::chrono::nanoseconds> by_socket, by_web;
    for (const auto end = Steady::now() + window; Steady::now() < end || by_web.size() < round_trips;) {
      const auto start = Steady::now();
      socket.say(R"(21["echo",1])");
      if (!socket.hear_packet().starts_with("31[1]")) ++wrong;
      const auto middle = Steady::now();
      web.write("GET /fine HTTP/1.1\r\nHost: test\r\n\r\n");
      if (web.read_answer().status != 200) ++wrong;
      by_socket.push_back(middle - start);
      by_web.push_back(Steady::now() - middle);
    }
    all_by_socket.insert(all_by_socket.end(), by_socket.begin(), by_socket.end());
    all_by_web.insert(all_by_web.end(), by_web.begin(), by_web.end());
    return {p99(by_socket), p99(by_web)};
  }
  Latency run_attacked() {
    std::array<Latency, windows> all;
    for (Latency& each : all) each = run();
    const auto best = [&](std::chrono::nanoseconds Latency::*which) {
      const auto less = [&](const Latency& a, const Latency& b) { return a.*which < b.*which; };
      return std::min_element(all.begin(), all.end(), less)->*which;
    };
    return {best(&Latency::socket), best(&Latency::web)};
  }
  SocketClient socket;
  RawClient web;
  int wrong = 0;
  std::vector<std::chrono::nanoseconds> all_by_socket, all_by_web;
};

void check_bounded(Victim& victim) {
  CHECK(p99(victim.all_by_socket) < worst_p99);
  CHECK(p99(victim.all_by_web) < worst_p99);
}

}  // namespace

TEST_CASE("slow heads, slow bodies, unread answers and heads without end: bounded, counted, and not felt by others") {
  const Hub hub = Hub::open(hasty(), wiring()).value();
  const Latency calm = Victim(hub.port()).run();
  Victim victim(hub.port());
  std::atomic<bool> over{false};
  const std::size_t before = resident();
  std::thread attackers([&] {
    Dribblers heads(hub.port(), "GET / HTTP/1.1\r\nHost: test\r\nX: ");
    Dribblers bodies(hub.port(), "POST /body HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n");
    std::list<RawClient> silent;
    for (int i = 0; i < unread_answers; ++i)
      silent.emplace_back(hub.port(), 4096).write("GET /big HTTP/1.1\r\nHost: test\r\n\r\n");
    const std::string long_head = "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x');
    while (!over) {
      heads.step(), bodies.step();
      RawClient endless(hub.port());
      endless.write(long_head);
      std::this_thread::sleep_for(drip);
    }
  });
  const Latency attacked = victim.run_attacked();
  const std::size_t now = resident();
  const std::size_t grown = now - std::min(now, before);
  const auto port = hub.port();
  const auto reaches = [&](const std::string& name, long least) {
    for (const auto end = Steady::now() + 30s; Steady::now() < end;)
      if (metric(port, "zegocall_" + name + "_total") >= least) return true;
    return false;
  };
  CHECK(reaches("net_timeouts_head", slow_clients));
  CHECK(reaches("net_timeouts_body", slow_clients));
  CHECK(reaches("net_timeouts_unread", unread_answers));
  CHECK(reaches("net_requests_long_head", 1));
  CHECK(reaches("server_http_gone", unread_answers));  // the streams that nobody read
  over = true;
  attackers.join();
  CHECK(victim.wrong == 0);
  check_unharmed(calm, attacked);
  check_bounded(victim);
  CHECK(grown < 64'000'000);
  const auto end = Steady::now() + 10s;
  while (metric(port, "zegocall_net_connections") > 3 && Steady::now() < end) continue;
  CHECK(metric(port, "zegocall_net_connections") == 3);  // the two of the victim, and the one that asks
  MESSAGE("grown by " << grown / 1000 << " kB");
}

TEST_CASE("floods on WebSockets are not felt by others, and end where a limit says so") {
  HubOptions options;
  options.limits.packets_per_second = 2'000;
  options.limits.packets_burst = 4'000;
  const Hub hub = Hub::open(options, wiring()).value();
  const Latency calm = Victim(hub.port()).run();
  Victim victim(hub.port());
  std::atomic<bool> over{false};
  std::thread attackers([&] {
    std::string acks, fragments, pings;
    for (int i = 0; i < 1000; ++i) {
      acks += RawClient::frame(0x81, "43" + std::to_string(i) + "[]");
      fragments += RawClient::frame(i == 0 ? 0x01 : 0x00, "");  // of one message that never ends
      pings += RawClient::frame(0x89, "p");
    }
    while (!over) {
      for (const std::string* flood : {&acks, &fragments, &pings}) {
        SocketClient client(hub.port());
        client.join();
        for (int n = 0; n < 10 && !over && client.raw().write(*flood); ++n) client.raw().read_some(0ms);
      }
    }
  });
  const Latency attacked = victim.run_attacked();
  over = true;
  attackers.join();
  check_unharmed(calm, attacked);
  check_bounded(victim);
  CHECK(metric(hub.port(), "zegocall_hub_acks_unknown_total") >= 1000);
  CHECK(metric(hub.port(), "zegocall_hub_flood_session_total") >= 1);
}
