// A clock has run out.
#include <algorithm>

#include "call/endings.hpp"
#include "call/rules.hpp"

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
  const LegOutcome outcome = leg.delivered ? LegOutcome::no_answer : LegOutcome::unreachable;
  if (answered(call))
    leave_answered(turn, call, leg, outcome);
  else
    end_unanswered(turn, call, outcome);
}

}  // namespace

Result<void> rule(const TimerFired& fired, Turn& turn, const CallView& call) {
  const Deadline& due = fired.deadline;
  // Race rule 11: (timer, leg, instant) is the generation; what the call no longer lists is stale, and what is not due waits.
  const bool listed = std::find(call.deadlines.begin(), call.deadlines.end(), due) != call.deadlines.end();
  if (!listed || turn.now < due.at) return {};
  const LegView* leg = leg_numbered(call, due.leg);
  switch (due.timer) {
    case Timer::ring: ring_is_over(turn, call, *leg); return {};
    case Timer::delivery: ring_again(turn, call, *leg); return {};
    case Timer::join: leave_answered(turn, call, *leg, LegOutcome::join_failed); return {};
    case Timer::reconnect_grace: leave_answered(turn, call, *leg, LegOutcome::network_lost); return {};
    case Timer::caller_gone: end_unanswered(turn, call, LegOutcome::cancelled); return {};
    case Timer::alone: end_alone(turn, call); return {};
    case Timer::empty: end_empty(turn, call); return {};
    case Timer::lobby:
    case Timer::host_absent:
    case Timer::max_duration:
    case Timer::warning:
    case Timer::device_lease:
    case Timer::token_renew:
    case Timer::ending:
    case Timer::no_show: return {};
  }
  return {};
}

}  // namespace zegocall::call_detail
