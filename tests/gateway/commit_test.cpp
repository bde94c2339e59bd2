// Nothing leaves before COMMIT returned: a real hub over SQLite on a file system that stops, and fails, when told.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "support/failing_vfs.hpp"
#include "zegocall/client.hpp"
#include "zegocall/gateway.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;  // for what must come
constexpr auto a_while = 60ms;  // for what must not: longer than a group and a round trip on loopback

/// Where the disk waits.
class Gate {
 public:
  void close() {
    std::scoped_lock lock(mutex_);
    open_ = false;
  }
  void open() {
    std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    if (open_) return;
    waiting_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [&] { return open_; });
    waiting_ = false;
  }
  bool somebody_waits() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return waiting_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true, waiting_ = false;
};

struct Folder {
  std::string path;
  Folder() {
    char name[] = "/tmp/zegocall-commit-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

/// One request on a socket of its own; the answer is read when asked for.
class Request {
 public:
  Request(std::uint16_t port, const std::string& user, const std::string& path, const std::string& body)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    const std::string text = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-User: " + user +
                             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  ~Request() { ::close(fd_); }
  bool answers_within(std::chrono::milliseconds time) {
    pollfd one{fd_, POLLIN, 0};
    return ::poll(&one, 1, static_cast<int>(time.count())) > 0;
  }
  int status() {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n") == std::string::npos && answers_within(patience)) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text.size() > 12 ? std::atoi(text.c_str() + 9) : 0;
  }

 private:
  int fd_;
};

/// The events of one client, in order.
class Heard {
 public:
  void add(std::string word) {
    std::scoped_lock lock(mutex_);
    words_.push_back(std::move(word));
    changed_.notify_all();
  }
  std::vector<std::string> words() {
    std::scoped_lock lock(mutex_);
    return words_;
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return words_.size() >= count; });
    return words_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> words_;
};

Dialect dialect() {
  return {.hear = {{"accept", "0.callId", command<Accept>}},
          .say = {say<DeviceRing>("ring", To::subject, [](const DeviceRing&, const CallView& c) { return Args{c.id}; }),
                  say<CallEnded>("ended", To::everyone, [](const CallEnded&, const CallView& c) { return Args{c.id}; })},
          .done = [](const CallView& c) { return Args{c.id}; }};
}

struct House {
  Folder folder;
  test::FailingVfs vfs;
  Gate gate;
  std::optional<SqliteStore> store;
  std::optional<CallService> calls;
  std::optional<Gateway> gateway;
  std::optional<Hub> hub;
  Heard bob_heard;
  std::optional<Client> bob;

  House() {
    vfs.on_sync([this](std::string_view) { gate.pass(); });
    store.emplace(SqliteStore::open({.path = folder.path + "/calls.db", .vfs = vfs.name()}).value());
    calls.emplace(*store, system_bytes());
    gateway.emplace(*calls, dialect());
    Namespace ns{"/"};
    ns.authenticate([](const Handshake& shake) -> Result<Identity> {
      return shake.auth().get<UserId>("user").transform([](const UserId& user) { return Identity{.user = user}; });
    });
    gateway->attach(ns);
    Router http;
    http.authenticate(
        [](const HttpRequest& r) -> Result<Identity> { return Identity{.user = UserId(r.header("x-user").value_or(""))}; });
    http.route(
        Method::post, "/start", [this](const HttpRequest& r) { return act(r, StartCall{{UserId{"bob"}}}, {}); }, Run::service);
    http.route(
        Method::post, "/end", [this](const HttpRequest& r) { return act(r, EndCall{}, r.get<CallId>("call").value()); },
        Run::service);
    hub.emplace(Hub::open({.port = 0}, {.namespaces = {ns}, .http = http, .driven = {&*gateway}}).value());
    ClientWiring wiring;
    wiring.credentials = [](std::uint32_t) -> Result<Json> { return Json(JsonObject{{"user", "bob"}}); };
    for (const char* word : {"ring", "ended"})
      wiring.on.emplace_back(word, [this, word](const Message& m) -> Result<Args> {
        bob_heard.add(std::string(word) + " " + m.args.get<std::string>("0").value_or("?"));
        return Args{};
      });
    bob.emplace(Client::open({.url = "http://127.0.0.1:" + std::to_string(hub->port())}, std::move(wiring)).value());
    // Any answer shows that the socket stands; the device is on line before it.
    (void)bob->ask_future("nothing", {}, {.timeout = patience}).get();
  }
  ~House() {
    gate.open();
    bob.reset();
    hub.reset();
  }
  Result<HttpResponse> act(const HttpRequest& request, CommandBody body, CallId call) {
    return gateway->handle({.by = actor(request.identity()), .call = call, .body = std::move(body)}, request.now())
        .transform([](const CallView& c) {
          return http_json(200, JsonObject{{"id", c.id}});
        });
  }
};

}  // namespace

TEST_CASE("neither an answer nor a word nor an acknowledgement leaves while COMMIT waits for the disk") {
  House house;
  house.gate.close();
  Request start(house.hub->port(), "alice", "/start", "");
  REQUIRE(house.gate.somebody_waits());
  CHECK_FALSE(start.answers_within(a_while));
  CHECK(house.bob_heard.words().empty());
  house.gate.open();
  CHECK(start.status() == 200);
  const auto heard = house.bob_heard.wait_for(1);
  REQUIRE(heard.size() == 1);
  const std::string call = heard[0].substr(5);

  house.gate.close();
  auto ack = house.bob->ask_future("accept", {JsonObject{{"callId", call}}}, {.timeout = patience});
  REQUIRE(house.gate.somebody_waits());
  CHECK(ack.wait_for(a_while) == std::future_status::timeout);
  house.gate.open();
  auto answered = ack.get();
  REQUIRE(answered);
  CHECK(answered->get<std::string>("0").value() == call);
}

TEST_CASE("a commit that fails is answered store_unavailable, and nobody hears of what did not happen") {
  House house;
  house.vfs.fail_at(0, test::FailingVfs::Fault::io_error, test::FailingVfs::Lasting::from_then_on);
  CHECK(Request(house.hub->port(), "alice", "/start", "").status() == 503);
  house.vfs.heal();
  CHECK(Request(house.hub->port(), "alice", "/start", "").status() == 200);  // nobody is busy: nothing was left behind
  const auto heard = house.bob_heard.wait_for(1);
  REQUIRE(heard.size() == 1);
  const std::string call = heard[0].substr(5);

  const std::string body = "{\"call\":\"" + call + "\"}";
  house.vfs.fail_at(0, test::FailingVfs::Fault::full, test::FailingVfs::Lasting::from_then_on);
  CHECK(Request(house.hub->port(), "alice", "/end", body).status() == 503);
  auto refused = house.bob->ask_future("accept", {JsonObject{{"callId", call}}}, {.timeout = patience}).get();
  REQUIRE(refused);
  CHECK(refused->get<std::string>("0.error.code").value_or("") == "store_unavailable");
  house.vfs.heal();
  CHECK(Request(house.hub->port(), "alice", "/end", body).status() == 200);
  CHECK(house.bob_heard.wait_for(2) == std::vector<std::string>{"ring " + call, "ended " + call});
}
