#include "base/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using zegocall::base_detail::is_utf8;

TEST_CASE("UTF-8 is checked strictly") {
  for (const char* good : {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "long enough for the fast way \xe2\x82\xac and on and on"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "eight by\xe2\x82", "\xe2\x28\xa1"})
    CHECK(!is_utf8(bad));
}

TEST_CASE("one byte is found wherever it stands between steps of 32, of 8 and of one") {
  for (std::size_t size = 1; size < 100; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\xff';
      REQUIRE(!is_utf8(text));
      if (at + 2 > size) continue;
      text.replace(at, 2, "\xc3\xa9");
      REQUIRE(is_utf8(text));
    }
}
