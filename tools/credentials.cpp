// kit-token, turn and jwt: credentials other than the provider's token.
#include "credentials.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "keys.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/token/kit_token.hpp"
#include "zegocall/token/turn.hpp"

namespace zegocall::cli {
namespace {

Result<std::string> token_for(const KitOptions& options, AppId app, UnixTime now) {
  if (!options.token.empty()) return options.token;
  auto lifetime = read_span(options.lifetime);
  if (!lifetime) return unexpected(std::move(lifetime).error());
  auto keys = find_keys(options.key);
  if (!keys) return unexpected(std::move(keys).error());
  const TokenRequest request{.user = UserId(std::string_view(options.user)),
                             .lifetime = *lifetime,
                             .mode = options.mode == "cbc" ? TokenMode::cbc : TokenMode::gcm,
                             .app = app};
  return TokenMinter(*keys, system_bytes()).mint(request, now);
}

JsonObject kit_json(const KitToken& kit) {
  JsonObject out{{"app_id", kit.app}, {"user_id", kit.user}};
  if (kit.room_is_null)
    out.add("room_id", nullptr);
  else
    out.add("room_id", kit.room);
  out.add("user_name", kit.user_name).add("token", kit.token);
  return out;
}

std::string kit_text(const KitToken& kit) {
  return "app       " + std::to_string(kit.app.value) + "\nuser      " + printable(kit.user.view()) + "\nroom      " +
         (kit.room ? printable(kit.room->view()) : std::string("none")) + "\nname      " + printable(kit.user_name) +
         "\ntoken     " + printable(kit.token) + "\n";
}

// The names beside it are what can be wrong here: the secret opens the token whichever app they name.
Error in_words_of_kit(Error error, const KitToken& kit, const Keyring& keys, UnixTime now) {
  if (error.code != ErrorCode::wrong_app || error.field != "app_id") return error;
  const TokenReport inside = inspect_token(kit.token, &keys, now);
  if (!inside.claims) return error;
  return {ErrorCode::wrong_app, "appID",
          "is " + std::to_string(kit.app.value) + ", the token's is " + std::to_string(inside.claims->app.value)};
}

// What is wrong with the kit token, as far as the key that is there can say.
std::optional<Error> judged(const std::string& text, const KitParseOptions& options, bool& verified) {
  auto app = find_app(options.key);
  if (!app) return std::move(app).error();
  auto secret = find_secret(options.key);
  if (!secret) return std::move(secret).error();
  if (!*secret) return std::nullopt;
  const KitToken kit = parse_kit_token(text).value();
  auto keys = Keyring::of(kit.app, **std::move(secret));
  if (!keys) return std::move(keys).error();
  const UnixTime now = find_now(options.now);
  auto claims = verify_kit_token(text, *keys, {}, now);
  verified = true;
  if (!claims) return in_words_of_kit(std::move(claims).error(), kit, *keys, now);
  if (*app && **app != kit.app)
    return Error{ErrorCode::wrong_app, "appID",
                 "is " + std::to_string(kit.app.value) + ", must be " + std::to_string((*app)->value)};
  return std::nullopt;
}

Result<Secret> needed_secret(const std::string& file, const char* specific, const char* general) {
  auto secret = find_secret_in(file, specific, general);
  if (!secret) return unexpected(std::move(secret).error());
  if (!*secret) return fail_field(ErrorCode::missing_field, specific, "set it, or say --secret-file");
  return **std::move(secret);
}

bool is_turn_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view scheme = url.substr(0, colon);
  return (scheme == "turn" || scheme == "turns" || scheme == "stun" || scheme == "stuns") && colon + 1 < url.size() &&
         url[colon + 1] != '/';
}

Result<JwtRequest> request_of(const JwtMintOptions& options) {
  auto lifetime = read_span(options.lifetime);
  if (!lifetime) return unexpected(std::move(lifetime).error());
  JwtRequest out{.user = UserId(std::string_view(options.user)), .lifetime = *lifetime, .user_claim = options.user_claim};
  for (const std::string& claim : options.claims) {
    const std::size_t at = claim.find('=');
    if (at == std::string::npos) return fail_field(ErrorCode::invalid_argument, "--claim", "must be name=value");
    out.texts.emplace_back(claim.substr(0, at), claim.substr(at + 1));
  }
  return out;
}

Result<JwtVerifier> verifier_of(const JwtVerifyOptions& options) {
  if (options.algorithm == "hs256") {
    auto secret = needed_secret(options.secret_file, "JWT_ACCESS_SECRET", "JWT_SECRET");
    if (!secret) return unexpected(std::move(secret).error());
    return JwtVerifier::hs256(*std::move(secret), {.leeway = std::chrono::seconds(options.leeway)});
  }
  if (options.key_file.empty())
    return fail_field(ErrorCode::missing_field, "--key-file", options.algorithm + " wants a public key");
  auto pem = read_file(options.key_file, "--key-file");
  if (!pem) return unexpected(std::move(pem).error());
  const JwtOptions jwt{.leeway = std::chrono::seconds(options.leeway)};
  if (options.algorithm == "rs256") return JwtVerifier::rs256(*pem, jwt);
  return options.algorithm == "es256" ? JwtVerifier::es256(*pem, jwt) : JwtVerifier::eddsa(*pem, jwt);
}

}  // namespace

Exit run_kit_make(const KitOptions& options) {
  auto app = find_app(options.key);
  if (!app) return usage_error(app.error(), options.json);
  if (!*app) return usage_error({ErrorCode::missing_field, "ZEGO_APP_ID", "set it, or say --app"}, options.json);
  auto token = token_for(options, **app, find_now(options.now));
  if (!token) return usage_error(token.error(), options.json);
  KitToken parts{.token = *std::move(token), .app = **app, .user = UserId(std::string_view(options.user))};
  if (!options.room.empty()) parts.room = RoomId(std::string_view(options.room));
  parts.user_name = options.name;
  const auto made = make_kit_token(parts);
  if (!made) return usage_error(made.error(), options.json), Exit::no;
  print(options.json ? JsonObject{{"ok", true}, {"kit_token", *made}}.text() + "\n" : *made + "\n");
  return Exit::yes;
}

Exit run_kit_parse(const KitParseOptions& options) {
  const auto text = find_text(options.text, options.key.secret_file);
  if (!text) return usage_error(text.error(), options.json);
  const auto kit = parse_kit_token(*text);
  if (!kit) return refusal(kit.error(), options.json);
  bool verified = false;
  const auto problem = judged(*text, options, verified);
  if (problem && !verified) return usage_error(*problem, options.json);
  if (options.json) {
    JsonObject out = problem ? error_json(*problem) : JsonObject{{"ok", true}};
    out.add("verified", verified).add("kit_token", kit_json(*kit));
    print(std::move(out).text() + "\n");
  } else {
    print(kit_text(*kit) +
          (problem    ? printable(to_string(*problem))
           : verified ? std::string("good: the token inside opens, and says the same")
                      : std::string("the token inside was not opened: no secret given")) +
          "\n");
  }
  return problem ? Exit::no : Exit::yes;
}

Exit run_turn(const TurnOptions& options) {
  auto lifetime = read_span(options.lifetime);
  if (!lifetime) return usage_error(lifetime.error(), options.json);
  if (!std::all_of(options.urls.begin(), options.urls.end(), is_turn_url))
    return usage_error(
        {ErrorCode::invalid_argument, "--url", "must be turn:host, turns:host or stun:host, with :port or without"},
        options.json);
  auto secret = needed_secret(options.secret_file, "TURN_SHARED_SECRET", "TURN_SECRET");
  if (!secret) return usage_error(secret.error(), options.json);
  const auto minter = TurnMinter::of(*std::move(secret));
  if (!minter) return usage_error(minter.error(), options.json);
  const auto made = minter->mint(options.user, *lifetime, find_now(options.now));
  if (!made) return usage_error(made.error(), options.json), Exit::no;
  if (!options.json) return print("username    " + made->username + "\ncredential  " + made->credential + "\n"), Exit::yes;
  JsonObject out{{"ok", true}, {"username", made->username}, {"credential", made->credential}};
  if (!options.urls.empty()) out.add("urls", options.urls);
  out.add("expires_at", iso8601(made->expires));
  print(std::move(out).text() + "\n");
  return Exit::yes;
}

Exit run_jwt_mint(const JwtMintOptions& options) {
  const auto request = request_of(options);
  if (!request) return usage_error(request.error(), options.json);
  auto secret = needed_secret(options.secret_file, "JWT_ACCESS_SECRET", "JWT_SECRET");
  if (!secret) return usage_error(secret.error(), options.json);
  const auto minter = JwtMinter::hs256(*std::move(secret));
  if (!minter) return usage_error(minter.error(), options.json);
  const auto token = minter->mint(*request, find_now(options.now));
  if (!token) return usage_error(token.error(), options.json), Exit::no;
  print(options.json ? JsonObject{{"ok", true}, {"token", *token}}.text() + "\n" : *token + "\n");
  return Exit::yes;
}

Exit run_jwt_verify(const JwtVerifyOptions& options) {
  const auto verifier = verifier_of(options);
  if (!verifier) return usage_error(verifier.error(), options.json);
  const auto text = find_text(options.token, options.secret_file);
  if (!text) return usage_error(text.error(), options.json);
  const UnixTime now = find_now(options.now);
  const auto claims = verifier->verify(*text, now);
  if (!claims) return refusal(claims.error(), options.json);
  const auto expires = std::chrono::floor<std::chrono::seconds>(claims->expires).time_since_epoch().count();
  if (!options.json) {
    print("good: user " + printable(claims->user.view()) + ", expires " + when_words(expires, now) + "\n");
    return Exit::yes;
  }
  JsonObject texts;
  for (const auto& [key, value] : claims->texts) texts.add(key, value);
  print(JsonObject{{"ok", true}, {"user", claims->user}, {"expires_at", iso8601(claims->expires)}, {"claims", texts}}.text() +
        "\n");
  return Exit::yes;
}

}  // namespace zegocall::cli
