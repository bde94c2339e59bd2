// The event names that Socket.IO keeps for itself: no peer may send them, none is handed to a handler.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::wire_detail {

inline constexpr std::array<std::string_view, 6> reserved_names = {"connect",       "connect_error", "disconnect",
                                                                   "disconnecting", "newListener",   "removeListener"};
inline constexpr const char* reserved_words = "the protocol keeps this name for itself";

constexpr bool is_reserved(std::string_view event) {
  return std::find(reserved_names.begin(), reserved_names.end(), event) != reserved_names.end();
}

/// Errors: invalid_argument (event) for a reserved name.
inline Result<void> check_event_name(std::string_view event) {
  if (!is_reserved(event)) return {};
  return fail_field(ErrorCode::invalid_argument, "event", reserved_words);
}

}  // namespace zegocall::wire_detail
