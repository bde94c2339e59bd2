// From a seed to a script: people, their devices, a network and bad luck. The play runs while it is written, because
// clients answer to what they are told; what reached the server is the script.
#pragma once

#include <cstdint>

#include "sim/broken.hpp"
#include "sim/script.hpp"
#include "sim/stats.hpp"

namespace zegocall::sim {

/// How a run went. `script` is whole, also of a run that broke.
struct Verdict {
  Script script{};
  std::optional<Broken> broken{};
  std::uint64_t digest = 0;  ///< of every event; the same for the same script
  std::size_t steps_done = 0;
};

constexpr std::size_t steps_max = 400;

/// Plays this seed. What happens is added to `stats`.
Verdict run_seed(std::uint64_t seed, Stats& stats);
/// Plays a script again.
Verdict run_script(const Script& script, Stats& stats);

}  // namespace zegocall::sim
