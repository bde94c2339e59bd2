#include "token_words.hpp"

#include "keys.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

std::string_view kind_word(TokenText text) {
  switch (text) {
    case TokenText::token04: return "token04";
    case TokenText::token03: return "token03";
    case TokenText::jwt: return "jwt";
    case TokenText::kit_token: return "kit_token";
    case TokenText::other: return "other";
  }
  return {};
}

TokenExpectation expectation_of(const CheckOptions& options, std::optional<AppId> app) {
  return {.app = app.value_or(AppId{}),
          .user = UserId(std::string_view(options.user)),
          .room = RoomId(std::string_view(options.room)),
          .login = options.login ? Allow::yes : Allow::no,
          .publish = options.publish ? Allow::yes : Allow::no,
          .leeway = std::chrono::seconds(options.leeway)};
}

// A secret without an app id opens the token; then the token says whose it is, and that is the only one it can be.
Result<TokenReport> look_without_app(std::string_view token, Secret secret, const TokenExpectation& expectation, UnixTime now) {
  auto keys = Keyring::of(AppId{1}, secret.clone());
  if (!keys) return unexpected(std::move(keys).error());
  TokenReport report = inspect_token(token, &*keys, expectation, now);
  if (!report.claims || report.claims->app == AppId{1}) return report;
  keys = Keyring::of(report.claims->app, std::move(secret));
  if (!keys) return unexpected(std::move(keys).error());
  return inspect_token(token, &*keys, expectation, now);
}

JsonObject claims_json(const TokenClaims& claims) {
  return {{"app_id", claims.app},    {"user_id", claims.user},   {"nonce", claims.nonce},
          {"ctime", claims.created}, {"expire", claims.expires}, {"payload", claims.payload_text}};
}

}  // namespace

Result<Look> look_at_token(const CheckOptions& options, bool key_required) {
  const UnixTime now = find_now(options.now);
  auto app = find_app(options.key);
  if (!app) return unexpected(std::move(app).error());
  auto secret = find_secret(options.key);
  if (!secret) return unexpected(std::move(secret).error());
  if (!*secret && key_required) return fail_field(ErrorCode::missing_field, "ZEGO_SERVER_SECRET", "set it, or say --secret-file");
  auto token = find_token(options);
  if (!token) return unexpected(std::move(token).error());

  const TokenExpectation expectation = expectation_of(options, *app);
  if (!*secret) return Look{inspect_token(*token, nullptr, expectation, now), now};
  if (!*app) {
    return look_without_app(*token, **std::move(secret), expectation, now).transform([now](TokenReport report) {
      return Look{std::move(report), now};
    });
  }
  auto keys = Keyring::of(**app, **std::move(secret));
  if (!keys) return unexpected(std::move(keys).error());
  return Look{inspect_token(*token, &*keys, expectation, now), now};
}

JsonObject error_json(const Error& error) {
  const Explanation explanation = explain(error);
  return {{"ok", false},
          {"error", name(error.code)},
          {"field", error.field},
          {"detail", error.detail},
          {"why", explanation.why},
          {"todo", explanation.todo}};
}

JsonObject report_json(const TokenReport& report) {
  JsonObject out = report.problem ? error_json(*report.problem) : JsonObject{{"ok", true}};
  out.add("kind", kind_word(report.text)).add("characters", report.characters).add("opened", report.opened);
  if (report.text == TokenText::token04) out.add("version", "04");
  if (report.mode) out.add("mode", name(*report.mode));
  if (!report.jwt_algorithm.empty()) out.add("algorithm", report.jwt_algorithm);
  out.add("expire", report.expires);
  if (report.claims) out.add("claims", claims_json(*report.claims));
  if (!report.layout.empty()) {
    out.add("layout", JsonArray::of(report.layout, [](const TokenPart& part) {
              return JsonObject{{"name", part.name}, {"offset", part.offset}, {"size", part.size}};
            }));
  }
  return out;
}

Exit usage_error(const Error& error, bool json) {
  if (json) print(error_json(error).text() + "\n");
  complain(to_string(error));
  return Exit::usage;
}

Exit refusal(const Error& error, bool json) {
  if (json) return print(error_json(error).text() + "\n"), Exit::no;
  print(printable(to_string(error)) + "\n");
  return Exit::no;
}

}  // namespace zegocall::cli
