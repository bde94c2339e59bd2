// What must hold of every call after every command (docs/call-model.md, "Invariants"), and of every log that is read.
#include <algorithm>
#include <set>

#include "call/fold.hpp"
#include "zegocall/call/decide.hpp"

namespace zegocall {
namespace call_detail {
namespace {

using Wrong = std::optional<std::string>;

std::string of_leg(const LegView& leg, std::string_view what) {
  return "leg " + std::to_string(leg.number) + " (" + std::string(name(leg.state)) + ") " + std::string(what);
}

bool runs(const CallView& call, Timer timer, std::uint32_t leg) {
  return std::any_of(call.deadlines.begin(), call.deadlines.end(),
                     [&](const Deadline& d) { return d.timer == timer && d.leg == leg; });
}

bool any_ring(const CallView& call) {
  return std::any_of(call.deadlines.begin(), call.deadlines.end(), [](const Deadline& d) { return d.timer == Timer::ring; });
}

/// I2 and I3: one outcome per leg, one per rung device, at most one device that won.
Wrong wrong_outcome(const LegView& leg) {
  const bool over = leg.state == LegState::final;
  if (over != leg.outcome.has_value()) return of_leg(leg, over ? "has no outcome" : "has an outcome already");
  if (over != leg.final_at.has_value()) return of_leg(leg, "and its end time disagree");
  std::size_t won = 0;
  for (const DeviceView& device : leg.devices) {
    if (device.outcome == DeviceOutcome::answered_here && ++won > 1) return of_leg(leg, "was won by two devices");
    if (device.outcome == DeviceOutcome::answered_here && device.device != leg.device && !leg.moved)
      return of_leg(leg, "is not held by the winner");
    if (!device.outcome && (over || !leg.device.empty()))
      return of_leg(leg, "leaves " + device.device.str() + " without an outcome");
  }
  return {};
}

/// I10, first half: a live leg has the clock that can end it. A joined leg ends by its people or with its device; alone
/// in the call it has `alone`.
Wrong wrong_timer(const CallView& call, const LegView& leg) {
  const auto must_run = [&](Timer timer) -> Wrong {
    if (runs(call, timer, leg.number)) return {};
    return of_leg(leg, "has no " + std::string(name(timer)) + " timer");
  };
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return must_run(Timer::ring);
    case LegState::accepted:
      if (answered(call)) return of_leg(leg, "still waits in an answered call");
      if (!any_ring(call)) return of_leg(leg, "waits while nobody is rung");
      return {};
    case LegState::joining: return must_run(Timer::join);
    case LegState::waiting: return must_run(Timer::lobby);
    case LegState::reconnecting: return must_run(answered(call) ? Timer::reconnect_grace : Timer::caller_gone);
    case LegState::joined: return call.policy.device_lease.count() > 0 ? must_run(Timer::device_lease) : Wrong{};
    case LegState::final: return {};
  }
  return {};
}

/// I10, second half: a deadline has an owner in the state that the clock is for.
bool has_owner(const CallView& call, const Deadline& deadline) {
  const LegView* leg = leg_numbered(call, deadline.leg);
  const auto in = [&](LegState state) { return leg && leg->state == state; };
  switch (deadline.timer) {
    case Timer::ring: return in(LegState::invited) || in(LegState::alerting);
    case Timer::delivery: return in(LegState::invited) && !leg->delivered;
    case Timer::join: return in(LegState::joining);
    case Timer::reconnect_grace: return in(LegState::reconnecting) && answered(call);
    case Timer::caller_gone: return in(LegState::reconnecting) && !answered(call) && leg->role == LegRole::caller;
    case Timer::alone: return deadline.leg == 0 && alone_runs(call);
    case Timer::empty: return deadline.leg == 0 && empty_runs(call);
    case Timer::lobby: return in(LegState::waiting);
    case Timer::host_absent: return deadline.leg == 0 && host_absent_runs(call);
    case Timer::max_duration:
    case Timer::warning: return deadline.leg == 0 && call.state == CallState::active && duration_end(call);
    case Timer::device_lease: return in(LegState::joined);
    case Timer::token_renew: return leg && leg->token_until && is_live(*leg);
    case Timer::ending: return deadline.leg == 0 && call.state == CallState::ending;
    case Timer::no_show: return deadline.leg == 0 && no_show_runs(call);
  }
  return false;
}

Wrong wrong_deadlines(const CallView& call) {
  if (!std::is_sorted(call.deadlines.begin(), call.deadlines.end(), sooner)) return "deadlines are not sorted";
  for (auto d = call.deadlines.begin(); d != call.deadlines.end(); ++d) {
    if (!has_owner(call, *d))
      return "timer " + std::string(name(d->timer)) + " of leg " + std::to_string(d->leg) + " has no owner";
    for (auto other = d + 1; other != call.deadlines.end(); ++other)
      if (d->timer == other->timer && d->leg == other->leg) return "timer " + std::string(name(d->timer)) + " runs twice";
  }
  if (alone_runs(call) && !runs(call, Timer::alone, 0)) return "one is alone without a timer";
  if (empty_runs(call) && !runs(call, Timer::empty, 0)) return "an active call is empty without a timer";  // I7
  if (no_show_runs(call) && !runs(call, Timer::no_show, 0)) return "nobody has come, and no timer runs";
  if (host_absent_runs(call) && !runs(call, Timer::host_absent, 0)) return "the host is absent without a timer";
  if (call.state == CallState::ending && !runs(call, Timer::ending, 0)) return "the call is ending without a timer";
  if (call.state == CallState::active && duration_end(call) && !runs(call, Timer::max_duration, 0))
    return "a limited call has no max_duration timer";
  return {};
}

/// I4, and that legs are numbered in their order.
Wrong wrong_legs(const CallView& call) {
  std::set<UserId> seated;
  for (std::size_t i = 0; i < call.legs.size(); ++i) {
    const LegView& leg = call.legs[i];
    if (leg.number != i + 1) return of_leg(leg, "has another number than its place");
    if (is_live(leg) && !seated.insert(leg.user).second) return of_leg(leg, "is a second one of a person");
    if (auto wrong = wrong_outcome(leg)) return wrong;
    if (auto wrong = wrong_timer(call, leg)) return wrong;
  }
  return {};
}

/// The counts that the fold keeps are those of the legs, and there is a seat for everybody (I5).
Wrong wrong_counts(const CallView& call) {
  if (call.index.covered() == call.legs.size()) {
    if (call.index.counts != counted(call)) return "the counts are not those of the legs";
    if (call.index.call_timers != call_timers(call)) return "the call's timers are not those of its deadlines";
  }
  if (counted(call).seats() > call.room_view().settings.capacity) return "more seats are taken than there are";
  return {};
}

Wrong wrong_state(const CallView& call) {
  const bool ended = call.state == CallState::ended;
  const std::uint32_t live = counted(call).live;
  if (ended != call.outcome.has_value() || ended != call.ended_at.has_value()) return "state and outcome of the call disagree";
  if (ended && live > 0) return "the call has ended with live legs";
  if (!ended && live == 0 && !call.is_room()) return "the call lives without a live leg";
  if (call.is_room() != call.room.has_value() && call.is_room()) return "a room without its settings";
  if (call.state == CallState::waiting && !call.is_room()) return "only a room waits for its first one";
  if (ended && !call.deadlines.empty()) return "the call has ended with a timer";
  if (call.end_cause && call.outcome != CallOutcome::answered && call.state != CallState::ending)
    return "only an answered call has a cause";
  if (call.outcome == CallOutcome::answered && (!call.end_cause || !answered(call)))
    return "answered, but by nobody or for no cause";
  if (call.state == CallState::active && !call.active_at) return "active since never";
  if ((call.state == CallState::ringing || call.state == CallState::waiting) && call.active_at)
    return "ringing, but somebody has been in";
  if (call.active_at && !answered(call)) return "active without an answer";
  return {};
}

/// The leg that an event speaks of, where it speaks of one that must exist.
struct Subject {
  std::uint32_t leg = 0;
  const UserId* user = nullptr;
};
struct SubjectOf {
  template <class Body>
  Subject operator()(const Body& body) const {
    if constexpr (requires { body.leg; } && !std::is_same_v<Body, LegInvited> && !std::is_same_v<Body, LegEntered>)
      // Somebody without a seat was found in the media room (race rule 13).
      return std::is_same_v<Body, ReconcileCorrected> && body.leg == 0 ? Subject{} : Subject{body.leg, &body.user};
    else
      return {};
  }
};

}  // namespace

std::optional<std::string> misfit(const CallView& call, const CallEvent& event) {
  if (event.version.value != call.version.value + 1) return "the version before is " + std::to_string(call.version.value);
  const bool first = event.version.value == 1;
  if (first != std::holds_alternative<CallCreated>(event.body)) return "a call begins with one call.created";
  if (first) return {};
  if (event.call != call.id) return "belongs to another call";
  if (call.state == CallState::ended) return "the call has ended";  // I1
  const auto* invited = std::get_if<LegInvited>(&event.body);
  const auto* entered = std::get_if<LegEntered>(&event.body);
  if ((invited && invited->leg != call.legs.size() + 1) || (entered && entered->leg != call.legs.size() + 1))
    return "the next leg has another number";
  const Subject subject = std::visit(SubjectOf{}, event.body);
  if (!subject.user) return {};
  const LegView* leg = leg_numbered(call, subject.leg);
  if (!leg) return "there is no such leg";
  if (leg->user != *subject.user) return "the leg is somebody else's";
  if (leg->state == LegState::final) return "the leg is final";  // I1
  return {};
}

}  // namespace call_detail

std::optional<std::string> inconsistency(const CallView& call) {
  using namespace call_detail;
  if (call.version.value == 0 || (call.legs.empty() && !call.is_room())) return "the call was never created";
  if (auto wrong = wrong_counts(call)) return wrong;
  if (auto wrong = wrong_state(call)) return wrong;
  if (auto wrong = wrong_legs(call)) return wrong;
  return wrong_deadlines(call);
}

}  // namespace zegocall
