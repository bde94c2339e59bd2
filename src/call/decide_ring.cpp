// From the first ring to an answer: what a rung person's devices say, and the caller who gives up.
#include "call/endings.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

Unexpected answered_already() { return fail(ErrorCode::already_done, "the invitation has been answered"); }
Unexpected over(const LegView& leg) {
  return fail(ErrorCode::already_done, "your part in the call is over: " + std::string(ended_word(leg)));
}

/// Whether this device may report about the ring: it belongs to the callee, the leg still rings, and there is room.
Result<void> check_rung(const Actor& by, const LegView& leg) {
  if (leg.role == LegRole::caller) return fail(ErrorCode::forbidden, "the caller is not rung");
  switch (leg.state) {
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: return answered_already();
    case LegState::final: return over(leg);
    case LegState::invited:
    case LegState::alerting: break;
  }
  if (!by.device.empty() && !rung_device(leg, by.device) && leg.devices.size() >= CallLimits::devices_max)
    return fail_field(ErrorCode::limit_exceeded, "by.device",
                      "at most " + std::to_string(CallLimits::devices_max) + " devices are rung");
  return {};
}

/// Everybody who was waiting for the answer has `join` time to enter, and so has the one who answered.
void start_joining(Turn& turn, const CallView& call, const LegView& answering) {
  for (const LegView& leg : call.legs) {
    const bool waiting = leg.state == LegState::accepted || (leg.state == LegState::reconnecting && !answered(call));
    if (waiting || leg.number == answering.number) turn.say(call, LegJoining{leg.number, leg.user, turn.now + call.policy.join});
  }
}

void answer(Turn& turn, const CallView& call, const LegView& leg) {
  turn.say(call, LegAccepted{leg.number, leg.user, turn.by().device});
  bind(turn, call, leg, turn.by().device);
  start_joining(turn, call, leg);
}

void decline_ring(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const Ending& ending) {
  if (answered(call))
    leave_answered(turn, call, leg, outcome, ending.by, turn.by().device);
  else
    end_unanswered(turn, call, outcome, ending, turn.by().device);
}

}  // namespace

Result<void> rule(const AckDelivered&, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_rung(turn.by(), leg); !checked) return checked;
  const DeviceId& device = turn.by().device;
  const DeviceView* known = rung_device(leg, device);
  const bool news = device.empty() ? !leg.delivered : !(known && known->delivered);
  if (news) turn.say(call, LegDelivered{leg.number, leg.user, device});
  return {};
}

Result<void> rule(const AckAlerting&, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_rung(turn.by(), leg); !checked) return checked;
  const DeviceId& device = turn.by().device;
  const DeviceView* known = rung_device(leg, device);
  const bool news = device.empty() ? leg.state == LegState::invited : !(known && known->alerting);
  if (news) turn.say(call, LegAlerting{leg.number, leg.user, device});
  return {};
}

Result<void> rule(const Accept&, Turn& turn, const CallView& call, const LegView& leg) {
  if (leg.role == LegRole::caller) return fail(ErrorCode::forbidden, "the caller does not answer the own call");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: answer(turn, call, leg); return {};
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting:
      // Race rule 3: the first device has won. The winner may repeat itself, and may say which device it is.
      if (!speaks_for(turn.by().device, leg)) return fail(ErrorCode::already_done, "answered on another device");
      bind(turn, call, leg, turn.by().device);
      return {};
    case LegState::final: break;
  }
#ifdef ZEGOCALL_FAULT_ACCEPT_AFTER_CANCEL  // a planted fault; a test shows that it is caught
  return answer(turn, call, leg), Result<void>{};
#endif
  return fail(ErrorCode::invalid_state, "the invitation is over: " + std::string(ended_word(leg)));
}

Result<void> rule(const Decline& decline, Turn& turn, const CallView& call, const LegView& leg) {
  if (leg.role == LegRole::caller) return fail(ErrorCode::forbidden, "the caller cancels, callees decline");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:  // race rule 4: no on one device is no for the person
      decline_ring(turn, call, leg, decline.busy ? LegOutcome::busy : LegOutcome::declined, {turn.by().user, {}});
      return {};
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: return answered_already();  // race rule 3: not a hang-up
    case LegState::final: return over(leg);
  }
  return over(leg);
}

Result<void> rule(const Silence&, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_rung(turn.by(), leg); !checked) return checked;
  const DeviceId& device = turn.by().device;
  if (device.empty()) return fail_field(ErrorCode::invalid_argument, "by.device", "which device falls silent?");
  const DeviceView* known = rung_device(leg, device);
  if (!(known && known->outcome)) turn.say(call, DeviceDismiss{leg.number, leg.user, device, DeviceOutcome::silenced});
  return {};
}

Result<void> rule(const CancelCall& cancel, Turn& turn, const CallView& call, const LegView& leg) {
  if (call.caller != leg.user) return fail(ErrorCode::forbidden, "only the caller cancels");
  if (cancel.note.size() > CallLimits::note_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "note", "at most " + std::to_string(CallLimits::note_bytes_max) + " bytes");
  if (answered(call)) return answered_already();  // race rule 2: the answer was first
  end_unanswered(turn, call, LegOutcome::cancelled, {leg.user, cancel.note});
  return {};
}

}  // namespace zegocall::call_detail
