// JWTs signed with private keys, and what attackers do with them. The keys are made here, anew each time.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "support.hpp"
#include "token/base64.hpp"
#include "token/hmac.hpp"
#include "token/in_bytes.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view claims = R"({"sub":"alice","exp":1735693200})";

using token_detail::in_bytes;

// A key pair that signs as a JWT library does.
class Signer {
 public:
  explicit Signer(EVP_PKEY* key) : key_(key) { REQUIRE(key != nullptr); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  ~Signer() { EVP_PKEY_free(key_); }

  std::string pem() const { return written(PEM_write_bio_PUBKEY); }
  std::string private_pem() const {
    return written(
        [](BIO* bio, const EVP_PKEY* key) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string signature(std::string_view text) const {
    EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
    const bool ed = EVP_PKEY_is_a(key_, "ED25519") == 1;
    REQUIRE(EVP_DigestSignInit(ctx, nullptr, ed ? nullptr : EVP_sha256(), nullptr, key_) == 1);
    std::size_t size = 0;
    REQUIRE(EVP_DigestSign(ctx, nullptr, &size, in_bytes(text), text.size()) == 1);
    std::string out(size, '\0');
    REQUIRE(EVP_DigestSign(ctx, reinterpret_cast<unsigned char*>(out.data()), &size, in_bytes(text), text.size()) == 1);
    out.resize(size);
    EVP_MD_CTX_free(ctx);
    return EVP_PKEY_is_a(key_, "EC") == 1 ? pair_of(out) : out;
  }
  std::string token(std::string_view header, std::string_view payload = claims) const {
    const std::string text = base64url(header) + "." + base64url(payload);
    return text + "." + base64url(signature(text));
  }

 private:
  template <class Write>
  std::string written(Write write) const {
    BIO* const bio = BIO_new(BIO_s_mem());
    REQUIRE(write(bio, key_) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
  }
  static std::string pair_of(const std::string& der) {
    const unsigned char* at = in_bytes(der);
    ECDSA_SIG* const point = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string out(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(point), reinterpret_cast<unsigned char*>(out.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(point), reinterpret_cast<unsigned char*>(out.data()) + 32, 32);
    ECDSA_SIG_free(point);
    return out;
  }
  EVP_PKEY* key_;
};

const Signer& rsa() {
  static const Signer signer(EVP_RSA_gen(2048));
  return signer;
}
const Signer& ec() {
  static const Signer signer(EVP_EC_gen("P-256"));
  return signer;
}
const Signer& ed() {
  static const Signer signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return signer;
}

struct Algorithm {
  std::string_view header;
  const Signer& signer;
  JwtVerifier verifier;
};

std::vector<Algorithm> algorithms() {
  std::vector<Algorithm> out;
  out.push_back({R"({"alg":"RS256","typ":"JWT"})", rsa(), JwtVerifier::rs256(rsa().pem()).value()});
  out.push_back({R"({"alg":"ES256","typ":"JWT"})", ec(), JwtVerifier::es256(ec().pem()).value()});
  out.push_back({R"({"alg":"EdDSA","typ":"JWT"})", ed(), JwtVerifier::eddsa(ed().pem()).value()});
  return out;
}

std::string verdict(const JwtVerifier& verifier, std::string_view token, UnixTime now = start) {
  const auto read = verifier.verify(token, now);
  return read ? "good" : std::string(name(read.error().code)) + " " + read.error().field;
}

std::string key_verdict(const Result<JwtVerifier>& verifier) {
  return verifier ? "good" : std::string(name(verifier.error().code)) + " " + verifier.error().field;
}

}  // namespace

TEST_CASE("a token of the right key is read, with its times checked") {
  for (const Algorithm& a : algorithms()) {
    CAPTURE(a.header);
    const std::string token =
        a.signer.token(a.header, R"({"sub":"alice","email":"a@example.org","nbf":1735689600,"exp":1735693200})");
    const auto read = a.verifier.verify(token, start);
    REQUIRE(read);
    CHECK(read->user == UserId("alice"));
    CHECK(*read->text("email") == "a@example.org");
    CHECK(verdict(a.verifier, token, start - 31s) == "not_yet_valid nbf");
    CHECK(verdict(a.verifier, token, start + 1h + 30s) == "expired exp");
    CHECK(verdict(a.verifier, a.signer.token(a.header, R"({"sub":"alice"})")) == "unauthenticated exp");
  }
}

TEST_CASE("RFC 8037's example is accepted as far as its payload goes") {
  // Appendix A: the public key 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo in a SubjectPublicKeyInfo, "Example of Ed25519
  // signing".
  const JwtVerifier jwt = JwtVerifier::eddsa(
                              "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                              "-----END PUBLIC KEY-----\n")
                              .value();
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  CHECK(jwt.verify(token, start).error().field == "payload");
  std::string other = token;
  other[30] = 'A';
  CHECK(jwt.verify(other, start).error().field == "signature");
}

TEST_CASE("none, other algorithms and other keys are refused") {
  for (const Algorithm& a : algorithms()) {
    CAPTURE(a.header);
    const std::string good = a.signer.token(a.header);
    REQUIRE(verdict(a.verifier, good) == "good");
    for (const std::string_view alg : {"none", "None", "NONE", "", "HS256", "RS512", "ES384", "rs256"}) {
      const std::string header = R"({"alg":")" + std::string(alg) + R"("})";
      CHECK(verdict(a.verifier, a.signer.token(header)) == "unauthenticated header.alg");
      CHECK(verdict(a.verifier, base64url(header) + "." + base64url(claims) + ".") == "unauthenticated header.alg");
    }
    for (const Algorithm& b : algorithms()) {
      if (a.header == b.header) continue;
      CHECK(verdict(a.verifier, b.signer.token(b.header)) == "unauthenticated header.alg");
      CHECK(verdict(a.verifier, b.signer.token(a.header)) == "unauthenticated signature");
    }
    CHECK(verdict(JwtVerifier::hs256(Secret(secret)).value(), good) == "unauthenticated header.alg");
  }
  const Signer other(EVP_EC_gen("P-256"));
  CHECK(verdict(JwtVerifier::es256(ec().pem()).value(), other.token(R"({"alg":"ES256"})")) == "unauthenticated signature");
}

TEST_CASE("HMAC with the public key as its secret") {
  const auto hmac = [](std::string_view header, const std::string& key) {
    const std::string text = base64url(header) + "." + base64url(claims);
    const auto signature = token_detail::HmacKey(Secret(key)).sign(text).value();
    return text + "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
  };
  for (const Algorithm& a : algorithms()) {
    CAPTURE(a.header);
    CHECK(verdict(a.verifier, hmac(R"({"alg":"HS256","typ":"JWT"})", a.signer.pem())) == "unauthenticated header.alg");
    CHECK(verdict(a.verifier, hmac(a.header, a.signer.pem())) == "unauthenticated signature");
    // Nor can somebody set up such a verifier by mistake.
    CHECK(key_verdict(JwtVerifier::hs256(Secret(a.signer.pem()))) == "invalid_argument secret");
  }
}

TEST_CASE("truncated, lengthened, zero and DER signatures are refused") {
  for (const Algorithm& a : algorithms()) {
    CAPTURE(a.header);
    const std::string text = base64url(a.header) + "." + base64url(claims);
    const std::string signature = a.signer.signature(text);
    for (std::size_t size = 0; size < signature.size(); ++size)
      CHECK(verdict(a.verifier, text + "." + base64url(signature.substr(0, size))) == "unauthenticated signature");
    CHECK(verdict(a.verifier, text + "." + base64url(signature + '\0')) == "unauthenticated signature");
    CHECK(verdict(a.verifier, text + "." + base64url(std::string(signature.size(), '\0'))) == "unauthenticated signature");
    CHECK(verdict(a.verifier, text + "." + base64url(std::string(signature.size(), '\xff'))) == "unauthenticated signature");
    CHECK(verdict(a.verifier, text) == "unauthenticated ");
    for (std::size_t bit = 0; bit < signature.size() * 8; bit += 7) {
      std::string flipped = signature;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      CHECK(verdict(a.verifier, text + "." + base64url(flipped)) == "unauthenticated signature");
    }
  }
}

TEST_CASE("oversized and nested tokens are refused") {
  for (const Algorithm& a : algorithms()) {
    CAPTURE(a.header);
    const std::string inner = a.signer.token(a.header);
    CHECK(verdict(a.verifier, a.signer.token(a.header, inner)) == "unauthenticated payload");
    CHECK(verdict(a.verifier, a.signer.token(a.header, "\"" + inner + "\"")) == "unauthenticated payload");
    CHECK(verdict(a.verifier, inner + "." + inner) == "unauthenticated ");
    CHECK(verdict(a.verifier, "a.b.c.d.e") == "unauthenticated ");
    const std::string large = R"({"sub":"alice","exp":1735693200,"x":")" + std::string(8192, 'a') + "\"}";
    CHECK(verdict(a.verifier, a.signer.token(a.header, large)) == "unauthenticated ");
    CHECK(verdict(a.verifier, std::string(1 << 20, '.')) == "unauthenticated ");
    std::string deep = R"({"sub":"alice","exp":1735693200,"x":)";
    deep += std::string(600, '[') + std::string(600, ']') + "}";
    CHECK(verdict(a.verifier, a.signer.token(a.header, deep)) == "unauthenticated payload");
    std::string critical(a.header);
    critical.insert(critical.size() - 1, R"(,"crit":["b64"],"b64":false)");
    CHECK(verdict(a.verifier, a.signer.token(critical)) == "unauthenticated header.crit");
  }
}

TEST_CASE("keys of another kind, private keys and noise make no verifier") {
  const Signer p384(EVP_EC_gen("P-384"));
  const Signer weak(EVP_RSA_gen(1024));
  CHECK(key_verdict(JwtVerifier::rs256(ec().pem())) == "invalid_argument key");
  CHECK(key_verdict(JwtVerifier::rs256(weak.pem())) == "invalid_argument key");
  CHECK(key_verdict(JwtVerifier::es256(rsa().pem())) == "invalid_argument key");
  CHECK(key_verdict(JwtVerifier::es256(p384.pem())) == "invalid_argument key");
  CHECK(key_verdict(JwtVerifier::eddsa(ec().pem())) == "invalid_argument key");
  for (const std::string& text :
       {std::string(), std::string("noise"), std::string(20000, 'A'), std::string("-----BEGIN PUBLIC KEY-----\n"),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + std::string(3, '\0')}) {
    CHECK(key_verdict(JwtVerifier::rs256(text)) == "invalid_argument key");
    CHECK(key_verdict(JwtVerifier::es256(text)) == "invalid_argument key");
    CHECK(key_verdict(JwtVerifier::eddsa(text)) == "invalid_argument key");
  }
  const auto with_private = JwtVerifier::rs256(rsa().private_pem());
  REQUIRE_FALSE(with_private);
  CHECK(with_private.error().detail.find("private") != std::string::npos);
}
