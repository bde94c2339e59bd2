#include "zego/api_sign.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

namespace zegocall::zego_detail {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* ctx) const { EVP_MD_CTX_free(ctx); }
};

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

}  // namespace

Result<std::string> sign_request(AppId app, std::string_view nonce, const Secret& secret, std::int64_t timestamp) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> ctx(EVP_MD_CTX_new());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  bool good = ctx && EVP_DigestInit_ex(ctx.get(), EVP_md5(), nullptr) == 1;
  const std::string app_text = std::to_string(app.value), time_text = std::to_string(timestamp);
  for (const std::string_view part : {std::string_view(app_text), nonce, secret.reveal(), std::string_view(time_text)})
    good = good && EVP_DigestUpdate(ctx.get(), part.data(), part.size()) == 1;
  if (!good || EVP_DigestFinal_ex(ctx.get(), digest.data(), &size) != 1)
    return fail(ErrorCode::not_in_this_build, "the server API is signed with MD5, which this machine's OpenSSL refuses");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex.append({"0123456789abcdef"[digest[i] >> 4], "0123456789abcdef"[digest[i] & 15]});
  return hex;
}

void percent_encode(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]});
    }
  }
}

void add_to_query(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query.push_back('&');
  percent_encode(name, query);
  query.push_back('=');
  percent_encode(value, query);
}

}  // namespace zegocall::zego_detail
