// What ring_server is told beside what every server is told, checked once at the start.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ring.hpp"
#include "settings.hpp"

namespace ring {

std::vector<example::Option> options();

struct Config {
  std::chrono::seconds ring{60};
  std::chrono::seconds access_lifetime{};
  std::chrono::minutes token_lifetime{};                  ///< of provider tokens
  std::optional<std::chrono::milliseconds> calls_kept{};  ///< nothing: for ever
  zegocall::AppId app{};                                  ///< 0: no provider tokens
  std::optional<zegocall::Keyring> keys{};
  zegocall::Secret provider_secret{};
  zegocall::Secret access_secret{}, refresh_secret{};
  IceConfig ice{};
  bool secure_cookies = false;
  std::uint32_t logins_per_minute = 30;   ///< of one address; 0: no limit
  std::uint32_t events_per_second = 100;  ///< of one socket, averaged over ten seconds; 0: no limit
  std::string public_folder{}, vendor_folder{};
  std::vector<std::string> warnings{};  ///< what is missing and can be done without
};

/// The first thing that is wrong, by the name that the person wrote and without any part of a secret.
zegocall::Result<Config> read_config(const example::Settings& settings);

}  // namespace ring
