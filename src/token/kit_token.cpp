#include "zegocall/token/kit_token.hpp"

#include <charconv>

#include "token/base64.hpp"
#include "token/claims.hpp"

namespace zegocall {
namespace {

using namespace token_detail;

constexpr char upper_digits[] = "0123456789ABCDEF";
constexpr char lower_digits[] = "0123456789abcdef";

Unexpected wrong(ErrorCode code, std::string field, std::string detail) {
  return fail_field(code, std::move(field), std::move(detail));
}

// encodeURIComponent of JavaScript.
std::string encode_component(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', upper_digits[byte >> 4], upper_digits[byte & 15]});
  }
  return out;
}

// decodeURIComponent; nothing where it would throw.
std::optional<std::string> decode_component(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned byte = 0;
    const char* const end = text.data() + std::min(i + 3, text.size());
    const auto read = std::from_chars(text.data() + i + 1, end, byte, 16);
    if (text.size() - i < 3 || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

// The next code point of text that is known to be UTF-8.
char32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t code = size == 1 ? first : first & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  text.remove_prefix(size);
  return code;
}

void append_unit_escape(char32_t unit, std::string& out) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(lower_digits[unit >> shift & 15]);
}

// JSON text as the spelling wants it; false if there is a character that btoa refuses.
bool respell(std::string_view json, KitSpelling spelling, std::string& out) {
  while (!json.empty()) {
    const char32_t code = take_code_point(json);
    if (code < 0x80 || (spelling == KitSpelling::browser && code < 0x100)) {
      out.push_back(static_cast<char>(code));
    } else if (spelling == KitSpelling::browser) {
      return false;
    } else if (code < 0x10000) {
      append_unit_escape(code, out);
    } else {
      append_unit_escape(0xd800 + ((code - 0x10000) >> 10), out);
      append_unit_escape(0xdc00 + ((code - 0x10000) & 0x3ff), out);
    }
  }
  return true;
}

Result<void> check(const KitToken& parts) {
  const auto refuse = [](std::string field, std::string detail) {
    return fail_field(ErrorCode::invalid_argument, std::move(field), std::move(detail));
  };
  if (parts.token.empty() || parts.token.find('#') != std::string::npos) return refuse("token", "must be a token without a #");
  if (parts.app == AppId{}) return refuse("app", "0, must be 1 to 4294967295");
  if (parts.user.empty() || !is_utf8(parts.user.view())) return refuse("user", "must be UTF-8 and not empty");
  if (parts.room && parts.room_is_null) return refuse("room", "is given, and is to be null");
  if (parts.room && !is_utf8(parts.room->view())) return refuse("room", "is not UTF-8");
  if (!is_utf8(parts.user_name)) return refuse("user_name", "is not UTF-8");
  return {};
}

void append_members(const KitToken& parts, Scratch& out) {
  out.append(R"({"userID":)");
  append_json_string(parts.user.view(), out);
  if (parts.room || parts.room_is_null) out.append(R"(,"roomID":)");
  if (parts.room) append_json_string(parts.room->view(), out);
  if (parts.room_is_null) out.append("null");
  out.append(R"(,"userName":)");
  append_json_string(encode_component(parts.user_name), out);
  out.append(R"(,"appID":)");
  append_number(parts.app.value, out);
  out.append('}');
}

// atob gives characters up to U+00FF, one for each byte.
std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | byte >> 6));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return out;
}

Result<std::string> decode_names(std::string_view text) {
  std::string padded(text.substr(0, text.find('=')));
  if (text.find_first_not_of('=', padded.size()) != std::string_view::npos)
    return wrong(ErrorCode::bad_base64, "names", "the part behind the # is not base64");
  padded.append((4 - padded.size() % 4) % 4, '=');
  Scratch bytes;
  if (decode_base64(padded, Alphabet::standard, bytes).failed)
    return wrong(ErrorCode::bad_base64, "names", "the part behind the # is not base64");
  return from_latin1(bytes.view());
}

Result<AppId> read_app(JsonView in) {
  if (auto text = in.get<std::string>("appID")) {
    std::uint32_t number = 0;
    const char* const end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return wrong(ErrorCode::mistyped_field, "appID", "must be a number");
    return AppId(number);
  }
  return in.get<AppId>("appID");
}

Result<void> read_names(JsonView in, KitToken& out) {
  auto user = in.get<UserId>("userID");
  if (!user) return unexpected(std::move(user).error());
  auto room = in.get<std::optional<RoomId>>("roomID");
  if (!room) return unexpected(std::move(room).error());
  auto name = in.get<std::optional<std::string>>("userName");
  if (!name) return unexpected(std::move(name).error());
  auto app = read_app(in);
  if (!app) return unexpected(std::move(app).error());
  auto decoded = decode_component(name->value_or("undefined"));
  if (!decoded) return wrong(ErrorCode::invalid_argument, "userName", "is not percent-encoded UTF-8");
  if (*app == AppId{}) return wrong(ErrorCode::out_of_range, "appID", "0, must be 1 to 4294967295");
  if (user->empty()) return wrong(ErrorCode::out_of_range, "userID", "is empty");
  out.user = *std::move(user);
  out.room_is_null = !*room && in.has("roomID");
  out.room = *std::move(room);
  out.user_name = *std::move(decoded);
  out.app = *app;
  return {};
}

Result<void> compare(const KitToken& kit, const TokenClaims& token) {
  if (kit.app != token.app)
    return wrong(ErrorCode::wrong_app, "appID",
                 "is " + std::to_string(kit.app.value) + ", the token's is " + std::to_string(token.app.value));
  if (kit.user != token.user)
    return wrong(ErrorCode::wrong_user, "userID", "is " + kit.user.str() + ", the token's is " + token.user.str());
  const auto* bound = std::get_if<RtcRoom>(&token.payload);
  if (bound != nullptr && kit.room && *kit.room != bound->room)
    return wrong(ErrorCode::wrong_room, "roomID", "is " + kit.room->str() + ", the token's is " + bound->room.str());
  return {};
}

}  // namespace

Result<std::string> make_kit_token(const KitToken& parts, KitSpelling spelling) {
  if (auto good = check(parts); !good) return unexpected(std::move(good).error());
  Scratch json;
  append_members(parts, json);
  std::string spelled;
  if (!respell(json.view(), spelling, spelled))
    return wrong(ErrorCode::invalid_argument, "room", "or user: a character above U+00FF, which the kit's helper cannot write");
  std::string out = parts.token + "#";
  encode_base64(spelled, Alphabet::standard, out);
  return out;
}

Result<KitToken> parse_kit_token(std::string_view text) {
  const std::size_t first = text.find('#');
  if (first == std::string_view::npos) return wrong(ErrorCode::missing_field, "#", "there is no # between a token and the names");
  KitToken out{.token = std::string(text.substr(0, first))};
  text.remove_prefix(first + 1);
  const auto json = decode_names(text.substr(0, text.find('#')));
  if (!json) return unexpected(json.error());
  auto in = JsonView::check(*json);
  if (!in) return wrong(ErrorCode::bad_json, "names", in.error().detail);
  if (in->kind() != JsonKind::object) return wrong(ErrorCode::bad_json, "names", "are not an object");
  if (auto good = read_names(*in, out); !good) return unexpected(std::move(good).error());
  return out;
}

Result<KitClaims> verify_kit_token(std::string_view text, const Keyring& keys, const TokenExpectation& expectation,
                                   UnixTime now) {
  auto kit = parse_kit_token(text);
  if (!kit) return unexpected(std::move(kit).error());
  auto token = verify_token(kit->token, keys, expectation, now);
  if (!token) return unexpected(std::move(token).error());
  if (auto good = compare(*kit, *token); !good) return unexpected(std::move(good).error());
  return KitClaims{*std::move(kit), *std::move(token)};
}

}  // namespace zegocall
