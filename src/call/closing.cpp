#include "call/closing.hpp"

#include "base/planted_fault.hpp"
#include "call/entry.hpp"

namespace zegocall::call_detail {
namespace {

/// How a leg ends when its call is closed.
LegOutcome outcome_at_close(const LegView& leg, EndCause cause) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return LegOutcome::cancelled;
    case LegState::waiting: return LegOutcome::denied;
    case LegState::accepted:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting:
    case LegState::final: break;
  }
  if (cause == EndCause::max_duration) return LegOutcome::max_duration;
  return cause == EndCause::provider_closed ? LegOutcome::failed : LegOutcome::completed;
}

void say_closed(Turn& turn, const CallView& call, EndCause cause, const Ending& ending) {
  if (call.active_at)
    turn.say(call, CallEnded{CallOutcome::answered, cause, ending.by, ending.note, {}});
  else
    turn.say(call, CallEnded{CallOutcome::cancelled, std::nullopt, ending.by, ending.note, {}});
}

/// The best placed person who is in: by rank, then by how long they have been there.
const LegView* successor(const CallView& call, const LegView* leaving) {
  const LegView* best = nullptr;
  unsigned best_rank = 0;
  for (const LegView& leg : call.legs) {
    if (leg.state != LegState::joined || &leg == leaving) continue;
    const auto row = role_row(call, role_of(call, leg));
    const unsigned rank = row ? row->rank : 1001;
    if (best && (rank > best_rank || (rank == best_rank && leg.joined_at >= best->joined_at))) continue;
    best = &leg;
    best_rank = rank;
  }
  return best;
}

/// Whoever had not agreed to be recorded has gone, and the others have agreed.
void settle_recording(Turn& turn, const CallView& call, const LegView& leaving) {
  if (call.room_view().recording != RecordingState::asked || !has_entered(leaving)) return;
  const Occupancy& count = occupancy(call);
  const bool somebody_stays = count.joined > (leaving.state == LegState::joined ? 1U : 0U);
  if (leaving.consent != ConsentState::given && somebody_stays && count.consented + 1 == count.entered())
    turn.say(call, RecordingChanged{RecordingState::on, call.room->recording_by});
}

void after_host_left(Turn& turn, const CallView& call, const LegView& leaving, LegOutcome outcome) {
  // A lost link is no decision: the host_absent timer gives them time to come again.
  if (!is_host(call, leaving.user) || outcome != LegOutcome::completed || call.state != CallState::active) return;
  switch (call.room->settings.host_policy) {
    case HostPolicy::none:
    case HostPolicy::wait: return;
    case HostPolicy::end: return close(turn, call, EndCause::host_left, {leaving.user, {}}, &leaving);
    case HostPolicy::hand_over: hand_over(turn, call, &leaving); return;
  }
}

}  // namespace

bool hand_over(Turn& turn, const CallView& call, const LegView* leaving) {
  const LegView* next = successor(call, leaving);
  if (!next) return false;
  RoomUpdated former;
  former.member = RoomMember{call.room->host, RoleName("cohost")};
  former.host = next->user;
  turn.say(call, std::move(former));
  turn.say(call, RoleChanged{next->number, next->user, RoleName("host"), {}});
  return true;
}

void leave_room(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by,
                const DeviceId& acting) {
  finish(turn, call, leg, outcome, acting, by == leg.user ? UserId{} : by);
  if (call.state == CallState::ending && occupancy(call).live == 1)
    return turn.say(call, CallEnded{CallOutcome::answered, call.end_cause, call.ended_by, call.end_note, {}});
  settle_recording(turn, call, leg);
  after_host_left(turn, call, leg, outcome);
}

void send_out(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by) {
  if (call.is_room()) return leave_room(turn, call, leg, outcome, by, {});
  leave_answered(turn, call, leg, outcome, by);
}

void close(Turn& turn, const CallView& call, EndCause cause, const Ending& ending, const LegView* gone) {
  if (call.state == CallState::ending) return;
  bool somebody_is_in = false;
  for (const LegView& leg : call.legs) somebody_is_in |= &leg != gone && has_entered(leg);
  if (call.policy.ending.count() == 0 || !somebody_is_in) return close_now(turn, call, cause, ending, gone);
  for (const LegView& leg : call.legs)
    if (&leg != gone && is_live(leg) && !has_entered(leg)) finish(turn, call, leg, outcome_at_close(leg, cause));
  turn.say(call, CallEnding{cause, ending.by, ending.note, turn.now + call.policy.ending});
}

void close_now(Turn& turn, const CallView& call, EndCause cause, const Ending& ending, const LegView* gone) {
  for (const LegView& leg : call.legs)
    if (&leg != gone && is_live(leg) && !(ZC_PLANTED(forget_leg_at_close) && leg.state == LegState::waiting))
      finish(turn, call, leg, outcome_at_close(leg, cause));
  say_closed(turn, call, cause, ending);
}

void end_unvisited(Turn& turn, const CallView& call) {
  for (const LegView& leg : call.legs) {
    if (!is_live(leg)) continue;
    const bool waits = leg.state == LegState::waiting;
    finish(turn, call, leg, waits ? LegOutcome::lobby_timeout : is_rung(leg) ? LegOutcome::cancelled : LegOutcome::join_failed);
  }
  turn.say(call, CallEnded{CallOutcome::no_answer, std::nullopt, {}, {}, {}});
}

Result<void> check_ban_wish(const Turn& turn, const CallView& call, std::chrono::milliseconds ban_for) {
  constexpr auto longest = std::chrono::hours(24 * 365);
  if (!may(call, turn.by().user, Capability::ban))
    return fail_field(ErrorCode::forbidden, "ban_for", "needs the right: " + std::string(name(Capability::ban)));
  if (ban_for.count() < 0 || ban_for > longest)
    return fail_field(ErrorCode::out_of_range, "ban_for", "must be 0 to 31536000000 ms");
  if (call.room_view().bans.size() >= CallLimits::bans_max)
    return fail_field(ErrorCode::limit_exceeded, "ban_for", "at most " + std::to_string(CallLimits::bans_max) + " bans");
  return {};
}

void say_ban(Turn& turn, const CallView& call, const UserId& user, std::chrono::milliseconds ban_for) {
  RoomUpdated banned;
  banned.by = turn.by().user;
  banned.banned = Ban{user, turn.by().user, ban_for.count() == 0 ? std::nullopt : std::optional(turn.now + ban_for), turn.now};
  turn.say(call, std::move(banned));
}

}  // namespace zegocall::call_detail
