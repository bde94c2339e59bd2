// start_call and invite: limits, seats, busy, glare, re-call.
#include <algorithm>

#include "call/world.hpp"

using namespace call_test;

TEST_CASE("a start creates the call and rings every device that is online") {
  World w;
  w.online(bob);
  w.online(bob_laptop);
  w.online(carol);
  w.must(alice, StartCall{.callees = {bob.user}, .media = Media::video, .topic = "chat-7"});
  CHECK(w.news() == Lines{"call.created alice/web video", "leg.invited bob", "device.ring bob/phone", "device.ring bob/laptop"});
  const CallView call = w.call();
  CHECK(call.state == CallState::ringing);
  CHECK(call.caller == alice.user);
  CHECK(call.topic == "chat-7");
  CHECK(call.version == Version(4));
  CHECK(call.created_at == w.clock.now().wall);
  CHECK(w.leg(alice).state == LegState::accepted);
  CHECK(w.leg(alice).device == alice.device);
  CHECK(w.leg(bob).state == LegState::invited);
  CHECK(w.left(Timer::ring, 2) == 60s);
  CHECK(w.left(Timer::delivery, 2) == 10s);
}

TEST_CASE("nobody online: the push hook is rung") {
  World w;
  w.ring();
  CHECK(w.news() == Lines{"call.created alice/web audio", "leg.invited bob", "device.ring bob"});
  CHECK(w.leg(bob).devices.empty());
}

TEST_CASE("what a start must say") {
  World w;
  const auto start = [&](StartCall body, Actor by = alice, CallId call = the_call) { return verdict(w.handle(by, body, call)); };
  CHECK(start({}) == "invalid_argument callees");
  CHECK(start({.callees = {bob.user, carol.user, bob.user}}) == "invalid_argument callees.2");
  CHECK(start({.callees = std::vector<UserId>(33, bob.user)}) == "limit_exceeded callees");
  CHECK(start({.callees = {UserId{}}}) == "invalid_argument callees.0");
  CHECK(start({.callees = {alice.user}}) == "invalid_argument callees.0");
  CHECK(start({.callees = {bob.user}}, Actor{}) == "invalid_argument by.user");
  CHECK(start({.callees = {bob.user}}, alice, {}) == "invalid_argument call");
  const std::string long_text(129, 'x');
  CHECK(start({.callees = {UserId(long_text)}}) == "limit_exceeded callees.0");
  CHECK(start({.callees = {bob.user}}, {UserId(long_text), {}}) == "limit_exceeded by.user");
  CHECK(start({.callees = {bob.user}}, {alice.user, DeviceId(long_text)}) == "limit_exceeded by.device");
  CHECK(start({.callees = {bob.user}}, alice, CallId(long_text)) == "limit_exceeded call");
  CHECK(start({.callees = {bob.user}, .topic = long_text}) == "limit_exceeded topic");
  CHECK(w.news().empty());
  CHECK(verdict(w.engine.find(the_call)) == "not_found call");
  CHECK(start({.callees = {bob.user}, .topic = std::string(128, 'x')}) == "ok");
  CHECK(start({.callees = {bob.user}}, carol) == "already_exists call");
}

TEST_CASE("race rule 6: whoever sits in a call is busy, and the refusal names it") {
  World w;
  w.ring();
  w.news();
  const auto to_bob = w.handle(carol, StartCall{.callees = {bob.user}}, {"43"});
  CHECK(verdict(to_bob) == "busy callees.0");
  CHECK(to_bob.error().detail == "bob is in call 42");
  const auto again = w.handle(alice, StartCall{.callees = {carol.user}}, {"44"});
  CHECK(verdict(again) == "busy caller");
  CHECK(again.error().detail.find("42") != std::string::npos);
  CHECK(verdict(w.handle(alice, StartCall{.callees = {bob.user}}, {"45"})) == "busy caller");
  CHECK(w.news().empty());
  CHECK(verdict(w.engine.find({"43"})) == "not_found call");
}

TEST_CASE("a leg in grace still sits in its call; a final one does not") {
  World w;
  w.talk();
  w.offline(bob);
  CHECK(verdict(w.handle(carol, StartCall{.callees = {bob.user}}, {"43"})) == "busy callees.0");
  w.must(bob, Leave{});
  CHECK(verdict(w.handle(carol, StartCall{.callees = {bob.user}}, {"43"})) == "ok");
}

TEST_CASE("glare by policy busy: the second caller is told of the older call") {
  World w({.glare = GlarePolicy::busy});
  w.ring();
  const auto glare = w.handle(bob, StartCall{.callees = {alice.user}}, {"43"});
  CHECK(verdict(glare) == "busy caller");
  CHECK(glare.error().detail.find("42") != std::string::npos);
  w.must(bob, Accept{});  // what a client makes of it
}

TEST_CASE("race rule 7: the caller's device is in the call and calls again") {
  World w;
  w.talk();
  w.news();
  w.must(alice, StartCall{.callees = {bob.user}}, {"43"});
  CHECK(w.news() == Lines{"leg.final alice/web network_lost", "leg.final bob/phone completed", "call.ended answered network_lost",
                          "call.created alice/web audio", "leg.invited bob", "device.ring bob/phone", "device.ring bob/laptop"});
  CHECK(ending(w.call()) == "answered network_lost");
  CHECK(w.call({"43"}).state == CallState::ringing);
  CHECK(w.call({"43"}).version == Version(4));
}

TEST_CASE("race rule 7 the other way round, from grace, and after the other has left") {
  World w;
  w.talk();
  SUBCASE("the callee calls back while in grace, from another device") {
    w.offline(bob);
    w.must(bob_laptop, StartCall{.callees = {alice.user}}, {"43"});
    CHECK(outcome(w.leg(bob)) == "network_lost");
    CHECK(outcome(w.leg(alice)) == "completed");
  }
  SUBCASE("the other has left") {
    w.must(bob, Leave{});
    w.must(alice, StartCall{.callees = {bob.user}}, {"43"});
    CHECK(ending(w.call()) == "answered network_lost");
  }
  SUBCASE("the other is being rung again") {
    w.must(bob, Leave{});
    w.must(alice, Invite{bob.user});
    w.must(alice, StartCall{.callees = {bob.user}}, {"43"});
    CHECK(outcome(w.leg(bob)) == "cancelled");
  }
}

TEST_CASE("a re-call among several calls, in whatever order the driver has them") {
  for (const char* first : {"the room", "the call"}) {
    CAPTURE(first);
    World fresh{CallPolicy{.busy = BusyPolicy::allow}};
    const CallId room{"7"};
    const auto into_room = [&] {
      fresh.must(alice, CreateRoom{.from = "drop_in"}, room);
      fresh.must(alice, Join{}, room);
      fresh.pass(1s);
    };
    if (first == std::string_view("the room")) into_room();
    fresh.talk();
    fresh.pass(1s);
    if (first == std::string_view("the call")) into_room();
    std::vector<CallView> calls{fresh.call(room), fresh.call()};
    const Facts facts{.online = {alice, bob}, .policy = {.busy = BusyPolicy::allow}};
    const Command again{{"c"}, alice, {"43"}, StartCall{.callees = {bob.user}}, {}};
    const auto made = decide(calls, facts, again, fresh.clock.now().wall);
    REQUIRE(made.has_value());
    CHECK(made->front().call == the_call);
    CHECK(to_string(made->front()).ends_with("leg.final alice/web network_lost"));
    std::reverse(calls.begin(), calls.end());
    const auto turned = decide(calls, facts, again, fresh.clock.now().wall);
    REQUIRE(turned.has_value());
    REQUIRE(turned->size() == made->size());
    for (std::size_t i = 0; i < made->size(); ++i) CHECK(to_string((*turned)[i]) == to_string((*made)[i]));
  }
}

TEST_CASE("not a re-call: another device, another person, a call that still rings") {
  World w;
  SUBCASE("another device of the caller") {
    w.talk();
    CHECK(verdict(w.handle({alice.user, {"tablet"}}, StartCall{.callees = {bob.user}}, {"43"})) == "busy caller");
    CHECK(verdict(w.handle({alice.user, {}}, StartCall{.callees = {bob.user}}, {"43"})) == "busy caller");
  }
  SUBCASE("another person") {
    w.talk();
    CHECK(verdict(w.handle(alice, StartCall{.callees = {carol.user}}, {"43"})) == "busy caller");
  }
  SUBCASE("still ringing, even in grace") {
    w.ring();
    w.offline(alice);
    CHECK(verdict(w.handle(alice, StartCall{.callees = {bob.user}}, {"43"})) == "busy caller");
  }
  SUBCASE("the other sits in a third call by now") {
    w.talk();
    w.must(bob, Leave{});
    w.must(carol, StartCall{.callees = {bob.user}}, {"44"});
    CHECK(verdict(w.handle(alice, StartCall{.callees = {bob.user}}, {"43"})) == "busy caller");
  }
}

TEST_CASE("a re-call of a call that nobody had entered yet: that one has failed") {
  World w;
  w.answer();
  w.must(alice, StartCall{.callees = {bob.user}}, {"43"});
  CHECK(ending(w.call()) == "failed");
}

TEST_CASE("whoever is alone rings the other again, with a new leg") {
  World w;
  w.talk();
  w.must(bob, Leave{});
  CHECK(w.runs(Timer::alone, 0));
  w.news();
  w.must(alice, Invite{bob.user});
  CHECK(w.news() == Lines{"leg.invited bob by alice", "device.ring bob/phone", "device.ring bob/laptop"});
  CHECK_FALSE(w.runs(Timer::alone, 0));
  CHECK(w.leg(bob).number == 3);
  CHECK(w.left(Timer::ring, 3) == 60s);

  SUBCASE("answered") {
    w.must(bob_laptop, Accept{});
    w.must(bob_laptop, Join{});
    CHECK(w.leg(bob).device == bob_laptop.device);
    w.must(alice, EndCall{});
    CHECK(ending(w.call()) == "answered hangup");
  }
  SUBCASE("declined: the call goes on, the clock of the one who is alone starts again") {
    w.must(bob, Decline{});
    CHECK(outcome(w.leg(bob)) == "declined");
    CHECK(w.call().state == CallState::active);
    CHECK(w.left(Timer::alone, 0) == 60s);
  }
  SUBCASE("no answer") {
    w.must(bob, AckDelivered{});
    w.pass(60s);
    CHECK(outcome(w.leg(bob)) == "no_answer");
    CHECK(w.runs(Timer::alone, 0));
    w.pass(60s);
    CHECK(ending(w.call()) == "answered alone_timeout");
  }
  SUBCASE("the one who rings leaves: the ring is cancelled and the call is over") {
    w.news();
    w.must(alice, Leave{});
    CHECK(w.news() == Lines{"leg.final alice/web completed", "device.dismiss bob/phone cancelled",
                            "device.dismiss bob/laptop cancelled", "leg.final bob cancelled",
                            "call.ended answered last_left by alice"});
  }
  SUBCASE("the one who rings is lost") {
    w.offline(alice);
    w.pass(30s);
    CHECK(outcome(w.leg(alice)) == "network_lost");
    CHECK(outcome(w.leg(bob)) == "cancelled");
    CHECK(ending(w.call()) == "answered network_lost");
  }
  SUBCASE("hung up for everybody") {
    w.must(alice, EndCall{});
    CHECK(outcome(w.leg(alice)) == "completed");
    CHECK(outcome(w.leg(bob)) == "cancelled");
    CHECK(ending(w.call()) == "answered hangup");
  }
}

TEST_CASE("the callee who is left alone rings the caller back, who is then rung like anybody") {
  World w;
  w.talk();
  w.must(alice, Leave{});
  w.must(bob, Invite{alice.user});
  CHECK(w.leg(alice).role == LegRole::callee);
  CHECK(verdict(w.handle(alice, CancelCall{})) == "already_done");
  w.must(alice, Accept{});
  w.must(alice, Join{});
  CHECK(w.leg(alice).state == LegState::joined);
}

TEST_CASE("what an invitation must say") {
  World w;
  w.talk();
  CHECK(verdict(w.handle(alice, Invite{})) == "invalid_argument user");
  CHECK(verdict(w.handle(alice, Invite{alice.user})) == "invalid_argument user");
  CHECK(verdict(w.handle(alice, Invite{UserId(std::string(129, 'x'))})) == "limit_exceeded user");
  CHECK(verdict(w.handle(alice, Invite{bob.user})) == "already_done user");
  w.must(bob, Leave{});
  w.must(carol, StartCall{.callees = {{"dave"}}}, {"43"});
  CHECK(verdict(w.handle(alice, Invite{carol.user})) == "busy user");
  CHECK(verdict(w.handle(alice, Invite{{"erin"}})) == "ok");
}

TEST_CASE("a call has room for so many invitations") {
  World w({.alone = 30min});
  w.talk();
  w.must(bob, Leave{});
  for (std::size_t legs = 2; legs < CallLimits::legs_max; ++legs) {
    w.must(alice, Invite{bob.user});
    w.must(bob, Decline{});
  }
  CHECK(verdict(w.handle(alice, Invite{bob.user})) == "limit_exceeded user");
}
