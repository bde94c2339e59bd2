#include "token/jwt_key.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string>

#include "token/in_bytes.hpp"

namespace zegocall::token_detail {
namespace {

constexpr std::size_t pem_size_max = 16384;
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;
constexpr std::size_t es256_half = 32;

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Point = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

Unexpected bad_key(std::string detail) { return fail_field(ErrorCode::invalid_argument, "key", std::move(detail)); }

bool is_p256(const EVP_PKEY* key) {
  char group[32] = {};
  return EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 && std::string_view(group) == "prime256v1";
}

Result<void> check_kind(KeyKind kind, const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  switch (kind) {
    case KeyKind::rs256:
      if (EVP_PKEY_is_a(key, "RSA") != 1) return bad_key("RS256 wants an RSA key");
      if (bits < rsa_bits_min || bits > rsa_bits_max) return bad_key(std::to_string(bits) + " bits, RS256 wants 2048 to 8192");
      return {};
    case KeyKind::es256:
      if (EVP_PKEY_is_a(key, "EC") != 1 || !is_p256(key)) return bad_key("ES256 wants a key on the curve P-256");
      return {};
    case KeyKind::eddsa:
      if (EVP_PKEY_is_a(key, "ED25519") != 1) return bad_key("EdDSA wants an Ed25519 key");
      return {};
  }
  return {};
}

// A JWT has the two numbers one behind the other, libcrypto wants them in DER. Empty if it is no such pair.
std::string der_of(std::string_view pair) {
  if (pair.size() != 2 * es256_half) return {};
  const Point point(ECDSA_SIG_new());
  Number r(BN_bin2bn(in_bytes(pair), es256_half, nullptr));
  Number s(BN_bin2bn(in_bytes(pair) + es256_half, es256_half, nullptr));
  if (!point || !r || !s || ECDSA_SIG_set0(point.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(point.get(), &der);
  std::string out(reinterpret_cast<const char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return out;
}

// Takes off the thread's list of libcrypto's errors what was put there since; what the host has there stays.
class QuietErrors {
 public:
  QuietErrors() { ERR_set_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors() { ERR_pop_to_mark(); }
};

}  // namespace

std::string_view name(KeyKind kind) {
  switch (kind) {
    case KeyKind::rs256: return "RS256";
    case KeyKind::es256: return "ES256";
    case KeyKind::eddsa: return "EdDSA";
  }
  return {};
}

Result<std::unique_ptr<PublicKey>> PublicKey::of(KeyKind kind, std::string_view pem) {
  if (pem.size() > pem_size_max) return bad_key("is longer than 16 KB");
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return bad_key("is a private key: whoever only checks tokens must not have it");
  const QuietErrors quiet;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return fail(ErrorCode::internal, "no memory for the key");
  Owned key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return bad_key("is no public key in PEM (BEGIN PUBLIC KEY)");
  if (auto good = check_kind(kind, key.get()); !good) return unexpected(std::move(good).error());
  return std::unique_ptr<PublicKey>(new PublicKey(kind, std::move(key)));
}

Result<bool> PublicKey::fits(std::string_view signature, std::string_view signed_text) const {
  const QuietErrors quiet;
  std::string der;
  if (kind_ == KeyKind::es256) {
    der = der_of(signature);
    signature = der;
  }
  if (signature.empty()) return false;
  const DigestContext ctx(EVP_MD_CTX_new());
  const EVP_MD* const digest = kind_ == KeyKind::eddsa ? nullptr : EVP_sha256();
  if (!ctx || EVP_DigestVerifyInit(ctx.get(), nullptr, digest, nullptr, key_.get()) != 1)
    return fail(ErrorCode::internal, "libcrypto could not check a signature");
  const bool good =
      EVP_DigestVerify(ctx.get(), in_bytes(signature), signature.size(), in_bytes(signed_text), signed_text.size()) == 1;
  return good;
}

}  // namespace zegocall::token_detail
