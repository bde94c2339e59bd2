// What people, devices, the provider and the driver ask of a call.
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

/// Ring these people. A person who sits in another call makes it `busy`, and no call comes to be (or as BusyPolicy says).
struct StartCall {
  std::vector<UserId> callees{};  ///< 1 to CallPolicy::callees_max, nobody twice
  Media media = Media::audio;
  std::string topic{};                 ///< at most 128 bytes
  std::optional<RingPolicy> policy{};  ///< else CallPolicy::ring_policy
};
/// Makes a room of a template and what is to be different. The actor becomes its host; nobody is in yet.
struct CreateRoom {
  std::string from{"meeting"};  ///< a template of Facts::templates or of standard_templates()
  RoomOverrides settings{};
  std::vector<RoomMember> members{};  ///< invited, with a role (empty: the entry role)
  PasscodeStamp passcode{};           ///< 0 = none
  Media media = Media::video;
  std::string topic{};
};
/// Ring somebody (again) in a call that lives. In a room, `ring` false only lets them in.
struct Invite {
  UserId user{};
  RoleName role{};  ///< empty: the entry role
  bool ring = true;
};
struct CancelInvite {
  UserId user{};
};                       ///< the ring of one person stops; their leg ends `cancelled`
struct AckDelivered {};  ///< this device has the invitation
struct AckAlerting {};   ///< this device rings
struct Accept {};
struct Decline {
  bool busy = false;
};                  ///< busy: this device is in another conversation (a telephone's); the outcome is busy, not declined
struct Silence {};  ///< this device stops ringing; the leg goes on
struct CancelCall {
  std::string note{};
};  ///< the caller gives up before an answer

// ---- to come in and to go --------------------------------------------------------------------------------------------

/// Into a room: asks for a seat (and waits in the lobby if there is one). With a seat: media entered.
struct Join {
  bool consent = false;  ///< agrees to be recorded
};
struct Knock {
  std::string note{};
};  ///< asks to be let in where Join is refused, or just the same as Join where there is a lobby
struct Leave {};
struct EndCall {
  std::string note{};
};                    ///< hang up for everybody; before the answer: the caller cancels, a callee declines
struct Heartbeat {};  ///< this device is in the call: ends a grace, binds an unbound leg, renews a lease
struct Hold {};       ///< the own leg pauses
struct Resume {};
struct Transfer {
  UserId to{};
};                       ///< blind: `to` is rung in the actor's place
struct SwitchDevice {};  ///< the actor's device takes over the actor's leg
struct SetMedia {
  std::optional<bool> audio{}, video{}, screen{};
};                     ///< what this person sends from now on
struct RenewToken {};  ///< a new provider token was asked for and may be minted

// ---- in charge -------------------------------------------------------------------------------------------------------

struct Admit {
  UserId user{};
};
struct AdmitAll {};
struct Deny {
  UserId user{};
  std::optional<std::chrono::milliseconds> ban_for{};  ///< 0 = for as long as the room lives
};
struct Kick {
  UserId user{};
  std::optional<std::chrono::milliseconds> ban_for{};  ///< likewise; also for somebody who is not in
};
struct Unban {
  UserId user{};
};
struct SetRole {
  UserId user{};
  RoleName role{};
};  ///< "host" hands the room over
struct RequestRole {
  RoleName role{};
};  ///< raises the hand; empty: only to speak
struct LowerHand {
  UserId user{};
};  ///< empty: the own one
struct Mute {
  UserId user{};  ///< empty: everybody but `except`, oneself and those who outrank one
  Track track = Track::audio;
  MuteMode mode = MuteMode::ask;
  std::vector<UserId> except{};
};
struct Lock {};
struct Unlock {};
struct SetLobby {
  LobbyRule lobby{};
};
struct SetPasscode {
  PasscodeStamp passcode{};
};  ///< 0 = none; the service keeps the hash under this number
struct SetCapacity {
  std::uint32_t capacity = 0;
};
struct SetMetadata {
  std::string text{};
  std::optional<std::uint32_t> expected{};  ///< refuse with stale_version unless metadata_version is this
};
struct SetAttribute {
  std::string key{};
  std::optional<std::string> value{};       ///< nothing: remove
  std::optional<std::uint32_t> expected{};  ///< 0: must not be there yet
};
struct AddJoinCode {
  JoinCode code{};
};
struct RemoveJoinCode {
  JoinCodeId code{};
};
struct SetRecording {
  bool on = false;
};
struct Consent {
  bool given = false;
};

// ---- from devices, the provider and the driver -----------------------------------------------------------------------

struct DeviceOnline {};   ///< concerns every call of the actor; Command::call is empty
struct DeviceOffline {};  ///< likewise
/// From the driver only; Command::by is nobody.
struct ProviderWord {
  ProviderSaid said{};
  UserId user{};
  LoginId login{};          ///< which session of the person
  UnixTime at{};            ///< when it happened, by the provider's clock
  bool reconciled = false;  ///< not told, but found by asking: says reconcile.corrected
};
struct TimerFired {
  Deadline deadline{};
};                        ///< from the driver only
struct ServerStarted {};  ///< from the driver only, once per live call after a start
struct AdminEnd {
  std::string note{};
  EndCause cause = EndCause::ended_by_admin;  ///< or server_shutdown, provider_closed
};                                            ///< from the driver only

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
  CommandId id{};
  Actor by{};
  CallId call{};  ///< empty: a new call for StartCall and CreateRoom, every call of the actor for DeviceOnline and DeviceOffline
  CommandBody body{};
  std::optional<Version> expected{};  ///< refuse with stale_version unless the call has this version
};

}  // namespace zegocall
