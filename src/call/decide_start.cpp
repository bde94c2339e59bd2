// start_call, invite, cancel_invite: may these people be connected, and who is rung.
#include <algorithm>

#include "base/planted_fault.hpp"
#include "call/ringing.hpp"

namespace zegocall::call_detail {
namespace {

/// What stands in the way of a new call to one person.
enum class Collision : std::uint8_t { none, caller_busy, glare, recall };
struct Met {
  Collision what = Collision::none;
  const CallView* call = nullptr;

  RaceRule rule() const {
    switch (what) {
      case Collision::none: break;
      case Collision::caller_busy: return RaceRule::busy;
      case Collision::glare: return RaceRule::glare;
      case Collision::recall: return RaceRule::recall;
    }
    return RaceRule::none;
  }
};

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

/// Race rule 7: the same pair, and the caller's own side thinks that their answered call is over. Where the policy lets
/// people sit in several calls it need not be their first one. Null if there is none.
const CallView* recalled(const Turn& turn, const UserId& callee) {
  const UserId& caller = turn.by().user;
  for (const CallView* call : turn.calls) {
    if (call->is_room() || call->state == CallState::ended || !answered(*call)) continue;
    const LegView* mine = call->live_leg_of(caller);
    if (!mine || mine->on_hold || !only_these_two(*call, caller, callee)) continue;
    if (thinks_it_is_over(*mine, turn.by().device) && !seat_of(turn, callee, call->id)) return call;
  }
  return nullptr;
}

/// Race rule 5: the call in which this person rings the caller right now; null if there is none.
const CallView* rings_me(const Turn& turn, const UserId& callee) {
  for (const CallView* call : turn.calls) {
    if (call->is_room() || is_closing(*call)) continue;
    const LegView* mine = call->live_leg_of(turn.by().user);
    const LegView* theirs = call->live_leg_of(callee);
    if (mine && theirs && is_rung(*mine) && !is_rung(*theirs)) return call;
  }
  return nullptr;
}

/// Race rules 7, 5 and 6, in this order.
Met met_by(const Turn& turn, const StartCall& start) {
  const CallView* mine = seat_of(turn, turn.by().user);
  const bool busy = mine && turn.facts.policy.busy != BusyPolicy::allow;
  if (start.callees.size() == 1 && !(busy && ZC_PLANTED(swap_race_rules))) {
    const UserId& callee = start.callees.front();
    if (const CallView* over = recalled(turn, callee)) return {Collision::recall, over};
    if (const CallView* older = rings_me(turn, callee)) return {Collision::glare, older};
  }
  if (busy) return {Collision::caller_busy, mine};
  return {};
}

// ---- what a start must say -----------------------------------------------------------------------------------------

Result<void> check_callee(const StartCall& start, std::size_t index, const UserId& caller) {
  const UserId& callee = start.callees[index];
  const std::string field = "callees." + std::to_string(index);
  if (callee.empty()) return fail_field(ErrorCode::invalid_argument, field, "must not be empty");
  if (auto checked = check_text(callee.view(), CallLimits::id_bytes_max, field); !checked) return checked;
  if (callee == caller) return fail_field(ErrorCode::invalid_argument, field, "nobody calls themselves");
  return {};
}

Result<void> check_nobody_twice(const StartCall& start) {
  std::vector<std::size_t> order(start.callees.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return start.callees[a] < start.callees[b]; });
  for (std::size_t i = 1; i < order.size(); ++i)
    if (start.callees[order[i]] == start.callees[order[i - 1]])
      return fail_field(ErrorCode::invalid_argument, "callees." + std::to_string(order[i]), "is named twice");
  return {};
}

Result<void> check_callees(const StartCall& start, const Turn& turn) {
  const std::size_t most = turn.facts.policy.callees_max;
  if (start.callees.empty()) return fail_field(ErrorCode::invalid_argument, "callees", "must name somebody");
  if (start.callees.size() > most)
    return fail_field(ErrorCode::limit_exceeded, "callees", "at most " + std::to_string(most) + " people are rung");
  for (std::size_t i = 0; i < start.callees.size(); ++i)
    if (auto checked = check_callee(start, i, turn.by().user); !checked) return checked;
  return check_nobody_twice(start);
}

Result<void> check_start(const StartCall& start, const Turn& turn, RingPolicy policy) {
  if (name(policy).empty()) return fail_field(ErrorCode::out_of_range, "policy", "is none of the known words");
  if (auto checked = check_callees(start, turn); !checked) return checked;
  if (auto checked = check_text(start.topic, CallLimits::topic_bytes_max, "topic"); !checked) return checked;
  for (const CallView* call : turn.calls)
    if (call->id == turn.command.call) return fail_field(ErrorCode::already_exists, "call", "there is a call with this id");
  return check_caller_rate(turn);
}

// ---- the new call --------------------------------------------------------------------------------------------------

CallView new_call(const Turn& turn, const CallPolicy& policy) {
  CallView fresh;
  fresh.id = turn.command.call;
  fresh.policy = policy;
  return fresh;
}

/// Race rule 5 by policy. `merge`: the older call is answered, and the new one has ended before anybody was rung.
Result<void> meet_glare(Turn& turn, const StartCall& start, const CallPolicy& policy, const CallView& older) {
  const bool compatible = older.media == start.media;
  if (policy.glare == GlarePolicy::busy || !compatible) return sits_elsewhere("caller", turn.by().user, older);
  const LegView& mine = *older.live_leg_of(turn.by().user);
  if (auto answered = answer_ring(turn, older, mine); !answered) return answered;
  const CallView fresh = new_call(turn, policy);
  turn.say(fresh, CallCreated{turn.by().user, turn.by().device, start.media, start.topic, policy, {}, {}});
  turn.say(fresh, LegFinal{1, turn.by().user, turn.by().device, LegOutcome::cancelled, {}});
  turn.say(fresh, CallEnded{CallOutcome::glare_merged, std::nullopt, turn.by().user, {}, older.id});
  return {};
}

/// Race rule 6. Somebody among many who is busy is so noted; if nobody is left to ring, or all must answer, no call comes to be.
/// `over`: a call that ends for this one.
Result<std::vector<Reach>> reach_all(const Turn& turn, const StartCall& start, const CallPolicy& policy, const CallId& over) {
  std::vector<Reach> reach;
  std::optional<std::size_t> busy;
  for (const UserId& callee : start.callees) {
    reach.push_back(reach_of(turn, callee, policy.busy, over));
    if (reach.back() == Reach::busy && !busy) busy = reach.size() - 1;
  }
  const bool all = std::all_of(reach.begin(), reach.end(), [](Reach each) { return each == Reach::busy; });
  if (!busy || !(all || policy.ring_policy == RingPolicy::all_must_answer)) return reach;
  return is_busy(turn, "callees." + std::to_string(*busy), start.callees[*busy], over);
}

void start_call(Turn& turn, const StartCall& start, const CallPolicy& policy, const std::vector<Reach>& reach) {
  const CallView fresh = new_call(turn, policy);
  const bool hunt = policy.ring_policy == RingPolicy::hunt;
  CallCreated created{turn.by().user, turn.by().device, start.media, start.topic, policy, {}, {}};
  if (hunt) created.hunt_next.assign(start.callees.begin() + 1, start.callees.end());
  turn.say(fresh, std::move(created));
  Invitation to{2};
  for (std::size_t i = 0; i < reach.size(); ++i, ++to.leg) {
    to.user = start.callees[i];
    ring(turn, fresh, to, reach[i], policy);
    if (hunt && reach[i] != Reach::busy) return;
  }
}

}  // namespace

Result<void> rule(const StartCall& start, Turn& turn) {
  CallPolicy policy = turn.facts.policy;
  policy.ring_policy = start.policy.value_or(policy.ring_policy);
  if (auto checked = check_start(start, turn, policy.ring_policy); !checked) return checked;
  const Met met = met_by(turn, start);
  turn.decides(met.rule());
  switch (met.what) {
    case Collision::caller_busy: return sits_elsewhere("caller", turn.by().user, *met.call);
    case Collision::glare: return meet_glare(turn, start, policy, *met.call);
    case Collision::recall: end_for_recall(turn, *met.call, turn.by().user); break;
    case Collision::none: break;
  }
  const bool recall = met.what == Collision::recall;
  auto reach = reach_all(turn, start, policy, recall ? met.call->id : CallId{});
  if (!reach) return Unexpected{reach.error()};
  start_call(turn, start, policy, *reach);
  return {};
}

// ---- invite and cancel_invite ----------------------------------------------------------------------------------------

namespace {

/// Who rings somebody else, or takes that back, is in the call.
Result<void> check_in(const LegView& leg) {
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
  return {};
}

/// The role must be known here, and nobody gives one above their own.
Result<void> check_role(const CallView& call, const UserId& by, const RoleName& role) {
  if (role.empty()) return {};
  if (auto checked = check_text(role.view(), CallLimits::id_bytes_max, "role"); !checked) return checked;
  const auto wanted = role_row(call, role.view()), mine = role_row(call, role_of(call, by));
  if (!wanted) return fail_field(ErrorCode::invalid_argument, "role", "the call has no such role");
  if (!mine || wanted->rank < mine->rank || wanted->rank == 0)
    return fail_field(ErrorCode::forbidden, "role", "is above your own, or the host's");
  return {};
}

/// Somebody who is invited to a room is let in, also later, with the role that they were invited with.
Result<RoleName> note_member(const Invite& invite, Turn& turn, const CallView& call) {
  const RoomView& room = *call.room;
  const RoomMember* known = room.member(invite.user);
  RoleName role = invite.role;
  if (role.empty()) role = known && !known->role.empty() ? known->role : room.settings.entry_role;
  if (known && (known->role == role || (known->role.empty() && role == room.settings.entry_role))) return role;
  if (!known && room.members.size() >= CallLimits::members_max)
    return fail_field(ErrorCode::limit_exceeded, "user", "at most " + std::to_string(CallLimits::members_max) + " members");
  RoomUpdated updated{.by = turn.by().user};
  updated.member = RoomMember{invite.user, role};
  turn.say(call, std::move(updated));
  return role;
}

Result<void> invite_to_room(const Invite& invite, Turn& turn, const CallView& call) {
  if (call.room->ban(invite.user, turn.now)) return fail_field(ErrorCode::banned, "user", "is banned from the room");
  if (!invite.ring) {
    auto role = note_member(invite, turn, call);
    return role ? Result<void>{} : Unexpected{role.error()};
  }
  auto reach = check_invitable(turn, call, "user", invite.user);
  if (!reach) return Unexpected{reach.error()};
  auto role = note_member(invite, turn, call);
  if (!role) return Unexpected{role.error()};
  ring(turn, call, {next_leg(call), invite.user, turn.by().user, *role}, *reach, call.policy);
  return {};
}

}  // namespace

Result<void> rule(const Invite& invite, Turn& turn, const CallView& call, const LegView* leg) {
  if (auto user = invite.user.view(); user.empty() || invite.user == turn.by().user)
    return fail_field(ErrorCode::invalid_argument, "user", "must name somebody else");
  if (auto checked = check_text(invite.user.view(), CallLimits::id_bytes_max, "user"); !checked) return checked;
  const bool host = call.is_room() && call.room->host == turn.by().user;
  if (!leg && !host) return fail(ErrorCode::forbidden, "only from within the call");
  if (!host)
    if (auto checked = check_in(*leg); !checked) return checked;
  if (auto checked = check_role(call, turn.by().user, invite.role); !checked) return checked;
  if (call.is_room()) return invite_to_room(invite, turn, call);
  auto reach = check_invitable(turn, call, "user", invite.user);
  if (!reach) return Unexpected{reach.error()};
  ring(turn, call, {next_leg(call), invite.user, turn.by().user, invite.role}, *reach, call.policy);
  return {};
}

Result<void> rule(const CancelInvite& cancel, Turn& turn, const CallView& call, const LegView& leg) {
  if (cancel.user.empty() || cancel.user == leg.user)
    return fail_field(ErrorCode::invalid_argument, "user", "must name somebody else");
  const bool calling = leg.user == call.caller && leg.state == LegState::accepted;
  if (!calling)
    if (auto checked = check_in(leg); !checked) return checked;
  if (!may(call, leg.user, Capability::invite)) return fail(ErrorCode::forbidden, "needs the right: invite");
  const LegView* theirs = call.last_leg_of(cancel.user);
  if (!theirs) return fail_field(ErrorCode::not_found, "user", "is not being rung");
  if (!is_rung(*theirs)) return fail_field(ErrorCode::already_done, "user", "is not being rung any more");
  end_ring(turn, call, *theirs, LegOutcome::cancelled, {leg.user, {}});
  return {};
}

}  // namespace zegocall::call_detail
