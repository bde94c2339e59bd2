// What the provider is told: one test for each line of the list in service/provider.hpp, and what it must not be told.
#include "zegocall/service/provider.hpp"

#include <doctest/doctest.h>

#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

const UnixTime start = ManualClock().now().wall;
const RoomId room{"call_42"};
using Lines = std::vector<std::string>;

/// A room with so many people in it: p1, p2, ...
CallView room_of(std::uint32_t people) {
  CallView call;
  call.id = CallId("42");
  call.kind = CallKind::room;
  call.state = CallState::active;
  call.room.emplace();
  call.active_at = start;
  for (std::uint32_t i = 1; i <= people; ++i) {
    LegView& leg = call.legs.emplace_back();
    leg.number = i;
    leg.user = UserId(std::string_view("p" + std::to_string(i)));
    leg.role = LegRole::entrant;
    leg.state = LegState::joined;
    leg.joined_at = start;
  }
  call.reindex();
  return call;
}

UserId person(std::uint32_t i) { return UserId(std::string_view("p" + std::to_string(i))); }

/// The leg is over, in the call too; the event that says so.
EventBody over(CallView& call, std::uint32_t leg, LegOutcome outcome) {
  call.legs[leg - 1].state = LegState::final;
  call.legs[leg - 1].outcome = outcome;
  call.reindex();
  return LegFinal{.leg = leg, .user = call.legs[leg - 1].user, .outcome = outcome};
}

Lines told(const CallView& call, const std::vector<EventBody>& bodies, const ProviderRules& rules = {}) {
  std::vector<CallEvent> events;
  for (const EventBody& body : bodies) events.push_back({call.id, Version(events.size() + 1), start, body});
  Lines out;
  for (const ProviderCommand& command : provider_commands(call, events, room, rules)) out.push_back(to_string(command));
  return out;
}

}  // namespace

TEST_CASE("who was sent out is put out of the media room") {
  for (int i = 0; !name(static_cast<LegOutcome>(i)).empty(); ++i) {
    const auto outcome = static_cast<LegOutcome>(i);
    const std::string word(name(outcome));
    CAPTURE(word);
    const Lines lingering{"network_lost", "join_failed",  "kicked",        "banned",
                          "transferred",  "max_duration", "token_expired", "failed"};
    const bool expected = std::find(lingering.begin(), lingering.end(), word) != lingering.end();
    CallView call = room_of(2);
    const EventBody event = over(call, 1, outcome);
    CHECK(told(call, {event}) == (expected ? Lines{"kickout_user call_42 p1 " + word} : Lines{}));
  }
}

TEST_CASE("never somebody who is in with another leg, or who was never let near the room") {
  CallView call = room_of(2);
  call.legs[1].user = person(1);
  const EventBody event = over(call, 1, LegOutcome::network_lost);
  CHECK(told(call, {event}).empty());
  CallView rung = room_of(1);
  rung.legs[0].role = LegRole::callee;
  rung.legs[0].joined_at.reset();
  const EventBody failed = over(rung, 1, LegOutcome::failed);
  CHECK(told(rung, {failed}).empty());
  rung.legs[0].accepted_at = start;
  CHECK(told(rung, {failed}) == Lines{"kickout_user call_42 p1 failed"});
}

TEST_CASE("five people at a time, by reason") {
  CallView call = room_of(8);
  std::vector<EventBody> events;
  for (std::uint32_t i = 1; i <= 6; ++i) events.push_back(over(call, i, LegOutcome::kicked));
  events.push_back(over(call, 7, LegOutcome::banned));
  CHECK(told(call, events) ==
        Lines{"kickout_user call_42 p7 banned", "kickout_user call_42 p1,p2,p3,p4,p5 kicked", "kickout_user call_42 p6 kicked"});
}

TEST_CASE("at the end of a call who did not hang up is put out; of a big one the room is closed") {
  CallView small = room_of(2);
  std::vector<EventBody> events{over(small, 1, LegOutcome::completed), over(small, 2, LegOutcome::completed)};
  small.state = CallState::ended;
  events.emplace_back(CallEnded{.outcome = CallOutcome::answered, .cause = EndCause::hangup, .by = person(1)});
  CHECK(told(small, events) == Lines{"kickout_user call_42 p2 ended"});
  CHECK(told(small, events, {.clear_at_end = false}).empty());

  CallView big = room_of(7);
  events.clear();
  events.push_back(over(big, 1, LegOutcome::network_lost));
  for (std::uint32_t i = 2; i <= 7; ++i) events.push_back(over(big, i, LegOutcome::completed));
  big.state = CallState::ended;
  events.emplace_back(CallEnded{.outcome = CallOutcome::answered, .cause = EndCause::ended_by_admin});
  CHECK(told(big, events) == Lines{"close_room call_42 ended"});
}

TEST_CASE("who leaves a call that goes on is not put out") {
  CallView call = room_of(3);
  const EventBody event = over(call, 1, LegOutcome::completed);
  CHECK(told(call, {event}).empty());
}

TEST_CASE("bans are rules where the project may use them") {
  CallView call = room_of(2);
  const EventBody out = over(call, 1, LegOutcome::banned);
  RoomUpdated hour, forever, gone;
  hour.banned = Ban{.user = person(1), .by = person(2), .until = start + 1h};
  forever.banned = Ban{.user = person(1), .by = person(2), .until = {}};
  gone.banned = Ban{.user = person(1), .by = person(2), .until = start};
  CHECK(told(call, {hour, out}) == Lines{"kickout_user call_42 p1 banned"});
  const ProviderRules rules{.forbid_rules = true};
  CHECK(told(call, {hour, out}, rules) == Lines{"forbid_user call_42 p1 3600 s", "kickout_user call_42 p1 banned"});
  CHECK(told(call, {forever}, rules) == Lines{"forbid_user call_42 p1 86400 s"});
  CHECK(told(call, {gone}, rules).empty());
  CHECK(told(call, {RoomUpdated{.by = person(2), .unbanned = person(1)}}, rules) == Lines{"allow_user call_42 p1"});
}

TEST_CASE("forced mutes") {
  CallView call = room_of(1);
  MediaState& media = call.legs[0].media;
  const auto mute = [](Track track, bool lifted = false) {
    return MuteForced{.leg = 1, .user = person(1), .track = track, .lifted = lifted};
  };
  const ProviderRules rules{.forbid_rules = true};
  CHECK(told(call, {mute(Track::screen)}) == Lines{"forbid_stream call_42_p1_screensharing"});
  CHECK(told(call, {mute(Track::screen, true)}) == Lines{"resume_stream call_42_p1_screensharing"});
  media.audio_barred = true;
  CHECK(told(call, {mute(Track::audio)}).empty());
  CHECK(told(call, {mute(Track::audio)}, rules) == Lines{"bar call_42_p1_main audio"});
  media.video_barred = true;
  CHECK(told(call, {mute(Track::video)}) == Lines{"forbid_stream call_42_p1_main"});
  CHECK(told(call, {mute(Track::video)}, rules) == Lines{"bar call_42_p1_main audio video"});
  media.audio_barred = false;
  CHECK(told(call, {mute(Track::audio, true)}) == Lines{"resume_stream call_42_p1_main"});
  media.video_barred = false;
  CHECK(told(call, {mute(Track::video, true)}, rules) == Lines{"lift call_42_p1_main"});
}

TEST_CASE("a change of role stops what may not be published any more, and resumes what may") {
  CallView call = room_of(1);
  const auto change = [&](const char* role) {
    call.legs[0].room_role = RoleName(std::string_view(role));
    return RoleChanged{.leg = 1, .user = person(1), .role = call.legs[0].room_role};
  };
  const RoleChanged down = change("guest");
  CHECK(told(call, {down, TokenRevoked{.leg = 1, .user = person(1), .not_before = start}}) ==
        Lines{"forbid_stream call_42_p1_main", "forbid_stream call_42_p1_screensharing"});
  const RoleChanged up = change("speaker");
  CHECK(told(call, {up}) == Lines{"resume_stream call_42_p1_main", "resume_stream call_42_p1_screensharing"});
  call.legs[0].media.screen_barred = true;  // a mute by force outlasts a new role
  CHECK(told(call, {up}) == Lines{"resume_stream call_42_p1_main"});
}

TEST_CASE("somebody without a seat is put out, somebody with one is not") {
  CallView call = room_of(1);
  CHECK(told(call, {ReconcileCorrected{.leg = 0, .user = UserId("stranger"), .what = "joined"}}) ==
        Lines{"kickout_user call_42 stranger not_admitted"});
  CHECK(told(call, {ReconcileCorrected{.leg = 0, .user = person(1), .what = "joined"}}).empty());
  CHECK(told(call, {ReconcileCorrected{.leg = 1, .user = person(1), .what = "left"}}).empty());
}

TEST_CASE("ids that look like patterns stay as they are") {
  CallView call = room_of(1);
  call.legs[0].user = UserId("{room}");
  call.reindex();
  CHECK(told(call, {MuteForced{.leg = 1, .user = UserId("{room}"), .track = Track::screen}}) ==
        Lines{"forbid_stream call_42_{room}_screensharing"});
}

TEST_CASE("the payload of a seat's token") {
  SeatGrant grant{
      .user = UserId("bob"), .leg = 1, .role = {}, .audio = true, .video = false, .screen = false, .until = start + 1h};
  const StreamNames names;
  CHECK(rtc_room(grant, room, nullptr).value() == rtc_room(MediaRole::speaker, room, grant.user));
  CHECK(*rtc_room(grant, room, &names).value().streams == std::vector<StreamId>{StreamId("call_42_bob_main")});
  grant.screen = true;
  CHECK(rtc_room(grant, room, &names).value().streams->size() == 2);
  grant.audio = grant.screen = false;
  CHECK(rtc_room(grant, room, &names).value() == rtc_room(MediaRole::listener, room, grant.user));
  CHECK(rtc_room(grant, room, &names).value().publish == Allow::no);
  grant.audio = true;
  grant.user = UserId("b ob");
  CHECK(!rtc_room(grant, room, &names));
}
