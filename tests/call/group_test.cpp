// Several people are rung at once, or one after the other; invitations during a call.
#include "call/table.hpp"

using namespace call_test;

namespace {
const std::vector<UserId> three{bob.user, carol.user, dave.user};
}

TEST_CASE("first answer: one takes the call, the others are told (I6)") {
  Table w;
  for (const Actor& who : {bob, carol, dave}) w.online(who);
  w.ring(three);
  CHECK(w.news() == Lines{"call.created alice/web audio", "leg.invited bob", "device.ring bob/phone", "leg.invited carol",
                          "device.ring carol/pad", "leg.invited dave", "device.ring dave/tv"});
  w.must(carol, Accept{});
  CHECK(w.news() == Lines{"leg.accepted carol/pad", "device.dismiss carol/pad answered_here",
                          "device.dismiss bob/phone superseded", "leg.final bob superseded", "device.dismiss dave/tv superseded",
                          "leg.final dave superseded", "leg.joining alice", "leg.joining carol"});
  CHECK(w.refused(bob, Accept{}) == "invalid_state");
  CHECK(is_missed(*w.leg(bob).outcome));
}

TEST_CASE("all may join: who comes later comes to those who are there") {
  Table w;
  w.ring(three, RingPolicy::all_may_join);
  w.answer(bob);
  w.must(alice, Join{});
  CHECK(w.state(carol) == "invited");
  w.answer(carol);
  w.must(dave, Decline{});
  CHECK(w.call().state == CallState::active);
  CHECK(w.call().index.counts.joined == 3);
  SUBCASE("the caller goes, the others stay") {
    w.must(alice, Leave{});
    CHECK(w.call().state == CallState::active);
    w.must(bob, Leave{});
    CHECK(w.left(Timer::alone, 0) == 60s);
  }
  SUBCASE("hung up for everybody") {
    w.must(alice, EndCall{});
    CHECK(ending(w.call()) == "answered hangup");
  }
}

TEST_CASE("all must answer: nobody enters before the last yes") {
  Table w;
  w.ring({bob.user, carol.user}, RingPolicy::all_must_answer);
  w.must(bob, Accept{});
  CHECK(w.state(bob) == "accepted");
  CHECK_FALSE(w.call().answered_at.has_value());
  CHECK(w.refused(bob, Join{}) == "invalid_state");
  CHECK(w.refused(bob, Decline{}) == "already_done");
  w.news();
  SUBCASE("the last yes") {
    w.must(carol, Accept{});
    CHECK(w.news() == Lines{"leg.accepted carol/pad", "device.dismiss carol/pad answered_here", "leg.joining alice",
                            "leg.joining bob", "leg.joining carol"});
    CHECK(w.call().answered_at == w.clock.now().wall);
  }
  SUBCASE("one no is a no for all") {
    w.must(carol, Decline{});
    CHECK(ending(w.call()) == "declined");
    CHECK(w.state(bob) == "cancelled");
    CHECK(w.call().ended_by == carol.user);
  }
  SUBCASE("one who does not answer, too") {
    w.must(carol, AckAlerting{});
    w.pass(60s);
    CHECK(ending(w.call()) == "no_answer");
    CHECK(w.state(bob) == "cancelled");
    CHECK(w.state(alice) == "no_answer");
  }
  SUBCASE("somebody takes the yes back") {
    w.must(bob, Leave{});
    CHECK(ending(w.call()) == "declined");
    CHECK(w.state(carol) == "cancelled");
  }
  SUBCASE("whose invitation is withdrawn need not answer") {
    w.must(alice, CancelInvite{carol.user});
    CHECK(w.state(carol) == "cancelled");
    CHECK(w.state(bob) == "joining");
    CHECK(w.state(alice) == "joining");
  }
  SUBCASE("the device of one who said yes goes: the join time decides") {
    w.offline(bob);
    CHECK(w.state(bob) == "accepted");
    w.must(carol, Accept{});
    w.pass(30s);
    CHECK(w.state(bob) == "join_failed");
  }
}

TEST_CASE("hunt: the next one when the present one declines, is busy or does not answer") {
  Table w;
  w.online(carol);
  w.must(erin, StartCall{.callees = {UserId("frank")}}, {"other"});
  w.news();
  w.ring({bob.user, erin.user, carol.user}, RingPolicy::hunt);
  CHECK(w.news() == Lines{"call.created alice/web audio", "leg.invited bob", "device.ring bob"});
  CHECK(w.call().hunt_next == std::vector<UserId>{erin.user, carol.user});
  SUBCASE("declines: the busy one is passed over, and noted") {
    w.must(bob, Decline{});
    CHECK(w.news() == Lines{"device.dismiss bob/phone declined_here", "leg.final bob/phone declined", "leg.invited erin",
                            "leg.final erin busy", "leg.invited carol", "device.ring carol/pad"});
    CHECK(w.call().hunt_next.empty());
    CHECK(w.left(Timer::ring, 4) == 60s);
    SUBCASE("who then answers") {
      w.answer(carol);
      CHECK(w.call().state == CallState::active);
    }
    SUBCASE("the last one declines: not everybody did, somebody was busy") {
      w.must(carol, Decline{});
      CHECK(ending(w.call()) == "busy");
      CHECK(w.state(alice) == "busy");
      CHECK(w.call().ended_by.empty());
    }
  }
  SUBCASE("does not answer") {
    w.pass(60s);
    CHECK(w.state(bob) == "unreachable");
    CHECK(w.state(carol) == "invited");
    w.must(carol, AckAlerting{});
    w.pass(60s);
    CHECK(ending(w.call()) == "no_answer");
  }
  SUBCASE("the caller gives up: nobody else is rung") {
    w.must(alice, CancelCall{});
    CHECK(ending(w.call()) == "cancelled");
    CHECK(w.call().legs.size() == 2);
  }
  SUBCASE("the invitation of the present one is withdrawn") {
    w.must(alice, CancelInvite{bob.user});
    CHECK(w.state(bob) == "cancelled");
    CHECK(w.state(carol) == "invited");
  }
}

TEST_CASE("how a group ring ends that nobody takes: declined only if all declined, else what is nearest to an answer") {
  Table w;
  w.ring(three);
  w.must(bob, Decline{});
  CHECK(w.call().state == CallState::ringing);
  SUBCASE("all declined") {
    w.must(carol, Decline{}), w.must(dave, Decline{});
    CHECK(ending(w.call()) == "declined");
    CHECK(w.call().ended_by == dave.user);
  }
  SUBCASE("one did not answer") {
    w.must(carol, AckAlerting{});
    w.must(dave, Decline{.busy = true});
    w.pass(60s);
    CHECK(ending(w.call()) == "no_answer");
    CHECK(w.state(dave) == "busy");
  }
  SUBCASE("one was busy") {
    w.must(carol, Decline{.busy = true});
    w.pass(60s);
    CHECK(ending(w.call()) == "busy");
  }
  SUBCASE("the others were not reached") {
    w.pass(60s);
    CHECK(ending(w.call()) == "unreachable");
  }
  SUBCASE("the others' invitations were withdrawn") {
    w.must(alice, CancelInvite{carol.user}), w.must(alice, CancelInvite{dave.user});
    CHECK(ending(w.call()) == "declined");
  }
  SUBCASE("caller_gone: all are cancelled") {
    w.offline(alice);
    CHECK(w.left(Timer::caller_gone, 1) == 30s);
    w.pass(30s);
    CHECK(ending(w.call()) == "cancelled");
    CHECK(w.state(carol) == "cancelled");
    CHECK(w.state(bob) == "declined");
  }
}

TEST_CASE("who among many is busy is noted; nobody left, or all must answer: refused") {
  Table w;
  w.must(erin, StartCall{.callees = {carol.user}}, {"other"});
  CHECK(w.refused(alice, StartCall{.callees = {carol.user, erin.user}}) == "busy callees.0");
  CHECK(w.refused(alice, StartCall{.callees = {bob.user, erin.user}, .policy = RingPolicy::all_must_answer}) == "busy callees.1");
  CHECK_FALSE(w.has_call(the_call));
  w.ring({bob.user, carol.user});
  CHECK(w.state(carol) == "busy");
  CHECK(w.state(bob) == "invited");
}

TEST_CASE("I5: who is rung in a room finds a seat, or hears that there is none and rings on") {
  Table w;
  w.must(alice, CreateRoom{.from = "drop_in", .settings = {.capacity = 1}});
  w.must(alice, Join{}), w.must(alice, Join{});
  w.must(alice, Invite{bob.user});
  CHECK(w.refused(bob, Accept{}) == "room_full");
  CHECK(w.state(bob) == "invited");
  w.must(alice, SetCapacity{2});
  w.answer(bob);
  CHECK(w.state(bob) == "joined");
}

TEST_CASE("an invitation makes a group of two; it can be taken back") {
  Table w;
  w.talk();
  w.news();
  w.must(bob, Invite{carol.user});
  CHECK(w.news() == Lines{"leg.invited carol by bob", "device.ring carol"});
  CHECK(w.refused(alice, Invite{carol.user}) == "already_done user");
  CHECK(w.refused(carol, Invite{dave.user}) == "invalid_state");
  SUBCASE("accepted: three are in, and nobody was superseded") {
    w.must(alice, Invite{dave.user});
    w.answer(carol);
    CHECK(w.state(dave) == "invited");
    CHECK(w.call().index.counts.joined == 3);
  }
  SUBCASE("taken back, by anybody in the call") {
    w.must(alice, CancelInvite{carol.user});
    CHECK(w.state(carol) == "cancelled");
    CHECK(w.call().state == CallState::active);
    CHECK(w.refused(alice, CancelInvite{carol.user}) == "already_done user");
    CHECK(w.refused(alice, CancelInvite{bob.user}) == "already_done user");
    CHECK(w.refused(alice, CancelInvite{dave.user}) == "not_found user");
    CHECK(w.refused(alice, CancelInvite{}) == "invalid_argument user");
    CHECK(w.refused(carol, CancelInvite{bob.user}) == "invalid_state");
    CHECK(w.refused(dave, CancelInvite{bob.user}) == "forbidden");
  }
  SUBCASE("not with a role above one's own, nor one that is not there") {
    CHECK(w.refused(bob, Invite{dave.user, RoleName("host")}) == "forbidden role");
    CHECK(w.refused(alice, Invite{dave.user, RoleName("host")}) == "forbidden role");
    CHECK(w.refused(bob, Invite{dave.user, RoleName("king")}) == "invalid_argument role");
  }
}

TEST_CASE("cancel_invite of the only one ends the ring") {
  Table w;
  w.ring({bob.user});
  CHECK(w.refused(bob, CancelInvite{alice.user}) == "invalid_state");
  w.must(alice, CancelInvite{bob.user});
  CHECK(ending(w.call()) == "cancelled");
  CHECK(w.call().ended_by == alice.user);
}

TEST_CASE("I17: a lock and a ban hold for who was rung, too") {
  Table w;
  w.talk();
  w.must(alice, Invite{carol.user});
  SUBCASE("lock") {
    w.must(alice, Lock{});
    CHECK(w.refused(carol, Accept{}) == "room_locked");
    CHECK(w.refused(alice, Invite{dave.user}) == "room_locked");
    w.must(alice, Unlock{});
    w.must(carol, Accept{});
  }
  SUBCASE("ban") {
    w.must(alice, Kick{carol.user, 1h});
    CHECK(w.refused(alice, Invite{carol.user}) == "banned user");
  }
}

TEST_CASE("DeclinePolicy::device: the other devices go on ringing; the last one says it for the person") {
  Table w({.decline = DeclinePolicy::device});
  w.online(bob), w.online(bob_laptop);
  w.ring({bob.user});
  w.news();
  w.must(bob, Decline{});
  w.must(bob, Decline{});
  CHECK(w.news() == Lines{"device.dismiss bob/phone declined_here"});
  CHECK(w.state(bob) == "invited");
  CHECK_FALSE(w.runs(Timer::delivery, 2));
  SUBCASE("the last one declines") {
    w.must(bob_laptop, Decline{});
    CHECK(ending(w.call()) == "declined");
  }
  SUBCASE("nobody answers on the others") {
    w.pass(60s);
    CHECK(ending(w.call()) == "no_answer");
  }
  SUBCASE("a request without a device speaks for the person") {
    w.must(bob_somewhere, Decline{.busy = true});
    CHECK(ending(w.call()) == "busy");
    CHECK(w.leg(bob).devices[0].outcome == DeviceOutcome::busy_elsewhere);
  }
}

TEST_CASE("a device that comes when the ring's time is over is told so, and does not ring") {
  Table w;
  w.ring({bob.user});
  w.clock.advance(60s);  // nobody has looked at the clock yet
  w.news();
  w.online(bob);
  CHECK(w.news() == Lines{"device.dismiss bob/phone expired"});
  w.pass(0s);
  CHECK(ending(w.call()) == "unreachable");
}
