// Who may do what in a call. The matrix is standard_roles and the room's own roles; this is the one place that asks it.
#include "zegocall/call/roles.hpp"

#include "base/planted_fault.hpp"
#include "zegocall/call/call.hpp"

namespace zegocall {
namespace {

constexpr std::string_view host = standard_roles[0].role;
constexpr std::string_view participant = standard_roles[4].role;

const RoleRow* standard_row(std::string_view role) {
  for (const RoleRow& row : standard_roles)
    if (row.role == role) return &row;
  return nullptr;
}

}  // namespace

std::optional<RoleRow> role_row(const CallView& call, std::string_view role) {
  if (const RoleRow* row = standard_row(role)) return *row;
  if (!call.room) return std::nullopt;
  for (const CustomRole& custom : call.room->settings.roles) {
    if (custom.name.view() != role) continue;
    RoleRow row{custom.name.view(), custom.rank, {}};
    for (const Capability one : custom.may) row.may.add(one);
    return row;
  }
  return std::nullopt;
}

std::string_view role_of(const CallView& call, const LegView& leg) {
  if (!leg.room_role.empty()) return leg.room_role.view();
  switch (leg.role) {
    case LegRole::caller: return host;
    case LegRole::callee: return participant;
    case LegRole::entrant: return call.room_view().settings.entry_role.view();
  }
  return participant;
}

std::string_view role_of(const CallView& call, const UserId& user) {
  if (const LegView* leg = call.live_leg_of(user)) return role_of(call, *leg);
  if (!call.room) return {};
  if (call.is_room() && !user.empty() && call.room->host == user) return host;
  const RoomMember* member = call.room->member(user);
  if (!member) return {};
  return member->role.empty() ? call.room->settings.entry_role.view() : member->role.view();
}

bool may(const CallView& call, const UserId& user, Capability capability) {
  const auto row = role_row(call, role_of(call, user));
  return row && (row->may.has(capability) || ZC_PLANTED(everybody_may));
}

namespace {

/// The role by which somebody may be acted on. Who came to a room by a code and is out keeps that one: they may come back, and
/// nobody gets above them by waiting until they lose their link.
std::string_view role_against(const CallView& call, const UserId& user) {
  const std::string_view now = role_of(call, user);
  const LegView* last = call.last_leg_of(user);
  return now.empty() && call.is_room() && last ? role_of(call, *last) : now;
}

}  // namespace

bool outranks(const CallView& call, const UserId& by, const UserId& user) {
  if (by == user) return true;
  const auto mine = role_row(call, role_of(call, by)), theirs = role_row(call, role_against(call, user));
  return mine && (!theirs || mine->rank < theirs->rank);
}

}  // namespace zegocall
