#include "zegocall/base/ids.hpp"

#include <doctest/doctest.h>

#include <string>
#include <unordered_set>

#include "zegocall/base/random.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;

TEST_CASE("ids of every length around the inline limit keep their text through copies and moves") {
  for (const std::size_t size : {0u, 1u, 24u, 29u, 30u, 31u, 32u, 255u, 256u, 1000u}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    UserId id{std::string_view(text)};
    UserId copy = id;
    CHECK(copy == id);
    UserId moved = std::move(id);
    CHECK(moved.view() == text);
    CHECK(id.empty());  // NOLINT(bugprone-use-after-move): a moved-from id is empty by contract
    id = moved;
    CHECK(id.view() == text);
    copy = UserId{"short"};
    copy = std::move(moved);
    CHECK(copy.view() == text);
    UserId& self = copy;
    copy = self;
    CHECK(copy.view() == text);
  }
}

TEST_CASE("up to 30 bytes stay inside the id") {
  const auto inside = [](const UserId& id) {
    const auto* begin = reinterpret_cast<const char*>(&id);
    return id.view().data() >= begin && id.view().data() < begin + sizeof id;
  };
  const UserId small{std::string_view(std::string(30, 'a'))};
  const UserId large{std::string_view(std::string(31, 'a'))};
  CHECK(inside(small));
  CHECK(!inside(large));
  CHECK(sizeof(UserId) == 32);
}

TEST_CASE("ids compare byte by byte, also beyond NUL") {
  CHECK(UserId{"alice"} < UserId{"bob"});
  CHECK(UserId{"Alice"} != UserId{"alice"});
  CHECK(UserId{std::string_view("a\0b", 3)} != UserId{std::string_view("a\0c", 3)});
  std::unordered_set<CallId> calls{CallId{"1"}, CallId{"2"}, CallId{"1"}};
  CHECK(calls.size() == 2);
}

TEST_CASE("a made id is 4 bytes of seconds and 8 random ones in lower-case hex") {
  ManualClock clock;
  CountingBytes bytes;
  CHECK(make_id_text(clock.now().wall, bytes) == "677485800001020304050607");
  const auto second = make_id<CallId>(clock.now().wall, bytes);
  CHECK(second.view() == "6774858008090a0b0c0d0e0f");
  CHECK(is_id_text(second.view()));
}

TEST_CASE("an id text is exactly 24 lower-case hex digits") {
  CHECK(is_id_text("0123456789abcdef01234567"));
  CHECK(!is_id_text("0123456789abcdef0123456"));
  CHECK(!is_id_text("0123456789abcdef012345678"));
  CHECK(!is_id_text("0123456789ABCDEF01234567"));
  CHECK(!is_id_text("0123456789abcdeg01234567"));
  CHECK(!is_id_text(""));
}

TEST_CASE("the system's bytes fill all of a span and differ") {
  std::array<std::byte, 300> a{};
  std::array<std::byte, 300> b{};
  system_bytes().fill(a);
  system_bytes().fill(b);
  CHECK(a != b);
  CHECK(std::count(a.begin(), a.end(), std::byte{0}) < 30);
  system_bytes().fill({});
}
