// Mutation check: every planted fault must be caught, and by a check that it has to do with. The table has a seed that
// catches each; when rules change and that seed does not any more, the next ones are tried and the new seed is printed.
// Each fault is tried in a process of its own: one that brings the library to a stop was not caught by a check.
// With --power: how many of the first 1,000 seeds catch each fault, and by which checks; a table for docs/simulation.md.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/planted_fault.hpp"
#include "sim/shrink.hpp"

using namespace zegocall;
using namespace zegocall::sim;

namespace {

struct Fault {
  PlantedFault fault;
  const char* name;
  std::uint64_t seed;     ///< that catches it
  const char* caught_by;  ///< the check
};

constexpr std::uint64_t seeds_max = 4000;

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all = {
#include "faults/sim_faults.inc"
  };
  return all;
}

/// What a child says: the seed, its check and how short the script became.
struct Caught {
  std::uint64_t seed = 0;
  std::size_t lines = 0;
  bool replays = false;  ///< its script breaks as it does
  char check[8] = {};
};

/// Without a fault this seed breaks nothing: it is the fault that it catches.
bool is_well_without(std::uint64_t seed) {
  planted_fault = PlantedFault::none;
  Stats ignored;
  const Verdict verdict = run_seed(seed, ignored);
  if (!verdict.broken) return true;
  std::printf("seed %llu breaks %s without any fault: %s\n", static_cast<unsigned long long>(seed), verdict.broken->check.c_str(),
              verdict.broken->what.c_str());
  return false;
}

/// The table's seed first, then the others in order: the first that breaks something under this fault, and nothing without.
Caught look_for(const Fault& planted) {
  for (std::uint64_t tries = 0; tries <= seeds_max; ++tries) {
    const std::uint64_t seed = tries == 0 ? planted.seed : tries;
    planted_fault = planted.fault;
    Stats ignored;
    const Verdict verdict = run_seed(seed, ignored);
    if (!verdict.broken) continue;
    const Verdict shrunk = shrink(verdict.script);
    Caught caught{seed, shrunk.script.steps.size(), shrunk.broken.has_value(), {}};
    if (!is_well_without(seed)) continue;
    verdict.broken->check.copy(caught.check, sizeof caught.check - 1);
    return caught;
  }
  return {};
}

/// What `work` gives, in a process of its own; nothing if that came to a stop.
template <class Work>
auto in_child(Work work) -> std::optional<decltype(work())> {
  decltype(work()) found{};
  static_assert(std::is_trivially_copyable_v<decltype(found)>);
  int ends[2] = {};
  if (::pipe(ends) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    found = work();
    ::_exit(::write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1);
  }
  ::close(ends[1]);
  const bool told = ::read(ends[0], &found, sizeof found) == sizeof found;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool ended_well = told && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ended_well ? std::optional(found) : std::nullopt;
}

bool is_caught(const Fault& planted) {
  const auto found = in_child([&] { return look_for(planted); });
  if (!found) return std::printf("%-28s brought the program to a stop\n", planted.name), false;
  const Caught& caught = *found;
  if (caught.seed == 0) return std::printf("%-28s NOT CAUGHT by %s\n", planted.name, planted.caught_by), false;
  const bool as_stated = std::strcmp(caught.check, planted.caught_by) == 0;
  std::printf("%-28s seed %-5llu %-5s %zu lines%s%s\n", planted.name, static_cast<unsigned long long>(caught.seed), caught.check,
              caught.lines, caught.seed == planted.seed ? "" : "   (another seed than the table's)",
              as_stated ? "" : "   ANOTHER CHECK than the table's");
  if (!caught.replays)
    std::printf("%-28s seed %llu DOES NOT REPLAY\n", planted.name, static_cast<unsigned long long>(caught.seed));
  return as_stated && caught.replays;
}

// ---- --power --------------------------------------------------------------------------------------------------------

constexpr std::uint64_t power_seeds = 1000;

/// How many seeds caught a fault, and by which checks: "I15 12, told 3".
struct Power {
  std::uint64_t seeds = 0;
  char checks[120] = {};
};

Power power_of(const Fault& planted) {
  planted_fault = planted.fault;
  Power power;
  std::map<std::string, std::uint64_t> checks;
  for (std::uint64_t seed = 1; seed <= power_seeds; ++seed) {
    Stats ignored;
    const Verdict verdict = run_seed(seed, ignored);
    if (verdict.broken) ++power.seeds, ++checks[verdict.broken->check];
  }
  std::string words;
  for (const auto& [check, count] : checks) words += (words.empty() ? "" : ", ") + check + " " + std::to_string(count);
  words.copy(power.checks, sizeof power.checks - 1);
  return power;
}

/// A row for each fault; the first is what the same seeds break without one, which must be nothing.
int print_power() {
  std::printf("| fault | of %llu seeds | by |\n|---|---|---|\n", static_cast<unsigned long long>(power_seeds));
  std::vector<Fault> rows{{PlantedFault::none, "none", 0, ""}};
  rows.insert(rows.end(), faults().begin(), faults().end());
  for (const Fault& planted : rows) {
    const auto power = in_child([&] { return power_of(planted); });
    if (power)
      std::printf("| `%s` | %llu | %s |\n", planted.name, static_cast<unsigned long long>(power->seeds), power->checks);
    else
      std::printf("| `%s` | - | the program comes to a stop |\n", planted.name);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "--power") == 0) return print_power();
  std::size_t caught = 0;
  for (const Fault& planted : faults()) {
    caught += is_caught(planted) ? 1 : 0;
    std::fflush(stdout);
  }
  std::printf("%zu of %zu planted faults were caught\n", caught, faults().size());
  return caught == faults().size() && caught >= 15 ? 0 : 1;
}
