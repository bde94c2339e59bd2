// A small world for tests of calls: alice rings bob, in virtual time.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "zegocall/call/engine.hpp"
#include "zegocall/testing.hpp"

namespace call_test {
using namespace zegocall;
using namespace std::chrono_literals;

inline const Actor alice{{"alice"}, {"web"}};
inline const Actor bob{{"bob"}, {"phone"}};
inline const Actor bob_laptop{{"bob"}, {"laptop"}};
inline const Actor bob_somewhere{{"bob"}, {}};
inline const Actor carol{{"carol"}, {"pad"}};
inline const Actor dave{{"dave"}, {"tv"}};
inline const UnixTime start = ManualClock().now().wall;  ///< when every test begins; an hour does, too
inline const CallId the_call{"42"};

/// "ok", or the refusal's word and field: "busy caller".
template <class T>
std::string verdict(const Result<T>& result) {
  if (result) return "ok";
  std::string word(name(result.error().code));
  return result.error().field.empty() ? word : word + " " + result.error().field;
}

/// An engine, a clock and everything that was said. Every command has an id of its own unless it brings one.
class World {
 public:
  explicit World(CallPolicy policy = {}) : engine(CallEngine::open(policy).value()) {}

  Result<CallView> handle(const Actor& by, CommandBody body, CallId call = the_call) {
    return give({CommandId(std::string_view("c" + std::to_string(++commands_))), by, call, std::move(body), {}});
  }
  Result<CallView> give(const Command& command) {
    auto result = engine.handle(command, clock.now());
    listen();
    return result;
  }
  /// handle() for what must succeed.
  void must(const Actor& by, CommandBody body, CallId call = the_call) {
    const std::string word(name(body));
    const auto result = handle(by, std::move(body), call);
    CAPTURE(word);
    REQUIRE(verdict(result) == "ok");
  }
  void online(const Actor& who) { must(who, DeviceOnline{}, {}); }
  void offline(const Actor& who) { must(who, DeviceOffline{}, {}); }
  void restart() { must({}, ServerStarted{}); }

  void pass(std::chrono::milliseconds time) {
    const UnixTime until = clock.now().wall + time;
    while (engine.deadline() && *engine.deadline() <= until) {
      clock.advance_to(*engine.deadline());
      engine.on_deadline(clock.now());
    }
    clock.advance_to(until);
    listen();
  }

  CallView call(const CallId& id = the_call) const { return engine.find(id).value(); }
  LegView leg(const Actor& who, const CallId& id = the_call) const { return *call(id).last_leg_of(who.user); }
  std::chrono::milliseconds left(Timer timer, std::uint32_t leg) const {
    for (const Deadline& d : call().deadlines)
      if (d.timer == timer && d.leg == leg) return d.at - clock.now().wall;
    return -1ms;
  }
  bool runs(Timer timer, std::uint32_t leg) const { return left(timer, leg) != -1ms; }

  /// What was said since the last time, without versions: "leg.accepted bob/phone", ...
  std::vector<std::string> news() { return std::exchange(said_, {}); }
  const std::vector<CallEvent>& log() const { return log_; }

  // Ready-made situations.
  void ring() { must(alice, StartCall{.callees = {bob.user}}); }
  void ring_two_devices() { online(bob), online(bob_laptop), ring(); }
  void answer() { ring_two_devices(), must(bob, Accept{}); }
  void talk() { answer(), must(alice, Join{}), must(bob, Join{}); }

  ManualClock clock;
  CallEngine engine;

 private:
  void listen() {
    while (auto event = engine.poll()) {
      const std::string line = to_string(*event);
      said_.push_back(line.substr(line.find(' ') + 1));
      log_.push_back(*std::move(event));
    }
  }
  std::vector<std::string> said_;
  std::vector<CallEvent> log_;
  int commands_ = 0;
};

using Lines = std::vector<std::string>;

/// The call's end in one line: "answered hangup", "no_answer".
inline std::string ending(const CallView& call) {
  if (!call.outcome) return std::string(name(call.state));
  return std::string(name(*call.outcome)) + (call.end_cause ? " " + std::string(name(*call.end_cause)) : "");
}
inline std::string outcome(const LegView& leg) { return std::string(leg.outcome ? name(*leg.outcome) : name(leg.state)); }

}  // namespace call_test

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += "\n  " + line;
    return all.c_str();
  }
};
}  // namespace doctest
