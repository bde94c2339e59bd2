// What happened in a call, one fact each. A call is the fold of these. `leg` is LegView::number, `user` that leg's person, `by`
// who caused it (empty: nobody in particular), `device` empty where it is not known; instants are wall time in milliseconds.
// Nobody sends events: decide() says them, stores keep them, and a gateway tells those whom they concern after the commit.
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

/// The first of every log, "call.created". Of a ring call it makes leg 1, the caller's, accepted; of a room no leg.
struct CallCreated {
  UserId caller{};
  DeviceId device{};
  Media media{};
  std::string topic{};
  CallPolicy policy{};
  std::vector<UserId> hunt_next{};  ///< RingPolicy::hunt: everybody but the first
  Box<RoomView> room{};             ///< of a room: how it begins
};
/// "call.active": somebody has entered for the first time; max_duration counts from here.
struct CallActive {};
/// "call.ending": told to end, and somebody is in. Its people have until then to go (CallPolicy::ending).
struct CallEnding {
  EndCause cause{};
  UserId by{};  ///< who ends it; empty: a clock
  std::string note{};
  UnixTime until{};
};
/// "call.ended": always the last, and no leg lives any more.
struct CallEnded {
  CallOutcome outcome{};
  std::optional<EndCause> cause{};  ///< of answered calls that somebody was in
  UserId by{};                      ///< who ended it; empty: nobody did
  std::string note{};
  CallId merged_into{};  ///< of glare_merged: the call that goes on
};

// ---- legs and devices ------------------------------------------------------------------------------------------------

/// "leg.invited": makes the leg; takes its person out of hunt_next. device.ring follows, or leg.final busy.
struct LegInvited {
  std::uint32_t leg = 0;  ///< the new one's number
  UserId user{};
  UnixTime ring_until{};
  UserId by{};           ///< who invited; empty: the caller
  RoleName role{};       ///< empty: the one of a callee
  bool second = false;   ///< LegView::second
  bool hidden = false;   ///< LegView::hidden
  bool blocked = false;  ///< LegView::blocked
};
/// "device.ring": this device is to ring; without a device the host's push hook. Of a hidden leg (LegView::hidden) it is in
/// the log only, and nobody may be rung (I18).
struct DeviceRing {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  std::uint32_t attempt = 1;  ///< 2: the `delivery` timer rings once more
};
/// "leg.delivered": the device has the invitation.
struct LegDelivered {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "leg.alerting": the device rings.
struct LegAlerting {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "leg.accepted": a rung person said yes, on this device (empty: not known). Where all must answer, leg.joining comes with
/// the last yes.
struct LegAccepted {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "device.dismiss": what a rung device is told at last, exactly once (I2). answered_here binds the leg to the device (I3).
struct DeviceDismiss {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  DeviceOutcome outcome{};
};
/// "leg.entered": somebody came to a room; makes the leg, accepted. leg.waiting or leg.joining follows.
struct LegEntered {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
  RoleName role{};
};
/// "leg.waiting": in the lobby, until somebody in charge says so or the time is over (lobby_timeout).
struct LegWaiting {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
  std::string note{};  ///< what Knock said
};
/// "leg.admitted": let in from the lobby. leg.joining follows.
struct LegAdmitted {
  std::uint32_t leg = 0;
  UserId user{};
  UserId by{};
};
/// "leg.joining": has a seat and may enter the media room until then (else join_failed). A repeated one moves the end.
struct LegJoining {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime join_until{};
};
/// "leg.joined": in the media room.
struct LegJoined {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "leg.reconnecting": link lost; until then it can be found again (else network_lost). Of a ringing call's caller it is the
/// caller_gone timer. A share of the screen ends.
struct LegReconnecting {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
};
/// "leg.resumed": link found again, on this device.
struct LegResumed {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "leg.final": the person's part is over, exactly once per leg (I2).
struct LegFinal {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};  ///< the one that held it, or that said so
  LegOutcome outcome{};
  UserId by{};  ///< who sent them out; empty where nobody did
};
/// "leg.moved" (switch_device): the leg is on this device now. A share of the screen ends.
struct LegMoved {
  std::uint32_t leg = 0;
  UserId user{};
  DeviceId device{};
};
/// "leg.held": paused or gone on; a share of the screen ends.
struct LegHeld {
  std::uint32_t leg = 0;
  UserId user{};
  bool on = false;
};
/// "leg.media": what the person says to send from now on, all three.
struct LegMedia {
  std::uint32_t leg = 0;
  UserId user{};
  bool audio = false, video = false, screen = false;
};
/// "leg.leased": its device showed itself, and has to again before then (CallPolicy::device_lease).
struct LegLeased {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime until{};
};
/// "leg.login": the provider's session that the leg is known by from now on (race rule 12).
struct LegLogin {
  std::uint32_t leg = 0;
  UserId user{};
  LoginId login{};
  UnixTime login_at{};
};

// ---- rooms and roles -------------------------------------------------------------------------------------------------

/// "room.updated": what changed in the room; everything else stays. At least one member is there.
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
/// "role.changed": of somebody who is there; what it takes away ends with token.revoked and leg.media.
struct RoleChanged {
  std::uint32_t leg = 0;
  UserId user{};
  RoleName role{};
  UserId by{};
};
/// "hand.changed": raised, with the role that is wished for, or lowered.
struct HandChanged {
  std::uint32_t leg = 0;
  UserId user{};
  bool raised = false;
  RoleName wants{};  ///< empty: only to speak
  UserId by{};
};
/// "mute.requested": somebody in charge asks; the state does not change.
struct MuteRequested {
  std::uint32_t leg = 0;
  UserId user{};
  Track track{};
  UserId by{};
};
/// "mute.forced": the track is off and may not be sent until `lifted`, however the person leaves and comes back.
struct MuteForced {
  std::uint32_t leg = 0;
  UserId user{};
  Track track{};
  UserId by{};
  bool lifted = false;
};
/// "recording.changed": nothing is recorded unless it is `on`; the host records, not the library.
struct RecordingChanged {
  RecordingState state{};
  UserId by{};
};
/// "consent.changed": agreed to be recorded, or not.
struct ConsentChanged {
  std::uint32_t leg = 0;
  UserId user{};
  bool given = false;
};
/// "token.renewed": this person's next provider token may last until then; ask for one.
struct TokenRenewed {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime token_until{};
};
/// "token.revoked" (race rule 10): provider tokens of this person from before are void. Kick, ban, loss of rights.
struct TokenRevoked {
  std::uint32_t leg = 0;
  UserId user{};
  UnixTime not_before{};
};
/// "limit.warning": so many minutes are left of max_duration; at 5 and at 1.
struct LimitWarning {
  std::uint32_t minutes_left = 0;
};
/// "reconcile.corrected": what the provider holds was another thing than what we held. Also race rule 13: in the media room
/// without a seat, to be kicked there.
struct ReconcileCorrected {
  std::uint32_t leg = 0;  ///< 0: somebody who has no seat
  UserId user{};
  std::string what{};
};

/// One of all these.
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
// `resync.required` belong to a person or a connection, not to a call's log: missed calls are read from PeopleService, the hub
// says `server_draining` to its sockets and calls Namespace::on_resync.

}  // namespace zegocall
