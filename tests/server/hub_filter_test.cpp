// What stands before handlers and behind them: filters, and on_other for events that have none.
#include <doctest/doctest.h>

#include <future>

#include "server/hub_socket_world.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

TEST_CASE("the filter sees every event first") {
  Namespace ns;
  ns.filter([](const Event& e) -> Result<void> {
    if (e.name() == "forbidden") return fail(ErrorCode::forbidden, "not you");
    return {};
  });
  ns.on("forbidden", pong()).on("fine", pong(), Run::service);
  const Hub hub = open(ns);
  SocketClient client(hub.port());
  client.join();
  client.say(R"(21["forbidden"])");
  CHECK(client.hear_packet() == R"(31[{"error":{"code":"forbidden","message":"not you"}}])");
  client.say(R"(22["fine",1])");
  CHECK(client.hear_packet() == "32[1]");
}

TEST_CASE("the filter sees an event once, whoever handles it") {
  Namespace ns;
  std::mutex mutex;
  std::vector<std::string> seen;
  ns.filter([&](const Event& e) -> Result<void> {
    const std::scoped_lock lock(mutex);
    seen.emplace_back(e.name());
    if (e.args().size() > 0) return fail(ErrorCode::forbidden, "not you");
    return {};
  });
  const auto passes = [](const Event&) -> std::optional<Result<Args>> { return std::nullopt; };
  const auto decides = [](const Event& e) -> std::optional<Result<Args>> { return Args::copy_of(e.args()); };
  ns.on("loop", pong()).on("service", pong(), Run::service).on("passed on", passes, pong()).on("decided", decides, pong());
  const Hub hub = open(ns);
  SocketClient client(hub.port());
  client.join();
  const std::vector<std::string> names{"loop", "service", "passed on", "decided"};
  for (const std::string& name : names) {
    client.say("21[\"" + name + "\"]");
    CHECK(client.hear_packet() == "31[]");
    client.say("22[\"" + name + "\",1]");
    CHECK(client.hear_packet() == R"(32[{"error":{"code":"forbidden","message":"not you"}}])");
  }
  client.say(R"(23["nobody's"])");
  CHECK(client.hear_packet() == R"(33[{"error":{"code":"unknown_event","message":"nobody handles this event"}}])");
  client.say(R"(24["nobody's",1])");
  CHECK(client.hear_packet() == R"(34[{"error":{"code":"forbidden","message":"not you"}}])");
  CHECK(metric(hub.port(), "zegocall_server_events_unknown_total") == 1);
  CHECK(metric(hub.port(), "zegocall_server_events_failed_total") == 5);
  const std::scoped_lock lock(mutex);
  CHECK(seen == std::vector<std::string>{"loop", "loop", "service", "service", "passed on", "passed on", "decided", "decided",
                                         "nobody's", "nobody's"});
}

TEST_CASE("events without a handler of their own go to on_other, with filter, order and acknowledgement") {
  for (const Run run : {Run::loop, Run::service}) {
    Namespace ns;
    std::atomic<int> filtered{0};
    ns.filter([&](const Event& e) -> Result<void> {
      ++filtered;
      if (e.name() == "forbidden") return fail(ErrorCode::forbidden, "not you");
      return {};
    });
    ns.on("own", [](const Event&) -> Result<Args> { return Args{"own"}; });
    ns.on_other(
        [](const Event& e) -> Result<Args> {
          if (e.name() == "throw") throw 7;
          if (e.name() == "fail") return fail(ErrorCode::not_found, "none");
          e.sender().emit("heard", {e.name(), e.wants_ack()});
          return Args::copy_of(e.args());
        },
        run);
    const Hub hub = open(ns);
    SocketClient client(hub.port());
    client.join();
    client.say(R"(21["any \u00e9",{"a":1}])");
    CHECK(client.hear_packet() == "2[\"heard\",\"any \xc3\xa9\",true]");
    CHECK(client.hear_packet() == R"(31[{"a":1}])");
    client.say(R"(2[7])");
    CHECK(client.hear_packet() == R"(2["heard","7",false])");
    client.say(R"(22["own"])");
    CHECK(client.hear_packet() == R"(32["own"])");
    client.say(R"(23["fail"])");
    CHECK(client.hear_packet() == R"(33[{"error":{"code":"not_found","message":"none"}}])");
    client.say(R"(24["forbidden"])");
    CHECK(client.hear_packet() == R"(34[{"error":{"code":"forbidden","message":"not you"}}])");
    CHECK(filtered == 5);
    CHECK(metric(hub.port(), "zegocall_server_events_unknown_total") == 0);
    CHECK(metric(hub.port(), "zegocall_server_events_failed_total") == 2);
    client.say(R"(25["throw"])");
    CHECK(client.hear_packet() == "1");
  }
}

TEST_CASE("an event that nobody handles waits its turn, and so does its filter") {
  GateStore store;
  Namespace ns;
  ns.filter([](const Event& e) -> Result<void> {
    e.data<std::vector<std::string>>().emplace_back(e.name());  // no lock: one at a time
    return {};
  });
  ns.on(
      "slow", [](const Event&) -> Result<Args> { return Args{}; }, Run::service);
  ns.on("seen", [](const Event& e) -> Result<Args> { return Args{static_cast<int>(e.data<std::vector<std::string>>().size())}; });
  const Hub hub = open(ns, {&store});
  SocketClient client(hub.port());
  client.join();
  store.close_gate();
  client.say(R"(21["slow"])");
  client.say(R"(22["nobody's"])");
  REQUIRE(store.wait_for_commit());
  CHECK(get(hub.port(), "/healthz").status == 200);  // the loop has had its turn
  CHECK(client.silent());
  store.open_gate();
  CHECK(client.hear_packet() == "31[]");
  CHECK(client.hear_packet().starts_with("32[{\"error\""));
  client.say(R"(23["seen"])");
  CHECK(client.hear_packet() == "33[3]");
}
