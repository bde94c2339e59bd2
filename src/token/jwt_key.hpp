// Public keys that JWTs are checked with: each for one algorithm, whatever a token's header says.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::token_detail {

enum class KeyKind : std::uint8_t { rs256, es256, eddsa };
/// As JWTs call it: "RS256", "ES256", "EdDSA".
std::string_view name(KeyKind kind);

/// Any thread, several at once.
class PublicKey {
 public:
  /// invalid_argument with field "key".
  static Result<std::unique_ptr<PublicKey>> of(KeyKind kind, std::string_view pem);
  /// Whether the signature is this key's; an error only if libcrypto has no memory.
  Result<bool> fits(std::string_view signature, std::string_view signed_text) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Owned = std::unique_ptr<EVP_PKEY, FreeKey>;
  PublicKey(KeyKind kind, Owned key) : kind_(kind), key_(std::move(key)) {}

  KeyKind kind_;
  Owned key_;
};

}  // namespace zegocall::token_detail
