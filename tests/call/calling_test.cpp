// Who may call whom: glare, call waiting, people who are not to be disturbed or who block, callers who call too often.
#include "call/table.hpp"
#include "zegocall/call/missed.hpp"

using namespace call_test;

namespace {
const CallId second{"43"}, third{"44"};
}

TEST_CASE("race rule 5, merge: the second call becomes an answer of the first, and points to it") {
  Table w;
  w.online(bob), w.online(bob_laptop);
  w.ring({bob.user});
  w.news();
  w.must(bob, StartCall{.callees = {alice.user}}, second);
  CHECK(w.news() == Lines{"leg.accepted bob/phone", "device.dismiss bob/phone answered_here",
                          "device.dismiss bob/laptop answered_elsewhere", "leg.joining alice", "leg.joining bob",
                          "43 call.created bob/phone audio", "43 leg.final bob/phone cancelled",
                          "43 call.ended glare_merged into 42 by bob"});
  CHECK(w.call(second).merged_into == the_call);
  CHECK(w.call(second).legs.size() == 1);
}

TEST_CASE("race rule 5: not where kinds differ, nor by policy busy, nor when several are called") {
  Table w;
  w.ring({bob.user});
  CHECK(w.refused(bob, StartCall{.callees = {alice.user}, .media = Media::video}, second) == "busy caller");
  CHECK(w.refused(bob, StartCall{.callees = {alice.user, carol.user}}, second) == "busy caller");
  Table strict({.glare = GlarePolicy::busy});
  strict.ring({bob.user});
  CHECK(strict.refused(bob, StartCall{.callees = {alice.user}}, second) == "busy caller");
}

TEST_CASE("race rule 5 in a group: whoever calls back takes the call as by accept") {
  Table w;
  w.ring({bob.user, carol.user});
  w.must(bob, StartCall{.callees = {alice.user}}, second);
  CHECK(w.state(carol) == "superseded");
  CHECK(w.state(bob) == "joining");
  // And somebody who is invited into a call calls the one who is in it.
  w.must(bob, Join{}), w.must(alice, Join{});
  w.must(alice, Invite{dave.user});
  w.must(dave, StartCall{.callees = {bob.user}}, third);
  CHECK(w.state(dave) == "joining");
  CHECK(w.call(third).merged_into == the_call);
}

TEST_CASE("race rule 6, reject: also on hold and in grace") {
  Table w;
  w.talk();
  w.must(bob, Hold{});
  CHECK(w.refused(carol, StartCall{.callees = {bob.user}}, second) == "busy callees.0");
  w.must(bob, StartCall{.callees = {dave.user}}, second);  // a leg on hold leaves the seat free for a call of one's own
  CHECK(w.refused(bob, Resume{}) == "busy by.user");
}

TEST_CASE("call waiting: one second ring, which holds or leaves the first call") {
  Table w({.busy = BusyPolicy::wait});
  w.talk();
  w.news();
  w.must(carol, StartCall{.callees = {bob.user}}, second);
  CHECK(w.news() == Lines{"43 call.created carol/pad audio", "43 leg.invited bob second", "43 device.ring bob"});
  CHECK(w.refused(dave, StartCall{.callees = {bob.user}}, third) == "busy callees.0");
  SUBCASE("accepted: the first is held, and the way back holds the second") {
    w.news();
    w.must(bob, Accept{}, second);
    CHECK(w.news()[0] == "leg.held bob on");
    CHECK(w.leg(bob).on_hold);
    w.must(bob, Join{}, second);
    w.must(bob, Resume{});
    CHECK_FALSE(w.leg(bob).on_hold);
    CHECK(w.leg(bob, second).on_hold);
    w.must(dave, StartCall{.callees = {bob.user}}, third);  // both of the others are his own to hold
  }
  SUBCASE("declined, or not answered: the first goes on") {
    w.must(bob, Decline{}, second);
    CHECK(w.state(bob) == "joined");
    CHECK(ending(w.call(second)) == "declined");
  }
  SUBCASE("the first ends: the second rings on, and is answered") {
    w.must(alice, EndCall{});
    w.must(bob, Accept{}, second);
    CHECK(w.state(bob, second) == "joining");
  }
}

TEST_CASE("call waiting that leaves the first call; nobody is interrupted while they dial or are rung") {
  Table w({.busy = BusyPolicy::wait, .hold_own_call = false});
  w.ring({bob.user});
  CHECK(w.refused(carol, StartCall{.callees = {bob.user}}, second) == "busy callees.0");
  CHECK(w.refused(carol, StartCall{.callees = {alice.user}}, second) == "busy callees.0");
  w.answer(bob), w.must(alice, Join{});
  w.must(carol, StartCall{.callees = {bob.user}}, second);
  w.must(bob, Accept{}, second);
  CHECK(w.state(bob) == "completed");
  CHECK(w.runs(Timer::alone, 0));
}

TEST_CASE("BusyPolicy::allow: rung and calling as if free, several calls at once") {
  Table w({.busy = BusyPolicy::allow});
  w.talk();
  w.must(carol, StartCall{.callees = {bob.user}}, second);
  w.must(bob, Accept{}, second);
  CHECK(w.state(bob) == "joined");
  w.must(bob, StartCall{.callees = {dave.user}}, third);
  CHECK(w.state(bob, third) == "accepted");
}

TEST_CASE("whoever calls too often is told when they may again") {
  Table w;
  w.waits_until = w.clock.now().wall + 12300ms;
  const auto refused = w.handle(alice, StartCall{.callees = {bob.user}});
  CHECK(verdict(refused) == "rate_limited caller");
  CHECK(refused.error().detail == "too many calls; again in 13 s");
  w.pass(12300ms);
  w.ring({bob.user});
  w.answer(bob), w.must(alice, Join{});
  w.waits_until = w.clock.now().wall + 1s;
  CHECK(w.refused(alice, Invite{carol.user}) == "rate_limited caller");
  CHECK(w.refused(alice, Transfer{carol.user}) == "rate_limited caller");
  w.pass(1s);
  w.must(alice, Invite{carol.user});
}

TEST_CASE("not to be disturbed: nobody is rung, the person is free for others, the caller hears unreachable") {
  Table w;
  w.online(bob);
  SUBCASE("dnd") { w.quiet = {bob.user}; }
  SUBCASE("blocked") { w.blocked = {{bob.user, alice.user}}; }
  const bool blocked = w.quiet.empty();
  w.ring({bob.user});
  CHECK(w.news().back() == "device.ring bob");  // in the log; of a hidden leg nobody is rung
  CHECK(w.leg(bob).hidden);
  w.online(bob_laptop);
  CHECK(w.leg(bob).devices.empty());
  CHECK(w.refused(bob, Accept{}) == "forbidden");
  CHECK(w.refused(bob, AckAlerting{}) == "forbidden");
  w.quiet.clear();
  w.must(carol, StartCall{.callees = {bob.user}}, second);
  CHECK(w.state(bob, second) == "invited");
  w.pass(60s);
  CHECK(ending(w.call()) == "unreachable");
  CHECK(w.state(bob) == (blocked ? "blocked" : "dnd"));
  CHECK_FALSE(is_missed(*w.leg(bob).outcome));
}

TEST_CASE("who blocks a caller may call them, and takes the hidden ring with it") {
  Table w;
  w.blocked = {{bob.user, alice.user}};
  w.ring({bob.user});
  w.must(bob, StartCall{.callees = {alice.user}}, second);
  CHECK(w.state(bob) == "joining");
  CHECK_FALSE(w.leg(bob).hidden);
}

TEST_CASE("a hidden ring that is cancelled is no missed call either, unless the host wants it") {
  Table w;
  w.blocked = {{bob.user, alice.user}};
  w.ring({bob.user});
  w.must(alice, CancelCall{});
  CHECK(w.state(bob) == "cancelled");
  CHECK_FALSE(is_missed_call(w.call(), w.leg(bob)));
  CHECK(is_missed_call(w.call(), w.leg(bob), {.blocked = true}));
}
