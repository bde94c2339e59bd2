// Rooms are made, and people come in: the door's order (race rule 8), schedule, capacity, codes, who is elsewhere.
#include "call/room_world.hpp"

using namespace call_test;

TEST_CASE("a room is made of a template and waits for its first one") {
  RoomWorld w;
  w.make();
  const CallView room = w.call();
  CHECK(room.is_room());
  CHECK(room.state == CallState::waiting);
  CHECK(room.legs.empty());
  CHECK(room.room->host == alice.user);
  CHECK(room.room->settings.from == "test");
  CHECK(w.runs(Timer::empty, 0));
  CHECK(w.says(bob, Join{}) == Lines{"leg.entered bob/phone", "leg.joining bob"});
  CHECK(w.says(bob, Join{}) == Lines{"leg.joined bob/phone", "call.active"});
  CHECK(w.call().state == CallState::active);
  CHECK(w.leg(bob).room_role == RoleName("participant"));
  w.enter(alice);
  CHECK(role_of(w.call(), alice.user) == "host");
}

TEST_CASE("what a room may not be") {
  RoomWorld w;
  const auto make = [&](CreateRoom create) { return verdict(w.handle(alice, std::move(create))); };
  w.tell_facts();
  CHECK(make({.from = "no such"}) == "invalid_argument from");
  CHECK(make({.from = "drop_in", .settings = {.capacity = 0}}) == "out_of_range capacity");
  CHECK(make({.from = "drop_in", .settings = {.capacity = 2001}}) == "out_of_range capacity");
  CHECK(make({.from = "drop_in", .settings = {.entry_role = RoleName("host")}}) == "invalid_argument entry_role");
  CHECK(make({.from = "drop_in", .settings = {.entry_role = RoleName("scribe")}}) == "invalid_argument entry_role");
  CHECK(make({.from = "drop_in", .settings = {.max_duration = 59s}}) == "out_of_range max_duration");
  CHECK(make({.from = "drop_in", .settings = {.roles = {{RoleName("host"), 3, {}}}}}) == "invalid_argument roles.0.name");
  CHECK(make({.from = "drop_in", .settings = {.roles = {{RoleName("a"), 0, {}}}}}) == "out_of_range roles.0.rank");
  CHECK(make({.from = "drop_in", .members = {{bob.user, RoleName("king")}}}) == "invalid_argument members.0.role");
  CHECK(make({.from = "drop_in", .members = {{bob.user, {}}, {bob.user, {}}}}) == "invalid_argument members");
  CHECK(make({.from = "drop_in", .members = {{{}, {}}}}) == "invalid_argument members.0.user");
  CHECK(make({.from = "drop_in", .topic = std::string(129, 't')}) == "limit_exceeded topic");
  const Schedule past{w.clock.now().wall - 31min};
  CHECK(make({.from = "drop_in", .settings = {.schedule = past}}) == "out_of_range schedule.starts_at");
  CHECK(make({.from = "drop_in", .settings = {.schedule = Schedule{w.clock.now().wall, 25h}}}) == "out_of_range schedule.early");
  CHECK(w.log().empty());
  CHECK(make({.from = "drop_in"}) == "ok");
  CHECK(make({.from = "drop_in"}) == "already_exists call");
}

TEST_CASE("every standard template makes a room") {
  for (const RoomTemplate& each : standard_templates()) {
    RoomWorld w;
    w.must(alice, CreateRoom{.from = each.name});
    CHECK(inconsistency(w.call()).value_or("consistent") == "consistent");
    CHECK(w.call().room->settings == each.settings);
  }
}

TEST_CASE("the door refuses in one order, whatever else is wrong") {
  // Everything is wrong at once; what is put right falls away from the front.
  RoomWorld w;
  w.form.settings.type = RoomType::invited_only;
  w.form.settings.capacity = 1;
  w.open({}, PasscodeStamp(1));
  w.must(alice, Kick{bob.user, 1h});
  w.must(alice, Lock{});
  CHECK(w.refused(bob, Join{}) == "banned");
  w.must(alice, Unban{bob.user});
  CHECK(w.refused(bob, Join{}) == "passcode_required");
  w.bring_passcode(PasscodeCheck::throttled, 1);
  CHECK(w.refused(bob, Join{}) == "passcode_throttled");
  w.bring_passcode(PasscodeCheck::wrong, 1);
  CHECK(w.refused(bob, Join{}) == "passcode_wrong");
  w.bring_passcode(PasscodeCheck::right, 1);
  CHECK(w.refused(bob, Join{}) == "not_invited");
  w.must(alice, SetRole{bob.user, RoleName("speaker")});  // which is an invitation
  CHECK(w.refused(bob, Join{}) == "room_locked");
  w.must(alice, Unlock{});
  w.must(alice, SetLobby{LobbyRule::on});
  CHECK(w.says(bob, Join{}) == Lines{"leg.entered bob/phone", "leg.waiting bob"});  // the lobby has room
  w.must(bob, Leave{});
  w.must(alice, SetLobby{LobbyRule::off});
  CHECK(w.refused(bob, Join{}) == "room_full");
  w.must(alice, SetCapacity{2});
  CHECK(w.says(bob, Join{}) == Lines{"leg.entered bob/phone", "leg.joining bob"});
  CHECK(w.leg(bob).room_role == RoleName("speaker"));
  w.must(alice, EndCall{});
  w.pass(11s);
  CHECK(w.refused(carol, Join{}) == "room_ended");
  CHECK(w.refused(carol, Knock{}) == "room_ended");
}

TEST_CASE("a passcode that was rotated while it was checked does not count") {
  RoomWorld w;
  w.open({}, PasscodeStamp(1));
  w.bring_passcode(PasscodeCheck::right, 1);
  w.must(alice, SetPasscode{PasscodeStamp(2)});
  CHECK(w.refused(bob, Join{}) == "passcode_wrong");
  w.bring_passcode(PasscodeCheck::right, 2);
  w.must(bob, Join{});
  w.must(alice, SetPasscode{});
  w.bring_nothing();
  w.must(carol, Join{});
}

TEST_CASE("who has a seat needs no passcode, lobby or unlocked door to come back") {
  RoomWorld w;
  w.form.settings.lobby = LobbyRule::on;
  w.open({}, PasscodeStamp(1));
  w.bring_passcode(PasscodeCheck::right, 1);
  w.online(bob);
  w.must(bob, Join{}), w.must(alice, Admit{bob.user}), w.must(bob, Join{});
  w.bring_nothing();
  w.must(alice, Lock{});
  w.offline(bob);
  CHECK(w.state_of(bob) == "reconnecting");
  CHECK(w.says(bob, Join{}) == Lines{"leg.resumed bob/phone"});
}

TEST_CASE("the host can always open the own door") {
  RoomWorld w;
  w.form.settings.lobby = LobbyRule::on;
  w.make({}, PasscodeStamp(7));
  w.must(alice, Lock{});  // from outside, before anybody is in
  w.enter(alice);
  CHECK(w.state_of(alice) == "joined");
  CHECK(w.refused(bob, Join{}) == "passcode_required");
}

TEST_CASE("seats in grace and on the way in are taken (I5)") {
  RoomWorld w;
  w.form.settings.capacity = 2;
  w.online(bob);
  w.make();
  w.must(bob, Join{});  // reserved
  w.must(carol, Join{});
  CHECK(w.refused(dave, Join{}) == "room_full");
  w.must(bob, Join{});
  w.offline(bob);  // in grace
  CHECK(w.refused(dave, Join{}) == "room_full");
  CHECK(w.refused(alice, SetCapacity{1}) == "out_of_range capacity");
  w.pass(30s);  // bob's grace and carol's time to join
  CHECK(w.state_of(bob) == "network_lost");
  CHECK(w.state_of(carol) == "join_failed");
  w.must(dave, Join{});
  CHECK(w.call().index.counts.seats() == 1);
}

TEST_CASE("a private room takes the invited, and those who know the passcode or bring a code") {
  RoomWorld w;
  w.form.settings.type = RoomType::private_room;
  w.open({{bob.user, RoleName("speaker")}});
  w.must(bob, Join{});
  CHECK(w.refused(carol, Join{}) == "not_invited");
  w.must(alice, SetPasscode{PasscodeStamp(3)});
  w.bring_passcode(PasscodeCheck::right, 3);
  w.must(carol, Join{});
  w.must(alice, SetPasscode{});
  w.bring_nothing();
  CHECK(w.says(dave, Knock{"let me in"}) == Lines{"leg.entered dave/tv", "leg.waiting dave"});
  CHECK(w.says(dave, Knock{}) == Lines{});
  w.must(alice, Admit{dave.user});
  w.must(dave, Join{}), w.must(dave, Leave{});
  w.must(dave, Join{});  // who was let in once may come again
}

TEST_CASE("an invited-only room hears no knock, and a locked one neither") {
  RoomWorld w;
  w.form.settings.type = RoomType::invited_only;
  w.open();
  CHECK(w.refused(bob, Knock{}) == "not_invited");
  RoomWorld open;
  open.open();
  open.must(alice, Lock{});
  CHECK(open.refused(bob, Knock{}) == "room_locked");
}

TEST_CASE("join codes carry a role, are used up and run out") {
  RoomWorld w;
  w.form.settings.type = RoomType::invited_only;
  w.open();
  const UnixTime now = w.clock.now().wall;
  const auto code = [&](JoinCode c) { return AddJoinCode{std::move(c)}; };
  w.must(alice, code({{"c1"}, RoleName("speaker"), 1, now + 1h}));
  CHECK(w.refused(alice, code({{"c1"}, {}, 1, now + 1h})) == "already_exists code.id");
  CHECK(w.refused(alice, code({{}, {}, 1, now + 1h})) == "invalid_argument code.id");
  CHECK(w.refused(alice, code({{"c2"}, {}, 0, now + 1h})) == "out_of_range code.uses_left");
  CHECK(w.refused(alice, code({{"c2"}, {}, 1, now})) == "out_of_range code.until");
  CHECK(w.refused(alice, code({{"c2"}, RoleName("host"), 1, now + 1h})) == "invalid_argument code.role");
  CHECK(w.refused(alice, code({{"c2"}, RoleName("king"), 1, now + 1h})) == "invalid_argument code.role");
  w.bring_code({"unknown"});
  CHECK(w.refused(bob, Join{}) == "not_invited code");
  w.bring_code({"c1"});
  CHECK(w.says(bob, Join{}) == Lines{"leg.entered bob/phone", "room.updated code c1 by bob",
                                     "room.updated member bob speaker by bob", "leg.joining bob"});
  CHECK(w.leg(bob).room_role == RoleName("speaker"));
  CHECK(w.refused(carol, Join{}) == "not_invited code");  // used up
  w.must(alice, code({{"c3"}, {}, 5, now + 1h}));
  w.bring_code({"c3"});
  w.must(carol, Join{});
  CHECK(w.call().room->code({"c3"})->uses_left == 4);
  w.must(alice, RemoveJoinCode{{"c3"}});
  CHECK(w.refused(alice, RemoveJoinCode{{"c3"}}) == "already_done code");
  CHECK(w.refused(dave, Join{}) == "not_invited code");
  w.must(alice, code({{"c4"}, {}, 5, w.clock.now().wall + 1min}));
  w.bring_code({"c4"});
  w.clock.advance(1min);
  CHECK(w.refused(dave, Join{}) == "not_invited code");
}

TEST_CASE("who came by a code comes back when it is used up, with the role that they have by now") {
  RoomWorld w;
  w.form.settings.type = RoomType::invited_only;
  w.open();
  const UnixTime soon = w.clock.now().wall + 1h;
  w.must(alice, AddJoinCode{{{"once"}, RoleName("speaker"), 1, soon}});
  w.must(alice, AddJoinCode{{{"many"}, RoleName("moderator"), 9, soon}});
  w.bring_code({"once"});
  w.enter(bob);
  w.must(bob, Leave{});
  w.bring_nothing();
  w.enter(bob);
  CHECK(w.leg(bob).room_role == RoleName("speaker"));
  w.bring_code({"many"});
  w.enter(carol);
  CHECK(w.leg(carol).room_role == RoleName("moderator"));
  w.must(alice, SetRole{carol.user, RoleName("guest")});
  w.must(carol, Leave{});
  w.enter(carol);  // by the same code
  CHECK(w.leg(carol).room_role == RoleName("guest"));
  w.must(alice, Kick{.user = bob.user, .ban_for = 1h});
  w.bring_nothing();
  CHECK(w.refused(bob, Join{}) == "banned");
}

TEST_CASE("a join code opens no locked door and replaces no passcode") {
  RoomWorld w;
  w.form.settings.type = RoomType::private_room;
  w.open({}, PasscodeStamp(1));
  w.must(alice, AddJoinCode{{{"c1"}, {}, 5, w.clock.now().wall + 1h}});
  w.bring_code({"c1"});
  CHECK(w.refused(bob, Join{}) == "passcode_required");
  w.must(alice, SetPasscode{});
  w.must(alice, Lock{});
  CHECK(w.refused(bob, Join{}) == "room_locked");
}

TEST_CASE("a scheduled room opens early, closes late to newcomers, and ends when nobody comes") {
  const auto world = [] {
    RoomWorld w;
    w.form.settings.schedule = Schedule{w.clock.now().wall + 1h};
    w.make();
    return w;
  };
  {
    RoomWorld w = world();
    CHECK(w.refused(bob, Join{}) == "not_started");
    CHECK(w.refused(bob, Knock{}) == "not_started");
    w.pass(45min - 1ms);
    CHECK(w.refused(bob, Join{}) == "not_started");
    w.pass(1ms);
    w.enter(bob);
    w.must(bob, Leave{});
    w.pass(45min - 1ms);
    CHECK(w.call().state != CallState::ended);  // until the no-show time an empty room stays
    w.enter(carol);
    w.pass(2ms);
    CHECK(w.refused(dave, Join{}) == "room_ended");
    w.must(bob, Join{});  // was in before
  }
  RoomWorld w = world();
  w.pass(90min - 1ms);
  CHECK(w.call().state == CallState::waiting);
  w.pass(1ms);
  CHECK(ending(w.call()) == "no_answer");
  CHECK(w.refused(bob, Join{}) == "room_ended");
}

TEST_CASE("the host may come before a scheduled room opens") {
  RoomWorld w;
  w.form.settings.schedule = Schedule{w.clock.now().wall + 5h};
  w.make();
  w.enter(alice);
  CHECK(w.refused(bob, Join{}) == "not_started");
}

TEST_CASE("somebody who talks elsewhere is busy, by policy (race rule 6)") {
  RoomWorld w;
  w.open();
  w.must(bob, StartCall{.callees = {carol.user}}, CallId("77"));
  CHECK(w.refused(bob, Join{}) == "busy by.user");
  RoomWorld free(CallPolicy{.busy = BusyPolicy::allow});
  free.open();
  free.must(bob, StartCall{.callees = {carol.user}}, CallId("77"));
  free.must(bob, Join{});
}

TEST_CASE("the same person on another device takes the own seat over, or is refused") {
  RoomWorld w;
  w.form.policy.second_device = SecondDevice::replace;
  w.form.settings.capacity = 2;
  w.open();
  w.enter(bob);
  CHECK(w.says(bob_laptop, Join{}) == Lines{"leg.final bob/phone replaced", "leg.entered bob/laptop", "leg.joining bob"});
  CHECK(w.leg(bob).device == bob_laptop.device);
  RoomWorld strict;
  strict.open();
  strict.enter(bob);
  CHECK(strict.refused(bob_laptop, Join{}) == "already_done");
}

TEST_CASE("a ban holds for who comes back on another device, too") {
  RoomWorld w;
  w.form.policy.second_device = SecondDevice::replace;
  w.online(bob);
  w.open();
  w.enter(bob);
  w.must(alice, Kick{bob.user, 0ms});
  CHECK(w.refused(bob, Join{}) == "banned");
  CHECK(w.refused(bob_laptop, Join{}) == "banned");
  CHECK(w.refused(bob, Knock{}) == "banned");
}

TEST_CASE("a stranger does nothing in a room but come to its door") {
  RoomWorld w;
  w.open();
  CHECK(w.refused(bob, Leave{}) == "forbidden");
  CHECK(w.refused(bob, Heartbeat{}) == "forbidden");
  CHECK(w.refused(bob, Lock{}) == "forbidden");
  CHECK(w.refused(bob, Kick{alice.user, {}}) == "forbidden");
}

TEST_CASE("a snapshot is the events since then, or the whole call; secrets are for those who may see them") {
  RoomWorld w;
  w.open();
  w.must(alice, AddJoinCode{{{"c1"}, {}, 5, w.clock.now().wall + 1h}});
  w.enter(bob);
  const CallView call = w.call();
  const auto& log = w.log();
  const auto since = snapshot(call, log, bob.user, Version(call.version.value - 2));
  REQUIRE(since);
  CHECK(since->events.size() == 2);
  CHECK_FALSE(since->whole);
  CHECK(snapshot(call, log, bob.user, call.version)->events.empty());
  CHECK(snapshot(call, {}, bob.user, Version(1))->whole);      // a gap
  CHECK(snapshot(call, log, bob.user, Version(0), 3)->whole);  // too many
  CHECK(snapshot(call, log, bob.user, std::nullopt)->whole->room->codes.empty());
  CHECK(snapshot(call, log, alice.user, std::nullopt)->whole->room->codes.size() == 1);
  CHECK(verdict(snapshot(call, log, carol.user, std::nullopt)) == "forbidden");
  CHECK(verdict(snapshot(call, log, bob.user, Version(call.version.value + 1))) == "out_of_range since");
}

TEST_CASE("who has guessed codes too often is told so, also where there is no passcode") {
  RoomWorld w;
  w.form.settings.type = RoomType::private_room;
  w.open();
  w.facts.entry = {.passcode = PasscodeCheck::throttled, .code_given = true};
  w.tell_facts();
  CHECK(w.refused(bob, Join{}) == "passcode_throttled");
}

TEST_CASE("the events of a snapshot keep the room's secrets too; who was put out sees no more of a call that goes on") {
  RoomWorld w;
  w.open({}, PasscodeStamp(7));
  const Version before = w.call().version;
  w.must(alice, AddJoinCode{{{"c1"}, {}, 5, w.clock.now().wall + 1h}});
  w.must(alice, RemoveJoinCode{{"c1"}});
  w.must(alice, Kick{dave.user, 1h});
  w.must(alice, Unban{dave.user});
  w.must(alice, SetPasscode{PasscodeStamp(8)});
  w.bring_passcode(PasscodeCheck::right, 8);
  w.enter(bob);
  const auto seen_by = [&](const UserId& user) {
    Lines out;
    for (const CallEvent& event : snapshot(w.call(), w.log(), user, before).value().events) {
      const auto* changed = std::get_if<RoomUpdated>(&event.body);
      if (changed && changed->code) out.push_back("code");
      if (changed && changed->code_removed) out.push_back("code removed");
      if (changed && changed->banned) out.push_back("banned");
      if (changed && changed->unbanned) out.push_back("unbanned");
      if (changed && changed->passcode) out.push_back("passcode " + std::to_string(changed->passcode->value));
    }
    return out;
  };
  CHECK(seen_by(alice.user) == Lines{"code", "code removed", "banned", "unbanned", "passcode 8"});
  CHECK(seen_by(bob.user) == Lines{"passcode 1"});
  CHECK(snapshot(w.call(), w.log(), bob.user, std::nullopt)->whole->room->passcode == PasscodeStamp(1));
  w.must(alice, Kick{bob.user, {}});
  CHECK(verdict(snapshot(w.call(), w.log(), bob.user, before)) == "forbidden");
  w.must(alice, EndCall{});
  CHECK(snapshot(w.call(), w.log(), bob.user, before));
}
