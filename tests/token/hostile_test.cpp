// The same attacks on every kind of token that carries claims: texts that are almost right, and a megabyte of nothing.
#include <array>

#include "support.hpp"
#include "token/base64.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"
#include "zegocall/token/kit_token.hpp"

using namespace zegocall;
using namespace zegocall::token_test;

namespace {

constexpr std::int64_t outer_expires = 1735693200;

struct Kind {
  TokenVersion version;
  TokenMode mode;
};
constexpr std::array kinds = {Kind{TokenVersion::token04, TokenMode::gcm}, Kind{TokenVersion::token04, TokenMode::cbc},
                              Kind{TokenVersion::token03, TokenMode::cbc}};

std::string good_claims(TokenVersion version) {
  if (version == TokenVersion::token04)
    return R"({"app_id":1234567890,"user_id":"alice","nonce":1,"ctime":1735689600,"expire":1735693200,"payload":""})";
  return R"({"app_id":1234567890,"room_id":"r","user_id":"alice","privilege":{"1":1,"2":0},"create_time":1735689600,"expire_time":1735693200,"nonce":1})";
}

// The claims with one place changed, sealed and verified: the user, or "code field".
std::string verdict(Kind kind, std::string_view from, std::string_view to) {
  std::string text = good_claims(kind.version);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const token_detail::CipherKey key({app, Secret(secret)});
  const std::string iv(kind.mode == TokenMode::gcm ? 12 : 16, 'i');
  const std::string token = token_detail::seal(key, kind.mode, outer_expires, iv, text, kind.version).value();
  const Keyring keys = keyring();
  const auto claims = verify_token(token, keys, {.token03 = Allow::yes}, start);
  return claims ? claims->user.str() : std::string(name(claims.error().code)) + " " + claims.error().field;
}

std::string base64(std::string_view bytes) {
  std::string out;
  token_detail::encode_base64(bytes, token_detail::Alphabet::standard, out);
  return out;
}

std::string kit_verdict(std::string_view names) {
  const auto kit = parse_kit_token("04T#" + base64(names));
  return kit ? "good" : std::string(name(kit.error().code)) + " " + kit.error().field;
}

}  // namespace

TEST_CASE("claims that are almost right, in each kind of token") {
  for (const Kind kind : kinds) {
    CAPTURE(name(kind.version));
    CAPTURE(name(kind.mode));
    // In cbc a text that is no JSON is what a wrong key looks like.
    const std::string no_json = kind.mode == TokenMode::gcm ? "bad_json " : "wrong_key_or_tampered ";
    const std::string created = kind.version == TokenVersion::token04 ? "ctime" : "create_time";
    const std::string ends = kind.version == TokenVersion::token04 ? "expire" : "expire_time";
    CHECK(verdict(kind, "alice", "alice") == "alice");
    CHECK(verdict(kind, "{\"app_id\"", "{\"app_id\":1,\"app_id\"") == no_json);
    CHECK(verdict(kind, "{\"app_id\"", "{\"\\u0061pp_id\":1,\"app_id\"") == no_json);
    CHECK(verdict(kind, "alice", R"(\ud83d)") == no_json);
    CHECK(verdict(kind, "alice", R"(\ude00\ud83d)") == no_json);
    CHECK(verdict(kind, "alice", "\xff") == no_json);
    CHECK(verdict(kind, "alice", std::string_view("a\0b", 3)) == no_json);
    CHECK(verdict(kind, "alice", R"(a\u0000b)") == std::string("a\0b", 3));  // kept, never cut
    CHECK(verdict(kind, "alice", R"(\ud83d\ude00)") == "\xf0\x9f\x98\x80");
    CHECK(verdict(kind, "alice", R"(\u0061lice)") == "alice");
    CHECK(verdict(kind, "}", "") == no_json);
    CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":9223372036854775807") == "alice");
    CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":-9223372036854775808") == "alice");
    CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":9223372036854775808") == "out_of_range nonce");
    CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":-9223372036854775809") == "out_of_range nonce");
    CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":-0") == "alice");
    for (const std::string_view odd : {"1.0", "1e0", "\"1\"", "null", "true", "{}", "[1]"})
      CHECK(verdict(kind, "\"nonce\":1", "\"nonce\":" + std::string(odd)) == "mistyped_field nonce");
    CHECK(verdict(kind, "1234567890", "\"1234567890\"") == "mistyped_field app_id");
    CHECK(verdict(kind, "1234567890", "-1") == "out_of_range app_id");
    CHECK(verdict(kind, "1234567890", "-0") == "out_of_range app_id");
    CHECK(verdict(kind, "1234567890", "18446744073709551616") == "out_of_range app_id");
    CHECK(verdict(kind, "\"alice\"", "7") == "mistyped_field user_id");
    CHECK(verdict(kind, "1735689600", "-9223372036854775808") == "out_of_range " + created);
    CHECK(verdict(kind, "1735693200", "9223372036854775807") == "out_of_range " + ends);
    CHECK(verdict(kind, "1735693200", "\"1735693200\"") == "mistyped_field " + ends);
    CHECK(verdict(kind, "1735693200", "1735693200000") == "out_of_range " + ends);
  }
}

TEST_CASE("every single-bit flip of a cbc token's bytes is refused, by its claims if not by its padding") {
  const Keyring keys = keyring();
  token_detail::Scratch bytes;
  const std::string token =
      alice_token({.user = "alice", .payload = rtc_room(MediaRole::speaker, "r", "alice"), .mode = TokenMode::cbc});
  REQUIRE_FALSE(token_detail::decode_text(token, bytes));
  const TokenExpectation expectation{.app = app, .user = "alice", .room = "r", .login = Allow::yes, .publish = Allow::yes};
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped(bytes.view());
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    const auto claims = verify_token("04" + base64(flipped), keys, expectation, start);
    CHECK_FALSE(claims);
    if (!claims) CHECK(claims.error().code != ErrorCode::internal);
  }
}

TEST_CASE("names around a token that are almost right") {
  CHECK(kit_verdict(R"({"userID":"u","appID":1})") == "good");
  CHECK(kit_verdict(R"({"userID":"u","userID":"u","appID":1})") == "bad_json names");
  CHECK(kit_verdict(R"({"userID":"\ud83d","appID":1})") == "bad_json names");
  CHECK(kit_verdict(R"({"userID":"u","appID":1)") == "bad_json names");
  CHECK(kit_verdict(R"({"userID":"u","appID":-1})") == "out_of_range appID");
  CHECK(kit_verdict(R"({"userID":"u","appID":4294967296})") == "out_of_range appID");
  CHECK(kit_verdict(R"({"userID":"u","appID":9223372036854775808})") == "out_of_range appID");
  CHECK(parse_kit_token("04T#" + base64(R"({"userID":"a\u0000b","appID":1})"))->user.view() == std::string_view("a\0b", 3));

  const std::string token = alice_token({.user = "alice", .payload = rtc_room(MediaRole::speaker, "room_1", "alice")});
  const std::string whole =
      make_kit_token({.token = token, .app = app, .user = "alice", .room = "room_1", .user_name = "Alice"}).value();
  const Keyring keys = keyring();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    const auto claims = verify_kit_token(flipped, keys, {.user = "alice"}, start);
    if (!claims) CHECK(claims.error().code != ErrorCode::internal);
    // What is around the token is not signed: another spelling of the shown name is all that may come of it.
    if (claims) CHECK((claims->kit.token == token && claims->kit.user == UserId("alice") && claims->kit.app == app));
    if (claims && claims->kit.room) CHECK(*claims->kit.room == RoomId("room_1"));
  }
}

TEST_CASE("a megabyte of anything is read once") {
  const Keyring keys = keyring();
  const JwtVerifier jwt = JwtVerifier::hs256(Secret(secret)).value();
  std::string noise(1 << 20, '\0');
  std::uint32_t state = 1;
  const auto begin = std::chrono::steady_clock::now();
  for (const int fill :
       {-1, 0, int{'"'}, int{'\\'}, int{'{'}, int{'['}, int{'#'}, int{'.'}, int{'%'}, int{'+'}, int{'A'}, 0xff}) {
    for (char& c : noise)
      c = static_cast<char>(fill < 0 ? (state = state * 1664525 + 1013904223) >> 24 : static_cast<unsigned>(fill));
    for (const std::string_view before : {"", "04", "03", "ey", "04T#", "04.", "{\"a\":\""}) {
      const std::string text = std::string(before) + noise;
      CHECK_FALSE(verify_token(text, keys, {}, start));
      CHECK(inspect_token(text, &keys, start).problem);
      CHECK_FALSE(parse_kit_token(text));
      CHECK_FALSE(jwt.verify(text, start));
    }
  }
  // 84 texts through four readers; something quadratic would need a day for one of them.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}
