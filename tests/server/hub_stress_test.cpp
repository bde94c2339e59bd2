// Every function of the hub that any thread may call, called by four threads at random while clients come, talk and go; most
// worth its time under the thread sanitizer. ZEGOCALL_STRESS_SECONDS says for how long.
//
// The list is that of the headers, each public function that is not said to belong to one thread or to the time before open:
//   hub.hpp       Hub: port, reload_tls (with and without TLS), in, tell_servers (Caller::call_hub); drain, stop, wait (stress).
//   HubAccess: everyone,
//                 on_each_loop, on_service (Caller::call_access). Namespace, Event, Handshake, EnginePeer: one thread's.
//   audience.hpp  Audience: to (a group, a connection), user, except (both), droppable, local (Caller::audience); emit, relay,
//   ask,
//                 join, leave, disconnect, fetch (Caller::call_audience).
//   clock.hpp     Clock: now, subscribe, unsubscribe; AdvancingClock::advance (Caller::call_clock).
//   bus.hpp       is the hubs' own: tell_servers and every Audience go through it here.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "client/tls_front.hpp"
#include "server/socket_client.hpp"
#include "zegocall/client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

std::chrono::seconds wanted_time() {
  const char* seconds = std::getenv("ZEGOCALL_STRESS_SECONDS");
  return std::chrono::seconds(seconds ? std::atoi(seconds) : 2);
}

struct Counts {
  std::atomic<int> asked{0}, answered{0}, asked_to_last{0}, answered_by_last{0}, fetched{0};
  std::atomic<int> reloads_refused{0}, reloads{0}, reloads_failed{0}, secure_echoes{0}, on_loops{0}, to_service{0}, on_service{0},
      heard_clock{0};
};

/// What handlers of one hub leave for other threads.
class Inside {
 public:
  std::atomic<int> connected{0}, gone{0};

  void keep(const HubAccess& access) {
    const std::scoped_lock lock(mutex_);
    accesses_.push_back(access);
  }
  void keep(const ConnectionId& id) {
    const std::scoped_lock lock(mutex_);
    ids_[next_++ % ids_.size()] = id;
  }
  HubAccess access(unsigned any) {
    const std::scoped_lock lock(mutex_);
    return accesses_[any % accesses_.size()];
  }
  /// Of a connection that is there or was a moment ago.
  ConnectionId id(unsigned any) {
    const std::scoped_lock lock(mutex_);
    return ids_[any % ids_.size()];
  }

 private:
  std::mutex mutex_;
  std::vector<HubAccess> accesses_;
  std::array<ConnectionId, 8> ids_{};
  std::size_t next_ = 0;
};

Namespace busy(const std::string& name, Inside& inside) {
  Namespace ns{name};
  ns.authenticate(
      [](const Handshake& shake) -> Result<Identity> {
        return Identity{.user = shake.auth().get<UserId>("user").value_or(UserId{"nobody"})};
      },
      name == "/" ? Run::loop : Run::service);
  ns.on_open([&inside](const HubAccess& access) { inside.keep(access); });
  ns.on_connect([&](const Event& e) {
    ++inside.connected, ++e.data<int>();
    inside.keep(e.connection());
  });
  ns.on_disconnect([&](const Event&, std::string_view) { ++inside.gone; });
  ns.on("loop", [](const Event& e) -> Result<Args> {
    if (auto joined = e.sender().join(GroupId{"a"}); !joined) return unexpected(joined.error());
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

/// A hub that speaks TLS, whose certificate the callers have read again while clients come.
struct Secure {
  net_test::TestAuthority authority;
  net_test::Issued pair = authority.issue("DNS:localhost");
  Hub hub;

  explicit Secure(unsigned loops) : hub(open(loops)) {}
  Hub open(unsigned loops) const {
    HubOptions options;
    options.loops = loops;
    options.tls = {.certificate_file = pair.certificate_file, .key_file = pair.key_file};
    Namespace ns;
    ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
    return Hub::open(options, {.namespaces = {ns}}).value();
  }
  void be_client(Counts& counts, const std::atomic<bool>& over) const {
    while (!over) {
      Client client = Client::open({.url = "https://localhost:" + std::to_string(hub.port()),
                                    .tls = {.ca_file = authority.ca_file()},
                                    .reconnect = {.tries_max = 0}},
                                   {})
                          .value();
      counts.secure_echoes += client.ask_future("echo", {1}).get() ? 1 : 0;
    }
  }
};

class Caller {
 public:
  /// `lasts`: the hub stands until all callers are done, so that it owes every question its answer and all work its run.
  Caller(Hub& hub, const Hub& secure, Inside& inside, AdvancingClock& clock, Counts& counts, unsigned seed, bool lasts)
      : hub_(hub), secure_(secure), inside_(inside), clock_(clock), counts_(counts), random_(seed), lasts_(lasts) {}

  void act() {
    switch (random_() % 10) {
      case 0:
      case 1: return call_hub();
      case 2: return call_access();
      case 3: return call_clock();
      default: return call_audience(audience());
    }
  }
  unsigned random() { return static_cast<unsigned>(random_()); }

 private:
  void call_hub() {
    switch (random_() % 5) {
      case 0: return (void)hub_.port();
      case 4: return (void)++(secure_.reload_tls() ? counts_.reloads : counts_.reloads_failed);
      case 1: counts_.reloads_refused += hub_.reload_tls().error().code == ErrorCode::invalid_state ? 1 : 0; return;
      case 2: return (void)hub_.tell_servers("/", "event", {1});
      default: return (void)hub_.in("/nowhere");
    }
  }
  void call_access() {
    const HubAccess access = inside_.access(random());
    switch (random_() % 3) {
      case 0: return access.everyone.emit("from inside");
      case 1: return access.on_each_loop([&counts = counts_](unsigned) { ++counts.on_loops; });
      default:
        if (access.on_service([&counts = counts_, lasts = lasts_] { counts.on_service += lasts ? 1 : 0; }))
          counts_.to_service += lasts_ ? 1 : 0;
    }
  }
  void call_clock() {
    switch (random_() % 3) {
      case 0: return (void)clock_.now();
      case 1: return clock_.advance(1ms);
      default:
        clock_.subscribe(this, [&counts = counts_] { ++counts.heard_clock; });
        clock_.advance(1ms);
        return clock_.unsubscribe(this);
    }
  }
  void call_audience(const Audience& to) {
    switch (random_() % 8) {
      case 0: return to.emit("emit", {1, "two"});
      case 1: return to.droppable().emit("volatile", {std::string(500, 'x')});
      case 2: return to.relay("relay", args_.view());
      case 3: return (void)to.join(group());
      case 4: return to.leave(group());
      case 5:
        if (random_() % 50 == 0) to.disconnect({.reason = "at random", .whole_session = random_() % 2 == 0});
        return;
      case 6:
        ++(lasts_ ? counts_.asked_to_last : counts_.asked);
        return to.ask("q", {1}, {.timeout = 5ms}, [&counts = counts_, lasts = lasts_](const Answers&) {
          ++(lasts ? counts.answered_by_last : counts.answered);
        });
      default:
        return to.fetch(
            [&counts = counts_](std::vector<Member> members) { counts.fetched += static_cast<int>(members.size()) + 1; });
    }
  }

  GroupId group() { return GroupId{std::string(1, static_cast<char>('a' + random_() % 4))}; }
  Audience audience() {
    static const char* const names[] = {"/", "/service", "/room-1", "/room-2"};
    Audience out = hub_.in(names[random_() % 4]);
    for (unsigned n = random() % 3; n > 0; --n) out = out.to(group());
    switch (random_() % 8) {
      case 0: return out.except(group());
      case 1: return out.except(inside_.id(random()));
      case 2: return out.to(inside_.id(random()));
      case 3: return out.user(UserId{"u" + std::to_string(random_() % 4)});
      case 4: return out.local();
      default: return out;
    }
  }

  Hub& hub_;
  const Hub& secure_;
  Inside& inside_;
  AdvancingClock& clock_;
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

/// At the end of the time one of the callers, it is random which, drains a hub while the others go on calling, and the next one
/// stops it meanwhile every other time; the other hub is drained or stopped by whoever is last. A thread waits for each hub.
void stress(unsigned loops) {
  const unsigned seed = std::random_device{}();
  MESSAGE("seed " << seed);
  const auto bus = make_local_bus();
  Counts counts;
  Inside inside, other_inside;
  AdvancingClock clock;
  HubOptions options;
  options.bus = bus.get();
  options.clock = &clock;
  options.loops = loops;
  options.recovery.keep = 2s;
  options.connect_timeout = 2s;
  options.limits.packets_per_second_per_address = 1'000'000;
  options.limits.packets_burst_per_address = 1'000'000;
  const auto wiring = [&](Inside& into) {
    return Wiring{.namespaces = {busy("/", into), busy("/service", into), busy("/room-*", into)}};
  };
  {
    const Secure secure(loops);
    Hub hub = Hub::open(options, wiring(inside)).value();
    Hub other = Hub::open(options, wiring(other_inside)).value();
    std::atomic<bool> ends{false}, over{false};
    std::atomic<unsigned> calling{4};
    const unsigned drainer = seed % 4;
    const bool stopped = seed % 8 < 4, other_stopped = seed % 16 < 8;
    std::vector<std::thread> threads;
    for (unsigned n = 0; n < 4; ++n)
      threads.emplace_back([&, n] {
        const bool lasts = n % 2 != 0;
        Caller caller(lasts ? other : hub, secure.hub, lasts ? other_inside : inside, clock, counts, seed + n, lasts);
        bool ended = false;
        while (!over) {
          for (int i = 0; i < 20; ++i) caller.act();
          if (!ended && ends && n == (drainer + 1) % 4 && stopped) hub.stop();
          if (!ended && ends && n == drainer) hub.drain({.grace = 1s}), over = true;
          ended = ends;
          std::this_thread::yield();
        }
        if (--calling > 0) return;
        if (other_stopped) return other.stop();
        other.drain({.grace = 1s});
      });
    for (unsigned n = 0; n < 3; ++n)
      threads.emplace_back([&, n] {
        Caller caller(hub, secure.hub, inside, clock, counts, 100 + n, false);
        be_clients(n == 2 ? other.port() : hub.port(), caller, over);
      });
    threads.emplace_back([&] { secure.be_client(counts, over); });
    for (Hub* each : {&hub, &other}) threads.emplace_back([each] { each->wait(); });
    const auto end = system_now().steady + wanted_time();
    while (system_now().steady < end) (void)get(hub.port(), "/metrics");
    ends = true;
    for (std::thread& thread : threads) thread.join();
    // Both have stopped: no handler runs any more. Draining tells handlers of everybody's end, stopping does not.
    CHECK(inside.connected > 0);
    CHECK(other_inside.connected > 0);
    CHECK(inside.gone <= inside.connected);
    CHECK(other_inside.gone <= other_inside.connected);
    if (!stopped) CHECK(inside.gone == inside.connected);
    if (!other_stopped) CHECK(other_inside.gone == other_inside.connected);
  }
  CHECK(counts.fetched > 0);
  CHECK(counts.answered > 0);
  CHECK(counts.answered <= counts.asked);  // a hub that has stopped does nothing
  CHECK(counts.asked_to_last > 0);
  CHECK(counts.answered_by_last == counts.asked_to_last);
  CHECK(counts.to_service > 0);
  CHECK(counts.on_service > 0);
  CHECK(counts.on_service <= counts.to_service);  // what still waits when a hub stops is not begun
  CHECK(counts.on_loops > 0);
  CHECK(counts.reloads_refused > 0);
  CHECK(counts.reloads > 0);
  CHECK(counts.reloads_failed == 0);
  CHECK(counts.secure_echoes > 0);
  CHECK(counts.heard_clock > 0);
}

}  // namespace

TEST_CASE("four threads call everything at random while clients come and go, then a random one ends it") { stress(1); }
TEST_CASE("the same with three loops, among which connections move") { stress(3); }
