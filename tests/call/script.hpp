// Logs as the engine makes them: random people press random buttons, and what was said is sorted by call. For tests of
// what is read from logs; the rules themselves have property_test.cpp.
#pragma once

#include <map>

#include "call/world.hpp"
#include "support/rapidcheck.hpp"

namespace call_test {

/// One step; the numbers mean what `play` makes of them.
struct Press {
  int what = 0, who = 0, other = 0, device = 0, seconds = 0;
};

inline void showValue(const Press& p, std::ostream& out) {
  out << "{" << p.what << "," << p.who << "," << p.other << "," << p.device << "," << p.seconds << "}";
}

inline rc::Gen<std::vector<Press>> presses() {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::resize(
      200, rc::gen::container<std::vector<Press>>(rc::gen::build<Press>(
               set(&Press::what, inRange(0, 14)), set(&Press::who, inRange(0, 3)), set(&Press::other, inRange(0, 3)),
               set(&Press::device, inRange(0, 3)), set(&Press::seconds, inRange(0, 30)))));
}

/// Plays the steps; refusals are part of the game. Some presses are several: a call that is answered and joined at once.
class Script {
 public:
  explicit Script(const std::vector<Press>& steps) {
    for (const Press& step : steps) play(step);
  }

  std::map<CallId, std::vector<CallEvent>> logs() const {
    std::map<CallId, std::vector<CallEvent>> out;
    for (const CallEvent& event : world_.log()) out[event.call].push_back(event);
    return out;
  }
  CallView call(const CallId& id) const { return world_.call(id); }
  UnixTime now() const { return world_.clock.now().wall; }
  /// Everybody goes and every clock runs out: all calls have ended.
  void let_it_end() {
    for (const char* user : {"alice", "bob", "carol"})
      for (const char* device : {"web", "phone"})
        (void)world_.handle({UserId(std::string_view(user)), DeviceId(std::string_view(device))}, DeviceOffline{}, {});
    world_.pass(2h);
  }

 private:
  static Actor actor(const Press& step) {
    static const UserId people[] = {{"alice"}, {"bob"}, {"carol"}};
    static const DeviceId devices[] = {{"web"}, {"phone"}, {}};
    return {people[step.who], devices[step.device]};
  }

  void play(const Press& step) {
    const Actor by = actor(step);
    const UserId other = actor({.who = step.other}).user;
    const CallId newest(std::string_view("call" + std::to_string(calls_)));
    switch (step.what) {
      case 0:
      case 1: {
        const CallId fresh(std::string_view("call" + std::to_string(calls_ + 1)));
        if (!world_.handle(by, StartCall{.callees = {other}}, fresh)) return;
        ++calls_;
        if (step.what == 1) return;
        (void)world_.handle({other, by.device}, Accept{}, fresh);
        (void)world_.handle(by, Join{}, fresh);
        return (void)world_.handle({other, by.device}, Join{}, fresh);
      }
      case 2:
      case 3: return (void)world_.handle({other, by.device}, Accept{}, newest);
      case 4:
      case 5:
      case 6: return (void)world_.handle(by, Join{}, newest);
      case 7: return (void)world_.handle(by, Leave{}, newest);
      case 8: return (void)world_.handle(by, DeviceOnline{}, {});
      case 9: return (void)world_.handle(by, DeviceOffline{}, {});
      case 10: return (void)world_.handle(by, Heartbeat{}, newest);
      case 11: return (void)world_.handle(by, step.seconds < 10 ? CommandBody(EndCall{}) : CommandBody(AckAlerting{}), newest);
      case 12: {  // somebody leaves, whoever is in invites them again
        (void)world_.handle({other, by.device}, Leave{}, newest);
        for (int who = 0; who < 9; ++who)
          if (world_.handle(actor({.who = who / 3, .device = who % 3}), Invite{other}, newest)) break;
        if (step.seconds >= 15) return;
        (void)world_.handle(actor({.who = step.other, .device = step.who}), Accept{}, newest);
        return (void)world_.handle(actor({.who = step.other, .device = step.who}), Join{}, newest);
      }
      case 13: {
        world_.pass(std::chrono::seconds(step.seconds));
        if (step.device == 2 && calls_ > 0) (void)world_.handle({}, ServerStarted{}, newest);
        return;
      }
    }
  }

  World world_;
  int calls_ = 0;
};

}  // namespace call_test
