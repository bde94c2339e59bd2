#include "../common/shapes.hpp"
#include "guard.hpp"

using namespace zegocall;
using namespace zegocall::c_detail;
using namespace zegocall::bindings;

/// The minter keeps its address of the keys, so the pair never moves.
struct zc_keyring {
  explicit zc_keyring(Keyring ring) : keys(std::move(ring)), minter(keys) {}
  Keyring keys;
  TokenMinter minter;
};

namespace {

Result<Secret> secret_of(const char* secret, std::size_t size) {
  return text_of({secret, size}, "secret").transform([](std::string_view text) { return Secret(text); });
}

Allow allow_of(std::int32_t flag) { return flag != 0 ? Allow::yes : Allow::no; }

Result<TokenRequest> request_of(const zc_token_request& given) {
  TokenRequest request;
  const auto user = text_of(given.user, "user"), room = text_of(given.room, "room"), payload = text_of(given.payload, "payload");
  for (const auto* text : {&user, &room, &payload})
    if (!*text) return unexpected(text->error());
  const auto lifetime = span_of(given.lifetime_s, "lifetime");
  if (!lifetime) return unexpected(lifetime.error());
  if (given.mode != ZC_MODE_GCM && given.mode != ZC_MODE_CBC) return bad_argument("mode", "must be ZC_MODE_GCM or ZC_MODE_CBC");
  request.user = UserId(*user);
  auto what = payload_of(*room, given.role, *payload, request.user);
  if (!what) return unexpected(std::move(what).error());
  request.payload = *std::move(what);
  request.lifetime = *lifetime;
  request.mode = given.mode == ZC_MODE_CBC ? TokenMode::cbc : TokenMode::gcm;
  request.app = AppId(given.app_id);
  request.ids = given.relaxed_ids != 0 ? IdPolicy::relaxed : IdPolicy::strict;
  return request;
}

Result<TokenExpectation> expectation_of(const zc_token_expectation* pointer) {
  const auto given = options_of(pointer, ZC_TOKEN_EXPECTATION_INIT, "expectation");
  if (!given) return unexpected(given.error());
  const auto user = text_of(given->user, "user"), room = text_of(given->room, "room"), stream = text_of(given->stream, "stream");
  for (const auto* text : {&user, &room, &stream})
    if (!*text) return unexpected(text->error());
  const auto leeway = span_of(given->leeway_s, "leeway");
  if (!leeway) return unexpected(leeway.error());
  return TokenExpectation{.app = AppId(given->app_id),
                          .user = UserId(*user),
                          .room = RoomId(*room),
                          .login = allow_of(given->login),
                          .publish = allow_of(given->publish),
                          .stream = StreamId(*stream),
                          .token03 = allow_of(given->token03),
                          .leeway = *leeway};
}

/// What verifying and inspecting read alike.
struct Question {
  std::string_view text;
  TokenExpectation expectation;
  UnixTime now;
};
Result<Question> question_of(zc_view token, const zc_token_expectation* pointer, std::int64_t now_ms) {
  const auto text = text_of(token, "token");
  if (!text) return unexpected(text.error());
  auto expectation = expectation_of(pointer);
  if (!expectation) return unexpected(std::move(expectation).error());
  const auto now = time_of(now_ms, "now_ms");
  if (!now) return unexpected(now.error());
  return Question{*text, *std::move(expectation), *now};
}

/// The answer of a function whose `out` may be NULL.
Result<void> answer(zc_string* out, const JsonObject& object) {
  return out == nullptr ? Result<void>() : fill(out, object.text());
}

Result<void> verify_into(zc_string* out, const zc_keyring* keys, zc_view token, const zc_token_expectation* pointer,
                         std::int64_t now_ms, bool kit) {
  if (out != nullptr)
    if (auto ready = fillable(out); !ready) return ready;
  if (auto there = not_null(keys, "keys"); !there) return there;
  const auto question = question_of(token, pointer, now_ms);
  if (!question) return unexpected(question.error());
  if (kit) {
    const auto claims = verify_kit_token(question->text, keys->keys, question->expectation, question->now);
    return claims ? answer(out, kit_json(*claims)) : Result<void>(unexpected(claims.error()));
  }
  const auto claims = verify_token(question->text, keys->keys, question->expectation, question->now);
  return claims ? answer(out, claims_json(*claims)) : Result<void>(unexpected(claims.error()));
}

Result<void> add_key(Keyring& keys, std::uint32_t app_id, const char* secret, std::size_t size, const zc_key_options* pointer) {
  const auto options = options_of(pointer, ZC_KEY_OPTIONS_INIT, "options");
  if (!options) return unexpected(options.error());
  auto text = secret_of(secret, size);
  if (!text) return unexpected(std::move(text).error());
  const auto from = time_of(options->active_from_ms, "active_from_ms"), until = time_of(options->retired_at_ms, "retired_at_ms");
  if (!from) return unexpected(from.error());
  if (!until) return unexpected(until.error());
  AppKey key{.app = AppId(app_id), .secret = *std::move(text)};
  if (options->active_from_ms != 0) key.active_from = *from;
  if (options->retired_at_ms != 0) key.retired_at = *until;
  return keys.add(std::move(key));
}

}  // namespace

int64_t zc_now_ms() noexcept { return system_now().wall.time_since_epoch().count(); }

zc_status zc_keyring_new(zc_keyring** out, uint32_t app_id, const char* secret, size_t secret_size) noexcept {
  return guard([&]() -> Result<void> {
    if (auto there = not_null(out, "out"); !there) return there;
    auto text = secret_of(secret, secret_size);
    if (!text) return unexpected(std::move(text).error());
    auto keys = Keyring::of(AppId(app_id), *std::move(text));
    if (!keys) return unexpected(std::move(keys).error());
    *out = new zc_keyring(*std::move(keys));
    return {};
  });
}

zc_status zc_keyring_add(zc_keyring* keys, uint32_t app_id, const char* secret, size_t secret_size,
                         const zc_key_options* options) noexcept {
  return guard([&]() -> Result<void> {
    if (auto there = not_null(keys, "keys"); !there) return there;
    return add_key(keys->keys, app_id, secret, secret_size, options);
  });
}

void zc_keyring_free(zc_keyring* keys) noexcept { delete keys; }

zc_status zc_token_mint(zc_string* out, const zc_keyring* keys, const zc_token_request* request, int64_t now_ms) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    if (auto there = not_null(keys, "keys"); !there) return there;
    if (auto there = not_null(request, "request"); !there) return there;
    const auto given = options_of(request, ZC_TOKEN_REQUEST_INIT, "request");
    if (!given) return unexpected(given.error());
    const auto wanted = request_of(*given);
    if (!wanted) return unexpected(wanted.error());
    const auto now = time_of(now_ms, "now_ms");
    if (!now) return unexpected(now.error());
    const auto token = keys->minter.mint(*wanted, *now);
    return token ? fill(out, *token) : Result<void>(unexpected(in_their_words(token.error())));
  });
}

zc_status zc_token_verify(zc_string* out, const zc_keyring* keys, zc_view token, const zc_token_expectation* expectation,
                          int64_t now_ms) noexcept {
  return guard([&] { return verify_into(out, keys, token, expectation, now_ms, false); });
}

zc_status zc_token_inspect(zc_string* out, const zc_keyring* keys, zc_view token, const zc_token_expectation* expectation,
                           int64_t now_ms) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    const auto question = question_of(token, expectation, now_ms);
    if (!question) return unexpected(question.error());
    const Keyring* ring = keys == nullptr ? nullptr : &keys->keys;
    return fill(out, report_json(inspect_token(question->text, ring, question->expectation, question->now)).text());
  });
}

zc_status zc_kit_token_make(zc_string* out, const zc_kit_token_parts* parts) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    if (auto there = not_null(parts, "parts"); !there) return there;
    const auto given = options_of(parts, ZC_KIT_TOKEN_PARTS_INIT, "parts");
    if (!given) return unexpected(given.error());
    const auto token = text_of(given->token, "token"), user = text_of(given->user, "user"), room = text_of(given->room, "room"),
               user_name = text_of(given->user_name, "user_name");
    for (const auto* text : {&token, &user, &room, &user_name})
      if (!*text) return unexpected(text->error());
    KitToken kit{
        .token = std::string(*token), .app = AppId(given->app_id), .user = UserId(*user), .user_name = std::string(*user_name)};
    if (!room->empty()) kit.room = RoomId(*room);
    const auto made = make_kit_token(kit);
    return made ? fill(out, *made) : Result<void>(unexpected(made.error()));
  });
}

zc_status zc_kit_token_verify(zc_string* out, const zc_keyring* keys, zc_view text, const zc_token_expectation* expectation,
                              int64_t now_ms) noexcept {
  return guard([&] { return verify_into(out, keys, text, expectation, now_ms, true); });
}
