// Who is in charge and what they do: roles, kick, ban, mute, hands (race rule 10, I16).
#include <algorithm>

#include "call/room_world.hpp"
#include "zegocall/call/grant.hpp"

using namespace call_test;

namespace {
RoomWorld with_three() {
  RoomWorld w;
  w.form.policy.second_device = SecondDevice::replace;
  w.online(bob), w.online(carol);
  w.open();
  w.enter(bob), w.enter(carol);
  w.news();
  return w;
}
}  // namespace

TEST_CASE("the matrix: each standard role has what the one below has") {
  for (std::size_t i = 1; i < standard_roles.size(); ++i) {
    CHECK(standard_roles[i - 1].may.contains(standard_roles[i].may));
    CHECK(standard_roles[i - 1].rank < standard_roles[i].rank);
  }
  CHECK_FALSE(standard_roles[1].may.has(Capability::hand_over));
  CHECK_FALSE(standard_roles[4].may.has(Capability::mute));
  CHECK_FALSE(standard_roles[5].may.has(Capability::speak));
}

TEST_CASE("every capability is asked for where it belongs (I16)") {
  const UnixTime later = ManualClock().now().wall + 1h;
  const std::vector<std::pair<CommandBody, Capability>> all = {
      {Admit{carol.user}, Capability::admit},
      {AdmitAll{}, Capability::admit},
      {Deny{carol.user, {}}, Capability::admit},
      {Kick{carol.user, {}}, Capability::kick},
      {Unban{carol.user}, Capability::ban},
      {Mute{.user = carol.user}, Capability::mute},
      {SetRole{carol.user, RoleName("guest")}, Capability::assign_roles},
      {Lock{}, Capability::lock},
      {Unlock{}, Capability::lock},
      {SetLobby{}, Capability::lock},
      {SetPasscode{PasscodeStamp(1)}, Capability::passcode},
      {SetCapacity{5}, Capability::capacity},
      {SetMetadata{"x", {}}, Capability::metadata},
      {SetAttribute{"k", "v", {}}, Capability::metadata},
      {AddJoinCode{{{"c"}, {}, 1, later}}, Capability::join_codes},
      {RemoveJoinCode{{"c"}}, Capability::join_codes},
      {SetRecording{true}, Capability::record},
  };
  for (const auto& [body, capability] : all) {
    const std::string word(name(body));
    CAPTURE(word);
    for (const bool has : {false, true}) {
      RoomWorld w;
      w.form.settings.roles = {{RoleName("odd"), 2, {}}, {RoleName("even"), 2, {capability}}};
      w.open({{bob.user, has ? RoleName("even") : RoleName("odd")}});
      w.enter(bob), w.enter(carol);
      if (has)
        CHECK(verdict(w.handle(bob, body)) != "forbidden");
      else
        CHECK(w.refused(bob, body) == "forbidden");
    }
  }
}

TEST_CASE("kick: the re-entry stamp first, then the leg; who is kicked may come again") {
  RoomWorld w = with_three();
  CHECK(w.says(alice, Kick{bob.user, {}}) == Lines{"token.revoked bob", "leg.final bob/phone kicked by alice"});
  CHECK(w.leg(bob).not_before == w.clock.now().wall);
  w.must(bob, Join{});
  CHECK(w.refused(alice, Kick{dave.user, {}}) == "not_found user");
  CHECK(w.refused(alice, Kick{alice.user, {}}) == "invalid_argument user");
  CHECK(w.refused(alice, Kick{{}, {}}) == "invalid_argument user");
  CHECK(w.refused(alice, Kick{bob.user, 366 * 24h}) == "out_of_range ban_for");
}

TEST_CASE("a kick during grace ends the grace (race rule 10)") {
  RoomWorld w = with_three();
  w.offline(bob);
  CHECK(w.runs(Timer::reconnect_grace, 2));
  w.must(alice, Kick{bob.user, 1h});
  CHECK_FALSE(w.runs(Timer::reconnect_grace, 2));
  CHECK(w.state_of(bob) == "banned");
  w.news();
  w.online(bob);
  CHECK(w.news().empty());
  w.pass(10min);
  CHECK(w.refused(bob, Join{}) == "banned");
  w.pass(50min);
  w.must(bob, Join{});
}

TEST_CASE("a ban makes void what somebody holds who is out; with the ban that is over") {
  RoomWorld w = with_three();
  w.must(bob, Leave{});
  CHECK_FALSE(reentry_stamp(w.call(), bob.user));
  w.pass(10s);
  w.must(alice, Kick{bob.user, 1h});
  CHECK(reentry_stamp(w.call(), bob.user) == w.clock.now().wall);
  w.must(alice, Unban{bob.user});
  CHECK_FALSE(reentry_stamp(w.call(), bob.user));
}

namespace {
bool says_among(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}
}  // namespace

TEST_CASE("the host of a room transfers: whoever answers is the host, with all that hangs on it") {
  RoomWorld w;
  w.form.settings.host_policy = HostPolicy::end;
  w.open();
  w.enter(bob);
  w.news();
  w.must(alice, Transfer{carol.user});
  CHECK(w.state_of(alice) == "transferred");
  CHECK(w.call().state == CallState::active);
  CHECK(w.call().room->host == alice.user);  // until somebody is there
  w.news();
  SUBCASE("answered") {
    CHECK(says_among(w.says(carol, Accept{}), "room.updated host carol member alice cohost"));
    CHECK(w.call().room->host == carol.user);
    CHECK(w.refused(alice, Kick{bob.user, {}}) == "forbidden");
    w.must(carol, Join{});
    w.must(alice, Join{});
    CHECK(role_of(w.call(), w.leg(alice)) == "cohost");
    CHECK(w.refused(alice, Kick{carol.user, {}}) == "forbidden user");
    w.must(carol, Leave{});
    CHECK(ending(w.call()) == "answered host_left");
  }
  SUBCASE("the host is back before the answer: a room has one") {
    w.enter(alice);
    CHECK(says_among(w.says(carol, Accept{}), "role.changed carol cohost"));
    CHECK(w.call().room->host == alice.user);
    CHECK(role_of(w.call(), w.leg(carol)) == "cohost");
  }
  SUBCASE("not answered") {
    w.must(carol, Decline{});
    CHECK(w.call().room->host == alice.user);
    w.must(alice, Kick{bob.user, {}});  // a room's host also has the say from outside
  }
}

TEST_CASE("nobody acts on who is above them, or assigns a role above their own") {
  RoomWorld w = with_three();
  w.must(alice, SetRole{bob.user, RoleName("moderator")});
  CHECK(w.refused(bob, Kick{alice.user, {}}) == "forbidden user");
  CHECK(w.refused(bob, Mute{.user = alice.user, .mode = MuteMode::force}) == "forbidden user");
  CHECK(w.refused(bob, SetRole{carol.user, RoleName("speaker")}) == "forbidden");
  w.must(alice, SetRole{carol.user, RoleName("cohost")});
  CHECK(w.refused(bob, Kick{carol.user, {}}) == "forbidden user");
  CHECK(w.refused(carol, SetRole{bob.user, RoleName("host")}) == "forbidden role");
  CHECK(w.refused(carol, SetRole{alice.user, RoleName("guest")}) == "forbidden user");
  CHECK(w.refused(alice, SetRole{alice.user, RoleName("guest")}) == "invalid_state user");
  CHECK(w.refused(alice, SetRole{bob.user, RoleName("king")}) == "invalid_argument role");
  CHECK(w.refused(alice, SetRole{dave.user, RoleName("host")}) == "invalid_state user");
  CHECK(w.refused(alice, SetRole{{}, RoleName("guest")}) == "invalid_argument user");
}

TEST_CASE("a demotion takes back what the new role does not let one send") {
  RoomWorld w = with_three();
  w.must(bob, SetMedia{.audio = true});
  CHECK(w.says(alice, SetRole{bob.user, RoleName("guest")}) ==
        Lines{"room.updated member bob guest by alice", "role.changed bob guest", "token.revoked bob", "leg.media bob"});
  CHECK(w.says(alice, SetRole{bob.user, RoleName("speaker")}) ==
        Lines{"room.updated member bob speaker by alice", "role.changed bob speaker"});
  CHECK(w.says(alice, SetRole{bob.user, RoleName("speaker")}) == Lines{});
  w.must(bob, Leave{});
  w.must(bob, Join{});
  CHECK(role_of(w.call(), bob.user) == "speaker");  // it stays with the person
}

TEST_CASE("the host hands over and is co-host then") {
  RoomWorld w = with_three();
  w.must(alice, SetRole{bob.user, RoleName("host")});
  CHECK(w.call().room->host == bob.user);
  CHECK(role_of(w.call(), bob.user) == "host");
  CHECK(role_of(w.call(), alice.user) == "cohost");
  CHECK(w.call().index.counts.hosts == 1);
}

TEST_CASE("mute: asked, by force until it is lifted, and everybody but some") {
  RoomWorld w = with_three();
  CHECK(w.says(alice, Mute{.user = bob.user}) == Lines{"mute.requested bob audio"});
  w.must(bob, SetMedia{.audio = true});
  CHECK(w.says(alice, Mute{.user = bob.user, .mode = MuteMode::force}) == Lines{"mute.forced bob audio forced"});
  CHECK_FALSE(w.leg(bob).media.audio);
  CHECK(w.says(alice, Mute{.user = bob.user, .mode = MuteMode::force}) == Lines{});
  CHECK(verdict(w.handle(bob, SetMedia{.audio = true})) != "ok");
  CHECK(w.says(alice, Mute{.user = bob.user, .mode = MuteMode::lift}) == Lines{"mute.forced bob audio lifted"});
  w.must(bob, SetMedia{.audio = true});
  w.enter(dave);
  CHECK(w.says(alice, Mute{.track = Track::video, .mode = MuteMode::force, .except = {carol.user}}) ==
        Lines{"mute.forced bob video forced", "mute.forced dave video forced"});
  CHECK(w.refused(alice, Mute{.user = UserId("eve")}) == "not_found user");
}

TEST_CASE("who was muted by force stays so, whatever way they come back") {
  RoomWorld w = with_three();
  w.must(alice, Mute{.user = bob.user, .track = Track::audio, .mode = MuteMode::force});
  CHECK(w.refused(bob, SetMedia{.audio = true}) == "forbidden audio");
  SUBCASE("left and came again") {
    w.must(bob, Leave{});
    w.enter(bob);
  }
  SUBCASE("lost for too long") {
    w.offline(bob);
    w.pass(w.call().policy.reconnect_grace);
    CHECK(w.state_of(bob) == "network_lost");
    w.enter(bob);
  }
  SUBCASE("kicked, and rung again") {
    w.must(alice, Kick{.user = bob.user});
    w.must(alice, Invite{.user = bob.user});
    w.must(bob, Accept{});
    w.must(bob, Join{});
  }
  CHECK(w.refused(bob, SetMedia{.audio = true}) == "forbidden audio");
  SUBCASE("on another device") {
    w.enter(bob_laptop);
    CHECK(w.refused(bob_laptop, SetMedia{.audio = true}) == "forbidden audio");
    return;
  }
  w.must(bob, SetMedia{.video = true});  // of the rest nothing was said
  w.must(alice, Mute{.user = bob.user, .track = Track::audio, .mode = MuteMode::lift});
  w.must(bob, SetMedia{.audio = true});
}

TEST_CASE("a screen share is stopped") {
  RoomWorld w = with_three();
  w.must(bob, SetMedia{.screen = true});
  CHECK(w.call().index.counts.sharing == 1);
  w.must(alice, Mute{.user = bob.user, .track = Track::screen, .mode = MuteMode::force});
  CHECK(w.call().index.counts.sharing == 0);
}

TEST_CASE("hands go up and down, and down with the role that was asked for") {
  RoomWorld w = with_three();
  CHECK(w.says(bob, RequestRole{RoleName("speaker")}) == Lines{"hand.changed bob raised"});
  CHECK(w.says(bob, RequestRole{RoleName("speaker")}) == Lines{});
  CHECK(w.refused(bob, RequestRole{RoleName("king")}) == "invalid_argument role");
  CHECK(w.refused(carol, LowerHand{bob.user}) == "forbidden user");
  CHECK(w.says(alice, LowerHand{bob.user}) == Lines{"hand.changed bob lowered"});
  CHECK(w.says(bob, LowerHand{}) == Lines{});
  w.must(bob, RequestRole{});
  w.must(alice, SetRole{bob.user, RoleName("speaker")});
  CHECK_FALSE(w.leg(bob).hand);
  CHECK(w.refused(alice, LowerHand{dave.user}) == "not_found user");
}

TEST_CASE("moderation in a ring call: its caller is host") {
  World w;
  w.talk();
  CHECK(verdict(w.handle(bob, Mute{.user = alice.user})) == "forbidden");
  CHECK(verdict(w.handle(alice, Mute{.user = bob.user})) == "ok");
  CHECK(verdict(w.handle(alice, Kick{bob.user, 1h})) == "ok");
  CHECK(outcome(w.leg(bob)) == "banned");
  CHECK(w.call().room->host == alice.user);
  CHECK(inconsistency(w.call()).value_or("consistent") == "consistent");
}
