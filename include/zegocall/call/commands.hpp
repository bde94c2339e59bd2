// What people, devices, the provider and the driver ask of a call.
//
// Every command passes one door first, and each may be refused there: invalid_argument or limit_exceeded (an id is missing
// or longer than CallLimits::id_bytes_max), not_found (no such call), forbidden (not a member, or the right is missing),
// stale_version (Command::expected). Once the call is over: already_done for who wants out of it (decline, cancel_call,
// leave, end_call), room_ended for who wants into a room, else invalid_state. What is said below comes beside these. A
// refusal changes nothing; success without an event means that there was nothing to do. Who may: a person of the call,
// unless a right (Capability, see roles.hpp) is named; in charge are those who have it and are in, and a room's host also
// from outside. Rules: docs/call-model.md; answers in every situation: docs/call-model-table.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "zegocall/call/call.hpp"

namespace zegocall {

// ---- to start and to ring --------------------------------------------------------------------------------------------

/// Ring these people. A person who sits in another call makes it `busy`, and no call comes to be (or as BusyPolicy says);
/// two who call each other: GlarePolicy. Anybody. rate_limited, limit_exceeded, invalid_argument. Race rules 5, 6 and 7.
struct StartCall {
  std::vector<UserId> callees{};  ///< 1 to CallPolicy::callees_max, nobody twice
  Media media = Media::audio;
  std::string topic{};                 ///< at most 128 bytes
  std::optional<RingPolicy> policy{};  ///< else CallPolicy::ring_policy
};
/// Makes a room of a template and what is to be different. The actor becomes its host; nobody is in yet. Anybody.
/// invalid_argument, out_of_range or limit_exceeded with the member's path.
struct CreateRoom {
  std::string from{"meeting"};  ///< a template of Facts::templates or of standard_templates()
  RoomOverrides settings{};
  std::vector<RoomMember> members{};  ///< invited, with a role (empty: the entry role)
  PasscodeStamp passcode{};           ///< 0 = none
  Media media = Media::video;
  std::string topic{};  ///< at most 128 bytes
};
/// Ring somebody (again) in a call that lives. In a room, `ring` false only lets them in. Needs `invite`. busy (in another
/// call), already_done (in this one), banned, room_locked, forbidden (field "role": above the actor's own).
struct Invite {
  UserId user{};
  RoleName role{};  ///< empty: the entry role
  bool ring = true;
};
/// The ring of one person stops; their leg ends `cancelled`. Needs `invite`; the caller also before the answer. not_found
/// (never rung), already_done (rings no more).
struct CancelInvite {
  UserId user{};
};
/// This device has the invitation: `unreachable` becomes `no_answer`, and nobody is rung a second time. Once per device.
/// already_done when the leg rings no more.
struct AckDelivered {};
/// This device rings (and so has the invitation). Once per device; already_done when the leg rings no more.
struct AckAlerting {};
/// Yes. The first device wins (race rules 2 and 3): another one is told already_done, one that comes after the end of the
/// ring invalid_state with the outcome. An answer is an entry: banned, room_full, room_locked and passcode_* may refuse it.
struct Accept {};
/// No. On one device it is the person's no, or that device's (DeclinePolicy; race rule 4). After an accept already_done: it
/// is no hang-up.
struct Decline {
  bool busy = false;  ///< this device is in another conversation (a telephone's); the outcome is busy, not declined
};
/// This device stops ringing; the leg goes on, and it may still accept. invalid_argument without a device.
struct Silence {};
/// The caller gives up before an answer; callees find it among their missed calls. Only the caller; already_done after it.
struct CancelCall {
  std::string note{};  ///< at most 64 bytes; kept as CallView::end_note
};

// ---- to come in and to go --------------------------------------------------------------------------------------------

/// Into a room: asks for a seat (and waits in the lobby if there is one). With a seat: media entered, or back out of a
/// grace. At a room's door, in the order of race rule 8: room_ended, not_started, banned, passcode_*, not_invited,
/// room_locked, room_full; busy (in another call). With a seat: banned, already_done (another device holds the leg).
struct Join {
  bool consent = false;  ///< agrees to be recorded; forbidden (field "consent") where that is asked and not given
};
/// Asks to be let in where Join is refused, or just the same as Join where there is a lobby. Anybody; a second knock is
/// nothing. Refused like Join, but for not_invited where RoomSettings::knock is set and the room is private.
struct Knock {
  std::string note{};  ///< for those who let in; at most 64 bytes
};
/// Out of the call, or out of the lobby: the leg ends `completed`. Before the answer it cancels or declines. already_done
/// from a device that does not hold the leg.
struct Leave {};
/// Hang up for everybody; before the answer: the caller cancels, a callee declines. Needs `end_call`, but of two people in
/// a ring call each may. From within the call, a room's host too: from outside the driver says AdminEnd for them.
struct EndCall {
  std::string note{};  ///< at most 64 bytes; kept as CallView::end_note
};
/// This device is in the call: ends a grace, binds an unbound leg, renews a lease. Never refused while the call lives.
struct Heartbeat {};
/// The own leg pauses: it gives up its seat for another call (race rule 6). Only who is in, from the device that holds it.
struct Hold {};
/// The leg goes on. busy if the person sits in another call that cannot be held in its turn.
struct Resume {};
/// Blind: `to` is rung in the actor's place and with the actor's role; the actor is gone at once (`transferred`). Needs
/// `transfer`, and somebody who stays. Refused like Invite.
struct Transfer {
  UserId to{};
};
/// The actor's device takes over the actor's leg, also out of a grace. invalid_argument without a device; invalid_state
/// without a seat.
struct SwitchDevice {};
/// What this person sends from now on; nothing: as before. Needs `speak`, `camera`, `screen` to send more, nothing to send
/// less. forbidden (field: the track; also muted by force), invalid_state (not in, on hold, somebody else shares).
struct SetMedia {
  std::optional<bool> audio{}, video{}, screen{};
};
/// A new provider token was asked for and may be minted. Whoever has a seat; banned, invalid_state (no seat, or
/// CallPolicy::token_lifetime is 0).
struct RenewToken {};

// ---- in charge -------------------------------------------------------------------------------------------------------

/// Lets somebody in from the lobby. Needs `admit`. not_found (has not knocked), already_done (waits no more), banned,
/// room_locked, room_full. Race rule 9: by such a word and nothing else.
struct Admit {
  UserId user{};
};
/// Lets in as many as there are seats, in the order in which they came. Needs `admit`. The first one's reason if nobody
/// could be let in.
struct AdmitAll {};
/// Not let in: the leg in the lobby ends `denied`. Needs `admit`, with `ban_for` also `ban`. not_found, already_done.
struct Deny {
  UserId user{};
  std::optional<std::chrono::milliseconds> ban_for{};  ///< 0 to 365 days; 0 = for as long as the room lives
};
/// Sends somebody out; their tokens from before are void (race rule 10). Needs `kick`, with `ban_for` also `ban`, and the
/// smaller rank. not_found (not in, and no ban is wanted).
struct Kick {
  UserId user{};
  std::optional<std::chrono::milliseconds> ban_for{};  ///< as in Deny; also for somebody who is not in
};
/// Takes a ban back. Needs `ban`. already_done if there is none.
struct Unban {
  UserId user{};
};
/// Gives somebody another role, also for when they come again; "host" hands the room over. Needs `assign_roles`, for host
/// `hand_over`, and the smaller rank; nobody gives one above their own. Lost rights end what they allowed, tokens included.
struct SetRole {
  UserId user{};
  RoleName role{};  ///< a standard one or the room's own; else invalid_argument
};
/// Raises the hand. Whoever is in.
struct RequestRole {
  RoleName role{};  ///< wished for; empty: only to speak
};
/// Lowers a hand. The own one; somebody else's needs `mute` and the smaller rank.
struct LowerHand {
  UserId user{};  ///< empty: the own one
};
/// Asks to fall silent, makes silent, or lifts that. Needs `mute` and the smaller rank. not_found (not in).
struct Mute {
  UserId user{};  ///< empty: everybody but `except`, oneself and those who outrank one
  Track track = Track::audio;
  MuteMode mode = MuteMode::ask;
  std::vector<UserId> except{};  ///< at most CallLimits::members_max
};
/// Nobody new comes in, by whatever way; a ring call takes in nobody else either. Needs `lock`.
struct Lock {};
/// Takes the lock back. Needs `lock`.
struct Unlock {};
/// Who has to wait from now on; those who wait already go on waiting (race rule 9). Needs `lock`. Rooms only.
struct SetLobby {
  LobbyRule lobby{};
};
/// Another passcode, or none. Whoever is in stays in; what was typed before counts no more. Needs `passcode`. Rooms only.
struct SetPasscode {
  PasscodeStamp passcode{};  ///< 0 = none; the service keeps the hash under this number
};
/// Needs `capacity`. Rooms only. out_of_range below the seats that are taken (I5).
struct SetCapacity {
  std::uint32_t capacity = 0;  ///< seats; 1 to CallLimits::capacity_max
};
/// The one text that the people of a call share. Needs `metadata`.
struct SetMetadata {
  std::string text{};                       ///< at most CallLimits::metadata_bytes_max bytes
  std::optional<std::uint32_t> expected{};  ///< refuse with stale_version unless metadata_version is this
};
/// One named value that the people of a call share. Needs `metadata`.
struct SetAttribute {
  std::string key{};                        ///< 1 to CallLimits::key_bytes_max bytes
  std::optional<std::string> value{};       ///< nothing: remove; else at most CallLimits::value_bytes_max bytes
  std::optional<std::uint32_t> expected{};  ///< of this attribute, else stale_version; 0: must not be there yet
};
/// A code that lets in and carries a role, for a time. Needs `join_codes`; the role is not above the actor's own, and not
/// host. Rooms only. already_exists, out_of_range (see JoinCode).
struct AddJoinCode {
  JoinCode code{};
};
/// The code is good no more; who came with it stays. Needs `join_codes`. already_done if there is none.
struct RemoveJoinCode {
  JoinCodeId code{};
};
/// The recording flag. Needs `record`. Where consent is asked, it begins when everybody who is in has agreed.
struct SetRecording {
  bool on = false;
};
/// Agrees to be recorded, or not; a no ends a recording. Whoever is in, on the way in or in the lobby.
struct Consent {
  bool given = false;
};

// ---- from devices, the provider and the driver -----------------------------------------------------------------------

/// The device has a connection: rings it where its person is rung, and ends a grace that waits for it. Concerns every call
/// of the actor; Command::call is empty, and the device is named.
struct DeviceOnline {};
/// The device has none any more: a leg that it held goes into grace, the caller's of a call that rings too. As DeviceOnline.
struct DeviceOffline {};
/// What the provider told of its media room (race rules 12 and 13). From the driver only; Command::by is nobody. An old or
/// repeated one is nothing; of somebody without a seat it says reconcile.corrected.
struct ProviderWord {
  ProviderSaid said{};
  UserId user{};            ///< empty for room_closed
  LoginId login{};          ///< which session of the person
  UnixTime at{};            ///< when it happened, by the provider's clock
  UnixTime logged_in{};     ///< when that session began, by the same clock; the epoch where it is not known
  bool reconciled = false;  ///< not told, but found by asking: says reconcile.corrected
};
/// A clock has run out. From the driver only. One that the call no longer lists, or that is not due, is nothing (race rule 11).
struct TimerFired {
  Deadline deadline{};
};
/// Links are lost and clients get CallPolicy::restart_slack to come back. From the driver only, once per live call after a
/// start.
struct ServerStarted {};
/// The operator ends the call, whatever its state; no `ending` time. From the driver only. already_done once it has ended.
struct AdminEnd {
  std::string note{};                         ///< at most 64 bytes; kept as CallView::end_note
  EndCause cause = EndCause::ended_by_admin;  ///< or server_shutdown, provider_closed; else invalid_argument
};

/// One of all these.
using CommandBody =
    std::variant<StartCall, Invite, AckDelivered, AckAlerting, Accept, Decline, Silence, CancelCall, Join, Leave, EndCall,
                 Heartbeat, DeviceOnline, DeviceOffline, TimerFired, ServerStarted, CreateRoom, CancelInvite, Knock, Hold, Resume,
                 Transfer, SwitchDevice, SetMedia, RenewToken, Admit, AdmitAll, Deny, Kick, Unban, SetRole, RequestRole,
                 LowerHand, Mute, Lock, Unlock, SetLobby, SetPasscode, SetCapacity, SetMetadata, SetAttribute, AddJoinCode,
                 RemoveJoinCode, SetRecording, Consent, ProviderWord, AdminEnd>;
/// "start_call", "accept", ...
std::string_view name(const CommandBody& body);

/// A wish, with its author. The same id from the same user gets the first answer again, and nothing happens twice.
struct Command {
  CommandId id{};  ///< chosen by whoever asks, at most 128 bytes; empty: not remembered (race rule 14)
  Actor by{};
  CallId call{};  ///< empty: a new call for StartCall and CreateRoom, every call of the actor for DeviceOnline and DeviceOffline
  CommandBody body{};
  std::optional<Version> expected{};  ///< refuse with stale_version unless the call has this version
};

}  // namespace zegocall
