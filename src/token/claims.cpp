#include "token/claims.hpp"

#include <charconv>

namespace zegocall::token_detail {
namespace {

void append_escape(unsigned char c, Scratch& out) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"': return out.append("\\\"");
    case '\\': return out.append("\\\\");
    case '\b': return out.append("\\b");
    case '\f': return out.append("\\f");
    case '\n': return out.append("\\n");
    case '\r': return out.append("\\r");
    case '\t': return out.append("\\t");
    default:
      out.append("\\u00");
      out.append(digits[c >> 4]);
      out.append(digits[c & 15]);
  }
}

void append_privilege(const RtcRoom& room, Scratch& out) {
  out.append(R"("privilege":{"1":)");
  out.append(room.login == Allow::yes ? '1' : '0');
  out.append(R"(,"2":)");
  out.append(room.publish == Allow::yes ? '1' : '0');
  out.append('}');
}

void append_room(const RtcRoom& room, Scratch& out) {
  out.append(R"({"room_id":)");
  append_json_string(room.room.view(), out);
  out.append(',');
  append_privilege(room, out);
  out.append(R"(,"stream_id_list":)");
  if (!room.streams) return out.append("null}");
  char before = '[';
  for (const StreamId& stream : *room.streams) {
    out.append(before);
    append_json_string(stream.view(), out);
    before = ',';
  }
  out.append("]}");
}

// An absent privilege is one that was not given.
Result<Allow> read_allow(JsonView in, std::string_view path) {
  auto number = in.get<std::optional<int>>(path);
  if (!number) return unexpected(std::move(number).error());
  const int value = number->value_or(0);
  if (value != 0 && value != 1) return fail_field(ErrorCode::out_of_range, std::string(path), "must be 0 or 1");
  return value == 1 ? Allow::yes : Allow::no;
}

Result<RtcRoom> read_room(JsonView in) {
  auto named = in.get<RoomId, JsonView, std::optional<std::vector<StreamId>>>("room_id", "privilege", "stream_id_list");
  if (!named) return unexpected(std::move(named).error());
  auto& [room, privilege, streams] = *named;
  auto login = read_allow(privilege, "1");
  auto publish = read_allow(privilege, "2");
  if (!login) return unexpected(std::move(login).error());
  if (!publish) return unexpected(std::move(publish).error());
  return RtcRoom{std::move(room), *login, *publish, std::move(streams)};
}

// What a version puts behind the times: a payload, or the room itself.
Result<void> read_rights(JsonView in, TokenClaims& claims) {
  if (claims.version == TokenVersion::token03) {
    auto bound = read_room(in);
    if (!bound) return unexpected(std::move(bound).error());
    bound->streams.reset();
    claims.payload = *std::move(bound);
    return {};
  }
  auto payload = in.get<std::optional<std::string>>("payload");
  if (!payload) return unexpected(std::move(payload).error());
  claims.payload_text = std::move(*payload).value_or("");
  claims.payload = read_payload(claims.payload_text);
  return {};
}

// A whole number; false for anything else, also for one that the type cannot hold.
template <class N>
bool take_number(JsonView value, N& out) {
  const std::string_view digits = value.text();
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return read.ec == std::errc() && read.ptr == digits.data() + digits.size();
}

// A text; false for anything else.
bool take_text(JsonView value, std::string& out) {
  const std::string_view quoted = value.text();
  if (quoted.front() != '"') return false;
  if (quoted.find('\\') == quoted.npos) return out.assign(quoted.substr(1, quoted.size() - 2)), true;
  auto text = value.get<std::string>();
  if (!text) return false;
  out = *std::move(text);
  return true;
}

// A good Token04's claims; false where anything is wrong, which the careful way then names. Half the cost of verifying
// is walking over the members, once for each that is asked for.
bool read_in_one_walk(JsonView in, TokenClaims& claims) {
  int found = 0;
  std::string user;
  for (const JsonEntry& member : in.members()) {
    const std::string_view key = member.key;
    if (key == "app_id")
      found += take_number(member.value, claims.app.value);
    else if (key == "user_id")
      found += take_text(member.value, user);
    else if (key == "nonce")
      found += take_number(member.value, claims.nonce);
    else if (key == "ctime")
      found += take_number(member.value, claims.created);
    else if (key == "expire")
      found += take_number(member.value, claims.expires);
    else if (key == "payload" && member.value.kind() != JsonKind::null && !take_text(member.value, claims.payload_text))
      return false;
  }
  claims.user = UserId(user);
  const auto is_instant = [](std::int64_t seconds) { return seconds >= 0 && seconds <= unix_seconds_max; };
  if (found != 5 || claims.app == AppId{} || claims.user.empty() || !is_instant(claims.created) || !is_instant(claims.expires))
    return false;
  if (!claims.payload_text.empty()) claims.payload = read_payload(claims.payload_text);
  return true;
}

Result<void> check_instant(std::int64_t seconds, std::string field) {
  if (seconds >= 0 && seconds <= unix_seconds_max) return {};
  return fail_field(ErrorCode::out_of_range, std::move(field),
                    std::to_string(seconds) + ", must be Unix seconds up to the year 9999");
}

}  // namespace

const ClaimNames& names_of(TokenVersion version) {
  static constexpr ClaimNames token04{"ctime", "expire", "payload.room_id", "payload.privilege."};
  static constexpr ClaimNames token03{"create_time", "expire_time", "room_id", "privilege."};
  return version == TokenVersion::token04 ? token04 : token03;
}

void append_json_string(std::string_view text, Scratch& out) {
  out.append('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    append_escape(c, out);
    plain = i + 1;
  }
  out.append(text.substr(plain));
  out.append('"');
}

void append_number(std::int64_t number, Scratch& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void append_claims(const ClaimsToWrite& claims, Scratch& out) {
  out.append(R"({"app_id":)");
  append_number(claims.app.value, out);
  out.append(R"(,"user_id":)");
  append_json_string(claims.user, out);
  out.append(R"(,"nonce":)");
  append_number(claims.nonce, out);
  out.append(R"(,"ctime":)");
  append_number(claims.created, out);
  out.append(R"(,"expire":)");
  append_number(claims.expires, out);
  out.append(R"(,"payload":)");
  append_json_string(claims.payload, out);
  out.append('}');
}

void append_claims03(const ClaimsToWrite& claims, const RtcRoom& room, Scratch& out) {
  out.append(R"({"app_id":)");
  append_number(claims.app.value, out);
  out.append(R"(,"room_id":)");
  append_json_string(room.room.view(), out);
  out.append(R"(,"user_id":)");
  append_json_string(claims.user, out);
  out.append(',');
  append_privilege(room, out);
  out.append(R"(,"create_time":)");
  append_number(claims.created, out);
  out.append(R"(,"expire_time":)");
  append_number(claims.expires, out);
  out.append(R"(,"nonce":)");
  append_number(claims.nonce, out);
  out.append('}');
}

void append_payload(const TokenPayload& payload, Scratch& out) {
  if (const auto* room = std::get_if<RtcRoom>(&payload)) append_room(*room, out);
  if (const auto* own = std::get_if<OwnPayload>(&payload)) out.append(own->text);
}

Result<void> read_claims(JsonView in, TokenVersion version, TokenClaims& claims) {
  if (version == TokenVersion::token04 && read_in_one_walk(in, claims)) return {};
  claims = TokenClaims{.version = version};
  const ClaimNames& names = names_of(version);
  if (!in.has(names.created) &&
      in.has(names_of(version == TokenVersion::token04 ? TokenVersion::token03 : TokenVersion::token04).created))
    return fail(ErrorCode::unsupported_version,
                "the claims inside are those of another version than its first two characters say");
  auto ids = in.get<AppId, UserId>("app_id", "user_id");
  if (!ids) return unexpected(std::move(ids).error());
  auto numbers = in.get<std::int64_t, std::int64_t, std::int64_t>("nonce", names.created, names.expires);
  if (!numbers) return unexpected(std::move(numbers).error());

  std::tie(claims.app, claims.user) = *std::move(ids);
  std::tie(claims.nonce, claims.created, claims.expires) = *numbers;
  if (auto good = read_rights(in, claims); !good) return good;
  if (claims.app == AppId{}) return fail_field(ErrorCode::out_of_range, "app_id", "0, must be 1 to 4294967295");
  if (claims.user.empty()) return fail_field(ErrorCode::out_of_range, "user_id", "is empty");
  if (auto good = check_instant(claims.created, std::string(names.created)); !good) return good;
  return check_instant(claims.expires, std::string(names.expires));
}

TokenPayload read_payload(std::string_view text) {
  if (text.empty()) return std::monostate{};
  if (text.front() == '{') {
    if (auto in = JsonView::check(text)) {
      if (auto room = read_room(*in)) return *std::move(room);
    }
  }
  return OwnPayload{std::string(text)};
}

}  // namespace zegocall::token_detail
