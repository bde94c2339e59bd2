#include "zegocall/base/log.hpp"

#include <unistd.h>

#include "zegocall/base/time.hpp"

namespace zegocall {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  assertion_failed("LogLevel", __FILE__, __LINE__);
}

LogSink stderr_log(LogLevel least) {
  return [least](LogLevel level, std::string_view text) {
    if (level < least) return;
    std::string line;
    line.append(iso8601(system_now().wall)).append(" ").append(name(level)).append(" ").append(text).push_back('\n');
    // A line that cannot be written has nowhere to be reported.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  };
}

LogSink no_log() {
  return [](LogLevel, std::string_view) {};
}

}  // namespace zegocall
