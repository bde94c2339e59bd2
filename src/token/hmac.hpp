// HMAC-SHA256 with contexts that keep their key.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <optional>
#include <string_view>

#include "token/pool.hpp"
#include "zegocall/base/secret.hpp"

namespace zegocall::token_detail {

using Signature = std::array<unsigned char, 32>;

/// Any thread, several at once.
class HmacKey {
 public:
  explicit HmacKey(Secret secret) : secret_(std::move(secret)) {}
  /// Nothing if libcrypto fails.
  std::optional<Signature> sign(std::string_view text) const;

 private:
  using MacPool = Pool<EVP_MAC_CTX, EVP_MAC_CTX_free>;
  MacPool::Owned context() const;

  Secret secret_;
  mutable MacPool pool_;
};

}  // namespace zegocall::token_detail
