// A name server that does not answer: getaddrinfo hangs, and nobody else does. This program has a getaddrinfo of its own.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>

#include "zegocall/client.hpp"
#include "zegocall/net/http_client.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

/// Look-ups of "hang.test" stay inside until they are let go; then the name does not exist.
class NameServer {
 public:
  int hang() {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --inside_;
    changed_.notify_all();
    return EAI_AGAIN;
  }
  int inside() {
    std::unique_lock lock(mutex_);
    return inside_;
  }
  bool wait_for(int inside) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::system_clock::now() + 10s, [&] { return inside_ >= inside; });
  }
  /// Lets all go, and waits until they have gone: a thread in here must not outlive the test.
  void let_go() {
    std::unique_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return inside_ == 0; });
    open_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool open_ = false;
};

NameServer& name_server() {
  static NameServer* const one = new NameServer;  // detached threads may come late
  return *one;
}

template <class F>
std::chrono::steady_clock::duration time_of(F act) {
  const auto start = std::chrono::steady_clock::now();
  act();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** out) {
  const bool numeric_only = hints && (hints->ai_flags & AI_NUMERICHOST) != 0;
  if (node && !numeric_only && std::strcmp(node, "hang.test") == 0) return name_server().hang();
  using Original = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto original = reinterpret_cast<Original>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return original(node, service, hints, out);
}

TEST_CASE("close and destruction do not wait for a look-up, and no callback comes later") {
  for (const bool closes : {true, false}) {
    std::atomic<bool> over{false};
    std::atomic<int> late{0};
    ClientWiring wiring;
    wiring.on_state = [&](ClientState, const Error&) { late += over ? 1 : 0; };
    std::optional<Client> client = Client::open({.url = "http://hang.test:1"}, std::move(wiring)).value();
    REQUIRE(name_server().wait_for(1));
    const auto took = time_of([&] {
      if (closes) CHECK(client->close(5s));
      client.reset();
    });
    CHECK(took < 3s);
    over = true;
    name_server().let_go();
    CHECK(late == 0);
  }
}

TEST_CASE("a loop with a client whose name hangs serves the others, and ends") {
  auto loop = ClientLoop::open().value();
  ClientOptions hangs{.url = "http://hang.test:1"}, refused{.url = "http://127.0.0.1:1", .reconnect = {.tries_max = 0}};
  hangs.loop = &loop;
  refused.loop = &loop;
  std::optional<Client> first = Client::open(std::move(hangs), {}).value();
  REQUIRE(name_server().wait_for(1));
  std::promise<void> told;
  ClientWiring wiring;
  wiring.on_state = [&, once = false](ClientState state, const Error&) mutable {
    if (state == ClientState::closed && !std::exchange(once, true)) told.set_value();
  };
  Client second = Client::open(std::move(refused), std::move(wiring)).value();
  CHECK(told.get_future().wait_for(10s) == std::future_status::ready);  // while the other one hangs
  const auto took = time_of([&] {
    CHECK(second.close(5s));
    CHECK(first->close(5s));
    first.reset();
  });
  CHECK(took < 3s);
  name_server().let_go();
}

TEST_CASE("each try ends with its limit, and look-ups do not pile up") {
  std::promise<void> third;
  std::atomic<int> waits{0}, others{0};
  ClientWiring wiring;
  wiring.on_state = [&](ClientState state, const Error& why) {
    if (state != ClientState::waiting) return;
    if (why.code != ErrorCode::timeout) ++others;
    if (++waits == 3) third.set_value();
  };
  ClientOptions options{.url = "http://hang.test:1", .reconnect = {.first = 1ms, .max = 2ms}};
  options.connect_timeout = 50ms;
  Client client = Client::open(std::move(options), std::move(wiring)).value();
  REQUIRE(third.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(others == 0);
  CHECK(name_server().inside() == 1);
  const auto took = time_of([&] { CHECK(client.close(5s)); });
  CHECK(took < 3s);
  name_server().let_go();
}

TEST_CASE("an HTTP request ends with its limit too") {
  HttpClient client = HttpClient::open({.plain_http = true}).value();
  const auto took = time_of([&] {
    const auto reply = client.send({.url = "http://hang.test:1/", .time_limit = 100ms});
    REQUIRE(!reply);
    CHECK(reply.error().code == ErrorCode::unreachable);
  });
  CHECK(took < 3s);
  name_server().let_go();
}
