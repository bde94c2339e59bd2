// In the call: entering, staying, leaving, hanging up.
#include "call/endings.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

Unexpected other_device() { return fail(ErrorCode::already_done, "another device of yours is in the call"); }
Unexpected over(ErrorCode code, const LegView& leg) {
  return fail(code, "your part in the call is over: " + std::string(ended_word(leg)));
}

/// Who holds the leg once this device has shown itself in it.
const DeviceId& holder(const LegView& leg, const DeviceId& device) { return leg.device.empty() ? device : leg.device; }

void enter(Turn& turn, const CallView& call, const LegView& leg) {
  bind(turn, call, leg, turn.by().device);
  turn.say(call, LegJoined{leg.number, leg.user, holder(leg, turn.by().device)});
  if (call.state == CallState::ringing) turn.say(call, CallActive{});
}

void come_back(Turn& turn, const CallView& call, const LegView& leg) {
  bind(turn, call, leg, turn.by().device);
  turn.say(call, LegResumed{leg.number, leg.user, holder(leg, turn.by().device)});
}

/// Leaving and hanging up before an answer are the same wish: the caller cancels, a rung person declines.
void give_up(Turn& turn, const CallView& call, const LegView& leg, std::string note) {
  const Ending ending{leg.user, std::move(note)};
  if (leg.role == LegRole::caller)
    end_unanswered(turn, call, LegOutcome::cancelled, ending);
  else if (answered(call))
    leave_answered(turn, call, leg, LegOutcome::declined, ending.by, turn.by().device);
  else
    end_unanswered(turn, call, LegOutcome::declined, ending, turn.by().device);
}

}  // namespace

Result<void> rule(const Join&, Turn& turn, const CallView& call, const LegView* mine) {
  if (!mine) return fail(ErrorCode::invalid_state, "not decided yet");
  const LegView& leg = *mine;
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return fail(ErrorCode::invalid_state, "accept the call before entering it");
    case LegState::accepted: return fail(ErrorCode::invalid_state, "nobody has answered yet");
    case LegState::waiting: return {};
    case LegState::final: return over(ErrorCode::invalid_state, leg);
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: break;
  }
  if (!answered(call)) return fail(ErrorCode::invalid_state, "nobody has answered yet");
  if (!speaks_for(turn.by().device, leg)) return other_device();
  if (leg.state == LegState::joining)
    enter(turn, call, leg);
  else if (leg.state == LegState::reconnecting)
    come_back(turn, call, leg);
  else
    bind(turn, call, leg, turn.by().device);
  return {};
}

Result<void> rule(const Leave&, Turn& turn, const CallView& call, const LegView& leg) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted: give_up(turn, call, leg, {}); return {};
    case LegState::joining:
    case LegState::joined:  // a forgotten tab that closes does not take the person out of the call
      if (!speaks_for(turn.by().device, leg)) return other_device();
      break;
    case LegState::waiting:
    case LegState::reconnecting: break;  // the device that held the leg is gone: any other one may say so
    case LegState::final: return over(ErrorCode::already_done, leg);
  }
  if (answered(call))
    leave_answered(turn, call, leg, LegOutcome::completed, leg.user);
  else
    give_up(turn, call, leg, {});
  return {};
}

Result<void> rule(const EndCall& end, Turn& turn, const CallView& call, const LegView& leg) {
  if (end.note.size() > CallLimits::note_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "note", "at most " + std::to_string(CallLimits::note_bytes_max) + " bytes");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted: give_up(turn, call, leg, end.note); return {};
    case LegState::waiting:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: break;
    case LegState::final: return over(ErrorCode::already_done, leg);
  }
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
    case LegState::joining:
    case LegState::joined: bind(turn, call, leg, turn.by().device); return {};
  }
  return {};
}

}  // namespace zegocall::call_detail
