#include "token/verify.hpp"

#include <algorithm>
#include <utility>

namespace zegocall {
namespace token_detail {
namespace {

std::int64_t seconds_of(UnixTime time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

Unexpected wrong_key() { return fail(ErrorCode::wrong_key_or_tampered, "no key of the keyring opens it"); }

Unexpected not_json(const Error& error) {
  return fail(ErrorCode::bad_json, error.detail.empty() ? to_string(error) : error.detail);
}

Result<void> check_room_binding(const TokenClaims& claims, const TokenExpectation& expectation) {
  const bool about_rooms = !expectation.room.empty() || !expectation.stream.empty() || expectation.login == Allow::yes ||
                           expectation.publish == Allow::yes;
  if (!about_rooms) return {};
  const auto* bound = std::get_if<RtcRoom>(&claims.payload);
  if (bound == nullptr && !expectation.room.empty())
    return fail_field(ErrorCode::wrong_room, "payload", "the token is not bound to a room");
  if (bound == nullptr) return fail_field(ErrorCode::privilege_missing, "payload", "the token carries no privileges");
  const ClaimNames& names = names_of(claims.version);
  if (!expectation.room.empty() && bound->room != expectation.room)
    return fail_field(ErrorCode::wrong_room, std::string(names.room),
                      "is " + bound->room.str() + ", must be " + expectation.room.str());
  if (expectation.login == Allow::yes && bound->login == Allow::no)
    return fail_field(ErrorCode::privilege_missing, std::string(names.privilege) + "1", "logging in is not allowed");
  const bool publishes = expectation.publish == Allow::yes || !expectation.stream.empty();
  if (publishes && bound->publish == Allow::no)
    return fail_field(ErrorCode::privilege_missing, std::string(names.privilege) + "2", "publishing is not allowed");
  if (!expectation.stream.empty() && bound->streams &&
      std::find(bound->streams->begin(), bound->streams->end(), expectation.stream) == bound->streams->end())
    return fail_field(ErrorCode::privilege_missing, "payload.stream_id_list",
                      expectation.stream.str() + " is not among the streams that may be published");
  return {};
}

Result<void> check_times(const TokenClaims& claims, std::int64_t outer_expires, const TokenExpectation& expectation,
                         UnixTime now) {
  const ClaimNames& names = names_of(claims.version);
  const std::string expire(names.expires);
  if (claims.expires != outer_expires)
    return fail_field(ErrorCode::expire_mismatch, expire,
                      "inside " + std::to_string(claims.expires) + ", outside " + std::to_string(outer_expires));
  if (claims.expires <= claims.created) return fail_field(ErrorCode::out_of_range, expire, "is not after its creation");
  const std::int64_t early = claims.created - seconds_of(now) - expectation.leeway.count();
  if (early > 0)
    return fail_field(
        ErrorCode::not_yet_valid, std::string(names.created),
        "begins in " + duration_words(std::chrono::seconds(claims.created - seconds_of(now))) + ": do the clocks differ?");
  if (auto good = check_not_expired(claims.expires, expectation.leeway, now); !good) return good;
  const std::int64_t lifetime = claims.expires - claims.created;
  if (lifetime > expectation.lifetime_max.count())
    return fail_field(
        ErrorCode::lifetime_too_long, expire,
        std::to_string(lifetime) + " s, must be at most " + std::to_string(expectation.lifetime_max.count()) + " s");
  return {};
}

std::string count_of(std::int64_t count, std::string_view unit, bool plural) {
  return std::to_string(count) + " " + std::string(unit) + (plural && count != 1 ? "s" : "");
}

}  // namespace

std::string duration_words(std::chrono::seconds span) {
  const std::int64_t s = span.count();
  if (s < 60) return count_of(s, "s", false);
  if (s < 3600) return count_of(s / 60, "min", false);
  if (s < 86400) return count_of(s / 3600, "h", false) + (s / 60 % 60 == 0 ? "" : " " + count_of(s / 60 % 60, "min", false));
  if (s < std::int64_t{86400} * 730)
    return count_of(s / 86400, "day", true) + (s / 3600 % 24 == 0 ? "" : " " + count_of(s / 3600 % 24, "h", false));
  return count_of(s / 31556952, "year", true);
}

Result<void> open_envelope(const Envelope& envelope, const LiveKeys& live, Opened& out) {
  const KeySet& keys = live.all;
  const TokenMode mode = *envelope.mode;
  std::optional<TokenClaims> of_other_app;  // a later key with the same secret may be the right app's
  Scratch plaintext;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    plaintext.clear();
    if (!keys[i].live(live.now, live.leeway)) continue;
    const bool fits = keys[i].decrypt(mode, envelope.iv, envelope.sealed, plaintext);
    if (!fits && mode == TokenMode::gcm) continue;
    // In cbc a padding that does not fit, and one that fits a wrong key by chance, get the same work and the same answer.
    auto in = JsonView::check(plaintext.view());
    if (mode == TokenMode::cbc && !(static_cast<int>(fits) & static_cast<int>(in && in->kind() == JsonKind::object))) continue;
    out.opened = true;
    if (!in) return not_json(in.error());
    if (in->kind() != JsonKind::object) return fail(ErrorCode::bad_json, "the plaintext is not an object");
    if (auto read = read_claims(*in, envelope.version, out.claims); !read) return read;
    out.claims.mode = mode;
    out.claims.key = i;
    if (out.claims.app == keys[i].app()) return {};
    if (!of_other_app) of_other_app = std::exchange(out.claims, {});
  }
  if (!of_other_app) return wrong_key();
  out.claims = *std::move(of_other_app);
  return {};
}

Result<void> check_not_expired(std::int64_t expires, std::chrono::seconds leeway, UnixTime now) {
  const std::int64_t limit = seconds_of(now) - leeway.count();
  if (expires >= limit) return {};
  if (expires < 0) return fail_field(ErrorCode::token_expired, "expire", "ended before 1970");
  return fail_field(ErrorCode::token_expired, "expire",
                    "ended " + duration_words(std::chrono::seconds(seconds_of(now) - expires)) + " ago");
}

Result<void> check_claims(const TokenClaims& claims, std::int64_t outer_expires, AppId key_app,
                          const TokenExpectation& expectation, UnixTime now) {
  if (claims.app != key_app || (expectation.app != AppId{} && claims.app != expectation.app)) {
    const AppId wanted = expectation.app != AppId{} ? expectation.app : key_app;
    return fail_field(ErrorCode::wrong_app, "app_id",
                      "is " + std::to_string(claims.app.value) + ", must be " + std::to_string(wanted.value));
  }
  if (auto good = check_times(claims, outer_expires, expectation, now); !good) return good;
  if (!expectation.user.empty() && claims.user != expectation.user)
    return fail_field(ErrorCode::wrong_user, "user_id", "is " + claims.user.str() + ", must be " + expectation.user.str());
  return check_room_binding(claims, expectation);
}

std::optional<Error> check_version(std::string_view text, const TokenExpectation& expectation) {
  if (recognize(text) != TokenText::token03 || expectation.token03 == Allow::yes) return std::nullopt;
  return Error{ErrorCode::unsupported_version, {}, "version 03, must be 04"};
}

}  // namespace token_detail

Result<TokenClaims> verify_token(std::string_view text, const Keyring& keys, const TokenExpectation& expectation, UnixTime now) {
  using namespace token_detail;
  if (auto wrong = check_version(text, expectation)) return unexpected(*std::move(wrong));
  Scratch bytes;
  if (auto wrong = decode_text(text, bytes)) return unexpected(*std::move(wrong));
  Envelope envelope{.version = version_of(text)};
  if (auto wrong = read_envelope(bytes.view(), envelope)) return unexpected(*std::move(wrong));
  Opened out;
  if (auto good = open_envelope(envelope, {keys.keys(), now, expectation.leeway}, out); !good)
    return unexpected(std::move(good).error());
  const AppId key_app = keys.keys()[out.claims.key].app();
  if (auto good = check_claims(out.claims, *envelope.expires, key_app, expectation, now); !good)
    return unexpected(std::move(good).error());
  return std::move(out.claims);
}

}  // namespace zegocall
