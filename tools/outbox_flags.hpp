// The flags of `zegocall outbox`.
#pragma once

#include <functional>

#include "commands.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

class OutboxFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  /// Adds `outbox` to `app`. Refers to this object, which must outlive the parsing.
  void add_to(CLI::App& app, const Runs& runs);

 private:
  OutboxOptions list_, dead_, replay_;
};

}  // namespace zegocall::cli
