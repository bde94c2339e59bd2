// Keys with their times, privileges asked for, roles, and what only the offline tool is told.
#include "support.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

constexpr auto day = 24h;

// The old secret until noon of day 2, the new one from day 1 on.
Keyring rotating() {
  Keyring keys = Keyring::of(AppId{7}, Secret("zegocall-test-secret-of-project7")).value();
  REQUIRE(keys.add({.app = app, .secret = Secret(secret), .retired_at = start + 2 * day}));
  REQUIRE(keys.add({.app = app, .secret = Secret(other_secret), .active_from = start + day}));
  return keys;
}

std::size_t minted_with(const Keyring& keys, UnixTime now) {
  const std::string token = TokenMinter(keys, system_bytes()).mint({.user = "alice", .app = app}, now).value();
  return verify_token(token, keys, {.app = app}, now).value().key;
}

std::string sealed_with(std::string_view with, TokenMode mode, std::string_view plaintext) {
  const token_detail::CipherKey key({app, Secret(with)});
  const std::string_view iv = std::string_view("0123456789abcdef").substr(0, token_detail::iv_size(mode));
  return token_detail::seal(key, mode, 1735693200, iv, plaintext).value();
}

}  // namespace

TEST_CASE("the key that became active last makes the tokens, and every live key opens them") {
  const Keyring keys = rotating();
  CHECK(minted_with(keys, start) == 1);
  CHECK(minted_with(keys, start + day - 1ms) == 1);
  CHECK(minted_with(keys, start + day) == 2);
  CHECK(minted_with(keys, start + 3 * day) == 2);

  const std::string old =
      TokenMinter(keys, system_bytes()).mint({.user = "alice", .lifetime = 10 * day, .app = app}, start).value();
  CHECK(verify_token(old, keys, {}, start + 2 * day - 1s).value().key == 1);
  CHECK(verify_token(old, keys, {}, start + 2 * day + 29s).value().key == 1);
  CHECK(verify_token(old, keys, {}, start + 2 * day + 30s).error().code == ErrorCode::wrong_key_or_tampered);
  CHECK(verify_token(old, keys, {.leeway = 0s}, start + 2 * day).error().code == ErrorCode::wrong_key_or_tampered);
}

TEST_CASE("a key that is not active yet opens nothing, but for the leeway") {
  const Keyring keys = rotating();
  const std::string early = TokenMinter(keyring(other_secret), system_bytes()).mint({.user = "alice"}, start + day - 31s).value();
  CHECK(verify_token(early, keys, {}, start + day - 31s).error().code == ErrorCode::wrong_key_or_tampered);
  CHECK(verify_token(early, keys, {}, start + day - 30s).value().key == 2);
}

TEST_CASE("a project whose keys are all out of their time mints nothing") {
  Keyring keys = keyring(secret, AppId{7});
  REQUIRE(keys.add({.app = app, .secret = Secret(secret), .active_from = start + day, .retired_at = start + 2 * day}));
  const TokenMinter minter(keys, system_bytes());
  for (const UnixTime now : {start, start + 2 * day}) {
    const auto token = minter.mint({.user = "alice", .app = app}, now);
    CHECK(to_string(token.error()) == "wrong_app: app: the keyring has no live key of app 1234567890");
  }
  CHECK(minter.mint({.user = "alice", .app = app}, start + day));
  CHECK(minter.mint({.user = "alice"}, start));
}

TEST_CASE("a key cannot be retired before it is active") {
  Keyring keys = keyring();
  for (const auto retired_at : {start, start - 1s}) {
    const auto added = keys.add({.app = app, .secret = Secret(other_secret), .active_from = start, .retired_at = retired_at});
    REQUIRE_FALSE(added);
    CHECK(added.error().code == ErrorCode::invalid_argument);
    CHECK(added.error().field == "retired_at");
  }
  CHECK(keys.size() == 1);
}

TEST_CASE("a stream that must be allowed") {
  const TokenExpectation main{.stream = "room-1_alice_main"};
  const auto with = [](std::optional<std::vector<StreamId>> streams, Allow publish = Allow::yes) {
    return alice_token(
        {.user = "alice", .payload = RtcRoom{.room = "room-1", .publish = publish, .streams = std::move(streams)}});
  };
  CHECK(verify_token(with({{"room-1_alice_main"}}), keyring(), main, start));
  CHECK(verify_token(with(std::nullopt), keyring(), main, start));
  CHECK(refusal(with({{"other"}}), main) == ErrorCode::privilege_missing);
  CHECK(refusal(with(std::nullopt, Allow::no), main) == ErrorCode::privilege_missing);
  CHECK(refusal(alice_token(), main) == ErrorCode::privilege_missing);
}

TEST_CASE("roles expand to privileges and stream patterns") {
  using Streams = std::optional<std::vector<StreamId>>;
  const auto web = [](MediaRole role) { return rtc_room(web_kit_template(role), "r1", "alice").value(); };
  const Streams all{{"r1_alice_main", "r1_alice_media", "r1_alice_screensharing"}};
  CHECK(web(MediaRole::host) == RtcRoom{.room = "r1", .streams = all});
  CHECK(web(MediaRole::co_host) == RtcRoom{.room = "r1", .streams = all});
  CHECK(web(MediaRole::speaker) == RtcRoom{.room = "r1", .streams = {{"r1_alice_main"}}});
  CHECK(web(MediaRole::listener) == RtcRoom{.room = "r1", .publish = Allow::no});
  for (const MediaRole role : {MediaRole::host, MediaRole::co_host, MediaRole::speaker, MediaRole::listener})
    CHECK(rtc_room(role_template(role), "r1", "alice").value() == rtc_room(role, "r1", "alice"));
  CHECK(TokenMinter(keyring(), system_bytes()).mint({.user = "alice", .payload = web(MediaRole::host)}, start));
}

TEST_CASE("a pattern that makes no stream id is refused by its number") {
  const auto refused = [](std::vector<std::string> streams, const RoomId& room = "r1") {
    const auto made = rtc_room(RoleTemplate{.streams = std::move(streams)}, room, "alice");
    return made ? "good" : std::string(name(made.error().code)) + " " + made.error().field;
  };
  CHECK(refused({"fixed", "{user}{room}-{user}"}) == "good");
  CHECK(refused({"a", "{device}"}) == "invalid_argument streams.1");
  CHECK(refused({"{room"}) == "invalid_argument streams.0");
  CHECK(refused({"a}"}) == "invalid_argument streams.0");
  CHECK(refused({""}) == "invalid_argument streams.0");
  CHECK(refused({"{room}_main"}, "room@1") == "invalid_argument streams.0");
  CHECK(refused({std::string(250, 'a') + "{user}{user}"}) == "out_of_range streams.0");
}

TEST_CASE("in cbc a wrong key, bad padding and bad JSON are one error outside, and three in the lab") {
  const Keyring keys = keyring();
  std::string damaged = alice_token({.user = "alice", .mode = TokenMode::cbc});
  damaged[damaged.size() - 8] = damaged[damaged.size() - 8] == 'A' ? 'B' : 'A';
  const std::string no_json = sealed_with(secret, TokenMode::cbc, "hello");
  const std::string array = sealed_with(secret, TokenMode::cbc, "[]");
  const std::string other_key = sealed_with(other_secret, TokenMode::cbc, "{}");
  for (const std::string& text : {damaged, no_json, array, other_key}) {
    const Error wanted{ErrorCode::wrong_key_or_tampered, {}, "no key of the keyring opens it"};
    CHECK(verify_token(text, keys, {}, start).error() == wanted);
    CHECK(*inspect_token(text, &keys, start).problem == wanted);
    CHECK(inspect_token(text, &keys, start).lab.empty());
  }
  const auto lab = [&](const std::string& text) { return inspect_token_in_lab(text, keys, {}, start); };
  CHECK(lab(no_json).problem->code == ErrorCode::bad_json);
  CHECK(lab(no_json).lab.at(0).find("the padding fits, what is inside is no JSON") != std::string::npos);
  CHECK(lab(array).problem->code == ErrorCode::bad_json);
  CHECK(lab(other_key).problem->code == ErrorCode::wrong_key_or_tampered);
  CHECK(lab(other_key).lab.at(0) == "key 0 (app 1234567890): the padding does not fit");
  CHECK(lab(alice_token()).lab.at(0) == "key 0 (app 1234567890) opens it");
  CHECK_FALSE(lab(alice_token()).problem);
}

TEST_CASE("the lab names a key that is out of its time") {
  const Keyring keys = rotating();
  const std::string token =
      TokenMinter(keys, system_bytes()).mint({.user = "alice", .lifetime = 10 * day, .app = app}, start).value();
  const TokenReport late = inspect_token_in_lab(token, keys, {}, start + 3 * day);
  CHECK(late.problem->code == ErrorCode::wrong_key_or_tampered);
  CHECK(late.lab.at(0) == "key 0 (app 7): the tag does not fit");
  CHECK(late.lab.at(1) == "key 1 (app 1234567890) opens it, but is retired");
  const std::string early = TokenMinter(keyring(other_secret), system_bytes()).mint({.user = "alice"}, start).value();
  CHECK(inspect_token_in_lab(early, keys, {}, start).lab.at(2) == "key 2 (app 1234567890) opens it, but is not active yet");
}
