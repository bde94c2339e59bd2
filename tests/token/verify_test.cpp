#include "support.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t created = 1735689600;
constexpr std::int64_t expires = created + 3600;

// A token with any inside and outside.
std::string sealed(std::string_view plaintext, TokenMode mode = TokenMode::gcm, std::int64_t outer = expires) {
  const token_detail::CipherKey key({app, Secret(secret)});
  return token_detail::seal(key, mode, outer, std::string_view("0123456789abcdef").substr(0, token_detail::iv_size(mode)),
                            plaintext)
      .value();
}

std::string claims_text(std::string_view changed, std::string_view value) {
  std::string out = "{";
  for (const auto& [key, usual] : {std::pair<std::string, std::string>{"app_id", "1234567890"},
                                   {"user_id", "\"alice\""},
                                   {"nonce", "1"},
                                   {"ctime", "1735689600"},
                                   {"expire", "1735693200"},
                                   {"payload", "\"\""}}) {
    const std::string text = key == changed ? std::string(value) : usual;
    if (!text.empty()) out += (out.size() == 1 ? "\"" : ",\"") + key + "\":" + text;
  }
  return out + "}";
}

// "code field" of a token whose one claim is another; an empty value leaves it out.
std::string refusal_of_claim(std::string_view claim, std::string_view value, TokenMode mode = TokenMode::gcm) {
  const auto claims = verify_token(sealed(claims_text(claim, value), mode), keyring(), {}, start);
  return claims ? "good" : std::string(name(claims.error().code)) + " " + claims.error().field;
}

// The base64 of `bytes` behind "04".
std::string token_of(std::string_view bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "04";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : letters[bits >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string head(std::size_t iv, std::size_t size) {
  std::string out = std::string(4, '\0') + big_endian32(expires);
  out += {static_cast<char>(iv >> 8), static_cast<char>(iv)};
  out += std::string(iv, 'i');
  return out += {static_cast<char>(size >> 8), static_cast<char>(size)};
}

}  // namespace

TEST_CASE("texts that are no token are told apart") {
  const std::string token = alice_token();
  CHECK(refusal("") == ErrorCode::empty);
  CHECK(refusal("x") == ErrorCode::bad_prefix);
  CHECK(refusal("0") == ErrorCode::bad_prefix);
  CHECK(refusal("\"" + token + "\"") == ErrorCode::bad_prefix);
  CHECK(refusal("Bearer " + token) == ErrorCode::bad_prefix);
  CHECK(refusal(" " + token) == ErrorCode::bad_prefix);
  CHECK(refusal("03" + token.substr(2)) == ErrorCode::unsupported_version);
  CHECK(refusal("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.c2ln") == ErrorCode::jwt_instead_of_token);
  CHECK(refusal("04eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.c2ln") == ErrorCode::jwt_instead_of_token);
  CHECK(refusal(token + "#eyJhIjoxfQ==") == ErrorCode::kit_token_instead_of_token);
  CHECK(refusal("04AAAA AAA") == ErrorCode::plus_turned_into_space);
  CHECK(refusal("04AAA ") == ErrorCode::plus_turned_into_space);
  CHECK(refusal("04AAAAAA%2BA") == ErrorCode::url_encoded);
  CHECK(refusal("04AAAA%") == ErrorCode::bad_base64);
}

TEST_CASE("base64 is strict") {
  const std::string token = alice_token();
  for (const std::string& bad :
       {token + "\n", token + " ", token + "=", token.substr(0, token.size() - 1), "04" + token.substr(3),
        token.substr(0, 20) + "\n" + token.substr(20), std::string("04AAA-"), std::string("04AAA_"), std::string("04AB=="),
        std::string("04A==="), std::string("04===="), std::string("04AA=A"), std::string("04AAAA===="), std::string("04AAA\0", 6),
        std::string("04AAA\xff")}) {
    CAPTURE(bad);
    CHECK(refusal(bad) == ErrorCode::bad_base64);
  }
  CHECK(verify_token(token, keyring(), {}, start));
}

TEST_CASE("the layout is strict") {
  CHECK(refusal("04") == ErrorCode::too_short);
  CHECK(refusal(token_of(head(12, 17).substr(0, 7))) == ErrorCode::too_short);
  CHECK(refusal(token_of(head(12, 17).substr(0, 9))) == ErrorCode::too_short);
  CHECK(refusal(token_of(head(12, 17).substr(0, 21))) == ErrorCode::too_short);
  CHECK(refusal(token_of(head(13, 17) + std::string(18, 'c'))) == ErrorCode::bad_iv_length);
  CHECK(refusal(token_of(head(65535, 17))) == ErrorCode::bad_iv_length);
  CHECK(refusal(token_of(head(12, 17) + std::string(16, 'c'))) == ErrorCode::length_mismatch);
  CHECK(refusal(token_of(head(16, 65535) + std::string(16, 'c'))) == ErrorCode::length_mismatch);
  CHECK(refusal(token_of(head(16, 0))) == ErrorCode::length_mismatch);
  CHECK(refusal(token_of(head(16, 17) + std::string(17, 'c'))) == ErrorCode::length_mismatch);
  CHECK(refusal(token_of(head(12, 16) + std::string(16, 'c') + '\x01')) == ErrorCode::length_mismatch);
  CHECK(refusal(token_of(head(16, 32) + std::string(32, 'c') + '\x01')) == ErrorCode::bad_iv_length);
  CHECK(refusal(token_of(head(12, 32) + std::string(32, 'c'))) == ErrorCode::bad_iv_length);
  CHECK(refusal(token_of(head(12, 32) + std::string(32, 'c') + '\x02')) == ErrorCode::unknown_mode);
  CHECK(refusal(token_of(head(12, 32) + std::string(32, 'c') + "\x01\x01")) == ErrorCode::trailing_bytes);
  CHECK(refusal(token_of(head(12, 32) + std::string(32, 'c') + '\x01')) == ErrorCode::wrong_key_or_tampered);
  CHECK(refusal(token_of(head(16, 32) + std::string(32, 'c'))) == ErrorCode::wrong_key_or_tampered);
  CHECK(refusal(token_of(head(16, 32) + std::string(32, 'c') + '\0')) == ErrorCode::wrong_key_or_tampered);
}

TEST_CASE("in cbc a wrong key, bad padding and bad JSON are one error; in gcm bad JSON is told") {
  const std::string cbc = alice_token({.user = "alice", .mode = TokenMode::cbc});
  const Keyring others = keyring(other_secret);
  const auto by_key = verify_token(cbc, others, {}, start);
  const auto by_json = verify_token(sealed("{\"app_id\":", TokenMode::cbc), keyring(), {}, start);
  const auto by_kind = verify_token(sealed("[1,2]", TokenMode::cbc), keyring(), {}, start);
  const auto by_padding = verify_token(token_of(head(16, 32) + std::string(32, 'c')), keyring(), {}, start);
  REQUIRE_FALSE(by_key);
  CHECK(by_key.error().code == ErrorCode::wrong_key_or_tampered);
  CHECK(by_json.error() == by_key.error());
  CHECK(by_kind.error() == by_key.error());
  CHECK(by_padding.error() == by_key.error());
  CHECK(verify_token(alice_token(), others, {}, start).error().code == ErrorCode::wrong_key_or_tampered);
  CHECK(refusal(sealed("{\"app_id\":")) == ErrorCode::bad_json);
  CHECK(refusal(sealed("{} ")) == ErrorCode::missing_field);
  CHECK(refusal(sealed("[1,2]")) == ErrorCode::bad_json);
  CHECK(refusal(sealed("\xff")) == ErrorCode::bad_json);
  CHECK(refusal(sealed(R"({"app_id":1,"app_id":2})")) == ErrorCode::bad_json);
}

TEST_CASE("claims are read with their types and bounds") {
  for (const TokenMode mode : {TokenMode::gcm, TokenMode::cbc}) {
    CHECK(refusal_of_claim("", "", mode) == "good");
    for (const std::string_view claim : {"app_id", "user_id", "nonce", "ctime", "expire"}) {
      CHECK(refusal_of_claim(claim, "", mode) == "missing_field " + std::string(claim));
      CHECK(refusal_of_claim(claim, "null", mode) == "mistyped_field " + std::string(claim));
      CHECK(refusal_of_claim(claim, "[]", mode) == "mistyped_field " + std::string(claim));
    }
    CHECK(refusal_of_claim("payload", "", mode) == "good");
    CHECK(refusal_of_claim("payload", "null", mode) == "good");
    CHECK(refusal_of_claim("payload", "{}", mode) == "mistyped_field payload");
    CHECK(refusal_of_claim("app_id", "\"1234567890\"", mode) == "mistyped_field app_id");
    CHECK(refusal_of_claim("app_id", "4294967296", mode) == "out_of_range app_id");
    CHECK(refusal_of_claim("app_id", "-1", mode) == "out_of_range app_id");
    CHECK(refusal_of_claim("app_id", "0", mode) == "out_of_range app_id");
    CHECK(refusal_of_claim("app_id", "7", mode) == "wrong_app app_id");
    CHECK(refusal_of_claim("user_id", "\"\"", mode) == "out_of_range user_id");
    CHECK(refusal_of_claim("nonce", "-9223372036854775808", mode) == "good");
    CHECK(refusal_of_claim("nonce", "9223372036854775807", mode) == "good");
    CHECK(refusal_of_claim("nonce", "9223372036854775808", mode) == "out_of_range nonce");
    CHECK(refusal_of_claim("ctime", "-1", mode) == "out_of_range ctime");
    CHECK(refusal_of_claim("expire", "9223372036854775807", mode) == "out_of_range expire");
    CHECK(refusal_of_claim("expire", "1735693201", mode) == "expire_mismatch expire");
    CHECK(refusal_of_claim("ctime", "1735693200", mode) == "out_of_range expire");
    CHECK(refusal_of_claim("ctime", "1733000000", mode) == "lifetime_too_long expire");
  }
  CHECK(refusal(sealed(claims_text("", ""), TokenMode::gcm, expires + 1)) == ErrorCode::expire_mismatch);
}

TEST_CASE("strings are read with escapes and surrogates") {
  const auto claims = verify_token(sealed(claims_text("user_id", R"("\u7528\uD83D\uDE00\/\u0000")")), keyring(), {}, start);
  REQUIRE(claims);
  CHECK(claims->user.view() == std::string_view("\xe7\x94\xa8\xf0\x9f\x98\x80/\0", 9));
  CHECK(refusal_of_claim("user_id", R"("\uD83D")") == "bad_json ");
}

TEST_CASE("times, with leeway at both ends") {
  const std::string token = alice_token();
  const Keyring keys = keyring();
  const auto at = [&](std::chrono::seconds offset, std::chrono::seconds leeway = 30s) {
    const auto claims = verify_token(token, keys, {.leeway = leeway}, start + offset);
    return claims ? "good" : std::string(name(claims.error().code)) + ": " + claims.error().detail;
  };
  CHECK(at(-30s) == "good");
  CHECK(at(-31s) == "not_yet_valid: begins in 31 s: do the clocks differ?");
  CHECK(at(-1s, 0s).substr(0, 13) == "not_yet_valid");
  CHECK(at(3630s) == "good");
  CHECK(at(3631s) == "expired: ended 31 s ago");
  CHECK(at(3600s, 0s) == "good");
  CHECK(at(3601s, 0s) == "expired: ended 1 s ago");
  CHECK(at(3600s + 12min) == "expired: ended 12 min ago");
  CHECK(at(3600s + 24h * 3) == "expired: ended 3 days ago");
  const std::string long_lived = alice_token({.user = "alice", .lifetime = token_lifetime_max});
  CHECK(verify_token(long_lived, keys, {}, start));
  CHECK(refusal(long_lived, {.lifetime_max = token_lifetime_max - 1s}) == ErrorCode::lifetime_too_long);
}

TEST_CASE("what is expected must be there") {
  const std::string basic = alice_token();
  const std::string bound = alice_token({.user = "alice", .payload = rtc_room(MediaRole::listener, "call_42", "alice")});
  CHECK(refusal(basic, {.app = AppId{7}}) == ErrorCode::wrong_app);
  CHECK(refusal(basic, {.user = "Alice"}) == ErrorCode::wrong_user);
  CHECK(refusal(basic, {.room = "call_42"}) == ErrorCode::wrong_room);
  CHECK(refusal(basic, {.login = Allow::yes}) == ErrorCode::privilege_missing);
  CHECK(refusal(bound, {.room = "call_4"}) == ErrorCode::wrong_room);
  CHECK(refusal(bound, {.publish = Allow::yes}) == ErrorCode::privilege_missing);
  CHECK(verify_token(bound, keyring(), {.app = app, .user = "alice", .room = "call_42", .login = Allow::yes}, start));
  CHECK(to_string(verify_token(basic, keyring(), {.user = "bob"}, start).error()) ==
        "wrong_user: user_id: is alice, must be bob");
}

TEST_CASE("a payload that is not exactly a room's is the host's own") {
  for (const std::string_view text :
       {R"({"room_id":5,"privilege":{}})", R"({"room_id":"r"})", R"({"room_id":"r","privilege":{"1":2}})",
        R"({"room_id":"r","privilege":{"1":true}})", R"({"a":1)", R"([])", "text"}) {
    CAPTURE(text);
    const auto claims =
        verify_token(alice_token({.user = "alice", .payload = OwnPayload{std::string(text)}}), keyring(), {}, start);
    REQUIRE(claims);
    CHECK(std::get<OwnPayload>(claims->payload).text == text);
  }
}

TEST_CASE("every prefix and every single-bit flip of a token is refused, in both modes") {
  const Keyring keys = keyring();
  for (const TokenMode mode : {TokenMode::gcm, TokenMode::cbc}) {
    const std::string token = alice_token({.user = "alice", .payload = rtc_room(MediaRole::speaker, "r", "alice"), .mode = mode});
    const TokenExpectation expectation{.app = app, .user = "alice", .room = "r", .login = Allow::yes, .publish = Allow::yes};
    REQUIRE(verify_token(token, keys, expectation, start));
    const auto refused = [&](const std::string& text) {
      const auto claims = verify_token(text, keys, expectation, start);
      const TokenReport report = inspect_token(text, &keys, expectation, start);
      return !claims && claims.error().code != ErrorCode::internal && report.problem == claims.error();
    };
    for (std::size_t size = 0; size < token.size(); ++size) CHECK(refused(token.substr(0, size)));
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
      std::string flipped = token;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      CAPTURE(bit);
      CHECK(refused(flipped));
    }
  }
}

TEST_CASE("every single-bit flip of a gcm token's bytes is refused") {
  const Keyring keys = keyring();
  token_detail::Scratch bytes;
  REQUIRE_FALSE(token_detail::decode_text(alice_token(), bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped(bytes.view());
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    CHECK_FALSE(verify_token(token_of(flipped), keys, {.user = "alice"}, start));
  }
}

TEST_CASE("hostile text of any size ends in a reason") {
  CHECK(refusal(std::string(1 << 20, '4')) == ErrorCode::bad_prefix);
  CHECK(refusal("04" + std::string(1 << 20, 'A')) == ErrorCode::bad_iv_length);
  CHECK(refusal("04" + std::string(1 << 20, ' ')) == ErrorCode::plus_turned_into_space);
  CHECK(refusal("04" + std::string(1 << 20, '%')) == ErrorCode::bad_base64);
  CHECK(refusal("ey" + std::string(1 << 20, '.')) == ErrorCode::jwt_instead_of_token);
}
