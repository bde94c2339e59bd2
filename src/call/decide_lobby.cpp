// admit, admit_all, deny, set_lobby. Race rule 9: who waits in the lobby gets in by a person's word, and by nothing else.
#include "call/closing.hpp"
#include "call/entry.hpp"

namespace zegocall::call_detail {
namespace {

Result<const LegView*> waiting_leg(const CallView& call, const UserId& user) {
  const LegView* leg = call.last_leg_of(user);
  if (!leg) return fail_field(ErrorCode::not_found, "user", "has not knocked");
  if (leg->state == LegState::waiting) return leg;
  return fail_field(ErrorCode::already_done, "user", "is not in the lobby");
}

/// In a room that is not open to everybody they may come again later.
void note_member(Turn& turn, const CallView& call, const LegView& leg) {
  const RoomView& room = *call.room;
  if (room.settings.type == RoomType::anyone || room.member(leg.user) || room.members.size() >= CallLimits::members_max) return;
  RoomUpdated known;
  known.by = turn.by().user;
  known.member = RoomMember{leg.user, RoleName(role_of(call, leg))};
  turn.say(call, std::move(known));
}

void let_in(Turn& turn, const CallView& call, const LegView& leg) {
  note_member(turn, call, leg);
  turn.say(call, LegAdmitted{leg.number, leg.user, turn.by().user});
  turn.say(call, LegJoining{leg.number, leg.user, turn.now + call.policy.join});
}

}  // namespace

Result<void> rule(const Admit& admit, Turn& turn, const CallView& call, const LegView*) {
  const auto leg = waiting_leg(call, admit.user);
  if (!leg) return unexpected(leg.error());
  if (auto place = check_entry(turn, call, admit.user, Way::admit); !place) return unexpected(place.error());
  let_in(turn, call, **leg);
  return {};
}

/// As many as there are seats, in the order in which they came.
Result<void> rule(const AdmitAll&, Turn& turn, const CallView& call, const LegView*) {
  if (occupancy(call).waiting == 0) return {};
  std::uint32_t taken = occupancy(call).seats();
  const std::uint32_t capacity = call.room_view().settings.capacity;
  std::optional<Error> refused;
  for (const LegView& leg : call.legs) {
    if (leg.state != LegState::waiting) continue;
    auto place = check_entry(turn, call, leg.user, Way::admit);
    if (place && taken < capacity) {
      let_in(turn, call, leg), ++taken;
    } else if (!refused) {
      refused = place ? Error{ErrorCode::room_full, {}, "all " + std::to_string(capacity) + " seats are taken"} : place.error();
    }
  }
  if (refused && turn.events.empty()) return unexpected(*refused);
  return {};
}

Result<void> rule(const Deny& deny, Turn& turn, const CallView& call, const LegView*) {
  const auto leg = waiting_leg(call, deny.user);
  if (!leg) return unexpected(leg.error());
  if (deny.ban_for) {
    if (!outranks(call, turn.by().user, deny.user))
      return fail_field(ErrorCode::forbidden, "user", "has a role that you may not act on");
    if (auto checked = check_ban_wish(turn, call, *deny.ban_for); !checked) return checked;
    say_ban(turn, call, deny.user, *deny.ban_for);
  }
  send_out(turn, call, **leg, LegOutcome::denied, turn.by().user);
  return {};
}

Result<void> rule(const SetLobby& set, Turn& turn, const CallView& call, const LegView*) {
  if (!call.is_room()) return fail(ErrorCode::invalid_state, "only a room has a lobby");
  if (name(set.lobby).empty()) return fail_field(ErrorCode::invalid_argument, "lobby", "is none of the known words");
  if (call.room->settings.lobby == set.lobby) return {};
  RoomUpdated changed;
  changed.by = turn.by().user;
  changed.lobby = set.lobby;
  turn.say(call, std::move(changed));
  return {};
}

}  // namespace zegocall::call_detail
