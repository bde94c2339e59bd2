// The flags of credentials.hpp's commands.
#pragma once

#include <functional>

#include "credentials.hpp"

namespace CLI {
class App;
}

namespace zegocall::cli {

/// Adds the commands to `app` and `token explain` to `token`; each hands what it will do to `runs`. Lives as long as `app`.
class CredentialFlags {
 public:
  using Runs = std::function<void(CLI::App*, std::function<Exit()>)>;
  void add_to(CLI::App& app, CLI::App& token, const Runs& runs);

 private:
  void add_kit(CLI::App& app, const Runs& runs);
  void add_turn(CLI::App& app, const Runs& runs);
  void add_jwt(CLI::App& app, const Runs& runs);
  void add_rest(CLI::App& app, CLI::App& token, const Runs& runs);

  KitOptions kit_make_;
  KitParseOptions kit_parse_;
  TurnOptions turn_;
  JwtMintOptions jwt_mint_;
  JwtVerifyOptions jwt_verify_;
  ExplainOptions explain_;
  DoctorOptions doctor_;
};

}  // namespace zegocall::cli
