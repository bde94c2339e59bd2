// What a call is: the plain records that the engine decides about, stores keep and gateways translate.
// A call has legs (one per person), a leg has devices. A call is the fold of its events: CallView is what the events
// so far add up to. The rules that produce the events are in one place, src/call/decide*.cpp; docs/call-model.md
// explains them. All types here are values; thread-compatible.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// Who acts: a person, on a device. An empty device means that it is not known (an HTTP request without X-Device-Id);
/// a leg that such an actor wins stays unbound until a device of that person shows itself in the call.
struct Actor {
  UserId user{};
  DeviceId device{};
  bool operator==(const Actor&) const = default;
};

enum class Media : std::uint8_t { audio, video };

/// ringing: nobody has entered yet; active: somebody has been in; ended: for good.
enum class CallState : std::uint8_t { ringing, active, ended };

/// invited: rung, nobody heard it yet; alerting: a device rings; accepted: said yes and waits (the caller, while it
/// rings); joining: on the way into the media room; joined; reconnecting: link lost, in grace; final: over, with an outcome.
enum class LegState : std::uint8_t { invited, alerting, accepted, joining, joined, reconnecting, final };

enum class LegRole : std::uint8_t { caller, callee };

/// How a leg ended; exactly one per leg. The caller's leg of a call that nobody answered ends like the call.
enum class LegOutcome : std::uint8_t {
  completed,
  declined,
  busy,
  no_answer,
  unreachable,
  cancelled,
  join_failed,
  network_lost,
};

/// What a ringing device is told; exactly one per device that was rung.
enum class DeviceOutcome : std::uint8_t {
  answered_here,
  answered_elsewhere,
  declined_here,
  declined_elsewhere,
  cancelled,
  expired,
  silenced
};

enum class CallOutcome : std::uint8_t { answered, declined, no_answer, busy, unreachable, cancelled, failed };

/// Why an answered call ended.
enum class EndCause : std::uint8_t { hangup, last_left, alone_timeout, network_lost };

/// The clocks of a call. Each is an absolute deadline in the call; they survive a restart.
enum class Timer : std::uint8_t { ring, delivery, join, reconnect_grace, caller_gone, alone, empty };

/// What to do when two people call each other at once. `merge` has its place here and comes with group calls.
enum class GlarePolicy : std::uint8_t { busy };

/// Stable words for wires, stores and logs: name(Media::audio) == "audio".
std::string_view name(Media);
std::string_view name(CallState);
std::string_view name(LegState);
std::string_view name(LegRole);
std::string_view name(LegOutcome);
std::string_view name(DeviceOutcome);
std::string_view name(CallOutcome);
std::string_view name(EndCause);
std::string_view name(Timer);
std::string_view name(GlarePolicy);
/// The reverse of name(): the value that has this word, or nothing.
template <class Enum>
std::optional<Enum> from_name(std::string_view word);

/// True for an outcome that the person finds in the list of missed calls.
bool is_missed(LegOutcome outcome);

/// How calls behave. A call keeps the policy it was started with (it is part of call.created).
struct CallPolicy {
  std::chrono::milliseconds ring{std::chrono::seconds(60)};             ///< 5 to 600 s
  std::chrono::milliseconds delivery{std::chrono::seconds(10)};         ///< 2 to 60 s
  std::chrono::milliseconds join{std::chrono::seconds(30)};             ///< 5 to 120 s
  std::chrono::milliseconds reconnect_grace{std::chrono::seconds(30)};  ///< 0 to 300 s
  std::chrono::milliseconds alone{std::chrono::seconds(60)};            ///< 0 s to 30 min
  std::chrono::milliseconds empty{std::chrono::seconds(60)};            ///< 0 s to 24 h, not below restart_slack
  std::chrono::milliseconds restart_slack{
      std::chrono::seconds(15)};  ///< how long clients get to come back after a restart; 0 to 120 s
  GlarePolicy glare = GlarePolicy::busy;
  bool operator==(const CallPolicy&) const = default;
};
/// out_of_range with the field's name and its limits, or nothing wrong.
Result<void> check(const CallPolicy& policy);

/// What one call and one command may hold. A command past a limit is refused with limit_exceeded and the field's name.
struct CallLimits {
  static constexpr std::size_t id_bytes_max = 128;  ///< ids of people, devices, calls, commands
  static constexpr std::size_t topic_bytes_max = 128;
  static constexpr std::size_t note_bytes_max = 64;
  static constexpr std::size_t legs_max = 256;    ///< per call, final ones included
  static constexpr std::size_t devices_max = 64;  ///< rung per leg; further devices are not rung
};

/// One timer of one leg (leg 0 = the call itself) at one instant. The three together are the timer's generation: a
/// deadline that the call no longer has is stale and is dropped.
struct Deadline {
  Timer timer{};
  std::uint32_t leg = 0;
  UnixTime at{};
  auto operator<=>(const Deadline&) const = default;
};

/// A device that was rung for a leg.
struct DeviceView {
  DeviceId device{};
  bool delivered = false;
  bool alerting = false;
  std::optional<DeviceOutcome> outcome{};
  bool operator==(const DeviceView&) const = default;
};

/// One person's part in a call. A person who is invited again gets a new leg with a new number.
struct LegView {
  std::uint32_t number = 0;  ///< 1, 2, ... within the call
  UserId user{};
  LegRole role = LegRole::callee;
  LegState state = LegState::invited;
  DeviceId device{};  ///< the one device that holds the leg; empty = unbound
  std::vector<DeviceView> devices{};
  std::optional<LegOutcome> outcome{};
  UnixTime invited_at{};
  std::optional<UnixTime> alerting_at{}, accepted_at{}, joined_at{}, final_at{};
  bool delivered = false;
  bool operator==(const LegView&) const = default;
};

/// A call as its events so far add up to it.
struct CallView {
  CallId id{};
  Version version{};
  CallState state = CallState::ringing;
  Media media = Media::audio;
  UserId caller{};
  std::vector<LegView> legs{};  ///< the caller's first
  CallPolicy policy{};
  std::optional<CallOutcome> outcome{};
  std::optional<EndCause> end_cause{};
  UserId ended_by{};       ///< who hung up, declined or cancelled; empty where nobody did
  std::string end_note{};  ///< what EndCall or CancelCall said, at most 64 bytes
  std::string topic{};     ///< the host's own reference, given at the start (a chat id, for example)
  UnixTime created_at{};
  std::optional<UnixTime> answered_at{}, active_at{}, ended_at{};
  std::vector<Deadline> deadlines{};  ///< sorted by time
  bool operator==(const CallView&) const = default;

  const LegView* live_leg_of(const UserId& user) const;  ///< that person's leg that is not final, or null
  const LegView* last_leg_of(const UserId& user) const;  ///< that person's newest leg, or null
  bool has_member(const UserId& user) const;
  std::optional<UnixTime> next_deadline() const;
};

// ---- commands -------------------------------------------------------------------------------------------------------

/// Ring these people. A person who sits in another call makes it `busy`, and no call comes to be.
struct StartCall {
  std::vector<UserId> callees{};  ///< one; group rings come with their own issue
  Media media = Media::audio;
  std::string topic{};  ///< at most 128 bytes
};
struct Invite {
  UserId user{};
};                       ///< ring somebody (again) in a call that lives; not while another callee's leg lives
struct AckDelivered {};  ///< this device has the invitation
struct AckAlerting {};   ///< this device rings
struct Accept {};
struct Decline {
  bool busy = false;
};                  ///< busy: this device is in another conversation (a telephone's); the outcome is busy, not declined
struct Silence {};  ///< this device stops ringing; the leg goes on
struct CancelCall {
  std::string note{};
};               ///< the caller gives up before an answer
struct Join {};  ///< media entered
struct Leave {};
struct EndCall {
  std::string note{};
};                        ///< hang up for everybody; before the answer: the caller cancels, a callee declines
struct Heartbeat {};      ///< this device is in the call: ends a grace, binds an unbound leg
struct DeviceOnline {};   ///< concerns every call of the actor; Command::call is empty
struct DeviceOffline {};  ///< likewise
struct TimerFired {
  Deadline deadline{};
};                        ///< from the driver only
struct ServerStarted {};  ///< from the driver only, once per live call after a start

using CommandBody = std::variant<StartCall, Invite, AckDelivered, AckAlerting, Accept, Decline, Silence, CancelCall, Join, Leave,
                                 EndCall, Heartbeat, DeviceOnline, DeviceOffline, TimerFired, ServerStarted>;
/// "start_call", "accept", ...
std::string_view name(const CommandBody& body);

/// A wish, with its author. The same id from the same user gets the first answer again, and nothing happens twice.
struct Command {
  CommandId id{};
  Actor by{};
  CallId call{};  ///< empty: a new call for StartCall, every call of the actor for DeviceOnline and DeviceOffline
  CommandBody body{};
  std::optional<Version> expected{};  ///< refuse with stale_version unless the call has this version
};

// ---- events ---------------------------------------------------------------------------------------------------------

struct CallCreated {
  UserId caller{};
  DeviceId device{};
  Media media{};
  std::string topic{};
  CallPolicy policy{};
};  ///< makes leg 1, accepted
struct LegInvited {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime ring_until{};
};
struct DeviceRing {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  std::uint32_t attempt = 1;
};  ///< no device: the host's push hook
struct LegDelivered {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
struct LegAlerting {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
struct LegAccepted {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
struct DeviceDismiss {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  DeviceOutcome outcome{};
};  ///< answered_here binds the leg
struct LegJoining {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime join_until{};
};
struct LegJoined {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
struct LegReconnecting {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
};  ///< of a ringing call's caller: the caller_gone timer
struct LegResumed {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
struct LegFinal {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  LegOutcome outcome{};
};
struct CallActive {};
struct CallEnded {
  CallOutcome outcome{};
  std::optional<EndCause> cause{};
  UserId by{};
  std::string note{};
};  ///< always the last

using EventBody = std::variant<CallCreated, LegInvited, DeviceRing, LegDelivered, LegAlerting, LegAccepted, DeviceDismiss,
                               LegJoining, LegJoined, LegReconnecting, LegResumed, LegFinal, CallActive, CallEnded>;
/// "call.created", "leg.final", ...
std::string_view name(const EventBody& body);

/// Something that happened: the call's event number `version`.
struct CallEvent {
  CallId call{};
  Version version{};
  UnixTime at{};
  EventBody body{};
};
/// "v4 leg.accepted bob/phone": for people, not for parsing.
std::string to_string(const CallEvent& event);

}  // namespace zegocall
