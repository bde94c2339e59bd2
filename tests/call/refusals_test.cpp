// Every refusal of the call model, once each: it is given, it says why, and neither version nor state moved.
#include <set>

#include "call/room_world.hpp"

using namespace call_test;

namespace {

/// Sets the stage, then returns who asks for what.
struct Refusal {
  ErrorCode code;
  const char* why;  ///< a part of what is said; "": the word says it all
  std::pair<Actor, CommandBody> (*asked)(RoomWorld&);
};

using Asked = std::pair<Actor, CommandBody>;

Asked to_a_full_room(RoomWorld& w) {
  w.form.settings.capacity = 1;
  w.open();
  return {bob, Join{}};
}
Asked to_a_locked_room(RoomWorld& w) {
  w.open();
  w.must(alice, Lock{});
  return {bob, Join{}};
}
Asked without_the_passcode(RoomWorld& w) {
  w.make({}, PasscodeStamp(1));
  return {bob, Join{}};
}
Asked with_a_wrong_passcode(RoomWorld& w) {
  w.make({}, PasscodeStamp(1));
  w.bring_passcode(PasscodeCheck::wrong, 1);
  return {bob, Join{}};
}
Asked with_an_old_passcode(RoomWorld& w) {
  w.make({}, PasscodeStamp(2));
  w.bring_passcode(PasscodeCheck::right, 1);
  return {bob, Join{}};
}
Asked after_many_wrong_ones(RoomWorld& w) {
  w.make({}, PasscodeStamp(1));
  w.bring_passcode(PasscodeCheck::throttled);
  return {bob, Join{}};
}
Asked without_an_invitation(RoomWorld& w) {
  w.form.settings.type = RoomType::invited_only;
  w.open();
  return {bob, Join{}};
}
Asked with_a_bad_code(RoomWorld& w) {
  w.form.settings.type = RoomType::invited_only;
  w.open();
  w.bring_code(JoinCodeId("nobody knows it"));
  return {bob, Join{}};
}
Asked banned(RoomWorld& w) {
  w.open();
  w.enter(bob);
  w.must(alice, Kick{bob.user, 10min});
  return {bob, Join{}};
}
Asked banned_for_good(RoomWorld& w) {
  w.open();
  w.must(alice, Kick{bob.user, 0s});
  return {bob, Knock{}};
}
Asked after_the_end(RoomWorld& w) {
  w.open();
  w.must(alice, EndCall{});
  w.pass(20s);
  return {bob, Join{}};
}
Asked too_early(RoomWorld& w) {
  w.form.settings.schedule = Schedule{w.clock.now().wall + 16min, 15min};
  w.make();
  return {bob, Join{}};
}
Asked by_a_stranger(RoomWorld& w) {
  w.ring();
  return {carol, Accept{}};
}
Asked without_the_capability(RoomWorld& w) {
  w.open();
  w.enter(bob);
  return {bob, Lock{}};
}
Asked against_somebody_above(RoomWorld& w) {
  w.open({{bob.user, RoleName("moderator")}, {carol.user, RoleName("cohost")}});
  w.enter(bob);
  w.enter(carol);
  return {bob, Kick{carol.user, std::nullopt}};
}
Asked accept_after_the_cancel(RoomWorld& w) {
  w.ring();
  w.must(alice, CancelCall{});
  return {bob, Accept{}};
}
Asked hold_before_the_answer(RoomWorld& w) {
  w.ring();
  return {bob, Hold{}};
}
Asked cancel_after_the_answer(RoomWorld& w) {
  w.answer();
  return {alice, CancelCall{}};
}
Asked second_device_after_the_answer(RoomWorld& w) {
  w.answer();
  return {bob_laptop, Accept{}};
}
Asked metadata_of_before(RoomWorld& w) {
  w.open();
  w.must(alice, SetMetadata{"one", {}});
  return {alice, SetMetadata{"two", 0}};
}

const Refusal refusals[] = {
    {ErrorCode::room_full, "1 seats", to_a_full_room},
    {ErrorCode::room_locked, "", to_a_locked_room},
    {ErrorCode::passcode_required, "", without_the_passcode},
    {ErrorCode::passcode_wrong, "", with_a_wrong_passcode},
    {ErrorCode::passcode_wrong, "changed", with_an_old_passcode},
    {ErrorCode::passcode_throttled, "too many", after_many_wrong_ones},
    {ErrorCode::not_invited, "knock", without_an_invitation},
    {ErrorCode::not_invited, "code", with_a_bad_code},
    {ErrorCode::banned, "until 20", banned},
    {ErrorCode::banned, "as long as", banned_for_good},
    {ErrorCode::room_ended, "ended", after_the_end},
    {ErrorCode::not_started, "opens at 20", too_early},
    {ErrorCode::forbidden, "not a member", by_a_stranger},
    {ErrorCode::forbidden, "", without_the_capability},
    {ErrorCode::forbidden, "", against_somebody_above},
    {ErrorCode::stale_version, "", metadata_of_before},
    {ErrorCode::invalid_state, "cancelled", accept_after_the_cancel},
    {ErrorCode::invalid_state, "", hold_before_the_answer},
    {ErrorCode::already_done, "", cancel_after_the_answer},
    {ErrorCode::already_done, "", second_device_after_the_answer},
};

}  // namespace

TEST_CASE("each refusal is given, says why, and moves neither version nor state") {
  for (const Refusal& each : refusals) {
    RoomWorld w;
    const auto [by, body] = each.asked(w);
    const std::string word(name(each.code));
    CAPTURE(word);
    CAPTURE(std::string(name(body)));
    w.news();
    const CallView before = w.call();
    const auto deadline = w.engine.deadline();
    for (int times = 0; times < 2; ++times) {  // asking again changes nothing either
      const auto answer = w.handle(by, body);
      REQUIRE_FALSE(answer);
      CHECK(name(answer.error().code) == word);
      CHECK((answer.error().field + " " + answer.error().detail).find(each.why) != std::string::npos);
      CHECK(w.news().empty());
      CHECK(w.call() == before);
      CHECK(w.call().version == before.version);
      CHECK(w.engine.deadline() == deadline);
    }
  }
}

TEST_CASE("an expectation of another version is refused, one of the present version is not") {
  RoomWorld w;
  w.open();
  const Version now = w.call().version;
  const CallView before = w.call();
  for (const Version wrong : {Version(now.value - 1), Version(now.value + 1), Version(0)}) {
    const auto answer = w.give({CommandId("v" + std::to_string(wrong.value)), alice, the_call, Lock{}, wrong});
    CHECK(verdict(answer).starts_with("stale_version"));
    CHECK(answer.error().detail.find(std::to_string(now.value)) != std::string::npos);
    CHECK(w.call() == before);
  }
  CHECK(verdict(w.give({CommandId("now"), alice, the_call, Lock{}, now})) == "ok");
}

TEST_CASE("a call that is refused comes not to be: busy, and called too often") {
  SUBCASE("the caller sits in a call") {
    World w;
    w.talk();
    const auto answer = w.handle(alice, StartCall{{carol.user}}, CallId("second"));
    CHECK(verdict(answer) == "busy caller");
    CHECK(answer.error().detail.find("42") != std::string::npos);
    CHECK_FALSE(w.engine.find(CallId("second")));
  }
  SUBCASE("the callee does") {
    World w;
    w.talk();
    const auto answer = w.handle(carol, StartCall{{bob.user}}, CallId("second"));
    CHECK(verdict(answer) == "busy callees.0");
    CHECK_FALSE(w.engine.find(CallId("second")));
  }
  SUBCASE("too many calls") {
    RoomWorld w;
    w.facts.caller_waits_until = w.clock.now().wall + 30s;
    w.tell_facts();
    const auto answer = w.handle(alice, StartCall{{bob.user}});
    CHECK(verdict(answer) == "rate_limited caller");
    CHECK(answer.error().detail.find("30 s") != std::string::npos);
    CHECK_FALSE(w.engine.find(the_call));
    w.clock.advance(30s);
    CHECK(verdict(w.handle(alice, StartCall{{bob.user}})) == "ok");
  }
  SUBCASE("too many rings from within a call") {
    RoomWorld w;
    w.open();
    w.facts.caller_waits_until = w.clock.now().wall + 30s;
    w.tell_facts();
    CHECK(w.refused(alice, Invite{bob.user, {}, true}) == "rate_limited caller");
    CHECK(verdict(w.handle(alice, Invite{bob.user, {}, false})) == "ok");  // rings nobody
  }
}
