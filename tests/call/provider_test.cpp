// What the provider says (race rules 12 and 13), tokens, and the operator's end.
#include "call/room_world.hpp"

using namespace call_test;

namespace {
ProviderWord said(ProviderSaid what, const Actor& who, LoginId login, UnixTime at) {
  return {.said = what, .user = who.user, .login = std::move(login), .at = at};
}
}  // namespace

TEST_CASE("the provider's word brings people in and loses them") {
  RoomWorld w;
  w.open();
  const UnixTime t = w.clock.now().wall;
  w.must(bob, Join{});
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l1"}, t)) == Lines{"leg.login bob", "leg.joined bob/phone"});
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l1"}, t)) == Lines{});
  CHECK(w.says(nobody, said(ProviderSaid::left, bob, {"l1"}, t + 1s)) == Lines{"leg.reconnecting bob"});
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l2"}, t + 2s)) == Lines{"leg.login bob", "leg.resumed bob/phone"});
}

TEST_CASE("left, for an older session than the one we know: ignored; newer: applied (race rule 12)") {
  RoomWorld w;
  w.open();
  const UnixTime t = w.clock.now().wall;
  w.enter(bob);
  w.must(nobody, said(ProviderSaid::joined, bob, {"l2"}, t + 10s));
  CHECK(w.says(nobody, said(ProviderSaid::left, bob, {"l1"}, t + 9s)) == Lines{});
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l1"}, t + 1s)) == Lines{});
  // After a switch of device the old session's end is told last.
  ProviderWord late = said(ProviderSaid::left, bob, {"l1"}, t + 15s);
  late.logged_in = t + 1s;
  CHECK(w.says(nobody, late) == Lines{});
  CHECK(w.says(nobody, said(ProviderSaid::left, bob, {"l2"}, t + 20s)) == Lines{"leg.reconnecting bob"});
}

TEST_CASE("left, for a session that is newer than the one we know: applied (race rule 12)") {
  RoomWorld w;
  w.open();
  const UnixTime t = w.clock.now().wall;
  w.enter(bob);
  w.must(nobody, said(ProviderSaid::joined, bob, {"l2"}, t + 10s));
  ProviderWord newer = said(ProviderSaid::left, bob, {"l3"}, t + 15s);
  newer.logged_in = t + 12s;
  CHECK(w.says(nobody, newer) == Lines{"leg.reconnecting bob"});
}

TEST_CASE("somebody without a seat is in the media room: noted, for the host to put them out (race rule 13)") {
  RoomWorld w;
  w.form.settings.lobby = LobbyRule::on;
  w.open();
  w.must(bob, Join{});
  const Lines noted{"reconcile.corrected bob in the media room without a seat"};
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l1"}, {})) == noted);  // in the lobby
  w.must(alice, Kick{bob.user, 1h});
  CHECK(w.says(nobody, said(ProviderSaid::joined, bob, {"l1"}, {})) == noted);  // banned
  CHECK(w.says(nobody, said(ProviderSaid::left, bob, {"l1"}, {})) == Lines{});
  CHECK(w.says(nobody, said(ProviderSaid::joined, dave, {"l1"}, {})) ==
        Lines{"reconcile.corrected dave in the media room without a seat"});
}

TEST_CASE("what reconciling found is in the log") {
  RoomWorld w;
  w.open();
  w.must(bob, Join{});
  ProviderWord found = said(ProviderSaid::joined, bob, {"l1"}, w.clock.now().wall);
  found.reconciled = true;
  CHECK(w.says(nobody, found) == Lines{"leg.login bob", "reconcile.corrected bob in the media room", "leg.joined bob/phone"});
}

TEST_CASE("the provider closes the room") {
  RoomWorld w;
  w.open();
  w.enter(bob);
  w.must(nobody, ProviderWord{.said = ProviderSaid::room_closed});
  CHECK(ending(w.call()) == "answered provider_closed");
  CHECK(w.state_of(bob) == "failed");
  CHECK(w.says(nobody, ProviderWord{.said = ProviderSaid::room_closed}) == Lines{});
  CHECK(verdict(w.handle(nobody, ProviderWord{.said = ProviderSaid::joined})) == "invalid_argument user");
}

TEST_CASE("tokens are renewed before they end, as long as the seat is held") {
  RoomWorld w(CallPolicy{.token_lifetime = 10min});
  w.open();
  CHECK(w.left(Timer::token_renew, 1) == 10min - 90s);
  w.pass(8min);
  CHECK(w.says(alice, RenewToken{}) == Lines{"token.renewed alice"});
  CHECK(w.left(Timer::token_renew, 1) == 10min - 90s);
  w.news();
  w.pass(10min - 90s);
  CHECK(w.news() == Lines{"token.renewed alice"});
  w.must(alice, Leave{});
  CHECK_FALSE(w.runs(Timer::token_renew, 1));
  CHECK(w.refused(alice, RenewToken{}) == "invalid_state");
  RoomWorld off;
  off.open();
  CHECK(off.refused(alice, RenewToken{}) == "invalid_state");
}

TEST_CASE("whose token ran out while the link was lost is told so") {
  RoomWorld w(CallPolicy{.reconnect_grace = 300s, .token_lifetime = 2min, .token_renew = 10s});
  w.online(bob);
  w.open();
  w.enter(bob);
  w.must(bob, RenewToken{});
  w.offline(bob);
  w.news();
  SUBCASE("not back within the grace") {
    w.pass(300s);
    CHECK(w.state_of(bob) == "token_expired");
  }
  SUBCASE("back after the end: a new one at once") {
    w.pass(150s);
    CHECK_FALSE(w.runs(Timer::token_renew, 2));  // nobody is there to take one
    w.online(bob);
    w.must(bob, Join{});
    w.news();
    w.pass(0ms);
    CHECK(w.news() == Lines{"token.renewed bob"});
    CHECK(w.left(Timer::token_renew, 2) == 110s);
  }
  SUBCASE("back before it was due") {
    w.pass(60s);
    w.online(bob);
    w.must(bob, Join{});
    CHECK(w.left(Timer::token_renew, 2) == 50s);
  }
}

TEST_CASE("the operator ends a call in every state") {
  RoomWorld w;
  w.make();
  CHECK(w.refused(nobody, AdminEnd{.note = std::string(65, 'n')}) == "limit_exceeded note");
  CHECK(w.refused(nobody, AdminEnd{.cause = EndCause::hangup}) == "invalid_argument cause");
  w.must(nobody, AdminEnd{.note = "cleaning"});
  CHECK(ending(w.call()) == "cancelled");
  CHECK(w.refused(nobody, AdminEnd{}) == "already_done");
  RoomWorld active;
  active.form.policy.ending = 10s;
  active.open();
  active.must(nobody, AdminEnd{.note = {}, .cause = EndCause::server_shutdown});
  CHECK(ending(active.call()) == "answered server_shutdown");  // at once
  World ring;
  ring.ring();
  ring.must({}, AdminEnd{});
  CHECK(ending(ring.call()) == "cancelled");
  World talk;
  talk.talk();
  talk.must({}, AdminEnd{});
  CHECK(ending(talk.call()) == "answered ended_by_admin");
}
