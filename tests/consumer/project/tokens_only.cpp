// Uses zegocall::core alone: mints a token and checks it.
#include <cstdio>

#include "zegocall/token.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

int main() {
  auto keys = Keyring::of(AppId{1234567890}, Secret{"zegocall-test-secret-0123456789a"});
  if (!keys) return std::fprintf(stderr, "%s\n", to_string(keys.error()).c_str()), 1;
  const UnixTime now = system_now().wall;
  auto token = TokenMinter(*keys, system_bytes()).mint({.user = UserId{"alice"}, .lifetime = 1h}, now);
  if (!token) return std::fprintf(stderr, "%s\n", to_string(token.error()).c_str()), 1;
  auto claims = verify_token(*token, *keys, {.user = UserId{"alice"}}, now);
  if (!claims) return std::fprintf(stderr, "%s\n", to_string(claims.error()).c_str()), 1;
  std::puts("a token that verifies");
  return 0;
}
