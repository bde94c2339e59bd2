// Four threads call every any-thread function of clients and a hub at random, over a network with faults. For the thread
// sanitizer above all; here it is held that every question is answered exactly once and nothing comes after the end.
// ZEGOCALL_STRESS_SECONDS says how long (default 3).
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <optional>
#include <random>
#include <shared_mutex>
#include <thread>

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
};

struct World {
  Hub hub;
  FaultProxy proxy;
  ClientLoop loop = ClientLoop::open().value();
  std::array<Slot, 8> slots{};
  std::atomic<std::uint64_t> asked{0}, answered{0}, heard{0};

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
    return Hub::open({}, {.namespaces = {ns}}).value();
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
    if (number % 3 == 0) wiring.credentials = [](std::uint32_t) -> Result<Json> { return Json(JsonObject{{"t", 1}}); };
    slots[number].client.emplace(Client::open(std::move(options), std::move(wiring)).value());
  }

  void step(std::mt19937_64& random) {
    const std::size_t number = random() % slots.size();
    Slot& slot = slots[number];
    const unsigned what = static_cast<unsigned>(random() % 1000);
    if (what < 4) {
      const std::unique_lock lock(slot.mutex);
      if (what < 2) static_cast<void>(slot.client->close(std::chrono::milliseconds(random() % 200)));
      slot.client.reset();
      return make(number);
    }
    const std::shared_lock lock(slot.mutex);
    Client& client = *slot.client;
    if (what < 500) return ask(client, random);
    if (what < 700) return static_cast<void>(client.emit(what % 2 ? "tell" : "echo", {std::string(random() % 300, 'x')}));
    if (what < 750) return static_cast<void>(client.state());
    if (what < 800) return static_cast<void>(client.buffered() + (client.recovered() ? 1 : 0));
    if (what < 850) return client.cancel(random() % 50);
    if (what < 855) return client.cancel_waiting();
    if (what < 860) return proxy.cut();
    if (what < 862) return proxy.set(random() % 3 ? FaultProxy::Fault::none : FaultProxy::Fault::refuse);
    if (what < 900) return hub.in("/").emit("told", {1});
    if (what < 902) return hub.in("/").disconnect();
    if (what < 910) return static_cast<void>(client.close(0ms));
    static_cast<void>(client.in("/").state());
  }

  void ask(Client& client, std::mt19937_64& random) {
    ++asked;
    client.ask("echo", {std::uint64_t{random()}}, {.timeout = std::chrono::milliseconds(random() % 300)},
               [this](const Result<Args>&) { ++answered; });
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
      while (std::chrono::steady_clock::now() < end) world.step(random);
    });
  for (std::thread& each : threads) each.join();
  for (Slot& slot : world.slots) slot.client.reset();
  CHECK(world.asked > 100);
  CHECK(world.heard > 0);
  CHECK(world.answered == world.asked);
}
