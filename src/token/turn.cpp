#include "zegocall/token/turn.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "token/base64.hpp"
#include "token/claims.hpp"

namespace zegocall {
namespace {

constexpr std::size_t user_size_max = 400;  // STUN's USERNAME has at most 508 bytes

Result<void> check(std::string_view user, std::chrono::seconds lifetime, std::int64_t now) {
  if (now < 0 || now > token_detail::unix_seconds_max - turn_lifetime_max.count())
    return fail_field(ErrorCode::out_of_range, "now", std::to_string(now) + ", must be Unix seconds up to the year 9999");
  if (user.empty() || user.size() > user_size_max)
    return fail_field(ErrorCode::out_of_range, "user", std::to_string(user.size()) + " bytes, must be 1 to 400");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(user.begin(), user.end(), is_control))
    return fail_field(ErrorCode::invalid_argument, "user", "holds a control character");
  if (!token_detail::is_utf8(user)) return fail_field(ErrorCode::invalid_argument, "user", "is not UTF-8");
  if (lifetime <= std::chrono::seconds(0) || lifetime > turn_lifetime_max)
    return fail_field(ErrorCode::out_of_range, "lifetime",
                      std::to_string(lifetime.count()) + " s, must be 1 to 2073600 s (24 days)");
  return {};
}

}  // namespace

Result<TurnMinter> TurnMinter::of(Secret secret) {
  if (secret.empty()) return fail_field(ErrorCode::secret_length, "secret", "is empty");
  return TurnMinter(std::move(secret));
}

Result<TurnCredentials> TurnMinter::mint(std::string_view user, std::chrono::seconds lifetime, UnixTime now) const {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (auto good = check(user, lifetime, seconds); !good) return unexpected(std::move(good).error());
  TurnCredentials out{.expires = UnixTime(std::chrono::seconds(seconds) + lifetime)};
  out.username = std::to_string(seconds + lifetime.count()) + ":";
  out.username.append(user);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const std::string_view key = secret_.reveal();
  if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(out.username.data()),
           out.username.size(), digest.data(), &size) == nullptr)
    return fail(ErrorCode::internal, "libcrypto could not sign");
  token_detail::encode_base64({reinterpret_cast<const char*>(digest.data()), size}, token_detail::Alphabet::standard,
                              out.credential);
  return out;
}

}  // namespace zegocall
