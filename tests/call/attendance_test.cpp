// Attendance: the walk through typical calls, the rules of late, early and enough, and I11 over logs of any kind.
#include "zegocall/call/attendance.hpp"

#include <set>

#include "call/room_world.hpp"
#include "call/script.hpp"

using namespace call_test;

namespace {

Attendance read(const World& world, const AttendanceRules& rules = {}) {
  return attendance(world.log(), rules, world.clock.now().wall).value();
}

const MemberAttendance& of(const Attendance& report, const Actor& who) {
  for (const MemberAttendance& member : report.members)
    if (member.user == who.user) return member;
  FAIL("not listed");
  return report.members.front();
}

/// "phone 0+30 over": device, seconds from the start, seconds long, presence.
Lines lines_of(const MemberAttendance& member) {
  Lines out;
  for (const AttendanceInterval& i : member.intervals)
    out.push_back((i.device.empty() ? "?" : i.device.str()) + " " + std::to_string((i.from - start) / 1s) + "+" +
                  std::to_string(i.length() / 1s) + " " + std::string(name(i.presence)));
  return out;
}

}  // namespace

TEST_CASE("a call that was talked and hung up") {
  World w;
  w.answer();
  w.pass(2s), w.must(bob, Join{});
  w.pass(3s), w.must(alice, Join{});
  w.pass(60s), w.must(bob, EndCall{});
  const Attendance report = read(w);
  CHECK(report.call == the_call);
  CHECK(lines_of(of(report, bob)) == Lines{"phone 2+63 over"});
  CHECK(lines_of(of(report, alice)) == Lines{"web 5+60 over"});
  CHECK(report.person_time == 123s);
  CHECK(report.peak == 2);
  CHECK(*report.starts == start + 2s);
  CHECK(*report.ends == start + 65s);
  CHECK(*of(report, alice).first == start + 5s);
  CHECK(*of(report, alice).last == start + 65s);
  CHECK(report.members[0].user == alice.user);
}

TEST_CASE("a call that nobody answered has members and no intervals") {
  World w;
  w.ring();
  w.pass(10min);
  const Attendance report = read(w);
  REQUIRE(report.members.size() == 2);
  for (const MemberAttendance& member : report.members) {
    CHECK(member.intervals.empty());
    CHECK(!member.first.has_value());
    CHECK(!member.enough);
  }
  CHECK(report.peak == 0);
  CHECK(report.person_time == 0s);
  CHECK(!report.starts.has_value());
}

TEST_CASE("a lost link that comes back counts as there") {
  World w;
  w.talk();
  w.pass(10s), w.offline(bob);
  w.pass(20s), w.must(bob, Heartbeat{});
  w.pass(10s), w.must(bob, Leave{});
  CHECK(lines_of(of(read(w), bob)) == Lines{"phone 0+40 over"});
}

TEST_CASE("a lost link that does not come back counts until it was lost") {
  World w;
  w.talk();
  w.pass(10s), w.offline(bob);
  w.pass(5s);
  SUBCASE("while it is in grace") { CHECK(lines_of(of(read(w), bob)) == Lines{"phone 0+10 in_grace"}); }
  SUBCASE("after the grace") {
    w.pass(60s);
    CHECK(lines_of(of(read(w), bob)) == Lines{"phone 0+10 over"});
  }
  SUBCASE("when the other hangs up meanwhile") {
    w.must(alice, EndCall{});
    CHECK(lines_of(of(read(w), bob)) == Lines{"phone 0+10 over"});
    CHECK(lines_of(of(read(w), alice)) == Lines{"web 0+15 over"});
  }
  SUBCASE("a restart does not move the loss") {
    w.restart();
    w.pass(5s);
    CHECK(lines_of(of(read(w), bob)) == Lines{"phone 0+10 in_grace"});
    CHECK(lines_of(of(read(w), alice)) == Lines{"web 0+15 in_grace"});
  }
}

TEST_CASE("an unbound leg learns its device and has one interval") {
  World w;
  w.ring_two_devices();
  w.must(bob_somewhere, Accept{});
  w.must(alice, Join{}), w.must(bob_somewhere, Join{});
  w.pass(5s);
  CHECK(lines_of(of(read(w), bob)) == Lines{"? 0+5 present"});
  w.must(bob_laptop, Heartbeat{});
  w.pass(5s);
  CHECK(lines_of(of(read(w), bob)) == Lines{"laptop 0+10 present"});
}

TEST_CASE("who leaves and is invited again has two intervals") {
  World w;
  w.talk();
  w.pass(10s), w.must(bob, Leave{});
  w.pass(5s), w.must(alice, Invite{bob.user});
  w.must(bob_laptop, Accept{}), w.must(bob_laptop, Join{});
  w.pass(20s);
  const Attendance report = read(w);
  CHECK(lines_of(of(report, bob)) == Lines{"phone 0+10 over", "laptop 15+20 present"});
  CHECK(of(report, bob).total == 30s);
  CHECK(of(report, bob).intervals[1].leg == 3);
  const MemberAttendance& member = of(report, bob);
  REQUIRE(member.devices.size() == 2);
  CHECK(member.devices[0].device == DeviceId{"laptop"});
  CHECK(member.devices[0].total == 20s);
  CHECK(member.device_total == 30s);
}

TEST_CASE("late, early, enough") {
  World w;
  w.talk();
  w.pass(100s), w.must(bob, Leave{});
  w.pass(20s), w.must(alice, Leave{});
  const AttendanceRules fair{.starts = start - 30s, .late_after = 30s, .early_before = 20s, .minimum = 100s};
  CHECK(!of(read(w, fair), bob).late.has_value());
  CHECK(!of(read(w, fair), bob).early.has_value());
  CHECK(of(read(w, fair), bob).enough);
  const AttendanceRules strict{.starts = start - 30s, .late_after = 29999ms, .early_before = 19999ms, .minimum = 100001ms};
  CHECK(of(read(w, strict), bob).late == 30s);
  CHECK(of(read(w, strict), bob).early == 20s);
  CHECK(!of(read(w, strict), bob).enough);
  // Nobody has left a call early that the host ended before its time; but a schedule that ends sooner counts.
  CHECK(!of(read(w, {.ends = start + 10min}), alice).early.has_value());
  CHECK(!of(read(w, {.ends = start + 90s}), bob).early.has_value());
}

TEST_CASE("while the call lives nobody has left early, unless its time is over") {
  World w;
  w.talk();
  w.pass(10s), w.must(bob, Leave{});
  w.pass(1s);
  CHECK(!of(read(w), bob).early.has_value());
  CHECK(!of(read(w, {.ends = start + 60s}), bob).early.has_value());
  CHECK(!of(read(w, {.ends = start + 11s}), bob).early.has_value());  // a minute is allowed
  CHECK(of(read(w, {.ends = start + 11s, .early_before = 0s}), bob).early == 1s);
  CHECK(!of(read(w, {.ends = start + 11s, .early_before = 0s}), alice).early.has_value());
}

TEST_CASE("a call that nobody ended was over for its people before a clock noticed") {
  World w;
  w.talk();
  w.pass(30min), w.must(bob, Leave{});
  SUBCASE("both leave") {
    w.pass(10s), w.must(alice, Leave{});
    REQUIRE(w.call().end_cause == EndCause::last_left);
    CHECK(*read(w).ends == start + 30min + 10s);
    CHECK(of(read(w, {.early_before = 0s}), bob).early == 10s);
  }
  SUBCASE("one is left alone") {
    w.pass(5min);
    REQUIRE(w.call().end_cause == EndCause::alone_timeout);
    CHECK(*read(w).ends == start + 30min);
    CHECK(!of(read(w, {.early_before = 0s}), bob).early.has_value());
  }
  CHECK(!of(read(w), bob).early.has_value());
  CHECK(!of(read(w, {.early_before = 0s}), alice).early.has_value());
}

TEST_CASE("in a room both are measured against its schedule and its people") {
  RoomWorld w;
  w.form.settings.schedule = Schedule{.starts_at = start + 10min};
  w.make();
  w.pass(10min), w.enter(alice);
  w.pass(20min), w.enter(bob);
  w.pass(10min), w.must(carol, Join{}), w.must(carol, Join{}), w.must(carol, Leave{});
  w.pass(20min), w.must(alice, Leave{}), w.must(bob, Leave{});
  w.pass(2h);
  REQUIRE(w.call().state == CallState::ended);
  const Attendance report = attendance(w.log(), {}, w.clock.now().wall).value();
  CHECK(*report.starts == start + 10min);
  CHECK(*report.ends == start + 60min);
  CHECK(!of(report, alice).late.has_value());
  CHECK(of(report, bob).late == 20min);
  CHECK(of(report, carol).early == 20min);
  CHECK(!of(report, bob).early.has_value());
}

TEST_CASE("what is no log and what is no rule") {
  World w;
  w.talk();
  CHECK(verdict(attendance({}, {}, start)) == "store_corrupt");
  CHECK(verdict(attendance(std::span(w.log()).subspan(1), {}, start)) == "store_corrupt v2");
  CHECK(verdict(attendance(w.log(), {.late_after = -1ms}, start)) == "invalid_argument late_after");
  CHECK(verdict(attendance(w.log(), {.early_before = -1ms}, start)) == "invalid_argument early_before");
  CHECK(verdict(attendance(w.log(), {.minimum = -1ms}, start)) == "invalid_argument minimum");
  CHECK(verdict(attendance(w.log(), {.starts = start, .ends = start - 1ms}, start)) == "invalid_argument ends");
  CHECK(verdict(attendance(w.log(), {.starts = start, .ends = start}, start)) == "ok");
}

TEST_CASE("as tables") {
  World w;
  w.talk();
  w.pass(90s), w.must(bob, EndCall{});
  const Attendance report = read(w, {.starts = start - 1s, .late_after = 0s});
  CHECK(to_csv(member_table(report)) ==
        "user,devices,first,last,total_ms,entered,late_ms,early_ms,enough\r\n"
        "alice,web,2025-01-01T00:00:00.000Z,2025-01-01T00:01:30.000Z,90000,1,1000,,true\r\n"
        "bob,phone,2025-01-01T00:00:00.000Z,2025-01-01T00:01:30.000Z,90000,1,1000,,true\r\n");
  CHECK(to_csv(interval_table(report)) ==
        "user,device,leg,from,to,length_ms,presence\r\n"
        "alice,web,1,2025-01-01T00:00:00.000Z,2025-01-01T00:01:30.000Z,90000,over\r\n"
        "bob,phone,2,2025-01-01T00:00:00.000Z,2025-01-01T00:01:30.000Z,90000,over\r\n");
}

namespace {

/// I11, and that every sum is the sum it says.
void check_sums(const Attendance& report) {
  std::chrono::milliseconds all{0};
  for (const MemberAttendance& member : report.members) {
    std::map<DeviceId, UnixTime> free_from;
    std::map<DeviceId, std::chrono::milliseconds> sums;
    std::chrono::milliseconds sum{0};
    for (const AttendanceInterval& i : member.intervals) {
      RC_ASSERT(i.from <= i.to);
      if (free_from.contains(i.device)) RC_ASSERT(free_from[i.device] <= i.from);
      free_from[i.device] = i.to;
      sums[i.device] += i.length();
      sum += i.length();
    }
    RC_ASSERT(sums.size() == member.devices.size());
    for (const DeviceAttendance& device : member.devices) RC_ASSERT(sums.at(device.device) == device.total);
    RC_ASSERT(member.device_total == sum);
    RC_ASSERT(member.total <= sum);
    if (sums.size() == 1) RC_ASSERT(member.total == sum);
    RC_ASSERT(member.first.has_value() == !member.intervals.empty());
    all += member.total;
  }
  RC_ASSERT(report.person_time == all);
}

/// Slow and plain: was this leg there in the second that begins at `at`? Looks at the last thing that was said of it until
/// then, and for a lost link at what came of it.
bool there(const std::vector<CallEvent>& log, std::uint32_t leg, UnixTime at) {
  enum class Is { out, in, lost } is = Is::out;
  bool came_back = false;
  for (const CallEvent& event : log) {
    const bool later = event.at > at;
    const auto* joined = std::get_if<LegJoined>(&event.body);
    const auto* lost = std::get_if<LegReconnecting>(&event.body);
    const auto* resumed = std::get_if<LegResumed>(&event.body);
    const auto* over = std::get_if<LegFinal>(&event.body);
    const bool back = (joined && joined->leg == leg) || (resumed && resumed->leg == leg);
    const bool gone = over && over->leg == leg;
    if (!later) {
      if (joined && joined->leg == leg) is = Is::in;
      if (is == Is::lost && back) is = Is::in;
      if (is == Is::in && lost && lost->leg == leg) is = Is::lost;
      if (gone) is = Is::out;
    } else if (is == Is::lost && (back || gone)) {
      came_back = back;
      break;
    }
  }
  return is == Is::in || (is == Is::lost && came_back);
}

void check_against_plain(const Attendance& report, const std::vector<CallEvent>& log, UnixTime now) {
  std::map<UserId, std::set<std::uint32_t>> legs;
  for (const CallEvent& event : log)
    if (const auto* joined = std::get_if<LegJoined>(&event.body)) legs[joined->user].insert(joined->leg);
  std::map<UserId, std::chrono::seconds> totals;
  std::size_t peak = 0;
  for (UnixTime at = log.front().at; at < now; at += 1s) {
    std::size_t in = 0;
    for (const auto& [user, theirs] : legs)
      if (std::any_of(theirs.begin(), theirs.end(), [&, moment = at](std::uint32_t leg) { return there(log, leg, moment); }))
        totals[user] += 1s, ++in;
    peak = std::max(peak, in);
  }
  for (const MemberAttendance& member : report.members) RC_ASSERT(member.total == totals[member.user]);
  if (peak > 0) RC_ASSERT(report.peak == peak);
}

}  // namespace

TEST_CASE("over what the engine says, whatever people do") {
  int reports = 0, back = 0, several = 0;
  check_property("I11 over the engine's logs", [&] {
    Script script(*presses());
    for (const auto& [id, log] : script.logs()) {
      const Attendance report = attendance(log, {}, script.now()).value();
      check_sums(report);
      check_against_plain(report, log, script.now());
      ++reports;
      for (const MemberAttendance& member : report.members) several += member.intervals.size() > 1;
      for (const CallEvent& event : log) back += std::holds_alternative<LegResumed>(event.body);
    }
  });
  CHECK(reports > 100);  // no child's play
  CHECK(back > 0);
  CHECK(several > 0);
}

TEST_CASE("over logs that no engine would write") {
  check_property("I11 over wild logs", [] {
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(0, 7), rc::gen::inRange(1, 5), rc::gen::inRange(0, 3), rc::gen::inRange(-3, 10)));
    const DeviceId devices[] = {{}, {"a"}, {"b"}};
    const UserId people[] = {{"u"}, {"v"}};
    std::vector<CallEvent> log{{the_call, Version(1), start, CallCreated{.caller = people[0]}}};
    UnixTime at = start;
    for (const auto& [what, leg, device, pass] : steps) {
      at += std::chrono::seconds(pass);  // also backwards
      const auto number = static_cast<std::uint32_t>(leg);
      const UserId& user = people[leg % 2];
      const EventBody bodies[] = {LegJoined{number, user, devices[device]},
                                  LegReconnecting{number, user, at},
                                  LegResumed{number, user, devices[device]},
                                  DeviceDismiss{number, user, devices[device], DeviceOutcome::answered_here},
                                  LegFinal{number, user, devices[device], LegOutcome::completed},
                                  CallActive{},
                                  LegInvited{number, user, at}};
      log.push_back({the_call, Version(log.size() + 1), at, bodies[what]});
    }
    check_sums(attendance(log, {}, at).value());
    log.push_back({the_call, Version(log.size() + 1), at, CallEnded{}});
    const Attendance ended = attendance(log, {}, at + 1h).value();
    check_sums(ended);
    for (const MemberAttendance& member : ended.members)
      for (const AttendanceInterval& i : member.intervals) RC_ASSERT(i.presence == Presence::over);
  });
}
