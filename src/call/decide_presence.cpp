// Devices come and go, and so does the server.
#include <algorithm>

#include "base/planted_fault.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

/// Whether a leg has lost its link when this device went: it held the leg, or nobody in particular did and it was the last.
bool was_the_link(const Turn& turn, const LegView& leg) {
  return leg.device.empty() ? !has_device_online(turn.facts, leg.user) : leg.device == turn.by().device;
}

/// Grace of a caller whose call still rings is never longer than the ring.
UnixTime within_ring(const CallView& call, UnixTime until) { return std::min(until, ring_deadline(call).value_or(until)); }

void lose_link(Turn& turn, const CallView& call, const LegView& leg) {
  const UnixTime grace_end = turn.now + call.policy.reconnect_grace;
  switch (leg.state) {
    case LegState::accepted:  // a callee waits until all have answered, and then has `join` time
      if (leg.role != LegRole::caller || !was_the_link(turn, leg)) return;
      turn.say(call, LegReconnecting{leg.number, leg.user, within_ring(call, grace_end)});
      return;
    case LegState::joined:
      if (!was_the_link(turn, leg)) return;
      turn.say(call, LegReconnecting{leg.number, leg.user, grace_end});
      return;
    case LegState::invited:   // may be rung again, or on another device
    case LegState::alerting:  // likewise
    case LegState::joining:   // the join timer covers it
    case LegState::waiting:   // and here the lobby's
    case LegState::reconnecting:
    case LegState::final: return;
  }
}

void find_link(Turn& turn, const CallView& call, const LegView& leg) {
  const DeviceId& device = turn.by().device;
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: {
      const bool late = turn.now >= deadline_of(call, Timer::ring, leg.number).value_or(turn.now);
      if (leg.hidden || rung_device(leg, device) || leg.devices.size() >= CallLimits::devices_max) return;
      if (late)  // the invitation's time is over, if only just
        turn.say(call, DeviceDismiss{leg.number, leg.user, device, DeviceOutcome::expired});
      else
        turn.say(call, DeviceRing{leg.number, leg.user, device});
      return;
    }
    case LegState::reconnecting:
      // To be online is not to be in the call: an unbound leg stays unbound.
      if (speaks_for(device, leg))
        turn.say(call, LegResumed{leg.number, leg.user, takes_over(device, leg) ? device : leg.device});
      return;
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::final: return;
  }
}

/// After a restart nobody is connected: whoever was in gets time to come back, and no clock runs out before that.
void survive_restart(Turn& turn, const CallView& call, const LegView& leg) {
  const UnixTime slack_end = turn.now + (ZC_PLANTED(no_restart_slack) ? std::chrono::milliseconds(0) : call.policy.restart_slack);
  const UnixTime grace_end = std::max(turn.now + call.policy.reconnect_grace, slack_end);
  switch (leg.state) {
    case LegState::accepted:
      if (leg.role == LegRole::caller) turn.say(call, LegReconnecting{leg.number, leg.user, within_ring(call, grace_end)});
      return;
    case LegState::joined: turn.say(call, LegReconnecting{leg.number, leg.user, grace_end}); return;
    case LegState::joining:
      if (deadline_of(call, Timer::join, leg.number) < slack_end) turn.say(call, LegJoining{leg.number, leg.user, slack_end});
      return;
    case LegState::reconnecting: {
      const Timer timer = answered(call) ? Timer::reconnect_grace : Timer::caller_gone;
      const UnixTime until = answered(call) ? slack_end : within_ring(call, slack_end);
      if (deadline_of(call, timer, leg.number) < until) turn.say(call, LegReconnecting{leg.number, leg.user, until});
      return;
    }
    case LegState::invited:  // a ring goes on by its own clock, also when that has run out meanwhile
    case LegState::alerting:
    case LegState::waiting:
    case LegState::final: return;
  }
}

template <class Step>
void in_every_call_of_actor(Turn& turn, Step step) {
  for (const CallView* call : turn.calls) {
    if (call->state == CallState::ended) continue;
    if (const LegView* leg = call->live_leg_of(turn.by().user)) step(turn, *call, *leg);
  }
}

}  // namespace

Result<void> rule(const DeviceOnline&, Turn& turn) {
  in_every_call_of_actor(turn, find_link);
  return {};
}

Result<void> rule(const DeviceOffline&, Turn& turn) {
  in_every_call_of_actor(turn, lose_link);
  return {};
}

Result<void> rule(const ServerStarted&, Turn& turn, const CallView& call) {
  switch (call.state) {
    case CallState::ended: return {};
    case CallState::waiting:
    case CallState::ringing:
    case CallState::ending:
    case CallState::active: break;
  }
  for (const LegView& leg : call.legs) survive_restart(turn, call, leg);
  return {};
}

}  // namespace zegocall::call_detail
