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

/// Asks `host` or `host:port` (80) over plain HTTP; waits three seconds at most. unreachable, protocol.
Result<UnixTime> ask_http_date(const std::string& host);

}  // namespace zegocall::cli
