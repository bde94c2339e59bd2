// Group rings, call waiting and hunting.
#include "call/ringing.hpp"

#include "call/entry.hpp"

#include <algorithm>

namespace zegocall::call_detail {
namespace {

bool names(const std::vector<UserId>& list, const UserId& user) {
  return std::find(list.begin(), list.end(), user) != list.end();
}

bool is_silent(Reach reach) { return reach == Reach::dnd || reach == Reach::blocked; }

/// Whether a ring of this person would be one that they are not told of.
bool rings_silently(const Turn& turn, const UserId& user) {
  return user != turn.by().user && (names(turn.facts.blocking, user) || names(turn.facts.do_not_disturb, user));
}

/// I18: who may not know that a ring is hidden finds its person taken by it, as by any other ring that nobody hears.
bool takes(const LegView& leg, bool silently) { return silently == leg.hidden; }

void ring_devices(Turn& turn, const CallView& call, const Invitation& to, Reach reach) {
  std::size_t rung = 0;
  for (const Actor& online : turn.facts.online) {
    if (online.user != to.user || online.device.empty() || rung == CallLimits::devices_max || is_silent(reach)) continue;
    turn.say(call, DeviceRing{to.leg, to.user, online.device});
    ++rung;
  }
  // I18: of a ring that nobody is to hear the log says what it says of somebody without a device.
  if (rung == 0) turn.say(call, DeviceRing{to.leg, to.user, {}});
}

bool others_are_rung(const CallView& call, const LegView& leg) { return occupancy(call).rung > (is_rung(leg) ? 1U : 0U); }

/// What the rings of a call come to when the last one is over: `declined` only if everybody who was asked declined; else
/// what comes nearest to an answer.
class Sum {
 public:
  explicit Sum(const CallView& call) {
    for (const LegView& leg : call.legs)
      if (leg.role == LegRole::callee && leg.outcome) add(*leg.outcome);
  }
  void add(LegOutcome outcome) {
    constexpr LegOutcome order[] = {LegOutcome::no_answer, LegOutcome::busy, LegOutcome::unreachable, LegOutcome::declined};
    if (outcome == LegOutcome::blocked || outcome == LegOutcome::dnd) outcome = LegOutcome::unreachable;
    for (const LegOutcome each : order) {
      if (each == outcome) all_ = outcome;
      if (each == outcome || each == all_) return;
    }
  }
  LegOutcome all() const { return all_; }

 private:
  LegOutcome all_ = LegOutcome::cancelled;
};

/// RingPolicy::hunt: the next person who can be rung. Those on the way there are busy.
bool hunt_on(Turn& turn, const CallView& call, Sum& sum) {
  Invitation next{next_leg(call)};
  for (const UserId& user : call.hunt_next) {
    const Reach reach = reach_of(turn, user, call.policy.busy, call.id);
    next.user = user;
    ring(turn, call, next, reach, call.policy);
    if (reach != Reach::busy) return true;
    sum.add(LegOutcome::busy);
    ++next.leg;
  }
  return false;
}

/// The last one has not come. The caller's leg ends like the call.
void end_unheard(Turn& turn, const CallView& call, const LastRing& last, const Ending& ending) {
  Sum sum(call);
  sum.add(last.outcome);
  if (!call.hunt_next.empty()) {
    finish(turn, call, *last.leg, last.outcome, last.acting);
    if (hunt_on(turn, call, sum)) return;
    return end_unanswered(turn, call, sum.all(), {}, {last.leg, last.outcome, {}, true});
  }
  const bool said_so = sum.all() == last.outcome;
  end_unanswered(turn, call, sum.all(), said_so ? ending : Ending{}, last);
}

/// Everybody who was waiting for the answer has `join` time to enter, and so has the one who answered.
void start_joining(Turn& turn, const CallView& call, const LegView* answering = nullptr) {
  for (const LegView& leg : call.legs) {
    const bool waiting = leg.state == LegState::accepted || (leg.state == LegState::reconnecting && !answered(call));
    if (waiting || &leg == answering) turn.say(call, LegJoining{leg.number, leg.user, turn.now + call.policy.join});
  }
}

bool somebody_accepted(const CallView& call) {
  return std::any_of(call.legs.begin(), call.legs.end(),
                     [](const LegView& leg) { return leg.role == LegRole::callee && leg.state == LegState::accepted; });
}

/// RingPolicy::all_must_answer: one no is a no for all. Somebody whose invitation is withdrawn need not answer any more.
void end_one_of_all(Turn& turn, const CallView& call, const LastRing& last, const Ending& ending) {
  if (last.outcome != LegOutcome::cancelled || !(others_are_rung(call, *last.leg) || somebody_accepted(call)))
    return end_unanswered(turn, call, last.outcome, ending, last);
  finish(turn, call, *last.leg, last.outcome, last.acting);
  if (!others_are_rung(call, *last.leg)) start_joining(turn, call);
}

/// One foot in another call: by policy that leg is held or left; a call that the person was still making is cancelled.
void step_back(Turn& turn, const CallView& other, const LegView& leg, bool hold) {
  if (!answered(other)) return end_unanswered(turn, other, LegOutcome::cancelled, {leg.user, {}});
  if (hold && (leg.state == LegState::joined || leg.state == LegState::reconnecting))
    return turn.say(other, LegHeld{leg.number, leg.user, true});
  leave_answered(turn, other, leg, LegOutcome::completed, leg.user);
}

/// BusyPolicy::wait: whoever answers a second call makes way for it first. One seat per person, also here (I4).
void make_way(Turn& turn, const CallView& here, const UserId& user) {
  if (here.policy.busy == BusyPolicy::allow) return;
  for (const CallView* call : turn.calls) {
    if (call->id == here.id || call->state == CallState::ended) continue;
    const LegView* leg = call->live_leg_of(user);
    if (leg && holds_seat(*call, *leg)) step_back(turn, *call, *leg, here.policy.hold_own_call);
  }
}

/// RingPolicy::first_answer and hunt: the others are too late (I6).
void supersede_others(Turn& turn, const CallView& call, const LegView& winner) {
  for (const LegView& leg : call.legs)
    if (is_rung(leg) && leg.number != winner.number) finish(turn, call, leg, LegOutcome::superseded);
}

/// Whom a room's host transfers to has the host's role, from the yes on. A room has one host: if the present one is there,
/// who answers stands beside them.
void take_over_room(Turn& turn, const CallView& call, const LegView& leg) {
  if (!call.is_room() || leg.room_role.view() != standard_roles[0].role || call.room->host == leg.user) return;
  if (call.live_leg_of(call.room->host))
    return turn.say(call, RoleChanged{leg.number, leg.user, RoleName(standard_roles[1].role), {}});
  RoomUpdated handed;
  handed.member = RoomMember{call.room->host, RoleName(standard_roles[1].role)};
  handed.host = leg.user;
  turn.say(call, std::move(handed));
}

}  // namespace

const CallView* seat_of(const Turn& turn, const UserId& user, const CallId& here) {
  const bool silently = rings_silently(turn, user);
  for (const CallView* call : turn.calls) {
    if (call->id == here || call->state == CallState::ended) continue;
    const LegView* leg = call->live_leg_of(user);
    if (leg && takes(*leg, silently) && !leg->on_hold) return call;
  }
  return nullptr;
}

Reach reach_of(const Turn& turn, const UserId& user, BusyPolicy policy, const CallId& here) {
  const bool silently = rings_silently(turn, user);
  const Reach reached = !silently ? Reach::free : names(turn.facts.blocking, user) ? Reach::blocked : Reach::dnd;
  bool sits = false, interruptible = true;
  for (const CallView* call : turn.calls) {
    if (call->id == here || call->state == CallState::ended) continue;
    const LegView* leg = call->live_leg_of(user);
    if (!leg || !takes(*leg, silently)) continue;
    sits = true;
    interruptible = interruptible && has_seat(*leg);  // one waiting ring, and none while the person dials
  }
  if (!sits) return reached;
  turn.decides(RaceRule::busy);
  switch (policy) {
    case BusyPolicy::reject: return Reach::busy;
    case BusyPolicy::wait: return interruptible ? Reach::second : Reach::busy;
    case BusyPolicy::allow: return reached;
  }
  return Reach::busy;
}

Unexpected sits_elsewhere(std::string field, const UserId& user, const CallView& call) {
  return fail_field(ErrorCode::busy, std::move(field), user.str() + " is in call " + call.id.str());
}

Unexpected is_busy(const Turn& turn, std::string field, const UserId& user, const CallId& here) {
  for (const CallView* call : turn.calls) {
    const LegView* leg = call->id == here || call->state == CallState::ended ? nullptr : call->live_leg_of(user);
    if (leg && takes(*leg, rings_silently(turn, user))) return sits_elsewhere(std::move(field), user, *call);
  }
  return fail_field(ErrorCode::busy, std::move(field), user.str() + " is in a call");
}

Result<void> check_caller_rate(const Turn& turn) {
  const auto& until = turn.facts.caller_waits_until;
  if (!until || *until <= turn.now) return {};
  const auto left = std::chrono::ceil<std::chrono::seconds>(*until - turn.now);
  return fail_field(ErrorCode::rate_limited, "caller", "too many calls; again in " + std::to_string(left.count()) + " s");
}

Result<Reach> check_invitable(const Turn& turn, const CallView& call, const char* field, const UserId& user) {
  if (call.live_leg_of(user)) return fail_field(ErrorCode::already_done, field, "is in this call");
  if (call.room_view().ban(user, turn.now)) return fail_field(ErrorCode::banned, field, "is banned from this call");
  if (call.room_view().locked) return fail(ErrorCode::room_locked, "nobody new comes in while the call is locked");
  if (call.legs.size() >= CallLimits::legs_max)
    return fail_field(ErrorCode::limit_exceeded, field,
                      "at most " + std::to_string(CallLimits::legs_max) + " invitations per call");
  if (auto checked = check_caller_rate(turn); !checked) return unexpected(checked.error());
  const Reach reach = reach_of(turn, user, call.policy.busy, call.id);
  if (reach == Reach::busy) return is_busy(turn, field, user, call.id);
  return reach;
}

void ring(Turn& turn, const CallView& call, const Invitation& to, Reach reach, const CallPolicy& policy) {
  turn.say(call, LegInvited{.leg = to.leg,
                            .user = to.user,
                            .ring_until = turn.now + policy.ring,
                            .by = to.by,
                            .role = to.role,
                            .second = reach == Reach::second,
                            .hidden = is_silent(reach),
                            .blocked = reach == Reach::blocked});
  if (reach == Reach::busy)
    turn.say(call, LegFinal{to.leg, to.user, {}, LegOutcome::busy, {}});
  else
    ring_devices(turn, call, to, reach);
}

void end_ring(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const Ending& ending,
              const DeviceId& acting) {
  if (answered(call)) return leave_answered(turn, call, leg, outcome, ending.by, acting);
  const LastRing last{&leg, outcome, acting};
  if (call.policy.ring_policy == RingPolicy::all_must_answer) return end_one_of_all(turn, call, last, ending);
  if (others_are_rung(call, leg)) return finish(turn, call, leg, outcome, acting);
  end_unheard(turn, call, last, ending);
}

Result<void> answer_ring(Turn& turn, const CallView& call, const LegView& leg) {
  // An answer is an entry like any other (I5, I17).
  if (auto place = check_entry(turn, call, leg.user, Way::answer); !place) return unexpected(place.error());
  make_way(turn, call, leg.user);
  turn.say(call, LegAccepted{leg.number, leg.user, turn.by().device});
  bind(turn, call, leg, turn.by().device);
  take_over_room(turn, call, leg);
  switch (call.policy.ring_policy) {
    case RingPolicy::first_answer:
    case RingPolicy::hunt:
      // Somebody who was invited later shuts nobody out.
      if (!answered(call)) supersede_others(turn, call, leg);
      break;
    case RingPolicy::all_must_answer:
      if (!answered(call) && others_are_rung(call, leg)) return {};
      break;
    case RingPolicy::all_may_join: break;
  }
  start_joining(turn, call, &leg);
  return {};
}

}  // namespace zegocall::call_detail
