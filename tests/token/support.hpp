// What the token tests share: scripted bytes, the invented key, and what the vectors need.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "token/base64.hpp"
#include "zegocall/token.hpp"

namespace zegocall::token_test {

inline constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
inline constexpr std::string_view other_secret = "zegocall-test-secret-9876543210z";
inline constexpr AppId app{1234567890};
inline constexpr UnixTime start{std::chrono::seconds(1735689600)};  // 2025-01-01T00:00:00Z

inline Keyring keyring(std::string_view with = secret, AppId of = app) { return Keyring::of(of, Secret(with)).value(); }

/// Hands out exactly these bytes, and fails the test when asked for more.
class ScriptedBytes final : public ByteSource {
 public:
  explicit ScriptedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::byte> out) override {
    REQUIRE(out.size() <= bytes_.size() - at_);
    std::transform(bytes_.begin() + static_cast<std::ptrdiff_t>(at_),
                   bytes_.begin() + static_cast<std::ptrdiff_t>(at_ + out.size()), out.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    at_ += out.size();
  }
  bool used_up() const { return at_ == bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

inline std::string big_endian32(std::int64_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}

inline std::string unhex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return out;
}

/// A token of alice's with this iv, a moment old at `start`.
inline std::string alice_token(TokenRequest request = {.user = "alice"}) {
  const std::size_t iv = request.mode == TokenMode::gcm ? 12 : 16;
  ScriptedBytes bytes(std::string("q7m2x0c9k4v1z8t3").substr(0, iv) + unhex("12345678"));
  const Keyring keys = keyring();
  return TokenMinter(keys, bytes).mint(request, start).value();
}

/// The code that verifying `text` is refused with; fails the test if it is not refused.
inline ErrorCode refusal(std::string_view text, const TokenExpectation& expectation = {}, UnixTime now = start) {
  const Keyring keys = keyring();
  const auto claims = verify_token(text, keys, expectation, now);
  REQUIRE_FALSE(claims);
  return claims.error().code;
}

inline std::string base64url(std::string_view text) {
  std::string out;
  token_detail::encode_base64(text, token_detail::Alphabet::url, out);
  return out;
}

}  // namespace zegocall::token_test

namespace doctest {
template <>
struct StringMaker<zegocall::ErrorCode> {
  static String convert(zegocall::ErrorCode code) { return std::string(zegocall::name(code)).c_str(); }
};
}  // namespace doctest
