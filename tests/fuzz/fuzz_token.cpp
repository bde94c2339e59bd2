// Provider tokens and JWTs from a hostile peer. The first byte says where the rest goes in: as a text, or behind the key,
// where an attacker cannot come but a broken generator can.
#include <cstdint>
#include <cstdlib>

#include "token/base64.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"
#include "token/hmac.hpp"
#include "zegocall/token.hpp"

using namespace zegocall;

namespace {

constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
constexpr AppId app{1234567890};
constexpr UnixTime now{std::chrono::seconds(1735689600)};

void require(bool holds) {
  if (!holds) std::abort();
}

void check_token(std::string_view text) {
  static const Keyring keys = Keyring::of(app, Secret(secret)).value();
  const auto claims = verify_token(text, keys, {.user = "alice"}, now);
  const TokenReport report = inspect_token(text, &keys, {.user = "alice"}, now);
  require(claims ? !report.problem : report.problem == claims.error());
  if (!claims) require(claims.error().code != ErrorCode::internal && !explain(claims.error()).why.empty());
  if (claims) require(claims->app == app && claims->user == UserId("alice"));
  static_cast<void>(inspect_token(text, nullptr, now));
}

void check_sealed(std::string_view plaintext, TokenMode mode) {
  static const token_detail::CipherKey key({app, Secret(secret)});
  if (plaintext.size() > token_plaintext_max) return;
  const std::string_view iv = std::string_view("0123456789abcdef").substr(0, token_detail::iv_size(mode));
  check_token(token_detail::seal(key, mode, 1735693200, iv, plaintext).value());
}

void check_jwt(std::string_view text) {
  static const JwtVerifier jwt = JwtVerifier::hs256(Secret(secret)).value();
  const auto claims = jwt.verify(text, now);
  if (claims) require(!claims->user.empty() && claims->expires > now - std::chrono::seconds(30));
}

void check_signed(std::string_view header, std::string_view payload) {
  static const token_detail::HmacKey key{Secret(secret)};
  std::string text;
  token_detail::encode_base64(header, token_detail::Alphabet::url, text);
  text.push_back('.');
  token_detail::encode_base64(payload, token_detail::Alphabet::url, text);
  const auto signature = key.sign(text).value();
  text.push_back('.');
  token_detail::encode_base64({reinterpret_cast<const char*>(signature.data()), signature.size()}, token_detail::Alphabet::url,
                              text);
  check_jwt(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: check_token(rest); break;
    case 1: check_sealed(rest, TokenMode::gcm); break;
    case 2: check_sealed(rest, TokenMode::cbc); break;
    case 3: check_jwt(rest); break;
    case 4: check_signed(R"({"alg":"HS256"})", rest); break;
    case 5: check_signed(rest, R"({"sub":"alice","exp":1735693200})"); break;
  }
  return 0;
}
