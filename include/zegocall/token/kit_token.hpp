// Kit tokens: what the provider's web UIKit takes, a provider token, a # and the names of the room and the user.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "zegocall/token.hpp"

namespace zegocall {

/// The parts of a kit token. Only `token` is protected; the rest is what the page will call itself.
struct KitToken {
  std::string token{};           ///< a Token04, as TokenMinter makes it
  AppId app{};                   ///< must be the token's
  UserId user{};                 ///< must be the token's
  std::optional<RoomId> room{};  ///< nothing: the member is left out
  bool room_is_null = false;     ///< written, and read, as null
  std::string user_name{};       ///< what others see; any UTF-8
  bool operator==(const KitToken&) const = default;
};

/// ascii: every character of an id that is not ASCII as \uXXXX, which the kit reads rightly for any script.
/// browser: byte for byte as the kit's own helper, which cannot write ids beyond U+00FF (invalid_argument).
enum class KitSpelling : std::uint8_t { ascii, browser };

/// invalid_argument with field "token" (empty, or with a # in it), "app", "user", "room", "user_name" (empty, not UTF-8).
Result<std::string> make_kit_token(const KitToken& parts, KitSpelling spelling = KitSpelling::ascii);

/// Reads what the kit would read: a number written as a text, lost padding and a second # are taken, a missing user name is
/// "undefined". missing_field (field "#": there is none), bad_base64, bad_json, and the members' own errors with fields
/// "userID", "roomID", "userName", "appID". The token inside is not looked at.
Result<KitToken> parse_kit_token(std::string_view text);

/// A kit token that holds together.
struct KitClaims {
  KitToken kit{};
  TokenClaims token{};
};
/// Parses, verifies the token inside as verify_token does, and compares: wrong_app (field "appID"), wrong_user ("userID"),
/// wrong_room ("roomID") where the names around the token are not the token's.
Result<KitClaims> verify_kit_token(std::string_view text, const Keyring& keys, const TokenExpectation& expectation, UnixTime now);

}  // namespace zegocall
