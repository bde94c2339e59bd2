#include "token/hmac.hpp"

#include <openssl/core_names.h>

#include <memory>
#include <utility>

#include "token/in_bytes.hpp"

namespace zegocall::token_detail {
namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};

}  // namespace

HmacKey::MacPool::Owned HmacKey::context() const {
  if (auto idle = pool_.take()) {
    // No key given: the one that it has.
    return EVP_MAC_init(idle.get(), nullptr, 0, nullptr) == 1 ? std::move(idle) : nullptr;
  }
  const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!mac) return nullptr;
  MacPool::Owned fresh(EVP_MAC_CTX_new(mac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  const std::string_view key = secret_.reveal();
  if (!fresh || EVP_MAC_init(fresh.get(), in_bytes(key), key.size(), params) != 1) return nullptr;
  return fresh;
}

std::optional<Signature> HmacKey::sign(std::string_view text) const {
  auto ctx = context();
  Signature signature;
  std::size_t size = 0;
  const bool good = ctx && EVP_MAC_update(ctx.get(), in_bytes(text), text.size()) == 1 &&
                    EVP_MAC_final(ctx.get(), signature.data(), &size, signature.size()) == 1 && size == signature.size();
  if (!good) return std::nullopt;
  pool_.give_back(std::move(ctx));
  return signature;
}

}  // namespace zegocall::token_detail
