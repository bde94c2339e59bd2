// Every race rule that decides a command says so (docs/call-model.md, "Race rules").
#include "call/table.hpp"

using namespace call_test;

namespace {

const CallId other{"43"};

/// What was decided by which rule: "busy caller by busy", "ok by glare", "ok".
std::string how(Table& t, const Actor& by, CommandBody body, const CallId& call = the_call) {
  std::string said = verdict(t.handle(by, std::move(body), call));
  if (t.rule != RaceRule::none) said.append(" by ").append(name(t.rule));
  return said;
}

ProviderWord said(ProviderSaid what, const Actor& who, LoginId login, UnixTime at) {
  return {.said = what, .user = who.user, .login = std::move(login), .at = at};
}

}  // namespace

TEST_CASE("no rule where nobody was faster") {
  Table t;
  CHECK(how(t, alice, StartCall{.callees = {bob.user}}) == "ok");
  CHECK(how(t, bob, AckAlerting{}) == "ok");
  CHECK(how(t, bob, Accept{}) == "ok");
  CHECK(how(t, bob, Accept{}) == "ok");
  CHECK(how(t, bob, Join{}) == "ok");
  CHECK(how(t, carol, Accept{}) == "forbidden");
}

TEST_CASE("2 and 3: answers, cancels and second devices") {
  Table t;
  t.online(bob), t.online(bob_laptop);
  t.ring({bob.user});
  t.must(bob, Accept{});
  CHECK(how(t, alice, CancelCall{}) == "already_done by answered_or_over");
  CHECK(how(t, bob_laptop, Accept{}) == "already_done by first_device");
  CHECK(how(t, bob_laptop, Decline{}) == "already_done by first_device");
  Table over;
  over.ring({bob.user});
  over.must(alice, CancelCall{});
  CHECK(how(over, bob, Accept{}) == "invalid_state by answered_or_over");
}

TEST_CASE("4: a decline while other devices ring") {
  for (const DeclinePolicy policy : {DeclinePolicy::person, DeclinePolicy::device}) {
    Table t(CallPolicy{.decline = policy});
    t.online(bob), t.online(bob_laptop);
    t.ring({bob.user});
    CHECK(how(t, bob, Decline{}) == "ok by declined_for_all");
    if (policy == DeclinePolicy::device) CHECK(how(t, bob_laptop, Decline{}) == "ok");
  }
}

TEST_CASE("5: glare") {
  for (const GlarePolicy policy : {GlarePolicy::merge, GlarePolicy::busy}) {
    Table t(CallPolicy{.glare = policy});
    t.ring({bob.user});
    const std::string wanted = policy == GlarePolicy::merge ? "ok by glare" : "busy caller by glare";
    CHECK(how(t, bob, StartCall{.callees = {alice.user}}, other) == wanted);
  }
}

TEST_CASE("6: busy, as a caller, as a callee, as somebody invited, as a second call, at a door") {
  Table t;
  t.talk();
  CHECK(how(t, carol, StartCall{.callees = {bob.user}}, other) == "busy callees.0 by busy");
  CHECK(how(t, alice, StartCall{.callees = {carol.user}}, other) == "busy caller by busy");
  t.must(carol, StartCall{.callees = {dave.user}}, other);
  CHECK(how(t, alice, Invite{.user = dave.user}) == "busy user by busy");
  t.must(erin, CreateRoom{.from = "drop_in"}, CallId("room"));
  CHECK(how(t, bob, Join{}, CallId("room")) == "busy by.user by busy");
  Table waiting(CallPolicy{.busy = BusyPolicy::wait});
  waiting.talk();
  CHECK(how(waiting, carol, StartCall{.callees = {bob.user}}, other) == "ok by busy");
}

TEST_CASE("7: the caller's own side has lost the call") {
  Table t;
  t.online(alice), t.online(bob);
  t.talk();
  t.offline(alice);
  CHECK(how(t, alice, StartCall{.callees = {bob.user}}, other) == "ok by recall");
}

TEST_CASE("8, 9, 10: the door, the lobby, a kick during a grace") {
  Table t;
  RoomOverrides with_lobby;
  with_lobby.lobby = LobbyRule::on;
  t.must(alice, CreateRoom{.from = "drop_in", .settings = with_lobby});
  CHECK(how(t, bob, Join{}) == "ok by door");
  CHECK(how(t, alice, Join{}) == "ok by lobby_waits");
  t.must(alice, Join{});
  t.must(alice, Lock{});
  CHECK(how(t, carol, Join{}) == "room_locked by door");
  t.must(alice, Unlock{});
  t.must(alice, Admit{bob.user});
  t.online(bob);
  t.must(bob, Join{});
  t.offline(bob);
  CHECK(how(t, alice, Kick{.user = bob.user, .ban_for = 1h}) == "ok by kick_ends_grace");
  CHECK(how(t, bob, Join{}) == "banned by door");
  t.must(alice, EndCall{});
  t.pass(1min);
  CHECK(how(t, carol, Join{}) == "room_ended by door");
}

TEST_CASE("11: a clock that is no longer the call's") {
  Table t;
  t.ring({bob.user});
  const Deadline ring = t.call().deadlines.back();
  t.must(alice, CancelCall{});
  CHECK(how(t, {}, TimerFired{ring}) == "ok by stale_clock");
}

TEST_CASE("12 and 13: the provider's word") {
  Table t;
  t.talk();
  const UnixTime at = t.clock.now().wall;
  t.must({}, said(ProviderSaid::joined, bob, {"l2"}, at));
  CHECK(how(t, {}, said(ProviderSaid::left, bob, {"l1"}, at - 1s)) == "ok by older_session");
  CHECK(how(t, {}, said(ProviderSaid::joined, carol, {"l9"}, at)) == "ok by without_a_seat");
  CHECK(how(t, {}, said(ProviderSaid::left, bob, {"l2"}, at + 1s)) == "ok");
}
