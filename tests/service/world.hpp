// Calls over a store in virtual time, for the tests of everything that stands beside CallService.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "service/stores.hpp"
#include "zegocall/service.hpp"
#include "zegocall/testing.hpp"

namespace zegocall::test {

inline const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}}, carol{{"carol"}, {"pad"}}, dave{{"dave"}, {"web"}};

struct World {
  explicit World(Store& s, CallServiceOptions o = {}) : store(s), options(std::move(o)) { restart(); }
  void restart() { calls = std::make_unique<CallService>(store, bytes, options); }

  Result<CallView> run(const Actor& by, CommandBody body, const CallId& call = {}, const CommandExtras& extras = {}) {
    return calls->handle({.by = by, .call = call, .body = std::move(body)}, clock.now(), extras);
  }
  /// The call afterwards; the command must succeed.
  CallView must(const Actor& by, CommandBody body, const CallId& call = {}, const CommandExtras& extras = {}) {
    auto done = run(by, std::move(body), call, extras);
    INFO((done ? std::string() : to_string(done.error())));
    REQUIRE(done);
    return *done;
  }
  void online(std::initializer_list<Actor> actors) {
    for (const Actor& actor : actors) must(actor, DeviceOnline{});
  }
  CallId ring(const Actor& caller, const Actor& callee) { return must(caller, StartCall{{callee.user}}).id; }
  CallId talk(const Actor& caller, const Actor& callee) {
    const CallId call = ring(caller, callee);
    must(callee, Accept{}, call);
    must(callee, Join{}, call);
    must(caller, Join{}, call);
    return call;
  }
  void settle() {
    while (calls->deadline() && *calls->deadline() <= clock.now().wall) calls->on_deadline(clock.now());
  }
  void pass(std::chrono::milliseconds time) {
    const UnixTime until = clock.now().wall + time;
    while (calls->deadline() && *calls->deadline() <= until) {
      clock.advance_to(*calls->deadline());
      calls->on_deadline(clock.now());
    }
    clock.advance_to(until);
  }

  Store& store;
  ManualClock clock;
  CountingBytes bytes;
  CallServiceOptions options;
  std::unique_ptr<CallService> calls;
};

}  // namespace zegocall::test
