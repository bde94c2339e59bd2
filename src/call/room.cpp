// How rooms are set up: limits, the templates that come with the library, and lookups.
#include "zegocall/call/room.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "zegocall/call/call.hpp"

namespace zegocall {
namespace {
using namespace std::chrono_literals;

Result<void> check_within(const char* field, std::chrono::milliseconds value, std::chrono::milliseconds least,
                          std::chrono::milliseconds most) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field,
                    "must be " + std::to_string(least.count()) + " to " + std::to_string(most.count()) + " ms");
}

Result<void> check_schedule(const Schedule& schedule) {
  if (auto checked = check_within("schedule.early", schedule.early, 0ms, 24h); !checked) return checked;
  if (auto checked = check_within("schedule.late", schedule.late, 0ms, 24h); !checked) return checked;
  return check_within("schedule.no_show", schedule.no_show, 1min, 24h);
}

bool is_standard(std::string_view role) {
  return std::any_of(standard_roles.begin(), standard_roles.end(), [&](const RoleRow& row) { return row.role == role; });
}

Result<void> check_role(const RoomSettings& settings, std::size_t index) {
  const CustomRole& role = settings.roles[index];
  const std::string field = "roles." + std::to_string(index);
  if (role.name.empty()) return fail_field(ErrorCode::invalid_argument, field + ".name", "must not be empty");
  if (role.name.view().size() > CallLimits::id_bytes_max)
    return fail_field(ErrorCode::limit_exceeded, field + ".name",
                      "at most " + std::to_string(CallLimits::id_bytes_max) + " bytes");
  if (!base_detail::is_utf8(role.name.view())) return fail_field(ErrorCode::bad_utf8, field + ".name", "is not UTF-8");
  if (is_standard(role.name.view())) return fail_field(ErrorCode::invalid_argument, field + ".name", "is a standard role");
  for (std::size_t other = 0; other < index; ++other)
    if (settings.roles[other].name == role.name)
      return fail_field(ErrorCode::invalid_argument, field + ".name", "is there twice");
  if (role.rank < 1 || role.rank > 1000) return fail_field(ErrorCode::out_of_range, field + ".rank", "must be 1 to 1000");
  return {};
}

RoomTemplate meeting() {
  RoomTemplate out{"meeting", {}, {}};
  out.settings.type = RoomType::private_room;
  out.settings.lobby = LobbyRule::until_host;
  out.settings.host_policy = HostPolicy::hand_over;
  return out;
}
RoomTemplate webinar() {
  RoomTemplate out{"webinar", {}, {}};
  out.settings.capacity = 1000;
  out.settings.lobby = LobbyRule::until_host;
  out.settings.host_policy = HostPolicy::wait;
  out.settings.entry_role = RoleName("guest");
  return out;
}
RoomTemplate classroom() {
  RoomTemplate out{"classroom", {}, {}};
  out.settings.type = RoomType::invited_only;
  out.settings.capacity = 60;
  out.settings.lobby = LobbyRule::until_host;
  out.settings.host_policy = HostPolicy::end;
  out.settings.consent = RecordingConsent::ask;
  return out;
}
RoomTemplate audio_room() {
  RoomTemplate out{"audio_room", {}, {}};
  out.settings.capacity = 1000;
  out.settings.host_policy = HostPolicy::hand_over;
  out.settings.entry_role = RoleName("listener");
  out.settings.roles = {{RoleName("listener"), 6, {Capability::chat}}};
  return out;
}
RoomTemplate consultation() {
  RoomTemplate out{"consultation", {}, {}};
  out.settings.type = RoomType::invited_only;
  out.settings.capacity = 2;
  out.settings.lobby = LobbyRule::on;
  out.settings.host_policy = HostPolicy::wait;
  out.settings.consent = RecordingConsent::ask;
  return out;
}
RoomTemplate drop_in() { return {"drop_in", {}, {}}; }

std::vector<RoomTemplate> make_templates() {
  std::vector<RoomTemplate> all{meeting(), webinar(), classroom(), audio_room(), consultation(), drop_in()};
  for (RoomTemplate& each : all) {
    each.settings.from = each.name;
    each.policy.ending = 10s;
    each.policy.second_device = SecondDevice::replace;
  }
  return all;
}

template <class List, class Key, class Get>
auto find_sorted(const List& list, const Key& key, Get get) -> decltype(list.data()) {
  const auto found = std::lower_bound(list.begin(), list.end(), key, [&](const auto& one, const Key& k) { return get(one) < k; });
  return found != list.end() && get(*found) == key ? &*found : nullptr;
}

}  // namespace

Result<void> check(const RoomSettings& settings) {
  if (settings.capacity < 1 || settings.capacity > CallLimits::capacity_max)
    return fail_field(ErrorCode::out_of_range, "capacity", "must be 1 to " + std::to_string(CallLimits::capacity_max));
  if (settings.roles.size() > CallLimits::roles_max)
    return fail_field(ErrorCode::limit_exceeded, "roles", "at most " + std::to_string(CallLimits::roles_max));
  for (std::size_t i = 0; i < settings.roles.size(); ++i)
    if (auto checked = check_role(settings, i); !checked) return checked;
  const bool known = is_standard(settings.entry_role.view()) ||
                     std::any_of(settings.roles.begin(), settings.roles.end(),
                                 [&](const CustomRole& role) { return role.name == settings.entry_role; });
  if (!known || settings.entry_role == RoleName("host"))
    return fail_field(ErrorCode::invalid_argument, "entry_role", "must be a role of this room, and not host");
  if (settings.schedule) return check_schedule(*settings.schedule);
  return {};
}

const std::vector<RoomTemplate>& standard_templates() {
  static const std::vector<RoomTemplate> all = make_templates();
  return all;
}

const RoomMember* RoomView::member(const UserId& user) const {
  return find_sorted(members, user, [](const RoomMember& m) -> const UserId& { return m.user; });
}

const Ban* RoomView::ban(const UserId& user, UnixTime now) const {
  const Ban* found = find_sorted(bans, user, [](const Ban& b) -> const UserId& { return b.user; });
  return found && (!found->until || *found->until > now) ? found : nullptr;
}

const JoinCode* RoomView::code(const JoinCodeId& id) const {
  for (const JoinCode& code : codes)
    if (code.id == id) return &code;
  return nullptr;
}

const Attribute* RoomView::attribute(std::string_view key) const {
  return find_sorted(attributes, key, [](const Attribute& a) -> std::string_view { return a.key; });
}

const RoomView& CallView::room_view() const {
  static const RoomView nothing_set = [] {
    RoomView view;
    view.settings.capacity = CallLimits::capacity_max;
    return view;
  }();
  return room ? *room : nothing_set;
}

}  // namespace zegocall
