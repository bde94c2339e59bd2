#include "sim/sitting.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "sim/broken.hpp"
#include "zegocall/call/attendance.hpp"

namespace zegocall::sim {
namespace {

using std::chrono::milliseconds;

/// Something that was said of a leg since it was in for the first time.
struct Mark {
  enum class What : std::uint8_t { in, lost, named, over } what{};
  UnixTime at{};
  DeviceId device{};  ///< empty: of the device nothing was said
};

struct Sitting {
  UserId user{};
  std::uint32_t leg = 0;
  DeviceId device{};
  UnixTime from{}, to{};
  Presence presence{};
};

/// What a log says, sorted by whom it says it of.
struct Said {
  std::vector<UserId> people{};  ///< by first leg
  std::map<std::uint32_t, UserId> owners{};
  std::map<std::uint32_t, std::vector<Mark>> marks{};
  std::optional<UnixTime> active{}, ended{};
  std::optional<EndCause> cause{};
  std::optional<UnixTime> scheduled{};
  UnixTime at{};  ///< of the event in hand

  void operator()(const CallCreated& e) {
    if (!e.room) has_leg(1, e.caller);
    if (e.room && e.room->settings.schedule) scheduled = e.room->settings.schedule->starts_at;
  }
  void operator()(const LegInvited& e) { has_leg(e.leg, e.user); }
  void operator()(const LegEntered& e) { has_leg(e.leg, e.user); }
  void operator()(const CallActive&) { active = at; }
  void operator()(const CallEnded& e) {
    ended = at;
    cause = e.cause;
  }
  void operator()(const LegJoined& e) { marks[e.leg].push_back({Mark::What::in, at, e.device}); }
  void operator()(const LegResumed& e) { add(e.leg, Mark::What::in, e.device); }
  void operator()(const LegReconnecting& e) { add(e.leg, Mark::What::lost, {}); }
  void operator()(const LegMoved& e) { add(e.leg, Mark::What::named, e.device); }
  void operator()(const DeviceDismiss& e) {
    if (e.outcome == DeviceOutcome::answered_here) add(e.leg, Mark::What::named, e.device);
  }
  void operator()(const LegFinal& e) { add(e.leg, Mark::What::over, {}); }
  template <class Body>
  void operator()(const Body&) {}

  void has_leg(std::uint32_t leg, const UserId& user) {
    owners[leg] = user;
    if (std::find(people.begin(), people.end(), user) == people.end()) people.push_back(user);
  }
  /// Before a leg is in for the first time nothing of this counts.
  void add(std::uint32_t leg, Mark::What what, const DeviceId& device) {
    if (const auto found = marks.find(leg); found != marks.end()) found->second.push_back({what, at, device});
  }
};

/// A mark without a device is of the one that was named last; before the first name, of that one.
void name_devices(std::vector<Mark>& marks) {
  const auto named = std::find_if(marks.begin(), marks.end(), [](const Mark& mark) { return !mark.device.empty(); });
  if (named == marks.end()) return;
  DeviceId last = named->device;
  for (Mark& mark : marks) mark.device.empty() ? void(mark.device = last) : void(last = mark.device);
}

/// A sitting for each run of marks of one device. A loss counts from its first instant, unless the same device came back.
std::vector<Sitting> sittings_of(const UserId& user, std::uint32_t leg, std::vector<Mark> marks, UnixTime now) {
  name_devices(marks);
  std::vector<Sitting> out;
  for (auto first = marks.begin(); first != marks.end();) {
    const auto next = std::find_if(first, marks.end(), [&](const Mark& mark) { return mark.device != first->device; });
    auto since = next;  // where the run's last loss begins
    while (since != first && std::prev(since)->what != Mark::What::in) --since;
    const auto lost = std::find_if(since, next, [](const Mark& mark) { return mark.what == Mark::What::lost; });
    const auto over = std::find_if(since, next, [](const Mark& mark) { return mark.what == Mark::What::over; });
    const bool ends = over != next || next != marks.end();
    const UnixTime end = over != next ? over->at : next != marks.end() ? next->at : now;
    const Presence presence = ends ? Presence::over : lost != next ? Presence::in_grace : Presence::present;
    out.push_back({user, leg, first->device, first->at, lost != next ? lost->at : end, presence});
    first = next;
  }
  return out;
}

bool earlier(const Sitting& a, const Sitting& b) {
  return std::tie(a.from, a.to, a.leg, a.device) < std::tie(b.from, b.to, b.leg, b.device);
}

/// How long they were in on some device: the time that lies in at least one sitting.
milliseconds time_in(const std::vector<Sitting>& sittings) {
  milliseconds sum{0};
  UnixTime counted = UnixTime::min();
  for (const Sitting& sitting : sittings) {  // by beginning
    const UnixTime from = std::max(sitting.from, counted);
    if (sitting.to > from) sum += sitting.to - from;
    counted = std::max(counted, sitting.to);
  }
  return sum;
}

class Checked {
 public:
  Checked(const Said& said, UnixTime now) : said_(said) {
    for (const auto& [leg, marks] : said.marks) {
      const UserId& user = said.owners.at(leg);
      for (Sitting& sitting : sittings_of(user, leg, marks, now)) theirs_[user].push_back(std::move(sitting));
    }
    for (auto& [user, sittings] : theirs_) std::sort(sittings.begin(), sittings.end(), earlier);
  }

  void check(const Attendance& report) const {
    require(report.members.size() == said_.people.size(), "I11", "attendance lists other people than had a leg");
    milliseconds all{0};
    for (std::size_t i = 0; i < report.members.size(); ++i) {
      require(report.members[i].user == said_.people[i], "I11", "attendance lists other people than had a leg");
      check(report.members[i]);
      all += report.members[i].total;
    }
    require(report.person_time == all, "I11", "the time of all is not the sum of theirs");
    require(report.peak == peak(), "I11", "another number of people were in at once");
  }

 private:
  const std::vector<Sitting>& of(const UserId& user) const {
    static const std::vector<Sitting> none;
    const auto found = theirs_.find(user);
    return found == theirs_.end() ? none : found->second;
  }

  void check(const MemberAttendance& member) const {
    const std::vector<Sitting>& sittings = of(member.user);
    check_intervals(member, sittings);
    check_sums(member, sittings);
    std::optional<UnixTime> last;
    for (const Sitting& sitting : sittings) last = std::max(last.value_or(sitting.to), sitting.to);
    const auto first = sittings.empty() ? std::nullopt : std::optional(sittings.front().from);
    require(member.first == first && member.last == last, "I11", "somebody came first or left last at another time");
    const auto start = said_.scheduled ? said_.scheduled : said_.active;
    const auto end = over_for_its_people();
    const bool late = first && start && *first > *start;
    const bool early = last && end && *last < *end;
    require(member.late == (late ? std::optional(*first - *start) : std::nullopt), "I11", "somebody was not so late");
    require(member.early == (early ? std::optional(*end - *last) : std::nullopt), "I11", "somebody did not leave so early");
    require(member.enough == !sittings.empty(), "I11", "somebody was in, and it is not enough");
  }

  /// Nobody ended it: then it was over when the last one went, or was left alone.
  std::optional<UnixTime> over_for_its_people() const {
    if (!said_.ended || !said_.cause) return said_.ended;
    const bool alone = name(*said_.cause) == "alone_timeout";
    if (!alone && name(*said_.cause) != "last_left" && name(*said_.cause) != "network_lost") return said_.ended;
    UnixTime last = UnixTime::min(), before = UnixTime::min();
    for (const auto& [user, sittings] : theirs_) {
      UnixTime gone = UnixTime::min();
      for (const Sitting& sitting : sittings) gone = std::max(gone, sitting.to);
      if (gone > last)
        before = std::exchange(last, gone);
      else
        before = std::max(before, gone);
    }
    const UnixTime over = alone ? before : last;
    return over == UnixTime::min() ? *said_.ended : over;
  }

  static void check_intervals(const MemberAttendance& member, const std::vector<Sitting>& sittings) {
    const auto same = [](const AttendanceInterval& a, const Sitting& b) {
      return a.leg == b.leg && a.device == b.device && a.from == b.from && a.to == b.to && a.presence == b.presence;
    };
    if (!std::equal(member.intervals.begin(), member.intervals.end(), sittings.begin(), sittings.end(), same))
      broken("I11", "attendance has other intervals of " + member.user.str() + " than the log");
    std::map<DeviceId, UnixTime> free_from;
    for (const AttendanceInterval& interval : member.intervals) {
      const auto [before, is_first] = free_from.try_emplace(interval.device, interval.from);
      require(interval.from <= interval.to && before->second <= interval.from, "I11", "intervals of one device overlap");
      before->second = interval.to;
    }
  }

  static void check_sums(const MemberAttendance& member, const std::vector<Sitting>& sittings) {
    std::map<DeviceId, milliseconds> devices;
    milliseconds sum{0};
    for (const Sitting& sitting : sittings)
      devices[sitting.device] += sitting.to - sitting.from, sum += sitting.to - sitting.from;
    require(member.device_total == sum, "I11", "the devices' time is not the sum of their intervals");
    require(member.total == time_in(sittings), "I11", "somebody's total is not the time that they were in");
    const auto same = [](const DeviceAttendance& a, const auto& b) { return a.device == b.first && a.total == b.second; };
    require(std::equal(member.devices.begin(), member.devices.end(), devices.begin(), devices.end(), same), "I11",
            "a device's time is not the sum of its intervals");
  }

  /// The most are in when somebody comes.
  std::size_t peak() const {
    std::size_t most = theirs_.empty() ? 0 : 1;
    for (const auto& [user, sittings] : theirs_)
      for (const Sitting& sitting : sittings) most = std::max(most, in_at(sitting.from));
    return most;
  }
  std::size_t in_at(UnixTime at) const {
    const auto is_in = [at](const auto& each) {
      return std::any_of(each.second.begin(), each.second.end(), [at](const Sitting& s) { return s.from <= at && at < s.to; });
    };
    return static_cast<std::size_t>(std::count_if(theirs_.begin(), theirs_.end(), is_in));
  }

  const Said& said_;
  std::map<UserId, std::vector<Sitting>> theirs_{};
};

}  // namespace

void check_attendance(const std::vector<CallEvent>& log, UnixTime now) {
  Said said;
  for (const CallEvent& event : log) {
    said.at = event.at;
    std::visit(said, event.body);
  }
  const auto report = attendance(log, {.late_after = {}, .early_before = {}}, now);
  require(report.has_value(), "I11", "a log that the engine wrote has no attendance");
  Checked(said, now).check(*report);
}

}  // namespace zegocall::sim
