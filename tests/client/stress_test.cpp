// Four threads call every any-thread function of clients and a hub at random, over a network with faults. For the thread
// sanitizer above all; here it is held that every question is answered exactly once and nothing comes after the end.
// ZEGOCALL_STRESS_SECONDS says how long (default 3).
//
// The list is that of client.hpp: Client::open, its destructor and moves (World::renew, alone in the slot), emit, ask,
// ask_future, cancel, cancel_waiting, in, state, recovered, buffered, close; ClientNamespace::emit, ask, ask_future, state,
// recovered, of a namespace of the wiring and of one that is none; ClientLoop::open. The hub's own list is in
// tests/server/hub_stress_test.cpp.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <future>
#include <optional>
#include <random>
#include <shared_mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "client/diary.hpp"
#include "client/fault_proxy.hpp"
#include "zegocall/hub.hpp"

using namespace zegocall;
using namespace zegocall::client_test;
using namespace zegocall::net_test;
using namespace std::chrono_literals;

namespace {

constexpr Transport ways[] = {Transport::websocket, Transport::polling, Transport::upgrade};

std::chrono::seconds duration() {
  const char* const text = std::getenv("ZEGOCALL_STRESS_SECONDS");
  return std::chrono::seconds(text != nullptr ? std::atoi(text) : 3);
}

/// A client that may be closed and made anew by any thread. The lock is that of a host: it keeps a client from being
/// destroyed while another thread is in it.
struct Slot {
  std::shared_mutex mutex;
  std::optional<Client> client;
  std::array<std::atomic<AskId>, 16> asked{};  ///< the latest questions, of which many are still out
};

struct World {
  Hub hub;
  FaultProxy proxy;
  ClientLoop loop = ClientLoop::open().value();
  std::array<Slot, 8> slots{};
  std::atomic<std::uint64_t> asked{0}, answered{0}, cancelled{0}, answered_in_side{0}, heard{0};

  World() : hub(open_hub()), proxy(hub.port()) {
    for (std::size_t i = 0; i < slots.size(); ++i) make(i);
  }

  static Hub open_hub() {
    Namespace ns{"/"};
    ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
    ns.on("tell", [](const Event& e) -> Result<Args> {
      e.everyone().relay("told", e.args());
      return Args{};
    });
    Namespace side{"/side"};
    side.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
    return Hub::open({}, {.namespaces = {ns, side}}).value();
  }

  void make(std::size_t number) {
    ClientOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(proxy.port());
    options.transport = ways[number % 3];
    options.reconnect = {.first = 1ms, .max = 20ms};
    options.connect_timeout = 500ms;
    options.high_water_bytes = 1000;
    options.while_offline = number % 4 == 3 ? WhileOffline::drop_oldest : WhileOffline::wait;
    options.loop = number % 2 == 0 ? &loop : nullptr;
    ClientWiring wiring;
    wiring.on = {{"told", [this](const Message&) -> Result<Args> { return ++heard, Args{}; }}};
    wiring.on_state = [this](ClientState, const Error&) { ++heard; };
    wiring.on_drain = [this] { ++heard; };
    wiring.namespaces.push_back({.name = "/side", .on_state = [this](ClientState, const Error&) { ++heard; }});
    if (number % 3 == 0) wiring.credentials = [](std::uint32_t) -> Result<Json> { return Json(JsonObject{{"t", 1}}); };
    slots[number].client.emplace(Client::open(std::move(options), std::move(wiring)).value());
  }

  /// Closes, destroys, moves: what needs the client for itself.
  void renew(std::size_t number, Slot& slot, std::mt19937_64& random) {
    const std::unique_lock lock(slot.mutex);
    if (random() % 4 == 0) {
      Client moved = *std::move(slot.client);
      *slot.client = std::move(moved);
      return;
    }
    if (random() % 2 == 0) static_cast<void>(slot.client->close(std::chrono::milliseconds(random() % 200)));
    slot.client.reset();
    make(number);
    if (random() % 8 == 0) static_cast<void>(ClientLoop::open());
  }

  using Futures = std::vector<std::future<Result<Args>>>;

  void step(std::mt19937_64& random, Futures& futures) {
    const std::size_t number = random() % slots.size();
    Slot& slot = slots[number];
    const unsigned what = static_cast<unsigned>(random() % 1000);
    if (what < 4) return renew(number, slot, random);
    const std::shared_lock lock(slot.mutex);
    Client& client = *slot.client;
    if (what < 350) return ask(client, slot, random);
    if (what < 550) return ask(client.in("/side"), slot, random);
    if (what < 600) {
      ++asked;
      futures.push_back(what % 2 ? client.ask_future("echo", {1}, {.timeout = 100ms})
                                 : client.in("/side").ask_future("echo", {1}, {.timeout = 100ms}));
      return;
    }
    if (what < 700) return static_cast<void>(client.emit(what % 2 ? "tell" : "echo", {std::string(random() % 300, 'x')}));
    if (what < 730) return static_cast<void>(client.in("/side").emit("echo", {std::string(random() % 300, 'x')}));
    if (what < 750) return static_cast<void>(client.state());
    if (what < 770) return static_cast<void>(client.buffered() + (client.recovered() ? 1 : 0));
    if (what < 790) return static_cast<void>(client.in("/side").recovered());
    if (what < 845) return client.cancel(slot.asked[random() % slot.asked.size()]);
    if (what < 850) return client.cancel(random());  // nobody's
    if (what < 855) return client.cancel_waiting();
    if (what < 860) return proxy.cut();
    if (what < 862) return proxy.set(random() % 3 ? FaultProxy::Fault::none : FaultProxy::Fault::refuse);
    if (what < 900) return hub.in("/").emit("told", {1});
    if (what < 902) return hub.in(what % 2 ? "/" : "/side").disconnect();
    if (what < 906) return static_cast<void>(client.close(0ms));
    if (what < 950) return static_cast<void>(client.in("/side").state());
    if (client.in("/none").emit("echo")) throw std::logic_error("a namespace that is not in the wiring took an event");
  }

  /// Each of them has its answer by now or soon.
  void collect(Futures& futures) {
    for (auto& each : futures)
      if (each.wait_for(patience) == std::future_status::ready) ++answered;
    futures.clear();
  }

  template <class Asker>
  void ask(Asker&& client, Slot& slot, std::mt19937_64& random) {
    constexpr bool in_side = std::is_same_v<std::remove_cvref_t<Asker>, ClientNamespace>;
    ++asked;
    const AskId id = client.ask("echo", {std::uint64_t{random()}}, {.timeout = std::chrono::milliseconds(1 + random() % 300)},
                                [this](const Result<Args>& answer) {
                                  ++answered;
                                  if (answer && in_side) ++answered_in_side;
                                  if (!answer && answer.error().detail == "cancelled") ++cancelled;
                                });
    slot.asked[random() % slot.asked.size()] = id;
  }
};

}  // namespace

TEST_CASE("four threads at random") {
  const std::uint64_t seed = std::random_device{}();
  MESSAGE("seed " << seed);
  World world;
  const auto end = std::chrono::steady_clock::now() + duration();
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&world, end, seed, t] {
      std::mt19937_64 random(seed + t);
      World::Futures futures;
      while (std::chrono::steady_clock::now() < end) {
        world.step(random, futures);
        if (futures.size() == 100) world.collect(futures);
      }
      world.collect(futures);
    });
  for (std::thread& each : threads) each.join();
  for (Slot& slot : world.slots) slot.client.reset();
  CHECK(world.asked > 100);
  CHECK(world.heard > 0);
  CHECK(world.answered == world.asked);
  CHECK(world.cancelled > 0);
  CHECK(world.answered_in_side > 0);
}
