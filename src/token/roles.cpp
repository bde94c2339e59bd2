#include "token/ids.hpp"
#include "zegocall/token.hpp"

namespace zegocall {
namespace {

Unexpected bad_pattern(std::string field, std::string detail) {
  return fail_field(ErrorCode::invalid_argument, std::move(field), std::move(detail));
}

// The pattern with the ids in it.
Result<StreamId> expand(std::string_view pattern, const RoomId& room, const UserId& user, const std::string& field) {
  std::string id;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    id.append(pattern.substr(0, open));
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t end = pattern.find('}');
    if (end == std::string_view::npos) return bad_pattern(field, "a { without its }");
    const std::string_view word = pattern.substr(1, end - 1);
    if (word != "room" && word != "user") return bad_pattern(field, "only {room} and {user} stand for something");
    id.append(word == "room" ? room.view() : user.view());
    pattern.remove_prefix(end + 1);
  }
  if (auto good = token_detail::check_stream(id, IdPolicy::strict, field); !good) return unexpected(std::move(good).error());
  return StreamId(std::string_view(id));
}

}  // namespace

RoleTemplate role_template(MediaRole role) {
  return {.login = Allow::yes, .publish = role == MediaRole::listener ? Allow::no : Allow::yes, .streams = {}};
}

RoleTemplate web_kit_template(MediaRole role) {
  RoleTemplate out = role_template(role);
  switch (role) {
    case MediaRole::host:
    case MediaRole::co_host: out.streams = {"{room}_{user}_main", "{room}_{user}_media", "{room}_{user}_screensharing"}; break;
    case MediaRole::speaker: out.streams = {"{room}_{user}_main"}; break;
    case MediaRole::listener: break;
  }
  return out;
}

RtcRoom rtc_room(MediaRole role, const RoomId& room, const UserId&) {
  const RoleTemplate any = role_template(role);
  return {.room = room, .login = any.login, .publish = any.publish, .streams = std::nullopt};
}

Result<RtcRoom> rtc_room(const RoleTemplate& role, const RoomId& room, const UserId& user) {
  RtcRoom out{.room = room, .login = role.login, .publish = role.publish, .streams = std::nullopt};
  for (std::size_t i = 0; i < role.streams.size(); ++i) {
    auto stream = expand(role.streams[i], room, user, "streams." + std::to_string(i));
    if (!stream) return unexpected(std::move(stream).error());
    if (!out.streams) out.streams.emplace();
    out.streams->push_back(*std::move(stream));
  }
  return out;
}

}  // namespace zegocall
