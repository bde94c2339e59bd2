// set_recording, consent: a recording begins, where people are asked, when everybody who is in has agreed. Who lost the link
// is in: their media may still run, and they come back without being asked.
#include "base/planted_fault.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {
bool all_agree(const CallView& call, std::uint32_t more) {
  const std::uint32_t away = ZC_PLANTED(record_the_absent) ? occupancy(call).reconnecting : 0;
  return occupancy(call).consented + more + away >= occupancy(call).entered();
}
}  // namespace

Result<void> rule(const SetRecording& set, Turn& turn, const CallView& call, const LegView* leg) {
  const RoomView& room = call.room_view();
  const UserId& by = turn.by().user;
  if (set.on == (room.recording != RecordingState::off)) return {};
  if (!set.on) return turn.say(call, RecordingChanged{RecordingState::off, by}), Result<void>{};
  if (room.settings.consent == RecordingConsent::none)
    return turn.say(call, RecordingChanged{RecordingState::on, by}), Result<void>{};
  // Who asks for it agrees to it.
  const bool mine = leg && has_entered(*leg) && leg->consent != ConsentState::given;
  if (mine) turn.say(call, ConsentChanged{leg->number, by, true});
  turn.say(call, RecordingChanged{all_agree(call, mine ? 1 : 0) ? RecordingState::on : RecordingState::asked, by});
  return {};
}

/// Whoever does not agree stops the recording, also one that goes on already.
Result<void> rule(const Consent& consent, Turn& turn, const CallView& call, const LegView& leg) {
  const RoomView& room = call.room_view();
  if (!is_live(leg) || is_rung(leg)) return fail(ErrorCode::invalid_state, "you are not in the call");
  const ConsentState wanted = consent.given ? ConsentState::given : ConsentState::refused;
  if (leg.consent == wanted) return {};
  turn.say(call, ConsentChanged{leg.number, leg.user, consent.given});
  const bool asked = room.settings.consent == RecordingConsent::ask && has_entered(leg);
  if (asked && !consent.given && room.recording != RecordingState::off)
    turn.say(call, RecordingChanged{RecordingState::off, leg.user});
  if (asked && consent.given && room.recording == RecordingState::asked && all_agree(call, 1))
    turn.say(call, RecordingChanged{RecordingState::on, room.recording_by});
  return {};
}

}  // namespace zegocall::call_detail
