// join and knock at a room's door, and the door itself (race rule 8).
#include "base/planted_fault.hpp"
#include "call/entry.hpp"

#include "call/endings.hpp"

namespace zegocall::call_detail {
namespace {

Result<void> check_open(const Turn& turn, const CallView& call, const UserId& user, Way way) {
  if (is_closing(call)) return fail(ErrorCode::room_ended, "the call is over");
  const auto& schedule = call.room_view().settings.schedule;
  if (!schedule || (way != Way::join && way != Way::knock)) return {};
  if (turn.now < schedule->starts_at - schedule->early && !is_host(call, user))
    return fail(ErrorCode::not_started, "opens at " + iso8601(schedule->starts_at - schedule->early));
  const LegView* before = call.last_leg_of(user);
  const bool was_in = before && before->joined_at;
  if (turn.now > schedule->starts_at + schedule->late && !was_in && !is_host(call, user))
    return fail(ErrorCode::room_ended, "closed to newcomers since " + iso8601(schedule->starts_at + schedule->late));
  return {};
}

/// Somebody who was in and comes again, as a page does that is loaded anew: not a newcomer at the door.
bool comes_again(const CallView& call, const UserId& user) {
  const LegView* before = call.last_leg_of(user);
  return before && before->joined_at;
}

Result<void> check_ban(const Turn& turn, const CallView& call, const UserId& user) {
  const Ban* ban = call.room_view().ban(user, turn.now);
  if (!ban || ZC_PLANTED(skip_ban) || (ZC_PLANTED(skip_ban_on_refresh) && comes_again(call, user))) return {};
  return fail(ErrorCode::banned, ban->until ? "until " + iso8601(*ban->until) : "for as long as the call lives");
}

Result<void> check_passcode(const Turn& turn, const RoomView& room) {
  const EntryFacts& entry = turn.facts.entry;
  const bool guessed_codes = entry.code_given && entry.passcode == PasscodeCheck::throttled;  // counts in every room
  if ((room.passcode.value == 0 && !guessed_codes) || ZC_PLANTED(skip_passcode)) return {};
  switch (entry.passcode) {
    case PasscodeCheck::none: return fail(ErrorCode::passcode_required);
    case PasscodeCheck::wrong: return fail(ErrorCode::passcode_wrong);
    case PasscodeCheck::throttled: return fail(ErrorCode::passcode_throttled, "too many wrong passcodes; wait a little");
    case PasscodeCheck::right: break;
  }
  if (entry.stamp != room.passcode) return fail(ErrorCode::passcode_wrong, "the passcode was changed");
  return {};
}

/// The join code that came along, if it is good now.
const JoinCode* good_code(const Turn& turn, const RoomView& room) {
  const JoinCode* code = turn.facts.entry.code.empty() ? nullptr : room.code(turn.facts.entry.code);
  return code && code->uses_left > 0 && code->until > turn.now ? code : nullptr;
}

bool is_invited(const Turn& turn, const RoomView& room, const UserId& user) {
  if (room.settings.type == RoomType::anyone || room.member(user) || good_code(turn, room)) return true;
  const bool knows = room.passcode.value != 0 && turn.facts.entry.passcode == PasscodeCheck::right;
  return room.settings.type == RoomType::private_room && knows;
}

bool must_wait(const CallView& call, const UserId& user) {
  if (may(call, user, Capability::skip_lobby) || ZC_PLANTED(skip_lobby)) return false;
  switch (call.room_view().settings.lobby) {
    case LobbyRule::off: return false;
    case LobbyRule::on: return true;
    case LobbyRule::until_host: return occupancy(call).hosts == 0;
  }
  return true;
}

Result<Place> check_seat(const CallView& call) {
  const std::uint32_t capacity = call.room_view().settings.capacity;
  if (occupancy(call).seats() < capacity + (ZC_PLANTED(seat_beyond_capacity) ? 1 : 0)) return Place::seat;
  return fail(ErrorCode::room_full, "all " + std::to_string(capacity) + " seats are taken");
}

/// Whether the type lets them in at once, or only to the lobby.
Result<Place> check_invitation(const Turn& turn, const RoomView& room, const UserId& user, Way way) {
  if (turn.facts.entry.code_given && !good_code(turn, room))
    return fail_field(ErrorCode::not_invited, "code", "is not good, or not any more");
  if (is_invited(turn, room, user)) return Place::seat;
  const bool may_knock = way == Way::knock && room.settings.knock && room.settings.type == RoomType::private_room;
  if (!may_knock) return fail(ErrorCode::not_invited, room.settings.knock ? "knock to be let in" : "");
  return Place::lobby;
}

/// A code brings its role to who comes for the first time; who has been in has the role that was noted of them since.
RoleName entry_role(const Turn& turn, const CallView& call, const UserId& user) {
  const RoomView& room = *call.room;
  if (room.host == user) return RoleName("host");
  const RoomMember* member = room.member(user);
  const bool noted = member && !member->role.empty();
  if (noted && comes_again(call, user)) return member->role;
  if (const JoinCode* code = good_code(turn, room); code && !code->role.empty()) return code->role;
  return noted ? member->role : room.settings.entry_role;
}

/// Who came by a code may come again without it: it may be used up, or over, when their link is lost.
void use_code(Turn& turn, const CallView& call, const RoleName& role) {
  const JoinCode* code = good_code(turn, *call.room);
  if (!code) return;
  RoomUpdated used;
  used.by = turn.by().user;
  used.code = *code;
  --used.code->uses_left;
  turn.say(call, std::move(used));
  const RoomMember known{turn.by().user, role};
  const RoomMember* before = call.room->member(known.user);
  if (is_host(call, known.user) || (before && *before == known)) return;
  if (!before && call.room->members.size() >= CallLimits::members_max) return;
  RoomUpdated noted;
  noted.by = known.user;
  noted.member = known;
  turn.say(call, std::move(noted));
}

/// Race rule 6 for a room: somebody who sits in another call, by policy.
Result<void> check_elsewhere(const Turn& turn, const CallView& call) {
  if (call.policy.busy == BusyPolicy::allow) return {};
  for (const CallView* other : turn.calls) {
    const LegView* leg = other->id == call.id ? nullptr : other->live_leg_of(turn.by().user);
    if (leg && other->state != CallState::ended && holds_seat(*other, *leg) && !is_rung(*leg))
      return turn.decides(RaceRule::busy),
             fail_field(ErrorCode::busy, "by.user", turn.by().user.str() + " is in call " + other->id.str());
  }
  return {};
}

Result<Place> ask_the_door(const Turn& turn, const CallView& call, const UserId& user, Way way) {
  if (auto checked = check_open(turn, call, user, way); !checked) return unexpected(checked.error());
  if (auto checked = check_ban(turn, call, user); !checked) return unexpected(checked.error());
  if (way == Way::stay) return Place::seat;
  const RoomView& room = call.room_view();
  const bool host = is_host(call, user);
  const bool by_themselves = way == Way::join || way == Way::knock;
  if (way != Way::admit && !host)
    if (auto checked = check_passcode(turn, room); !checked) return unexpected(checked.error());
  Place place = Place::seat;
  if (by_themselves && !host) {
    auto invited = check_invitation(turn, room, user, way);
    if (!invited) return invited;
    place = *invited;
  }
  if (room.locked && !host && !ZC_PLANTED(skip_lock)) return fail(ErrorCode::room_locked);
  if (place == Place::lobby || (by_themselves && !host && must_wait(call, user))) return Place::lobby;
  return check_seat(call);
}

}  // namespace

bool is_host(const CallView& call, const UserId& user) { return call.is_room() && call.room->host == user; }

Result<Place> check_entry(const Turn& turn, const CallView& call, const UserId& user, Way way) {
  auto place = ask_the_door(turn, call, user, way);
  if (!place || *place == Place::lobby) turn.decides(RaceRule::door);
  return place;
}

Result<void> check_consent(const CallView& call, const LegView* leg, bool consent) {
  const RoomView& room = call.room_view();
  if (room.recording == RecordingState::off || room.settings.consent == RecordingConsent::none) return {};
  if (consent || (leg && is_live(*leg) && leg->consent == ConsentState::given)) return {};
  return fail_field(ErrorCode::forbidden, "consent", "the call is recorded; agree first");
}

Result<void> enter_room(Turn& turn, const CallView& call, Way way, bool consent, const std::string& note) {
  const Actor& by = turn.by();
  if (call.legs.size() >= CallLimits::legs_max)
    return fail_field(ErrorCode::limit_exceeded, "call", "at most " + std::to_string(CallLimits::legs_max) + " entries");
  const auto place = check_entry(turn, call, by.user, way);
  if (!place) return unexpected(place.error());
  if (auto checked = check_consent(call, nullptr, consent); !checked) return checked;
  if (auto checked = check_elsewhere(turn, call); !checked) return checked;
  const std::uint32_t leg = next_leg(call);
  const RoleName role = entry_role(turn, call, by.user);
  turn.say(call, LegEntered{leg, by.user, by.device, role});
  use_code(turn, call, role);
  if (consent) turn.say(call, ConsentChanged{leg, by.user, true});
  if (*place == Place::lobby)
    turn.say(call, LegWaiting{leg, by.user, turn.now + call.policy.lobby, note});
  else
    turn.say(call, LegJoining{leg, by.user, turn.now + call.policy.join});
  if (is_host(call, by.user) && occupancy(call).waiting > 0) turn.decides(RaceRule::lobby_waits);
  return {};
}

Result<void> rule(const Knock& knock, Turn& turn, const CallView& call, const LegView* leg) {
  if (!call.is_room()) return fail(ErrorCode::invalid_state, "only a room has a door");
  if (auto checked = check_text(knock.note, CallLimits::note_bytes_max, "note"); !checked) return checked;
  if (!leg || !is_live(*leg)) return enter_room(turn, call, Way::knock, false, knock.note);
  if (leg->state == LegState::waiting) return {};  // once is enough
  if (is_rung(*leg)) return fail(ErrorCode::invalid_state, "you are invited: accept");
  return fail(ErrorCode::already_done, "you are in");
}

}  // namespace zegocall::call_detail
