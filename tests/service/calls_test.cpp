#include <doctest/doctest.h>

#include <algorithm>

#include "service/failing_store.hpp"
#include "zegocall/service.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}}, carol{{"carol"}, {"pad"}};

struct World {
  ManualClock clock;
  CountingBytes bytes;
  std::unique_ptr<Store> memory = make_memory_store();
  test::FailingStore store{*memory};
  CallServiceOptions options{.policy = {.ring = 30s}};
  std::unique_ptr<CallService> calls = std::make_unique<CallService>(store, bytes, options);

  void restart() { calls = std::make_unique<CallService>(store, bytes, options); }
  Result<CallView> run(Actor by, CommandBody body, CallId call = {}, CommandId id = {}) {
    return calls->handle({.id = id, .by = by, .call = call, .body = std::move(body)}, clock.now());
  }
  CallId ring() {
    CHECK(run(bob, DeviceOnline{}));
    CHECK(run(alice, DeviceOnline{}));
    return run(alice, StartCall{{bob.user}}).value().id;
  }
  CallId joined() {
    const CallId call = ring();
    CHECK(run(bob, Accept{}, call));
    CHECK(run(bob, Join{}, call));
    CHECK(run(alice, Join{}, call));
    return call;
  }
  void settle() {
    while (calls->deadline() && *calls->deadline() <= clock.now().wall) calls->on_deadline(clock.now());
  }
};

std::vector<std::string> words(const std::vector<Decided>& decided) {
  std::vector<std::string> out;
  for (const Decided& each : decided)
    for (const CallEvent& event : each.events) out.emplace_back(name(event.body));
  return out;
}
bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

TEST_CASE("a call over a store: ring, accept, join, hang up") {
  World w;
  const CallId call = w.joined();
  CHECK(w.calls->active(alice.user).value()->id == call);
  w.clock.advance(5s);
  auto ended = w.run(bob, EndCall{"bye"}, call);
  REQUIRE(ended);
  CHECK(ended->outcome == CallOutcome::answered);
  CHECK(ended->end_cause == EndCause::hangup);
  CHECK(ended->ended_by == bob.user);
  CHECK_FALSE(w.calls->active(alice.user).value());
  CHECK(w.calls->history(alice.user, {}).value().total == 1);
  CHECK(w.calls->find(call).value() == *ended);
  CHECK(fold(w.memory->events(call, Version{}).value()).value() == *ended);
  CHECK(w.calls->find(CallId{"nothing"}).error().code == ErrorCode::not_found);
}

TEST_CASE("nobody answers: the ring deadline comes from the store and ends the call once") {
  World w;
  const CallId call = w.ring();
  w.clock.advance(29s);
  w.settle();
  CHECK(w.calls->find(call).value().state == CallState::ringing);
  w.clock.advance(1s);
  (void)w.calls->take();
  w.settle();
  CHECK(w.calls->find(call).value().outcome == CallOutcome::unreachable);
  CHECK(has(words(w.calls->take()), "call.ended"));
  w.settle();
  CHECK(w.calls->take().empty());
}

TEST_CASE("a command id seen before gets its first answer, and nothing happens twice") {
  World w;
  CHECK(w.run(bob, DeviceOnline{}));
  const CommandId id{"once"};
  const CallView first = w.run(alice, StartCall{{bob.user}}, {}, id).value();
  CHECK(w.run(bob, Accept{}, first.id));
  (void)w.calls->take();
  const auto again = w.run(alice, StartCall{{bob.user}}, {}, id);
  const bool same = again && *again == first;
  CHECK_MESSAGE(same, "a repeated command gets its first answer");  // fault_lose_command_memory waits for this sentence
  CHECK(w.calls->take().empty());
  SUBCASE("a refusal is remembered too") {
    const CommandId late{"late"};
    CHECK(w.run(carol, Accept{}, first.id, late).error().code == ErrorCode::forbidden);
    CHECK(w.run(carol, DeviceOnline{}));
    CHECK(w.run(carol, Accept{}, first.id, late).error().code == ErrorCode::forbidden);
  }
  SUBCASE("another person's command of the same id is another command") {
    CHECK(w.run(bob, EndCall{}, first.id, id).value().state == CallState::ended);
  }
}

TEST_CASE("who sits in a call is busy, and a refused start leaves nothing") {
  World w;
  const CallId call = w.ring();
  auto refused = w.run(carol, StartCall{{bob.user}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::busy);
  CHECK(refused.error().field == "callees.0");
  CHECK(w.memory->calls({}).value().total == 1);
  CHECK(w.run(alice, StartCall{{carol.user}}).error().field == "caller");
  CHECK(w.run(alice, StartCall{{carol.user}}, call).error().code == ErrorCode::already_exists);
}

TEST_CASE("a start wakes every live call exactly once, before anything else") {
  World w;
  const CallId call = w.joined();
  w.restart();
  REQUIRE(w.calls->deadline());
  CHECK(*w.calls->deadline() <= w.clock.now().wall);
  w.calls->on_deadline(w.clock.now());
  auto told = words(w.calls->take());
  CHECK(std::count(told.begin(), told.end(), "leg.reconnecting") == 2);
  w.settle();
  CHECK(w.calls->take().empty());
  SUBCASE("who comes back is in the call again") {
    CHECK(w.run(alice, DeviceOnline{}));
    CHECK(w.run(bob, DeviceOnline{}));
    for (const LegView& leg : w.calls->find(call).value().legs) CHECK(leg.state == LegState::joined);
  }
  SUBCASE("who does not is lost, and the call ends") {
    w.clock.advance(10min);
    w.settle();
    CHECK(w.calls->find(call).value().state == CallState::ended);
  }
}

TEST_CASE("a first command after a start finds the calls awake") {
  World w;
  const CallId call = w.joined();
  w.restart();
  CHECK(w.run(alice, DeviceOnline{}));
  CHECK(w.calls->find(call).value().live_leg_of(alice.user)->state == LegState::joined);
  CHECK(w.calls->find(call).value().live_leg_of(bob.user)->state == LegState::reconnecting);
}

TEST_CASE("a token is for the asker's own seat, and only once admitted") {
  World w;
  auto keys = Keyring::of(AppId{1234567890}, Secret{"zegocall-test-secret-0123456789a"}).value();
  TokenMinter minter(keys, w.bytes);
  const CallId call = w.ring();
  CHECK(w.calls->token(call, alice.user, w.clock.now()).error().field == "tokens");
  w.options.tokens = &minter;
  w.options.app = AppId{1234567890};
  w.restart();
  CHECK(w.calls->token(call, bob.user, w.clock.now()).error().code == ErrorCode::invalid_state);
  CHECK(w.calls->token(call, carol.user, w.clock.now()).error().code == ErrorCode::forbidden);
  CHECK(w.calls->token(CallId{"none"}, bob.user, w.clock.now()).error().code == ErrorCode::not_found);
  CHECK(w.calls->token(call, alice.user, w.clock.now()));
  CHECK(w.run(bob, Accept{}, call));
  auto seat = w.calls->token(call, bob.user, w.clock.now());
  REQUIRE(seat);
  CHECK(seat->room == RoomId("call_" + call.str()));
  CHECK(verify_token(seat->token, keys,
                     {.app = AppId{1234567890}, .user = bob.user, .room = seat->room, .login = Allow::yes, .publish = Allow::yes},
                     w.clock.now().wall));
  CHECK(w.run(bob, EndCall{}, call));
  CHECK(w.calls->token(call, bob.user, w.clock.now()).error().field == "call");
}

TEST_CASE("a group is one transaction: a failed commit leaves calls, presence and decisions as they were") {
  World w;
  CHECK(w.run(alice, DeviceOnline{}));
  REQUIRE(w.calls->open_group());
  CHECK(w.run(bob, DeviceOnline{}));
  CHECK(w.run(alice, DeviceOffline{}));
  const CallId call = w.run(alice, StartCall{{bob.user}}).value().id;
  CHECK(w.calls->is_online(bob.user));
  w.store.only("commit");
  w.store.fail_at(0);
  CHECK_FALSE(w.calls->commit_group());
  CHECK(w.calls->take().empty());
  CHECK_FALSE(w.calls->is_online(bob.user));
  CHECK(w.calls->is_online(alice));
  CHECK(w.calls->find(call).error().code == ErrorCode::not_found);

  REQUIRE(w.calls->open_group());
  CHECK(w.run(bob, DeviceOnline{}));
  w.calls->abandon_group();
  CHECK_FALSE(w.calls->is_online(bob.user));
  REQUIRE(w.calls->open_group());
  CHECK(w.run(alice, StartCall{{bob.user}}));
  CHECK(w.calls->commit_group());
  CHECK(w.calls->active(bob.user).value());
}

TEST_CASE("a conflict loads and decides again") {
  World w;
  const CallId call = w.ring();
  w.store.only("change");
  w.store.fail_at(0, ErrorCode::conflict);
  CHECK(w.run(bob, Accept{}, call).value().answered_at);
  CHECK(w.store.failures() == 1);
  SUBCASE("in a group too") {
    REQUIRE(w.calls->open_group());
    w.store.fail_at(0, ErrorCode::conflict);
    CHECK(w.run(bob, Join{}, call));
    CHECK(w.calls->commit_group());
    CHECK(w.calls->find(call).value().state == CallState::active);
  }
}

TEST_CASE("every store operation of a whole call may fail: the answer says so, nothing is half done, the next try succeeds") {
  for (int n = 0;; ++n) {
    CAPTURE(n);
    World w;
    w.store.fail_at(n);
    std::optional<CallId> call;
    const auto insist = [&](Actor by, CommandBody body) {
      for (int tries = 0; tries < 3; ++tries) {
        auto answer = w.run(by, body, call.value_or(CallId{}));
        if (answer) return answer.value();
        CHECK(answer.error().code == ErrorCode::store_unavailable);
        CHECK(w.calls->take().empty());
        CHECK_FALSE(w.memory->in_transaction());
      }
      FAIL("never succeeded");
      return CallView{};
    };
    insist(bob, DeviceOnline{});
    call = insist(alice, StartCall{{bob.user}}).id;
    insist(bob, AckAlerting{});
    insist(bob, Accept{});
    insist(bob, Join{});
    const CallView ended = insist(alice, EndCall{});
    CHECK(ended.outcome == CallOutcome::answered);
    CHECK(fold(w.memory->events(*call, Version{}).value()).value() == ended);
    CHECK(w.memory->calls({}).value().total == 1);
    CHECK_FALSE(inconsistency(ended));
    if (!w.store.failed()) break;
  }
}

TEST_CASE("a store that fails while deadlines are due is asked again a second later, not at once") {
  World w;
  const CallId call = w.ring();
  w.clock.advance(30s);
  w.store.fail_from(0);
  w.calls->on_deadline(w.clock.now());
  REQUIRE(w.calls->deadline());
  CHECK(*w.calls->deadline() > w.clock.now().wall);
  w.store.heal();
  CHECK(w.calls->find(call).value().state == CallState::ringing);
  w.clock.advance(1s);
  w.settle();
  CHECK(w.calls->find(call).value().state == CallState::ended);
}

TEST_CASE("the log names the race rule that decided, and says nothing where there was none") {
  World w;
  std::vector<std::string> lines;
  w.options.log = [&](LogLevel level, std::string_view line) {
    CHECK(level == LogLevel::debug);
    lines.emplace_back(line);
  };
  w.restart();
  const CallId call = w.ring();
  CHECK(lines.empty());
  const CallId second("second");
  CHECK_FALSE(w.run({{"mallory\n"}, {"x"}}, StartCall{{bob.user}}, second));
  for (int i = 0; i < 2; ++i) CHECK(w.run(alice, CancelCall{}, call, CommandId("c1")));
  CHECK_FALSE(w.run(bob, Accept{}, call));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "race rule 6 (busy): start_call of mallory? in call second: busy");
  CHECK(lines[1] == "race rule 14 (same_answer): cancel_call of alice in call " + call.str());
  CHECK(lines[2] == "race rule 2 (answered_or_over): accept of bob in call " + call.str() + ": invalid_state");
}
