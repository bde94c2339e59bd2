// Mutation check: every planted fault must be caught, and by a check that it has to do with. The table has a seed that
// catches each; when rules change and that seed does not any more, the next ones are tried and the new seed is printed.
// Each fault is tried in a process of its own: one that brings the library to a stop was not caught by a check.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
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
    Caught caught{seed, shrink(verdict.script).script.steps.size(), {}};
    if (!is_well_without(seed)) continue;
    verdict.broken->check.copy(caught.check, sizeof caught.check - 1);
    return caught;
  }
  return {};
}

bool is_caught(const Fault& planted) {
  int ends[2] = {};
  if (::pipe(ends) != 0) return false;
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    const Caught caught = look_for(planted);
    const auto written = ::write(ends[1], &caught, sizeof caught);
    ::_exit(written == sizeof caught ? 0 : 1);
  }
  ::close(ends[1]);
  Caught caught;
  const bool told = ::read(ends[0], &caught, sizeof caught) == sizeof caught;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!told || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return std::printf("%-28s brought the program to a stop\n", planted.name), false;
  if (caught.seed == 0) return std::printf("%-28s NOT CAUGHT by %s\n", planted.name, planted.caught_by), false;
  const bool as_stated = std::strcmp(caught.check, planted.caught_by) == 0;
  std::printf("%-28s seed %-5llu %-5s %zu lines%s%s\n", planted.name, static_cast<unsigned long long>(caught.seed), caught.check,
              caught.lines, caught.seed == planted.seed ? "" : "   (another seed than the table's)",
              as_stated ? "" : "   ANOTHER CHECK than the table's");
  return as_stated;
}

}  // namespace

int main() {
  std::size_t caught = 0;
  for (const Fault& planted : faults()) {
    caught += is_caught(planted) ? 1 : 0;
    std::fflush(stdout);
  }
  std::printf("%zu of %zu planted faults were caught\n", caught, faults().size());
  return caught == faults().size() && caught >= 15 ? 0 : 1;
}
