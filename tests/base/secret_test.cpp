#include "zegocall/base/secret.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace zegocall;

namespace {
constexpr std::string_view text = "zegocall-test-secret-0123456789a";
}

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
