// The hot path allocates nothing but what it returns.
#include <atomic>
#include <cstdlib>
#include <new>

#include "support.hpp"

namespace {
std::atomic<int> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zegocall;
using namespace zegocall::token_test;

namespace {

template <class F>
int allocations_of(F&& f) {
  f();  // makes the contexts that later calls find
  const int before = allocations;
  f();
  return allocations - before;
}

}  // namespace

TEST_CASE("minting allocates the token") {
  const Keyring keys = keyring();
  const TokenMinter minter(keys, system_bytes());
  for (const TokenMode mode : {TokenMode::gcm, TokenMode::cbc}) {
    const TokenRequest basic{.user = "alice", .mode = mode};
    const TokenRequest bound{.user = "alice", .payload = rtc_room(MediaRole::speaker, "call_42", "alice"), .mode = mode};
    CHECK(allocations_of([&] { return minter.mint(basic, start).has_value(); }) == 1);
    CHECK(allocations_of([&] { return minter.mint(bound, start).has_value(); }) == 1);
  }
}

TEST_CASE("verifying allocates nothing for a basic token, and a payload's text, escaped and not, for another") {
  const Keyring keys = keyring();
  const std::string basic = alice_token();
  const std::string bound = alice_token({.user = "alice", .payload = rtc_room(MediaRole::speaker, "call_42", "alice")});
  CHECK(allocations_of([&] { return verify_token(basic, keys, {.user = "alice"}, start).has_value(); }) == 0);
  CHECK(allocations_of([&] { return verify_token(bound, keys, {.room = "call_42"}, start).has_value(); }) == 2);
}
