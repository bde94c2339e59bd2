// In the call: join, leave, hang up, being alone, being nobody.
#include "call/world.hpp"

using namespace call_test;

TEST_CASE("the first who joins makes the call active") {
  World w;
  w.answer();
  w.news();
  w.must(bob, Join{});
  CHECK(w.news() == Lines{"leg.joined bob/phone", "call.active"});
  w.must(alice, Join{});
  CHECK(w.news() == Lines{"leg.joined alice/web"});
  CHECK(w.call().state == CallState::active);
  CHECK(w.call().deadlines.empty());
  w.must(alice, Join{});
  CHECK(w.news().empty());
}

TEST_CASE("hang up: everybody has completed the call") {
  World w;
  w.talk();
  w.pass(90s);
  w.news();
  w.must(bob_laptop, EndCall{"bye"});
  CHECK(w.news() == Lines{"leg.final alice/web completed", "leg.final bob/phone completed", "call.ended answered hangup by bob"});
  CHECK(w.call().end_note == "bye");
  CHECK(*w.call().ended_at - *w.call().active_at == 90s);
}

TEST_CASE("hang up between answer and media is a hang-up") {
  World w;
  w.answer();
  w.must(alice, EndCall{});
  CHECK(ending(w.call()) == "answered hangup");
}

TEST_CASE("one leaves, the other is alone for a while") {
  World w;
  w.talk();
  w.must(bob, Leave{});
  CHECK(w.call().state == CallState::active);
  CHECK(w.left(Timer::alone, 0) == 60s);
  SUBCASE("and is let go") {
    w.pass(60s);
    CHECK(ending(w.call()) == "answered alone_timeout");
    CHECK(outcome(w.leg(alice)) == "completed");
  }
  SUBCASE("and leaves too") {
    w.must(alice, Leave{});
    CHECK(ending(w.call()) == "answered last_left");
    CHECK(w.call().ended_by == alice.user);
  }
  SUBCASE("and is lost") {
    w.offline(alice);
    CHECK_FALSE(w.runs(Timer::alone, 0));
    CHECK(w.left(Timer::empty, 0) == 60s);
    w.pass(30s);
    CHECK(ending(w.call()) == "answered network_lost");
  }
  SUBCASE("and comes back from grace: alone anew") {
    w.offline(alice);
    w.pass(20s);
    w.online(alice);
    CHECK(w.left(Timer::alone, 0) == 60s);
    CHECK_FALSE(w.runs(Timer::empty, 0));
  }
}

TEST_CASE("a forgotten tab does not take the person out of the call") {
  World w;
  w.talk();
  CHECK(verdict(w.handle(bob_laptop, Leave{})) == "already_done");
  CHECK(verdict(w.handle(bob_laptop, Join{})) == "already_done");
  CHECK(verdict(w.handle(bob_laptop, Heartbeat{})) == "ok");
  w.offline(bob_laptop);
  CHECK(w.leg(bob).state == LegState::joined);
  w.offline(bob);
  w.must(bob_laptop, Leave{});  // the device in the call is gone: another one may say so
  CHECK(outcome(w.leg(bob)) == "completed");
}

TEST_CASE("accepted, but never in: join_failed") {
  World w;
  w.answer();
  SUBCASE("one of them") {
    w.must(alice, Join{});
    w.pass(30s);
    CHECK(outcome(w.leg(bob)) == "join_failed");
    CHECK(w.leg(alice).state == LegState::joined);
    CHECK(w.left(Timer::alone, 0) == 60s);
  }
  SUBCASE("both: the call has failed") {
    w.pass(30s);
    CHECK(outcome(w.leg(alice)) == "join_failed");
    CHECK(outcome(w.leg(bob)) == "join_failed");
    CHECK(ending(w.call()) == "failed");
    CHECK(verdict(w.handle(alice, Join{})) == "invalid_state");
  }
  SUBCASE("the other has been in and left") {
    w.must(alice, Join{});
    w.must(alice, Leave{});
    CHECK(w.left(Timer::empty, 0) == 60s);
    w.pass(30s);
    CHECK(ending(w.call()) == "answered network_lost");
  }
  SUBCASE("both leave before they were in") {
    w.must(alice, Leave{});
    w.must(bob, Leave{});
    CHECK(ending(w.call()) == "failed");
    CHECK(outcome(w.leg(bob)) == "completed");
  }
}

TEST_CASE("nobody in for too long: everybody still expected is let go") {
  World w({.join = 60s, .reconnect_grace = 120s, .empty = 20s});
  w.answer();
  w.must(alice, Join{});
  w.pass(10s);
  w.offline(alice);
  CHECK(w.left(Timer::empty, 0) == 20s);
  w.news();
  w.pass(20s);
  CHECK(w.news() ==
        Lines{"leg.final alice/web network_lost", "leg.final bob/phone join_failed", "call.ended answered network_lost"});
}

TEST_CASE("nobody in, but somebody rung: the ring is cancelled") {
  World w({.reconnect_grace = 120s, .empty = 20s});
  w.talk();
  w.must(bob, Leave{});
  w.must(alice, Invite{bob.user});
  w.offline(alice);
  w.pass(20s);
  CHECK(outcome(w.leg(bob)) == "cancelled");
  CHECK(ending(w.call()) == "answered network_lost");
}
