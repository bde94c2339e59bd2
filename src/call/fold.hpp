// What the fold, the rules and the consistency check all ask of a call.
#pragma once

#include <optional>
#include <string>

#include "zegocall/call/model.hpp"

namespace zegocall::call_detail {

/// True once somebody has accepted.
bool answered(const CallView& call);

/// Null if the call has no such leg.
const LegView* leg_numbered(const CallView& call, std::uint32_t number);

/// The entry of a device that was rung for this leg, or null.
const DeviceView* rung_device(const LegView& leg, const DeviceId& device);

struct Occupancy {
  std::size_t live = 0, joined = 0;
};
Occupancy occupancy(const CallView& call);

/// Exactly one leg is left in an answered call, and it is joined.
bool alone_runs(const CallView& call);
/// Somebody has been in, nobody is now.
bool empty_runs(const CallView& call);

/// The order of CallView::deadlines: by instant, and the ring timer before what is due at the same instant.
bool sooner(const Deadline& a, const Deadline& b);

/// Why this event cannot be the call's next one, or nothing. For logs that were read from somewhere.
std::optional<std::string> misfit(const CallView& call, const CallEvent& event);

}  // namespace zegocall::call_detail
