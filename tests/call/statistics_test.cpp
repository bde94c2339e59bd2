// Statistics: figures of calls that are known, windows and their limits, and sums that do not depend on how time is cut.
#include "zegocall/call/statistics.hpp"

#include <set>

#include "call/script.hpp"
#include "zegocall/call/attendance.hpp"

using namespace call_test;

namespace {

/// Rings 2 s, is answered, bob enters 1 s and alice 3 s after that, talk for `talk`, and hang up.
std::vector<CallEvent> talked(std::chrono::milliseconds after, std::chrono::milliseconds talk) {
  World w;
  w.pass(after);
  w.ring_two_devices();
  w.pass(2s), w.must(bob, Accept{});
  w.pass(1s), w.must(bob, Join{});
  w.pass(2s), w.must(alice, Join{});
  w.pass(talk), w.must(bob, EndCall{});
  return w.log();
}

std::vector<CallEvent> unanswered(std::chrono::milliseconds after) {
  World w;
  w.pass(after);
  w.ring();
  w.pass(61s);
  return w.log();
}

CallStatistics open(StatisticsOptions options = {}) { return CallStatistics::open(options).value(); }

}  // namespace

TEST_CASE("the figures of one window") {
  CallStatistics s = open();
  REQUIRE(s.add(talked(0s, 60s)));
  REQUIRE(s.add(talked(30s, 60s)));
  REQUIRE(s.add(unanswered(10min)));
  const auto windows = s.windows();
  REQUIRE(windows.size() == 1);
  const CallFigures& f = windows[0];
  CHECK(f.from == start);
  CHECK(f.to == start + 1h);
  CHECK(f.calls == 3);
  CHECK(f.rooms == 0);
  CHECK(f.of(CallOutcome::answered) == 2);
  CHECK(f.of(CallOutcome::unreachable) == 1);
  CHECK(*f.answer_ratio() == doctest::Approx(2.0 / 3));
  CHECK(f.ring.count() == 3);
  CHECK(*f.ring.least() == 2s);
  CHECK(*f.ring.most() == 60s);
  CHECK(f.setup.count() == 2);
  CHECK(*f.setup.mean() == 3s);
  CHECK(*f.duration.mean() == 62s);
  CHECK(f.person_time == 2 * (62s + 60s));
  CHECK(f.peak_call == 2);
  CHECK(f.peak_all == 4);  // the two calls were there at once in the slot of the second minute
  CHECK(s.total() == f);
}

TEST_CASE("time counts where it was spent, the outcome where the call began") {
  CallStatistics s = open();
  REQUIRE(s.add(talked(1h - 33s, 1min)));
  const auto windows = s.windows();
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].calls == 1);
  CHECK(windows[1].calls == 0);
  CHECK(windows[0].person_time == 30s + 28s);
  CHECK(windows[1].person_time == 32s + 32s);
  CHECK(windows[1].peak_all == 2);
  CHECK(!windows[1].answer_ratio().has_value());
  CHECK(s.total().person_time == 122s);
}

TEST_CASE("memory is bounded: the oldest window goes, and what is older is only counted") {
  CallStatistics s = open({.window = 1min, .windows_max = 3});
  for (int minute = 0; minute < 10; ++minute) REQUIRE(s.add(talked(1min * minute, 10s)));
  auto windows = s.windows();
  REQUIRE(windows.size() == 3);
  CHECK(windows[0].from == start + 7min);
  CHECK(s.too_old() == 0);
  REQUIRE(s.add(talked(6min, 10s)));
  CHECK(s.too_old() == 1);
  CHECK(s.windows() == windows);
  REQUIRE(s.add(talked(7min, 10s)));
  CHECK(s.windows()[0].calls == 2);
  // One that is longer than everything that is kept.
  REQUIRE(s.add(talked(8min, 1h)));
  CHECK(s.too_old() == 2);
}

TEST_CASE("a call must have ended, and its log must be one") {
  CallStatistics s = open();
  World w;
  w.talk();
  CHECK(verdict(s.add(w.log())) == "invalid_state");
  CHECK(verdict(s.add({})) == "store_corrupt");
  CHECK(s.windows().empty());
  CHECK(s.total() == CallFigures{});
  CHECK(!s.total().ring.mean().has_value());
}

TEST_CASE("options at their limits and one beyond") {
  const auto says = [](StatisticsOptions options) { return verdict(CallStatistics::open(options)); };
  CHECK(says({.window = 1s}) == "ok");
  CHECK(says({.window = 999ms}) == "out_of_range window");
  CHECK(says({.window = 24h * 400}) == "ok");
  CHECK(says({.window = 24h * 400 + 1ms}) == "out_of_range window");
  CHECK(says({.windows_max = 1}) == "ok");
  CHECK(says({.windows_max = 0}) == "out_of_range windows_max");
  CHECK(says({.windows_max = 100000}) == "ok");
  CHECK(says({.windows_max = 100001}) == "out_of_range windows_max");
  CHECK(says({.slots = 1}) == "ok");
  CHECK(says({.slots = 0}) == "out_of_range slots");
  CHECK(says({.slots = 3600}) == "ok");
  CHECK(says({.slots = 3601}) == "out_of_range slots");
}

TEST_CASE("a histogram's quantile is a bound on the true one") {
  SpanHistogram none;
  CHECK(!none.quantile(0.5).has_value());
  check_property("quantiles", [] {
    auto spans = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-5, 20000000)));
    const double share = *rc::gen::element(0.0, 0.1, 0.5, 0.9, 0.99, 1.0);
    SpanHistogram all, left, right;
    for (std::size_t i = 0; i < spans.size(); ++i) {
      all.add(std::chrono::milliseconds(spans[i]));
      (i % 2 == 0 ? left : right).add(std::chrono::milliseconds(spans[i]));
      spans[i] = std::max(spans[i], 0);
    }
    left.add(right);
    RC_ASSERT(left == all);
    std::sort(spans.begin(), spans.end());
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(share * static_cast<double>(spans.size()))));
    RC_ASSERT(all.quantile(share)->count() >= spans[rank - 1]);
    RC_ASSERT(all.quantile(share)->count() <= spans.back());
    RC_ASSERT(all.least()->count() == spans.front());
    RC_ASSERT(all.most()->count() == spans.back());
  });
}

TEST_CASE("as a table") {
  CallStatistics s = open();
  REQUIRE(s.add(talked(0s, 60s)));
  REQUIRE(s.add(unanswered(0s)));
  const auto windows = s.windows();
  CHECK(
      to_csv(statistics_table(windows)) ==
      "from,to,calls,rooms,answered,declined,no_answer,busy,unreachable,cancelled,failed,glare_merged,answer_ratio,ring_mean_ms,"
      "ring_p90_ms,setup_mean_ms,setup_p90_ms,duration_mean_ms,person_minutes,peak_call,peak_all\r\n"
      "2025-01-01T00:00:00.000Z,2025-01-01T01:00:00.000Z,2,0,1,0,0,0,1,0,0,0,0.5,31000,60000,3000,3000,62000,"
      "2.033333333333333,2,2\r\n");
}

TEST_CASE("sums do not depend on how time is cut, nor on the order of calls") {
  std::set<std::string> outcomes;
  check_property("statistics add up", [&] {
    Script script(*presses());
    script.let_it_end();
    auto logs = script.logs();
    const auto window = *rc::gen::element<std::chrono::milliseconds>(1s, 7s, 60s, 1h, 24h);
    CallStatistics forwards = open({.window = window, .windows_max = 100000, .slots = 1});
    CallStatistics backwards = open({.window = window, .windows_max = 100000, .slots = 1});
    std::chrono::milliseconds spent{0};
    std::map<CallOutcome, std::uint64_t> ended;
    for (const auto& [id, log] : logs) {
      RC_ASSERT(forwards.add(log).has_value());
      spent += attendance(log, {}, script.now()).value().person_time;
      ++ended[*script.call(id).outcome];
    }
    for (auto log = logs.rbegin(); log != logs.rend(); ++log) RC_ASSERT(backwards.add(log->second).has_value());
    const CallFigures total = forwards.total();
    RC_ASSERT(backwards.windows() == forwards.windows());
    RC_ASSERT(forwards.too_old() == 0u);
    RC_ASSERT(total.calls == logs.size());
    RC_ASSERT(total.person_time == spent);
    for (const auto& [outcome, count] : ended) {
      RC_ASSERT(total.of(outcome) == count);
      outcomes.insert(std::string(name(outcome)));
    }
    std::uint64_t sum = 0;
    for (const std::uint64_t count : total.by_outcome) sum += count;
    RC_ASSERT(sum == logs.size());
    RC_ASSERT(total.peak_all >= total.peak_call);
    RC_ASSERT(total.ring.count() == logs.size());
  });
  CHECK(outcomes.size() >= 4);  // no child's play
}

TEST_CASE("the peak over all calls is the true one, to the slot") {
  check_property("peak of all", [] {
    Script script(*presses());
    script.let_it_end();
    CallStatistics s = open({.window = 1h, .slots = 3600});
    // Everything here happens at whole seconds, so a slot of a second is exact; who only looked in may count or not.
    std::map<UnixTime, std::set<std::pair<CallId, UserId>>> there;
    std::map<UnixTime, std::size_t> looked_in;
    for (const auto& [id, log] : script.logs()) {
      RC_ASSERT(s.add(log).has_value());
      const Attendance report = attendance(log, {}, script.now()).value();
      for (const MemberAttendance& member : report.members)
        for (const AttendanceInterval& i : member.intervals) {
          if (i.from == i.to) ++looked_in[i.from], there[i.from];
          for (UnixTime at = i.from; at < i.to; at += 1s) there[at].insert({id, member.user});
        }
    }
    std::size_t least = 0, most = 0;
    for (const auto& [at, people] : there) {
      least = std::max(least, people.size());
      most = std::max(most, people.size() + looked_in[at]);
    }
    RC_ASSERT(s.total().peak_all >= least);
    RC_ASSERT(s.total().peak_all <= most);
  });
}
