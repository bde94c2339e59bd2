// Token03, the older kind, with a room inside.
#include "support.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

const TokenExpectation any_version{.token03 = Allow::yes};

TokenRequest request(RtcRoom room = rtc_room(MediaRole::speaker, "room-1", "alice")) {
  return {.user = "alice", .payload = std::move(room), .version = TokenVersion::token03};
}

std::string sealed03(std::string_view plaintext, TokenVersion version = TokenVersion::token03) {
  const token_detail::CipherKey key({app, Secret(secret)});
  return token_detail::seal(key, TokenMode::cbc, 1735693200, "0123456789abcdef", plaintext, version).value();
}

std::string verdict(std::string_view text, TokenExpectation expectation = any_version) {
  expectation.token03 = Allow::yes;
  const Keyring keys = keyring();
  const auto claims = verify_token(text, keys, expectation, start);
  return claims ? "good" : std::string(name(claims.error().code)) + " " + claims.error().field;
}

}  // namespace

TEST_CASE("mint writes the seven members in their order, in cbc, and verify reads them") {
  const Keyring keys = keyring();
  ScriptedBytes bytes("q7m2x0c9k4v1z8t3" + unhex("12345678"));
  const std::string token =
      TokenMinter(keys, bytes).mint(request(rtc_room(MediaRole::listener, "room-1", "alice")), start).value();
  const std::string plaintext =
      R"({"app_id":1234567890,"room_id":"room-1","user_id":"alice","privilege":{"1":1,"2":0},"create_time":1735689600,)"
      R"("expire_time":1735693200,"nonce":305419896})";
  const token_detail::CipherKey key({app, Secret(secret)});
  CHECK(token ==
        token_detail::seal(key, TokenMode::cbc, 1735693200, "q7m2x0c9k4v1z8t3", plaintext, TokenVersion::token03).value());
  CHECK(token.substr(0, 2) == "03");

  const auto claims = verify_token(token, keys, {.user = "alice", .room = "room-1", .token03 = Allow::yes}, start);
  REQUIRE(claims);
  CHECK(claims->version == TokenVersion::token03);
  CHECK(claims->mode == TokenMode::cbc);
  CHECK(claims->nonce == 305419896);
  CHECK(std::get<RtcRoom>(claims->payload) == rtc_room(MediaRole::listener, "room-1", "alice"));
  CHECK(claims->payload_text.empty());
}

TEST_CASE("it is taken only where it is asked for, and inspected anyhow") {
  const Keyring keys = keyring();
  const std::string token = TokenMinter(keys).mint(request(), start).value();
  CHECK(refusal(token) == ErrorCode::unsupported_version);
  const TokenReport report = inspect_token(token, &keys, start);
  CHECK(report.text == TokenText::token03);
  CHECK(report.problem->code == ErrorCode::unsupported_version);
  CHECK(report.opened);
  CHECK(report.claims->user == UserId("alice"));
  CHECK(report.layout.size() == 5);
  CHECK_FALSE(inspect_token(token, &keys, any_version, start).problem);
}

TEST_CASE("what it cannot carry is refused") {
  const Keyring keys = keyring();
  const TokenMinter minter(keys);
  for (const TokenPayload& payload :
       {TokenPayload(), TokenPayload(OwnPayload{"x"}), TokenPayload(RtcRoom{.room = "r", .streams = {{"s"}}})}) {
    const auto token = minter.mint({.user = "alice", .payload = payload, .version = TokenVersion::token03}, start);
    REQUIRE_FALSE(token);
    CHECK(token.error().field == "payload");
  }
  CHECK(minter.mint(request({.room = ""}), start).error().field == "payload.room");
}

TEST_CASE("the errors name its own members") {
  const std::string token =
      TokenMinter(keyring(), system_bytes()).mint(request(rtc_room(MediaRole::listener, "room-1", "alice")), start).value();
  CHECK(verdict(token) == "good");
  CHECK(verdict(token, {.room = "room-2"}) == "wrong_room room_id");
  CHECK(verdict(token, {.publish = Allow::yes}) == "privilege_missing privilege.2");
  CHECK(verdict(token, {.lifetime_max = 10min}) == "lifetime_too_long expire_time");
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text =
        R"({"app_id":1234567890,"room_id":"r","user_id":"alice","privilege":{"1":1},"create_time":1735689600,"expire_time":1735693200,"nonce":-9000000000000000000})";
    return verdict(sealed03(text.replace(text.find(from), from.size(), to)));
  };
  CHECK(changed("alice", "alice") == "good");
  CHECK(changed("\"room_id\":\"r\",", "") == "missing_field room_id");
  CHECK(changed(",\"privilege\":{\"1\":1}", "") == "missing_field privilege");
  CHECK(changed("{\"1\":1}", "{\"1\":2}") == "out_of_range 1");
  CHECK(changed("1735693200", "1735693201") == "expire_mismatch expire_time");
  CHECK(changed("1735693200", "\"1735693200\"") == "mistyped_field expire_time");
  CHECK(changed("\"create_time\":1735689600,", "") == "missing_field create_time");
}

TEST_CASE("the first two characters cannot be exchanged") {
  const std::string token04 = alice_token({.user = "alice", .mode = TokenMode::cbc});
  CHECK(verdict("03" + token04.substr(2)) == "unsupported_version ");
  CHECK(verdict("03" + alice_token().substr(2)) == "unsupported_version mode");
  const std::string token03 = TokenMinter(keyring(), system_bytes()).mint(request(), start).value();
  CHECK(verdict("04" + token03.substr(2)) == "unsupported_version ");
  CHECK(verdict("05" + token03.substr(2)) == "unsupported_version ");
}

TEST_CASE("every prefix and every flipped bit is refused without a crash") {
  const std::string token = TokenMinter(keyring(), system_bytes()).mint(request(), start).value();
  for (std::size_t size = 0; size < token.size(); ++size) CHECK(verdict(token.substr(0, size)) != "good");
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    std::string flipped = token;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const Keyring keys = keyring();
    const auto claims = verify_token(flipped, keys, {.user = "alice", .room = "room-1", .token03 = Allow::yes}, start);
    // Cbc authenticates nothing: a flipped iv rewrites the app id's digits, which are compared.
    if (claims) CHECK(claims->app == app);
    CHECK(claims.has_value() == false);
  }
}
