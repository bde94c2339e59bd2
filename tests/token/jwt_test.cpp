#include <thread>

#include "support.hpp"
#include "token/base64.hpp"
#include "token/hmac.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view usual_header = R"({"alg":"HS256","typ":"JWT"})";

JwtVerifier verifier() { return JwtVerifier::hs256(Secret(secret)).value(); }
JwtMinter minter() { return JwtMinter::hs256(Secret(secret)).value(); }

// Signed with the right secret, whatever it says.
std::string signed_token(std::string_view header, std::string_view payload) {
  std::string text = base64url(header) + "." + base64url(payload);
  const auto signature = token_detail::HmacKey(Secret(secret)).sign(text).value();
  return text + "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

// "code field", or "good".
std::string verdict(std::string_view token, UnixTime now = start) {
  const auto claims = verifier().verify(token, now);
  return claims ? "good" : std::string(name(claims.error().code)) + " " + claims.error().field;
}
std::string verdict_of(std::string_view payload) { return verdict(signed_token(usual_header, payload)); }

}  // namespace

TEST_CASE("the example of RFC 7515 is signed as it says") {
  // Appendix A.1: the key and the signature; its payload expired in 2011 and names no user.
  token_detail::Scratch key;
  REQUIRE_FALSE(
      token_detail::decode_base64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
                                  token_detail::Alphabet::url, key)
          .failed);
  const std::string text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const std::string token = text + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const JwtVerifier jwt = JwtVerifier::hs256(Secret(key.view())).value();
  CHECK(jwt.verify(token, UnixTime(1300819379s)).error().field == "sub");
  CHECK(jwt.verify(token, UnixTime(1300819380s + 30s)).error().code == ErrorCode::expired);
}

TEST_CASE("what is minted is verified, further texts in their order included") {
  const auto token =
      minter().mint({.user = "65f1c0ffee65f1c0ffee65f1",
                     .lifetime = 15min,
                     .user_claim = "_id",
                     .texts = {{"email", "a@example.org"}, {"username", "alice"}, {"fullName", "Ali\"ce \xc3\x85"}}},
                    start);
  REQUIRE(token);
  const std::size_t first = token->find('.') + 1;
  token_detail::Scratch payload;
  token_detail::decode_base64(std::string_view(*token).substr(first, token->rfind('.') - first), token_detail::Alphabet::url,
                              payload);
  CHECK(payload.view() ==
        "{\"_id\":\"65f1c0ffee65f1c0ffee65f1\",\"email\":\"a@example.org\",\"username\":\"alice\",\"fullName\":\"Ali\\\"ce "
        "\xc3\x85\",\"iat\":1735689600,\"exp\":1735690500}");
  const auto claims = verifier().verify(*token, start);
  REQUIRE(claims);
  CHECK(claims->user == UserId("65f1c0ffee65f1c0ffee65f1"));
  CHECK(claims->expires == start + 15min);
  CHECK(claims->issued_at == start);
  REQUIRE(claims->text("email") != nullptr);
  CHECK(*claims->text("email") == "a@example.org");
  CHECK(claims->texts.size() == 3);
  CHECK(claims->text("phone") == nullptr);
}

TEST_CASE("attacks on the algorithm and the signature are refused") {
  const std::string good = minter().mint({.user = "alice"}, start).value();
  const std::string payload = R"({"sub":"alice","exp":1735693200})";
  const std::size_t last = good.rfind('.');
  CHECK(verdict(good) == "good");
  CHECK(verdict(base64url(R"({"alg":"none"})") + "." + base64url(payload) + ".") == "unauthenticated header.alg");
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})", R"({"alg":"HS384"})", R"({"alg":"RS256"})",
        R"({"alg":["HS256"]})", R"({"alg":null})", R"({})", R"({"typ":"JWT"})"}) {
    CAPTURE(header);
    CHECK(verdict(signed_token(header, payload)) == "unauthenticated header.alg");
  }
  CHECK(verdict(signed_token(R"({"alg":"HS256","alg":"none"})", payload)) == "unauthenticated header");
  CHECK(verdict(signed_token(R"({"alg":"HS256","crit":["b64"],"b64":false})", payload)) == "unauthenticated header.crit");
  CHECK(verdict(signed_token(R"({"typ":"at+jwt","kid":"1","alg":"HS256"})", payload)) == "good");
  CHECK(verdict(good.substr(0, last + 1)) == "unauthenticated signature");
  CHECK(verdict(good.substr(0, good.size() - 4)) == "unauthenticated signature");
  CHECK(verdict(good + "AAAA") == "unauthenticated signature");
  CHECK(verdict(good + "=") == "unauthenticated signature");
  CHECK(verdict(signed_token(usual_header, payload) + "." + good) == "unauthenticated ");
  CHECK(verdict("a.b") == "unauthenticated ");
  CHECK(verdict("") == "unauthenticated ");
  CHECK(verdict(alice_token()) == "unauthenticated ");
  CHECK(verdict(std::string(8193, 'a')) == "unauthenticated ");
  const JwtVerifier other = JwtVerifier::hs256(Secret(other_secret)).value();
  CHECK(other.verify(good, start).error().field == "signature");
}

TEST_CASE("every prefix and every single-bit flip of a JWT is refused") {
  const JwtVerifier jwt = verifier();
  const std::string good = minter().mint({.user = "alice", .texts = {{"email", "a@example.org"}}}, start).value();
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(jwt.verify(good.substr(0, size), start));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    CHECK_FALSE(jwt.verify(flipped, start));
  }
}

TEST_CASE("claims: who and when") {
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200})") == "good");
  CHECK(verdict_of(R"({"_id":"alice","exp":1735693200.75,"n":[1],"o":{}})") == "good");
  CHECK(verdict_of(R"({"sub":"","_id":"alice","exp":1735693200})") == "good");
  CHECK(verdict_of(R"({"sub":"alice"})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":"1735693200"})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":null})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":-1})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":1e300})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"exp":1735693200})") == "unauthenticated sub");
  CHECK(verdict_of(R"({"sub":5,"exp":1735693200})") == "unauthenticated sub");
  CHECK(verdict_of(R"({"sub":"alice","sub":"bob","exp":1735693200})") == "unauthenticated payload");
  CHECK(verdict_of(R"({"sub":"\ud83d","exp":1735693200})") == "unauthenticated payload");
  CHECK(verdict_of("{\"sub\":\"\xff\",\"exp\":1735693200}") == "unauthenticated payload");
  CHECK(verdict_of(R"({"sub":"alice","exp":9223372036854775808})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":-9223372036854775808})") == "unauthenticated exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200,"nbf":"0"})") == "unauthenticated nbf");
  CHECK(verdict_of(R"([])") == "unauthenticated payload");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200)") == "unauthenticated payload");
  CHECK(verdict_of(signed_token(usual_header, "{}")) == "unauthenticated payload");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735689570})") == "expired exp");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735689571})") == "good");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200,"nbf":1735689630})") == "good");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200,"nbf":1735689631})") == "not_yet_valid nbf");
  CHECK(verdict_of(R"({"sub":"alice","exp":1735693200,"iat":1735689631})") == "not_yet_valid iat");
}

TEST_CASE("a JWT request is checked") {
  const auto refusal_of = [](const JwtRequest& request) {
    const auto token = minter().mint(request, start);
    return token ? "minted" : std::string(name(token.error().code)) + " " + token.error().field;
  };
  CHECK(refusal_of({.user = "alice"}) == "minted");
  CHECK(refusal_of({}) == "invalid_argument user");
  CHECK(refusal_of({.user = "\xff"}) == "invalid_argument user");
  CHECK(refusal_of({.user = "alice", .lifetime = 0s}) == "out_of_range lifetime");
  CHECK(refusal_of({.user = "alice", .lifetime = std::chrono::hours(24 * 3650)}) == "minted");
  CHECK(refusal_of({.user = "alice", .lifetime = std::chrono::hours(24 * 3650) + 1s}) == "out_of_range lifetime");
  CHECK(refusal_of({.user = "alice", .user_claim = "exp"}) == "invalid_argument user_claim");
  CHECK(refusal_of({.user = "alice", .texts = {{"exp", "1"}}}) == "invalid_argument texts.0");
  CHECK(refusal_of({.user = "alice", .texts = {{"a", "1"}, {"a", "2"}}}) == "invalid_argument texts.1");
  CHECK(refusal_of({.user = "alice", .texts = {{"sub", "bob"}}}) == "invalid_argument texts.0");
  CHECK(refusal_of({.user = "alice", .texts = {{"a", "\xff"}}}) == "invalid_argument texts.0");
  CHECK(refusal_of({.user = "alice", .texts = {{"a", std::string(8192, 'x')}}}) == "out_of_range texts");
}

TEST_CASE("a short JWT secret is refused unless asked for") {
  const auto refused = JwtVerifier::hs256(Secret(secret.substr(1)));
  REQUIRE_FALSE(refused);
  CHECK(to_string(refused.error()) == "secret_length: secret: 31 bytes, must be at least 32");
  CHECK(JwtMinter::hs256(Secret("short")).error().code == ErrorCode::secret_length);
  CHECK(JwtMinter::hs256(Secret(""), {.secret_bytes_min = 0}).error().code == ErrorCode::secret_length);
  const auto token = JwtMinter::hs256(Secret("short"), {.secret_bytes_min = 5}).value().mint({.user = "alice"}, start).value();
  CHECK(JwtVerifier::hs256(Secret("short"), {.secret_bytes_min = 5}).value().verify(token, start));
}

TEST_CASE("several threads verify with one verifier") {
  const JwtVerifier jwt = verifier();
  const JwtMinter maker = minter();
  std::vector<int> good(4);
  std::vector<std::thread> threads;
  for (int& mine : good) {
    threads.emplace_back([&jwt, &maker, &mine] {
      for (int i = 0; i < 300; ++i) {
        const auto token = maker.mint({.user = "alice"}, start);
        if (token && jwt.verify(*token, start)) ++mine;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == std::vector<int>(4, 300));
}
