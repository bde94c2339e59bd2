// A call is the fold of its events. This is the only code that changes a CallView; it decides nothing.
// Deadlines are part of the fold: an event that starts a clock states the instant, or the instant follows from the
// event's own time and the call's policy.
#include "call/fold.hpp"

#include <algorithm>
#include <tuple>

#include "zegocall/call/decide.hpp"

namespace zegocall {
namespace call_detail {

bool answered(const CallView& call) { return call.answered_at.has_value(); }

const LegView* leg_numbered(const CallView& call, std::uint32_t number) {
  return number >= 1 && number <= call.legs.size() ? &call.legs[number - 1] : nullptr;
}

const DeviceView* rung_device(const LegView& leg, const DeviceId& device) {
  const auto found =
      std::find_if(leg.devices.begin(), leg.devices.end(), [&](const DeviceView& d) { return d.device == device; });
  return found == leg.devices.end() ? nullptr : &*found;
}

Occupancy occupancy(const CallView& call) {
  Occupancy count;
  for (const LegView& leg : call.legs) {
    if (leg.state != LegState::final) ++count.live;
    if (leg.state == LegState::joined) ++count.joined;
  }
  return count;
}

bool alone_runs(const CallView& call) {
  const Occupancy count = occupancy(call);
  return answered(call) && call.state != CallState::ended && count.live == 1 && count.joined == 1;
}

bool empty_runs(const CallView& call) { return call.state == CallState::active && occupancy(call).joined == 0; }

bool sooner(const Deadline& a, const Deadline& b) { return std::tie(a.at, a.timer, a.leg) < std::tie(b.at, b.timer, b.leg); }

namespace {

class Fold {
 public:
  Fold(CallView& call, UnixTime at) : call_(call), at_(at) {}

  void operator()(const CallCreated& e) {
    call_.caller = e.caller;
    call_.media = e.media;
    call_.topic = e.topic;
    call_.policy = e.policy;
    call_.created_at = at_;
    call_.legs.reserve(2);
    LegView& leg = add_leg(e.caller, LegRole::caller, LegState::accepted);
    leg.device = e.device;
    leg.accepted_at = at_;
  }
  void operator()(const LegInvited& e) {
    add_leg(e.user, LegRole::callee, LegState::invited);
    start({Timer::ring, e.leg, e.ring_until});
    start({Timer::delivery, e.leg, at_ + call_.policy.delivery});
    run_call_timers();
  }
  void operator()(const DeviceRing& e) {
    if (!e.device.empty()) rung(leg(e.leg), e.device);
    if (e.attempt > 1) stop(Timer::delivery, e.leg);
  }
  void operator()(const LegDelivered& e) { deliver(leg(e.leg), e.device); }
  void operator()(const LegAlerting& e) {
    LegView& mine = leg(e.leg);
    deliver(mine, e.device);
    if (!e.device.empty()) rung(mine, e.device).alerting = true;
    if (mine.state == LegState::invited) mine.state = LegState::alerting;
    if (!mine.alerting_at) mine.alerting_at = at_;
  }
  void operator()(const LegAccepted& e) {
    LegView& mine = leg(e.leg);
    mine.state = LegState::accepted;
    mine.accepted_at = at_;
    if (!call_.answered_at) call_.answered_at = at_;
    bind(mine, e.device);
    stop_all_of(e.leg);
  }
  void operator()(const DeviceDismiss& e) {
    LegView& mine = leg(e.leg);
    // Only callees are rung; for a caller, answered_here just says which device holds the leg.
    if (mine.role == LegRole::callee) rung(mine, e.device).outcome = e.outcome;
    if (e.outcome == DeviceOutcome::silenced) deliver(mine, e.device);
    if (e.outcome == DeviceOutcome::answered_here) bind(mine, e.device);
  }
  void operator()(const LegJoining& e) {
    leg(e.leg).state = LegState::joining;
    stop_all_of(e.leg);
    start({Timer::join, e.leg, e.join_until});
    run_call_timers();
  }
  void operator()(const LegJoined& e) {
    LegView& mine = leg(e.leg);
    mine.state = LegState::joined;
    if (!mine.joined_at) mine.joined_at = at_;
    bind(mine, e.device);
    stop_all_of(e.leg);
    run_call_timers();
  }
  void operator()(const LegReconnecting& e) {
    leg(e.leg).state = LegState::reconnecting;
    stop_all_of(e.leg);
    start({answered(call_) ? Timer::reconnect_grace : Timer::caller_gone, e.leg, e.until});
    run_call_timers();
  }
  void operator()(const LegResumed& e) {
    LegView& mine = leg(e.leg);
    mine.state = answered(call_) ? LegState::joined : LegState::accepted;
    bind(mine, e.device);
    stop_all_of(e.leg);
    run_call_timers();
  }
  void operator()(const LegFinal& e) {
    LegView& mine = leg(e.leg);
    mine.state = LegState::final;
#ifdef ZEGOCALL_FAULT_FORGET_LEG_OUTCOME  // a planted fault; a test shows that it is caught
    if (e.outcome == LegOutcome::completed) return stop_all_of(e.leg), run_call_timers();
#endif
    mine.outcome = e.outcome;
    mine.final_at = at_;
    stop_all_of(e.leg);
    run_call_timers();
  }
  void operator()(const CallActive&) {
    call_.state = CallState::active;
    call_.active_at = at_;
  }
  void operator()(const CallEnded& e) {
    call_.state = CallState::ended;
    call_.outcome = e.outcome;
    call_.end_cause = e.cause;
    call_.ended_by = e.by;
    call_.end_note = e.note;
    call_.ended_at = at_;
    call_.deadlines.clear();
  }

 private:
  LegView& add_leg(const UserId& user, LegRole role, LegState state) {
    LegView& added = call_.legs.emplace_back();
    added.number = static_cast<std::uint32_t>(call_.legs.size());
    added.user = user;
    added.role = role;
    added.state = state;
    added.invited_at = at_;
    return added;
  }
  LegView& leg(std::uint32_t number) {
    ZC_ASSERT(number >= 1 && number <= call_.legs.size());
    return call_.legs[number - 1];
  }
  static DeviceView& rung(LegView& leg, const DeviceId& device) {
    for (DeviceView& known : leg.devices)
      if (known.device == device) return known;
    return leg.devices.emplace_back(DeviceView{.device = device});
  }
  void deliver(LegView& leg, const DeviceId& device) {
    leg.delivered = true;
    if (!device.empty()) rung(leg, device).delivered = true;
    stop(Timer::delivery, leg.number);
  }
  static void bind(LegView& leg, const DeviceId& device) {
    if (!device.empty()) leg.device = device;
  }

  void start(const Deadline& deadline) {
    auto& all = call_.deadlines;
    all.insert(std::upper_bound(all.begin(), all.end(), deadline, sooner), deadline);
  }
  void stop(Timer timer, std::uint32_t leg) {
    std::erase_if(call_.deadlines, [&](const Deadline& d) { return d.timer == timer && d.leg == leg; });
  }
  void stop_all_of(std::uint32_t leg) {
    std::erase_if(call_.deadlines, [&](const Deadline& d) { return d.leg == leg; });
  }
  /// `alone` and `empty` belong to the call as a whole: they start when their condition begins to hold.
  void run_call_timers() {
    run(Timer::alone, alone_runs(call_), call_.policy.alone);
    run(Timer::empty, empty_runs(call_), call_.policy.empty);
  }
  void run(Timer timer, bool wanted, std::chrono::milliseconds length) {
    const bool running =
        std::any_of(call_.deadlines.begin(), call_.deadlines.end(), [&](const Deadline& d) { return d.timer == timer; });
    if (wanted && !running) start({timer, 0, at_ + length});
    if (!wanted && running) stop(timer, 0);
  }

  CallView& call_;
  const UnixTime at_;
};

}  // namespace
}  // namespace call_detail

void apply(CallView& call, const CallEvent& event) {
  ZC_ASSERT(event.version.value == call.version.value + 1);
  if (event.version.value == 1) call.id = event.call;
  call.version = event.version;
  std::visit(call_detail::Fold(call, event.at), event.body);
}

Result<CallView> fold(std::span<const CallEvent> log) {
  CallView call;
  if (log.empty()) return fail(ErrorCode::store_corrupt, "a call's log is empty");
  for (const CallEvent& event : log) {
    if (auto why = call_detail::misfit(call, event))
      return fail_field(ErrorCode::store_corrupt, "v" + std::to_string(event.version.value), *why);
    apply(call, event);
  }
  return call;
}

}  // namespace zegocall
