// Who sat in a call, and when: a second reading of a whole log, for I11. The engine's own (call/attendance.cpp) goes along
// the log once and keeps what is open; this one collects what was said of each leg and cuts it into sittings afterwards.
#pragma once

#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall::sim {

/// I11: what attendance() says of this log at `now` is what the log says, and every sum is the sum that it is called.
/// Throws Broken.
void check_attendance(const std::vector<CallEvent>& log, UnixTime now);

}  // namespace zegocall::sim
