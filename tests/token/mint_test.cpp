#include <set>
#include <thread>

#include "support.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

Result<std::string> mint(const TokenRequest& request, UnixTime now = start) {
  const Keyring keys = keyring();
  return TokenMinter(keys, system_bytes()).mint(request, now);
}

// "code field" of the refusal, or "minted".
std::string refusal_of(const TokenRequest& request, UnixTime now = start) {
  const auto token = mint(request, now);
  return token ? "minted" : std::string(name(token.error().code)) + " " + token.error().field;
}

std::string text_of(std::size_t size, char c = 'a') { return std::string(size, c); }
UserId user_of(std::string_view text) { return UserId(text); }
RtcRoom room_with(std::vector<StreamId> streams) { return {.room = "r", .streams = std::move(streams)}; }

}  // namespace

TEST_CASE("a keyring refuses secrets that cannot be right, without telling them") {
  const auto refused = [](AppId of, std::string_view text) {
    auto keys = Keyring::of(of, Secret(text));
    REQUIRE_FALSE(keys);
    CHECK((text.empty() || keys.error().detail.find(text) == std::string::npos));
    return to_string(keys.error());
  };
  CHECK(refused(app, secret.substr(1)) == "secret_length: secret: 31 bytes, must be 32");
  CHECK(refused(app, std::string(secret) + "x") == "secret_length: secret: 33 bytes, must be 32");
  CHECK(refused(app, "") == "secret_length: secret: 0 bytes, must be 32");
  CHECK(refused(AppId{0}, secret) == "out_of_range: app: 0, must be 1 to 4294967295");
  CHECK(refused(app, "12345678900987654321123456789012").substr(0, 14) == "sample_secret:");
  CHECK(refused(app, text_of(32, 'x')).substr(0, 14) == "sample_secret:");
}

TEST_CASE("a keyring holds up to sixteen different keys, and the first mints") {
  Keyring keys = keyring();
  CHECK(keys.add({app, Secret(secret)}).error().code == ErrorCode::already_exists);
  CHECK(keys.add({AppId{7}, Secret(secret)}));
  std::string text(other_secret);
  for (char c = 'A'; keys.size() < Keyring::keys_max; ++c) {
    text.back() = c;
    REQUIRE(keys.add({app, Secret(text)}));
  }
  CHECK(keys.add({app, Secret(other_secret)}).error().code == ErrorCode::limit_exceeded);
  CHECK(keys.app() == app);

  const TokenMinter minter(keys, system_bytes());
  CHECK(verify_token(minter.mint({.user = "alice"}, start).value(), keys, {}, start)->key == 0);
  const auto of_seven =
      verify_token(minter.mint({.user = "alice", .app = AppId{7}}, start).value(), keys, {.app = AppId{7}}, start);
  REQUIRE(of_seven);
  CHECK(of_seven->app == AppId{7});
  CHECK(of_seven->key == 1);
  CHECK(minter.mint({.user = "alice", .app = AppId{8}}, start).error().code == ErrorCode::wrong_app);
}

TEST_CASE("each bound of a request at its limit and one beyond") {
  CHECK(refusal_of({.user = user_of("")}) == "invalid_argument user");
  CHECK(refusal_of({.user = user_of(text_of(63))}) == "minted");
  CHECK(refusal_of({.user = user_of(text_of(64))}) == "out_of_range user");
  CHECK(refusal_of({.user = "alice", .lifetime = 0s}) == "out_of_range lifetime");
  CHECK(refusal_of({.user = "alice", .lifetime = -1s}) == "out_of_range lifetime");
  CHECK(refusal_of({.user = "alice", .lifetime = 1s}) == "minted");
  CHECK(refusal_of({.user = "alice", .lifetime = 2073600s}) == "minted");
  CHECK(refusal_of({.user = "alice", .lifetime = 2073601s}) == "out_of_range lifetime");
  CHECK(refusal_of({.user = "alice"}, UnixTime(-1ms)) == "out_of_range now");
  CHECK(refusal_of({.user = "alice", .payload = RtcRoom{.room = RoomId(std::string_view(text_of(127)))}}) == "minted");
  CHECK(refusal_of({.user = "alice", .payload = RtcRoom{.room = RoomId(std::string_view(text_of(128)))}}) ==
        "out_of_range payload.room");
  CHECK(refusal_of({.user = "alice", .payload = RtcRoom{}}) == "invalid_argument payload.room");
  CHECK(refusal_of({.user = "alice", .payload = room_with({})}) == "out_of_range payload.streams");
  CHECK(refusal_of({.user = "alice", .payload = room_with({"a_b-1", "no space"})}) == "invalid_argument payload.streams.1");
  CHECK(refusal_of({.user = "alice", .payload = room_with({StreamId(std::string_view(text_of(256)))})}) == "minted");
  CHECK(refusal_of({.user = "alice", .payload = room_with({StreamId(std::string_view(text_of(257)))})}) ==
        "out_of_range payload.streams.0");
}

TEST_CASE("the largest plaintext is 65,519 bytes in both modes") {
  const std::size_t frame = 109;  // of alice's claims with an empty payload and a nine-digit nonce
  for (const TokenMode mode : {TokenMode::gcm, TokenMode::cbc}) {
    const auto minted = [&](std::size_t payload) {
      const std::string iv(mode == TokenMode::gcm ? 12 : 16, 'i');
      ScriptedBytes bytes(iv + unhex("12345678"));
      const Keyring keys = keyring();
      return TokenMinter(keys, bytes).mint({.user = "alice", .payload = OwnPayload{text_of(payload)}, .mode = mode}, start);
    };
    const auto largest = minted(token_plaintext_max - frame);
    REQUIRE(largest);
    CHECK(verify_token(*largest, keyring(), {.user = "alice"}, start)->payload_text.size() == token_plaintext_max - frame);
    const auto larger = minted(token_plaintext_max - frame + 1);
    REQUIRE_FALSE(larger);
    CHECK(to_string(larger.error()) == "out_of_range: payload: makes a plaintext of 65520 bytes, must be at most 65519");
    CHECK(minted(token_plaintext_max + 1).error().code == ErrorCode::out_of_range);
  }
}

TEST_CASE("strict ids are what every client takes, relaxed ids any UTF-8 without NUL") {
  CHECK(refusal_of({.user = "az09~!@#$^&*()_+=-;',.<>`"}) == "minted");
  for (const std::string_view bad : {"a b", "a%b", "a/b", "\xc3\x85lice", "a\"b", "a\\b", "a:b", "a|b"}) {
    CAPTURE(bad);
    CHECK(refusal_of({.user = user_of(bad)}) == "invalid_argument user");
    CHECK(refusal_of({.user = user_of(bad), .ids = IdPolicy::relaxed}) == "minted");
  }
  CHECK(refusal_of({.user = user_of(text_of(300)), .ids = IdPolicy::relaxed}) == "minted");
  CHECK(refusal_of({.user = user_of(""), .ids = IdPolicy::relaxed}) == "invalid_argument user");
  for (const std::string_view bad : {std::string_view("a\0b", 3), std::string_view("\xff"), std::string_view("\xed\xa0\x80")}) {
    CHECK(refusal_of({.user = user_of(bad), .ids = IdPolicy::relaxed}) == "invalid_argument user");
  }
  CHECK(refusal_of({.user = "alice", .payload = OwnPayload{"\xc3"}}) == "invalid_argument payload");
  CHECK(mint({.user = user_of("a b")}).error().detail == "' ' at byte 1: some clients refuse it (IdPolicy::relaxed takes it)");
  CHECK(mint({.user = user_of("\n")}).error().detail.substr(0, 4) == "0x0a");
}

TEST_CASE("texts come back as they went in, NUL, controls and quotes included") {
  const std::string text("\0\x01\x1f\"\\/\b\f\n\r\t\x7f <>& \xe2\x80\xa8 \xf0\x9f\x98\x80", 26);
  const auto token = mint({.user = "alice", .payload = OwnPayload{text}});
  REQUIRE(token);
  const auto claims = verify_token(*token, keyring(), {}, start);
  REQUIRE(claims);
  CHECK(claims->payload_text == text);
  CHECK(std::get<OwnPayload>(claims->payload).text == text);
}

TEST_CASE("the room payload is the documented text, and is read back as a type") {
  const RtcRoom any = rtc_room(MediaRole::speaker, "call_42", "alice");
  const RtcRoom some{.room = "call_42", .publish = Allow::no, .streams = std::vector<StreamId>{"s1", "s2"}};
  const auto claims_of = [](const RtcRoom& room) {
    return verify_token(mint({.user = "alice", .payload = room}).value(), keyring(), {.room = room.room}, start).value();
  };
  CHECK(claims_of(any).payload_text == R"({"room_id":"call_42","privilege":{"1":1,"2":1},"stream_id_list":null})");
  CHECK(std::get<RtcRoom>(claims_of(any).payload) == any);
  CHECK(claims_of(some).payload_text == R"({"room_id":"call_42","privilege":{"1":1,"2":0},"stream_id_list":["s1","s2"]})");
  CHECK(std::get<RtcRoom>(claims_of(some).payload) == some);
  CHECK(rtc_room(MediaRole::host, "r", "u").publish == Allow::yes);
  CHECK(rtc_room(MediaRole::co_host, "r", "u").publish == Allow::yes);
  CHECK(rtc_room(MediaRole::listener, "r", "u").publish == Allow::no);
  CHECK(rtc_room(MediaRole::listener, "r", "u").login == Allow::yes);
}

TEST_CASE("mint_all makes all or none, and says which request is wrong") {
  const Keyring keys = keyring();
  const TokenMinter minter(keys, system_bytes());
  std::vector<TokenRequest> requests(4, TokenRequest{.user = "alice"});
  const auto all = minter.mint_all(requests, start);
  REQUIRE(all);
  CHECK(std::set<std::string>(all->begin(), all->end()).size() == 4);
  requests[3].user = UserId("");
  CHECK(minter.mint_all(requests, start).error().field == "requests.3.user");
  CHECK(minter.mint_all({}, start).value().empty());
}

TEST_CASE("several threads mint with one minter, and verify with one keyring") {
  const Keyring keys = keyring();
  const TokenMinter minter(keys, system_bytes());
  constexpr std::size_t each = 300;
  std::vector<std::vector<std::string>> tokens(4);
  {
    std::vector<std::thread> threads;
    for (auto& mine : tokens) {
      threads.emplace_back([&minter, &keys, &mine] {
        for (std::size_t i = 0; i < each; ++i) {
          const TokenMode mode = i % 2 == 0 ? TokenMode::gcm : TokenMode::cbc;
          auto token = minter.mint({.user = "alice", .mode = mode}, start);
          if (token && verify_token(*token, keys, {.user = "alice"}, start)) mine.push_back(*std::move(token));
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  std::set<std::string> different;
  for (const auto& mine : tokens) different.insert(mine.begin(), mine.end());
  CHECK(different.size() == each * tokens.size());
}

TEST_CASE("what is random in a token comes from the byte source alone") {
  const auto token = [] {
    CountingBytes bytes;
    const Keyring keys = keyring();
    return TokenMinter(keys, bytes).mint({.user = "alice"}, start).value();
  };
  CHECK(token() == token());
  CHECK(verify_token(token(), keyring(), {}, start)->nonce == 0x0c0d0e0f);
}
