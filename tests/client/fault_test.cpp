// What networks, servers and callbacks do to a client, and that it ends in its time all the same.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "client/diary.hpp"
#include "client/fault_proxy.hpp"
#include "zegocall/hub.hpp"

using namespace zegocall;
using namespace zegocall::client_test;
using namespace zegocall::net_test;
using namespace std::chrono_literals;
using Fault = FaultProxy::Fault;

namespace {

constexpr Transport ways[] = {Transport::websocket, Transport::polling, Transport::upgrade};
constexpr Backoff quick{.first = 10ms, .max = 100ms};

Hub open_hub() {
  Namespace ns{"/"};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on("silence", [](const Event&) -> Result<Args> { return Args{}; });
  ns.on("tell", [](const Event& e) -> Result<Args> {
    e.everyone().relay("told", e.args());
    return Args{};
  });
  return Hub::open({}, {.namespaces = {ns}}).value();
}
std::string local(std::uint16_t port, const char* scheme = "http://") { return scheme + ("127.0.0.1:" + std::to_string(port)); }
Result<Args> ask(Client& client, std::string_view event, const Args& args = {}) {
  return client.ask_future(event, args, {.timeout = patience}).get();
}

/// Takes connections and never says anything.
struct Mute final : TestListener {
  Mute() {
    start([](int socket) {
      char byte = 0;
      while (::recv(socket, &byte, 1, 0) > 0) {
      }
    });
  }
  ~Mute() override { stop(); }
};

/// A listening socket whose queue is full: to a client its address is a hole.
class BlackHole {
 public:
  BlackHole() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket_, 0) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    for (int& each : fill_) {
      each = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(each, reinterpret_cast<sockaddr*>(&at), size);
    }
  }
  ~BlackHole() {
    for (const int each : fill_) ::close(each);
    ::close(socket_);
  }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  int fill_[8]{};
  std::uint16_t port_ = 0;
};

template <class F>
std::chrono::milliseconds time_of(F&& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

}  // namespace

TEST_CASE("close and destruction while connecting, in every phase, return at once") {
  Mute mute;
  BlackHole hole;
  struct Phase {
    const char* name;
    ClientOptions options;
  };
  const auto phases = [&](Transport way) {
    std::vector<Phase> out;
    out.push_back({"DNS", {.url = "http://no-such-host.invalid", .transport = way}});
    out.push_back({"TCP", {.url = local(hole.port()), .transport = way}});
    out.push_back({"TLS", {.url = local(mute.port(), "https://"), .transport = way}});
    out.push_back({"handshake", {.url = local(mute.port()), .transport = way}});
    out.push_back({"proxy", {.url = "http://x.test", .transport = way, .proxy = {.url = local(mute.port())}}});
    return out;
  };
  for (const Transport way : ways)
    for (const bool destroy : {false, true})
      for (Phase& phase : phases(way)) {
        CAPTURE(phase.name);
        CAPTURE(int(way));
        const int before = mute.connections();
        Diary diary;
        std::optional<Client> client(std::in_place, Client::open(std::move(phase.options), {.on_state = diary.states()}).value());
        CHECK(diary.saw("connecting"));
        if (phase.name != std::string_view("DNS") && phase.name != std::string_view("TCP"))
          while (mute.connections() == before) std::this_thread::yield();
        auto open = client->ask_future("echo", {}, {.timeout = 1h});
        CHECK(time_of([&] {
                if (destroy)
                  client.reset();
                else
                  CHECK(client->close(10s));
              }) < 3s);
        CHECK(open.get().error().code == ErrorCode::closed);
        CHECK(diary.lines().back() == "closed closed");
      }
}

TEST_CASE("an address that is a hole does not keep the try beyond its limit") {
  BlackHole hole;
  for (const Transport way : ways) {
    Diary diary;
    Client client =
        Client::open({.url = local(hole.port()), .transport = way, .reconnect = {.tries_max = 0}, .connect_timeout = 400ms},
                     {.on_state = diary.states()})
            .value();
    CHECK(time_of([&] { CHECK((diary.saw("closed unreachable", 0) && ask(client, "echo").error().code == ErrorCode::closed)); }) <
          5s);
  }
}

TEST_CASE("of a hole is told which address it was, and how long it was waited for") {
  BlackHole hole;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    std::promise<std::string> end;
    ClientWiring wiring;
    wiring.on_state = [&](ClientState state, const Error& why) {
      if (state == ClientState::closed) end.set_value(to_string(why));
    };
    // A half of it is the address's, the other is for what comes after.
    const Client client =
        Client::open({.url = local(hole.port()), .transport = way, .reconnect = {.tries_max = 0}, .connect_timeout = 600ms},
                     std::move(wiring))
            .value();
    CHECK(end.get_future().get() == "unreachable: 127.0.0.1:" + std::to_string(hole.port()) + ": no answer within 300 ms");
  }
}

TEST_CASE("faults on the way in are survived as soon as they end") {
  Hub hub = open_hub();
  for (const Transport way : ways)
    for (const Fault fault : {Fault::refuse, Fault::reset, Fault::half_close, Fault::silent, Fault::deaf_server}) {
      CAPTURE(int(way));
      CAPTURE(int(fault));
      FaultProxy proxy(hub.port());
      proxy.set(fault);
      Diary diary;
      Client client = Client::open({.url = local(proxy.port()), .transport = way, .reconnect = quick, .connect_timeout = 200ms},
                                   {.on_state = diary.states()})
                          .value();
      CHECK((diary.saw("connecting", 3)));
      proxy.set(Fault::none);
      CHECK(ask(client, "echo", {1}));
    }
}

TEST_CASE("bytes that come in pieces mean what they mean whole") {
  Hub hub = open_hub();
  FaultProxy proxy(hub.port());
  std::string bytes;
  for (unsigned i = 0; i < 35'000; ++i) bytes.append({static_cast<char>(i), static_cast<char>(i >> 8)});
  for (const Transport way : ways)
    for (const unsigned pieces : {7u, 2'000u}) {
      CAPTURE(int(way));
      CAPTURE(pieces);
      proxy.pieces(pieces);
      Client client = Client::open({.url = local(proxy.port()), .transport = way}, {}).value();
      const auto back = ask(client, "echo", {BytesView(bytes), "between", BytesView("\xff")});
      REQUIRE(back);
      CHECK((back->get<BytesView>("0").value().view() == bytes));
      CHECK(back->get<std::string>("1").value() == "between");
      CHECK(back->get<BytesView>("2").value().view() == "\xff");
    }
}

TEST_CASE("cuts and resets again and again: every question is answered, echo or closed") {
  Hub hub = open_hub();
  for (const Transport way : ways) {
    CAPTURE(int(way));
    FaultProxy proxy(hub.port());
    proxy.delay(1ms);
    Client client = Client::open({.url = local(proxy.port()), .transport = way, .reconnect = quick}, {}).value();
    int echoed = 0, closed = 0, round = 0;
    while (echoed < 200 || closed < 20) {
      std::vector<std::future<Result<Args>>> open;
      for (int i = 0; i < 20; ++i) open.push_back(client.ask_future("echo", {i}, {.timeout = patience}));
      if (++round % 3 == 0) round % 2 ? proxy.cut() : proxy.reset();
      for (auto& each : open) {
        const auto answer = each.get();
        if (answer)
          ++echoed;
        else if (answer.error().code == ErrorCode::closed)
          ++closed;
        else
          FAIL("an answer that is neither: " << to_string(answer.error()));
      }
      REQUIRE(round < 2000);
    }
  }
}

TEST_CASE("a server that accepts and drops is not stormed") {
  Hub hub = open_hub();
  FaultProxy proxy(hub.port());
  proxy.set(Fault::refuse);
  std::atomic<std::uint32_t> last{0};
  Diary diary;
  Client client = Client::open({.url = local(proxy.port()), .reconnect = {.first = 1ms, .max = 64ms, .tries_max = 10}},
                               {.credentials = [&](std::uint32_t attempt) -> Result<Json> {
                                  last = attempt;
                                  return Json(JsonObject{});
                                },
                                .on_state = diary.states()})
                      .value();
  CHECK(diary.saw("closed unreachable"));
  CHECK(last == 11);
  CHECK(proxy.connections() == 11);
}

TEST_CASE("every callback may emit and ask, and its client answers") {
  Hub hub = open_hub();
  Diary diary;
  std::atomic<Client*> self{nullptr};
  const auto speak = [&](const char* who) {
    Client* client = nullptr;
    while ((client = self) == nullptr) std::this_thread::yield();
    CHECK(client->emit("silence"));
    client->ask("echo", {who}, {.timeout = patience}, [&diary, who](Result<Args> answer) {
      if (answer) diary.note(std::string("answered ") + who);
    });
  };
  ClientWiring wiring;
  wiring.on_state = [&](ClientState state, const Error&) {
    if (state == ClientState::connected) speak("on_state");
  };
  wiring.on = {{"told", [&](const Message&) -> Result<Args> { return speak("handler"), Args{}; }}};
  wiring.on_drain = [&] { speak("on_drain"); };
  wiring.credentials = [&](std::uint32_t) -> Result<Json> { return speak("credentials"), Json(JsonObject{}); };
  Client client = Client::open({.url = local(hub.port()), .high_water_bytes = 1000}, std::move(wiring)).value();
  self = &client;
  client.ask("tell", {}, {.timeout = patience}, [&](Result<Args>) { speak("done"); });
  CHECK(client.emit("silence", {std::string(2000, 'x')}));
  for (const char* who : {"on_state", "handler", "on_drain", "credentials", "done"})
    CHECK(diary.saw(std::string("answered ") + who));
}

TEST_CASE("a callback that throws, whichever it is, closes this client only") {
  Hub hub = open_hub();
  auto loop = ClientLoop::open().value();
  Client good = Client::open({.url = local(hub.port()), .loop = &loop}, {}).value();
  const auto boom = [] { throw std::runtime_error("on purpose"); };
  for (const char* which : {"state", "handler", "done", "drain"}) {
    CAPTURE(which);
    const std::string_view word(which);
    Diary diary;
    ClientWiring wiring;
    const auto note = diary.states();
    wiring.on_state = [&, note](ClientState state, const Error& why) {
      note(state, why);
      if (word == "state" && state == ClientState::connected) boom();
    };
    wiring.on = {{"told", [&](const Message&) -> Result<Args> {
                    if (word == "handler") boom();
                    return Args{};
                  }}};
    wiring.on_drain = [&] {
      if (word == "drain") boom();
    };
    Client bad = Client::open({.url = local(hub.port()), .high_water_bytes = 100, .loop = &loop}, std::move(wiring)).value();
    bad.ask("tell", {std::string(1000, 'x')}, {.timeout = patience}, [&](Result<Args>) {
      if (word == "done") boom();
    });
    CHECK(diary.saw("closed internal"));
    CHECK(ask(good, "echo"));
  }
}

TEST_CASE("close past its deadline answers every open question on the closing thread, and nothing comes later") {
  Hub hub = open_hub();
  std::promise<void> entered, release;
  std::atomic<int> answered{0}, elsewhere{0}, late{0};
  std::atomic<bool> over{false};
  const auto self = std::this_thread::get_id();
  ClientWiring wiring;
  wiring.on = {{"told", [&](const Message&) -> Result<Args> {
                  if (over) ++late;
                  if (answered == 0 && !over) entered.set_value(), release.get_future().wait();
                  return Args{};
                }}};
  wiring.on_state = [&](ClientState, const Error&) { late += over ? 1 : 0; };
  std::optional<Client> client(std::in_place, Client::open({.url = local(hub.port())}, std::move(wiring)).value());
  CHECK(client->emit("tell"));
  entered.get_future().wait();
  for (int i = 0; i < 10; ++i)
    client->ask("echo", {i}, {.timeout = 1h}, [&](Result<Args> answer) {
      CHECK(answer.error().code == ErrorCode::closed);
      ++answered;
      elsewhere += std::this_thread::get_id() == self ? 0 : 1;
    });
  CHECK(time_of([&] { CHECK(client->close(50ms).error().code == ErrorCode::timeout); }) < 2s);
  over = true;
  CHECK(answered == 10);
  CHECK(elsewhere == 0);
  release.set_value();
  client.reset();
  CHECK(answered == 10);
  CHECK(late == 0);
}

TEST_CASE("a provider that hangs does not keep close beyond its deadline") {
  std::promise<void> entered, release;
  ClientWiring wiring;
  wiring.credentials = [&](std::uint32_t) -> Result<Json> {
    entered.set_value();
    release.get_future().wait();
    return Json(JsonObject{});
  };
  Mute mute;
  Client client =
      Client::open({.url = local(mute.port()), .reconnect = quick, .connect_timeout = 50ms}, std::move(wiring)).value();
  entered.get_future().wait();
  CHECK(time_of([&] { CHECK(client.close(50ms).error().code == ErrorCode::timeout); }) < 2s);
  release.set_value();
  CHECK(client.close(10s));
}

TEST_CASE("after close returned no callback comes, however much is on its way") {
  Hub hub = open_hub();
  for (int i = 0; i < 30; ++i) {
    std::atomic<bool> over{false};
    std::atomic<int> late{0}, heard{0};
    ClientWiring wiring;
    wiring.on = {{"told", [&](const Message&) -> Result<Args> { return ++heard, late += over ? 1 : 0, Args{}; }}};
    wiring.on_state = [&](ClientState, const Error&) { late += over ? 1 : 0; };
    Client client = Client::open({.url = local(hub.port()), .transport = ways[i % 3]}, std::move(wiring)).value();
    for (int k = 0; k < 200; ++k)
      client.ask("tell", {k}, {.timeout = patience}, [&](const Result<Args>&) { late += over ? 1 : 0; });
    while (heard == 0) std::this_thread::yield();
    CHECK(client.close(10s));
    over = true;
    CHECK(late == 0);
  }
}

TEST_CASE("a hundred clients share a loop; they come and go without each other") {
  Hub hub = open_hub();
  auto loop = ClientLoop::open().value();
  std::vector<std::optional<Client>> clients(100);
  for (auto& each : clients)
    each.emplace(
        Client::open({.url = local(hub.port()), .transport = ways[(&each - clients.data()) % 3], .loop = &loop}, {}).value());
  std::vector<std::future<Result<Args>>> open;
  for (auto& each : clients)
    for (int i = 0; i < 20; ++i) open.push_back(each->ask_future("echo", {i}, {.timeout = patience}));
  for (auto& each : open) CHECK(each.get());
  for (std::size_t i = 0; i < clients.size(); i += 2) clients[i].reset();
  for (std::size_t i = 1; i < clients.size(); i += 2) CHECK(ask(*clients[i], "echo"));
}

TEST_CASE("what becomes of events while there is no connection is the options' word") {
  Mute mute;
  const auto open = [&](WhileOffline policy) {
    return Client::open({.url = local(mute.port()), .while_offline = policy, .outbox_bytes_max = 1000}, {}).value();
  };
  Client refuses = open(WhileOffline::refuse);
  CHECK(refuses.emit("e").error().code == ErrorCode::closed);
  CHECK(ask(refuses, "e").error().code == ErrorCode::closed);
  Client drops = open(WhileOffline::drop_oldest);
  auto oldest = drops.ask_future("e", {std::string(600, 'x')}, {.timeout = patience});
  auto newest = drops.ask_future("e", {std::string(600, 'y')}, {.timeout = patience});
  CHECK(oldest.get().error().code == ErrorCode::limit_exceeded);
  CHECK(ask(drops, "e", {std::string(2000, 'x')}).error().code == ErrorCode::limit_exceeded);
  drops.cancel_waiting();
  CHECK(newest.get().error().code == ErrorCode::closed);
  Client waits = open(WhileOffline::wait);
  auto first = waits.ask_future("e", {std::string(600, 'x')}, {.timeout = patience});
  CHECK(ask(waits, "e", {std::string(600, 'y')}).error().code == ErrorCode::limit_exceeded);
  CHECK(waits.buffered() > 600);
  std::promise<ErrorCode> cancelled;
  const AskId id = waits.ask("e", {}, {.timeout = patience}, [&](Result<Args> a) { cancelled.set_value(a.error().code); });
  CHECK(id != 0);
  waits.cancel(id);
  CHECK(cancelled.get_future().get() == ErrorCode::closed);
}

TEST_CASE("the drain event comes once when what waited has left") {
  Hub hub = open_hub();
  FaultProxy proxy(hub.port());
  Diary diary;
  ClientWiring wiring;
  wiring.on_state = diary.states();
  wiring.on_drain = [&] { diary.note("drain"); };
  Client client =
      Client::open({.url = local(proxy.port()), .outbox_bytes_max = 1 << 20, .high_water_bytes = 100'000}, std::move(wiring))
          .value();
  CHECK(ask(client, "echo"));
  CHECK(diary.count("drain") == 0);
  for (int i = 0; i < 9; ++i) CHECK(client.emit("silence", {std::string(100'000, 'x')}));
  CHECK(diary.saw("drain"));
  CHECK(ask(client, "echo"));
  CHECK(client.buffered() < 1000);
  CHECK(diary.count("drain") >= 1);
}
