// A clock has run out.
#include <algorithm>

#include "base/planted_fault.hpp"
#include "call/closing.hpp"
#include "call/ringing.hpp"

namespace zegocall::call_detail {
namespace {

/// Nobody has the invitation yet: ring once more, and no third time.
void ring_again(Turn& turn, const CallView& call, const LegView& leg) {
  std::size_t rung = 0;
  for (const DeviceView& device : leg.devices) {
    if (device.outcome) continue;
    turn.say(call, DeviceRing{leg.number, leg.user, device.device, 2});
    ++rung;
  }
  if (rung == 0) turn.say(call, DeviceRing{leg.number, leg.user, {}, 2});
}

void ring_is_over(Turn& turn, const CallView& call, const LegView& leg) {
  const LegOutcome outcome = leg.delivered != ZC_PLANTED(swap_no_answer) ? LegOutcome::no_answer : LegOutcome::unreachable;
  end_ring(turn, call, leg, outcome);
}

/// A link that is not found again. Whose token ran out meanwhile could not have come back.
void grace_is_over(Turn& turn, const CallView& call, const LegView& leg) {
  const bool expired = leg.token_until && *leg.token_until <= turn.now;
  leave_answered(turn, call, leg, expired ? LegOutcome::token_expired : LegOutcome::network_lost);
}

/// The device has to have shown itself: it has a connection, or it is gone.
void check_lease(Turn& turn, const CallView& call, const LegView& leg) {
  const bool there = leg.device.empty() ? has_device_online(turn.facts, leg.user) : is_online(turn.facts, {leg.user, leg.device});
  if (there)
    turn.say(call, LegLeased{leg.number, leg.user, turn.now + call.policy.device_lease});
  else
    turn.say(call, LegReconnecting{leg.number, leg.user, turn.now + call.policy.reconnect_grace});
}

void warn(Turn& turn, const CallView& call) {
  const auto left = std::chrono::duration_cast<std::chrono::minutes>(*duration_end(call) - turn.now + std::chrono::seconds(59));
  turn.say(call, LimitWarning{left > std::chrono::minutes(1) ? 5U : 1U});
}

void host_is_absent(Turn& turn, const CallView& call) {
  const bool wants_heir = call.room->settings.host_policy == HostPolicy::hand_over;
  if (!wants_heir || !hand_over(turn, call, nullptr)) close(turn, call, EndCause::host_left);
}

}  // namespace

Result<void> rule(const TimerFired& fired, Turn& turn, const CallView& call) {
  const Deadline& due = fired.deadline;
  // Race rule 11: (timer, leg, instant) is the generation; what the call no longer lists is stale, and what is not due waits.
  const bool listed = std::find(call.deadlines.begin(), call.deadlines.end(), due) != call.deadlines.end();
  if (!listed) turn.decides(RaceRule::stale_clock);
  if ((!listed && !ZC_PLANTED(fire_stale_timer)) || turn.now < due.at) return {};
  const LegView* leg = leg_numbered(call, due.leg);
  switch (due.timer) {
    case Timer::ring: ring_is_over(turn, call, *leg); return {};
    case Timer::delivery: ring_again(turn, call, *leg); return {};
    case Timer::join: leave_answered(turn, call, *leg, LegOutcome::join_failed); return {};
    case Timer::reconnect_grace: grace_is_over(turn, call, *leg); return {};
    case Timer::caller_gone: end_unanswered(turn, call, LegOutcome::cancelled); return {};
    case Timer::alone: end_alone(turn, call); return {};
    case Timer::empty: end_empty(turn, call); return {};
    case Timer::lobby: send_out(turn, call, *leg, LegOutcome::lobby_timeout); return {};
    case Timer::host_absent: host_is_absent(turn, call); return {};
    case Timer::max_duration: close(turn, call, EndCause::max_duration); return {};
    case Timer::warning: warn(turn, call); return {};
    case Timer::device_lease: check_lease(turn, call, *leg); return {};
    case Timer::token_renew:
      turn.say(call, TokenRenewed{leg->number, leg->user, turn.now + call.policy.token_lifetime});
      return {};
    case Timer::ending: close_now(turn, call, *call.end_cause, {call.ended_by, call.end_note}); return {};
    case Timer::no_show: end_unvisited(turn, call); return {};
  }
  return {};
}

}  // namespace zegocall::call_detail
