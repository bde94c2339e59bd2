// From the ring to the answer: devices, outcomes, and the clocks that run meanwhile.
#include "call/world.hpp"

using namespace call_test;

TEST_CASE("delivered and alerting are told once per device") {
  World w;
  w.ring_two_devices();
  w.news();
  w.must(bob, AckDelivered{});
  w.must(bob, AckDelivered{});
  CHECK(w.news() == Lines{"leg.delivered bob/phone"});
  CHECK_FALSE(w.runs(Timer::delivery, 2));
  CHECK(w.leg(bob).state == LegState::invited);
  w.must(bob_laptop, AckAlerting{});
  w.must(bob_laptop, AckAlerting{});
  w.must(bob_laptop, AckDelivered{});  // alerting says that already
  CHECK(w.news() == Lines{"leg.alerting bob/laptop"});
  CHECK(w.leg(bob).state == LegState::alerting);
  CHECK(w.leg(bob).alerting_at == w.clock.now().wall);
}

TEST_CASE("a device that nobody had listed may report, and so may one without a name") {
  World w;
  w.ring();
  w.must(bob, AckDelivered{});
  CHECK(w.leg(bob).devices.size() == 1);
  w.must(bob_somewhere, AckAlerting{});
  w.must(bob_somewhere, AckAlerting{});
  w.must(bob_somewhere, AckDelivered{});
  CHECK(w.leg(bob).devices.size() == 1);
  CHECK(w.call().version == Version(5));
}

TEST_CASE("so many devices are rung, and no more") {
  World w;
  for (std::size_t n = 0; n <= CallLimits::devices_max; ++n) w.online({bob.user, DeviceId("d" + std::to_string(n))});
  w.ring();
  CHECK(w.leg(bob).devices.size() == CallLimits::devices_max);
  CHECK(verdict(w.handle(bob, AckAlerting{})) == "limit_exceeded by.device");
  CHECK(verdict(w.handle(bob, Silence{})) == "limit_exceeded by.device");
  w.must(bob, Accept{});  // but whoever answers, answers
  CHECK(w.leg(bob).device == bob.device);
  CHECK(w.leg(bob).devices.size() == CallLimits::devices_max);
}

TEST_CASE("accept: the winner is told, the others are told, both people are on their way in") {
  World w;
  w.ring_two_devices();
  w.pass(3s);
  w.news();
  w.must(bob, Accept{});
  CHECK(w.news() == Lines{"leg.accepted bob/phone", "device.dismiss bob/phone answered_here",
                          "device.dismiss bob/laptop answered_elsewhere", "leg.joining alice", "leg.joining bob"});
  CHECK(w.call().state == CallState::ringing);
  CHECK(w.call().answered_at == w.clock.now().wall);
  CHECK(w.left(Timer::join, 1) == 30s);
  CHECK(w.left(Timer::join, 2) == 30s);
  CHECK(w.call().deadlines.size() == 2);
}

TEST_CASE("race rule 3: the second device is too late, a repeat is silent") {
  World w;
  w.answer();
  w.news();
  CHECK(verdict(w.handle(bob_laptop, Accept{})) == "already_done");
  CHECK(verdict(w.handle(bob, Accept{})) == "ok");
  CHECK(verdict(w.handle(bob_somewhere, Accept{})) == "ok");
  CHECK(verdict(w.handle(bob_laptop, Decline{})) == "already_done");
  CHECK(verdict(w.handle(bob, Decline{})) == "already_done");
  CHECK(w.news().empty());
}

TEST_CASE("race rule 2: accept and cancel, in the order in which they come") {
  World w;
  w.ring();
  SUBCASE("accept first") {
    w.must(bob, Accept{});
    CHECK(verdict(w.handle(alice, CancelCall{})) == "already_done");
  }
  SUBCASE("cancel first") {
    w.must(alice, CancelCall{"changed my mind"});
    const auto late = w.handle(bob, Accept{});
    CHECK(verdict(late) == "invalid_state");
    CHECK(late.error().detail.find("cancelled") != std::string::npos);
    CHECK(w.call().end_note == "changed my mind");
  }
  SUBCASE("accept before the timer was noticed") {
    w.clock.advance(61s);
    w.must(bob, Accept{});
    w.engine.on_deadline(w.clock.now());
    CHECK(w.call().state == CallState::ringing);
    CHECK(w.leg(bob).state == LegState::joining);
  }
  SUBCASE("the timer first") {
    w.pass(60s);
    CHECK(verdict(w.handle(bob, Accept{})) == "invalid_state");
    CHECK(verdict(w.handle(bob, Decline{})) == "already_done");
  }
}

TEST_CASE("an answer from nowhere in particular binds when a device shows itself") {
  World w;
  w.ring_two_devices();
  w.must(bob_somewhere, Accept{});
  CHECK(w.leg(bob).device.empty());
  w.news();
  SUBCASE("by heartbeat") {
    w.must(bob_laptop, Heartbeat{});
    w.must(bob_laptop, Heartbeat{});
    CHECK(w.news() == Lines{"device.dismiss bob/laptop answered_here", "device.dismiss bob/phone answered_elsewhere"});
  }
  SUBCASE("by join") {
    w.must(bob_laptop, Join{});
    CHECK(w.news() == Lines{"device.dismiss bob/laptop answered_here", "device.dismiss bob/phone answered_elsewhere",
                            "leg.joined bob/laptop", "call.active"});
  }
  SUBCASE("by accept") {
    w.must(bob_laptop, Accept{});
    CHECK(w.news() == Lines{"device.dismiss bob/laptop answered_here", "device.dismiss bob/phone answered_elsewhere"});
  }
  SUBCASE("by join after a join from nowhere") {
    w.must(bob_somewhere, Join{});
    CHECK(w.leg(bob).device.empty());
    w.must(bob_laptop, Join{});
    CHECK(w.news() == Lines{"leg.joined bob", "call.active", "device.dismiss bob/laptop answered_here",
                            "device.dismiss bob/phone answered_elsewhere"});
  }
  CHECK(w.leg(bob).device == bob_laptop.device);
  CHECK(verdict(w.handle(bob, Join{})) == "already_done");
}

TEST_CASE("never bound: the rung devices are told at the end that it was somewhere else") {
  World w;
  w.ring_two_devices();
  w.must(bob_somewhere, Accept{});
  w.news();
  w.must(alice, EndCall{});
  CHECK(w.news() == Lines{"leg.final alice/web completed", "device.dismiss bob/phone answered_elsewhere",
                          "device.dismiss bob/laptop answered_elsewhere", "leg.final bob completed",
                          "call.ended answered hangup by alice"});
}

TEST_CASE("a caller without a device is bound by the first one that shows itself") {
  World w;
  w.must({alice.user, {}}, StartCall{.callees = {bob.user}});
  w.news();
  w.must(alice, Heartbeat{});
  CHECK(w.news() == Lines{"device.dismiss alice/web answered_here"});
  CHECK(w.leg(alice).device == alice.device);
  CHECK(w.leg(alice).devices.empty());
}

TEST_CASE("race rule 4: no on one device is no for the person") {
  World w;
  w.ring_two_devices();
  w.news();
  w.must(bob_laptop, Decline{});
  CHECK(w.news() == Lines{"leg.final alice/web declined", "device.dismiss bob/laptop declined_here",
                          "device.dismiss bob/phone declined_elsewhere", "leg.final bob/laptop declined",
                          "call.ended declined by bob"});
  CHECK(w.call().ended_by == bob.user);
  CHECK(w.call().ended_at == w.clock.now().wall);
  CHECK(w.call().deadlines.empty());
}

TEST_CASE("a decline without a device, and from a device that nobody had listed") {
  World w;
  w.ring_two_devices();
  w.news();
  SUBCASE("without") {
    w.must(bob_somewhere, Decline{});
    CHECK(w.news() == Lines{"leg.final alice/web declined", "device.dismiss bob/phone declined_elsewhere",
                            "device.dismiss bob/laptop declined_elsewhere", "leg.final bob declined",
                            "call.ended declined by bob"});
  }
  SUBCASE("not listed") {
    w.must({bob.user, {"watch"}}, Decline{});
    CHECK(w.news()[1] == "device.dismiss bob/watch declined_here");
    CHECK(w.leg(bob).devices.size() == 3);
  }
}

TEST_CASE("busy: a device is in another conversation") {
  World w;
  w.ring_two_devices();
  w.must(bob, Decline{.busy = true});
  CHECK(ending(w.call()) == "busy");
  CHECK(outcome(w.leg(bob)) == "busy");
  CHECK(outcome(w.leg(alice)) == "busy");
}

TEST_CASE("a silenced device may still answer, and gets no second outcome") {
  World w;
  w.ring_two_devices();
  w.must(bob, Silence{});
  w.must(bob, Silence{});
  w.must(bob_laptop, AckAlerting{});
  CHECK_FALSE(w.runs(Timer::delivery, 2));
  CHECK(verdict(w.handle(bob_somewhere, Silence{})) == "invalid_argument by.device");
  w.news();
  SUBCASE("answers") {
    w.must(bob, Accept{});
    CHECK(w.news() == Lines{"leg.accepted bob/phone", "device.dismiss bob/laptop answered_elsewhere", "leg.joining alice",
                            "leg.joining bob"});
    CHECK(w.leg(bob).device == bob.device);
  }
  SUBCASE("declines") {
    w.must(bob, Decline{});
    CHECK(w.news()[1] == "device.dismiss bob/laptop declined_elsewhere");
  }
  SUBCASE("holds a leg that was answered from nowhere in particular") {
    w.must(bob_somewhere, Accept{});
    w.must(bob, Heartbeat{});
    w.must(bob, Join{});
    CHECK(w.leg(bob).device == bob.device);
    CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::silenced);
    CHECK(w.leg(bob).devices[1].outcome == DeviceOutcome::answered_elsewhere);
  }
  SUBCASE("nobody answers") {
    w.pass(60s);
    CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::silenced);
    CHECK(w.leg(bob).devices[1].outcome == DeviceOutcome::expired);
    CHECK(ending(w.call()) == "no_answer");
  }
}

TEST_CASE("a silenced device has the invitation: it is not rung a second time") {
  World w;
  w.online(bob);
  w.ring();
  w.must(bob, Silence{});
  w.news();
  w.pass(59s);
  CHECK(w.news().empty());
}

TEST_CASE("the ring is over: no_answer where somebody had it, unreachable where nobody had") {
  World w;
  w.ring_two_devices();
  SUBCASE("delivered") {
    w.must(bob, AckDelivered{});
    w.pass(60s - 1ms);
    CHECK(w.call().state == CallState::ringing);
    w.pass(1ms);
    CHECK(ending(w.call()) == "no_answer");
    CHECK(outcome(w.leg(alice)) == "no_answer");
  }
  SUBCASE("not delivered") {
    w.pass(60s);
    CHECK(ending(w.call()) == "unreachable");
    CHECK(outcome(w.leg(bob)) == "unreachable");
  }
  CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::expired);
  CHECK(w.call().ended_by.empty());
}

TEST_CASE("an invitation that nobody has is rung once more, and no third time") {
  World w;
  SUBCASE("to the devices") {
    w.ring_two_devices();
    w.news();
    w.pass(10s);
    CHECK(w.news() == Lines{"device.ring bob/phone attempt 2", "device.ring bob/laptop attempt 2"});
  }
  SUBCASE("to the push hook") {
    w.ring();
    w.news();
    w.pass(10s);
    CHECK(w.news() == Lines{"device.ring bob attempt 2"});
  }
  w.pass(49s);
  CHECK(w.news().empty());
}

TEST_CASE("a second attempt that would come after the ring does not come") {
  World w({.ring = 10s, .delivery = 10s});
  w.ring();
  w.news();
  w.pass(10s);
  CHECK(w.news() == Lines{"leg.final alice/web unreachable", "leg.final bob unreachable", "call.ended unreachable"});
}

TEST_CASE("cancel: devices stop ringing, the callee finds a missed call") {
  World w;
  w.ring_two_devices();
  w.must(bob, AckAlerting{});
  w.news();
  w.must({alice.user, {}}, CancelCall{});
  CHECK(w.news() == Lines{"leg.final alice/web cancelled", "device.dismiss bob/phone cancelled",
                          "device.dismiss bob/laptop cancelled", "leg.final bob cancelled", "call.ended cancelled by alice"});
  CHECK(is_missed(*w.leg(bob).outcome));
}

TEST_CASE("notes have a limit") {
  World w;
  w.ring();
  CHECK(verdict(w.handle(alice, CancelCall{std::string(65, 'x')})) == "limit_exceeded note");
  CHECK(verdict(w.handle(alice, EndCall{std::string(65, 'x')})) == "limit_exceeded note");
  CHECK(verdict(w.handle(alice, CancelCall{std::string(64, 'x')})) == "ok");
}

TEST_CASE("end and leave before the answer: the caller cancels, the callee declines") {
  World w;
  w.ring_two_devices();
  SUBCASE("end by the caller") {
    w.must(alice, EndCall{"normal"});
    CHECK(ending(w.call()) == "cancelled");
    CHECK(w.call().end_note == "normal");
  }
  SUBCASE("leave by the caller") {
    w.must(alice, Leave{});
    CHECK(ending(w.call()) == "cancelled");
  }
  SUBCASE("end by the callee") {
    w.must(bob, EndCall{});
    CHECK(ending(w.call()) == "declined");
    CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::declined_here);
    CHECK(w.leg(bob).devices[1].outcome == DeviceOutcome::declined_elsewhere);
  }
  SUBCASE("leave by the callee") {
    w.must(bob, Leave{});
    CHECK(ending(w.call()) == "declined");
  }
}
