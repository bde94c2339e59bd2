// The time that another machine shows: the Date of an HTTP answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::cli {

/// "Wed, 01 Jan 2025 00:12:00 GMT" to an instant; nothing if it is no such date.
std::optional<UnixTime> read_http_date(std::string_view text);

struct Authority {
  std::string host{};  ///< a name or an address, without brackets
  std::string port = "80";
};
/// "host", "host:port" or "[::1]:port"; invalid_argument where it is none of them. Its text is not repeated.
Result<Authority> read_authority(std::string_view text);

/// Asks over plain HTTP; waits three seconds at most. unreachable, protocol.
Result<UnixTime> ask_http_date(const Authority& authority);

}  // namespace zegocall::cli
