// The time limit of a question, as it was asked for and as it is kept.
#pragma once

#include <algorithm>
#include <chrono>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::base_detail {

/// Errors: invalid_argument (timeout) for one that is over before it begins.
inline Result<void> check_ask(std::chrono::milliseconds timeout) {
  if (timeout.count() > 0) return {};
  return fail_field(ErrorCode::invalid_argument, "timeout", "must be more than 0 ms");
}

/// When it is over. A limit beyond a century, as milliseconds::max() is, counts as a century: the sum stays a time.
inline SteadyTime ask_end(SteadyTime now, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds century = std::chrono::hours(24) * 36'525;
  return now + std::min(timeout, century);
}

}  // namespace zegocall::base_detail
