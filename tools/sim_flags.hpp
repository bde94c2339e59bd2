// The flags of sim.hpp's command.
#pragma once

#include <functional>

#include "sim.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

/// Adds the command to `app`; hands what it will do to `runs`. Lives as long as `app`.
class SimFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  void add_to(CLI::App& app, const Runs& runs);

 private:
  SimOptions options_;
};

}  // namespace zegocall::cli
