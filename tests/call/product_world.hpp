// The worlds that the product walks: an engine on its way into a situation, and the situations by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "zegocall/call/engine.hpp"
#include "zegocall/testing.hpp"

namespace call_product {

using namespace zegocall;
using namespace std::chrono_literals;

inline const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}}, bob_laptop{{"bob"}, {"laptop"}}, bob_nowhere{{"bob"}, {}},
    carol{{"carol"}, {"pad"}}, dave{{"dave"}, {"web"}};
inline const CallId the_call{"42"}, other_call{"43"}, new_call{"new"};

/// One engine on the way into a situation. Dave's device has no connection of which the engine knows.
class World {
 public:
  explicit World(const CallPolicy& policy) : engine(CallEngine::open(policy).value()) {}

  Result<CallView> give(const Actor& by, CommandBody body, const CallId& call = the_call) {
    auto result = engine.handle({{}, by, call, std::move(body), {}}, clock.now());
    drain();
    return result;
  }
  World& must(const Actor& by, CommandBody body, const CallId& call = the_call) {
    const std::string word(name(body));
    if (auto result = give(by, std::move(body), call); !result) refused += word + ": " + to_string(result.error()) + "; ";
    return *this;
  }
  World& online(const Actor& who) { return must(who, DeviceOnline{}, {}); }
  World& offline(const Actor& who) { return must(who, DeviceOffline{}, {}); }
  World& pass(std::chrono::milliseconds time) {
    const UnixTime until = clock.now().wall + time;
    while (engine.deadline() && *engine.deadline() <= until) {
      clock.advance_to(*engine.deadline());
      engine.on_deadline(clock.now());
    }
    clock.advance_to(until);
    drain();
    return *this;
  }
  World& knowing(Facts facts) { return engine.know(std::move(facts)), *this; }
  World& provider(ProviderSaid what, const UserId& user) {
    return must({}, ProviderWord{.said = what, .user = user, .login = LoginId("l1"), .at = clock.now().wall});
  }

  World& ring() { return online(alice).online(bob).online(bob_laptop).must(alice, StartCall{.callees = {bob.user}}); }
  World& ring_two() { return online(alice).online(bob).must(alice, StartCall{.callees = {bob.user, dave.user}}); }
  World& answer() { return ring().must(bob, Accept{}); }
  World& talk() { return answer().must(alice, Join{}).must(bob, Join{}); }
  World& room(RoomOverrides settings = {}) {
    if (!settings.type) settings.type = RoomType::anyone;
    if (!settings.lobby) settings.lobby = LobbyRule::off;
    online(alice).online(bob).online(bob_laptop);
    return must(alice, CreateRoom{.from = "meeting", .settings = std::move(settings)});
  }
  World& enter(const Actor& who) { return must(who, Join{}).must(who, Join{}); }
  World& meet(RoomOverrides settings = {}) { return room(std::move(settings)).enter(alice).enter(bob); }
  World& lobby(LobbyRule rule = LobbyRule::on) { return room({.lobby = rule}).enter(alice).must(bob, Join{}); }
  World& scheduled(std::chrono::milliseconds from_now) {
    RoomOverrides settings;
    settings.schedule = Schedule{.starts_at = clock.now().wall + from_now};
    return room(std::move(settings));
  }

  CallView call(const CallId& id = the_call) const {
    auto found = engine.find(id);
    return found ? *std::move(found) : CallView{};
  }

  CallEngine engine;
  ManualClock clock;
  std::vector<CallEvent> said{};  ///< until somebody clears it
  std::string refused{};

 private:
  void drain() {
    while (auto event = engine.poll()) said.push_back(*std::move(event));
  }
};

/// How one gets into a situation.
struct Way {
  const char* name;
  std::function<void(World&)> reach;
  CallPolicy policy{};
};
const std::vector<Way>& ways();

}  // namespace call_product
