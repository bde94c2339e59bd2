// The rules' common ground. Where to find which rule:
//   decide.cpp             who may ask at all: limits, members, capabilities, expected version, calls that have ended
//   decide_start.cpp       start_call, invite, cancel_invite; busy, glare and re-call (race rules 5, 6, 7)
//   ringing.cpp            whom a ring reaches, group rings, hunting, call waiting (race rule 6, I6, I18)
//   decide_ring.cpp        ack_delivered, ack_alerting, accept, decline, silence, cancel_call (race rules 2, 3)
//   decide_hold.cpp        hold, resume, switch_device, transfer
//   decide_media_state.cpp set_media
//   decide_media.cpp       join of a member, leave, end_call, heartbeat
//   decide_room.cpp        create_room
//   decide_entry.cpp       a room's door: join of newcomers, knock (race rule 8)
//   decide_lobby.cpp       admit, admit_all, deny, set_lobby (race rule 9)
//   decide_moderation.cpp  kick, unban, mute (race rule 10)
//   decide_roles.cpp       set_role, request_role, lower_hand
//   decide_settings.cpp    lock, unlock, passcode, capacity, metadata, attributes, join codes
//   decide_recording.cpp   set_recording, consent
//   decide_provider.cpp    provider_event, renew_token, admin_end (race rules 12, 13)
//   decide_presence.cpp    device_online, device_offline, server_started
//   decide_timer.cpp       timer_fired (race rule 11)
//   endings.cpp            how legs and calls end
//   closing.cpp            how people are sent out and rooms end
// Rules look at the calls as they were before the command and say events; nothing here changes a call.
#pragma once

#include <span>
#include <vector>

#include "call/fold.hpp"
#include "zegocall/call/decide.hpp"

namespace zegocall::call_detail {

/// One command on its way through the rules, with the events that it has led to so far.
struct Turn {
  std::span<const CallView* const> calls;  ///< oldest first, then by id
  const Facts& facts;
  const Command& command;
  UnixTime now;
  std::vector<CallEvent>& events;
  RaceRule* deciding = nullptr;

  const Actor& by() const { return command.by; }

  /// Of several race rules the first that applies is the one that decided.
  void decides(RaceRule rule) const {
    if (deciding && *deciding == RaceRule::none) *deciding = rule;
  }

  /// Adds an event to `call`; one call's events are said in one run.
  template <class Body>
  void say(const CallView& call, Body body) {
    const bool goes_on = !events.empty() && events.back().call == call.id;
    const Version last = goes_on ? events.back().version : call.version;
    events.push_back({call.id, Version(last.value + 1), now, std::move(body)});
  }
};

/// decide() for a driver whose calls do not lie side by side.
Result<std::vector<CallEvent>> decide(std::span<const CallView* const> calls, const Facts& facts, const Command& command,
                                      UnixTime now, RaceRule* deciding = nullptr);

// ---- one rule per command. An Error is a refusal; success without events means that there was nothing to do. -----------

Result<void> rule(const StartCall& start, Turn& turn);
Result<void> rule(const CreateRoom& create, Turn& turn);
Result<void> rule(const DeviceOnline&, Turn& turn);
Result<void> rule(const DeviceOffline&, Turn& turn);

// The driver's own; the call may have ended.
Result<void> rule(const TimerFired& fired, Turn& turn, const CallView& call);
Result<void> rule(const ServerStarted&, Turn& turn, const CallView& call);
Result<void> rule(const ProviderWord& event, Turn& turn, const CallView& call);
Result<void> rule(const AdminEnd& end, Turn& turn, const CallView& call);

// Anybody's at a room's door, a member's of a ring call: the call lives, `leg` is the actor's newest leg in it, or null.
Result<void> rule(const Join& join, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Knock& knock, Turn& turn, const CallView& call, const LegView* leg);

// A member's: the call lives, `leg` is the actor's newest leg in it.
Result<void> rule(const AckDelivered&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const AckAlerting&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Accept&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Decline& decline, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Silence&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const CancelCall& cancel, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const CancelInvite& cancel, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Leave&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const EndCall& end, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Heartbeat&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Hold&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Resume&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Transfer& transfer, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const SwitchDevice&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const SetMedia& media, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const RenewToken&, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const RequestRole& request, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const LowerHand& lower, Turn& turn, const CallView& call, const LegView& leg);
Result<void> rule(const Consent& consent, Turn& turn, const CallView& call, const LegView& leg);

// Of whoever has the capability: the call lives, and the actor is in it or is the host of the room.
Result<void> rule(const Invite& invite, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Admit& admit, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const AdmitAll&, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Deny& deny, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Kick& kick, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Unban& unban, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetRole& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Mute& mute, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Lock&, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const Unlock&, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetLobby& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetPasscode& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetCapacity& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetMetadata& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetAttribute& set, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const AddJoinCode& add, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const RemoveJoinCode& remove, Turn& turn, const CallView& call, const LegView* leg);
Result<void> rule(const SetRecording& set, Turn& turn, const CallView& call, const LegView* leg);

/// The capability that a command of the last kind needs: the door asks for it.
constexpr Capability needed(const Invite&) { return Capability::invite; }
constexpr Capability needed(const Admit&) { return Capability::admit; }
constexpr Capability needed(const AdmitAll&) { return Capability::admit; }
constexpr Capability needed(const Deny&) { return Capability::admit; }
constexpr Capability needed(const Kick&) { return Capability::kick; }
constexpr Capability needed(const Unban&) { return Capability::ban; }
constexpr Capability needed(const SetRole&) { return Capability::assign_roles; }
constexpr Capability needed(const Mute&) { return Capability::mute; }
constexpr Capability needed(const Lock&) { return Capability::lock; }
constexpr Capability needed(const Unlock&) { return Capability::lock; }
constexpr Capability needed(const SetLobby&) { return Capability::lock; }
constexpr Capability needed(const SetPasscode&) { return Capability::passcode; }
constexpr Capability needed(const SetCapacity&) { return Capability::capacity; }
constexpr Capability needed(const SetMetadata&) { return Capability::metadata; }
constexpr Capability needed(const SetAttribute&) { return Capability::metadata; }
constexpr Capability needed(const AddJoinCode&) { return Capability::join_codes; }
constexpr Capability needed(const RemoveJoinCode&) { return Capability::join_codes; }
constexpr Capability needed(const SetRecording&) { return Capability::record; }

// ---- shared words --------------------------------------------------------------------------------------------------

/// Whether this device may act for a leg that was won: it holds it, or one of the two is not known, or it takes over.
bool speaks_for(const DeviceId& device, const LegView& leg);
/// The leg's link is lost, and its device was one without a name: another one of the kind is the same person coming back.
bool takes_over(const DeviceId& device, const LegView& leg);

/// This device now holds the leg: the person's other devices stop ringing. Nothing if the leg is bound or the device not known.
void bind(Turn& turn, const CallView& call, const LegView& leg, const DeviceId& device);

/// limit_exceeded if a text is longer than it may be, bad_utf8 if it is not UTF-8: it goes into the log.
Result<void> check_text(std::string_view text, std::size_t most, std::string_view field);
/// The number of the next leg.
std::uint32_t next_leg(const CallView& call);

bool is_online(const Facts& facts, const Actor& actor);
bool has_device_online(const Facts& facts, const UserId& user);

/// When this leg's clock is due; nothing if it does not run.
std::optional<UnixTime> deadline_of(const CallView& call, Timer timer, std::uint32_t leg);
/// When the ring of an unanswered call is over, whoever is rung.
std::optional<UnixTime> ring_deadline(const CallView& call);

}  // namespace zegocall::call_detail
