// Attendance is read from the log in two steps: the walk finds the raw intervals, the summing up sorts and adds them.
#include "zegocall/call/attendance.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/planted_fault.hpp"
#include "call/spans.hpp"

namespace zegocall {

std::string_view name(Presence presence) {
  switch (presence) {
    case Presence::over: return "over";
    case Presence::present: return "present";
    case Presence::in_grace: return "in_grace";
  }
  return {};
}

namespace call_detail {

std::vector<Span> times_there(std::span<const AttendanceInterval> intervals) {
  std::vector<Span> out;
  for (const AttendanceInterval& interval : intervals) {
    if (!out.empty() && interval.from <= out.back().to)
      out.back().to = std::max(out.back().to, interval.to);
    else
      out.push_back({interval.from, interval.to});
  }
  return out;
}

}  // namespace call_detail

namespace {
using namespace std::chrono;
using call_detail::Span;
using call_detail::times_there;

/// A leg that is in: since when, on which device, and since when its link is lost.
struct Inside {
  UserId user{};
  AttendanceInterval interval{};
  std::optional<UnixTime> lost{};
};

/// Walks a log and collects intervals. Events that say nothing about being there only introduce their person.
class Walk {
 public:
  explicit Walk(Attendance& out) : out_(out) {}

  void step(const CallEvent& event) {
    at_ = std::max(at_, event.at);
    std::visit(
        [this](const auto& body) {
          if constexpr (requires {
                          body.leg;
                          body.user;
                        })
            if (body.leg != 0) member(body.user);
          apply(body);
        },
        event.body);
  }

  /// Whoever is still in when the log ends.
  void close(UnixTime now) {
    at_ = std::max(at_, now);
    for (auto& [leg, inside] : inside_) {
      inside.interval.to = inside.lost.value_or(at_);
      inside.interval.presence = inside.lost ? Presence::in_grace : Presence::present;
      member(inside.user).intervals.push_back(inside.interval);
    }
    inside_.clear();
  }

  std::optional<UnixTime> active_at() const { return active_at_; }
  std::optional<UnixTime> ended_at() const { return ended_at_; }
  std::optional<UnixTime> scheduled() const { return scheduled_; }
  /// A clock ended it some time after people had gone; nothing: somebody ended it.
  std::optional<EndCause> faded() const { return faded_; }

 private:
  void apply(const CallCreated& e) {
    if (!e.room) return void(member(e.caller));  // who makes a room is not in it yet
    if (e.room->settings.schedule) scheduled_ = e.room->settings.schedule->starts_at;
  }
  void apply(const CallActive&) { active_at_ = at_; }
  void apply(const CallEnded& e) {
    ended_at_ = at_;
    const bool faded = e.cause == EndCause::last_left || e.cause == EndCause::alone_timeout || e.cause == EndCause::network_lost;
    if (faded) faded_ = e.cause;
    while (!inside_.empty()) leave(inside_.begin()->first);
  }
  void apply(const LegJoined& e) {
    if (inside_.contains(e.leg)) return back(e.leg, e.device);
    inside_[e.leg] = {e.user, {.leg = e.leg, .device = e.device, .from = at_}, std::nullopt};
  }
  void apply(const LegResumed& e) { back(e.leg, e.device); }
  void apply(const LegReconnecting& e) {
    const auto found = inside_.find(e.leg);
    if (found != inside_.end() && !found->second.lost) found->second.lost = at_;
  }
  void apply(const DeviceDismiss& e) {
    if (e.outcome == DeviceOutcome::answered_here) move_to(e.leg, e.device);
  }
  void apply(const LegMoved& e) { move_to(e.leg, e.device); }
  void apply(const LegFinal& e) { leave(e.leg); }
  template <class Body>
  void apply(const Body&) {}

  MemberAttendance& member(const UserId& user) {
    const auto [found, added] = index_.try_emplace(user, out_.members.size());
    if (added) out_.members.push_back({.user = user});
    return out_.members[found->second];
  }

  void leave(std::uint32_t leg) {
    const auto found = inside_.find(leg);
    if (found == inside_.end()) return;
    Inside& inside = found->second;
    inside.interval.to = ZC_PLANTED(count_lost_link) ? at_ : inside.lost.value_or(at_);
    member(inside.user).intervals.push_back(inside.interval);
    inside_.erase(found);
  }
  void back(std::uint32_t leg, const DeviceId& device) {
    move_to(leg, device);
    if (const auto found = inside_.find(leg); found != inside_.end()) found->second.lost.reset();
  }
  /// A leg without a device learns which one it had all along; one that changes devices leaves here and enters there.
  void move_to(std::uint32_t leg, const DeviceId& device) {
    const auto found = inside_.find(leg);
    if (found == inside_.end() || device.empty() || found->second.interval.device == device) return;
    if (ZC_PLANTED(miss_moved_device)) return;
    if (found->second.interval.device.empty()) {
      found->second.interval.device = device;
      return;
    }
    const UserId user = found->second.user;
    leave(leg);
    inside_[leg] = {user, {.leg = leg, .device = device, .from = at_}, std::nullopt};
  }

  Attendance& out_;
  UnixTime at_{milliseconds::min()};
  std::optional<UnixTime> active_at_{}, ended_at_{}, scheduled_{};
  std::optional<EndCause> faded_{};
  std::map<std::uint32_t, Inside> inside_;
  std::map<UserId, std::size_t> index_;
};

bool earlier(const AttendanceInterval& a, const AttendanceInterval& b) {
  return std::tie(a.from, a.to, a.leg, a.device) < std::tie(b.from, b.to, b.leg, b.device);
}

/// Two legs of one person whose device is not known may lie over each other; as one device they are one interval.
std::vector<AttendanceInterval> without_overlaps(std::vector<AttendanceInterval> all) {
  std::sort(all.begin(), all.end(), earlier);
  std::vector<AttendanceInterval> out;
  std::map<DeviceId, std::size_t> newest;
  for (AttendanceInterval& interval : all) {
    const auto [found, added] = newest.try_emplace(interval.device, out.size());
    if (!added && interval.from < out[found->second].to) {
      AttendanceInterval& before = out[found->second];
      if (interval.to >= before.to) before.presence = interval.presence;
      before.to = std::max(before.to, interval.to);
      continue;
    }
    found->second = out.size();
    out.push_back(std::move(interval));
  }
  return out;
}

void add_up(MemberAttendance& member) {
  member.intervals = without_overlaps(std::move(member.intervals));
  std::map<DeviceId, milliseconds> devices;
  for (const AttendanceInterval& interval : member.intervals) {
    devices[interval.device] += interval.length();
    member.device_total += interval.length();
    member.first = std::min(member.first.value_or(interval.from), interval.from);
    member.last = std::max(member.last.value_or(interval.to), interval.to);
  }
  for (const auto& [device, total] : devices) member.devices.push_back({device, total});
  for (const Span& span : times_there(member.intervals)) member.total += span.to - span.from;
}

/// Who leaves at an instant is gone before who enters at it.
std::size_t peak_of(const std::vector<MemberAttendance>& members) {
  std::map<UnixTime, std::ptrdiff_t> steps;
  std::ptrdiff_t there = 0, peak = 0;
  for (const MemberAttendance& member : members) {
    if (!member.intervals.empty()) peak = 1;
    for (const Span& span : times_there(member.intervals)) ++steps[span.from], --steps[span.to];
  }
  for (const auto& [at, step] : steps) peak = std::max(peak, there += step);
  return static_cast<std::size_t>(peak);
}

void judge(MemberAttendance& member, const Attendance& report, const AttendanceRules& rules, bool all_over) {
  if (!member.first) return;
  if (report.starts && *member.first > *report.starts + rules.late_after) member.late = *member.first - *report.starts;
  const bool left = std::all_of(member.intervals.begin(), member.intervals.end(),
                                [](const AttendanceInterval& i) { return i.presence == Presence::over; });
  if (report.ends && all_over && left && *member.last < *report.ends - rules.early_before)
    member.early = *report.ends - *member.last;
  member.enough = member.total >= rules.minimum;
}

/// When a call that a clock ended was over for its people: when the last one went, or when the last one was left alone.
std::optional<UnixTime> faded_at(const std::vector<MemberAttendance>& members, EndCause cause) {
  std::vector<UnixTime> lasts;
  for (const MemberAttendance& member : members)
    if (member.last) lasts.push_back(*member.last);
  std::sort(lasts.rbegin(), lasts.rend());
  const std::size_t nth = cause == EndCause::alone_timeout ? 1 : 0;
  return nth < lasts.size() ? std::optional(lasts[nth]) : std::nullopt;
}

Result<void> check(std::span<const CallEvent> log, const AttendanceRules& rules) {
  if (log.empty()) return fail(ErrorCode::store_corrupt, "a call's log is empty");
  for (std::size_t i = 0; i < log.size(); ++i)
    if (log[i].version.value != i + 1)
      return fail_field(ErrorCode::store_corrupt, "v" + std::to_string(log[i].version.value), "versions must count up from 1");
  const std::pair<const char*, milliseconds> spans[] = {
      {"late_after", rules.late_after}, {"early_before", rules.early_before}, {"minimum", rules.minimum}};
  for (const auto& [field, span] : spans)
    if (span < milliseconds::zero()) return fail_field(ErrorCode::invalid_argument, field, "must not be negative");
  if (rules.starts && rules.ends && *rules.ends < *rules.starts)
    return fail_field(ErrorCode::invalid_argument, "ends", "must not be before starts");
  return {};
}

std::string device_words(const MemberAttendance& member) {
  std::string out;
  for (const DeviceAttendance& device : member.devices)
    if (!device.device.empty()) out.append(out.empty() ? "" : " ").append(device.device.view());
  return out;
}

}  // namespace

Result<Attendance> attendance(std::span<const CallEvent> log, const AttendanceRules& rules, UnixTime now) {
  if (auto fit = check(log, rules); !fit) return unexpected(fit.error());
  Attendance out{.call = log.front().call};
  Walk walk(out);
  for (const CallEvent& event : log) walk.step(event);
  walk.close(now);

  for (MemberAttendance& member : out.members) add_up(member);
  auto ended = walk.ended_at();
  if (walk.faded()) ended = std::min(*ended, faded_at(out.members, *walk.faded()).value_or(*ended));
  const auto& scheduled = walk.scheduled();
  out.starts = rules.starts ? rules.starts : scheduled ? scheduled : walk.active_at();
  out.ends = rules.ends ? rules.ends : ended;
  if (ended && out.ends) out.ends = std::min(*out.ends, *ended);  // a host who ends early makes nobody leave early
  const bool all_over = ended || (out.ends && now >= *out.ends);
  for (MemberAttendance& member : out.members) {
    judge(member, out, rules, all_over);
    out.person_time += member.total;
  }
  out.peak = peak_of(out.members);
  return out;
}

Table member_table(const Attendance& attendance) {
  Table out{{"user", "devices", "first", "last", "total_ms", "entered", "late_ms", "early_ms", "enough"}, {}};
  for (const MemberAttendance& member : attendance.members)
    out.rows.push_back({member.user, device_words(member), member.first, member.last, member.total, member.intervals.size(),
                        member.late, member.early, member.enough});
  return out;
}

Table interval_table(const Attendance& attendance) {
  Table out{{"user", "device", "leg", "from", "to", "length_ms", "presence"}, {}};
  for (const MemberAttendance& member : attendance.members)
    for (const AttendanceInterval& interval : member.intervals)
      out.rows.push_back(
          {member.user, interval.device, interval.leg, interval.from, interval.to, interval.length(), name(interval.presence)});
  return out;
}

}  // namespace zegocall
