#include "zego/api_table.hpp"

#include <algorithm>

namespace zegocall {
namespace zego_detail {
namespace {

Unexpected wrong(std::string_view field, std::string detail) {
  return fail_field(ErrorCode::invalid_argument, std::string(field), std::move(detail));
}

bool is_address(std::string_view text, std::string_view of) { return text.find_first_not_of(of) == std::string_view::npos; }

/// A parameter that a kind of rule needs, or must not have.
Result<void> check_named(std::string_view name, std::string_view value, bool wanted) {
  if (wanted && value.empty()) return fail_field(ErrorCode::missing_field, std::string(name), "this RuleType needs it");
  if (!wanted && !value.empty()) return wrong(name, "this RuleType does not take it");
  return {};
}

template <class Action>
Result<void> check_rule(const Action& action) {
  const bool room = action.rule == ForbidRule::room || action.rule == ForbidRule::room_and_user;
  const bool user = action.rule == ForbidRule::user || action.rule == ForbidRule::room_and_user;
  if (!is_address(action.ip, "0123456789abcdefABCDEF.:")) return wrong("IP", "must be a numeric address");
  auto good = check_named("IP", action.ip, action.rule == ForbidRule::ip);
  if (good) good = check_named("RoomId", action.room.view(), room);
  if (good) good = check_named("UserId", action.user.view(), user);
  return good;
}

Result<void> check_relay(std::string_view url) {
  if (url.starts_with("rtmp://") || url.starts_with("rtmps://")) return {};
  return wrong("CDNUrl", "must begin with rtmp:// or rtmps://");
}

template <class Action>
Result<std::vector<ApiParameter>> read_action(const std::vector<ApiParameter>& words) {
  const auto action = action_of<Action>(words);
  if (!action) return unexpected(action.error());
  return parameters_of(*action);
}

const std::vector<ActionEntry>& entries() {
  static const std::vector<ActionEntry> all = [] {
    std::vector<ActionEntry> out;
    TypedActions::each([&]<class Action>(const Action*) { out.push_back({Spec<Action>::route, read_action<Action>}); });
    return out;
  }();
  return all;
}

}  // namespace

Result<void> check_together(const SetForbidUserRule& action) {
  if (action.privileges.size() == 2 && action.privileges[0] == action.privileges[1])
    return wrong("DisabledPrivilege.1", "is the same as the first");
  return check_rule(action);
}
Result<void> check_together(const DelForbidUserRule& action) { return check_rule(action); }
Result<void> check_together(const SetForbidStreamRule& action) {
  if (action.audio || action.video) return {};
  return wrong("DisableAudio", "this or DisableVideo must be 1");
}
Result<void> check_together(const CreatCDNTransferRule& action) { return check_relay(action.url); }
Result<void> check_together(const DeleteCDNTransferRule& action) { return check_relay(action.url); }
Result<void> check_together(const RTMPDispatchV2& action) {
  if (is_address(action.client_ip, "0123456789.")) return {};
  return wrong("ClientIP", "must be a numeric v4 address");
}

const ActionEntry* find_action(std::string_view name) {
  const auto found =
      std::find_if(entries().begin(), entries().end(), [&](const ActionEntry& entry) { return entry.route.action == name; });
  return found == entries().end() ? nullptr : &*found;
}

}  // namespace zego_detail

Result<ApiRequest> api_request(std::string_view action, const std::vector<ApiParameter>& words) {
  const auto* const entry = zego_detail::find_action(action);
  if (entry == nullptr) return fail_field(ErrorCode::unknown_event, "Action", "no typed action has this name");
  auto parameters = entry->read(words);
  if (!parameters) return unexpected(std::move(parameters).error());
  return ApiRequest{.action = std::string(action), .parameters = *std::move(parameters)};
}

std::vector<std::string_view> api_actions() {
  std::vector<std::string_view> out;
  for (const auto& entry : zego_detail::entries()) out.push_back(entry.route.action);
  return out;
}

}  // namespace zegocall
