// hold, resume, switch_device, transfer: what somebody who is in does with their own part.
#include "call/ringing.hpp"

namespace zegocall::call_detail {
namespace {

Result<void> check_joined(const LegView& leg, const DeviceId& device) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining: return fail(ErrorCode::invalid_state, "enter the call first");
    case LegState::reconnecting: return fail(ErrorCode::invalid_state, "come back into the call first");
    case LegState::final: return part_is_over(ErrorCode::invalid_state, leg);
    case LegState::joined: break;
  }
  if (!speaks_for(device, leg)) return on_another_device();
  return {};
}

/// A person has one seat: the call that they are in meanwhile is held in its turn, or they have to leave it first.
Result<void> free_seat(Turn& turn, const CallView& call, const UserId& user) {
  if (call.policy.busy == BusyPolicy::allow) return {};
  for (const CallView* other : turn.calls) {
    if (other->id == call.id || other->state == CallState::ended) continue;
    const LegView* leg = other->live_leg_of(user);
    if (!leg || !holds_seat(*other, *leg)) continue;
    if (leg->state != LegState::joined || !call.policy.hold_own_call) return sits_elsewhere("by.user", user, *other);
    turn.say(*other, LegHeld{leg->number, leg->user, true});
  }
  return {};
}

bool somebody_stays(const CallView& call, const LegView& leg) {
  for (const LegView& other : call.legs)
    if (other.number != leg.number && is_live(other) && !is_rung(other) && other.state != LegState::waiting) return true;
  return false;
}

}  // namespace

Result<void> rule(const Hold&, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_joined(leg, turn.by().device); !checked) return checked;
  if (!leg.on_hold) turn.say(call, LegHeld{leg.number, leg.user, true});
  return {};
}

Result<void> rule(const Resume&, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_joined(leg, turn.by().device); !checked) return checked;
  if (!leg.on_hold) return {};
  if (auto freed = free_seat(turn, call, leg.user); !freed) return freed;
  turn.say(call, LegHeld{leg.number, leg.user, false});
  return {};
}

/// The leg stays the same one, so I3 and I4 hold: what was forced or agreed to goes with it. Whoever lost the link on the
/// old device is back on the new one.
Result<void> rule(const SwitchDevice&, Turn& turn, const CallView& call, const LegView& leg) {
  const DeviceId& device = turn.by().device;
  if (device.empty()) return fail_field(ErrorCode::invalid_argument, "by.device", "which device takes over?");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return fail(ErrorCode::invalid_state, "accept the call on this device");
    case LegState::waiting:
    case LegState::accepted: return fail(ErrorCode::invalid_state, "you are not in yet");
    case LegState::final: return part_is_over(ErrorCode::invalid_state, leg);
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: break;
  }
  if (!answered(call)) return fail(ErrorCode::invalid_state, "nobody has answered yet");
  if (leg.device.empty())
    bind(turn, call, leg, device);
  else if (leg.device != device)
    turn.say(call, LegMoved{leg.number, leg.user, device});
  if (leg.state == LegState::reconnecting) turn.say(call, LegResumed{leg.number, leg.user, device});
  return {};
}

/// Blind: the actor is gone as soon as `to` is rung, in the actor's role, and does not come back if `to` does not answer.
/// Those who stay are then alone, with the `alone` clock and the right to invite.
Result<void> rule(const Transfer& transfer, Turn& turn, const CallView& call, const LegView& leg) {
  if (transfer.to.empty() || transfer.to == leg.user)
    return fail_field(ErrorCode::invalid_argument, "to", "must name somebody else");
  if (auto checked = check_text(transfer.to.view(), CallLimits::id_bytes_max, "to"); !checked) return checked;
  if (auto checked = check_joined(leg, turn.by().device); !checked) return checked;
  if (!may(call, leg.user, Capability::transfer)) return fail(ErrorCode::forbidden, "needs the right: transfer");
  if (!somebody_stays(call, leg)) return fail(ErrorCode::invalid_state, "nobody is there to be handed over");
  auto reach = check_invitable(turn, call, "to", transfer.to);
  if (!reach) return Unexpected{reach.error()};
  ring(turn, call, {next_leg(call), transfer.to, leg.user, RoleName(role_of(call, leg))}, *reach, call.policy);
  leave_answered(turn, call, leg, LegOutcome::transferred, leg.user);
  return {};
}

}  // namespace zegocall::call_detail
