// Mutation check: every planted fault must be caught, and by a check that it has to do with. The table has a seed that
// catches each; when rules change and that seed does not any more, the next ones are tried and the new seed is printed.
// Each fault is tried in a process of its own: one that brings the library to a stop was not caught by a check.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
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
#include "sim/faults.inc"
  };
  return all;
}

/// What a child says: the seed, its check and how short the script became.
struct Caught {
  std::uint64_t seed = 0;
  std::size_t lines = 0;
  char check[8] = {};
};

/// The first seed, from the known one on, that breaks something under this fault.
Caught look_for(const Fault& planted) {
  planted_fault = planted.fault;
  for (std::uint64_t tries = 0; tries < seeds_max; ++tries) {
    const std::uint64_t seed = tries == 0 ? planted.seed : tries;
    Stats ignored;
    const Verdict verdict = run_seed(seed, ignored);
    if (!verdict.broken) continue;
    Caught caught{seed, shrink(verdict.script).script.steps.size(), {}};
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
  std::printf("%-28s seed %-5llu %-5s %zu lines%s\n", planted.name, static_cast<unsigned long long>(caught.seed), caught.check,
              caught.lines, caught.seed == planted.seed ? "" : "   (another seed than the table's)");
  std::fflush(stdout);
  return true;
}

/// Without a fault the seeds of the table break nothing: it is the fault that they catch.
bool is_well_without() {
  for (const Fault& planted : faults()) {
    Stats ignored;
    const Verdict verdict = run_seed(planted.seed, ignored);
    if (!verdict.broken) continue;
    std::printf("seed %llu breaks %s without any fault: %s\n", static_cast<unsigned long long>(planted.seed),
                verdict.broken->check.c_str(), verdict.broken->what.c_str());
    return false;
  }
  return true;
}

}  // namespace

int main() {
  std::size_t caught = 0;
  bool well = is_well_without();
  std::fflush(stdout);
  for (const Fault& planted : faults()) caught += is_caught(planted) ? 1 : 0;
  std::printf("%zu of %zu planted faults were caught\n", caught, faults().size());
  return well && caught == faults().size() && caught >= 15 ? 0 : 1;
}
