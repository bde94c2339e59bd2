#include "zego/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "base/hex.hpp"

namespace zegocall::zego_detail {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* ctx) const { EVP_MD_CTX_free(ctx); }
};
struct FreeAlgorithm {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
};

}  // namespace

std::optional<std::string> hex_digest(const char* algorithm, std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD, FreeAlgorithm> md(EVP_MD_fetch(nullptr, algorithm, nullptr));
  const std::unique_ptr<EVP_MD_CTX, FreeContext> ctx(EVP_MD_CTX_new());
  if (!md || !ctx || EVP_DigestInit_ex(ctx.get(), md.get(), nullptr) != 1) return std::nullopt;
  for (const std::string_view part : parts) {
    if (EVP_DigestUpdate(ctx.get(), part.data(), part.size()) != 1) return std::nullopt;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(ctx.get(), digest.data(), &size) != 1) return std::nullopt;
  return base_detail::hex_of(std::as_bytes(std::span(digest)).first(size));
}

}  // namespace zegocall::zego_detail
