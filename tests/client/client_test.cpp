#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/raw_client.hpp"
#include "net/ws_frames.hpp"
#include "server/client_url.hpp"
#include "zegocall/client.hpp"
#include "zegocall/hub.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;

/// What the callbacks of a client said, in order.
class Diary {
 public:
  void note(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  bool saw(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  /// "closed CODE: FIELD: DETAIL" is the last line.
  ClientWiring full_wiring() {
    ClientWiring out;
    out.on_state = [this](ClientState state, const Error& why) {
      const bool says_why = state == ClientState::closed || state == ClientState::waiting;
      note(std::string(name(state)) + (says_why ? " " + to_string(why) : ""));
    };
    return out;
  }
  bool saw_end() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return !lines_.empty() && lines_.back().starts_with("closed"); });
  }
  ClientWiring wiring() {
    ClientWiring out;
    out.on_state = [this](ClientState state, const Error& why) {
      const bool says_why = state == ClientState::closed || state == ClientState::waiting;
      note(std::string(name(state)) + (says_why ? " " + std::string(name(why.code)) : ""));
    };
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

Namespace chat(std::string name = "/") {
  Namespace ns{std::move(name)};
  ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
  ns.on("silence", [](const Event&) -> Result<Args> { return Args{}; });
  ns.on("fail", [](const Event&) -> Result<Args> { return fail(ErrorCode::forbidden, "not you"); });
  ns.on("tell", [](const Event& e) -> Result<Args> {
    e.everyone().relay("told", e.args());
    return Args{};
  });
  ns.on("leave me", [](const Event& e) -> Result<Args> {
    e.sender().disconnect();
    return Args{};
  });
  return ns;
}
Hub open_hub(std::vector<Namespace> namespaces = {chat()}) {
  return Hub::open({}, {.namespaces = std::move(namespaces)}).value();
}
std::string url_of(const Hub& hub, const std::string& more = {}) {
  return "http://127.0.0.1:" + std::to_string(hub.port()) + more;
}

/// The first failure is the last.
constexpr Backoff once{.tries_max = 0};

/// A port on which nothing listens.
std::uint16_t free_port() {
  const Hub hub = open_hub();
  return hub.port();
}

/// Accepts connections and never says anything.
class MuteServer {
 public:
  MuteServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    socklen_t size = sizeof to;
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&to), &size) == 0);
    port_ = ntohs(to.sin_port);
  }
  ~MuteServer() { ::close(socket_); }
  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_); }
  int socket() const { return socket_; }
  /// Takes one WebSocket and says these bytes on it.
  void upgrade_and_say(std::string_view bytes) {
    const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    REQUIRE(peer >= 0);
    std::string head;
    char chunk[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(peer, chunk, sizeof chunk, 0);
      REQUIRE(got > 0);
      head.append(chunk, static_cast<std::size_t>(got));
    }
    const std::string mark = "Sec-WebSocket-Key: ";
    const std::string key = head.substr(head.find(mark) + mark.size(), 24);
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        net_detail::accept_key(key) + "\r\n\r\n" + std::string(bytes);
    CHECK(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size()));
    while (::recv(peer, chunk, sizeof chunk, 0) > 0) continue;  // until the client has had enough
    ::close(peer);
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE("connect, ask, emit, hear, close") {
  Hub hub = open_hub();
  Diary diary;
  ClientWiring wiring = diary.wiring();
  wiring.on = {{"told", [&](const Message& m) -> Result<Args> {
                  diary.note(std::string(m.name) + " " + std::string(m.args.text()));
                  return Args{};
                }}};
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  auto answer = client.ask_future("echo", {"hello", 1, BytesView("\x01\x02")}).get();
  REQUIRE(answer);
  CHECK(answer->get<std::string>("0").value() == "hello");
  CHECK(answer->get<int>("1").value() == 1);
  CHECK(answer->get<BytesView>("2").value().view() == "\x01\x02");
  CHECK(client.state() == ClientState::connected);
  CHECK(client.emit("tell", {"everybody", 2}));
  CHECK(diary.saw(R"(told "everybody",2)"));
  CHECK(client.close(std::chrono::milliseconds::max()));
  CHECK(client.state() == ClientState::closed);
  CHECK(diary.lines() == std::vector<std::string>{"connecting", "connected", R"(told "everybody",2)", "closed closed"});
  CHECK(client.emit("echo").error().code == ErrorCode::closed);
  CHECK(client.ask_future("echo", {}).get().error().code == ErrorCode::closed);
  CHECK(client.close(0ms));
}

namespace {

/// As a host would write it: everything that a headless client needs, in one function.
Result<void> headless(std::string url, std::function<Result<std::string>()> fresh_token, Diary& diary) {
  ClientWiring wiring;
  wiring.credentials = [fresh_token](std::uint32_t) -> Result<Json> {
    return fresh_token().transform([](const std::string& token) { return JsonObject{{"token", token}}; });
  };
  wiring.on_state = [&diary](ClientState state, const Error& why) { diary.note(std::string(name(state)) + ": " + why.detail); };
  wiring.on = {{"incoming_call", [](const Message& m) -> Result<Args> {
                  return m.args.get<CallId>("0.callId").transform([](const CallId&) { return Args{"alerting"}; });
                }}};
  auto client = Client::open({.url = std::move(url), .reconnect = {.first = 500ms, .max = 20s}}, std::move(wiring));
  if (!client) return unexpected(client.error());
  client->ask("echo", {"hello", 1}, {.timeout = 3s},
              [&diary](Result<Args> answer) { diary.note(answer ? "answer" : "no answer"); });
  auto joined = client->ask_future("echo", {JsonObject{{"room", "r1"}}}, {.timeout = 3s}).get();
  if (!joined) return unexpected(joined.error());
  if (auto sent = client->emit("typing"); !sent) return sent;
  return client->close(2s);
}

}  // namespace

TEST_CASE("the client of the guide") {
  Hub hub = open_hub();
  Diary diary;
  CHECK(headless(
      url_of(hub), [] { return Result<std::string>("zegocall-test-token"); }, diary));
  CHECK(diary.lines() == std::vector<std::string>{"connecting: ", "connected: ", "answer", "closed: this client was closed"});
}

TEST_CASE("what is emitted right before close arrives") {
  std::atomic<int> heard{0};
  Namespace ns = chat();
  Diary diary;
  ns.on("count", [&](const Event&) -> Result<Args> { return ++heard, Args{}; });
  ns.on_disconnect([&](const Event&, std::string_view reason) { diary.note("disconnect " + std::string(reason)); });
  Hub hub = open_hub({ns});
  Client client = Client::open({.url = url_of(hub)}, {}).value();
  REQUIRE(client.ask_future("echo", {}).get());
  for (int i = 0; i < 1000; ++i) CHECK(client.emit("count"));
  CHECK(client.close(5s));
  CHECK(diary.saw("disconnect client namespace disconnect"));
  CHECK(heard == 1000);
}

TEST_CASE("credentials reach the server's authenticate, its refusal reaches on_state") {
  Namespace ns = chat();
  ns.authenticate([](const Handshake& shake) -> Result<Identity> {
    auto user = shake.auth().get<UserId>("user");
    if (!user) return unexpected(user.error());
    if (user->view() == "mallory") return fail(ErrorCode::forbidden, "not mallory");
    return Identity{.user = *user};
  });
  ns.on("who", [](const Event& e) -> Result<Args> { return Args{e.identity().user}; });
  Hub hub = open_hub({ns});
  const auto as = [&](Diary& diary, std::function<Result<Json>()> who) {
    ClientWiring wiring = diary.wiring();
    wiring.credentials = [who](std::uint32_t attempt) -> Result<Json> {
      CHECK(attempt == 1);
      return who();
    };
    return Client::open({.url = url_of(hub), .reconnect = once}, std::move(wiring)).value();
  };
  Diary good, refused, failed, threw, odd;
  Client alice = as(good, [] { return Json(JsonObject{{"user", "alice"}}); });
  CHECK(alice.ask_future("who", {}).get().value().get<std::string>("0").value() == "alice");
  Client mallory = as(refused, [] { return Json(JsonObject{{"user", "mallory"}}); });
  CHECK(refused.saw("closed forbidden"));
  Client nobody = as(failed, []() -> Result<Json> { return fail(ErrorCode::expired, "no fresh token"); });
  CHECK(failed.saw("closed expired"));
  Client thrower = as(threw, []() -> Result<Json> { throw std::runtime_error("oops"); });
  CHECK(threw.saw("closed internal"));
  Client array = as(odd, []() -> Result<Json> { return Json(JsonArray{}); });
  CHECK(odd.saw("closed invalid_argument"));
}

TEST_CASE("what a refusal says reaches the client, the server's own data too") {
  Namespace plain = chat(), own = chat("/own");
  plain.authenticate([](const Handshake&) -> Result<Identity> {
    return unexpected(Error{ErrorCode::forbidden, "token", "is too old", 2500ms});
  });
  own.authenticate([](const Handshake&) -> Result<Identity> { return fail(ErrorCode::expired, "log in again"); });
  own.refusal_data([](const Error& error) -> Json { return JsonObject{{"reason", name(error.code)}, {"login", "/login"}}; });
  Hub hub = open_hub({plain, own,
                      chat("/odd")
                          .authenticate([](const Handshake&) -> Result<Identity> { return fail(ErrorCode::forbidden, "no"); })
                          .refusal_data([](const Error&) -> Json { throw std::runtime_error("oops"); })});
  std::promise<Error> said;
  Client first = Client::open({.url = url_of(hub)}, {.on_state =
                                                         [&](ClientState state, const Error& why) {
                                                           if (state == ClientState::closed) said.set_value(why);
                                                         }})
                     .value();
  CHECK(said.get_future().get() == Error{ErrorCode::forbidden, "token", "is too old", 3s});
  CHECK(first.refusal().text() == R"({"code":"forbidden","field":"token","retryAfterSeconds":3})");
  Diary diary, odd;
  Client second = Client::open({.url = url_of(hub, "/own")}, diary.wiring()).value();
  CHECK(diary.saw("closed unauthenticated"));  // there is no code that we know
  CHECK(second.refusal().text() == R"({"reason":"expired","login":"/login"})");
  Client third = Client::open({.url = url_of(hub, "/odd")}, odd.wiring()).value();
  CHECK(odd.saw("closed unauthenticated"));
  CHECK(third.refusal().kind() == JsonKind::null);
}

TEST_CASE("a namespace that is closed takes nothing more") {
  Namespace side = chat("/side");
  side.on("go", [](const Event& e) -> Result<Args> { return e.sender().disconnect({}), Args{}; });
  Hub hub = open_hub({chat(), side});
  Diary diary;
  ClientWiring wiring;
  wiring.namespaces.push_back({.name = "/side", .on_state = diary.wiring().on_state});
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  CHECK(client.in("/side").emit("go"));
  CHECK(diary.saw("closed closed"));
  CHECK(client.in("/side").emit("x").error().code == ErrorCode::closed);
  CHECK(client.in("/side").ask_future("x", {}).get().error().code == ErrorCode::closed);
  CHECK(client.ask_future("echo", {1}).get());
}

TEST_CASE("the path of the address is the namespace; an unknown one is refused") {
  Hub hub = open_hub({chat(), chat("/admin")});
  Diary diary;
  Client admin = Client::open({.url = url_of(hub, "/admin?x=y")}, {}).value();
  CHECK(admin.ask_future("echo", {1}).get());
  Client unknown = Client::open({.url = url_of(hub, "/nowhere")}, diary.wiring()).value();
  CHECK(diary.saw("closed not_found"));
}

TEST_CASE("the server asks, the client's handlers answer; a failure and an unknown event are acknowledged as such") {
  Hub hub = open_hub();
  ClientWiring wiring;
  wiring.on = {{"add", [](const Message& m) -> Result<Args> {
                  return m.args.get<int, int>("0", "1").transform(
                      [](const auto& two) { return Args{std::get<0>(two) + std::get<1>(two)}; });
                }}};
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  REQUIRE(client.ask_future("echo", {}).get());
  const auto ask = [&](std::string_view event, const Args& args) {
    std::promise<std::string> text;
    hub.in("/").ask(event, args, {.timeout = patience}, [&](Result<std::vector<Args>> all) {
      text.set_value(all ? std::string(all->at(0).text()) : to_string(all.error()));
    });
    return text.get_future().get();
  };
  CHECK(ask("add", {2, 3}) == "5");
  CHECK(ask("add", {2, "x"}).find("mistyped_field") != std::string::npos);
  CHECK(ask("subtract", {2, 3}).find("unknown_event") != std::string::npos);
}

TEST_CASE("why is none where nothing went wrong, and says what did elsewhere") {
  const Hub hub = open_hub();
  Diary diary;
  ClientWiring wiring;
  wiring.on_state = [&](ClientState state, const Error& why) { diary.note(std::string(name(state)) + " " + to_string(why)); };
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  REQUIRE(client.ask_future("echo", {}).get());
  CHECK(client.close(2s));
  REQUIRE(diary.saw_end());
  const auto lines = diary.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "connecting none");
  CHECK(lines[1] == "connected none");
  CHECK(lines[2].starts_with("closed closed"));
}

TEST_CASE("an ask that nobody answers times out; one that waits when the link drops fails at once") {
  Hub hub = open_hub();
  Diary diary;
  Client client = Client::open({.url = url_of(hub)}, diary.wiring()).value();
  REQUIRE(client.ask_future("echo", {}).get());
  hub.in("/").emit("unheard", {});
  MuteServer mute;
  Client waiting = Client::open({.url = mute.url()}, {}).value();
  CHECK(waiting.ask_future("echo", {}, {.timeout = 30ms}).get().error().code == ErrorCode::timeout);
  auto pending = waiting.ask_future("echo", {}, {.timeout = 1h});
  CHECK(waiting.close(2s));
  CHECK(pending.get().error().code == ErrorCode::closed);
}

TEST_CASE("reserved names and limits that are none are refused before anything is sent") {
  Hub hub = open_hub({chat(), chat("/admin")});
  Diary diary;
  ClientWiring wiring = diary.wiring();
  wiring.namespaces.push_back({.name = "/admin"});
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  const auto field = [](const Error& error) { return error.code == ErrorCode::invalid_argument ? error.field : "no"; };
  for (const char* event : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    CHECK(field(client.emit(event).error()) == "event");
    CHECK(field(client.in("/admin").emit(event).error()) == "event");
    CHECK(field(client.ask_future(event, {}).get().error()) == "event");
  }
  for (const auto none : {0ms, -5000ms, std::chrono::milliseconds::min()})
    CHECK(field(client.ask_future("echo", {1}, {.timeout = none}).get().error()) == "timeout");
  // For ever is no time that is over at once; and the connection stands.
  CHECK(client.ask_future("echo", {1}, {.timeout = std::chrono::milliseconds::max()}).get());
  const auto lines = diary.lines();
  CHECK(std::count(lines.begin(), lines.end(), "connected") == 1);
}

TEST_CASE("the server disconnects, or goes away: closed, and the client says why") {
  Diary kicked, orphaned;
  auto hub = std::make_unique<Hub>(open_hub());
  Client first = Client::open({.url = url_of(*hub)}, kicked.wiring()).value();
  CHECK(first.emit("leave me"));
  CHECK(kicked.saw("closed closed"));
  Client second = Client::open({.url = url_of(*hub), .reconnect = once}, orphaned.wiring()).value();
  REQUIRE(second.ask_future("echo", {}).get());
  hub.reset();
  CHECK(orphaned.saw("closed closed"));
}

TEST_CASE("a refused port, a host without an address, a server that is none: states, not errors of open") {
  Diary refused, nameless, other;
  const auto begun = std::chrono::steady_clock::now();
  Client one =
      Client::open({.url = "http://127.0.0.1:" + std::to_string(free_port()), .reconnect = once}, refused.wiring()).value();
  CHECK(refused.saw("closed unreachable"));
  CHECK(std::chrono::steady_clock::now() - begun < patience);
  Client two = Client::open({.url = "http://no-such-host.invalid", .reconnect = once}, nameless.wiring()).value();
  CHECK(nameless.saw("closed unreachable"));
  Hub hub = open_hub();
  Client three = Client::open({.url = url_of(hub), .path = "/not/socket.io/", .reconnect = once}, other.wiring()).value();
  CHECK(other.saw("closed protocol"));
}

TEST_CASE("a server that never answers ends in a timeout, and close does not wait for it") {
  MuteServer mute;
  Diary impatient, closed;
  Client one = Client::open({.url = mute.url(), .reconnect = once, .connect_timeout = 50ms}, impatient.wiring()).value();
  CHECK(impatient.saw("closed timeout"));
  Client two = Client::open({.url = mute.url()}, closed.wiring()).value();
  const auto begun = std::chrono::steady_clock::now();
  CHECK(two.close(5s));
  CHECK(std::chrono::steady_clock::now() - begun < 4s);
  CHECK(closed.lines().back() == "closed closed");
}

TEST_CASE("close and destruction at every moment of connecting, many times") {
  Hub hub = open_hub();
  for (int i = 0; i < 60; ++i) {
    Diary diary;
    {
      Client client =
          Client::open({.url = i % 2 ? url_of(hub) : "http://localhost:" + std::to_string(hub.port())}, diary.wiring()).value();
      for (int k = 0; k < i % 5; ++k) CHECK(client.emit("echo", {k}));
      if (i % 3 == 0) CHECK(client.close(5s));
      if (i % 3 == 1) std::this_thread::yield();
    }
    const auto lines = diary.lines();
    REQUIRE(!lines.empty());
    CHECK(lines.back() == "closed closed");
  }
}

TEST_CASE("a callback may close, and emit; after close returned there is none") {
  Hub hub = open_hub();
  std::mutex mutex;
  std::condition_variable ready;
  Client* self = nullptr;
  std::atomic<int> late{0};
  std::atomic<bool> over{false};
  bool closing = false;
  ClientWiring wiring;
  wiring.on = {{"told", [&](const Message&) -> Result<Args> {
                  if (over) ++late;
                  std::unique_lock lock(mutex);
                  ready.wait(lock, [&] { return self != nullptr; });
                  const auto said = self->emit("echo", {"from inside"});
                  CHECK(bool(said) != closing);
                  if (!said) CHECK(said.error().code == ErrorCode::closed);
                  CHECK(self->close(1h));  // from here it only asks
                  closing = true;
                  return Args{};
                }}};
  Diary diary;
  wiring.on_state = diary.wiring().on_state;
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  CHECK(client.emit("tell"));
  for (int i = 0; i < 50; ++i) CHECK(client.emit("tell"));
  {
    const std::scoped_lock lock(mutex);
    self = &client;
    ready.notify_all();
  }
  CHECK(diary.saw("closed closed"));
  CHECK(client.close(5s));
  over = true;
  CHECK(late == 0);
}

TEST_CASE("a callback that does not return makes close say so, in time, and no other is begun") {
  Hub hub = open_hub();
  std::promise<void> entered, release;
  std::atomic<int> calls{0};
  ClientWiring wiring;
  wiring.on = {{"told", [&](const Message&) -> Result<Args> {
                  if (++calls == 1) entered.set_value(), release.get_future().wait();
                  return Args{};
                }}};
  Client client = Client::open({.url = url_of(hub)}, std::move(wiring)).value();
  for (int i = 0; i < 3; ++i) CHECK(client.emit("tell"));
  entered.get_future().wait();
  CHECK(client.close(50ms).error().code == ErrorCode::timeout);
  release.set_value();
  CHECK(client.close(5s));
  CHECK(calls == 1);
}

TEST_CASE("a callback that throws closes this client, and no other") {
  Hub hub = open_hub();
  Diary bad_diary, log;
  ClientWiring wiring = bad_diary.wiring();
  wiring.on = {{"told", [](const Message&) -> Result<Args> { throw std::runtime_error("on purpose"); }}};
  Client bad = Client::open({.url = url_of(hub), .log = [&](LogLevel, std::string_view line) { log.note(std::string(line)); }},
                            std::move(wiring))
                   .value();
  Client good = Client::open({.url = url_of(hub)}, {}).value();
  REQUIRE(bad.ask_future("echo", {}).get());
  CHECK(good.ask_future("tell", {}).get());
  CHECK(bad_diary.saw("closed internal"));
  CHECK(log.saw("a callback of a client threw, the client closes: on purpose"));
  CHECK(good.ask_future("echo", {}).get());
}

TEST_CASE("the outbox has a limit, at which emit fails and loses nothing that it took") {
  MuteServer mute;
  Client client = Client::open({.url = mute.url(), .outbox_bytes_max = 10'000}, {}).value();
  int taken = 0;
  Result<void> last;
  while (taken < 1000 && (last = client.emit("e", {std::string(100, 'x')}))) ++taken;
  const std::string size = std::to_string(std::string(R"(42["e",""])").size() + 100);
  CHECK(to_string(last.error()) == "limit_exceeded: outbox_bytes_max: " + size + " bytes, and " +
                                       std::to_string(client.buffered()) + " of 10000 wait already");
  CHECK(taken > 50);
  CHECK(taken < 100);
  CHECK(to_string(client.emit("e", {std::string(20'000, 'x')}).error()) ==
        "limit_exceeded: outbox_bytes_max: 20010 bytes, at most 10000 may wait to be sent");
  CHECK(client.ask_future("e", {std::string(1000, 'x')}).get().error().code == ErrorCode::limit_exceeded);
}

TEST_CASE("an error about a limit says which, and where it is") {
  HubOptions options;
  options.limits.message_bytes_max = 1000;
  Namespace ns = chat();
  ns.on("say much", [](const Event& e) -> Result<Args> {
    e.sender().emit("much", {std::string(900, 'x')});
    return Args{};
  });
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  Diary diary;
  Client client = Client::open({.url = url_of(hub), .reconnect = once, .message_bytes_max = 800}, diary.full_wiring()).value();
  CHECK(to_string(client.ask_future("echo", {std::string(1000, 'x')}).get().error()) ==
        "payload_too_large: maxPayload: a message of 1014 bytes, the server takes at most 1000");
  // Over long-polling the same bytes are a third more, in base64.
  Diary others;
  Client polling =
      Client::open({.url = url_of(hub), .path = "/socket.io", .transport = Transport::polling}, others.full_wiring()).value();
  const std::string part(800, 'x');
  CHECK(to_string(polling.ask_future("echo", {BytesView(part)}).get().error()) ==
        "payload_too_large: maxPayload: a message of 1069 bytes, the server takes at most 1000");
  CHECK(polling.ask_future("echo", {BytesView(part.substr(0, 700))}).get());
  CHECK(client.emit("say much"));
  CHECK(diary.saw("closed payload_too_large: message_bytes_max: the server sent a WebSocket message of more than 800 bytes"));
}

TEST_CASE("an unreachable server is named, with the reason of the last try") {
  const std::string port = std::to_string(free_port());
  Diary by_address, by_name, proxied;
  Client one = Client::open({.url = "http://127.0.0.1:" + port, .reconnect = once}, by_address.full_wiring()).value();
  CHECK(by_address.saw("closed unreachable: 127.0.0.1:" + port + ": Connection refused"));
  Client two = Client::open({.url = "http://[::1]:" + port, .reconnect = once}, by_name.full_wiring()).value();
  REQUIRE(by_name.saw_end());
  CHECK(by_name.lines().back().starts_with("closed unreachable: [::1]:" + port + ": "));  // refused, or a machine without IPv6
  Client three =
      Client::open({.url = "http://x", .proxy = {.url = "http://localhost:" + port}, .reconnect = once}, proxied.full_wiring())
          .value();
  REQUIRE(proxied.saw_end());
  CHECK(proxied.lines().back().starts_with("closed unreachable: proxy: localhost:" + port + " ("));
}

TEST_CASE("a broken WebSocket frame is told from a text that is none") {
  const std::pair<std::string, std::string> cases[] = {
      {"\xff\x01x", "closed protocol: the server sent a broken WebSocket frame"},
      {"\x81\x01\xff", "closed protocol: the server sent a WebSocket text that is not UTF-8"}};
  for (const auto& [frame, told] : cases) {
    MuteServer server;
    Diary diary;
    Client client = Client::open({.url = server.url(), .reconnect = once}, diary.full_wiring()).value();
    server.upgrade_and_say(frame);
    CHECK(diary.saw(told));
  }
}

TEST_CASE("twenty clients at once hear each other") {
  Hub hub = open_hub();
  constexpr int count = 20;
  std::atomic<int> heard{0};
  Diary diary;
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    ClientWiring wiring;
    wiring.on = {{"told", [&](const Message&) -> Result<Args> {
                    if (++heard == count * count) diary.note("all");
                    return Args{};
                  }}};
    clients.push_back(Client::open({.url = url_of(hub)}, std::move(wiring)).value());
    REQUIRE(clients.back().ask_future("echo", {i}).get());
  }
  for (Client& client : clients) CHECK(client.emit("tell", {"hi"}));
  CHECK(diary.saw("all"));
}

TEST_CASE("several threads use one client") {
  Hub hub = open_hub();
  Client client = Client::open({.url = url_of(hub)}, {}).value();
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const auto answer = client.ask_future("echo", {t * 1000 + i}).get();
        if (answer && answer->get<int>("0").value_or(-1) == t * 1000 + i) ++right;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 400);
  CHECK(client.close(5s));
}
