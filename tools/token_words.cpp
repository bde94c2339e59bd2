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
          .token03 = options.token03 ? Allow::yes : Allow::no,
          .leeway = std::chrono::seconds(options.leeway)};
}

TokenReport look_with(std::string_view token, const Keyring& keys, const TokenExpectation& expectation, UnixTime now, bool lab) {
  return lab ? inspect_token_in_lab(token, keys, expectation, now) : inspect_token(token, &keys, expectation, now);
}

JsonObject claims03_json(const TokenClaims& claims) {
  const RtcRoom& room = std::get<RtcRoom>(claims.payload);
  const JsonObject privilege{{"1", static_cast<int>(room.login)}, {"2", static_cast<int>(room.publish)}};
  return {{"app_id", claims.app},          {"room_id", room.room},          {"user_id", claims.user}, {"privilege", privilege},
          {"create_time", claims.created}, {"expire_time", claims.expires}, {"nonce", claims.nonce}};
}

JsonObject claims_json(const TokenClaims& claims) {
  if (claims.version == TokenVersion::token03) return claims03_json(claims);
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

  return look_at(*token, *app, *std::move(secret), expectation_of(options, *app), now, options.lab)
      .transform([now](TokenReport report) {
        return Look{std::move(report), now};
      });
}

Result<TokenReport> look_at(std::string_view token, std::optional<AppId> app, std::optional<Secret> secret,
                            const TokenExpectation& expectation, UnixTime now, bool lab) {
  if (!secret) return inspect_token(token, nullptr, expectation, now);
  auto keys = Keyring::of(app.value_or(AppId{1}), secret->clone());
  if (!keys) return unexpected(std::move(keys).error());
  TokenReport report = look_with(token, *keys, expectation, now, lab);
  if (app || !report.claims || report.claims->app == AppId{1}) return report;
  // Without an app id the token says whose it is: the secret opened it, and that is the only one it can be.
  keys = Keyring::of(report.claims->app, *std::move(secret));
  if (!keys) return unexpected(std::move(keys).error());
  return look_with(token, *keys, expectation, now, lab);
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

std::optional<Error> shortcoming(const TokenReport& report) {
  if (report.problem || report.opened) return report.problem;
  return Error{ErrorCode::missing_field, "secret",
               "not opened: nothing is wrong outside, and what is inside only the secret tells"};
}

JsonObject report_json(const TokenReport& report) {
  const auto problem = shortcoming(report);
  JsonObject out = problem ? error_json(*problem) : JsonObject{{"ok", true}};
  out.add("kind", kind_word(report.text)).add("characters", report.characters).add("opened", report.opened);
  if (!report.jwt_algorithm.empty()) out.add("algorithm", report.jwt_algorithm);
  if (report.inner_problem) out.add("inner", to_string(*report.inner_problem));
  out.add("expire", report.expires);
  add_details(report, out);
  if (!report.lab.empty()) out.add("lab", report.lab);
  return out;
}

void add_details(const TokenReport& report, JsonObject& out) {
  if (report.text == TokenText::token04) out.add("version", name(TokenVersion::token04));
  if (report.text == TokenText::token03) out.add("version", name(TokenVersion::token03));
  if (report.mode) out.add("mode", name(*report.mode));
  if (report.claims) out.add("claims", claims_json(*report.claims));
  if (report.layout.empty()) return;
  out.add("layout", JsonArray::of(report.layout, [](const TokenPart& part) {
            return JsonObject{{"name", part.name}, {"offset", part.offset}, {"size", part.size}};
          }));
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
