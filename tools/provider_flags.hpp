// The flags of provider.hpp's commands.
#pragma once

#include <functional>

#include "provider.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

/// Adds the commands to `app`; each hands what it will do to `runs`. Lives as long as `app`.
class ProviderFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  void add_to(CLI::App& app, const Runs& runs);

 private:
  CodeOptions code_;
  CallbackOptions verify_, replay_;
};

}  // namespace zegocall::cli
