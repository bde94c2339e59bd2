// What somebody who was away needs to have the present call.
#include "zegocall/call/decide.hpp"

#include <algorithm>

namespace zegocall {
namespace {

/// Whether there is a passcode is for everybody, which one it is by now is not.
PasscodeStamp without_number(PasscodeStamp stamp) { return stamp.value == 0 ? stamp : PasscodeStamp(1); }

/// What only those who may change it get to see.
void leave_out_secrets(CallView& call, const UserId& by) {
  if (call.room && !may(call, by, Capability::join_codes)) call.room->codes.clear();
  if (call.room && !may(call, by, Capability::ban)) call.room->bans.clear();
  if (call.room && !may(call, by, Capability::passcode)) call.room->passcode = without_number(call.room->passcode);
  for (LegView& leg : call.legs) {
    leg.hidden = leg.blocked = false;
    // I18: a ring that goes to nobody looks like one that was not heard.
    if (leg.outcome == LegOutcome::blocked || leg.outcome == LegOutcome::dnd) leg.outcome = LegOutcome::unreachable;
  }
}

/// I18 in the log, too.
void leave_out_hidden(CallEvent& event) {
  if (auto* invited = std::get_if<LegInvited>(&event.body)) invited->hidden = invited->blocked = false;
  auto* over = std::get_if<LegFinal>(&event.body);
  if (over && (over->outcome == LegOutcome::blocked || over->outcome == LegOutcome::dnd)) over->outcome = LegOutcome::unreachable;
}

/// The same of one event; `call` as it is now.
void leave_out_secrets(CallEvent& event, const CallView& call, const UserId& by) {
  auto* changed = std::get_if<RoomUpdated>(&event.body);
  if (!changed) return;
  if (!may(call, by, Capability::join_codes)) changed->code = {}, changed->code_removed.reset();
  if (!may(call, by, Capability::ban)) changed->banned = {}, changed->unbanned.reset();
  if (changed->passcode && !may(call, by, Capability::passcode)) changed->passcode = without_number(*changed->passcode);
}

/// Whoever was put out of a call that goes on has no more of it than what they were told then.
bool is_shut_out(const CallView& call, const LegView& leg) {
  const bool put_out = leg.outcome == LegOutcome::kicked || leg.outcome == LegOutcome::banned;
  return put_out && call.state != CallState::ended;
}

}  // namespace

bool knows_of(const CallView& call, const UserId& user) {
  return std::any_of(call.legs.begin(), call.legs.end(), [&](const LegView& leg) { return leg.user == user && !leg.hidden; });
}

std::optional<CallEvent> as_told(const CallEvent& event, const CallView& after) {
  const auto* ring = std::get_if<DeviceRing>(&event.body);
  if (ring && ring->leg >= 1 && ring->leg <= after.legs.size() && after.legs[ring->leg - 1].hidden) return std::nullopt;
  CallEvent told = event;
  leave_out_hidden(told);
  return told;
}

Result<Snapshot> snapshot(const CallView& call, std::span<const CallEvent> log, const UserId& by, std::optional<Version> since,
                          std::size_t events_max) {
  const LegView* mine = call.last_leg_of(by);
  const bool rung_by_nobody = mine && mine->hidden && mine->state != LegState::final;
  if (rung_by_nobody || (!mine && role_of(call, by).empty())) return fail(ErrorCode::forbidden, "not a member of this call");
  if (mine && is_shut_out(call, *mine)) return fail(ErrorCode::forbidden, "put out of this call");
  Snapshot out;
  if (since && *since > call.version) return fail_field(ErrorCode::out_of_range, "since", "is above the call's version");
  const auto missing = since ? call.version.value - since->value : events_max + 1;
  if (since && missing <= events_max && missing <= log.size()) {
    const auto tail = log.last(missing);
    if (missing == 0 || tail.front().version.value == since->value + 1) {
      out.events.assign(tail.begin(), tail.end());
      for (CallEvent& event : out.events) leave_out_hidden(event), leave_out_secrets(event, call, by);
      return out;
    }
  }
  out.whole = call;
  leave_out_secrets(*out.whole, by);
  return out;
}

}  // namespace zegocall
