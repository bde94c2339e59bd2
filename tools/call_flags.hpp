// The flags of `zegocall call`.
#pragma once

#include <functional>

#include "commands.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

class CallFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  /// Adds `call` to `app`. Refers to this object, which must outlive the parsing.
  void add_to(CLI::App& app, const Runs& runs);

 private:
  CallOptions list_, show_, timeline_, attendance_, stats_;
};

}  // namespace zegocall::cli
