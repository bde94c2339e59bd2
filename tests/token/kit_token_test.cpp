// Kit tokens, against what the real kit makes and reads (tests/vectors/kit_token.json).
#include "zegocall/token/kit_token.hpp"

#include <fstream>
#include <iterator>

#include "support.hpp"
#include "token/cipher.hpp"
#include "token/envelope.hpp"
#include "zegocall/base/json.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

const Json& vectors() {
  static const Json json = [] {
    std::ifstream file(ZEGOCALL_TEST_VECTORS "/kit_token.json");
    return Json::parse({std::istreambuf_iterator<char>(file), {}}).value();
  }();
  return json;
}

constexpr std::string_view absent = "(absent)";

KitToken parts_of(JsonView input) {
  KitToken out{.token = input.get<std::string>("token").value(),
               .app = input.get<AppId>("app_id").value(),
               .user = input.get<UserId>("user_id").value()};
  const auto room = input.get<std::optional<RoomId>>("room_id").value();
  out.room_is_null = !room;
  if (room && room->view() != absent) out.room = *room;
  const auto user_name = input.get<std::string>("user_name").value();
  if (user_name != absent) out.user_name = user_name;
  return out;
}

// The configuration that create() ends up with.
void check_created(const KitToken& got, JsonView wanted) {
  CHECK(got.app == wanted.get<AppId>("appID").value());
  CHECK(got.user == wanted.get<UserId>("userID").value());
  CHECK(got.user_name == wanted.get<std::string>("userName").value());
  CHECK(got.token == wanted.get<std::string>("token").value());
  CHECK(got.room == wanted.get<std::optional<RoomId>>("roomID").value());
  CHECK(got.room_is_null == (wanted.has("roomID") && !got.room));
}

std::string verdict(std::string_view text) {
  const auto kit = parse_kit_token(text);
  return kit ? "good" : std::string(name(kit.error().code)) + " " + kit.error().field;
}

std::string refused(const KitToken& parts) {
  const auto made = make_kit_token(parts);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::invalid_argument);
  return made.error().field;
}

const KitToken alice{.token = "04T", .app = app, .user = "alice", .room = "room_1", .user_name = "Alice"};

}  // namespace

TEST_CASE("make writes every production vector, in both spellings, and parse reads it as the kit does") {
  int made = 0;
  for (const JsonView v : vectors().get<JsonView>("production").value().elements()) {
    CAPTURE(v.get<std::string>("id").value());
    const KitToken parts = parts_of(v.get<JsonView>("input").value());
    const std::string ascii = v.get<std::string>("kit_token_ascii").value();
    CHECK(make_kit_token(parts).value() == ascii);
    check_created(parse_kit_token(ascii).value(), v.get<JsonView>("create_result").value());
    const auto browser = v.get<std::optional<std::string>>("kit_token_js").value();
    const auto spelled = make_kit_token(parts, KitSpelling::browser);
    if (browser) {
      CHECK(spelled.value() == *browser);
      check_created(parse_kit_token(*browser).value(), v.get<JsonView>("create_result").value());
    } else {
      REQUIRE_FALSE(spelled);
      CHECK(spelled.error().code == ErrorCode::invalid_argument);
    }
    ++made;
  }
  CHECK(made == 8);
}

TEST_CASE("parse takes what create() takes, and refuses what it throws at") {
  int read = 0;
  for (const JsonView v : vectors().get<JsonView>("parse").value().elements()) {
    CAPTURE(v.get<std::string>("id").value());
    const auto kit = parse_kit_token(v.get<std::string>("kit_token").value());
    const JsonView wanted = v.get<JsonView>("create_result").value();
    CHECK(kit.has_value() != wanted.has("error"));
    if (kit) check_created(*kit, wanted);
    ++read;
  }
  CHECK(read == 8);
}

TEST_CASE("the kit's own test helper: its tokens verify, and are sealed byte for byte") {
  int verified = 0;
  for (const JsonView v : vectors().get<JsonView>("test_helper").value().elements()) {
    CAPTURE(v.get<std::string>("id").value());
    const auto [of, with, user, room] =
        v.get<AppId, std::string, UserId, RoomId>("input.app_id", "input.server_secret", "input.user_id", "input.room_id")
            .value();
    const auto [iv, plaintext, token, kit] =
        v.get<std::string, std::string, std::string, std::string>("iv", "plaintext", "token", "kit_token").value();
    const auto now = v.get<std::int64_t>("input.now").value();
    const auto lifetime = v.get<std::optional<std::int64_t>>("input.expiration_seconds").value().value_or(7200);
    const token_detail::CipherKey key({of, Secret(with)});
    CHECK(token_detail::seal(key, TokenMode::cbc, now + lifetime, iv, plaintext).value() == token);
    const Keyring keys = keyring(with, of);
    const auto claims = verify_kit_token(kit, keys, {.app = of, .user = user}, UnixTime(std::chrono::seconds(now)));
    REQUIRE(claims);
    CHECK(claims->kit.token == token);
    CHECK(claims->kit.user == user);
    CHECK(claims->kit.room == room);
    CHECK(claims->token.expires == now + lifetime);
    CHECK(make_kit_token(claims->kit).value() == kit);
    ++verified;
  }
  CHECK(verified == 3);
}

TEST_CASE("what is made is what is parsed, whatever the ids hold") {
  for (const std::string_view text :
       {"a", "\"\\\b\f\n\r\t\x01", "Алиса 😀 & co", "100%", "a#b", "\x7f", "é", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(text);
    const KitToken parts{.token = "04T", .app = app, .user = UserId(text), .room = RoomId(text), .user_name = std::string(text)};
    CHECK(parse_kit_token(make_kit_token(parts).value()).value() == parts);
  }
  const std::string nul("a\0b", 3);
  const KitToken parts{.token = "04T", .app = app, .user = UserId(std::string_view(nul)), .user_name = nul};
  CHECK(parse_kit_token(make_kit_token(parts).value()).value() == parts);
}

TEST_CASE("bad parts are refused by name") {
  const auto with = [](auto change) {
    KitToken parts = alice;
    change(parts);
    return refused(parts);
  };
  CHECK(with([](KitToken& p) { p.token = ""; }) == "token");
  CHECK(with([](KitToken& p) { p.token = "04#"; }) == "token");
  CHECK(with([](KitToken& p) { p.app = {}; }) == "app");
  CHECK(with([](KitToken& p) { p.user = {}; }) == "user");
  CHECK(with([](KitToken& p) { p.user = "\xff"; }) == "user");
  CHECK(with([](KitToken& p) { p.room = "\xed\xa0\x80"; }) == "room");
  CHECK(with([](KitToken& p) { p.room_is_null = true; }) == "room");
  CHECK(with([](KitToken& p) { p.user_name = "\x80"; }) == "user_name");
}

TEST_CASE("bad texts are refused with the reason") {
  CHECK(verdict("") == "missing_field #");
  CHECK(verdict("04T") == "missing_field #");
  CHECK(verdict("04T#") == "bad_json names");
  CHECK(verdict("04T#%%%") == "bad_base64 names");
  CHECK(verdict("04T#e30==x") == "bad_base64 names");
  CHECK(verdict("04T#aGVsbG8=") == "bad_json names");
  CHECK(verdict("04T#MQ==") == "bad_json names");
  CHECK(verdict("04T#e30=") == "missing_field userID");
  CHECK(verdict("04T#eyJ1c2VySUQiOiIiLCJhcHBJRCI6MX0=") == "out_of_range userID");
  CHECK(verdict("04T#eyJ1c2VySUQiOiJ1In0=") == "missing_field appID");
  CHECK(verdict("04T#eyJ1c2VySUQiOiJ1IiwiYXBwSUQiOiI3eCJ9") == "mistyped_field appID");
  CHECK(verdict("04T#eyJ1c2VySUQiOiJ1IiwiYXBwSUQiOjB9") == "out_of_range appID");
  CHECK(verdict("04T#eyJ1c2VySUQiOjcsImFwcElEIjoxfQ==") == "mistyped_field userID");
  CHECK(verdict(std::string(1 << 20, '#')) == "bad_json names");
  const std::string whole = make_kit_token(alice).value();
  for (std::size_t size = 0; size < whole.size() - 2; ++size) CHECK(verdict(whole.substr(0, size)) != "good");
}

TEST_CASE("the token inside is verified, and the names around it are compared") {
  const Keyring keys = keyring();
  const std::string token = alice_token({.user = "alice", .payload = rtc_room(MediaRole::speaker, "room_1", "alice")});
  const auto verdict_of = [&](KitToken parts, const TokenExpectation& expectation = {}, UnixTime now = start) {
    const auto claims = verify_kit_token(make_kit_token(parts).value(), keys, expectation, now);
    return claims ? "good" : std::string(name(claims.error().code)) + " " + claims.error().field;
  };
  const KitToken good{.token = token, .app = app, .user = "alice", .room = "room_1"};
  CHECK(verdict_of(good) == "good");
  CHECK(verdict_of(good, {.user = "bob"}) == "wrong_user user_id");
  CHECK(verdict_of(good, {}, start + 2h) == "expired expire");
  CHECK(verdict_of({.token = token, .app = AppId{7}, .user = "alice"}) == "wrong_app appID");
  CHECK(verdict_of({.token = token, .app = app, .user = "Alice"}) == "wrong_user userID");
  CHECK(verdict_of({.token = token, .app = app, .user = "alice", .room = "room_2"}) == "wrong_room roomID");
  CHECK(verdict_of({.token = token, .app = app, .user = "alice"}) == "good");
  CHECK(verdict_of({.token = "04AA", .app = app, .user = "alice"}) == "bad_base64 ");

  const TokenReport report = inspect_token(make_kit_token(good).value(), &keys, {.user = "bob"}, start);
  CHECK(report.text == TokenText::kit_token);
  CHECK(report.problem->code == ErrorCode::kit_token_instead_of_token);
  CHECK(report.inner_problem->code == ErrorCode::wrong_user);
  CHECK(report.claims->user == UserId("alice"));
  CHECK(report.layout.size() == 7);
  CHECK_FALSE(inspect_token(make_kit_token(good).value(), &keys, start).inner_problem);
}
