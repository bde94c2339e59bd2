// Every function of the hub that any thread may call, called by four threads at random while clients come, talk and go; most
// worth its time under the thread sanitizer. ZEGOCALL_STRESS_SECONDS says for how long.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

std::chrono::seconds wanted_time() {
  const char* seconds = std::getenv("ZEGOCALL_STRESS_SECONDS");
  return std::chrono::seconds(seconds ? std::atoi(seconds) : 2);
}

struct Counts {
  std::atomic<int> asked{0}, answered{0}, asked_to_last{0}, answered_by_last{0}, fetched{0}, connected{0}, gone{0};
};

Namespace busy(const std::string& name, Counts& counts) {
  Namespace ns{name};
  ns.authenticate(
      [](const Handshake& shake) -> Result<Identity> {
        return Identity{.user = shake.auth().get<UserId>("user").value_or(UserId{"nobody"})};
      },
      name == "/" ? Run::loop : Run::service);
  ns.on_connect([&](const Event& e) { ++counts.connected, ++e.data<int>(); });
  ns.on_disconnect([&](const Event&, std::string_view) { ++counts.gone; });
  ns.on("loop", [](const Event& e) -> Result<Args> {
    e.sender().join(GroupId{"a"});
    e.others().to(GroupId{"a"}).relay("said", e.args());
    return Args{++e.data<int>()};
  });
  ns.on(
      "service",
      [](const Event& e) -> Result<Args> {
        e.everyone().to(GroupId{"a"}).except(GroupId{"b"}).emit("told", {e.identity().user});
        return Args{++e.data<int>()};
      },
      Run::service);
  return ns;
}

class Caller {
 public:
  /// `lasts`: the hub stands until all callers are done, so that it owes every question its answer.
  Caller(const Hub& hub, Counts& counts, unsigned seed, bool lasts) : hub_(hub), counts_(counts), random_(seed), lasts_(lasts) {}

  void act() {
    const Audience to = audience();
    switch (random_() % 12) {
      case 0: return to.emit("emit", {1, "two"});
      case 1: return to.droppable().emit("volatile", {std::string(500, 'x')});
      case 2: return to.relay("relay", args_.view());
      case 3: return to.join(group());
      case 4: return to.leave(group());
      case 5:
        if (random_() % 50 == 0) to.disconnect({.reason = "at random", .whole_session = random_() % 2 == 0});
        return;
      case 6:
        ++(lasts_ ? counts_.asked_to_last : counts_.asked);
        return to.ask("q", {1}, {.timeout = 5ms}, [&counts = counts_, lasts = lasts_](Result<std::vector<Args>>) {
          ++(lasts ? counts.answered_by_last : counts.answered);
        });
      case 7:
        return to.fetch(
            [&counts = counts_](std::vector<Member> members) { counts.fetched += static_cast<int>(members.size()) + 1; });
      case 8: (void)hub_.tell_servers("/", "event", {1}); return;
      case 9: return to.user(UserId{"u" + std::to_string(random_() % 4)}).emit("user");
      case 10: return to.local().emit("local");
      default: (void)hub_.port(); return;
    }
  }
  unsigned random() { return static_cast<unsigned>(random_()); }

 private:
  GroupId group() { return GroupId{std::string(1, static_cast<char>('a' + random_() % 4))}; }
  Audience audience() {
    static const char* const names[] = {"/", "/service", "/room-1", "/room-2"};
    Audience out = hub_.in(names[random_() % 4]);
    for (unsigned n = random() % 3; n > 0; --n) out = out.to(group());
    return random_() % 4 == 0 ? out.except(group()) : out;
  }

  const Hub& hub_;
  const Args args_{JsonObject{{"a", 1}}};
  Counts& counts_;  ///< outlives the hubs; this does not
  std::mt19937 random_;
  const bool lasts_;
};

/// One client after the other: joins, talks, answers what it is asked, goes in one way or another.
void be_clients(std::uint16_t port, Caller& caller, const std::atomic<bool>& over) {
  std::string pid;
  while (!over) {
    SocketClient client(port);
    if (!client.upgraded()) return;
    const std::string user = "u" + std::to_string(caller.random() % 4);
    const std::string auth = R"({"user":")" + user + R"(","pid":")" + pid + R"("})";
    client.say("0" + auth);
    client.say("0/service," + auth);
    client.say("0/room-" + std::to_string(caller.random() % 2 + 1) + ",");
    for (int i = 0; i < 20 && !over; ++i) {
      client.say(R"(21["loop",1])");
      client.say(R"(2/service,2["service",2])");
      const std::string packet = client.hear();
      if (packet.empty()) break;
      if (const std::size_t at = packet.find("\"pid\":\""); at != std::string::npos) pid = packet.substr(at + 7, 20);
      if (packet.starts_with("42") && packet.find("[\"q\"") != std::string::npos)
        client.say("3" + packet.substr(2, packet.find('[') - 2) + "[1]");
    }
    if (caller.random() % 2 == 0) client.say("1");
  }
}

}  // namespace

namespace {

void stress(unsigned loops) {
  const auto bus = make_local_bus();
  Counts counts;
  HubOptions options;
  options.bus = bus.get();
  options.loops = loops;
  options.recovery.keep = 2s;
  options.connect_timeout = 2s;
  options.limits.packets_per_second_per_address = 1'000'000;
  options.limits.packets_burst_per_address = 1'000'000;
  const auto wiring = [&] {
    return Wiring{.namespaces = {busy("/", counts), busy("/service", counts), busy("/room-*", counts)}};
  };
  {
    Hub hub = Hub::open(options, wiring()).value();
    const Hub other = Hub::open(options, wiring()).value();
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (unsigned n = 0; n < 4; ++n)
      threads.emplace_back([&, n] {
        Caller caller(n % 2 == 0 ? hub : other, counts, n, n % 2 != 0);
        while (!over) {
          for (int i = 0; i < 20; ++i) caller.act();
          std::this_thread::yield();
        }
      });
    for (unsigned n = 0; n < 3; ++n)
      threads.emplace_back([&, n] {
        Caller caller(hub, counts, 100 + n, false);
        be_clients(n == 2 ? other.port() : hub.port(), caller, over);
      });
    const auto end = system_now().steady + wanted_time();
    while (system_now().steady < end) (void)get(hub.port(), "/metrics");
    hub.drain({.grace = 1s});  // in the middle of it all
    over = true;
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(counts.connected > 0);
  CHECK(counts.connected == counts.gone);
  CHECK(counts.fetched > 0);
  CHECK(counts.answered > 0);
  CHECK(counts.answered <= counts.asked);  // a hub that has stopped does nothing
  CHECK(counts.asked_to_last > 0);
  CHECK(counts.answered_by_last == counts.asked_to_last);
}

}  // namespace

TEST_CASE("four threads call everything at random while clients come and go, then one drains") { stress(1); }
TEST_CASE("the same with three loops, among which connections move") { stress(3); }
