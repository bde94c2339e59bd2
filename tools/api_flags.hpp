// The flags of api.hpp's command.
#pragma once

#include <functional>

#include "api.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

/// Adds the command to `app`; hands what it will do to `runs`. Lives as long as `app`.
class ApiFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  void add_to(CLI::App& app, const Runs& runs);

 private:
  ApiCommandOptions options_;
};

}  // namespace zegocall::cli
