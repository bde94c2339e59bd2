// Times at which somebody was there, laid together.
#pragma once

#include <span>
#include <vector>

#include "zegocall/call/attendance.hpp"

namespace zegocall::call_detail {

struct Span {
  UnixTime from{}, to{};  ///< `to` not included
};

/// When the person was there on at least one device; intervals come by beginning. What touches is one.
std::vector<Span> times_there(std::span<const AttendanceInterval> intervals);

}  // namespace zegocall::call_detail
