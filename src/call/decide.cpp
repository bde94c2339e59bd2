// The door of the rules: what every command must pass before its own rule is asked. rules.hpp says which rule is where.
// Race rule 1 is the shape of all this: the driver hands over one command at a time, and "first" means first in that order.
#include <algorithm>
#include <array>

#include "base/planted_fault.hpp"
#include "base/utf8.hpp"
#include "call/endings.hpp"
#include "call/rules.hpp"

namespace zegocall {
namespace call_detail {
namespace {

const CallView* call_named(const Turn& turn) {
  for (const CallView* call : turn.calls)
    if (call->id == turn.command.call) return call;
  return nullptr;
}

Result<void> check_id(std::string_view id, const char* field, bool needed) {
  if (needed && id.empty()) return fail_field(ErrorCode::invalid_argument, field, "must not be empty");
  return check_text(id, CallLimits::id_bytes_max, field);
}

/// The ids that every command carries. Only the driver acts for nobody.
Result<void> check_ids(const Command& command) {
  const auto is_any = [&]<class... Body>(std::type_identity<Body>...) {
    return (std::holds_alternative<Body>(command.body) || ...);
  };
  const bool driver = is_any(std::type_identity<TimerFired>{}, std::type_identity<ServerStarted>{},
                             std::type_identity<ProviderWord>{}, std::type_identity<AdminEnd>{});
  const bool devices = is_any(std::type_identity<DeviceOnline>{}, std::type_identity<DeviceOffline>{});
  if (auto checked = check_id(command.id.view(), "id", false); !checked) return checked;
  if (auto checked = check_id(command.by.user.view(), "by.user", !driver); !checked) return checked;
  if (auto checked = check_id(command.by.device.view(), "by.device", devices); !checked) return checked;
  return check_id(command.call.view(), "call", !devices);
}

Result<void> check_expected(const Turn& turn, const CallView& call) {
  const auto& expected = turn.command.expected;
  if (!expected || *expected == call.version || ZC_PLANTED(ignore_expected_version)) return {};
  return fail_field(ErrorCode::stale_version, "expected",
                    "the call has version " + std::to_string(call.version.value) + ", not " + std::to_string(expected->value));
}

/// What a member hears who comes too late. To want out of a call that is over is already done; to want in is not possible.
template <class Body>
constexpr ErrorCode refused_after_end() {
  constexpr bool wants_out = std::is_same_v<Body, Decline> || std::is_same_v<Body, CancelCall> || std::is_same_v<Body, Leave> ||
                             std::is_same_v<Body, EndCall>;
  return wants_out ? ErrorCode::already_done : ErrorCode::invalid_state;
}

/// Whether it is too late for this command. A call that is ending still hears who goes, and who is there.
template <class Body>
bool is_over(const CallView& call) {
  constexpr bool heard = std::is_same_v<Body, Leave> || std::is_same_v<Body, Heartbeat>;
  return call.state == CallState::ended || (call.state == CallState::ending && !heard);
}

template <class Body>
Unexpected too_late(const Turn& turn, const CallView& call) {
  constexpr bool wants_in = std::is_same_v<Body, Join> || std::is_same_v<Body, Knock>;
  const bool at_the_door = wants_in && call.is_room();
  turn.decides(at_the_door ? RaceRule::door : RaceRule::answered_or_over);  // 2: cancel first, then accept
  const ErrorCode code = at_the_door ? ErrorCode::room_ended : refused_after_end<Body>();
  return fail(code, "the call has ended: " + std::string(ended_word(call)));
}

/// I18: somebody whose ring nobody hears does not know of it either.
bool is_told(const LegView& leg) { return !(leg.hidden && is_live(leg)); }

/// Whoever has a leg in the call, or had one.
template <class Body>
Result<void> ask_as_member(const Body& body, Turn& turn, const CallView& call) {
  const LegView* leg = call.last_leg_of(turn.by().user);
  if (!leg || !is_told(*leg)) return fail(ErrorCode::forbidden, "not a member of this call");
  if (auto checked = check_expected(turn, call); !checked) return checked;
  const bool spared = std::is_same_v<Body, Accept> && ZC_PLANTED(accept_after_cancel);
  if (is_over<Body>(call) && !spared) return too_late<Body>(turn, call);
  return rule(body, turn, call, *leg);
}

/// Anybody may come to a room's door; a ring call has none.
template <class Body>
Result<void> ask_at_the_door(const Body& body, Turn& turn, const CallView& call) {
  const LegView* leg = call.last_leg_of(turn.by().user);
  if (!leg && !call.is_room()) return fail(ErrorCode::forbidden, "not a member of this call");
  if (auto checked = check_expected(turn, call); !checked) return checked;
  if (is_over<Body>(call)) return too_late<Body>(turn, call);
  return rule(body, turn, call, leg);
}

/// I16, in one place: who does not have the capability changes nothing. Being on the way to the call is not being in it.
template <class Body>
Result<void> ask_in_charge(const Body& body, Turn& turn, const CallView& call) {
  const UserId& user = turn.by().user;
  const LegView* leg = call.last_leg_of(user);
  const bool host = call.is_room() && call.room->host == user;  // who has left a ring call is nobody there any more
  if (!leg && !host && !(call.room && call.room->member(user))) return fail(ErrorCode::forbidden, "not a member of this call");
  if (auto checked = check_expected(turn, call); !checked) return checked;
  if (is_over<Body>(call)) return too_late<Body>(turn, call);
  // Invite has more to say about each state of the leg.
  const bool in =
      leg && has_seat(*leg) && (call.is_room() || answered(call));  // a caller in grace is not in what nobody answered
  if (!std::is_same_v<Body, Invite> && !host && !in) return fail(ErrorCode::forbidden, "only from within the call");
  if (!may(call, user, needed(body)) && (host || (leg && is_live(*leg))))
    return fail(ErrorCode::forbidden, "needs the right: " + std::string(name(needed(body))));
  return rule(body, turn, call, leg);
}

template <class Body>
Result<void> ask(const Body& body, Turn& turn) {
  if constexpr (requires { rule(body, turn); }) {
    return rule(body, turn);
  } else {
    const CallView* call = call_named(turn);
    if (!call) return fail_field(ErrorCode::not_found, "call", "no such call");
    if constexpr (requires { rule(body, turn, *call); })
      return rule(body, turn, *call);
    else if constexpr (requires { needed(body); })
      return ask_in_charge(body, turn, *call);
    else if constexpr (std::is_same_v<Body, Join> || std::is_same_v<Body, Knock>)
      return ask_at_the_door(body, turn, *call);
    else
      return ask_as_member(body, turn, *call);
  }
}

/// A driver has the calls in any order, and a store may give them in another one each time; what is decided of somebody who
/// sits in several must not depend on it (I15). The rules see the oldest first.
bool is_older(const CallView* a, const CallView* b) {
  return a->created_at != b->created_at ? a->created_at < b->created_at : a->id < b->id;
}

}  // namespace

Result<std::vector<CallEvent>> decide(std::span<const CallView* const> calls, const Facts& facts, const Command& command,
                                      UnixTime now, RaceRule* deciding) {
  if (deciding) *deciding = RaceRule::none;
  if (auto checked = check_ids(command); !checked) return Unexpected{checked.error()};
  std::vector<const CallView*> sorted;
  if (!std::is_sorted(calls.begin(), calls.end(), is_older)) {
    sorted.assign(calls.begin(), calls.end());
    std::sort(sorted.begin(), sorted.end(), is_older);
    calls = sorted;
  }
  std::vector<CallEvent> events;
  events.reserve(4);
  Turn turn{calls, facts, command, now, events, deciding};
  const Result<void> decided = std::visit([&](const auto& body) { return ask(body, turn); }, command.body);
  if (!decided) return Unexpected{decided.error()};
  return events;
}

bool speaks_for(const DeviceId& device, const LegView& leg) {
  return device.empty() || leg.device.empty() || leg.device == device || takes_over(device, leg);
}

bool takes_over(const DeviceId& device, const LegView& leg) {
  return leg.state == LegState::reconnecting && device != leg.device && is_session_device(device) &&
         is_session_device(leg.device);
}

void bind(Turn& turn, const CallView& call, const LegView& leg, const DeviceId& device) {
  if (device.empty() || !leg.device.empty()) return;
  const DeviceView* known = rung_device(leg, device);
  // A silenced device has its outcome; it still holds the leg as soon as leg.accepted or leg.joined names it.
  if (!(known && known->outcome) && (known || leg.devices.size() < CallLimits::devices_max))
    turn.say(call, DeviceDismiss{leg.number, leg.user, device, DeviceOutcome::answered_here});
  for (const DeviceView& other : leg.devices)
    if (!other.outcome && other.device != device)
      turn.say(call, DeviceDismiss{leg.number, leg.user, other.device, DeviceOutcome::answered_elsewhere});
}

Result<void> check_text(std::string_view text, std::size_t most, std::string_view field) {
  if (text.size() > most)
    return fail_field(ErrorCode::limit_exceeded, std::string(field), "at most " + std::to_string(most) + " bytes");
  if (!base_detail::is_utf8(text)) return fail_field(ErrorCode::bad_utf8, std::string(field), "is not UTF-8");
  return {};
}

std::uint32_t next_leg(const CallView& call) { return static_cast<std::uint32_t>(call.legs.size() + 1); }

bool is_online(const Facts& facts, const Actor& actor) {
  for (const Actor& online : facts.online)
    if (online == actor) return true;
  return false;
}

bool has_device_online(const Facts& facts, const UserId& user) {
  for (const Actor& online : facts.online)
    if (online.user == user) return true;
  return false;
}

std::optional<UnixTime> deadline_of(const CallView& call, Timer timer, std::uint32_t leg) {
  for (const Deadline& deadline : call.deadlines)
    if (deadline.timer == timer && deadline.leg == leg) return deadline.at;
  return std::nullopt;
}

std::optional<UnixTime> ring_deadline(const CallView& call) {
  std::optional<UnixTime> last;
  for (const Deadline& deadline : call.deadlines)
    if (deadline.timer == Timer::ring) last = deadline.at;
  return last;
}

}  // namespace call_detail

Result<std::vector<CallEvent>> decide(std::span<const CallView> calls, const Facts& facts, const Command& command, UnixTime now,
                                      RaceRule* deciding) {
  std::vector<const CallView*> pointers;
  pointers.reserve(calls.size());
  for (const CallView& call : calls) pointers.push_back(&call);
  return call_detail::decide(std::span<const CallView* const>(pointers), facts, command, now, deciding);
}

namespace {
struct Concerned {
  const Actor& by;
  const CallView* call;
  using People = std::vector<UserId>;

  People operator()(const StartCall& start) const {
    People people{by.user};
    people.insert(people.end(), start.callees.begin(), start.callees.end());
    return people;
  }
  People operator()(const Invite& invite) const { return {invite.user}; }
  People operator()(const Transfer& transfer) const { return {transfer.to}; }
  People operator()(const DeviceOnline&) const { return {by.user}; }
  People operator()(const DeviceOffline&) const { return {by.user}; }
  People operator()(const Accept&) const { return {by.user}; }
  People operator()(const Join&) const { return {by.user}; }
  People operator()(const Knock&) const { return {by.user}; }
  People operator()(const Decline&) const { return next_hunted({}); }
  People operator()(const Leave&) const { return next_hunted({}); }
  People operator()(const EndCall&) const { return next_hunted({}); }
  People operator()(const CancelInvite&) const { return next_hunted({}); }
  People operator()(const Resume&) const { return {by.user}; }
  /// A lease asks whether its device is there; a ring that is over may pass on to the next one.
  People operator()(const TimerFired& fired) const {
    const LegView* leg = call ? call_detail::leg_numbered(*call, fired.deadline.leg) : nullptr;
    return next_hunted(leg && fired.deadline.timer == Timer::device_lease ? People{leg->user} : People{});
  }
  /// Nobody but those who are in the call.
  template <class Body>
  People operator()(const Body&) const {
    return {};
  }
  People next_hunted(People people) const {
    if (call && !call_detail::answered(*call)) people.insert(people.end(), call->hunt_next.begin(), call->hunt_next.end());
    return people;
  }
};
}  // namespace

std::vector<UserId> people_concerned(const Command& command, const CallView* call) {
  return std::visit(Concerned{command.by, call}, command.body);
}

}  // namespace zegocall
