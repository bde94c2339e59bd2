// Grants: who gets one, what is in it, how long it lasts (I8), and when tokens are void or due.
#include "zegocall/call/grant.hpp"

#include "call/script.hpp"

using namespace call_test;

namespace {

std::string says(const CallView& call, const UserId& user, UnixTime now = start) {
  return verdict(grant_of(call, user, now, 2h));
}

/// A room with bob in this state, as a participant.
CallView room_with(LegState state) {
  CallView call;
  call.id = the_call;
  call.kind = CallKind::room;
  call.state = CallState::active;
  call.room.emplace();
  call.created_at = start;
  call.active_at = start;
  call.legs = {{.number = 1, .user = bob.user, .role = LegRole::entrant, .state = state, .device = bob.device}};
  if (state == LegState::final) call.legs[0].outcome = LegOutcome::completed;
  call.reindex();
  return call;
}

}  // namespace

TEST_CASE("who has a seat gets a grant, nobody else") {
  struct Row {
    LegState state;
    const char* room;
    const char* ring;
  };
  const Row rows[] = {{LegState::invited, "invalid_state call", "invalid_state call"},
                      {LegState::alerting, "invalid_state call", "invalid_state call"},
                      {LegState::accepted, "invalid_state call", "ok"},
                      {LegState::joining, "ok", "ok"},
                      {LegState::joined, "ok", "ok"},
                      {LegState::reconnecting, "ok", "ok"},
                      {LegState::final, "invalid_state call", "invalid_state call"},
                      {LegState::waiting, "invalid_state call", "invalid_state call"}};
  int states = 0;
  while (!name(static_cast<LegState>(states)).empty()) ++states;
  REQUIRE(states == std::size(rows));
  for (const Row& row : rows) {
    CAPTURE(name(row.state));
    CallView call = room_with(row.state);
    CHECK(says(call, bob.user) == row.room);
    CHECK(says(call, carol.user) == "forbidden");
    call.kind = CallKind::ring;
    CHECK(says(call, bob.user) == row.ring);
    call.state = CallState::ended;
    CHECK(says(call, bob.user) == "invalid_state call");
    call.kind = CallKind::room;
    CHECK(says(call, bob.user) == "room_ended call");
    call.state = CallState::ending;
    CHECK(says(call, bob.user) == "room_ended call");
  }
}

TEST_CASE("a ban holds whatever seat there is") {
  CallView call = room_with(LegState::joined);
  call.room->bans = {{.user = bob.user, .by = alice.user, .until = start + 1min}};
  CHECK(says(call, bob.user) == "banned");
  CHECK(says(call, bob.user, start + 1min) == "ok");
}

TEST_CASE("what may be published follows from the role") {
  CallView call = room_with(LegState::joined);
  const auto grant = [&](const char* role) {
    call.legs[0].room_role = RoleName(std::string_view(role));
    return grant_of(call, bob.user, start, 2h).value();
  };
  CHECK(grant("participant").audio);
  CHECK(grant("participant").screen);
  CHECK(grant("participant").role == RoleName("participant"));
  CHECK(!grant("guest").may_publish());
  call.room->settings.roles = {{.name = RoleName("singer"), .may = {Capability::speak}}};
  CHECK(grant("singer").audio);
  CHECK(!grant("singer").video);
  CHECK(!grant("singer").screen);
  CHECK(grant("singer").may_publish());
  CHECK(grant("singer").leg == 1);
}

TEST_CASE("what was muted by force may not be published until it is lifted") {
  CallView call = room_with(LegState::joined);
  call.legs[0].media.audio_barred = true;
  const auto granted = [&] { return grant_of(call, bob.user, start, 2h).value(); };
  CHECK_FALSE(granted().audio);
  CHECK(granted().video);
  CHECK(granted().may_publish());
  call.legs[0].media.video_barred = call.legs[0].media.screen_barred = true;
  CHECK_FALSE(granted().may_publish());
  call.legs[0].media = {};
  CHECK(granted().audio);
}

TEST_CASE("the shortest end wins") {
  CallView call = room_with(LegState::joined);
  const auto until = [&](UnixTime now) { return grant_of(call, bob.user, now, 2h).value().until; };
  CHECK(until(start) == start + 2h);
  call.policy.max_duration = 30min;
  CHECK(until(start + 10min) == start + 30min);
  CHECK(says(call, bob.user, start + 30min - 999ms) == "invalid_state token");
  CHECK(says(call, bob.user, start + 30min - 1s) == "ok");
  call.policy.token_lifetime = 10min;
  CHECK(until(start) == start + 10min);
  call.legs[0].token_until = start + 5min;
  CHECK(until(start + 1min) == start + 5min);
  CHECK(says(call, bob.user, start + 5min) == "invalid_state token");
}

TEST_CASE("the re-entry stamp makes older tokens void and holds for the next leg") {
  CallView call = room_with(LegState::final);
  CHECK(!reentry_stamp(call, bob.user).has_value());
  call.legs[0].not_before = start + 300ms;
  CHECK(reentry_stamp(call, bob.user) == start + 1s);
  call.legs.push_back({.number = 2, .user = bob.user, .role = LegRole::entrant, .state = LegState::joining});
  call.reindex();
  CHECK(says(call, bob.user, start + 999ms) == "rate_limited not_before");
  CHECK(says(call, bob.user, start + 1s) == "ok");
  call.legs[1].not_before = start + 5s;
  CHECK(reentry_stamp(call, bob.user) == start + 5s);
  CHECK(!reentry_stamp(call, carol.user).has_value());
}

TEST_CASE("renewals are due 90 s before the end, of those who have a seat") {
  CallView call = room_with(LegState::joined);
  CHECK(renewals_due(call, start + 24h).empty());
  call.policy.token_lifetime = 10min;
  call.legs[0].token_until = start + 10min;
  CHECK(renewals_due(call, start + 10min - 90s - 1ms).empty());
  CHECK(renewals_due(call, start + 10min - 90s) == std::vector<std::uint32_t>{1});
  CHECK(renewals_due(call, start + 11min) == std::vector<std::uint32_t>{1});
  call.legs[0].state = LegState::waiting;
  CHECK(renewals_due(call, start + 11min).empty());
  call.legs[0].state = LegState::joined;
  call.state = CallState::ending;
  CHECK(renewals_due(call, start + 11min).empty());
}

TEST_CASE("over the engine's calls: only who was let in, and never past the call") {
  int granted = 0, refused = 0;
  check_property("I8", [&] {
    Script script(*presses());
    for (const auto& [id, log] : script.logs()) {
      CallView call;
      for (const CallEvent& event : log) {
        apply(call, event);
        for (const char* person : {"alice", "bob", "carol"}) {
          const UserId user{std::string_view(person)};
          const auto grant = grant_of(call, user, event.at, 1h);
          const LegView* leg = call.live_leg_of(user);
          const bool seated = leg && leg->accepted_at && leg->state != LegState::final;
          RC_ASSERT(grant.has_value() == (seated && call.state != CallState::ended));
          grant ? ++granted : ++refused;
          if (!grant) continue;
          RC_ASSERT(grant->leg == leg->number);
          RC_ASSERT(grant->until <= event.at + 1h);
          RC_ASSERT(grant->until > event.at);
        }
      }
    }
  });
  CHECK(granted > 100);
  CHECK(refused > 100);
}
