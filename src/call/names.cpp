// The stable words of the call model. Wires, stores and logs depend on them: a word never changes.
#include <cstdint>

#include "zegocall/call/model.hpp"

namespace zegocall {

// Every switch is exhaustive; a value outside the enum has no word, and from_name() counts on that.

std::string_view name(Media media) {
  switch (media) {
    case Media::audio: return "audio";
    case Media::video: return "video";
  }
  return {};
}

std::string_view name(CallState state) {
  switch (state) {
    case CallState::ringing: return "ringing";
    case CallState::active: return "active";
    case CallState::ended: return "ended";
  }
  return {};
}

std::string_view name(LegState state) {
  switch (state) {
    case LegState::invited: return "invited";
    case LegState::alerting: return "alerting";
    case LegState::accepted: return "accepted";
    case LegState::joining: return "joining";
    case LegState::joined: return "joined";
    case LegState::reconnecting: return "reconnecting";
    case LegState::final: return "final";
  }
  return {};
}

std::string_view name(LegRole role) {
  switch (role) {
    case LegRole::caller: return "caller";
    case LegRole::callee: return "callee";
  }
  return {};
}

std::string_view name(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::completed: return "completed";
    case LegOutcome::declined: return "declined";
    case LegOutcome::busy: return "busy";
    case LegOutcome::no_answer: return "no_answer";
    case LegOutcome::unreachable: return "unreachable";
    case LegOutcome::cancelled: return "cancelled";
    case LegOutcome::join_failed: return "join_failed";
    case LegOutcome::network_lost: return "network_lost";
  }
  return {};
}

std::string_view name(DeviceOutcome outcome) {
  switch (outcome) {
    case DeviceOutcome::answered_here: return "answered_here";
    case DeviceOutcome::answered_elsewhere: return "answered_elsewhere";
    case DeviceOutcome::declined_here: return "declined_here";
    case DeviceOutcome::declined_elsewhere: return "declined_elsewhere";
    case DeviceOutcome::cancelled: return "cancelled";
    case DeviceOutcome::expired: return "expired";
    case DeviceOutcome::silenced: return "silenced";
  }
  return {};
}

std::string_view name(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::answered: return "answered";
    case CallOutcome::declined: return "declined";
    case CallOutcome::no_answer: return "no_answer";
    case CallOutcome::busy: return "busy";
    case CallOutcome::unreachable: return "unreachable";
    case CallOutcome::cancelled: return "cancelled";
    case CallOutcome::failed: return "failed";
  }
  return {};
}

std::string_view name(EndCause cause) {
  switch (cause) {
    case EndCause::hangup: return "hangup";
    case EndCause::last_left: return "last_left";
    case EndCause::alone_timeout: return "alone_timeout";
    case EndCause::network_lost: return "network_lost";
  }
  return {};
}

std::string_view name(Timer timer) {
  switch (timer) {
    case Timer::ring: return "ring";
    case Timer::delivery: return "delivery";
    case Timer::join: return "join";
    case Timer::reconnect_grace: return "reconnect_grace";
    case Timer::caller_gone: return "caller_gone";
    case Timer::alone: return "alone";
    case Timer::empty: return "empty";
  }
  return {};
}

std::string_view name(GlarePolicy policy) {
  switch (policy) {
    case GlarePolicy::busy: return "busy";
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
template std::optional<CallState> from_name(std::string_view);
template std::optional<LegState> from_name(std::string_view);
template std::optional<LegRole> from_name(std::string_view);
template std::optional<LegOutcome> from_name(std::string_view);
template std::optional<DeviceOutcome> from_name(std::string_view);
template std::optional<CallOutcome> from_name(std::string_view);
template std::optional<EndCause> from_name(std::string_view);
template std::optional<Timer> from_name(std::string_view);
template std::optional<GlarePolicy> from_name(std::string_view);

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
};
}  // namespace

std::string_view name(const CommandBody& body) { return std::visit(CommandName{}, body); }
std::string_view name(const EventBody& body) { return std::visit(EventName{}, body); }

}  // namespace zegocall
