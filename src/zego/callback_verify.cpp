#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "zego/digest.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall {
namespace {

constexpr std::int64_t last_second = 253402300799;  // of the year 9999

Result<void> check_signature(const CallbackEnvelope& envelope, const Secret& secret) {
  std::array<std::string_view, 3> parts{secret.reveal(), envelope.timestamp, envelope.nonce};
  std::sort(parts.begin(), parts.end());
  const auto expected = zego_detail::hex_digest("SHA1", {parts[0], parts[1], parts[2]});
  if (!expected)
    return fail(ErrorCode::not_in_this_build, "callbacks are signed with SHA-1, which this machine's OpenSSL refuses");
  if (equal_constant_time(*expected, envelope.signature)) return {};
  return fail_field(ErrorCode::unauthenticated, "signature",
                    "is not that of this nonce and timestamp: another CallbackSecret, or not from the provider");
}

Result<UnixTime> sent_at(const CallbackEnvelope& envelope) {
  std::int64_t seconds = -1;
  const char* const end = envelope.timestamp.data() + envelope.timestamp.size();
  const auto read = std::from_chars(envelope.timestamp.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end || seconds < 0 || seconds > last_second)
    return fail_field(ErrorCode::protocol, "timestamp", "must be Unix seconds, 0 to " + std::to_string(last_second));
  return UnixTime(std::chrono::seconds(seconds));
}

std::string span_text(std::chrono::milliseconds span) {
  const std::int64_t s = std::chrono::ceil<std::chrono::seconds>(span).count();
  if (s < 7200) return std::to_string(s) + " s";
  return s < 172800 ? std::to_string(s / 3600) + " hours" : std::to_string(s / 86400) + " days";
}

Result<void> check_time(UnixTime sent, UnixTime now, const CallbackWindow& window) {
  if (now - sent > window.past)
    return fail_field(ErrorCode::expired, "timestamp",
                      "sent " + span_text(now - sent) + " ago, at most " + span_text(window.past) + " are allowed");
  // The timestamp has no milliseconds; the present has.
  if (sent - now > window.future)
    return fail_field(ErrorCode::expired, "timestamp",
                      span_text(sent - now) + " in the future, at most " + span_text(window.future) +
                          " are allowed: is this machine's clock right?");
  return {};
}

// The signature is what is remembered. It stands for nonce and timestamp together, and these are hashed with no border
// between them: 1234 and 1735689600 have the signature of 12341735689 and 600, so that neither alone tells a replay.
Result<void> claim(const CallbackEnvelope& envelope, SeenOnce& seen, UnixTime until, UnixTime now) {
  const auto content = zego_detail::hex_digest("SHA256", {envelope.body.text()});
  if (!content) return fail(ErrorCode::internal, "SHA-256 failed");
  const auto before = seen.claim(envelope.signature, *content, until, now);
  if (!before) return unexpected(before.error());
  switch (*before) {
    case SeenOnce::Seen::first: return {};
    case SeenOnce::Seen::same_content:
      return fail_field(ErrorCode::replayed, "nonce", "this very callback came before: the provider's next try, or a replay");
    case SeenOnce::Seen::other_content:
      return fail_field(ErrorCode::replayed, "body", "this signature came before with another body: forged");
  }
  return fail(ErrorCode::internal);
}

}  // namespace

Result<VerifiedCallback> verify_callback(const CallbackEnvelope& envelope, const Secret& secret, SeenOnce& seen, UnixTime now,
                                         CallbackWindow window) {
  if (secret.empty()) return fail_field(ErrorCode::invalid_argument, "secret", "the CallbackSecret is empty");
  if (auto good = check_signature(envelope, secret); !good) return unexpected(good.error());
  const auto sent = sent_at(envelope);
  if (!sent) return unexpected(sent.error());
  if (auto good = check_time(*sent, now, window); !good) return unexpected(good.error());
  // As long as the window would let it in again, and a second for the milliseconds.
  if (auto good = claim(envelope, seen, *sent + window.past + std::chrono::seconds(1), now); !good)
    return unexpected(good.error());
  return VerifiedCallback(envelope.body, *sent, envelope.signature);
}

void release_callback(const VerifiedCallback& callback, SeenOnce& seen) { seen.release(callback.seen_as()); }

}  // namespace zegocall
