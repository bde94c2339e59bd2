// The steps of checking a token, each with its own reason; verify_token stops at the first, inspect_token goes on.
#pragma once

#include <string_view>

#include "token/cipher.hpp"
#include "token/claims.hpp"
#include "token/envelope.hpp"

namespace zegocall::token_detail {

/// Those keys of a ring that count at this time.
struct LiveKeys {
  const KeySet& all;
  UnixTime now{};
  std::chrono::seconds leeway{};
};

/// What is inside an envelope.
struct Opened {
  bool opened = false;  ///< a key fits, whatever is wrong with what was inside
  TokenClaims claims{};
};
/// Opens the envelope with whichever live key of the ring fits. In cbc everything that a wrong key can look like is
/// wrong_key_or_tampered.
Result<void> open_envelope(const Envelope& envelope, const LiveKeys& keys, Opened& out);
/// unsupported_version for a Token03 that is not asked for.
std::optional<Error> check_version(std::string_view text, const TokenExpectation& expectation);

/// What the claims say against each other, the outside, the clock and the expectation.
Result<void> check_claims(const TokenClaims& claims, std::int64_t outer_expires, AppId key_app,
                          const TokenExpectation& expectation, UnixTime now);
/// Of an instant that is over: token_expired, "ended 12 min ago".
Result<void> check_not_expired(std::int64_t expires, std::chrono::seconds leeway, UnixTime now);

/// "12 min", "1 h 5 min", "3 days": two units at most, for people.
std::string duration_words(std::chrono::seconds span);

}  // namespace zegocall::token_detail
