#include "zegocall/base/secret.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <utility>

using namespace zegocall;

namespace {
constexpr std::string_view text = "zegocall-test-secret-0123456789a";
// What stood in the block under watch when it was given back.
void* watched = nullptr;
std::string at_the_end;
}  // namespace

void* operator new[](std::size_t size) {
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete[](void* block) noexcept {
  if (block && block == watched) {
    watched = nullptr;
    at_the_end.assign(static_cast<const char*>(block), text.size());
  }
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept { operator delete[](block); }

TEST_CASE("a secret keeps its bytes, moves and clones") {
  Secret a{text};
  CHECK(a.reveal() == text);
  CHECK(a.size() == 32);
  Secret b = std::move(a);
  CHECK(b.reveal() == text);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): empty by contract
  const Secret c = b.clone();
  CHECK(c == b);
  CHECK(c.reveal().data() != b.reveal().data());
  b = Secret{"other"};
  CHECK(b.reveal() == "other");
  CHECK(!(b == c));
  CHECK(Secret() == Secret(""));
}

TEST_CASE("equality looks at all bytes") {
  CHECK(equal_constant_time("", ""));
  CHECK(equal_constant_time("abc", "abc"));
  CHECK(!equal_constant_time("abc", "abd"));
  CHECK(!equal_constant_time("abc", "abcd"));
  CHECK(!equal_constant_time("xbc", "abc"));
}

TEST_CASE("wiping leaves nothing") {
  std::string memory(text);
  wipe(memory.data(), memory.size());
  CHECK(memory == std::string(text.size(), '\0'));
  wipe(nullptr, 0);
}

TEST_CASE("a secret's memory holds nothing of it when it is given back") {
  const auto watch = [](const Secret& secret) { watched = const_cast<char*>(secret.reveal().data()); };
  const std::string nothing(text.size(), '\0');
  {
    const Secret dies{text};
    watch(dies);
  }
  CHECK(at_the_end == nothing);
  at_the_end.clear();
  Secret replaced{text};
  watch(replaced);
  replaced = Secret{"other"};
  CHECK(at_the_end == nothing);
}
