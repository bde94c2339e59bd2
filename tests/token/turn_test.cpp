#include "zegocall/token/turn.hpp"

#include "support.hpp"

using namespace zegocall;
using namespace zegocall::token_test;
using namespace std::chrono_literals;

namespace {

TurnMinter minter() { return TurnMinter::of(Secret("zegocall-test-turn-secret")).value(); }

std::string verdict(std::string_view user, std::chrono::seconds lifetime, UnixTime now = start) {
  const auto made = minter().mint(user, lifetime, now);
  return made ? "good" : std::string(name(made.error().code)) + " " + made.error().field;
}

}  // namespace

TEST_CASE("the user name says when it ends, the credential is its HMAC-SHA1 in base64") {
  // printf 1735693200:alice | openssl dgst -sha1 -hmac zegocall-test-turn-secret -binary | base64
  const auto made = minter().mint("alice", 1h, start + 999ms).value();
  CHECK(made.username == "1735693200:alice");
  CHECK(made.credential == "J4WYHIkwORloHkT4X4ZP9o7NwQ0=");
  CHECK(made.expires == start + 1h);
}

TEST_CASE("what a TURN server would not take is refused with its field") {
  CHECK(verdict("alice", 1s) == "good");
  CHECK(verdict("Алиса:1", 24 * 24h) == "good");
  CHECK(verdict(std::string(400, 'a'), 1h) == "good");
  CHECK(verdict("", 1h) == "out_of_range user");
  CHECK(verdict(std::string(401, 'a'), 1h) == "out_of_range user");
  CHECK(verdict(std::string_view("al\0ice", 6), 1h) == "invalid_argument user");
  CHECK(verdict("al\nice", 1h) == "invalid_argument user");
  CHECK(verdict("al\xff", 1h) == "invalid_argument user");
  CHECK(verdict("alice", 0s) == "out_of_range lifetime");
  CHECK(verdict("alice", -1s) == "out_of_range lifetime");
  CHECK(verdict("alice", 24 * 24h + 1s) == "out_of_range lifetime");
  CHECK(verdict("alice", 1h, UnixTime(-1s)) == "out_of_range now");
  CHECK(verdict("alice", 1h, UnixTime::max()) == "out_of_range now");
  CHECK(TurnMinter::of(Secret()).error().code == ErrorCode::secret_length);
}
