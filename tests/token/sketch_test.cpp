// What a user of the library writes first, compiled and run.
#include <doctest/doctest.h>

#include <cstdio>
#include <span>

#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/token.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

Result<std::string> first_token(std::string_view secret) {
  auto keys = Keyring::of(AppId{1234567890}, Secret{secret});
  if (!keys) return unexpected(keys.error());  // "secret_length: secret: 31 bytes, must be 32"
  return TokenMinter(*keys, system_bytes()).mint({.user = UserId{"alice"}, .lifetime = 1h}, system_now().wall);
}

void why_refused(std::string_view token, const Keyring& keys, UnixTime now) {
  auto claims = verify_token(token, keys, {.app = AppId{1234567890}, .user = UserId{"alice"}, .room = RoomId{"call_42"}}, now);
  if (claims) return;
  std::puts(to_string(claims.error()).c_str());           // "expired: expire: ended 12 min ago"
  std::puts(to_string(explain(claims.error())).c_str());  // a paragraph, then what to check, in order
}

Result<std::vector<std::string>> ring_tokens(const TokenMinter& minter, const RoomId& room, std::span<const UserId> users,
                                             UnixTime now) {
  std::vector<TokenRequest> requests;
  for (const UserId& user : users)
    requests.push_back({.user = user, .lifetime = 10min, .payload = rtc_room(MediaRole::speaker, room, user)});
  return minter.mint_all(requests, now);  // all or none; the error's field says "requests.3.user"
}

TEST_CASE("the first lines that a user writes do what they say") {
  constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
  const Keyring keys = Keyring::of(AppId{1234567890}, Secret{secret}).value();
  const UnixTime now = system_now().wall;
  const auto token = first_token(secret);
  REQUIRE(token);
  CHECK(verify_token(*token, keys, {.user = "alice"}, now));
  CHECK(to_string(first_token(secret.substr(1)).error()) == "secret_length: secret: 31 bytes, must be 32");
  why_refused(*token, keys, now + 1h + 12min);
  CHECK(to_string(verify_token(*token, keys, {.room = RoomId{"call_42"}}, now + 1h + 12min).error()).substr(0, 16) ==
        "expired: expire:");

  const std::vector<UserId> users = {"alice", "bob", "carol"};
  const auto tokens = ring_tokens(TokenMinter(keys, system_bytes()), "call_42", users, now);
  REQUIRE(tokens);
  for (std::size_t i = 0; i < users.size(); ++i)
    CHECK(verify_token((*tokens)[i], keys, {.user = users[i], .room = "call_42", .publish = Allow::yes}, now));
}
