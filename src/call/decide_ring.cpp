// From the first ring to an answer: what a rung person's devices say, and the caller who gives up.
#include <algorithm>

#include "base/planted_fault.hpp"
#include "call/ringing.hpp"

namespace zegocall::call_detail {
namespace {

Unexpected answered_already() { return fail(ErrorCode::already_done, "the invitation has been answered"); }

/// Whether this device may report about the ring: it belongs to the callee, the leg still rings, and there is room.
Result<void> check_rung(const Actor& by, const LegView& leg) {
  if (leg.role == LegRole::caller) return fail(ErrorCode::forbidden, "the caller is not rung");
  switch (leg.state) {
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: return answered_already();
    case LegState::final: return part_is_over(ErrorCode::already_done, leg);
    case LegState::invited:
    case LegState::alerting: break;
  }
  if (!by.device.empty() && !rung_device(leg, by.device) && leg.devices.size() >= CallLimits::devices_max)
    return fail_field(ErrorCode::limit_exceeded, "by.device",
                      "at most " + std::to_string(CallLimits::devices_max) + " devices are rung");
  return {};
}

bool rings_elsewhere(const LegView& leg, const DeviceId& device) {
  return std::any_of(leg.devices.begin(), leg.devices.end(),
                     [&](const DeviceView& other) { return !other.outcome && other.device != device; });
}

/// Race rule 4: no on one device is no for the person, unless DeclinePolicy::device leaves the other ones ringing.
Result<void> decline_ring(const Decline& decline, Turn& turn, const CallView& call, const LegView& leg) {
  const DeviceId& device = turn.by().device;
  const bool others_ring = rings_elsewhere(leg, device);
  if (others_ring) turn.decides(RaceRule::declined_for_all);
  if (call.policy.decline == DeclinePolicy::device && !device.empty() && others_ring) {
    if (auto checked = check_rung(turn.by(), leg); !checked) return checked;
    const DeviceView* known = rung_device(leg, device);
    if (!(known && known->outcome)) turn.say(call, DeviceDismiss{leg.number, leg.user, device, DeviceOutcome::declined_here});
    return {};
  }
  end_ring(turn, call, leg, decline.busy ? LegOutcome::busy : LegOutcome::declined, {leg.user, {}}, device);
  return {};
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
    case LegState::alerting: return answer_ring(turn, call, leg);
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting:
      // The first device has won. The winner may repeat itself, and may say which device it is.
      if (!speaks_for(turn.by().device, leg))
        return turn.decides(RaceRule::first_device), fail(ErrorCode::already_done, "answered on another device");
      bind(turn, call, leg, turn.by().device);
      return {};
    case LegState::final: break;
  }
  if (ZC_PLANTED(accept_after_cancel)) return answer_ring(turn, call, leg);
  turn.decides(RaceRule::answered_or_over);
  return fail(ErrorCode::invalid_state, "the invitation is over: " + std::string(ended_word(leg)));
}

Result<void> rule(const Decline& decline, Turn& turn, const CallView& call, const LegView& leg) {
  if (leg.role == LegRole::caller) return fail(ErrorCode::forbidden, "the caller cancels, callees decline");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return decline_ring(decline, turn, call, leg);
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: turn.decides(RaceRule::first_device); return answered_already();  // it is not a hang-up
    case LegState::final: return part_is_over(ErrorCode::already_done, leg);
  }
  return part_is_over(ErrorCode::already_done, leg);
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
  if (auto checked = check_text(cancel.note, CallLimits::note_bytes_max, "note"); !checked) return checked;
  if (answered(call) && !ZC_PLANTED(cancel_after_answer))
    return turn.decides(RaceRule::answered_or_over), answered_already();  // the answer was first
  end_unanswered(turn, call, LegOutcome::cancelled, {leg.user, cancel.note});
  return {};
}

}  // namespace zegocall::call_detail
