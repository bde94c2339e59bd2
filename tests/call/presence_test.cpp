// Devices come and go; the server restarts.
#include "call/world.hpp"

using namespace call_test;

TEST_CASE("the device in the call goes: grace, and back or lost") {
  World w;
  w.talk();
  w.news();
  w.offline(bob);
  CHECK(w.news() == Lines{"leg.reconnecting bob"});
  CHECK(w.left(Timer::reconnect_grace, 2) == 30s);
  w.offline(bob);
  CHECK(w.news().empty());
  SUBCASE("back by its socket") {
    w.online(bob);
    CHECK(w.news() == Lines{"leg.resumed bob/phone"});
  }
  SUBCASE("back by its heartbeat") {
    w.must(bob, Heartbeat{});
    CHECK(w.news() == Lines{"leg.resumed bob/phone"});
  }
  SUBCASE("back by joining") {
    w.must(bob, Join{});
    CHECK(w.news() == Lines{"leg.resumed bob/phone"});
  }
  SUBCASE("another device is no way back") {
    w.online(bob_laptop);
    w.must(bob_laptop, Heartbeat{});
    CHECK(verdict(w.handle(bob_laptop, Join{})) == "already_done");
    CHECK(w.news().empty());
    w.pass(30s);
    CHECK(outcome(w.leg(bob)) == "network_lost");
    return;
  }
  SUBCASE("lost") {
    w.pass(30s);
    CHECK(w.news() == Lines{"leg.final bob/phone network_lost"});
    CHECK(w.left(Timer::alone, 0) == 60s);
    return;
  }
  CHECK(w.leg(bob).state == LegState::joined);
  CHECK(w.call().deadlines.empty());
}

TEST_CASE("both lost: the call ends with the last of them") {
  World w;
  w.talk();
  w.offline(alice);
  w.pass(5s);
  w.offline(bob);
  w.pass(30s);
  CHECK(ending(w.call()) == "answered network_lost");
  CHECK(w.call().ended_by.empty());
}

TEST_CASE("an unbound leg loses its link with the person's last device, and any of them brings it back") {
  World w;
  w.ring_two_devices();
  w.must(bob_somewhere, Accept{});
  w.must(bob_somewhere, Join{});
  w.must(alice, Join{});
  w.offline(bob);
  CHECK(w.leg(bob).state == LegState::joined);
  w.offline(bob_laptop);
  CHECK(w.leg(bob).state == LegState::reconnecting);
  w.online(bob);
  CHECK(w.leg(bob).state == LegState::joined);
  CHECK(w.leg(bob).device.empty());  // to be online is not to be in the call
}

TEST_CASE("on the way in nobody is in grace: the join timer covers it") {
  World w;
  w.answer();
  w.news();
  w.offline(bob);
  CHECK(w.news().empty());
  CHECK(w.leg(bob).state == LegState::joining);
}

TEST_CASE("the caller goes while it rings") {
  World w;
  w.ring_two_devices();
  w.must(bob, AckAlerting{});
  w.pass(10s);
  w.news();
  w.offline(alice);
  CHECK(w.news() == Lines{"leg.reconnecting alice"});
  CHECK(w.left(Timer::caller_gone, 1) == 30s);
  SUBCASE("for good: cancelled, the callee has a missed call, nobody did it") {
    w.pass(30s);
    CHECK(ending(w.call()) == "cancelled");
    CHECK(w.call().ended_by.empty());
    CHECK(outcome(w.leg(bob)) == "cancelled");
    CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::cancelled);
  }
  SUBCASE("and comes back") {
    w.online(alice);
    CHECK(w.leg(alice).state == LegState::accepted);
    CHECK_FALSE(w.runs(Timer::caller_gone, 1));
    CHECK(w.news() == Lines{"leg.resumed alice/web"});
  }
  SUBCASE("and cannot join what nobody has answered") { CHECK(verdict(w.handle(alice, Join{})) == "invalid_state"); }
  SUBCASE("and the callee answers meanwhile: there is a join's time to come back") {
    w.must(bob, Accept{});
    CHECK(w.leg(alice).state == LegState::joining);
    CHECK(w.left(Timer::join, 1) == 30s);
    CHECK_FALSE(w.runs(Timer::caller_gone, 1));
  }
  SUBCASE("and gives up over HTTP") {
    w.must({alice.user, {}}, CancelCall{});
    CHECK(ending(w.call()) == "cancelled");
  }
}

TEST_CASE("the caller's grace is never longer than the ring") {
  World w({.ring = 20s});
  w.ring_two_devices();
  w.must(bob, AckAlerting{});
  w.offline(alice);
  CHECK(w.left(Timer::caller_gone, 1) == 20s);
  w.pass(20s);
  CHECK(ending(w.call()) == "no_answer");  // at the same instant the ring is first
}

TEST_CASE("a device that comes online while it rings is rung, once") {
  World w;
  w.ring();
  w.news();
  w.online(bob);
  CHECK(w.news() == Lines{"device.ring bob/phone"});
  w.offline(bob);
  w.online(bob);
  CHECK(w.news().empty());
  w.must(bob, Accept{});
  w.news();
  w.online(bob_laptop);
  CHECK(w.news().empty());
}

TEST_CASE("a device that comes after the ring's time is told so and not rung, even if the timer has not been noticed") {
  World w;
  w.ring();
  w.clock.advance(60s);
  w.news();
  w.online(bob);
  CHECK(w.news() == Lines{"device.dismiss bob/phone expired"});
}

TEST_CASE("presence says which device") {
  World w;
  CHECK(verdict(w.handle(bob_somewhere, DeviceOnline{}, {})) == "invalid_argument by.device");
  CHECK(verdict(w.handle({{}, {"x"}}, DeviceOffline{}, {})) == "invalid_argument by.user");
  CHECK(verdict(w.handle(bob, DeviceOnline{}, {})) == "ok");
}

TEST_CASE("restart while it rings: the caller has time to come back, the ring goes on") {
  World w;
  w.ring_two_devices();
  w.must(bob, AckAlerting{});
  w.pass(10s);
  w.news();
  w.restart();
  CHECK(w.news() == Lines{"leg.reconnecting alice"});
  CHECK(w.left(Timer::caller_gone, 1) == 30s);
  CHECK(w.left(Timer::ring, 2) == 50s);
  w.restart();
  CHECK(w.news().empty());
}

TEST_CASE("restart after the ring's time: it is over, once") {
  World w;
  w.ring_two_devices();
  w.must(bob, AckAlerting{});
  w.clock.advance(5min);
  w.restart();
  CHECK(w.call().state == CallState::ringing);
  w.news();
  w.pass(0s);
  CHECK(w.news() == Lines{"leg.final alice/web no_answer", "device.dismiss bob/phone expired",
                          "device.dismiss bob/laptop expired", "leg.final bob no_answer", "call.ended no_answer"});
  w.pass(1h);
  CHECK(w.news().empty());
}

TEST_CASE("restart during the call: whoever was in is expected back") {
  World w({.reconnect_grace = 5s});
  w.talk();
  w.news();
  w.restart();
  CHECK(w.news() == Lines{"leg.reconnecting alice", "leg.reconnecting bob"});
  CHECK(w.left(Timer::reconnect_grace, 1) == 15s);  // the slack, as it is longer than the grace
  CHECK(w.left(Timer::empty, 0) == 60s);
  w.pass(14s);
  w.online(bob);
  w.must(alice, Heartbeat{});
  CHECK(w.call().deadlines.empty());
}

TEST_CASE("restart: deadlines that are nearer than the slack are moved, the others stay") {
  World w;
  SUBCASE("joining") {
    w.answer();
    w.pass(20s);
    w.restart();
    CHECK(w.left(Timer::join, 1) == 15s);
    CHECK(w.left(Timer::join, 2) == 15s);
    w.pass(1s);
    w.restart();
    CHECK(w.left(Timer::join, 1) == 15s);
  }
  SUBCASE("joining, with time enough") {
    w.answer();
    w.news();
    w.restart();
    CHECK(w.news().empty());
    CHECK(w.left(Timer::join, 1) == 30s);
  }
  SUBCASE("in grace") {
    w.talk();
    w.offline(bob);
    w.pass(25s);
    w.restart();
    CHECK(w.left(Timer::reconnect_grace, 2) == 15s);
    CHECK(w.left(Timer::reconnect_grace, 1) == 30s);
  }
  SUBCASE("the caller gone, near the ring's end") {
    w.ring();
    w.pass(25s);
    w.offline(alice);
    w.pass(25s);
    w.restart();
    CHECK(w.left(Timer::caller_gone, 1) == 10s);
    CHECK(w.left(Timer::ring, 2) == 10s);
  }
  SUBCASE("alone becomes empty, and alone again on return") {
    w.talk();
    w.must(bob, Leave{});
    w.pass(50s);
    w.restart();
    CHECK_FALSE(w.runs(Timer::alone, 0));
    w.online(alice);
    CHECK(w.left(Timer::alone, 0) == 60s);
  }
  SUBCASE("ended") {
    w.ring();
    w.must(alice, CancelCall{});
    w.news();
    w.restart();
    CHECK(w.news().empty());
  }
}
