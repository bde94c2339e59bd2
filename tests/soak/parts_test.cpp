// What the soak and the benches judge by: the ledger, the slope of a memory, the buckets of times.
#include <doctest/doctest.h>

#include "histogram.hpp"
#include "soak/ledger.hpp"
#include "soak/memory.hpp"

using soak::Ledger;
using soak::Sample;
using soak::slope_of;

TEST_CASE("a message is lost when it was acknowledged and not delivered") {
  Ledger ledger;
  const auto kept = ledger.say(), lost = ledger.say(), cut_off = ledger.say(), echo = ledger.say();
  ledger.acknowledged(kept);
  ledger.delivered(kept);
  ledger.delivered(cut_off);  // its sender was gone before the acknowledgement came
  ledger.answered(echo);
  CHECK(ledger.lost() == 0);
  ledger.acknowledged(lost);
  CHECK(ledger.lost() == 1);
  CHECK(ledger.said() == 4);
  CHECK(ledger.acknowledged_count() == 3);
  CHECK(ledger.doubled() == 0);
}

TEST_CASE("twice delivered, twice acknowledged and never said are told apart from what is right") {
  Ledger ledger;
  const auto number = ledger.say();
  ledger.delivered(number);
  CHECK(ledger.doubled() == 0);
  ledger.delivered(number);
  CHECK(ledger.doubled() == 1);
  CHECK(ledger.complaint() == "message 0 was delivered twice");
  ledger.acknowledged(number);
  ledger.acknowledged(number);
  CHECK(ledger.doubled() == 2);
  ledger.delivered(17);
  CHECK(ledger.doubled() == 3);
  CHECK(ledger.complaint() == "message 0 was delivered twice");  // the first one is the one to look at
}

TEST_CASE("the slope is that of the last part of the time only") {
  std::vector<Sample> samples;
  for (int n = 0; n <= 100; ++n) {  // a steep start, then 600 bytes a minute
    const double seconds = n;
    samples.push_back({seconds, n < 40 ? 1'000 * seconds : 60'000 + 10 * (seconds - 40)});
  }
  const auto late = slope_of(samples, 0.6);
  CHECK(late.seconds == doctest::Approx(60));
  CHECK(late.bytes_per_minute == doctest::Approx(600));
  CHECK(late.percent_per_minute() == doctest::Approx(100 * 600 / 60'300.0));
  CHECK(slope_of(samples, 1.0).bytes_per_minute > 10'000);
  CHECK(slope_of({}, 0.6).percent_per_minute() == 0);
  CHECK(slope_of({{5, 100}}, 0.6).bytes_per_minute == 0);
}

TEST_CASE("a quantile is at most one bucket of 3 % below the time") {
  load::Histogram times;
  CHECK(times.microseconds_at(0.99) == 0);
  for (std::uint64_t us = 1; us <= 1000; ++us) times.add(us * 1000);
  CHECK(times.count() == 1000);
  for (const double share : {0.1, 0.5, 0.9, 0.99}) {
    const double exact = share * 1000 + 1;
    CHECK(times.microseconds_at(share) <= exact);
    CHECK(times.microseconds_at(share) >= exact * 0.96);
  }
  load::Histogram wide;
  wide.add(0);
  wide.add(~std::uint64_t{0});
  CHECK(wide.microseconds_at(0) == 0);
  CHECK(wide.microseconds_at(1) > 1e12);
}
