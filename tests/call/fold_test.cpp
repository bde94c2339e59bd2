// A call is the fold of its log; a log that cannot be true is refused; inconsistency() sees what is wrong with a call.
#include "call/world.hpp"

using namespace call_test;

namespace {
std::vector<CallEvent> log_of_a_call() {
  World w;
  w.talk();
  w.must(alice, EndCall{});
  return w.log();
}
std::string refused(const std::vector<CallEvent>& log) {
  const auto folded = fold(log);
  return folded ? "ok" : std::string(name(folded.error().code)) + " " + folded.error().field;
}
}  // namespace

TEST_CASE("the fold of the log is the call, at every length") {
  World w;
  w.talk();
  w.offline(bob);
  w.online(bob);
  w.must(bob, Leave{});
  w.must(alice, Invite{bob.user});
  w.must(alice, EndCall{});
  CHECK(*fold(w.log()) == w.call());
  CallView step;
  for (std::size_t n = 1; n <= w.log().size(); ++n) {
    apply(step, w.log()[n - 1]);
    CHECK(*fold(std::span(w.log()).first(n)) == step);
  }
}

TEST_CASE("a log that cannot be true is store_corrupt, with the event that does not fit") {
  const std::vector<CallEvent> good = log_of_a_call();
  CHECK(refused(good) == "ok");
  CHECK(refused({}) == "store_corrupt ");
  SUBCASE("a gap") {
    auto log = good;
    log.erase(log.begin() + 3);
    CHECK(refused(log) == "store_corrupt v5");
  }
  SUBCASE("twice") {
    auto log = good;
    log.insert(log.begin() + 3, log[2]);
    CHECK(refused(log) == "store_corrupt v3");
  }
  SUBCASE("no beginning") {
    auto log = good;
    log.front().body = CallActive{};
    CHECK(refused(log) == "store_corrupt v1");
  }
  SUBCASE("a second beginning") {
    auto log = good;
    log[4].body = log[0].body;
    CHECK(refused(log) == "store_corrupt v5");
  }
  SUBCASE("of another call") {
    auto log = good;
    log[4].call = CallId{"43"};
    CHECK(refused(log) == "store_corrupt v5");
  }
  SUBCASE("after the end") {
    auto log = good;
    log.push_back({the_call, Version(good.size() + 1), good.back().at, CallActive{}});
    CHECK(refused(log) == "store_corrupt v" + std::to_string(good.size() + 1));
  }
  SUBCASE("of a leg that is not there, is somebody else's, or is over") {
    auto log = good;
    log[2].body = LegDelivered{3, bob.user, bob.device};
    CHECK(refused(log) == "store_corrupt v3");
    log[2].body = LegDelivered{0, bob.user, bob.device};
    CHECK(refused(log) == "store_corrupt v3");
    log[2].body = LegDelivered{2, alice.user, bob.device};
    CHECK(refused(log) == "store_corrupt v3");
    log[2].body = LegFinal{2, bob.user, {}, LegOutcome::declined};
    log[3].body = LegDelivered{2, bob.user, bob.device};
    CHECK(refused(log) == "store_corrupt v4");
  }
  SUBCASE("a leg with another number") {
    auto log = good;
    log[1].body = LegInvited{4, bob.user, {}};
    CHECK(refused(log) == "store_corrupt v2");
  }
}

TEST_CASE("a call that is as it should be") {
  World w;
  w.talk();
  CHECK_FALSE(inconsistency(w.call()));
  CHECK(inconsistency(CallView{}) == "the call was never created");
}

TEST_CASE("inconsistency sees each thing that must not be") {
  World w;
  w.ring_two_devices();
  const CallView ringing = w.call();
  w.must(bob, Accept{});
  w.must(alice, Join{});
  w.must(bob, Join{});
  const CallView active = w.call();
  w.offline(bob);
  const CallView grace = w.call();
  w.must(bob, Leave{});
  const CallView alone = w.call();
  w.must(alice, EndCall{});
  const CallView ended = w.call();

  const auto wrong = [](CallView call, auto change) {
    change(call);
    return inconsistency(call).value_or("consistent");
  };
  using V = CallView;
  CHECK(wrong(ended, [](V& c) { c.outcome.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.ended_at.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.end_cause.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.outcome = CallOutcome::declined; }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.legs[0].outcome.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.legs[0].final_at.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.legs[0].state = LegState::joined; }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.legs[1].devices[1].outcome.reset(); }) != "consistent");
  CHECK(wrong(ended, [](V& c) { c.deadlines.push_back({Timer::alone, 0, {}}); }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[1].outcome = LegOutcome::completed; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[1].devices[1].outcome = DeviceOutcome::answered_here; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[1].device = DeviceId{"laptop"}; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.active_at.reset(); }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.state = CallState::ringing; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.answered_at.reset(); }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[1].number = 7; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[1].user = c.legs[0].user; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs[0].state = LegState::accepted; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.deadlines.push_back({Timer::join, 1, {}}); }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.legs.push_back({.number = 3, .user = {"bob"}, .state = LegState::joined}); }) != "consistent");
  CHECK(wrong(active, [](V& c) { ++c.index.counts.joined; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.index.call_timers = 1; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.state = CallState::waiting; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.kind = CallKind::room; }) != "consistent");
  CHECK(wrong(active, [](V& c) { c.room = c.room_view(), c.room->settings.capacity = 1; }) != "consistent");  // I5
  CHECK(wrong(grace, [](V& c) { c.deadlines.clear(); }) != "consistent");
  CHECK(wrong(grace, [](V& c) { c.deadlines.push_back(c.deadlines[0]); }) != "consistent");
  CHECK(wrong(alone, [](V& c) { c.deadlines.clear(); }) != "consistent");
  CHECK(wrong(ringing, [](V& c) { c.deadlines.clear(); }) != "consistent");
  CHECK(wrong(ringing, [](V& c) { std::swap(c.deadlines[0], c.deadlines[1]); }) != "consistent");
  CHECK(wrong(ringing, [](V& c) { c.legs[1].delivered = true; }) != "consistent");
}
