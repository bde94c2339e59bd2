// Credentials for a TURN server that shares a secret with this one (coturn: use-auth-secret and static-auth-secret).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// What a browser's RTCIceServer wants: `username` and `credential`.
struct TurnCredentials {
  std::string username{};    ///< "1735693200:alice": when it ends, and whose it is
  std::string credential{};  ///< base64 of HMAC-SHA1 of the username; whoever has it may relay until then
  UnixTime expires{};        ///< coturn refuses new allocations and refreshes from then on
};

inline constexpr std::chrono::seconds turn_lifetime_max = std::chrono::hours(24 * 24);

/// Makes them. Any thread, several at once.
class TurnMinter {
 public:
  /// secret_length with field "secret": it is empty.
  static Result<TurnMinter> of(Secret secret);
  /// invalid_argument and out_of_range with field "user" (1 to 400 bytes of UTF-8 without control characters), "lifetime"
  /// (1 s to turn_lifetime_max), "now".
  Result<TurnCredentials> mint(std::string_view user, std::chrono::seconds lifetime, UnixTime now) const;

 private:
  explicit TurnMinter(Secret secret) : secret_(std::move(secret)) {}
  Secret secret_;
};

}  // namespace zegocall
