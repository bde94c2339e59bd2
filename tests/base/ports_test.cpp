// The bus and the log sink.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "zegocall/base/bus.hpp"
#include "zegocall/base/log.hpp"

using namespace zegocall;

TEST_CASE("the local bus tells the subscribers of a channel, before publish returns, and nobody else") {
  auto bus = make_local_bus();
  std::vector<std::string> heard;
  const auto a = bus->subscribe("a", [&](auto channel, auto message) { heard.push_back(std::string(channel) + message.data()); });
  const auto b = bus->subscribe("b", [&](auto, auto) { heard.push_back("wrong"); });
  REQUIRE(a);
  REQUIRE(bus->publish("a", "1"));
  REQUIRE(bus->publish("nobody", "2"));
  CHECK(heard == std::vector<std::string>{"a1"});
  CHECK(bus->subscribe("a", {}).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("what a handler publishes comes after the message under way, for everybody") {
  auto bus = make_local_bus();
  std::vector<std::string> first;
  std::vector<std::string> second;
  const auto a = bus->subscribe("x", [&](auto, auto message) {
    first.emplace_back(message);
    if (message == "1") CHECK(bus->publish("x", "2"));
  });
  const auto b = bus->subscribe("x", [&](auto, auto message) { second.emplace_back(message); });
  REQUIRE(bus->publish("x", "1"));
  CHECK(first == std::vector<std::string>{"1", "2"});
  CHECK(second == first);
}

TEST_CASE("nothing is heard after a subscription's end, not even in the round in which it ended") {
  auto bus = make_local_bus();
  int heard = 0;
  Result<std::unique_ptr<Bus::Subscription>> later = fail(ErrorCode::internal);
  const auto ends_it = bus->subscribe("x", [&](auto, auto) { later = std::unique_ptr<Bus::Subscription>(); });
  later = bus->subscribe("x", [&](auto, auto) { ++heard; });
  REQUIRE(bus->publish("x", "1"));
  CHECK(heard == 0);
  auto self = std::make_unique<Result<std::unique_ptr<Bus::Subscription>>>(fail(ErrorCode::internal));
  int once = 0;
  *self = bus->subscribe("y", [&](auto, auto) { ++once, self.reset(); });
  REQUIRE(bus->publish("y", "1"));
  REQUIRE(bus->publish("y", "2"));
  CHECK(once == 1);
}

TEST_CASE("a subscription may outlive its bus") {
  auto bus = make_local_bus();
  auto kept = bus->subscribe("x", [](auto, auto) {});
  bus.reset();
  *kept = nullptr;
}

TEST_CASE("two threads publish; one handler at a time, each thread's messages in order") {
  auto bus = make_local_bus();
  int inside = 0;
  std::vector<int> last(2, -1);
  const auto all = bus->subscribe("x", [&](auto, auto message) {
    CHECK(++inside == 1);
    const auto from = static_cast<std::size_t>(message[0] - '0');
    const int number = std::stoi(std::string(message.substr(1)));
    CHECK(number == last[from] + 1);
    last[from] = number;
    --inside;
  });
  const auto publish = [&](char from) {
    for (int i = 0; i < 500; ++i) (void)bus->publish("x", from + std::to_string(i));
  };
  std::thread other(publish, '0');
  publish('1');
  other.join();
  CHECK(last == std::vector<int>{499, 499});
}

TEST_CASE("levels have names and the empty sink takes anything") {
  CHECK(name(LogLevel::debug) == "debug");
  CHECK(name(LogLevel::info) == "info");
  CHECK(name(LogLevel::warning) == "warning");
  CHECK(name(LogLevel::error) == "error");
  no_log()(LogLevel::error, "dropped");
}
