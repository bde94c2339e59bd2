// What happened in a call, one fact each. A call is the fold of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "zegocall/call/call.hpp"

namespace zegocall {

// ---- the call --------------------------------------------------------------------------------------------------------

struct CallCreated {
  UserId caller{};
  DeviceId device{};
  Media media{};
  std::string topic{};
  CallPolicy policy{};
  std::vector<UserId> hunt_next{};  ///< RingPolicy::hunt: everybody but the first
  Box<RoomView> room{};             ///< of a room: how it begins
};                                  ///< of a ring call: makes leg 1, accepted
struct CallActive {};
struct CallEnding {
  EndCause cause{};
  UserId by{};
  std::string note{};
  UnixTime until{};
};  ///< its people have until then to go
struct CallEnded {
  CallOutcome outcome{};
  std::optional<EndCause> cause{};
  UserId by{};
  std::string note{};
  CallId merged_into{};
};  ///< always the last

// ---- legs and devices ------------------------------------------------------------------------------------------------

struct LegInvited {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime ring_until{};
  UserId by{};           ///< who invited; empty: the caller
  RoleName role{};       ///< empty: the one of a callee
  bool second = false;   ///< LegView::second
  bool hidden = false;   ///< LegView::hidden
  bool blocked = false;  ///< LegView::blocked
};                       ///< makes the leg; takes its person out of hunt_next
struct DeviceRing {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  std::uint32_t attempt = 1;
};  ///< no device: the host's push hook. Of a hidden leg (LegView::hidden) it is in the log only, and nobody may be rung
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
struct LegEntered {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  RoleName role{};
};  ///< somebody came to a room; makes the leg, accepted. leg.waiting or leg.joining follows
struct LegWaiting {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
  std::string note{};
};  ///< in the lobby
struct LegAdmitted {
  std::uint32_t leg = 0;
  UserId user{};
  UserId by{};
};  ///< leg.joining follows
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
  UserId by{};  ///< who sent them out; empty where nobody did
};
struct LegMoved {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};  ///< switch_device: now on this device; a share of the screen ends
struct LegHeld {
  std::uint32_t leg = 0;
  UserId user{};
  bool on = false;
};  ///< a share of the screen ends
struct LegMedia {
  std::uint32_t leg = 0;
  UserId user{};
  bool audio = false, video = false, screen = false;
};
struct LegLeased {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
};  ///< its device showed itself
struct LegLogin {
  std::uint32_t leg = 0;
  UserId user{};
  LoginId login{};
  UnixTime login_at{};
};  ///< the provider's session that the leg is known by

// ---- rooms and roles -------------------------------------------------------------------------------------------------

/// What changed in the room; everything else stays. At least one member is there.
struct RoomUpdated {
  UserId by{};
  std::optional<bool> locked{};
  std::optional<LobbyRule> lobby{};
  std::optional<std::uint32_t> capacity{};
  std::optional<PasscodeStamp> passcode{};
  std::optional<UserId> host{};
  std::optional<std::string> metadata{};  ///< metadata_version rises by one
  Box<Attribute> attribute{};             ///< now like this
  std::optional<std::string> attribute_removed{};
  Box<RoomMember> member{};  ///< invited, or the role noted
  Box<Ban> banned{};
  std::optional<UserId> unbanned{};
  Box<JoinCode> code{};  ///< now like this; none left: gone
  std::optional<JoinCodeId> code_removed{};
};
struct RoleChanged {
  std::uint32_t leg = 0;
  UserId user{};
  RoleName role{};
  UserId by{};
};
struct HandChanged {
  std::uint32_t leg = 0;
  UserId user{};
  bool raised = false;
  RoleName wants{};
  UserId by{};
};
struct MuteRequested {
  std::uint32_t leg = 0;
  UserId user{};
  Track track{};
  UserId by{};
};
struct MuteForced {
  std::uint32_t leg = 0;
  UserId user{};
  Track track{};
  UserId by{};
  bool lifted = false;
};
struct RecordingChanged {
  RecordingState state{};
  UserId by{};
};
struct ConsentChanged {
  std::uint32_t leg = 0;
  UserId user{};
  bool given = false;
};
struct TokenRenewed {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime token_until{};
};
struct TokenRevoked {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime not_before{};
};  ///< race rule 10: provider tokens from before are void
struct LimitWarning {
  std::uint32_t minutes_left = 0;
};
struct ReconcileCorrected {
  std::uint32_t leg = 0;  ///< 0: somebody who has no seat
  UserId user{};
  std::string what{};
};  ///< also race rule 13: in the media room without a seat, to be kicked there

using EventBody = std::variant<CallCreated, LegInvited, DeviceRing, LegDelivered, LegAlerting, LegAccepted, DeviceDismiss,
                               LegJoining, LegJoined, LegReconnecting, LegResumed, LegFinal, CallActive, CallEnded, CallEnding,
                               LegEntered, LegWaiting, LegAdmitted, LegMoved, LegHeld, LegMedia, LegLeased, LegLogin, RoomUpdated,
                               RoleChanged, HandChanged, MuteRequested, MuteForced, RecordingChanged, ConsentChanged,
                               TokenRenewed, TokenRevoked, LimitWarning, ReconcileCorrected>;
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

// `call.ringing` of the specification is call.created with leg.invited. `missed.added`, `server.draining` and
// `resync.required` belong to a person or a connection, not to a call's log: the service and the gateway say them.

}  // namespace zegocall
