// The client against the stock servers of Node.js and Python, over each of its ways. The script and what runs it are named
// in the environment; a missing one is a failure.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "client/diary.hpp"
#include "client/fault_proxy.hpp"

extern char** environ;

using namespace zegocall;
using namespace zegocall::client_test;
using namespace std::chrono_literals;

namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  REQUIRE_MESSAGE(value != nullptr, std::string(name) << " is not set: run this through ctest");
  return value;
}

/// A stock server in a process of its own.
class StockServer {
 public:
  explicit StockServer(std::uint16_t port = 0) {
    int in[2], out[2];
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    const std::string runner = variable("STOCK_RUNNER"), script = variable("STOCK_SCRIPT"), number = std::to_string(port);
    char* const words[] = {const_cast<char*>(runner.c_str()), const_cast<char*>(script.c_str()),
                           const_cast<char*>(number.c_str()), nullptr};
    const int failed = ::posix_spawn(&pid_, runner.c_str(), &files, nullptr, words, environ);
    posix_spawn_file_actions_destroy(&files);
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = in[1];
    REQUIRE(failed == 0);
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
    ::close(out[0]);
    REQUIRE(line.rfind("listening on ", 0) == 0);
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(13)));
  }
  ~StockServer() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(stdin_);
    pid_ = 0;
  }
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& more = {}) const { return "http://127.0.0.1:" + std::to_string(port_) + more; }

 private:
  pid_t pid_ = 0;
  int stdin_ = -1;
  std::uint16_t port_ = 0;
};

constexpr Transport ways[] = {Transport::websocket, Transport::polling, Transport::upgrade};
constexpr Backoff quick{.first = 20ms, .max = 200ms};

Args must(Client& client, std::string_view event, const Args& args = {}) {
  auto answer = client.ask_future(event, args, {.timeout = patience}).get();
  REQUIRE_MESSAGE(answer, event << ": " << (answer ? "" : to_string(answer.error())));
  return *std::move(answer);
}

/// How often the connection has been lost.
std::ptrdiff_t lost(Diary& diary) {
  const auto lines = diary.lines();
  return std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.rfind("waiting", 0) == 0; });
}

/// Asks until the server says that the session travels as `transport`.
bool travels(Client& client, const std::string& transport) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end)
    if (must(client, "how").get<std::string>("0.transport").value_or("") == transport) return true;
  return false;
}

}  // namespace

TEST_CASE("echoes with acknowledgements, of every kind of value, over every way") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    Client client = Client::open({.url = server.url("/?q=a%20b"), .transport = way, .headers = {{"X-Test", "yes"}}}, {}).value();
    const Args back =
        must(client, "echo", {"h\u00e9llo \u4e16\u754c", 1, -2.5, true, nullptr, JsonObject{{"a", JsonArray::list({1, "x"})}}});
    const auto values = back.get<std::string, int, double, bool>("0", "1", "2", "3");
    REQUIRE(values);
    CHECK(*values == std::tuple("h\u00e9llo \u4e16\u754c", 1, -2.5, true));
    CHECK(back[4].kind() == JsonKind::null);
    CHECK(back.get<int>("5.a.0").value() == 1);
    CHECK(back.get<std::string>("5.a.1").value() == "x");
    CHECK(back.size() == 6);
    CHECK(travels(client, way == Transport::polling ? "polling" : "websocket"));
    const Args how = must(client, "how");
    CHECK(how.get<std::string>("0.header").value() == "yes");
    CHECK(how.get<std::string>("0.query").value() == "a b");
    const std::string big(100'000, 'x');
    CHECK(must(client, "echo", {big}).get<std::string>("0").value() == big);
    CHECK(client.close(5s));
  }
}

TEST_CASE("binary both ways, several attachments, nested; whole and in pieces") {
  StockServer server;
  net_test::FaultProxy proxy(server.port());
  std::string bytes;  // no piece is like another, so that one which is lost, doubled or misplaced shows
  for (unsigned i = 0; i < 35'000; ++i) bytes.append({static_cast<char>(i), static_cast<char>(i >> 8)});
  for (const Transport way : ways)
    for (const unsigned pieces : {0u, 7u, 2'000u}) {
      CAPTURE(int(way));
      CAPTURE(pieces);
      proxy.pieces(pieces);
      Client client = Client::open({.url = "http://127.0.0.1:" + std::to_string(proxy.port()), .transport = way}, {}).value();
      const Args back = must(client, "echo", {BytesView("\x01\xff"), JsonObject{{"deep", BytesView(bytes)}, {"n", 1}}});
      CHECK(back.get<BytesView>("0").value().view() == "\x01\xff");
      const auto deep = back.get<BytesView>("1.deep");
      REQUIRE(deep);
      CHECK(deep->view().size() == bytes.size());
      const auto same = std::mismatch(bytes.begin(), bytes.end(), deep->view().begin(), deep->view().end());
      CHECK(same.first - bytes.begin() == 70'000);
      CHECK(back.get<int>("1.n").value() == 1);
    }
}

TEST_CASE("the server asks with bytes, the client answers with bytes") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    ClientWiring wiring;
    wiring.on = {{"question", [](const Message& m) -> Result<Args> {
                    const auto in = m.args.get<int, BytesView>("0", "1");
                    if (!in) return unexpected(in.error());
                    return Args{std::get<0>(*in) + 1, std::get<1>(*in)};
                  }}};
    Client client = Client::open({.url = server.url(), .transport = way}, std::move(wiring)).value();
    const Args answer = must(client, "ask me");
    CHECK(answer.get<int>("0.0").value() == 21);
    CHECK(answer.get<BytesView>("0.1").value().view() == "\x01\x02\x03");
  }
}

TEST_CASE("broadcasts reach every way; hundreds of questions at once are answered, each its own") {
  StockServer server;
  Diary diary;
  std::vector<Client> clients;
  for (const Transport way : ways) {
    ClientWiring wiring;
    wiring.on = {{"told", [&diary](const Message& m) -> Result<Args> {
                    // A recovering server appends an offset.
                    return diary.note(m.args.get<std::string>("0").value_or("nothing")), Args{};
                  }}};
    clients.push_back(Client::open({.url = server.url(), .transport = way}, std::move(wiring)).value());
    must(clients.back(), "echo");
  }
  CHECK(clients[1].emit("tell", {"everybody", 2}));
  CHECK(diary.saw("everybody", 3));
  for (Client& client : clients) {
    std::vector<std::future<Result<Args>>> answers;
    for (int i = 0; i < 300; ++i) answers.push_back(client.ask_future("echo", {i}, {.timeout = patience}));
    for (int i = 0; i < 300; ++i) CHECK(answers[static_cast<std::size_t>(i)].get().value().get<int>("0").value() == i);
  }
}

TEST_CASE("namespaces over one connection; credentials, and a refusal with its data") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    Diary diary;
    ClientWiring wiring;
    wiring.on_state = diary.states();
    wiring.namespaces.push_back({.name = "/admin",
                                 .credentials = [](std::uint32_t) -> Result<Json> {
                                   return Json(JsonObject{{"token", "good"}});
                                 },
                                 .on_state = diary.states("admin ")});
    Client client = Client::open({.url = server.url(), .transport = way}, std::move(wiring)).value();
    CHECK(diary.saw("connected"));
    CHECK(diary.saw("admin connected"));
    const auto answer = client.in("/admin").ask_future("how", {}, {.timeout = patience}).get();
    REQUIRE(answer);
    CHECK(answer->get<std::string>("0.auth.token").value() == "good");
    CHECK(client.in("/admin").state() == ClientState::connected);
    CHECK(client.in("/none").emit("x").error().code == ErrorCode::not_found);
    CHECK(client.in("/admin").emit("leave me"));
    CHECK(diary.saw("admin closed closed"));
    must(client, "echo");

    Diary refused, unknown;
    Client stranger =
        Client::open({.url = server.url("/admin"), .transport = way}, {.credentials = [](std::uint32_t) -> Result<Json> {
                                                                         return Json(JsonObject{{"token", "bad"}});
                                                                       },
                                                                       .on_state = refused.states()})
            .value();
    CHECK(refused.saw("closed forbidden"));
    CHECK(stranger.refusal().text() == R"({"code":"forbidden"})");
    Client lost = Client::open({.url = server.url("/nowhere"), .transport = way}, {.on_state = unknown.states()}).value();
    // Only the original's words say what is wrong.
    const bool is_python = variable("STOCK_SCRIPT").ends_with(".py");
    CHECK(unknown.saw(is_python ? "closed unauthenticated" : "closed not_found"));
  }
}

TEST_CASE("the server's disconnect is the last word; a lost transport is not") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    Diary diary;
    Client client =
        Client::open({.url = server.url(), .transport = way, .reconnect = quick}, {.on_state = diary.states()}).value();
    must(client, "echo");
    CHECK(client.emit("cut me"));
    CHECK(diary.saw("connected", 2));
    must(client, "echo");
    CHECK(client.emit("leave me"));
    CHECK(diary.saw("closed closed"));
  }
}

TEST_CASE("a server that dies and comes back finds its clients again, and what waited") {
  for (const Transport way : ways) {
    CAPTURE(int(way));
    auto server = std::make_unique<StockServer>();
    const std::uint16_t port = server->port();
    std::atomic<std::uint32_t> asked{0};
    Diary diary;
    Client client = Client::open({.url = server->url(), .transport = way, .reconnect = quick},
                                 {.credentials = [&](std::uint32_t) -> Result<Json> {
                                    return Json(JsonObject{{"try", std::uint32_t{++asked}}});
                                  },
                                  .on_state = diary.states()})
                        .value();
    must(client, "echo");
    auto lost = client.ask_future("nobody", {}, {.timeout = 1h});
    must(client, "echo");
    server->kill();
    const auto failed = lost.get();
    REQUIRE(!failed);
    CHECK(failed.error().code == ErrorCode::closed);
    auto waits = client.ask_future("echo", {"later"}, {.timeout = patience});
    server = std::make_unique<StockServer>(port);
    const auto answer = waits.get();
    REQUIRE(answer);
    CHECK(answer->get<std::string>("0").value() == "later");
    CHECK(must(client, "how").get<std::uint32_t>("0.auth.try").value() == asked);
    CHECK(asked >= 2);
  }
}

TEST_CASE("a silent network is found dead within the server's heartbeat, and left") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    net_test::FaultProxy proxy(server.port());
    Diary diary;
    Client client =
        Client::open({.url = "http://127.0.0.1:" + std::to_string(proxy.port()), .transport = way, .reconnect = quick},
                     {.on_state = diary.states()})
            .value();
    must(client, "echo");
    proxy.set(net_test::FaultProxy::Fault::silent);
    const auto begun = std::chrono::steady_clock::now();
    CHECK(diary.saw("waiting timeout"));
    CHECK(std::chrono::steady_clock::now() - begun < 4s);  // 500 ms + 1000 ms, and a slow machine
    proxy.set(net_test::FaultProxy::Fault::none);
    proxy.cut();
    CHECK(diary.saw("connected", 2));
    must(client, "echo");
  }
}

TEST_CASE("connection state recovery: after a cut nothing is missing and nothing comes twice") {
  StockServer server;
  for (const Transport way : ways) {
    CAPTURE(int(way));
    net_test::FaultProxy proxy(server.port());
    Diary diary;
    std::mutex mutex;
    std::vector<int> numbers;
    ClientWiring wiring;
    wiring.on_state = diary.states();
    wiring.on = {{"number", [&](const Message& m) -> Result<Args> {
                    const std::scoped_lock lock(mutex);
                    numbers.push_back(m.args.get<int>("0").value_or(-1));
                    if (numbers.size() % 10 == 0) diary.note("ten");
                    return Args{};
                  }}};
    Client client =
        Client::open({.url = "http://127.0.0.1:" + std::to_string(proxy.port()), .transport = way, .reconnect = quick},
                     std::move(wiring))
            .value();
    for (int round = 1; round <= 3; ++round) {
      CHECK(diary.saw("connected", round));
      if (way == Transport::upgrade) CHECK(travels(client, "websocket"));
      CHECK(diary.saw("ten", diary.count("ten") + 2));
      CHECK(client.recovered() == (round > 1));
      CHECK(must(client, "how").get<bool>("0.recovered").value() == (round > 1));
      // Between two polls there may be nothing to cut.
      for (int i = 0; i < 200 && lost(diary) < round; ++i) {
        if (round == 2)
          proxy.reset();
        else
          proxy.cut();
        const auto look_again = std::chrono::steady_clock::now() + 50ms;
        while (lost(diary) < round && std::chrono::steady_clock::now() < look_again) std::this_thread::yield();
      }
    }
    CHECK(client.close(5s));
    REQUIRE(numbers.size() > 50);
    for (std::size_t i = 1; i < numbers.size(); ++i) CHECK(numbers[i] == numbers[i - 1] + 1);
  }
}
