// create_room: a template, and what is to be different.
#include <algorithm>

#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

const RoomTemplate* template_named(const Facts& facts, std::string_view name) {
  const auto find = [&](const std::vector<RoomTemplate>& all) -> const RoomTemplate* {
    for (const RoomTemplate& each : all)
      if (each.name == name) return &each;
    return nullptr;
  };
  const RoomTemplate* own = facts.templates ? find(*facts.templates) : nullptr;
  return own ? own : find(standard_templates());
}

RoomSettings settings_of(const RoomTemplate& from, const RoomOverrides& other) {
  RoomSettings out = from.settings;
  out.from = from.name;
  out.type = other.type.value_or(out.type);
  out.capacity = other.capacity.value_or(out.capacity);
  out.lobby = other.lobby.value_or(out.lobby);
  out.host_policy = other.host_policy.value_or(out.host_policy);
  out.entry_role = other.entry_role.value_or(out.entry_role);
  out.consent = other.consent.value_or(out.consent);
  out.knock = other.knock.value_or(out.knock);
  out.roles.insert(out.roles.end(), other.roles.begin(), other.roles.end());
  if (other.schedule) out.schedule = other.schedule;
  return out;
}

/// The template's timers, and what the deployment has to say about links and tokens.
CallPolicy policy_of(const RoomTemplate& from, const RoomOverrides& other, const CallPolicy& deployed) {
  CallPolicy out = from.policy;
  out.reconnect_grace = deployed.reconnect_grace;
  out.restart_slack = deployed.restart_slack;
  out.empty = std::max(out.empty, out.restart_slack);
  out.device_lease = deployed.device_lease;
  out.token_lifetime = deployed.token_lifetime;
  out.token_renew = deployed.token_renew;
  out.busy = deployed.busy;
  out.max_duration = other.max_duration.value_or(out.max_duration);
  return out;
}

Result<void> check_member(const CreateRoom& create, std::size_t index, const CallView& room) {
  const RoomMember& member = create.members[index];
  const std::string field = "members." + std::to_string(index);
  if (member.user.empty()) return fail_field(ErrorCode::invalid_argument, field + ".user", "must not be empty");
  if (auto checked = check_text(member.user.view(), CallLimits::id_bytes_max, field + ".user"); !checked) return checked;
  const bool known = member.role.empty() || (role_row(room, member.role.view()) && member.role != RoleName("host"));
  if (!known) return fail_field(ErrorCode::invalid_argument, field + ".role", "must be a role of this room, and not host");
  return {};
}

Result<std::vector<RoomMember>> members_of(const CreateRoom& create, const CallView& room) {
  if (create.members.size() > CallLimits::members_max)
    return fail_field(ErrorCode::limit_exceeded, "members", "at most " + std::to_string(CallLimits::members_max));
  for (std::size_t i = 0; i < create.members.size(); ++i)
    if (auto checked = check_member(create, i, room); !checked) return unexpected(checked.error());
  std::vector<RoomMember> out = create.members;
  std::sort(out.begin(), out.end(), [](const RoomMember& a, const RoomMember& b) { return a.user < b.user; });
  const auto twice =
      std::adjacent_find(out.begin(), out.end(), [](const RoomMember& a, const RoomMember& b) { return a.user == b.user; });
  if (twice != out.end()) return fail_field(ErrorCode::invalid_argument, "members", twice->user.str() + " is there twice");
  return out;
}

Result<void> check_create(const CreateRoom& create, const Turn& turn, const RoomSettings& settings, const CallPolicy& policy) {
  if (auto checked = check_text(create.topic, CallLimits::topic_bytes_max, "topic"); !checked) return checked;
  if (auto checked = check(settings); !checked) return checked;
  if (auto checked = check(policy); !checked) return checked;
  for (const CallView* call : turn.calls)
    if (call->id == turn.command.call) return fail_field(ErrorCode::already_exists, "call", "there is a call with this id");
  if (settings.schedule && settings.schedule->starts_at + settings.schedule->no_show <= turn.now)
    return fail_field(ErrorCode::out_of_range, "schedule.starts_at", "is over already");
  return {};
}

}  // namespace

Result<void> rule(const CreateRoom& create, Turn& turn) {
  const RoomTemplate* from = template_named(turn.facts, create.from);
  if (!from) return fail_field(ErrorCode::invalid_argument, "from", "there is no such template");
  RoomView room;
  room.settings = settings_of(*from, create.settings);
  const CallPolicy policy = policy_of(*from, create.settings, turn.facts.policy);
  if (auto checked = check_create(create, turn, room.settings, policy); !checked) return checked;
  room.host = turn.by().user;
  room.passcode = create.passcode;
  CallView fresh;
  fresh.id = turn.command.call;
  fresh.room = room;
  auto members = members_of(create, fresh);
  if (!members) return unexpected(members.error());
  room.members = *std::move(members);
  turn.say(fresh, CallCreated{turn.by().user, turn.by().device, create.media, create.topic, policy, {}, std::move(room)});
  return {};
}

}  // namespace zegocall::call_detail
