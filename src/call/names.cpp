// The stable words of the call model. Wires, stores and logs depend on them: a word never changes.
#include <cstdint>

#include "zegocall/call/decide.hpp"

namespace zegocall {

// Every switch is exhaustive; a value outside the enum has no word, and from_name() counts on that.

std::string_view name(Media value) {
  switch (value) {
    case Media::audio: return "audio";
    case Media::video: return "video";
  }
  return {};
}

std::string_view name(CallKind value) {
  switch (value) {
    case CallKind::ring: return "ring";
    case CallKind::room: return "room";
  }
  return {};
}

std::string_view name(CallState value) {
  switch (value) {
    case CallState::ringing: return "ringing";
    case CallState::active: return "active";
    case CallState::ended: return "ended";
    case CallState::waiting: return "waiting";
    case CallState::ending: return "ending";
  }
  return {};
}

std::string_view name(LegState value) {
  switch (value) {
    case LegState::invited: return "invited";
    case LegState::alerting: return "alerting";
    case LegState::accepted: return "accepted";
    case LegState::joining: return "joining";
    case LegState::joined: return "joined";
    case LegState::reconnecting: return "reconnecting";
    case LegState::final: return "final";
    case LegState::waiting: return "waiting";
  }
  return {};
}

std::string_view name(LegRole value) {
  switch (value) {
    case LegRole::caller: return "caller";
    case LegRole::callee: return "callee";
    case LegRole::entrant: return "entrant";
  }
  return {};
}

std::string_view name(LegOutcome value) {
  switch (value) {
    case LegOutcome::completed: return "completed";
    case LegOutcome::declined: return "declined";
    case LegOutcome::busy: return "busy";
    case LegOutcome::no_answer: return "no_answer";
    case LegOutcome::unreachable: return "unreachable";
    case LegOutcome::cancelled: return "cancelled";
    case LegOutcome::join_failed: return "join_failed";
    case LegOutcome::network_lost: return "network_lost";
    case LegOutcome::superseded: return "superseded";
    case LegOutcome::blocked: return "blocked";
    case LegOutcome::dnd: return "dnd";
    case LegOutcome::kicked: return "kicked";
    case LegOutcome::banned: return "banned";
    case LegOutcome::denied: return "denied";
    case LegOutcome::lobby_timeout: return "lobby_timeout";
    case LegOutcome::replaced: return "replaced";
    case LegOutcome::transferred: return "transferred";
    case LegOutcome::max_duration: return "max_duration";
    case LegOutcome::token_expired: return "token_expired";
    case LegOutcome::failed: return "failed";
  }
  return {};
}

std::string_view name(DeviceOutcome value) {
  switch (value) {
    case DeviceOutcome::answered_here: return "answered_here";
    case DeviceOutcome::answered_elsewhere: return "answered_elsewhere";
    case DeviceOutcome::declined_here: return "declined_here";
    case DeviceOutcome::declined_elsewhere: return "declined_elsewhere";
    case DeviceOutcome::cancelled: return "cancelled";
    case DeviceOutcome::expired: return "expired";
    case DeviceOutcome::silenced: return "silenced";
    case DeviceOutcome::busy_elsewhere: return "busy_elsewhere";
    case DeviceOutcome::superseded: return "superseded";
  }
  return {};
}

std::string_view name(CallOutcome value) {
  switch (value) {
    case CallOutcome::answered: return "answered";
    case CallOutcome::declined: return "declined";
    case CallOutcome::no_answer: return "no_answer";
    case CallOutcome::busy: return "busy";
    case CallOutcome::unreachable: return "unreachable";
    case CallOutcome::cancelled: return "cancelled";
    case CallOutcome::failed: return "failed";
    case CallOutcome::glare_merged: return "glare_merged";
  }
  return {};
}

std::string_view name(EndCause value) {
  switch (value) {
    case EndCause::hangup: return "hangup";
    case EndCause::last_left: return "last_left";
    case EndCause::alone_timeout: return "alone_timeout";
    case EndCause::network_lost: return "network_lost";
    case EndCause::ended_by_host: return "ended_by_host";
    case EndCause::ended_by_admin: return "ended_by_admin";
    case EndCause::max_duration: return "max_duration";
    case EndCause::host_left: return "host_left";
    case EndCause::provider_closed: return "provider_closed";
    case EndCause::server_shutdown: return "server_shutdown";
  }
  return {};
}

std::string_view name(Timer value) {
  switch (value) {
    case Timer::ring: return "ring";
    case Timer::delivery: return "delivery";
    case Timer::join: return "join";
    case Timer::reconnect_grace: return "reconnect_grace";
    case Timer::caller_gone: return "caller_gone";
    case Timer::alone: return "alone";
    case Timer::empty: return "empty";
    case Timer::lobby: return "lobby";
    case Timer::host_absent: return "host_absent";
    case Timer::max_duration: return "max_duration";
    case Timer::warning: return "warning";
    case Timer::device_lease: return "device_lease";
    case Timer::token_renew: return "token_renew";
    case Timer::ending: return "ending";
    case Timer::no_show: return "no_show";
  }
  return {};
}

std::string_view name(RingPolicy value) {
  switch (value) {
    case RingPolicy::first_answer: return "first_answer";
    case RingPolicy::all_may_join: return "all_may_join";
    case RingPolicy::all_must_answer: return "all_must_answer";
    case RingPolicy::hunt: return "hunt";
  }
  return {};
}

std::string_view name(GlarePolicy value) {
  switch (value) {
    case GlarePolicy::busy: return "busy";
    case GlarePolicy::merge: return "merge";
  }
  return {};
}

std::string_view name(BusyPolicy value) {
  switch (value) {
    case BusyPolicy::reject: return "reject";
    case BusyPolicy::wait: return "wait";
    case BusyPolicy::allow: return "allow";
  }
  return {};
}

std::string_view name(DeclinePolicy value) {
  switch (value) {
    case DeclinePolicy::person: return "person";
    case DeclinePolicy::device: return "device";
  }
  return {};
}

std::string_view name(SecondDevice value) {
  switch (value) {
    case SecondDevice::refuse: return "refuse";
    case SecondDevice::replace: return "replace";
  }
  return {};
}

std::string_view name(RoomType value) {
  switch (value) {
    case RoomType::anyone: return "public";
    case RoomType::private_room: return "private";
    case RoomType::invited_only: return "invited_only";
  }
  return {};
}

std::string_view name(LobbyRule value) {
  switch (value) {
    case LobbyRule::off: return "off";
    case LobbyRule::on: return "on";
    case LobbyRule::until_host: return "until_host";
  }
  return {};
}

std::string_view name(HostPolicy value) {
  switch (value) {
    case HostPolicy::none: return "none";
    case HostPolicy::end: return "end";
    case HostPolicy::hand_over: return "hand_over";
    case HostPolicy::wait: return "wait";
  }
  return {};
}

std::string_view name(RecordingConsent value) {
  switch (value) {
    case RecordingConsent::none: return "none";
    case RecordingConsent::ask: return "ask";
  }
  return {};
}

std::string_view name(RecordingState value) {
  switch (value) {
    case RecordingState::off: return "off";
    case RecordingState::asked: return "asked";
    case RecordingState::on: return "on";
  }
  return {};
}

std::string_view name(ConsentState value) {
  switch (value) {
    case ConsentState::open: return "open";
    case ConsentState::given: return "given";
    case ConsentState::refused: return "refused";
  }
  return {};
}

std::string_view name(Track value) {
  switch (value) {
    case Track::audio: return "audio";
    case Track::video: return "video";
    case Track::screen: return "screen";
  }
  return {};
}

std::string_view name(MuteMode value) {
  switch (value) {
    case MuteMode::ask: return "ask";
    case MuteMode::force: return "force";
    case MuteMode::lift: return "lift";
  }
  return {};
}

std::string_view name(RaceRule value) {
  switch (value) {
    case RaceRule::none: return {};
    case RaceRule::answered_or_over: return "answered_or_over";
    case RaceRule::first_device: return "first_device";
    case RaceRule::declined_for_all: return "declined_for_all";
    case RaceRule::glare: return "glare";
    case RaceRule::busy: return "busy";
    case RaceRule::recall: return "recall";
    case RaceRule::door: return "door";
    case RaceRule::lobby_waits: return "lobby_waits";
    case RaceRule::kick_ends_grace: return "kick_ends_grace";
    case RaceRule::stale_clock: return "stale_clock";
    case RaceRule::older_session: return "older_session";
    case RaceRule::without_a_seat: return "without_a_seat";
    case RaceRule::same_answer: return "same_answer";
  }
  return {};
}

std::string_view name(PasscodeCheck value) {
  switch (value) {
    case PasscodeCheck::none: return "none";
    case PasscodeCheck::right: return "right";
    case PasscodeCheck::wrong: return "wrong";
    case PasscodeCheck::throttled: return "throttled";
  }
  return {};
}

std::string_view name(ProviderSaid value) {
  switch (value) {
    case ProviderSaid::joined: return "joined";
    case ProviderSaid::left: return "left";
    case ProviderSaid::room_closed: return "room_closed";
  }
  return {};
}

std::string_view name(Capability value) {
  switch (value) {
    case Capability::invite: return "invite";
    case Capability::admit: return "admit";
    case Capability::kick: return "kick";
    case Capability::ban: return "ban";
    case Capability::mute: return "mute";
    case Capability::lock: return "lock";
    case Capability::passcode: return "passcode";
    case Capability::join_codes: return "join_codes";
    case Capability::capacity: return "capacity";
    case Capability::metadata: return "metadata";
    case Capability::assign_roles: return "assign_roles";
    case Capability::record: return "record";
    case Capability::end_call: return "end_call";
    case Capability::hand_over: return "hand_over";
    case Capability::speak: return "speak";
    case Capability::camera: return "camera";
    case Capability::screen: return "screen";
    case Capability::chat: return "chat";
    case Capability::transfer: return "transfer";
    case Capability::skip_lobby: return "skip_lobby";
  }
  return {};
}

template <class Enum>
std::optional<Enum> from_name(std::string_view word) {
  for (std::uint8_t value = 0;; ++value) {
    const std::string_view mine = name(static_cast<Enum>(value));
    if (mine.empty()) return std::nullopt;
    if (mine == word) return static_cast<Enum>(value);
  }
}
template std::optional<Media> from_name(std::string_view);
template std::optional<CallKind> from_name(std::string_view);
template std::optional<CallState> from_name(std::string_view);
template std::optional<LegState> from_name(std::string_view);
template std::optional<LegRole> from_name(std::string_view);
template std::optional<LegOutcome> from_name(std::string_view);
template std::optional<DeviceOutcome> from_name(std::string_view);
template std::optional<CallOutcome> from_name(std::string_view);
template std::optional<EndCause> from_name(std::string_view);
template std::optional<Timer> from_name(std::string_view);
template std::optional<RingPolicy> from_name(std::string_view);
template std::optional<GlarePolicy> from_name(std::string_view);
template std::optional<BusyPolicy> from_name(std::string_view);
template std::optional<DeclinePolicy> from_name(std::string_view);
template std::optional<SecondDevice> from_name(std::string_view);
template std::optional<RoomType> from_name(std::string_view);
template std::optional<LobbyRule> from_name(std::string_view);
template std::optional<HostPolicy> from_name(std::string_view);
template std::optional<RecordingConsent> from_name(std::string_view);
template std::optional<RecordingState> from_name(std::string_view);
template std::optional<ConsentState> from_name(std::string_view);
template std::optional<Track> from_name(std::string_view);
template std::optional<MuteMode> from_name(std::string_view);
template std::optional<PasscodeCheck> from_name(std::string_view);
template std::optional<ProviderSaid> from_name(std::string_view);
template std::optional<Capability> from_name(std::string_view);

namespace {
struct CommandName {
  std::string_view operator()(const StartCall&) const { return "start_call"; }
  std::string_view operator()(const Invite&) const { return "invite"; }
  std::string_view operator()(const AckDelivered&) const { return "ack_delivered"; }
  std::string_view operator()(const AckAlerting&) const { return "ack_alerting"; }
  std::string_view operator()(const Accept&) const { return "accept"; }
  std::string_view operator()(const Decline&) const { return "decline"; }
  std::string_view operator()(const Silence&) const { return "silence"; }
  std::string_view operator()(const CancelCall&) const { return "cancel_call"; }
  std::string_view operator()(const Join&) const { return "join"; }
  std::string_view operator()(const Leave&) const { return "leave"; }
  std::string_view operator()(const EndCall&) const { return "end_call"; }
  std::string_view operator()(const Heartbeat&) const { return "heartbeat"; }
  std::string_view operator()(const DeviceOnline&) const { return "device_online"; }
  std::string_view operator()(const DeviceOffline&) const { return "device_offline"; }
  std::string_view operator()(const TimerFired&) const { return "timer_fired"; }
  std::string_view operator()(const ServerStarted&) const { return "server_started"; }
  std::string_view operator()(const CreateRoom&) const { return "create_room"; }
  std::string_view operator()(const CancelInvite&) const { return "cancel_invite"; }
  std::string_view operator()(const Knock&) const { return "knock"; }
  std::string_view operator()(const Hold&) const { return "hold"; }
  std::string_view operator()(const Resume&) const { return "resume"; }
  std::string_view operator()(const Transfer&) const { return "transfer"; }
  std::string_view operator()(const SwitchDevice&) const { return "switch_device"; }
  std::string_view operator()(const SetMedia&) const { return "set_media"; }
  std::string_view operator()(const RenewToken&) const { return "renew_token"; }
  std::string_view operator()(const Admit&) const { return "admit"; }
  std::string_view operator()(const AdmitAll&) const { return "admit_all"; }
  std::string_view operator()(const Deny&) const { return "deny"; }
  std::string_view operator()(const Kick&) const { return "kick"; }
  std::string_view operator()(const Unban&) const { return "unban"; }
  std::string_view operator()(const SetRole&) const { return "set_role"; }
  std::string_view operator()(const RequestRole&) const { return "request_role"; }
  std::string_view operator()(const LowerHand&) const { return "lower_hand"; }
  std::string_view operator()(const Mute&) const { return "mute"; }
  std::string_view operator()(const Lock&) const { return "lock"; }
  std::string_view operator()(const Unlock&) const { return "unlock"; }
  std::string_view operator()(const SetLobby&) const { return "set_lobby"; }
  std::string_view operator()(const SetPasscode&) const { return "set_passcode"; }
  std::string_view operator()(const SetCapacity&) const { return "set_capacity"; }
  std::string_view operator()(const SetMetadata&) const { return "set_metadata"; }
  std::string_view operator()(const SetAttribute&) const { return "set_attribute"; }
  std::string_view operator()(const AddJoinCode&) const { return "add_join_code"; }
  std::string_view operator()(const RemoveJoinCode&) const { return "remove_join_code"; }
  std::string_view operator()(const SetRecording&) const { return "set_recording"; }
  std::string_view operator()(const Consent&) const { return "consent"; }
  std::string_view operator()(const ProviderWord&) const { return "provider_event"; }
  std::string_view operator()(const AdminEnd&) const { return "admin_end"; }
};
struct EventName {
  std::string_view operator()(const CallCreated&) const { return "call.created"; }
  std::string_view operator()(const LegInvited&) const { return "leg.invited"; }
  std::string_view operator()(const DeviceRing&) const { return "device.ring"; }
  std::string_view operator()(const LegDelivered&) const { return "leg.delivered"; }
  std::string_view operator()(const LegAlerting&) const { return "leg.alerting"; }
  std::string_view operator()(const LegAccepted&) const { return "leg.accepted"; }
  std::string_view operator()(const DeviceDismiss&) const { return "device.dismiss"; }
  std::string_view operator()(const LegJoining&) const { return "leg.joining"; }
  std::string_view operator()(const LegJoined&) const { return "leg.joined"; }
  std::string_view operator()(const LegReconnecting&) const { return "leg.reconnecting"; }
  std::string_view operator()(const LegResumed&) const { return "leg.resumed"; }
  std::string_view operator()(const LegFinal&) const { return "leg.final"; }
  std::string_view operator()(const CallActive&) const { return "call.active"; }
  std::string_view operator()(const CallEnded&) const { return "call.ended"; }
  std::string_view operator()(const CallEnding&) const { return "call.ending"; }
  std::string_view operator()(const LegEntered&) const { return "leg.entered"; }
  std::string_view operator()(const LegWaiting&) const { return "leg.waiting"; }
  std::string_view operator()(const LegAdmitted&) const { return "leg.admitted"; }
  std::string_view operator()(const LegMoved&) const { return "leg.moved"; }
  std::string_view operator()(const LegHeld&) const { return "leg.held"; }
  std::string_view operator()(const LegMedia&) const { return "leg.media"; }
  std::string_view operator()(const LegLeased&) const { return "leg.leased"; }
  std::string_view operator()(const LegLogin&) const { return "leg.login"; }
  std::string_view operator()(const RoomUpdated&) const { return "room.updated"; }
  std::string_view operator()(const RoleChanged&) const { return "role.changed"; }
  std::string_view operator()(const HandChanged&) const { return "hand.changed"; }
  std::string_view operator()(const MuteRequested&) const { return "mute.requested"; }
  std::string_view operator()(const MuteForced&) const { return "mute.forced"; }
  std::string_view operator()(const RecordingChanged&) const { return "recording.changed"; }
  std::string_view operator()(const ConsentChanged&) const { return "consent.changed"; }
  std::string_view operator()(const TokenRenewed&) const { return "token.renewed"; }
  std::string_view operator()(const TokenRevoked&) const { return "token.revoked"; }
  std::string_view operator()(const LimitWarning&) const { return "limit.warning"; }
  std::string_view operator()(const ReconcileCorrected&) const { return "reconcile.corrected"; }
};
}  // namespace

std::string_view name(const CommandBody& body) { return std::visit(CommandName{}, body); }
std::string_view name(const EventBody& body) { return std::visit(EventName{}, body); }

}  // namespace zegocall
