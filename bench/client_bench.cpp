// client_bench: echo round trips per CPU-second of the client, 10,000 in flight over 100 clients on one loop, and what one
// idle client holds. client_node.mjs is the same with the stock client of Node.js; both print one line for run_client.sh.
//
//   client_bench URL [SECONDS]
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <vector>

#include "zegocall/client.hpp"

namespace {

using namespace zegocall;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int clients_count = 100, in_flight_each = 100, idle_count = 500;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_kib() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

/// Counts what has connected.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int connected = 0;
  ClientWiring wiring() {
    return {.on_state = [this](ClientState state, const Error&) {
      if (state != ClientState::connected) return;
      const std::scoped_lock lock(mutex);
      ++connected;
      changed.notify_all();
    }};
  }
  void wait(int count) {
    std::unique_lock lock(mutex);
    if (changed.wait_for(lock, 30s, [&] { return connected >= count; })) return;
    std::fputs("client_bench: the clients do not connect\n", stderr);
    std::exit(1);
  }
};

std::vector<Client> open_all(const char* url, ClientLoop& loop, int count) {
  Gate gate;
  std::vector<Client> out;
  for (int i = 0; i < count; ++i) {
    auto client = Client::open({.url = url, .loop = &loop}, gate.wiring());
    if (!client) std::fprintf(stderr, "client_bench: %s\n", to_string(client.error()).c_str()), std::exit(1);
    out.push_back(*std::move(client));
  }
  gate.wait(count);
  for (Client& each : out) static_cast<void>(each.ask_future("echo", {1}).get());
  return out;
}

/// Asks again as soon as it is answered. All of it on the loop thread once begun.
struct Asker {
  Client* client;
  bool* stop;
  std::uint64_t* answered;
  void ask() const {
    client->ask("echo", {"0123456789abcdef0123456789abcdef0123456789abcdef", 1}, {.timeout = 30s},
                [self = *this](const Result<Args>& answer) {
                  if (!answer || *self.stop) return;
                  ++*self.answered;
                  self.ask();
                });
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: client_bench URL [SECONDS]\n", stderr), 2;
  const auto duration = std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 3);
  auto loop = ClientLoop::open().value();
  double idle_kib = 0;
  {
    const std::vector<Client> warm = open_all(argv[1], loop, 1);
    const double before = resident_kib();
    const std::vector<Client> idle = open_all(argv[1], loop, idle_count);
    idle_kib = (resident_kib() - before) / idle_count;
  }
  std::vector<Client> clients = open_all(argv[1], loop, clients_count);
  static bool stop = false;  // written and read on the loop thread
  static std::uint64_t answered = 0;
  const auto at_loop = [&](auto work) {  // an answered question is a way onto the loop thread
    std::promise<void> done;
    clients[0].ask("echo", {0}, {}, [&](const Result<Args>&) { work(), done.set_value(); });
    done.get_future().wait();
  };
  at_loop([&] {
    for (Client& each : clients)
      for (int i = 0; i < in_flight_each; ++i) Asker{&each, &stop, &answered}.ask();
  });
  std::uint64_t first = 0, last = 0;
  double cpu = 0;
  std::mutex mutex;
  std::condition_variable never;
  const auto pause = [&](std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, time);
  };
  pause(500ms);
  at_loop([&] { first = answered, cpu = cpu_seconds(); });
  const auto begun = Clock::now();
  pause(duration);
  at_loop([&] { last = answered, cpu = cpu_seconds() - cpu, stop = true; });
  const double wall = std::chrono::duration<double>(Clock::now() - begun).count();
  const auto trips = static_cast<double>(last - first);
  std::printf("zegocall  %8.0f round trips/s  %9.0f per client CPU-second  idle client %.1f KiB\n", trips / wall, trips / cpu,
              idle_kib);
  clients.clear();
  return 0;
}
