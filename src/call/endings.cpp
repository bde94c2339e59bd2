#include "call/endings.hpp"

#include "base/planted_fault.hpp"
#include "call/closing.hpp"

namespace zegocall::call_detail {
namespace {

/// What the devices that still ring are told when their leg ends. A leg that was accepted from nowhere in particular and
/// never got bound was answered, just not by them.
DeviceOutcome told_at_end(const LegView& leg, LegOutcome outcome) {
  if (!is_rung(leg)) return DeviceOutcome::answered_elsewhere;
  switch (outcome) {
    case LegOutcome::declined: return DeviceOutcome::declined_elsewhere;
    case LegOutcome::busy: return DeviceOutcome::busy_elsewhere;
    case LegOutcome::no_answer:
    case LegOutcome::unreachable: return DeviceOutcome::expired;
    case LegOutcome::superseded: return DeviceOutcome::superseded;
    case LegOutcome::completed:
    case LegOutcome::cancelled:
    case LegOutcome::join_failed:
    case LegOutcome::network_lost:
    case LegOutcome::blocked:
    case LegOutcome::dnd:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout:
    case LegOutcome::replaced:
    case LegOutcome::transferred:
    case LegOutcome::max_duration:
    case LegOutcome::token_expired:
    case LegOutcome::failed: return DeviceOutcome::cancelled;
  }
  return DeviceOutcome::cancelled;
}

/// Of a ring that nobody was to hear, the leg says why; the call does not.
LegOutcome own_word(const LegView& leg, LegOutcome outcome) {
  if (!leg.hidden || outcome != LegOutcome::unreachable) return outcome;
  return leg.blocked ? LegOutcome::blocked : LegOutcome::dnd;
}

CallOutcome same_word(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::declined: return CallOutcome::declined;
    case LegOutcome::busy: return CallOutcome::busy;
    case LegOutcome::no_answer: return CallOutcome::no_answer;
    case LegOutcome::unreachable: return CallOutcome::unreachable;
    case LegOutcome::cancelled: return CallOutcome::cancelled;
    case LegOutcome::blocked:
    case LegOutcome::dnd: return CallOutcome::unreachable;  // I18: the caller is not told
    case LegOutcome::completed:
    case LegOutcome::join_failed:
    case LegOutcome::network_lost:
    case LegOutcome::superseded:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout:
    case LegOutcome::replaced:
    case LegOutcome::transferred:
    case LegOutcome::max_duration:
    case LegOutcome::token_expired:
    case LegOutcome::failed: return CallOutcome::failed;
  }
  return CallOutcome::failed;
}

/// The cause of a call that nobody ended for all: what the last one in it did.
EndCause cause_of(LegOutcome last) {
  switch (last) {
    case LegOutcome::join_failed:
    case LegOutcome::token_expired:
    case LegOutcome::failed:
    case LegOutcome::network_lost: return EndCause::network_lost;
    case LegOutcome::max_duration: return EndCause::max_duration;
    case LegOutcome::completed:
    case LegOutcome::declined:
    case LegOutcome::busy:
    case LegOutcome::no_answer:
    case LegOutcome::unreachable:
    case LegOutcome::superseded:
    case LegOutcome::blocked:
    case LegOutcome::dnd:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout:
    case LegOutcome::replaced:
    case LegOutcome::transferred:
    case LegOutcome::cancelled: return EndCause::last_left;
  }
  return EndCause::last_left;
}

/// call.ended of an answered call: one that nobody ever joined has failed, and a failure has no cause.
void say_ended(Turn& turn, const CallView& call, EndCause cause, const UserId& by = {}) {
  if (call.state == CallState::ending)
    turn.say(call, CallEnded{CallOutcome::answered, call.end_cause, call.ended_by, call.end_note, {}});
  else if (call.active_at)
    turn.say(call, CallEnded{CallOutcome::answered, cause, by, {}});
  else
    turn.say(call, CallEnded{CallOutcome::failed, std::nullopt, by, {}});
}

}  // namespace

void finish(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const DeviceId& acting, const UserId& by) {
  const DeviceView* known = rung_device(leg, acting);
  // Of a leg that somebody took without naming a device, the acting one hears what the others hear.
  const bool declines = !acting.empty() && is_rung(leg);
  if (declines && !(known && known->outcome) && (known || leg.devices.size() < CallLimits::devices_max))
    turn.say(call, DeviceDismiss{leg.number, leg.user, acting, DeviceOutcome::declined_here});
  for (const DeviceView& device : leg.devices)
    if (!device.outcome && !(declines && device.device == acting) && !ZC_PLANTED(forget_device_outcome))
      turn.say(call, DeviceDismiss{leg.number, leg.user, device.device, told_at_end(leg, outcome)});
  turn.say(call, LegFinal{leg.number, leg.user, acting.empty() ? leg.device : acting, own_word(leg, outcome), by});
}

void end_unanswered(Turn& turn, const CallView& call, LegOutcome outcome, const Ending& ending, const LastRing& last) {
  for (const LegView& leg : call.legs) {
    const bool is_last = &leg == last.leg;
    if (!is_live(leg) || (is_last && last.said)) continue;
    const bool shares = !last.leg || leg.role == LegRole::caller;
    finish(turn, call, leg,
           is_last  ? last.outcome
           : shares ? outcome
                    : LegOutcome::cancelled,
           is_last ? last.acting : DeviceId{});
  }
  turn.say(call, CallEnded{same_word(outcome), std::nullopt, ending.by, ending.note, {}});
}

void hang_up(Turn& turn, const CallView& call, const Ending& ending) {
  if (call.is_room()) return close(turn, call, EndCause::ended_by_host, ending);
  if (call.policy.ending.count() > 0 && call.active_at) return close(turn, call, EndCause::hangup, ending);
  for (const LegView& leg : call.legs)
    if (is_live(leg)) finish(turn, call, leg, is_rung(leg) ? LegOutcome::cancelled : LegOutcome::completed);
  turn.say(call, CallEnded{CallOutcome::answered, EndCause::hangup, ending.by, ending.note});
}

void leave_answered(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by,
                    const DeviceId& acting) {
  if (call.is_room()) return leave_room(turn, call, leg, outcome, by, acting);
  finish(turn, call, leg, outcome, acting, by == leg.user ? UserId{} : by);
  const Occupancy& count = occupancy(call);
  if (count.live - count.rung > (is_rung(leg) ? 0U : 1U)) return;
  for (const LegView& other : call.legs)
    if (other.number != leg.number && is_live(other)) finish(turn, call, other, LegOutcome::cancelled);
  say_ended(turn, call, cause_of(outcome), by);
}

void end_alone(Turn& turn, const CallView& call) {
  for (const LegView& leg : call.legs)
    if (is_live(leg)) finish(turn, call, leg, LegOutcome::completed);
  say_ended(turn, call, EndCause::alone_timeout);
}

void end_empty(Turn& turn, const CallView& call) {
  if (call.state == CallState::waiting) return end_unvisited(turn, call);
  const bool nobody = occupancy(call).live == 0;
  for (const LegView& leg : call.legs) {
    switch (leg.state) {
      case LegState::invited:
      case LegState::alerting: finish(turn, call, leg, LegOutcome::cancelled); break;
      case LegState::accepted:
      case LegState::joining: finish(turn, call, leg, LegOutcome::join_failed); break;
      case LegState::waiting: finish(turn, call, leg, LegOutcome::lobby_timeout); break;
      case LegState::joined:
      case LegState::reconnecting: finish(turn, call, leg, LegOutcome::network_lost); break;
      case LegState::final: break;
    }
  }
  say_ended(turn, call, nobody ? EndCause::last_left : EndCause::network_lost);
}

void end_for_recall(Turn& turn, const CallView& call, const UserId& caller) {
  for (const LegView& leg : call.legs) {
    if (!is_live(leg)) continue;
    const LegOutcome theirs = is_rung(leg) ? LegOutcome::cancelled : LegOutcome::completed;
    finish(turn, call, leg, leg.user == caller ? LegOutcome::network_lost : theirs);
  }
  say_ended(turn, call, EndCause::network_lost);
}

Unexpected on_another_device() { return fail(ErrorCode::already_done, "another device of yours is in the call"); }
Unexpected part_is_over(ErrorCode code, const LegView& leg) {
  return fail(code, "your part in the call is over: " + std::string(ended_word(leg)));
}

std::string_view ended_word(const CallView& call) { return call.outcome ? name(*call.outcome) : name(call.state); }
std::string_view ended_word(const LegView& leg) { return leg.outcome ? name(*leg.outcome) : name(leg.state); }

}  // namespace zegocall::call_detail
