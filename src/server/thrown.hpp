// What a host's handler threw, for the log.
#pragma once

#include <exception>
#include <optional>
#include <string>

namespace zegocall::server_detail {

/// Nothing: nothing was thrown.
using Thrown = std::optional<std::string>;

/// In a catch block: the exception's text.
inline std::string what_was_thrown() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

}  // namespace zegocall::server_detail
