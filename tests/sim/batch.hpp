// Many seeds, on one core or several.
#pragma once

#include <functional>
#include <vector>

#include "sim/play.hpp"

namespace zegocall::sim {

struct BatchOptions {
  std::uint64_t from = 1;   ///< the first seed
  std::uint64_t count = 0;  ///< how many; 0: until go_on says no
  unsigned threads = 1;
  std::size_t failures_max = 1;                     ///< stop after so many seeds that broke something
  std::function<bool()> go_on{};                    ///< asked before each seed, on every thread; empty: always
  std::function<void(const Verdict&)> on_broken{};  ///< at once, one at a time
};
struct BatchResult {
  std::uint64_t seeds = 0;  ///< played
  std::uint64_t steps = 0;
  std::vector<Verdict> broken{};  ///< by seed
  Stats stats{};
};

/// A broken assertion inside the library ends the program; the seed is printed first (standard error).
BatchResult run_batch(const BatchOptions& options);

}  // namespace zegocall::sim
