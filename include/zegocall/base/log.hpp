// Where log lines go. The library writes through a sink that the host hands over; there is no global.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace zegocall {

enum class LogLevel : unsigned char { debug, info, warning, error };
std::string_view name(LogLevel level);

/// Takes one line without a newline. Called from any thread of the object that it was given to, possibly at once from
/// several; must not block for long and must not throw. Lines never hold secrets, tokens or message bodies.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Level, UTC time and text on standard error, one write per line.
LogSink stderr_log(LogLevel least = LogLevel::info);
/// Drops everything.
LogSink no_log();

}  // namespace zegocall
