#include "support.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

std::string layout_of(const TokenReport& report) {
  std::string out;
  for (const TokenPart& part : report.layout)
    out += std::to_string(part.offset) + " " + std::string(part.name) + " " + std::to_string(part.size) + "; ";
  return out;
}

constexpr std::string_view jwt =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhcHBfaWQiOjEsInVzZXJfaWQiOiJhbGljZSJ9.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlMTI";

}  // namespace

TEST_CASE("inspect draws the layout of both modes") {
  const Keyring keys = keyring();
  const RtcRoom room = rtc_room(MediaRole::speaker, "room-1001", "alice");
  const TokenReport gcm = inspect_token(alice_token({.user = "alice", .payload = room}), &keys, start + 12min);
  CHECK(layout_of(gcm) == "0 expire 8; 8 iv size 2; 10 iv 12; 22 size 2; 24 ciphertext 192; 216 tag 16; 232 mode 1; ");
  CHECK(gcm.characters == 314);
  CHECK(gcm.text == TokenText::token04);
  CHECK(gcm.mode == TokenMode::gcm);
  CHECK(gcm.opened);
  CHECK_FALSE(gcm.problem);
  REQUIRE(gcm.claims);
  CHECK(std::get<RtcRoom>(gcm.claims->payload) == room);
  const TokenReport cbc = inspect_token(alice_token({.user = "alice", .mode = TokenMode::cbc}), &keys, start);
  CHECK(layout_of(cbc) == "0 expire 8; 8 iv size 2; 10 iv 16; 26 size 2; 28 ciphertext 112; ");
  CHECK(cbc.mode == TokenMode::cbc);
}

TEST_CASE("without a key inspect says what needs none") {
  const std::string token = alice_token();
  const TokenReport report = inspect_token(token, nullptr, start);
  CHECK_FALSE(report.problem);
  CHECK_FALSE(report.opened);
  CHECK_FALSE(report.claims);
  CHECK(report.expires == 1735693200);
  CHECK(inspect_token(token, nullptr, start + 2h).problem->code == ErrorCode::token_expired);
  CHECK(inspect_token("", nullptr, start).problem->code == ErrorCode::empty);
  const TokenReport cut = inspect_token(token.substr(0, 34), nullptr, start);
  CHECK(cut.problem->code == ErrorCode::length_mismatch);
  CHECK(cut.expires == 1735693200);
  CHECK(layout_of(cut) == "0 expire 8; 8 iv size 2; 10 iv 12; 22 size 2; ");
}

TEST_CASE("an expired token is opened and told nevertheless, with the wrong key it is not") {
  const Keyring keys = keyring();
  const TokenReport late = inspect_token(alice_token(), &keys, start + 2h);
  CHECK(late.problem->code == ErrorCode::token_expired);
  REQUIRE(late.claims);
  CHECK(late.claims->user == UserId("alice"));
  const Keyring others = keyring(other_secret);
  const TokenReport closed = inspect_token(alice_token(), &others, start);
  CHECK(closed.problem->code == ErrorCode::wrong_key_or_tampered);
  CHECK_FALSE(closed.opened);
  CHECK(inspect_token(alice_token(), &keys, {.user = "bob"}, start).problem->code == ErrorCode::wrong_user);
}

TEST_CASE("a JWT is recognized, with what the provider makes of it") {
  for (const std::string& text : {std::string(jwt), "04" + std::string(jwt)}) {
    const TokenReport report = inspect_token(text, nullptr, start);
    CHECK(report.text == TokenText::jwt);
    CHECK(report.jwt_algorithm == "HS256");
    REQUIRE(report.problem);
    CHECK(report.problem->detail == "the provider reads an expiry in the year 281 billion and an iv of 18,515 bytes");
    CHECK(explain(*report.problem).why ==
          "a JWT is signed; the provider must decrypt. It reads this one as an expiry in the year 281 billion and an iv of "
          "18,515 bytes, "
          "and answers 20014 or 50119");
  }
  const TokenReport odd = inspect_token("ey.a.b", nullptr, start);
  CHECK(odd.text == TokenText::jwt);
  CHECK(explain(*odd.problem).why == "a JWT is signed; the provider must decrypt");
  CHECK(inspect_token(alice_token() + "#e30=", nullptr, start).text == TokenText::kit_token);
}

TEST_CASE("every reason of a token is explained, with something to do") {
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info) {
    const auto number = static_cast<int>(info->code);
    if (number < 700 || number >= 800) continue;
    CAPTURE(info->name);
    const Explanation explanation = explain({info->code, {}, "detail"});
    CHECK(explanation.why.size() > 30);
    CHECK_FALSE(explanation.todo.empty());
  }
  CHECK(explain({ErrorCode::expired, {}, {}}).why == explain({ErrorCode::token_expired, {}, {}}).why);
  CHECK(explain({ErrorCode::expired, "expire", "ended 12 min ago"}).why == explain({ErrorCode::token_expired, {}, {}}).why);
  CHECK(explain({ErrorCode::closed, {}, "the loop is closed"}).why == "the loop is closed");
  CHECK(explain({ErrorCode::closed, {}, {}}).why == "closed");
}

TEST_CASE("what was never a token is not explained as one") {
  for (const Error& error :
       {Error{ErrorCode::missing_field, "ZEGO_SERVER_SECRET", "set it"},
        Error{ErrorCode::mistyped_field, "lifetime", "must be an int"}, Error{ErrorCode::bad_json, "--body", "at byte 2"},
        Error{ErrorCode::secret_length, "secret", "5 bytes, must be at least 32"},
        Error{ErrorCode::expired, "timestamp", "too old"}}) {
    CAPTURE(to_string(error));
    CHECK(explain(error).why == error.detail);
  }
  for (const char* claim : {"ctime", "payload.room_id", "create_time"})
    CHECK(explain({ErrorCode::missing_field, claim, "is required"}).why.find("a claim is missing inside") != std::string::npos);
  CHECK(explain({ErrorCode::secret_length, "secret", "31 bytes, must be 32"}).why.find("AppSign") != std::string::npos);
}

TEST_CASE("an explanation is wrapped, with its list behind") {
  const std::string text = to_string(explain({ErrorCode::plus_turned_into_space, {}, {}}));
  CHECK(text ==
        "a + became a blank on the way: the token went through a query or a form without being\n"
        "encoded\n"
        "  1  send it in JSON\n"
        "  2  where it must be a query, encode it (encodeURIComponent)\n");
  CHECK(to_string(Explanation{}).empty());
}
