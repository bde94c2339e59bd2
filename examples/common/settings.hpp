// What an example server is told: flag, then environment, then --config FILE.json, then default.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"

namespace example {

enum class Kind : unsigned char {
  value,   ///< --name VALUE
  toggle,  ///< --name, or --name=VALUE with one of true, false, yes, no, on, off, 1, 0
  secret,  ///< environment or file only: arguments can be seen by everybody on the machine
};

struct Option {
  std::string name;  ///< of the flag, without dashes; also the member of the file
  std::string help;
  std::vector<std::string> variables{};  ///< environment names, the specific one first
  std::string fallback{};
  Kind kind = Kind::value;
};

/// --host, --port, --loops, --tls-cert, --tls-key, --tls-client-ca, --config, --allowed-origins, --trusted-proxies,
/// --proxy-header, --connections-per-address, --access-log, --log-level, --drain-seconds, --test-clock, --help. `server` is the
/// program's name; its specific variables begin with it in capitals.
std::vector<Option> common_options(std::string_view server);

/// --db, --redis: of a server that keeps something.
std::vector<Option> store_options(std::string_view server);

/// Answers questions about options; every error's field is what the person wrote: "--port", "PORT", or "port" of the file.
class Settings {
 public:
  using Environment = std::function<std::optional<std::string>(const std::string&)>;

  /// Errors: invalid_argument (an unknown flag, a flag without its value, a secret as a flag, a toggle that is neither on nor
  /// off), not_found and bad_json (the file), invalid_argument (an unknown member of the file).
  static zegocall::Result<Settings> read(std::vector<Option> options, const std::vector<std::string>& arguments,
                                         const Environment& environment);

  /// Empty if nobody said anything and there is no default.
  std::string text(std::string_view name) const;
  bool given(std::string_view name) const { return !text(name).empty(); }
  bool on(std::string_view name) const;
  zegocall::Secret secret(std::string_view name) const { return zegocall::Secret(text(name)); }
  zegocall::Result<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max) const;
  /// Separated by commas; spaces around an item and empty items do not count.
  std::vector<std::string> list(std::string_view name) const;
  /// What to call an option in an error: where its value came from, or where it could come from.
  std::string source(std::string_view name) const;
  /// One line for each option.
  std::string usage(std::string_view server) const;

 private:
  struct Said {
    std::string value, source;
  };
  zegocall::Result<void> read_arguments(const std::vector<std::string>& arguments);
  zegocall::Result<void> read_file(const std::string& path);
  void read_environment(const Environment& environment);
  zegocall::Result<void> check_toggles() const;
  const Option* find(std::string_view name) const;

  std::vector<Option> options_;
  std::map<std::string, Said, std::less<>> said_;
};

/// "a must be b" as an error of this option.
zegocall::Unexpected wrong(const Settings& settings, std::string_view name, std::string why);

}  // namespace example
