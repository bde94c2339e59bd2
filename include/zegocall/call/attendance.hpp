// Who was in a call, when, and for how long: read from the call's log, as often as one likes. Pure; any thread.
//
// The rule for a lost link: a leg that came back counts as there all the while (its media ran on at the provider, only our
// own link to it was gone); a leg that did not come back counts until the link was lost, the last instant at which it was
// known to be there. So nobody collects time by being away, and nobody loses any to a lift or a tunnel.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "zegocall/base/table.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall {

/// What counts as late, early and enough.
struct AttendanceRules {
  std::optional<UnixTime> starts{};  ///< nothing: when the room's schedule says; without one, when the first person entered
  /// Nothing: when the call ended, and while it lives nobody has left early. Of a call that nobody ended (EndCause::last_left,
  /// network_lost), when the last person went; of one that ended alone_timeout, when the last one was left alone.
  std::optional<UnixTime> ends{};
  std::chrono::milliseconds late_after{std::chrono::minutes(1)};    ///< entering later than this after the start; not negative
  std::chrono::milliseconds early_before{std::chrono::minutes(1)};  ///< leaving earlier than this before the end; not negative
  std::chrono::milliseconds minimum{0};                             ///< being in for less than this is not enough; not negative
};

/// How an interval ended, as far as the log tells.
enum class Presence : std::uint8_t { over, present, in_grace };
/// "over", "present", "in_grace".
std::string_view name(Presence);

/// From entering to leaving, on one device. `to` is not part of it; an interval of no length says that somebody looked in.
struct AttendanceInterval {
  std::uint32_t leg = 0;
  DeviceId device{};  ///< empty: it never became known which
  UnixTime from{}, to{};
  Presence presence = Presence::over;  ///< present: `to` is the report's instant; in_grace: `to` is when the link was lost
  bool operator==(const AttendanceInterval&) const = default;
  std::chrono::milliseconds length() const { return to - from; }
};

/// One device's part of a person's time.
struct DeviceAttendance {
  DeviceId device{};
  std::chrono::milliseconds total{0};  ///< the sum of this device's intervals
  bool operator==(const DeviceAttendance&) const = default;
};

/// One person's part in the call, all legs and devices together.
struct MemberAttendance {
  UserId user{};
  std::vector<AttendanceInterval> intervals{};      ///< by beginning; those of one device never overlap
  std::vector<DeviceAttendance> devices{};          ///< by device
  std::optional<UnixTime> first{}, last{};          ///< first entering, last leaving (or instant known to be there)
  std::chrono::milliseconds total{0};               ///< how long on at least one device: with one device the sum of the intervals
  std::chrono::milliseconds device_total{0};        ///< the sum of `devices`; more than `total` if devices were in side by side
  std::optional<std::chrono::milliseconds> late{};  ///< by how much after the start, if late
  std::optional<std::chrono::milliseconds> early{};  ///< by how much before the end, if early
  bool enough = false;                               ///< was in, and for the minimum at least
  bool operator==(const MemberAttendance&) const = default;
};

/// Everybody's part in one call.
struct Attendance {
  CallId call{};
  std::optional<UnixTime> starts{}, ends{};  ///< what late and early were measured against
  std::vector<MemberAttendance> members{};   ///< everybody with a leg, by first leg; who never entered has no interval
  std::size_t peak = 0;                      ///< most people in at one instant
  std::chrono::milliseconds person_time{0};  ///< the sum of the members' totals
  bool operator==(const Attendance&) const = default;
};

/// The attendance that a whole log tells, as of `now` (of no meaning once the call has ended). Instants that go backwards
/// in the log are taken as equal to the latest before them.
/// Errors: store_corrupt (the log is empty, or its versions do not count up from 1), invalid_argument (a negative span, field
/// "late_after", "early_before" or "minimum"; `ends` before `starts`, field "ends").
Result<Attendance> attendance(std::span<const CallEvent> log, const AttendanceRules& rules, UnixTime now);

/// A row per person: user, devices, first, last, total_ms, entered (times), late_ms, early_ms, enough.
Table member_table(const Attendance& attendance);
/// A row per interval: user, device, leg, from, to, length_ms, presence.
Table interval_table(const Attendance& attendance);

}  // namespace zegocall
