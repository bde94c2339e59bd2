// In the call: entering, staying, leaving, hanging up.
#include "call/entry.hpp"
#include "call/ringing.hpp"

namespace zegocall::call_detail {
namespace {

/// Who holds the leg once this device has shown itself in it.
const DeviceId& holder(const LegView& leg, const DeviceId& device) {
  return leg.device.empty() || takes_over(device, leg) ? device : leg.device;
}

Result<void> enter(Turn& turn, const CallView& call, const LegView& leg, bool consent) {
  if (auto checked = check_consent(call, &leg, consent); !checked) return checked;
  if (consent && leg.consent != ConsentState::given) turn.say(call, ConsentChanged{leg.number, leg.user, true});
  bind(turn, call, leg, turn.by().device);
  turn.say(call, LegJoined{leg.number, leg.user, holder(leg, turn.by().device)});
  if (call.state == CallState::ringing || call.state == CallState::waiting) turn.say(call, CallActive{});
  return {};
}

void come_back(Turn& turn, const CallView& call, const LegView& leg) {
  bind(turn, call, leg, turn.by().device);
  turn.say(call, LegResumed{leg.number, leg.user, holder(leg, turn.by().device)});
}

/// The person comes from another device, and the policy lets them: a new leg in the old one's seat.
Result<void> replace(Turn& turn, const CallView& call, const LegView& leg) {
  if (call.legs.size() >= CallLimits::legs_max)
    return fail_field(ErrorCode::limit_exceeded, "call", "at most " + std::to_string(CallLimits::legs_max) + " entries");
  const std::uint32_t number = next_leg(call);
  finish(turn, call, leg, LegOutcome::replaced);
  turn.say(call, LegEntered{number, leg.user, turn.by().device, RoleName(role_of(call, leg))});
  if (leg.consent == ConsentState::given) turn.say(call, ConsentChanged{number, leg.user, true});
  turn.say(call, LegJoining{number, leg.user, turn.now + call.policy.join});
  return {};
}

/// Somebody who has a seat: into the media room, or back into it. Race rule 8: a ban and the end hold here too.
Result<void> take_seat(const Join& join, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto place = check_entry(turn, call, leg.user, Way::stay); !place) return unexpected(place.error());
  if (!speaks_for(turn.by().device, leg)) {
    if (call.is_room() && call.policy.second_device == SecondDevice::replace) return replace(turn, call, leg);
    return on_another_device();
  }
  if (leg.state == LegState::joining) return enter(turn, call, leg, join.consent);
  if (leg.state == LegState::reconnecting)
    come_back(turn, call, leg);
  else
    bind(turn, call, leg, turn.by().device);
  return {};
}

/// A device that is there again and again renews its lease, once half of it is over.
void renew_lease(Turn& turn, const CallView& call, const LegView& leg) {
  const auto due = deadline_of(call, Timer::device_lease, leg.number);
  if (due && *due - turn.now < call.policy.device_lease / 2)
    turn.say(call, LegLeased{leg.number, leg.user, turn.now + call.policy.device_lease});
}

/// Leaving and hanging up before an answer are the same wish: the caller cancels, a rung person declines.
void give_up(Turn& turn, const CallView& call, const LegView& leg, std::string note) {
  const Ending ending{leg.user, std::move(note)};
  if (leg.role == LegRole::caller)
    end_unanswered(turn, call, LegOutcome::cancelled, ending);
  else
    end_ring(turn, call, leg, LegOutcome::declined, ending, turn.by().device);
}

}  // namespace

Result<void> rule(const Join& join, Turn& turn, const CallView& call, const LegView* leg) {
  if (call.is_room() && (!leg || !is_live(*leg))) return enter_room(turn, call, Way::join, join.consent, {});
  switch (leg->state) {
    case LegState::invited:
    case LegState::alerting: return fail(ErrorCode::invalid_state, "accept the call before entering it");
    case LegState::accepted: return fail(ErrorCode::invalid_state, "nobody has answered yet");
    case LegState::waiting: return {};  // in the lobby already
    case LegState::final: return part_is_over(ErrorCode::invalid_state, *leg);
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: break;
  }
  if (!answered(call)) return fail(ErrorCode::invalid_state, "nobody has answered yet");
  return take_seat(join, turn, call, *leg);
}

Result<void> rule(const Leave&, Turn& turn, const CallView& call, const LegView& leg) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted: give_up(turn, call, leg, {}); return {};
    case LegState::joining:
    case LegState::joined:  // a forgotten tab that closes does not take the person out of the call
      if (!speaks_for(turn.by().device, leg)) return on_another_device();
      break;
    case LegState::waiting:
    case LegState::reconnecting: break;  // the device that held the leg is gone: any other one may say so
    case LegState::final: return part_is_over(ErrorCode::already_done, leg);
  }
  if (answered(call))
    leave_answered(turn, call, leg, LegOutcome::completed, leg.user);
  else
    give_up(turn, call, leg, {});
  return {};
}

Result<void> rule(const EndCall& end, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_text(end.note, CallLimits::note_bytes_max, "note"); !checked) return checked;
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted: give_up(turn, call, leg, end.note); return {};
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: break;
    case LegState::final: return part_is_over(ErrorCode::already_done, leg);
  }
  const bool two_people = !call.is_room() && occupancy(call).live <= 2;  // each may hang up
  if (!two_people && !may(call, leg.user, Capability::end_call))
    return fail(ErrorCode::forbidden, "needs the right: " + std::string(name(Capability::end_call)) + "; leave instead");
  if (answered(call))
    hang_up(turn, call, {leg.user, end.note});
  else
    give_up(turn, call, leg, end.note);
  return {};
}

/// Never refused while the call lives: a device may say again and again that it is there.
Result<void> rule(const Heartbeat&, Turn& turn, const CallView& call, const LegView& leg) {
  if (!speaks_for(turn.by().device, leg)) return {};
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::waiting:
    case LegState::final: return {};
    case LegState::reconnecting: come_back(turn, call, leg); return {};
    case LegState::accepted:
    case LegState::joining: bind(turn, call, leg, turn.by().device); return {};
    case LegState::joined:
      bind(turn, call, leg, turn.by().device);
      renew_lease(turn, call, leg);
      return {};
  }
  return {};
}

}  // namespace zegocall::call_detail
