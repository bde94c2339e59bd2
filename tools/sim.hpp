// `zegocall sim`: plays seeds of the simulator (tests/sim), or a stored script.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "commands.hpp"

namespace zegocall::cli {

struct SimOptions {
  std::optional<std::uint64_t> seed{};  ///< only this one
  std::string script{};                 ///< a file instead of seeds
  std::uint64_t from = 1;
  std::uint64_t seeds = 1000;
  std::uint64_t seconds = 0;  ///< instead of a number of seeds
  std::uint64_t least = 0;    ///< fewer seeds than this in `seconds` is a failure
  unsigned threads = 1;
  bool stats = false;
  bool print = false;  ///< the script of the one seed
  bool json = false;
};
Exit run_sim(const SimOptions& options);

}  // namespace zegocall::cli
