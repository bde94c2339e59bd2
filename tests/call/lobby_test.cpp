// The lobby: who waits is let in by a person's word, and by nothing else (race rule 9).
#include "call/room_world.hpp"

using namespace call_test;

namespace {
RoomWorld with_lobby(LobbyRule rule = LobbyRule::on) {
  RoomWorld w;
  w.form.settings.lobby = rule;
  w.form.settings.capacity = 3;
  return w;
}
}  // namespace

TEST_CASE("admit: from the lobby on the way in, with the time to join") {
  RoomWorld w = with_lobby();
  w.open();
  w.must(bob, Join{});
  CHECK(w.left(Timer::lobby, 2) == 10min);
  CHECK(w.says(bob, Join{}) == Lines{});
  CHECK(w.says(alice, Admit{bob.user}) == Lines{"leg.admitted bob by alice", "leg.joining bob"});
  CHECK(w.left(Timer::join, 2) == 30s);
  CHECK_FALSE(w.runs(Timer::lobby, 2));
  w.must(bob, Join{});
  CHECK(w.refused(alice, Admit{bob.user}) == "already_done user");
  CHECK(w.refused(alice, Admit{carol.user}) == "not_found user");
}

TEST_CASE("nobody is let in by time, by the host's arrival or by an open lobby") {
  RoomWorld w = with_lobby(LobbyRule::until_host);
  w.make();
  w.must(bob, Join{});
  CHECK(w.state_of(bob) == "waiting");
  w.enter(alice);
  CHECK(w.state_of(bob) == "waiting");  // race rule 9
  w.must(alice, SetLobby{LobbyRule::off});
  CHECK(w.state_of(bob) == "waiting");
  w.must(carol, Join{});
  CHECK(w.state_of(carol) == "joining");  // who comes now comes in
  w.pass(10min);
  CHECK(w.state_of(bob) == "lobby_timeout");
  w.must(bob, Join{});
}

TEST_CASE("admit_all: as many as there are seats, first come first") {
  RoomWorld w = with_lobby();
  w.open();
  for (const Actor& who : {bob, carol, dave}) w.must(who, Join{});
  CHECK(w.says(alice, AdmitAll{}) ==
        Lines{"leg.admitted bob by alice", "leg.joining bob", "leg.admitted carol by alice", "leg.joining carol"});
  CHECK(w.refused(alice, AdmitAll{}) == "room_full");
  CHECK(w.refused(alice, Admit{dave.user}) == "room_full");
  w.must(alice, SetCapacity{4});
  w.must(alice, AdmitAll{});
  CHECK(w.says(alice, AdmitAll{}) == Lines{});
}

TEST_CASE("deny sends away, and bans if it says so") {
  RoomWorld w = with_lobby();
  w.open();
  w.must(bob, Join{});
  CHECK(w.says(alice, Deny{bob.user, {}}) == Lines{"leg.final bob/phone denied by alice"});
  w.must(bob, Join{});
  CHECK(w.says(alice, Deny{bob.user, 1min}) == Lines{"room.updated banned bob by alice", "leg.final bob/phone denied by alice"});
  CHECK(w.refused(bob, Join{}) == "banned");
  w.pass(1min);
  w.must(bob, Join{});
  CHECK(w.refused(alice, Deny{bob.user, -1ms}) == "out_of_range ban_for");
  CHECK(w.refused(alice, Deny{carol.user, {}}) == "not_found user");
}

TEST_CASE("nobody bans from the lobby whom they may not act on") {
  RoomWorld w = with_lobby();
  w.form.settings.roles = {{.name = RoleName("inspector"), .rank = 1, .may = {}}};
  w.open({{bob.user, RoleName("moderator")}, {carol.user, RoleName("inspector")}});
  w.enter(bob);
  w.must(carol, Join{});
  REQUIRE(w.state_of(carol) == "waiting");
  CHECK(w.refused(bob, Deny{carol.user, 1h}) == "forbidden user");
  w.must(bob, Deny{carol.user, {}});
}

TEST_CASE("a lock and a ban hold for those in the lobby") {
  RoomWorld w = with_lobby();
  w.open();
  w.must(bob, Join{});
  w.must(alice, Lock{});
  CHECK(w.refused(alice, Admit{bob.user}) == "room_locked");
  CHECK(w.refused(alice, AdmitAll{}) == "room_locked");
  w.must(alice, Unlock{});
  w.must(alice, Kick{bob.user, 1h});  // out of the lobby
  CHECK(w.state_of(bob) == "banned");
}

TEST_CASE("who skips the lobby, and who may open its door") {
  RoomWorld w = with_lobby();
  w.open({{bob.user, RoleName("moderator")}, {carol.user, RoleName("speaker")}});
  w.must(bob, Join{});
  CHECK(w.state_of(bob) == "joining");
  w.must(carol, Join{});
  CHECK(w.state_of(carol) == "waiting");
  w.must(bob, Join{});
  CHECK(w.refused(carol, Admit{carol.user}) == "forbidden");  // from the lobby nobody does anything
  CHECK(w.refused(carol, AdmitAll{}) == "forbidden");
  w.must(bob, Admit{carol.user});
  CHECK(w.refused(carol, Deny{carol.user, {}}) == "forbidden");
  CHECK(w.refused(carol, SetLobby{LobbyRule::off}) == "forbidden");
}

TEST_CASE("people in the lobby of a room that ends are told so") {
  RoomWorld w = with_lobby();
  w.open();
  w.must(bob, Join{});
  w.must(alice, EndCall{});
  CHECK(w.state_of(bob) == "denied");
  CHECK(ending(w.call()) == "answered ended_by_host");
}

TEST_CASE("a ring call has no lobby") {
  World w;
  w.talk();
  CHECK(verdict(w.handle(alice, SetLobby{LobbyRule::on})) == "invalid_state");
  CHECK(verdict(w.handle(alice, SetCapacity{3})) == "invalid_state");
  CHECK(verdict(w.handle(alice, SetPasscode{PasscodeStamp(1)})) == "invalid_state");
}
