// set_role, request_role, lower_hand: who is what in the call, from now on.
#include "call/entry.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

constexpr std::string_view host = standard_roles[0].role;

/// What somebody sends that the new role does not let them send ends, and so do tokens that still allow it.
void take_back(Turn& turn, const CallView& call, const LegView& leg, const RoleRow& before, const RoleRow& after) {
  if (after.may.contains(before.may)) return;
  turn.say(call, TokenRevoked{leg.number, leg.user, turn.now});
  const MediaState& media = leg.media;
  const bool audio = media.audio && after.may.has(Capability::speak);
  const bool video = media.video && after.may.has(Capability::camera);
  const bool screen = media.screen && after.may.has(Capability::screen);
  if (audio == media.audio && video == media.video && screen == media.screen) return;
  turn.say(call, LegMedia{leg.number, leg.user, audio, video, screen});
}

void change_leg(Turn& turn, const CallView& call, const LegView& leg, const RoleRow& after) {
  const auto before = role_row(call, role_of(call, leg));
  turn.say(call, RoleChanged{leg.number, leg.user, RoleName(after.role), turn.by().user});
  take_back(turn, call, leg, *before, after);
  if (leg.hand) turn.say(call, HandChanged{leg.number, leg.user, false, {}, turn.by().user});
}

/// For when they come again.
void note_role(Turn& turn, const CallView& call, const UserId& user, std::string_view role) {
  RoomUpdated noted;
  noted.by = turn.by().user;
  noted.member = RoomMember{user, RoleName(role)};
  turn.say(call, std::move(noted));
}

Result<void> make_host(Turn& turn, const CallView& call, const UserId& user) {
  if (!may(call, turn.by().user, Capability::hand_over))
    return fail_field(ErrorCode::forbidden, "role", "needs the right: " + std::string(name(Capability::hand_over)));
  const LegView* next = call.live_leg_of(user);
  if (!next || !has_seat(*next)) return fail_field(ErrorCode::invalid_state, "user", "only somebody who is in becomes host");
  const UserId former = call.room ? call.room->host : call.caller;
  RoomUpdated handed;
  handed.by = turn.by().user;
  handed.host = user;
  handed.member = RoomMember{former, RoleName("cohost")};
  turn.say(call, std::move(handed));
  change_leg(turn, call, *next, standard_roles[0]);
  if (const LegView* leg = call.live_leg_of(former); leg && former != user) change_leg(turn, call, *leg, standard_roles[1]);
  return {};
}

Result<RoleRow> check_role(const Turn& turn, const CallView& call, const SetRole& set) {
  const UserId& by = turn.by().user;
  const auto row = role_row(call, set.role.view());
  if (!row) return fail_field(ErrorCode::invalid_argument, "role", "there is no such role here");
  const auto mine = role_row(call, role_of(call, by));
  if (mine && row->rank < mine->rank) return fail_field(ErrorCode::forbidden, "role", "is above your own");
  if (!outranks(call, by, set.user)) return fail_field(ErrorCode::forbidden, "user", "has a role that you may not act on");
  return *row;
}

}  // namespace

Result<void> rule(const SetRole& set, Turn& turn, const CallView& call, const LegView*) {
  if (set.user.empty()) return fail_field(ErrorCode::invalid_argument, "user", "must not be empty");
  if (auto checked = check_text(set.user.view(), CallLimits::id_bytes_max, "user"); !checked) return checked;
  const auto row = check_role(turn, call, set);
  if (!row) return unexpected(row.error());
  if (role_of(call, set.user) == row->role) return {};
  if (row->role == host) return make_host(turn, call, set.user);
  const UserId& present = call.room ? call.room->host : call.caller;
  if (set.user == present) return fail_field(ErrorCode::invalid_state, "user", "is the host: hand over first");
  const LegView* leg = call.live_leg_of(set.user);
  if (!leg && !call.is_room()) return fail_field(ErrorCode::not_found, "user", "is not in the call");
  if (call.is_room()) {
    if (!call.room->member(set.user) && call.room->members.size() >= CallLimits::members_max)
      return fail_field(ErrorCode::limit_exceeded, "user", "at most " + std::to_string(CallLimits::members_max) + " members");
    note_role(turn, call, set.user, row->role);
  }
  if (leg) change_leg(turn, call, *leg, *row);
  return {};
}

Result<void> rule(const RequestRole& request, Turn& turn, const CallView& call, const LegView& leg) {
  if (!has_seat(leg)) return fail(ErrorCode::invalid_state, "only from within the call");
  if (!request.role.empty() && !role_row(call, request.role.view()))
    return fail_field(ErrorCode::invalid_argument, "role", "there is no such role here");
  if (leg.hand && leg.hand->wants == request.role) return {};
  turn.say(call, HandChanged{leg.number, leg.user, true, request.role, leg.user});
  return {};
}

Result<void> rule(const LowerHand& lower, Turn& turn, const CallView& call, const LegView& mine) {
  const UserId& user = lower.user.empty() ? mine.user : lower.user;
  if (user != mine.user && (!has_seat(mine) || !may(call, mine.user, Capability::mute) || !outranks(call, mine.user, user)))
    return fail_field(ErrorCode::forbidden, "user", "has a hand that you may not lower");
  const LegView* leg = call.live_leg_of(user);
  if (!leg) return fail_field(ErrorCode::not_found, "user", "is not in the call");
  if (leg->hand) turn.say(call, HandChanged{leg->number, leg->user, false, {}, mine.user});
  return {};
}

}  // namespace zegocall::call_detail
