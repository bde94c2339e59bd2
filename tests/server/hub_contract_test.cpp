// The promises of the hub's public classes: nothing is called after the end, any function may be called out of a handler,
// and a handler that throws harms nobody else.
#include <doctest/doctest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

EventHandler pong() {
  return [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); };
}

/// Everything that a host can be called by, each counted.
struct Everything {
  std::atomic<int> calls{0};
  std::atomic<bool> over{false};
  std::atomic<int> late{0};

  void called() { ++calls, late += over.load() ? 1 : 0; }
  Namespace ns(Run run) {
    Namespace out;
    out.admit([this](const Handshake&) -> Result<void> { return called(), Result<void>(); });
    out.authenticate([this](const Handshake&) -> Result<Identity> { return called(), Identity{.user = UserId{"u"}}; }, run);
    out.filter([this](const Event&) -> Result<void> { return called(), Result<void>(); });
    out.on_connect([this](const Event&) { called(); }, run);
    out.on_resync([this](const Event&) { called(); }, run);
    out.on_disconnect([this](const Event&, std::string_view) { called(); }, run);
    out.on(
        "work", [this](const Event&) -> Result<Args> { return called(), Args{1}; }, run);
    out.on_error([this](const Error&) { return called(), Args{}; });
    return out;
  }
};

}  // namespace

TEST_CASE("no handler and no callback is called after stop, drain or the destructor") {
  for (const Run run : {Run::loop, Run::service})
    for (int how = 0; how < 3; ++how) {
      Everything all;
      Wiring wiring{.namespaces = {all.ns(run)}};
      wiring.engine = EngineEndpoint{.on_message = [&](EnginePeer&, std::string_view, bool) { all.called(); }};
      auto hub = std::make_unique<Hub>(Hub::open({}, std::move(wiring)).value());
      const std::uint16_t port = hub->port();
      std::vector<std::unique_ptr<SocketClient>> clients;
      for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<SocketClient>(port));
        clients.back()->join(R"({"known":{}})");
      }
      for (auto& client : clients)
        for (int i = 0; i < 50; ++i) client->say(R"(21["work"])");
      for (int i = 0; i < 50; ++i) {
        hub->in("/").ask("q", {}, {.timeout = 10s}, [&](Result<std::vector<Args>>) { all.called(); });
        hub->in("/").fetch([&](std::vector<Member>) { all.called(); });
      }
      const Audience everyone = hub->in("/");
      if (how == 0) hub->stop();
      if (how == 1) hub->drain({.grace = 5s});
      if (how == 2) hub.reset();
      all.over = true;
      everyone.emit("late");
      // Who asks now is told inside the call, so that nobody waits for ever; later nothing is.
      int told = 0;
      everyone.fetch([&](std::vector<Member> who) { told += who.empty() ? 1 : 0; });
      everyone.ask("late", {}, {}, [&](Result<std::vector<Args>> end) { told += end.error().code == ErrorCode::closed ? 1 : 0; });
      CHECK(told == 2);
      for (auto& client : clients) client->say(R"(21["work"])");
      clients.clear();
      hub.reset();
      CHECK(all.late == 0);
      CHECK(all.calls > 8);
    }
}

TEST_CASE("every question is told its end once, also by a stop in the middle") {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> told{0};
    Hub hub = Hub::open({}, {.namespaces = {Namespace()}}).value();
    SocketClient client(hub.port());
    client.join();
    std::promise<void> fence;
    for (int i = 0; i < 100; ++i) hub.in("/").ask("q", {}, {.timeout = 60s}, [&](Result<std::vector<Args>>) { ++told; });
    hub.in("/").fetch([&](std::vector<Member>) { fence.set_value(); });
    fence.get_future().wait();
    hub.stop();
    CHECK(told == 100);
  }
}

TEST_CASE("questions of another thread while the hub stops are told their end once, each") {
  for (const unsigned loops : {1u, 2u})
    for (int round = 0; round < 10; ++round) {
      Hub hub = Hub::open({.loops = loops}, {.namespaces = {Namespace()}}).value();
      std::atomic<int> asked{0}, told{0};
      std::atomic<bool> over{false};
      std::thread asking([&] {
        while (!over) {
          asked += 2;
          hub.in("/").ask("q", {}, {.timeout = 60s}, [&](Result<std::vector<Args>>) { ++told; });
          hub.in("/").fetch([&](std::vector<Member>) { ++told; });
        }
      });
      while (asked < 50) std::this_thread::yield();
      hub.stop();
      over = true;
      asking.join();
      CHECK(told == asked);
    }
}

TEST_CASE("nobody is asked and found at once: of an unknown namespace, of no hub") {
  const Hub hub = Hub::open({}, {.namespaces = {Namespace()}}).value();
  for (const Audience& nobody :
       {hub.in("/nothing"), hub.in("/nothing").to(GroupId{"g"}), hub.in("/").to(GroupId{"g"}), Audience{}}) {
    std::promise<std::size_t> found;
    nobody.fetch([&](std::vector<Member> who) { found.set_value(who.size()); });
    CHECK(found.get_future().get() == 0);
    std::promise<Answers> end;
    nobody.ask("q", {}, {.timeout = 60s}, [&](Answers answers) { end.set_value(std::move(answers)); });
    CHECK(end.get_future().get().came.empty());
    nobody.emit("x");
    nobody.disconnect();
  }
}

TEST_CASE("out of any handler everything may be called") {
  for (const Run run : {Run::loop, Run::service}) {
    Hub* self = nullptr;
    Count fetched, asked;
    Namespace ns;
    const auto use_all = [&](const Event& e) {
      for (const Audience& to : {e.sender(), e.others(), e.everyone(), self->in("/"), e.everyone().to(GroupId{"g"})}) {
        to.emit("x", {1});
        to.droppable().relay("x", e.args());
        CHECK(to.join(GroupId{"g"}));
        to.leave(GroupId{"h"});
        to.fetch([&](std::vector<Member>) { fetched.add(); });
        to.ask("q", {}, {.timeout = 1ms}, [&](Result<std::vector<Args>>) { asked.add(); });
      }
      (void)self->port();
    };
    std::promise<void> ready;
    const std::shared_future<void> is_ready = ready.get_future().share();
    ns.on_connect([&](const Event& e) { is_ready.wait(), use_all(e); }, run);
    ns.on(
        "all", [&](const Event& e) -> Result<Args> { return use_all(e), Args{"done"}; }, run);
    ns.on(
        "leave", [&](const Event& e) -> Result<Args> { return e.sender().disconnect({.reason = "by itself"}), Args{}; }, run);
    std::promise<std::string> reason;
    ns.on_disconnect([&](const Event& e, std::string_view why) { use_all(e), reason.set_value(std::string(why)); }, run);
    Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
    self = &hub;
    ready.set_value();
    {
      SocketClient client(hub.port());
      client.join();
      client.say(R"(27["all"])");
      for (std::string packet; packet != R"(37["done"])";) {
        packet = client.hear_packet();
        REQUIRE(packet != "()");
      }
      client.say(R"(2["leave"])");
      CHECK(reason.get_future().get() == "by itself");
    }
    CHECK(fetched.wait_for(15));
    CHECK(asked.wait_for(15));
  }
}

TEST_CASE("whoever throws: the connection ends or the call fails, the hub and the others go on") {
  for (const Run run : {Run::loop, Run::service})
    for (const char* where : {"admit", "authenticate", "filter", "connect", "resync", "event", "error", "disconnect"}) {
      CAPTURE(where);
      const auto is = [where](const char* one) { return std::string_view(where) == one; };
      const auto may_throw = [=](const char* one, const UserId& user) {
        if (is(one) && user.view() == "bad") throw std::runtime_error("planted");
      };
      Namespace ns;
      ns.admit([=](const Handshake& shake) -> Result<void> {
        may_throw("admit", shake.auth().get<UserId>("user").value());
        return {};
      });
      ns.authenticate(
          [=](const Handshake& shake) -> Result<Identity> {
            const UserId user = shake.auth().get<UserId>("user").value();
            may_throw("authenticate", user);
            return Identity{.user = user};
          },
          run);
      ns.filter([=](const Event& e) -> Result<void> { return may_throw("filter", e.identity().user), Result<void>(); });
      ns.on_connect([=](const Event& e) { may_throw("connect", e.identity().user); }, run);
      ns.on_resync([=](const Event& e) { may_throw("resync", e.identity().user); }, run);
      Count gone;
      ns.on_disconnect(
          [&gone, may_throw](const Event& e, std::string_view) { gone.add(), may_throw("disconnect", e.identity().user); }, run);
      ns.on(
          "event", [=](const Event& e) -> Result<Args> { return may_throw("event", e.identity().user), Args{1}; }, run);
      ns.on("fails", [](const Event&) -> Result<Args> { return fail(ErrorCode::busy, "no"); });
      ns.on_error([=](const Error&) -> Args {
        if (is("error")) throw std::runtime_error("planted");
        return Args{};
      });
      const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
      SocketClient good(hub.port());
      good.join(R"({"user":"good"})");
      {
        SocketClient bad(hub.port());
        const std::string answer = bad.join(R"({"user":"bad","known":{}})");
        CHECK(answer.starts_with(is("admit") || is("authenticate") ? R"(4{"message":"the handler failed")" : "0{"));
        bad.say(R"(2["fails"])");
        bad.say(R"(21["event"])");
      }
      good.say(R"(21["event"])");
      CHECK(good.hear_packet() == "31[1]");
      if (is("error")) {
        good.say(R"(22["fails"])");
        REQUIRE(await_at_least(hub.port(), "zegocall_server_callbacks_threw_total", 1));
        good.say(R"(23["event"])");
        CHECK(good.hear_packet() == "33[1]");
      }
      if (is("filter") || is("connect") || is("resync") || is("event")) {
        REQUIRE(gone.wait_for(1));
        CHECK(metric(hub.port(), "zegocall_server_events_threw_total") >= 1);
      }
    }
}

TEST_CASE("callbacks that throw are counted") {
  const Hub hub = Hub::open({}, {.namespaces = {Namespace().on("echo", pong())}}).value();
  hub.in("/").ask("q", {}, {}, [](Result<std::vector<Args>>) { throw 7; });
  hub.in("/").fetch([](std::vector<Member>) { throw std::runtime_error("planted"); });
  REQUIRE(await_at_least(hub.port(), "zegocall_server_callbacks_threw_total", 2));
  SocketClient client(hub.port());
  client.join();
  client.say(R"(21["echo"])");
  CHECK(client.hear_packet() == "31[]");
}

TEST_CASE("hubs open and end while their clients connect") {
  for (int round = 0; round < 20; ++round) {
    Hub hub = Hub::open({}, {.namespaces = {Namespace().on("echo", pong(), Run::service)}}).value();
    std::thread clients([port = hub.port()] {
      for (int i = 0; i < 5; ++i) {
        RawClient client(port);
        client.write(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        client.write(RawClient::frame(0x81, "40") + RawClient::frame(0x81, R"(421["echo",1])"));
      }
    });
    if (round % 2 == 0) (void)get(hub.port(), "/healthz");
    hub.stop();
    clients.join();
  }
}
