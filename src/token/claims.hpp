// The inside of a token. Of a Token04: a JSON object of six members, the last of which holds more JSON as a string. Of a
// Token03: one of seven, a room and its privileges among them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/utf8.hpp"
#include "token/scratch.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/token.hpp"

namespace zegocall::token_detail {

/// Instants that a token may name: the year 1970 to the end of the year 9999.
inline constexpr std::int64_t unix_seconds_max = 253402300799;

/// What a version calls things; `privilege` wants its number behind.
struct ClaimNames {
  std::string_view created, expires, room, privilege;
};
const ClaimNames& names_of(TokenVersion version);

using base_detail::is_utf8;
/// Appends `text` in quotes, with the escapes that JSON asks for and no others.
void append_json_string(std::string_view text, Scratch& out);
void append_number(std::int64_t number, Scratch& out);

/// What is written, in the order app_id, user_id, nonce, ctime, expire, payload; UTF-8 as it is.
struct ClaimsToWrite {
  AppId app{};
  std::string_view user{};
  std::int64_t nonce = 0;
  std::int64_t created = 0;
  std::int64_t expires = 0;
  std::string_view payload{};
};
void append_claims(const ClaimsToWrite& claims, Scratch& out);
/// A Token03's, in the order app_id, room_id, user_id, privilege, create_time, expire_time, nonce; without the payload.
void append_claims03(const ClaimsToWrite& claims, const RtcRoom& room, Scratch& out);
/// Nothing for no payload.
void append_payload(const TokenPayload& payload, Scratch& out);

/// missing_field, mistyped_field, out_of_range with the member's name; unsupported_version for the claims of the other
/// version. `claims` is as it was made; mode and key are left as they are.
Result<void> read_claims(JsonView in, TokenVersion version, TokenClaims& claims);
TokenPayload read_payload(std::string_view text);

}  // namespace zegocall::token_detail
