// The clocks of rooms: how they end, what the host's absence means, limits and leases.
#include "call/room_world.hpp"

using namespace call_test;

namespace {
RoomWorld with_policy(HostPolicy policy) {
  RoomWorld w;
  w.form.settings.host_policy = policy;
  w.online(alice), w.online(bob);
  w.open();
  w.enter(bob);
  w.news();
  return w;
}
}  // namespace

TEST_CASE("an empty room ends after a while, and one that nobody came to a little later") {
  RoomWorld w;
  w.open();
  w.must(alice, Leave{});
  CHECK(w.call().state == CallState::active);
  w.pass(60s - 1ms);
  CHECK(w.call().state == CallState::active);
  w.pass(1ms);
  CHECK(ending(w.call()) == "answered last_left");
  RoomWorld unvisited;
  unvisited.make();
  unvisited.pass(10min);
  CHECK(ending(unvisited.call()) == "no_answer");
}

TEST_CASE("a room is not alone with one person") {
  RoomWorld w;
  w.open();
  w.pass(5h);
  CHECK(w.state_of(alice) == "joined");
}

TEST_CASE("ending: people have time to go, and then they are gone") {
  RoomWorld w;
  w.form.policy.ending = 10s;
  w.open();
  w.enter(bob), w.must(carol, Join{});
  CHECK(w.says(alice, EndCall{"bye"}) == Lines{"leg.final carol/pad completed", "call.ending ended_by_host by alice"});
  CHECK(w.call().state == CallState::ending);
  CHECK(w.refused(dave, Join{}) == "room_ended");
  CHECK(w.refused(bob, Join{}) == "room_ended");
  CHECK(w.refused(alice, EndCall{}) == "already_done");
  CHECK(w.refused(alice, Lock{}) == "invalid_state");
  CHECK(w.says(bob, Heartbeat{}) == Lines{});
  CHECK(w.says(bob, Leave{}) == Lines{"leg.final bob/phone completed"});
  CHECK(w.says(alice, Leave{}) == Lines{"leg.final alice/web completed", "call.ended answered ended_by_host by alice"});
  CHECK(w.call().end_note == "bye");

  RoomWorld slow;
  slow.form.policy.ending = 10s;
  slow.open();
  slow.must(alice, EndCall{});
  slow.pass(10s);
  CHECK(ending(slow.call()) == "answered ended_by_host");
}

TEST_CASE("only who may ends a room for everybody") {
  RoomWorld w;
  w.open();
  w.enter(bob);
  CHECK(w.refused(bob, EndCall{}) == "forbidden");
}

TEST_CASE("the host leaves: the room ends") {
  RoomWorld w = with_policy(HostPolicy::end);
  w.must(alice, Leave{});
  CHECK(ending(w.call()) == "answered host_left");
  CHECK(w.state_of(bob) == "completed");
}

TEST_CASE("the host leaves: the best placed one takes over") {
  RoomWorld w = with_policy(HostPolicy::hand_over);
  w.enter(carol);
  w.must(alice, SetRole{carol.user, RoleName("moderator")});
  CHECK(w.says(alice, Leave{}) ==
        Lines{"leg.final alice/web completed", "room.updated host carol member alice cohost", "role.changed carol host"});
  CHECK_FALSE(w.runs(Timer::host_absent, 0));
  w.must(alice, Join{});
  CHECK(role_of(w.call(), alice.user) == "cohost");
}

TEST_CASE("the host leaves: the others wait, for a time") {
  RoomWorld w = with_policy(HostPolicy::wait);
  w.must(alice, Leave{});
  CHECK(w.left(Timer::host_absent, 0) == 5min);
  w.pass(4min);
  w.enter(alice);
  CHECK_FALSE(w.runs(Timer::host_absent, 0));
  w.must(alice, Leave{});
  w.pass(5min);
  CHECK(ending(w.call()) == "answered host_left");
}

TEST_CASE("a host whose link is lost has grace and then the host's absence") {
  RoomWorld w = with_policy(HostPolicy::hand_over);
  w.offline(alice);
  CHECK_FALSE(w.runs(Timer::host_absent, 0));
  w.pass(30s);
  CHECK(w.state_of(alice) == "network_lost");
  CHECK(w.call().room->host == alice.user);
  w.pass(5min);
  CHECK(w.call().room->host == bob.user);
  CHECK(role_of(w.call(), bob.user) == "host");
}

TEST_CASE("a room that does not care for its host goes on without") {
  RoomWorld w = with_policy(HostPolicy::none);
  w.must(alice, Leave{});
  w.pass(5h);
  CHECK(w.state_of(bob) == "joined");
}

TEST_CASE("a time limit is announced five minutes and one minute before") {
  RoomWorld w;
  w.form.policy.max_duration = 30min;
  w.open();
  w.enter(bob);
  w.news();
  w.pass(25min - 1ms);
  CHECK(w.news().empty());
  w.pass(1ms);
  CHECK(w.news() == Lines{"limit.warning 5 min"});
  w.pass(4min);
  CHECK(w.news() == Lines{"limit.warning 1 min"});
  w.pass(1min);
  CHECK(ending(w.call()) == "answered max_duration");
  CHECK(w.state_of(bob) == "max_duration");

  RoomWorld brief;
  brief.form.policy.max_duration = 1min;
  brief.open();
  brief.pass(59s);
  CHECK(brief.news().empty());
  brief.pass(1s);
  CHECK(ending(brief.call()) == "answered max_duration");
}

TEST_CASE("a ring call has a time limit, too") {
  World w(CallPolicy{.max_duration = 10min});
  w.talk();
  w.pass(10min);
  CHECK(ending(w.call()) == "answered max_duration");
}

TEST_CASE("a leased device has to show itself") {
  RoomWorld w(CallPolicy{.device_lease = 60s});
  w.open();  // alice has no connection
  CHECK(w.left(Timer::device_lease, 1) == 60s);
  w.pass(20s);
  CHECK(w.says(alice, Heartbeat{}) == Lines{});  // more than half is left
  w.pass(20s);
  CHECK(w.says(alice, Heartbeat{}) == Lines{"leg.leased alice"});
  CHECK(w.left(Timer::device_lease, 1) == 60s);
  w.pass(60s);
  CHECK(w.state_of(alice) == "reconnecting");
  w.must(alice, Heartbeat{});
  w.online(alice);
  w.news();
  w.pass(60s);
  CHECK(w.news() == Lines{"leg.leased alice"});  // it has a connection
}

TEST_CASE("a restart in a room: everybody gets time to come back, and the lobby's clocks go on") {
  RoomWorld w;
  w.form.settings.lobby = LobbyRule::on;
  w.open();
  w.must(bob, Join{});
  w.restart();
  CHECK(w.state_of(alice) == "reconnecting");
  CHECK(w.state_of(bob) == "waiting");
  w.must(alice, Heartbeat{});
  w.must(alice, Admit{bob.user});
  w.must(bob, Join{});
}

TEST_CASE("a device that named itself by its session comes back as another one") {
  const Actor first{{"bob"}, session_device({"sid-1"})}, second{{"bob"}, session_device({"sid-2"})};
  World w;
  w.online(first), w.ring(), w.must(first, Accept{}), w.must(alice, Join{}), w.must(first, Join{});
  w.offline(first);
  CHECK(outcome(w.leg(bob)) == "reconnecting");
  w.news();
  w.online(second);
  CHECK(w.news() == Lines{"leg.resumed bob/session:sid-2"});
  CHECK(w.leg(bob).device == second.device);
  CHECK(verdict(w.handle(first, Leave{})) == "already_done");  // the old one holds nothing any more
  CHECK(inconsistency(w.call()).value_or("consistent") == "consistent");
  w.offline(second);
  w.must(second, Join{});
  CHECK(outcome(w.leg(bob)) == "joined");
}

TEST_CASE("a named device's leg is nobody else's, and a session's leg is not taken while its link holds") {
  const Actor session{{"bob"}, session_device({"sid-1"})}, other{{"bob"}, session_device({"sid-2"})};
  World named;
  named.talk();
  named.offline(bob);
  named.online(session);
  CHECK(outcome(named.leg(bob)) == "reconnecting");
  World held;
  held.online(session), held.ring(), held.must(session, Accept{}), held.must(session, Join{});
  held.online(other);
  CHECK(held.leg(bob).device == session.device);
  CHECK(verdict(held.handle(other, Leave{})) == "already_done");
  held.offline(session);
  held.online(bob);  // a device with a name of its own
  CHECK(outcome(held.leg(bob)) == "reconnecting");
}
