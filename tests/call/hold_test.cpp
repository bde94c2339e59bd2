// One's own part in a call: hold and resume, another device, transfer, what one sends.
#include "call/table.hpp"

using namespace call_test;

TEST_CASE("hold and resume, once each, from the device that is in") {
  Table w;
  w.talk();
  w.news();
  w.must(bob, Hold{}), w.must(bob, Hold{});
  CHECK(w.news() == Lines{"leg.held bob on"});
  w.must(bob, Resume{}), w.must(bob, Resume{});
  CHECK(w.news() == Lines{"leg.held bob off"});
  CHECK(w.refused(bob_laptop, Hold{}) == "already_done");
  CHECK(w.refused(carol, Hold{}) == "forbidden");
  w.offline(bob);
  CHECK(w.refused(bob, Hold{}) == "invalid_state");
  w.must(bob, Leave{});
  CHECK(w.refused(bob, Resume{}) == "invalid_state");
}

TEST_CASE("another device takes over: the same leg, one winner (I3, I4)") {
  Table w;
  w.online(bob), w.online(bob_laptop);
  w.ring({bob.user});
  CHECK(w.refused(bob_laptop, SwitchDevice{}) == "invalid_state");
  w.answer(bob), w.must(alice, Join{});
  w.must(bob, SetMedia{.audio = true, .screen = true});
  w.must(alice, Mute{.user = bob.user, .mode = MuteMode::force});
  CHECK(w.refused(bob_somewhere, SwitchDevice{}) == "invalid_argument by.device");
  w.news();
  w.must(bob_laptop, SwitchDevice{}), w.must(bob_laptop, SwitchDevice{});
  CHECK(w.news() == Lines{"leg.moved bob/laptop"});
  CHECK(w.leg(bob).number == 2);
  CHECK(w.leg(bob).media.audio_barred);  // what was forced goes with the leg
  CHECK_FALSE(w.leg(bob).media.screen);
  CHECK(w.refused(bob_laptop, SetMedia{.audio = true}) == "forbidden audio");
  w.offline(bob);  // the old one has no say any more
  CHECK(w.state(bob) == "joined");
  CHECK(w.refused(bob, Leave{}) == "already_done");
  SUBCASE("out of grace") {
    w.offline(bob_laptop);
    CHECK(w.state(bob) == "reconnecting");
    w.must(bob, SwitchDevice{});
    CHECK(w.state(bob) == "joined");
    CHECK(w.leg(bob).device == bob.device);
  }
  SUBCASE("too late") {
    w.must(alice, EndCall{});
    CHECK(w.refused(bob, SwitchDevice{}) == "invalid_state");
  }
}

TEST_CASE("blind transfer: the actor is gone at once, whoever is rung comes in their place") {
  Table w;
  w.talk();
  w.news();
  w.must(alice, Transfer{carol.user});
  CHECK(w.news() == Lines{"leg.invited carol by alice", "device.ring carol", "leg.final alice/web transferred"});
  CHECK(w.state(alice) == "transferred");
  CHECK_FALSE(w.runs(Timer::alone, 0));
  SUBCASE("answered, with the actor's role") {
    w.answer(carol);
    CHECK(role_of(w.call(), w.leg(carol)) == "host");
    w.must(bob, Leave{}), w.must(carol, Leave{});
    CHECK(ending(w.call()) == "answered last_left");
  }
  SUBCASE("not answered: the actor does not come back; who stays is alone, and may invite") {
    w.must(carol, Decline{});
    CHECK(w.state(alice) == "transferred");
    CHECK(w.left(Timer::alone, 0) == 60s);
    w.must(bob, Invite{alice.user});
    CHECK(w.state(alice) == "invited");
  }
}

TEST_CASE("who has handed over has no say from outside, whatever the room part holds (I16)") {
  Table w;
  w.talk();
  w.must(alice, Transfer{carol.user});
  w.answer(carol);
  w.must(carol, SetMetadata{.text = "new hands"});
  w.news();
  CHECK(w.refused(alice, SetMetadata{.text = "mine again"}) == "forbidden");
  CHECK(w.refused(alice, Kick{.user = bob.user}) == "forbidden");
  CHECK(w.refused(bob, Kick{.user = alice.user, .ban_for = 0ms}) == "forbidden");
  CHECK(w.news().empty());
  w.must(carol, Kick{.user = alice.user, .ban_for = 0ms});  // may not come again
  CHECK(w.refused(alice, Unban{alice.user}) == "forbidden");
}

TEST_CASE("what a transfer is refused for") {
  Table w;
  w.talk();
  CHECK(w.refused(alice, Transfer{}) == "invalid_argument to");
  CHECK(w.refused(alice, Transfer{alice.user}) == "invalid_argument to");
  CHECK(w.refused(alice, Transfer{bob.user}) == "already_done to");
  CHECK(w.refused(alice, Transfer{UserId(std::string(129, 'x'))}) == "limit_exceeded to");
  CHECK(w.refused(carol, Transfer{dave.user}) == "forbidden");
  w.must(dave, StartCall{.callees = {erin.user}}, {"other"});
  CHECK(w.refused(alice, Transfer{dave.user}) == "busy to");
  w.must(alice, Lock{});
  CHECK(w.refused(alice, Transfer{carol.user}) == "room_locked");
  w.must(alice, Unlock{});
  w.must(alice, SetRole{bob.user, RoleName("guest")});
  CHECK(w.refused(bob, Transfer{carol.user}) == "forbidden");
  w.must(bob, Leave{});
  CHECK(w.refused(alice, Transfer{carol.user}) == "invalid_state");
}

TEST_CASE("what one sends: by role, not what was muted by force, one screen at a time") {
  Table w;
  w.talk();
  w.news();
  w.must(bob, SetMedia{.audio = true, .video = true});
  w.must(bob, SetMedia{.audio = true});
  CHECK(w.news() == Lines{"leg.media bob audio video"});
  w.must(alice, SetMedia{.screen = true});
  CHECK(w.refused(bob, SetMedia{.screen = true}) == "invalid_state screen");
  w.must(alice, Hold{});  // a share ends with a hold
  w.must(bob, SetMedia{.screen = true});
  CHECK(w.refused(alice, SetMedia{.audio = true}) == "invalid_state");
  CHECK(w.refused(bob_laptop, SetMedia{.audio = true}) == "already_done");
  w.must(alice, Resume{});
  w.must(alice, Mute{.user = bob.user, .track = Track::video, .mode = MuteMode::force});
  CHECK_FALSE(w.leg(bob).media.video);
  CHECK(w.refused(bob, SetMedia{.video = true}) == "forbidden video");
  w.must(bob, SetMedia{.audio = false});
  w.must(alice, SetRole{bob.user, RoleName("guest")});
  CHECK(w.refused(bob, SetMedia{.audio = true}) == "forbidden audio");
  w.offline(bob);
  CHECK(w.refused(bob, SetMedia{.audio = false}) == "invalid_state");
}

TEST_CASE("several screens where the policy has it so; a share does not outlive the link") {
  Table w({.one_screen = false});
  w.talk();
  w.must(alice, SetMedia{.screen = true}), w.must(bob, SetMedia{.screen = true});
  CHECK(w.call().index.counts.sharing == 2);
  w.offline(bob);
  w.online(bob);
  CHECK(w.state(bob) == "joined");
  CHECK_FALSE(w.leg(bob).media.screen);
}
