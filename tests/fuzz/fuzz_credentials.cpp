// Token03, kit tokens and JWTs of public keys, from a hostile peer. The first byte says where the rest goes in: as a text,
// or behind the key, where an attacker cannot come but a broken generator can.
#include <cstdint>
#include <cstdlib>

#include "token/base64.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"
#include "zegocall/token/kit_token.hpp"

using namespace zegocall;

namespace {

constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
constexpr AppId app{1234567890};
constexpr UnixTime now{std::chrono::seconds(1735689600)};

// Of keys that nobody has: what they are asked to check is never theirs.
constexpr std::string_view ed25519 =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
constexpr std::string_view p256 =
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvfDWsy6gvXB7alYfaepfLrJOt61f\n"
    "eBI1wmAU64kWuVtELPm8aqGMjEglrNcVy97fvanpZSYsuOFVtezu9YvcoA==\n-----END PUBLIC KEY-----\n";

void require(bool holds) {
  if (!holds) std::abort();
}

const Keyring& keys() {
  static const Keyring ring = Keyring::of(app, Secret(secret)).value();
  return ring;
}

void check_token(std::string_view text) {
  const TokenExpectation expectation{.user = "alice", .token03 = Allow::yes};
  const auto claims = verify_token(text, keys(), expectation, now);
  const TokenReport report = inspect_token(text, &keys(), expectation, now);
  require(claims ? !report.problem : report.problem == claims.error());
  if (claims) require(claims->app == app && claims->user == UserId("alice"));
  if (!claims) require(claims.error().code != ErrorCode::internal);
  const TokenReport lab = inspect_token_in_lab(text, keys(), expectation, now);
  require(lab.problem.has_value() == report.problem.has_value());
}

void check_sealed(std::string_view plaintext) {
  static const token_detail::CipherKey key({app, Secret(secret)});
  if (plaintext.size() > token_plaintext_max) return;
  check_token(token_detail::seal(key, TokenMode::cbc, 1735693200, "0123456789abcdef", plaintext, TokenVersion::token03).value());
}

void check_kit(std::string_view text) {
  const auto kit = parse_kit_token(text);
  static_cast<void>(verify_kit_token(text, keys(), {}, now));
  check_token(text);
  if (!kit) return require(!kit.error().detail.empty() || !kit.error().field.empty());
  if (kit->token.empty()) return;
  // What was read is written so that it is read again.
  require(parse_kit_token(make_kit_token(*kit).value()).value() == *kit);
}

void check_names(std::string_view json) {
  std::string text = "04T#";
  token_detail::encode_base64(json, token_detail::Alphabet::standard, text);
  check_kit(text);
}

void check_jwt(std::string_view text) {
  static const JwtVerifier es = JwtVerifier::es256(p256).value();
  static const JwtVerifier ed = JwtVerifier::eddsa(ed25519).value();
  require(!es.verify(text, now) && !ed.verify(text, now));
}

void check_signature(std::string_view signature) {
  for (const std::string_view header : {"eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFZERTQSJ9"}) {
    std::string text(header);
    text += ".eyJzdWIiOiJhbGljZSIsImV4cCI6MTczNTY5MzIwMH0.";
    token_detail::encode_base64(signature, token_detail::Alphabet::url, text);
    check_jwt(text);
  }
}

void check_key(std::string_view pem) {
  static_cast<void>(JwtVerifier::rs256(pem));
  static_cast<void>(JwtVerifier::es256(pem));
  static_cast<void>(JwtVerifier::eddsa(pem));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0: check_token(rest); break;
    case 1: check_sealed(rest); break;
    case 2: check_kit(rest); break;
    case 3: check_names(rest); break;
    case 4: check_jwt(rest); break;
    case 5: check_signature(rest); break;
    case 6: check_key(rest); break;
  }
  return 0;
}
