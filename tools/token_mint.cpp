#include <array>

#include "credentials.hpp"
#include "keys.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

MediaRole role_of(std::string_view word) {
  if (word == "host") return MediaRole::host;
  if (word == "co_host") return MediaRole::co_host;
  return word == "listener" ? MediaRole::listener : MediaRole::speaker;
}

Result<TokenPayload> payload_of(const MintOptions& options) {
  if (options.payload && !options.room.empty())
    return fail_field(ErrorCode::invalid_argument, "--payload", "not together with --room");
  if (options.payload) return TokenPayload(OwnPayload{*options.payload});
  if (options.room.empty()) {
    if (!options.streams.empty()) return fail_field(ErrorCode::missing_field, "--room", "--stream needs it");
    return TokenPayload();
  }
  const MediaRole role = role_of(options.role);
  auto made = rtc_room(options.web_kit_streams ? web_kit_template(role) : role_template(role),
                       RoomId(std::string_view(options.room)), UserId(std::string_view(options.user)));
  if (!made) return unexpected(std::move(made).error());
  RtcRoom room = *std::move(made);
  for (const std::string& stream : options.streams) {
    if (!room.streams) room.streams.emplace();
    room.streams->emplace_back(std::string_view(stream));
  }
  return TokenPayload(std::move(room));
}

Result<TokenRequest> request_of(const MintOptions& options) {
  auto lifetime = read_span(options.lifetime);
  if (!lifetime) return unexpected(std::move(lifetime).error());
  auto payload = payload_of(options);
  if (!payload) return unexpected(std::move(payload).error());
  return TokenRequest{.user = UserId(std::string_view(options.user)),
                      .lifetime = *lifetime,
                      .payload = *std::move(payload),
                      .mode = options.mode == "cbc" ? TokenMode::cbc : TokenMode::gcm,
                      .ids = options.relaxed_ids ? IdPolicy::relaxed : IdPolicy::strict,
                      .version = options.token03 ? TokenVersion::token03 : TokenVersion::token04};
}

}  // namespace

Exit run_token_mint(const MintOptions& options) {
  if (options.batch) return run_mint_batch(options.fixed_randomness, options.relaxed_ids);
  if (options.user.empty()) return usage_error({ErrorCode::missing_field, "--user", "is required"}, options.json);
  if (options.fixed_randomness)
    return usage_error({ErrorCode::invalid_argument, "--insecure-fixed-randomness", "only with --batch"}, options.json);
  const auto keys = find_keys(options.key);
  if (!keys) return usage_error(keys.error(), options.json);
  const auto request = request_of(options);
  if (!request) return usage_error(request.error(), options.json);
  const UnixTime now = find_now(options.now);
  const auto token = TokenMinter(*keys, system_bytes()).mint(*request, now);
  if (!token) return usage_error(token.error(), options.json), Exit::no;  // standard output is for the token
  if (!options.json) return print(*token + "\n"), Exit::yes;
  const auto expires = std::chrono::floor<std::chrono::seconds>(now) + request->lifetime;
  print(JsonObject{{"ok", true},
                   {"token", *token},
                   {"app_id", keys->app()},
                   {"user_id", options.user},
                   {"mode", name(options.token03 ? TokenMode::cbc : request->mode)},  // a Token03 knows no other
                   {"expires_at", iso8601(expires)}}
            .text() +
        "\n");
  return Exit::yes;
}

}  // namespace zegocall::cli
