// start_call and invite: may these two be connected, and who is rung.
#include "call/endings.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

/// The live call in which this person sits. A leg in grace counts as in call (race rule 6).
const CallView* seat_of(const Turn& turn, const UserId& user) {
  for (const CallView* call : turn.calls)
    if (call->state != CallState::ended && call->live_leg_of(user)) return call;
  return nullptr;
}

/// What stands in the way of a new call.
enum class Collision : std::uint8_t { none, caller_busy, callee_busy, glare, recall };

bool only_these_two(const CallView& call, const UserId& a, const UserId& b) {
  for (const LegView& leg : call.legs)
    if (leg.user != a && leg.user != b) return false;
  return true;
}

/// The caller's own side has lost this leg, or the very device that is in the call asks for another one.
bool thinks_it_is_over(const LegView& leg, const DeviceId& asking) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted:
    case LegState::waiting:
    case LegState::final: return false;
    case LegState::reconnecting: return true;
    case LegState::joining:
    case LegState::joined: return !asking.empty() && leg.device == asking;
  }
  return false;
}

/// Race rules 5 to 7, in this order: re-call, glare, busy.
Collision classify(const Turn& turn, const UserId& callee) {
  const Actor& caller = turn.by();
  const CallView* mine = seat_of(turn, caller.user);
  const CallView* theirs = seat_of(turn, callee);
  const bool same_call = !theirs || theirs == mine;
  if (mine && same_call && answered(*mine) && only_these_two(*mine, caller.user, callee) &&
      thinks_it_is_over(*mine->live_leg_of(caller.user), caller.device))
    return Collision::recall;                                                                         // race rule 7
  if (mine && theirs == mine && !answered(*mine) && mine->caller == callee) return Collision::glare;  // race rule 5
  if (mine) return Collision::caller_busy;                                                            // race rule 6
  if (theirs) return Collision::callee_busy;
  return Collision::none;
}

Unexpected busy(const char* field, const UserId& user, const CallView& call) {
  return fail_field(ErrorCode::busy, field, user.str() + " is in call " + call.id.str());
}

/// Race rule 5 by policy: `busy` names the older call; the second caller may accept that one.
Unexpected glare(const Turn& turn, const CallView& older) {
  switch (turn.facts.policy.glare) {
    case GlarePolicy::busy:
    case GlarePolicy::merge: break;
  }
  return busy("caller", turn.by().user, older);
}

Result<void> check_start(const StartCall& start, const Turn& turn) {
  if (start.callees.size() != 1) return fail_field(ErrorCode::invalid_argument, "callees", "must name exactly one person");
  const UserId& callee = start.callees.front();
  if (callee.empty()) return fail_field(ErrorCode::invalid_argument, "callees.0", "must not be empty");
  if (callee.view().size() > CallLimits::id_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "callees.0", "at most " + std::to_string(CallLimits::id_bytes_max) + " bytes");
  if (callee == turn.by().user) return fail_field(ErrorCode::invalid_argument, "callees.0", "nobody calls themselves");
  if (start.topic.size() > CallLimits::topic_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "topic", "at most " + std::to_string(CallLimits::topic_bytes_max) + " bytes");
  for (const CallView* call : turn.calls)
    if (call->id == turn.command.call) return fail_field(ErrorCode::already_exists, "call", "there is a call with this id");
  return {};
}

void start_call(Turn& turn, const StartCall& start) {
  CallView fresh;
  fresh.id = turn.command.call;
  const CallPolicy& policy = turn.facts.policy;
  turn.say(fresh, CallCreated{turn.by().user, turn.by().device, start.media, start.topic, policy});
  ring(turn, fresh, 2, start.callees.front(), policy);
}

}  // namespace

void ring(Turn& turn, const CallView& call, std::uint32_t leg, const UserId& user, const CallPolicy& policy) {
  turn.say(call, LegInvited{leg, user, turn.now + policy.ring});
  std::size_t rung = 0;
  for (const Actor& online : turn.facts.online) {
    if (online.user != user || online.device.empty() || rung == CallLimits::devices_max) continue;
    turn.say(call, DeviceRing{leg, user, online.device});
    ++rung;
  }
  if (rung == 0) turn.say(call, DeviceRing{leg, user, {}});
}

Result<void> rule(const StartCall& start, Turn& turn) {
  if (auto checked = check_start(start, turn); !checked) return checked;
  const UserId& callee = start.callees.front();
  switch (classify(turn, callee)) {
    case Collision::caller_busy: return busy("caller", turn.by().user, *seat_of(turn, turn.by().user));
    case Collision::callee_busy: return busy("callees.0", callee, *seat_of(turn, callee));
    case Collision::glare: return glare(turn, *seat_of(turn, callee));
    case Collision::recall: end_for_recall(turn, *seat_of(turn, turn.by().user), turn.by().user); break;
    case Collision::none: break;
  }
  start_call(turn, start);
  return {};
}

/// Whoever is alone in an answered call may ring one person, the other one again or somebody else.
Result<void> rule(const Invite& invite, Turn& turn, const CallView& call, const LegView* mine) {
  if (!mine) return fail(ErrorCode::invalid_state, "not decided yet");
  const LegView& leg = *mine;
  if (auto user = invite.user.view(); user.empty() || invite.user == leg.user)
    return fail_field(ErrorCode::invalid_argument, "user", "must name somebody else");
  else if (user.size() > CallLimits::id_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "user", "at most " + std::to_string(CallLimits::id_bytes_max) + " bytes");
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return fail(ErrorCode::invalid_state, "accept the call before inviting somebody");
    case LegState::waiting: return fail(ErrorCode::invalid_state, "you are in the lobby");
    case LegState::accepted: return fail(ErrorCode::invalid_state, "somebody is being rung");
    case LegState::reconnecting: return fail(ErrorCode::invalid_state, "come back into the call before inviting somebody");
    case LegState::final: return fail(ErrorCode::invalid_state, "your part in the call is over: " + std::string(ended_word(leg)));
    case LegState::joining:
    case LegState::joined: break;
  }
  if (call.live_leg_of(invite.user)) return fail_field(ErrorCode::already_done, "user", "is in this call");
  if (occupancy(call).live > 1) return fail(ErrorCode::invalid_state, "the call has two people");
  if (const CallView* seat = seat_of(turn, invite.user)) return busy("user", invite.user, *seat);
  if (call.legs.size() >= CallLimits::legs_max)
    return fail_field(ErrorCode::limit_exceeded, "user",
                      "at most " + std::to_string(CallLimits::legs_max) + " invitations per call");
  ring(turn, call, static_cast<std::uint32_t>(call.legs.size() + 1), invite.user, call.policy);
  return {};
}

}  // namespace zegocall::call_detail
