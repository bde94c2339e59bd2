#include "zegocall/base/time.hpp"

#include <doctest/doctest.h>

#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {
UnixTime at_ms(std::int64_t ms) { return UnixTime(std::chrono::milliseconds(ms)); }
}  // namespace

TEST_CASE("iso8601 is UTC with milliseconds, on both sides of 1970 and of a leap day") {
  CHECK(iso8601(at_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(iso8601(at_ms(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(iso8601(at_ms(1735689600000)) == "2025-01-01T00:00:00.000Z");
  CHECK(iso8601(at_ms(1735689600042)) == "2025-01-01T00:00:00.042Z");
  CHECK(iso8601(at_ms(1709210096789)) == "2024-02-29T12:34:56.789Z");
  CHECK(iso8601(at_ms(253402300799999)) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("the manual clock moves both times, when told, and never back") {
  ManualClock clock;
  const Now start = clock.now();
  CHECK(iso8601(start.wall) == "2025-01-01T00:00:00.000Z");
  clock.advance(1500ms);
  CHECK(clock.now().wall - start.wall == 1500ms);
  CHECK(clock.now().steady - start.steady == 1500ms);
  clock.advance_to(start.wall + 5s);
  CHECK(clock.now().steady - start.steady == 5s);
  clock.advance_to(start.wall);
  CHECK(clock.now().wall - start.wall == 5s);
}

TEST_CASE("the system's clock is not before this library was written") {
  const Now first = system_now();
  const Now second = system_now();
  CHECK(first.wall > at_ms(1735689600000));
  CHECK(second.steady >= first.steady);
}
