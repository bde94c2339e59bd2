// lock, unlock, set_passcode, set_capacity, set_metadata, set_attribute, join codes: what a room agrees on while it lives.
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

Result<void> check_room(const CallView& call) {
  if (call.is_room()) return {};
  return fail(ErrorCode::invalid_state, "only a room has a door");
}

RoomUpdated by_actor(const Turn& turn) {
  RoomUpdated out;
  out.by = turn.by().user;
  return out;
}

/// Race: two people change one thing at once. Whoever says what they saw is told that it is not there any more.
Result<void> check_expected(const std::optional<std::uint32_t>& expected, std::uint32_t present) {
  if (!expected || *expected == present) return {};
  return fail_field(ErrorCode::stale_version, "expected", "is version " + std::to_string(present));
}

Result<void> set_lock(Turn& turn, const CallView& call, bool locked) {
  if (call.room_view().locked == locked) return {};
  RoomUpdated changed = by_actor(turn);
  changed.locked = locked;
  turn.say(call, std::move(changed));
  return {};
}

}  // namespace

/// A locked ring call takes in nobody else, either: invitations are refused.
Result<void> rule(const Lock&, Turn& turn, const CallView& call, const LegView*) { return set_lock(turn, call, true); }
Result<void> rule(const Unlock&, Turn& turn, const CallView& call, const LegView*) { return set_lock(turn, call, false); }

/// Rotation: whoever is in stays in; what was typed before counts no more, also where the answer is still on its way.
Result<void> rule(const SetPasscode& set, Turn& turn, const CallView& call, const LegView*) {
  if (auto checked = check_room(call); !checked) return checked;
  if (call.room->passcode == set.passcode) return {};
  RoomUpdated changed = by_actor(turn);
  changed.passcode = set.passcode;
  turn.say(call, std::move(changed));
  return {};
}

Result<void> rule(const SetCapacity& set, Turn& turn, const CallView& call, const LegView*) {
  if (auto checked = check_room(call); !checked) return checked;
  if (set.capacity < 1 || set.capacity > CallLimits::capacity_max)
    return fail_field(ErrorCode::out_of_range, "capacity", "must be 1 to " + std::to_string(CallLimits::capacity_max));
  const std::uint32_t taken = occupancy(call).seats();
  if (set.capacity < taken)  // I5
    return fail_field(ErrorCode::out_of_range, "capacity", std::to_string(taken) + " seats are taken");
  if (call.room->settings.capacity == set.capacity) return {};
  RoomUpdated changed = by_actor(turn);
  changed.capacity = set.capacity;
  turn.say(call, std::move(changed));
  return {};
}

Result<void> rule(const SetMetadata& set, Turn& turn, const CallView& call, const LegView*) {
  const RoomView& room = call.room_view();
  if (auto checked = check_text(set.text, CallLimits::metadata_bytes_max, "text"); !checked) return checked;
  if (auto checked = check_expected(set.expected, room.metadata_version); !checked) return checked;
  if (room.metadata == set.text) return {};
  RoomUpdated changed = by_actor(turn);
  changed.metadata = set.text;
  turn.say(call, std::move(changed));
  return {};
}

Result<void> rule(const SetAttribute& set, Turn& turn, const CallView& call, const LegView*) {
  const RoomView& room = call.room_view();
  if (set.key.empty()) return fail_field(ErrorCode::invalid_argument, "key", "must not be empty");
  if (auto checked = check_text(set.key, CallLimits::key_bytes_max, "key"); !checked) return checked;
  if (set.value)
    if (auto checked = check_text(*set.value, CallLimits::value_bytes_max, "value"); !checked) return checked;
  const Attribute* present = room.attribute(set.key);
  const std::uint32_t version = present ? present->version : 0;
  if (auto checked = check_expected(set.expected, version); !checked) return checked;
  if (present ? set.value == present->value : !set.value) return {};
  if (!present && room.attributes.size() >= CallLimits::attributes_max)
    return fail_field(ErrorCode::limit_exceeded, "key", "at most " + std::to_string(CallLimits::attributes_max) + " attributes");
  RoomUpdated changed = by_actor(turn);
  if (set.value)
    changed.attribute = Attribute{set.key, *set.value, version + 1};
  else
    changed.attribute_removed = set.key;
  turn.say(call, std::move(changed));
  return {};
}

Result<void> rule(const AddJoinCode& add, Turn& turn, const CallView& call, const LegView*) {
  constexpr auto longest = std::chrono::hours(24 * 30);
  if (auto checked = check_room(call); !checked) return checked;
  const JoinCode& code = add.code;
  if (code.id.empty()) return fail_field(ErrorCode::invalid_argument, "code.id", "must not be empty");
  if (auto checked = check_text(code.id.view(), CallLimits::id_bytes_max, "code.id"); !checked) return checked;
  if (call.room->code(code.id)) return fail_field(ErrorCode::already_exists, "code.id", "there is a code of this id");
  if (code.uses_left < 1 || code.uses_left > 100'000)
    return fail_field(ErrorCode::out_of_range, "code.uses_left", "must be 1 to 100000");
  if (code.until <= turn.now || code.until > turn.now + longest)
    return fail_field(ErrorCode::out_of_range, "code.until", "must be within the next 30 days");
  const auto mine = role_row(call, role_of(call, turn.by().user));
  const auto row = code.role.empty() ? mine : role_row(call, code.role.view());
  if (!row || code.role == RoleName("host"))
    return fail_field(ErrorCode::invalid_argument, "code.role", "must be a role of this room, and not host");
  if (mine && row->rank < mine->rank) return fail_field(ErrorCode::forbidden, "code.role", "is above your own");
  if (call.room->codes.size() >= CallLimits::codes_max)
    return fail_field(ErrorCode::limit_exceeded, "code", "at most " + std::to_string(CallLimits::codes_max) + " codes");
  RoomUpdated changed = by_actor(turn);
  changed.code = code;
  turn.say(call, std::move(changed));
  return {};
}

Result<void> rule(const RemoveJoinCode& remove, Turn& turn, const CallView& call, const LegView*) {
  if (!call.room_view().code(remove.code)) return fail_field(ErrorCode::already_done, "code", "there is no such code");
  RoomUpdated changed = by_actor(turn);
  changed.code_removed = remove.code;
  turn.say(call, std::move(changed));
  return {};
}

}  // namespace zegocall::call_detail
