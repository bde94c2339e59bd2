// What the fold, the rules and the consistency check all ask of a call.
#pragma once

#include <optional>
#include <string>

#include "zegocall/call/model.hpp"

namespace zegocall::call_detail {

/// True once somebody has accepted; a room needs nobody to.
bool answered(const CallView& call);

/// Null if the call has no such leg.
const LegView* leg_numbered(const CallView& call, std::uint32_t number);

/// The entry of a device that was rung for this leg, or null.
const DeviceView* rung_device(const LegView& leg, const DeviceId& device);

/// Counts a leg in (`one` = 1) or out again (`one` = -1, as the same unsigned type).
void count(Occupancy& in, const CallView& call, const LegView& leg, std::uint32_t one);
/// The counts anew, from the legs; and which timers run for the call as a whole.
Occupancy counted(const CallView& call);
std::uint32_t call_timers(const CallView& call);
inline const Occupancy& occupancy(const CallView& call) { return call.index.counts; }

bool is_live(const LegView& leg);
/// Rung, and has not said anything yet.
bool is_rung(const LegView& leg);
/// On the way in, in, or in grace: counts for the capacity, is heard and spoken to. A caller of a call that nobody answered may
/// be in grace, too.
bool has_seat(const LegView& leg);
/// In, or in grace: has been in the media room and may be there still.
bool has_entered(const LegView& leg);
/// Told to end, or over.
bool is_closing(const CallView& call);

/// Exactly one leg is left in an answered ring call, and it is joined.
bool alone_runs(const CallView& call);
/// Somebody has been in, nobody is now; or nobody ever came to a room without a schedule.
bool empty_runs(const CallView& call);
/// Nobody came yet to a room with a schedule.
bool no_show_runs(const CallView& call);
/// People are in a room that cares for its host, and no host is.
bool host_absent_runs(const CallView& call);

/// When `max_duration` has so many minutes left; of the warnings, the next one after `after`.
std::optional<UnixTime> duration_end(const CallView& call);
std::optional<std::uint32_t> next_warning(const CallView& call, std::uint32_t last_minutes);

/// The order of CallView::deadlines: by instant, and the ring timer before what is due at the same instant.
bool sooner(const Deadline& a, const Deadline& b);

/// Why this event cannot be the call's next one, or nothing. For logs that were read from somewhere.
std::optional<std::string> misfit(const CallView& call, const CallEvent& event);

}  // namespace zegocall::call_detail
