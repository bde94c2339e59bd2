// Asking the provider's server API.
#pragma once

#include <string>
#include <vector>

#include "commands.hpp"

namespace zegocall::cli {

struct ApiCommandOptions {
  KeyOptions key{};
  std::string action{};
  std::vector<std::string> words{};  ///< "name=value"; a list repeats its name
  std::string body_file{};           ///< a JSON object; makes it a POST
  std::string product = "rtc";
  std::vector<std::string> regions{};  ///< "unified", "fra", ...; in this order
  std::string origin{};                ///< instead of the regions
  std::string ca_file{};
  std::string proxy{};  ///< else HTTPS_PROXY, https_proxy
  std::string within = "10s";
  bool test = false;
  bool dry_run = false;
  std::optional<std::int64_t> now{};  ///< with dry_run only
  bool json = false;
};
Exit run_api(const ApiCommandOptions& options);
/// The names of the actions with a type, a line each.
Exit run_api_list(bool json);

}  // namespace zegocall::cli
