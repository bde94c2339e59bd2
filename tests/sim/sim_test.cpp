// The simulator's own tests, and 5,000 seeds of it.
#include "sim/batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>

#include "sim/shrink.hpp"
#include "sim/words.hpp"

using namespace zegocall;
using namespace zegocall::sim;

namespace {

constexpr std::uint64_t seeds = 5000;

void say(const Verdict& verdict) {
  std::fprintf(stderr, "seed %llu breaks %s: %s\n", static_cast<unsigned long long>(verdict.script.setup.seed),
               verdict.broken->check.c_str(), verdict.broken->what.c_str());
}

/// Every name of an enum is in the counts of this kind.
template <class Enum>
void check_reached(const Stats& stats, const std::string& kind, const std::vector<Enum>& excused = {}) {
  for (int number = 0; number < 64; ++number) {
    const auto value = static_cast<Enum>(number);
    const std::string word(name(value));
    if (from_name<Enum>(word) != value) break;
    if (std::find(excused.begin(), excused.end(), value) != excused.end()) continue;
    CHECK_MESSAGE(stats.of(kind + " " + word) > 0, kind << " " << word << " is never reached");
  }
}

template <std::size_t I = 0>
void check_events_reached(const Stats& stats) {
  if constexpr (I < std::variant_size_v<EventBody>) {
    const std::string word(name(EventBody(std::in_place_index<I>)));
    CHECK_MESSAGE(stats.of("event " + word) > 0, "event " << word << " is never reached");
    check_events_reached<I + 1>(stats);
  }
}

}  // namespace

TEST_CASE("5,000 seeds: the invariants hold, and everything that can happen happens") {
  const BatchResult result = run_batch({.from = 1, .count = seeds, .failures_max = 3, .on_broken = say});
  for (const Verdict& verdict : result.broken) {
    const Verdict shrunk = shrink(verdict.script);
    FAIL_CHECK(shrunk.broken->check << ": " << shrunk.broken->what << "\n" << to_string(shrunk.script));
  }
  if (!result.broken.empty()) return;
  CHECK(result.seeds == seeds);
  MESSAGE(result.seeds << " seeds, " << result.steps << " steps");
  check_events_reached(result.stats);
  // The people of a play renew their tokens.
  check_reached<LegOutcome>(result.stats, "leg", {LegOutcome::token_expired});
  check_reached<DeviceOutcome>(result.stats, "device");
  check_reached<CallOutcome>(result.stats, "call");
  check_reached<EndCause>(result.stats, "cause");
  for (const char* what : {"cut devices", "cut devices and provider", "cut provider", "cut link lost", "cut line held back",
                           "cut healed", "cut healed unnoticed", "race rule 5", "race rule 7", "race rule 12", "race rule 13"})
    CHECK_MESSAGE(result.stats.of(what) > 0, what << " is never reached");
}

TEST_CASE("a seed is at most 400 steps, replays from its script and from the script's text") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Stats stats;
    const Verdict first = run_seed(seed, stats);
    CHECK(first.script.steps.size() <= steps_max);
    const auto parsed = parse_script(to_string(first.script));
    REQUIRE(parsed.has_value());
    CHECK(to_string(*parsed) == to_string(first.script));
    CHECK(run_script(*parsed, stats).digest == first.digest);
    CHECK(run_seed(seed, stats).digest == first.digest);
  }
}

TEST_CASE("a script that cannot be read names its line") {
  const auto wrong = [](std::string_view text) {
    const auto script = parse_script(text);
    return script ? std::string("fine") : script.error().field;
  };
  const std::string head = "zegocall-sim 1\n";
  CHECK(wrong("") == "line 1");
  CHECK(wrong("zegocall-sim 2\n") == "line 1");
  CHECK(wrong(head) == "fine");
  CHECK(wrong(head + "# a remark\n\n@0 kill") == "fine");
  for (const char* line : {"@x kill",
                           "@0",
                           "@0 dance",
                           "@0 kill him",
                           "@0 fail",
                           "@0 fail x",
                           "@0 crash 1",
                           "@0 crash 1 never",
                           "seed",
                           "seed x",
                           "person",
                           "policy ring",
                           "policy rung=1",
                           "@0 do alice/web c1 k1",
                           "@0 do alice c1 k1 accept",
                           "@0 do alice/web c1 k1 acclaim",
                           "@0 do alice/web c1 k1 accept v=x",
                           "@0 do alice/web c1 k1 accept x=1",
                           "@0 do alice/web c1 k1 start_call media=smell",
                           "@0 do a%2/web c1 k1 accept",
                           "@0 callback gossip",
                           "@0 token alice/web",
                           "whatever"}) {
    CAPTURE(line);
    CHECK(wrong(head + "@0 kill\n" + line + "\n") == "line 3");
  }
}

TEST_CASE("a script that breaks nothing is not shrunk") {
  Stats stats;
  const Verdict verdict = run_seed(1, stats);
  REQUIRE_FALSE(verdict.broken.has_value());
  CHECK(to_string(shrink(verdict.script).script) == to_string(verdict.script));
}
