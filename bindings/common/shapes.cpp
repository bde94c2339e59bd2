#include "shapes.hpp"

namespace zegocall::bindings {
namespace {

constexpr std::int64_t year_9999_ms = 253'402'300'799'999;
constexpr std::int64_t span_max_s = 100LL * 366 * 24 * 3600;

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

JsonObject problem_json(const Error& error) {
  Explanation explanation = explain(error);
  return {{"ok", false},
          {"error", name(error.code)},
          {"field", error.field},
          {"detail", error.detail},
          {"why", explanation.why},
          {"todo", explanation.todo}};
}

}  // namespace

JsonObject claims_json(const TokenClaims& claims) {
  JsonObject out{{"app_id", claims.app},      {"user_id", claims.user},          {"nonce", claims.nonce},
                 {"created", claims.created}, {"expires", claims.expires},       {"payload", claims.payload_text},
                 {"mode", name(claims.mode)}, {"version", name(claims.version)}, {"key", claims.key}};
  if (const auto* room = std::get_if<RtcRoom>(&claims.payload)) {
    out.add("room_id", room->room).add("login", room->login == Allow::yes).add("publish", room->publish == Allow::yes);
    out.add("streams", room->streams);
  }
  return out;
}

JsonObject kit_json(const KitClaims& claims) {
  JsonObject out = claims_json(claims.token);
  out.add("user_name", claims.kit.user_name);
  return out;
}

JsonObject report_json(const TokenReport& report) {
  JsonObject out = report.problem ? problem_json(*report.problem) : JsonObject{{"ok", true}};
  out.add("kind", kind_word(report.text)).add("characters", report.characters).add("opened", report.opened);
  if (!report.jwt_algorithm.empty()) out.add("algorithm", report.jwt_algorithm);
  if (report.inner_problem) out.add("inner", to_string(*report.inner_problem));
  out.add("expires", report.expires);
  if (report.text == TokenText::token04) out.add("version", name(TokenVersion::token04));
  if (report.text == TokenText::token03) out.add("version", name(TokenVersion::token03));
  if (report.mode) out.add("mode", name(*report.mode));
  if (report.claims) out.add("claims", claims_json(*report.claims));
  if (report.layout.empty()) return out;
  out.add("layout", JsonArray::of(report.layout, [](const TokenPart& part) {
            return JsonObject{{"name", part.name}, {"offset", part.offset}, {"size", part.size}};
          }));
  return out;
}

JsonObject callback_json(const VerifiedCallback& callback, const CallbackHead& head) {
  return {{"event", head.event},
          {"app_id", head.app},
          {"sent_ms", static_cast<std::int64_t>(callback.sent().time_since_epoch().count())},
          {"key", head.key},
          {"seen_as", callback.seen_as()},
          {"body", callback.body()}};
}

Result<JsonObject> take_callback(std::string_view body, const Secret& secret, SeenOnce& seen, UnixTime now,
                                 CallbackWindow window) {
  const auto envelope = read_callback(body);
  if (!envelope) return unexpected(envelope.error());
  const auto callback = verify_callback(*envelope, secret, seen, now, window);
  if (!callback) return unexpected(callback.error());
  const auto event = interpret_callback(*callback);
  if (event) return callback_json(*callback, head_of(*event));
  release_callback(*callback, seen);
  return unexpected(event.error());
}

Result<TokenPayload> payload_of(std::string_view room, int role, std::string_view payload, const UserId& user) {
  if (role < 0 || role > static_cast<int>(MediaRole::listener))
    return fail_field(ErrorCode::invalid_argument, "role", "must be host, co-host, speaker or listener");
  if (!room.empty() && !payload.empty())
    return fail_field(ErrorCode::invalid_argument, "payload", "a token has a room or a payload of your own, not both");
  if (!room.empty()) return TokenPayload(rtc_room(static_cast<MediaRole>(role), RoomId(room), user));
  if (role != 0) return fail_field(ErrorCode::invalid_argument, "role", "needs a room");
  if (!payload.empty()) return TokenPayload(OwnPayload{std::string(payload)});
  return TokenPayload();
}

Result<UnixTime> time_of(std::int64_t milliseconds, std::string name) {
  if (milliseconds < 0 || milliseconds > year_9999_ms)
    return fail_field(ErrorCode::out_of_range, std::move(name), "must be Unix time from 1970 to the year 9999");
  return UnixTime(std::chrono::milliseconds(milliseconds));
}

Result<std::chrono::seconds> span_of(std::int64_t seconds, std::string name) {
  if (seconds < 0 || seconds > span_max_s)
    return fail_field(ErrorCode::out_of_range, std::move(name), "must be 0 s to 100 years");
  return std::chrono::seconds(seconds);
}

Error in_their_words(Error error) {
  if (error.field == "payload.room") error.field = "room";
  return error;
}

}  // namespace zegocall::bindings
