// How hubs open, end, and live beside each other.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {
Error refused(HubOptions options, Wiring wiring) {
  auto hub = Hub::open(std::move(options), std::move(wiring));
  REQUIRE(!hub);
  return hub.error();
}
EventHandler nothing() {
  return [](const Event&) -> Result<Args> { return Args{}; };
}
}  // namespace

TEST_CASE("wrong options and wiring are refused by name") {
  CHECK(refused({.path = "socket.io"}, {}).field == "path");
  CHECK(refused({.ping_interval = 0ms}, {}).field == "ping_interval");
  CHECK(refused({.allowed_origins = {"app.example"}}, {}).field == "allowed_origins.0");
  CHECK(refused({.host = "no address"}, {}).code == ErrorCode::invalid_argument);
  CHECK(refused({}, {.namespaces = {Namespace("/a"), Namespace("/a")}}).field == "namespaces.1");
  CHECK(refused({}, {.namespaces = {Namespace("a")}}).field == "namespaces.0");
  CHECK(refused({}, {.namespaces = {Namespace().on("x", nothing()).on("x", nothing())}}).detail ==
        "the event \"x\" has two handlers");
  CHECK(refused({}, {.namespaces = {Namespace().on("x", nothing(), Run::worker)}}).detail ==
        "the event \"x\" cannot run on a worker");
  for (const char* event : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
    CHECK(refused({}, {.namespaces = {Namespace().on(event, nothing())}}).field == "namespaces.0");
  CHECK(refused({}, {.namespaces = {Namespace("/a,b")}}).field == "namespaces.0");
  CHECK(refused({.recovery = {.keep = -1s}}, {}).field == "recovery.keep");
  // For ever would be a sum that is over already.
  constexpr auto for_ever = std::chrono::milliseconds::max();
  CHECK(to_string(refused({.ping_interval = for_ever}, {})) == "out_of_range: ping_interval: must be at most 24 h");
  CHECK(refused({.ping_timeout = for_ever}, {}).field == "ping_timeout");
  CHECK(refused({.connect_timeout = for_ever}, {}).field == "connect_timeout");
  CHECK(refused({.head_timeout = for_ever}, {}).field == "head_timeout");
  CHECK(refused({.body_timeout = for_ever}, {}).field == "body_timeout");
  CHECK(refused({.idle_timeout = for_ever}, {}).field == "idle_timeout");
  CHECK(refused({.unread_timeout = for_ever}, {}).field == "unread_timeout");
  CHECK(refused({.recovery = {.keep = for_ever}}, {}).field == "recovery.keep");
  const auto slow = Router().route(Method::get, "/a", [](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{}; },
                                   Run::loop, {.time_limit = for_ever});
  CHECK(refused({}, {.http = slow}).detail == "\"/a\" has a time_limit that is not 0 to 24 h");
  CHECK(to_string(refused({.limits = {.outbox_bytes_max = 0}}, {})) ==
        "invalid_argument: limits.outbox_bytes_max: must be more than zero");
  for (const std::size_t depth : {std::size_t{0}, std::size_t{501}, std::size_t{1'000'000'000}})
    CHECK(to_string(refused({.limits = {.json_depth_max = depth}}, {})) ==
          "invalid_argument: limits.json_depth_max: must be from 1 to 500");
  CHECK(Hub::open({.limits = {.outbox_bytes_max = 1, .json_depth_max = 1}}, {}));
  CHECK(Hub::open({.limits = {.json_depth_max = 500}}, {}));
  CHECK(refused({}, {.http = Router().files("/", "/nothing/here")}).field == "http.files");
  const Hub first = Hub::open({}, {}).value();
  CHECK(refused({.port = first.port()}, {}).code == ErrorCode::address_in_use);
}

TEST_CASE("a function that is none is refused: it would let everybody in, or end everybody") {
  const auto why = [](const Namespace& ns) { return refused({}, {.namespaces = {ns}}).detail; };
  CHECK(why(Namespace().authenticate({})) == "authenticate was given no function");
  const auto anybody = [](const Handshake&) -> Result<Identity> { return Identity{}; };
  CHECK(why(Namespace().authenticate(anybody).authenticate(anybody)) == "authenticate has two handlers");
  CHECK(why(Namespace().refusal_data({})) == "refusal_data was given no function");
  CHECK(why(Namespace().admit({})) == "admit was given no function");
  CHECK(why(Namespace().filter({})) == "filter was given no function");
  CHECK(why(Namespace().on_connect({})) == "on_connect was given no function");
  CHECK(why(Namespace().on_disconnect({})) == "on_disconnect was given no function");
  CHECK(why(Namespace().on_resync({})) == "on_resync was given no function");
  CHECK(why(Namespace().on_error({})) == "on_error was given no function");
  CHECK(why(Namespace().on_other({})) == "on_other was given no function");
  CHECK(why(Namespace().on_other(nothing()).on_other(nothing())) == "on_other has two handlers");
  CHECK(why(Namespace().on_other(nothing(), Run::worker)) == "on_other cannot run on a worker");
  CHECK(why(Namespace().on_open({})) == "on_open was given no function");
  CHECK(why(Namespace().on_server_event("x", {})) == "on_server_event was given no function");
  CHECK(why(Namespace().on("x", EventHandler())) == "the event \"x\" has no handler");
  CHECK(why(Namespace().on("x", EventTry(), nothing())) == "on was given no function");
  CHECK(refused({}, {.http = Router().authenticate({})}).field == "http.authenticate");
  const auto nobody = [](const HttpRequest&) -> Result<Identity> { return fail(ErrorCode::unauthenticated); };
  CHECK(to_string(refused({}, {.http = Router().authenticate(nobody).authenticate(nobody)})) ==
        "invalid_argument: http.authenticate: has two functions");
  CHECK(refused({}, {.engine = EngineEndpoint{}}).field == "engine.on_message");
}

TEST_CASE("endpoints do not stand in each other's way") {
  const auto quiet = [](const char* path) { return EngineEndpoint{path, [](EnginePeer&, std::string_view, bool) {}}; };
  const auto route = [](const char* path) {
    return Router().route(Method::get, path, [](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{}; });
  };
  CHECK(refused({}, {.engine = quiet("/socket.io/")}).field == "engine.path");
  for (const char* path : {"/socket.io/", "/socket.io"}) CHECK(refused({}, {.http = route(path)}).field == "http.routes");
  CHECK(refused({}, {.http = route("/engine.io"), .engine = quiet("/engine.io/")}).field == "http.routes");
  CHECK(Hub::open({}, {.http = route("/socket.io/version"), .engine = quiet("/engine.io/")}));
}

TEST_CASE("drain: told, finished, closed, and every on_disconnect has run") {
  GateStore store;
  Count gone;
  Namespace ns;
  ns.on(
      "work", [](const Event&) -> Result<Args> { return Args{"done"}; }, Run::service);
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); }, Run::service);
  Router http;
  http.route(
      Method::get, "/w", [](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{.status = 200, .body = "w"}; },
      Run::service);
  Hub hub = Hub::open({}, {.namespaces = {ns}, .http = http, .driven = {&store}}).value();
  const std::uint16_t port = hub.port();
  SocketClient client(port);
  client.join();
  RawClient pending(port);
  CHECK(get(port, "/readyz").status == 200);
  store.close_gate();
  client.say(R"(21["work"])");
  REQUIRE(store.wait_for_commit());
  pending.write("GET /w HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(await_at_least(port, "zegocall_service_waiting", 1));
  std::thread draining([&] { hub.drain({.grace = std::chrono::milliseconds::max()}); });
  CHECK(client.hear_packet() == R"(2["server_draining"])");
  const auto ready = get(port, "/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.head.find("Connection: close\r\n") != std::string::npos);
  CHECK(get(port, "/healthz").status == 200);
  CHECK(get(port, "/w").status == 503);
  CHECK(get(port, "/socket.io/?EIO=4&transport=polling").status == 503);
  store.open_gate();
  CHECK(client.hear_packet() == R"(31["done"])");
  CHECK(pending.read_answer().body == "w");
  client.raw().read_to_end();
  CHECK(client.raw().ended());
  draining.join();
  CHECK(!RawClient(port).connected());
  CHECK(gone.value() == 1);
  hub.wait();
}

TEST_CASE("drain lingers: the port stays open and unready until the last client has left") {
  Hub hub = Hub::open({}, {.namespaces = {Namespace()}}).value();
  const std::uint16_t port = hub.port();
  auto client = std::make_unique<SocketClient>(port);
  client->join();
  std::thread draining([&] { hub.drain({.grace = 60s, .linger = 60s}); });
  CHECK(client->hear_packet() == R"(2["server_draining"])");
  for (int probe = 0; probe < 50; ++probe) REQUIRE(get(port, "/readyz").status == 503);
  client.reset();
  draining.join();
  CHECK(!RawClient(port).connected());
}

TEST_CASE("drain does not wait longer than its grace for clients; a handler that runs it joins") {
  GateStore store;
  Router http;
  http.route(
      Method::get, "/w", [](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{.status = 200, .body = "w"}; },
      Run::service);
  Hub hub = Hub::open({}, {.namespaces = {Namespace()}, .http = http, .driven = {&store}}).value();
  store.close_gate();
  SocketClient socket(hub.port());
  socket.join();
  RawClient client(hub.port());
  client.write("GET /w HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(store.wait_for_commit());
  std::promise<void> over;
  const auto drained = over.get_future();
  std::thread draining([&] { hub.drain({.grace = 1ms}), over.set_value(); });
  // Its grace over, it has closed the clients and the port although the gate is shut: it did not wait for what stands there.
  CHECK(socket.hear_packet() == R"(2["server_draining"])");
  socket.raw().read_to_end();
  CHECK(socket.raw().ended());
  CHECK(!RawClient(hub.port()).connected());
  // stop() joins the service thread, which stands in the store's own commit: that one cannot be cut short.
  CHECK(drained.wait_for(100ms) == std::future_status::timeout);
  store.open_gate();
  CHECK(drained.wait_for(10s) == std::future_status::ready);
  draining.join();
}

TEST_CASE("stop from a handler only asks; wait returns") {
  Hub* self = nullptr;
  Router http;
  for (const auto& [path, run] : {std::pair{"/loop", Run::loop}, {"/service", Run::service}, {"/worker", Run::worker}})
    http.route(
        Method::post, path,
        [&](const HttpRequest&) -> Result<HttpResponse> {
          self->stop();
          return HttpResponse{.status = 204};
        },
        run);
  for (const char* path : {"/loop", "/service", "/worker"}) {
    Hub hub = Hub::open({}, {.http = http}).value();
    self = &hub;
    RawClient client(hub.port());
    client.write("POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    hub.wait();
    hub.stop();
  }
}

TEST_CASE("a hub that has stopped has no connections and no port, although it is still there") {
  for (const unsigned loops : {1u, 3u}) {
    HubOptions options;
    options.loops = loops;
    Hub hub = Hub::open(options, {.namespaces = {Namespace()}}).value();
    const std::uint16_t port = hub.port();
    std::vector<std::unique_ptr<SocketClient>> clients;
    for (int n = 0; n < 6; ++n) clients.push_back(std::make_unique<SocketClient>(port));
    hub.stop();
    for (auto& client : clients) {
      client->raw().read_to_end();
      CHECK(client->raw().ended());
    }
    CHECK(!RawClient(port).connected());
    CHECK(hub.port() == port);
  }
}

TEST_CASE("what is held on to after the end does nothing") {
  Audience everyone;
  HubAccess access;
  {
    Namespace ns;
    ns.on_open([&](const HubAccess& given) { access = given; });
    const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
    everyone = hub.in("/");
  }
  everyone.emit("x", {1});
  CHECK(everyone.to(GroupId{"g"}).join(GroupId{"h"}));
  access.everyone.disconnect();
  access.on_each_loop([](unsigned) { CHECK(false); });
  CHECK(!access.on_service([] { CHECK(false); }));
  Audience().emit("nobody");
}

TEST_CASE("hubs in one process do not know of each other") {
  const auto make = [](const char* word) {
    Namespace ns;
    ns.on(
        "who", [word](const Event&) -> Result<Args> { return Args{word}; }, Run::service);
    return Hub::open({}, {.namespaces = {ns}}).value();
  };
  Hub one = make("one");
  const Hub two = make("two");
  SocketClient first(one.port()), second(two.port());
  first.join();
  second.join();
  one.in("/").emit("to one");
  CHECK(first.hear_packet() == R"(2["to one"])");
  CHECK(second.silent());
  one.stop();
  second.say(R"(21["who"])");
  CHECK(second.hear_packet() == R"(31["two"])");
}

TEST_CASE("a hub can be ended while clients are at work") {
  for (int round = 0; round < 20; ++round) {
    Namespace ns;
    ns.on(
        "echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); },
        round % 2 == 0 ? Run::loop : Run::service);
    Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
    SocketClient client(hub.port());
    client.join();
    std::thread outside([audience = hub.in("/")] {
      for (int i = 0; i < 200; ++i) audience.emit("x", {i});
    });
    for (int i = 0; i < 50; ++i) client.say("2" + std::to_string(i) + "[\"echo\"]");
    hub.stop();
    outside.join();
  }
}
