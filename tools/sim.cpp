#include "sim.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "sim/batch.hpp"
#include "sim/shrink.hpp"
#include "words.hpp"
#include "zegocall/base/json_build.hpp"

namespace zegocall::cli {
namespace {

using sim::Stats;
using sim::Verdict;
using Clock = std::chrono::steady_clock;

std::string broken_words(const Verdict& verdict) {
  return "breaks " + verdict.broken->check + " in line " + std::to_string(verdict.steps_done) + ": " + verdict.broken->what;
}

void print_stats(const Stats& stats) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [what, count] : stats.all()) rows.push_back({std::to_string(count), what});
  print(aligned(rows));
}

JsonObject stats_json(const Stats& stats) {
  JsonObject counts;
  for (const auto& [what, count] : stats.all()) counts.add(what, count);
  return counts;
}

JsonObject broken_json(const Verdict& verdict, const Verdict& shrunk) {
  return JsonObject()
      .add("seed", verdict.script.setup.seed)
      .add("check", verdict.broken->check)
      .add("what", verdict.broken->what)
      .add("line", static_cast<std::uint64_t>(verdict.steps_done))
      .add("shrunk", sim::to_string(shrunk.script));
}

/// One seed or script: how it went, and what is left of it when it broke something.
Exit report(const Verdict& verdict, const Stats& stats, const SimOptions& options) {
  const bool broke = verdict.broken.has_value();
  const Verdict shrunk = broke ? sim::shrink(verdict.script) : verdict;
  if (options.json) {
    JsonObject out;
    out.add("steps", static_cast<std::uint64_t>(verdict.steps_done)).add("holds", !broke);
    if (broke) out.add("broken", broken_json(verdict, shrunk));
    if (options.print) out.add("script", sim::to_string(verdict.script));
    if (options.stats) out.add("stats", stats_json(stats));
    print(out.text());
    print("\n");
    return broke ? Exit::no : Exit::yes;
  }
  if (options.print) print(sim::to_string(verdict.script));
  if (options.stats) print_stats(stats);
  if (!broke) print((options.print ? "# " : "") + std::to_string(verdict.steps_done) + " steps, every invariant holds\n");
  if (broke)
    print(broken_words(verdict) + "\nthe shortest script that still " + broken_words(shrunk) + "\n" + to_string(shrunk.script));
  return broke ? Exit::no : Exit::yes;
}

Exit run_one_seed(const SimOptions& options) {
  Stats stats;
  return report(sim::run_seed(*options.seed, stats), stats, options);
}

Exit run_one_script(const SimOptions& options) {
  std::ifstream in(options.script);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return complain(options.script + ": cannot be read"), Exit::usage;
  const auto script = sim::parse_script(text);
  if (!script) return complain(options.script + ": " + to_string(script.error())), Exit::usage;
  Stats stats;
  return report(sim::run_script(*script, stats), stats, options);
}

std::string rate_words(const sim::BatchResult& result, std::chrono::duration<double> took, unsigned threads) {
  const auto seeds = static_cast<double>(result.seeds);
  char line[160];
  std::snprintf(line, sizeof line,
                "%llu seeds, %llu steps, %zu broke an invariant; %.1f s, %.0f seeds/s, %.2f ms per seed and core\n",
                static_cast<unsigned long long>(result.seeds), static_cast<unsigned long long>(result.steps),
                result.broken.size(), took.count(), seeds / took.count(), 1000 * took.count() * threads / std::max(seeds, 1.0));
  return line;
}

/// The first seed that breaks something is said at once: whatever comes after, it is known.
void say_broken(const Verdict& verdict) {
  complain("seed " + std::to_string(verdict.script.setup.seed) + " " + broken_words(verdict));
}

Exit run_many(const SimOptions& options) {
  const auto began = Clock::now();
  const auto until = began + std::chrono::seconds(options.seconds);
  sim::BatchOptions batch{.from = options.from, .count = options.seconds ? 0 : options.seeds, .threads = options.threads};
  if (options.seconds > 0) batch.go_on = [until] { return Clock::now() < until; };
  batch.on_broken = say_broken;
  const auto result = sim::run_batch(batch);
  const std::chrono::duration<double> took = Clock::now() - began;
  if (options.json) {
    JsonObject out;
    out.add("seeds", result.seeds).add("steps", result.steps).add("seconds", took.count()).add("holds", result.broken.empty());
    if (!result.broken.empty()) out.add("broken", broken_json(result.broken[0], sim::shrink(result.broken[0].script)));
    if (options.stats) out.add("stats", stats_json(result.stats));
    print(out.text());
    print("\n");
  } else {
    if (options.stats) print_stats(result.stats);
    print(rate_words(result, took, options.threads));
    if (!result.broken.empty()) {
      const Verdict shrunk = sim::shrink(result.broken[0].script);
      print("the shortest script that still " + broken_words(shrunk) + "\n" + to_string(shrunk.script));
    }
  }
  if (result.seeds < options.least) {
    complain("only " + std::to_string(result.seeds) + " seeds, at least " + std::to_string(options.least) + " are wanted");
    return Exit::no;
  }
  return result.broken.empty() ? Exit::yes : Exit::no;
}

}  // namespace

Exit run_sim(const SimOptions& options) {
  if (!options.script.empty()) return run_one_script(options);
  return options.seed ? run_one_seed(options) : run_many(options);
}

}  // namespace zegocall::cli
