// The members of every record at rest, once for both directions. Reader and writer walk these tables, in this order.
#pragma once

#include <tuple>
#include <type_traits>

#include "zegocall/call/model.hpp"

namespace zegocall::store_detail {

template <class Record, class Value>
struct Member {
  const char* name;
  Value Record::*at;
};
template <class Record, class Value>
Member(const char*, Value Record::*) -> Member<Record, Value>;

/// A member that came after version 1 of the encoding, or is rarely there: left out while it has its default, which must
/// therefore stay what it is.
template <class Record, class Value>
struct Later {
  const char* name;
  Value Record::*at;
};
template <class Record, class Value>
Later(const char*, Value Record::*) -> Later<Record, Value>;

template <class T>
using For = std::type_identity<T>;

constexpr auto members(For<CallPolicy>) {
  return std::tuple{Member{"ring_ms", &CallPolicy::ring},
                    Member{"delivery_ms", &CallPolicy::delivery},
                    Member{"join_ms", &CallPolicy::join},
                    Member{"reconnect_grace_ms", &CallPolicy::reconnect_grace},
                    Member{"alone_ms", &CallPolicy::alone},
                    Member{"empty_ms", &CallPolicy::empty},
                    Member{"restart_slack_ms", &CallPolicy::restart_slack},
                    Member{"glare", &CallPolicy::glare},
                    Later{"unvisited_ms", &CallPolicy::unvisited},
                    Later{"lobby_ms", &CallPolicy::lobby},
                    Later{"host_absent_ms", &CallPolicy::host_absent},
                    Later{"max_duration_ms", &CallPolicy::max_duration},
                    Later{"ending_ms", &CallPolicy::ending},
                    Later{"device_lease_ms", &CallPolicy::device_lease},
                    Later{"token_lifetime_ms", &CallPolicy::token_lifetime},
                    Later{"token_renew_ms", &CallPolicy::token_renew},
                    Later{"ring_policy", &CallPolicy::ring_policy},
                    Later{"busy", &CallPolicy::busy},
                    Later{"decline", &CallPolicy::decline},
                    Later{"second_device", &CallPolicy::second_device},
                    Later{"one_screen", &CallPolicy::one_screen},
                    Later{"hold_own_call", &CallPolicy::hold_own_call},
                    Later{"callees_max", &CallPolicy::callees_max}};
}
constexpr auto members(For<CustomRole>) {
  return std::tuple{Member{"name", &CustomRole::name}, Member{"rank", &CustomRole::rank}, Member{"may", &CustomRole::may}};
}
constexpr auto members(For<Schedule>) {
  return std::tuple{Member{"starts_at", &Schedule::starts_at}, Member{"early_ms", &Schedule::early},
                    Member{"late_ms", &Schedule::late}, Member{"no_show_ms", &Schedule::no_show}};
}
constexpr auto members(For<RoomSettings>) {
  return std::tuple{Member{"from", &RoomSettings::from},
                    Member{"type", &RoomSettings::type},
                    Member{"capacity", &RoomSettings::capacity},
                    Member{"lobby", &RoomSettings::lobby},
                    Member{"host_policy", &RoomSettings::host_policy},
                    Member{"entry_role", &RoomSettings::entry_role},
                    Member{"consent", &RoomSettings::consent},
                    Member{"knock", &RoomSettings::knock},
                    Later{"roles", &RoomSettings::roles},
                    Member{"schedule", &RoomSettings::schedule}};
}
constexpr auto members(For<RoomMember>) {
  return std::tuple{Member{"user", &RoomMember::user}, Later{"role", &RoomMember::role}};
}
constexpr auto members(For<Ban>) {
  return std::tuple{Member{"user", &Ban::user}, Member{"by", &Ban::by}, Member{"until", &Ban::until},
                    Later{"since", &Ban::since}};
}
constexpr auto members(For<JoinCode>) {
  return std::tuple{Member{"id", &JoinCode::id}, Later{"role", &JoinCode::role}, Member{"uses_left", &JoinCode::uses_left},
                    Member{"until", &JoinCode::until}};
}
constexpr auto members(For<Attribute>) {
  return std::tuple{Member{"key", &Attribute::key}, Member{"value", &Attribute::value}, Member{"version", &Attribute::version}};
}
constexpr auto members(For<RoomView>) {
  return std::tuple{Member{"settings", &RoomView::settings},
                    Member{"host", &RoomView::host},
                    Later{"locked", &RoomView::locked},
                    Later{"passcode", &RoomView::passcode},
                    Later{"members", &RoomView::members},
                    Later{"bans", &RoomView::bans},
                    Later{"codes", &RoomView::codes},
                    Later{"recording", &RoomView::recording},
                    Later{"recording_by", &RoomView::recording_by},
                    Later{"metadata", &RoomView::metadata},
                    Later{"metadata_version", &RoomView::metadata_version},
                    Later{"attributes", &RoomView::attributes}};
}
constexpr auto members(For<MediaState>) {
  return std::tuple{Later{"audio", &MediaState::audio},
                    Later{"video", &MediaState::video},
                    Later{"screen", &MediaState::screen},
                    Later{"audio_barred", &MediaState::audio_barred},
                    Later{"video_barred", &MediaState::video_barred},
                    Later{"screen_barred", &MediaState::screen_barred}};
}
constexpr auto members(For<HandView>) { return std::tuple{Member{"since", &HandView::since}, Later{"wants", &HandView::wants}}; }
constexpr auto members(For<LoginView>) { return std::tuple{Member{"id", &LoginView::id}, Member{"at", &LoginView::at}}; }
constexpr auto members(For<Deadline>) {
  return std::tuple{Member{"timer", &Deadline::timer}, Member{"leg", &Deadline::leg}, Member{"at", &Deadline::at}};
}
constexpr auto members(For<DeviceView>) {
  return std::tuple{Member{"device", &DeviceView::device}, Member{"delivered", &DeviceView::delivered},
                    Member{"alerting", &DeviceView::alerting}, Member{"outcome", &DeviceView::outcome}};
}
constexpr auto members(For<LegView>) {
  return std::tuple{Member{"leg", &LegView::number},
                    Member{"user", &LegView::user},
                    Member{"role", &LegView::role},
                    Member{"state", &LegView::state},
                    Member{"device", &LegView::device},
                    Member{"devices", &LegView::devices},
                    Member{"outcome", &LegView::outcome},
                    Member{"invited_at", &LegView::invited_at},
                    Member{"alerting_at", &LegView::alerting_at},
                    Member{"accepted_at", &LegView::accepted_at},
                    Member{"joined_at", &LegView::joined_at},
                    Member{"final_at", &LegView::final_at},
                    Member{"delivered", &LegView::delivered},
                    Later{"room_role", &LegView::room_role},
                    Later{"media", &LegView::media},
                    Later{"on_hold", &LegView::on_hold},
                    Later{"second", &LegView::second},
                    Later{"hidden", &LegView::hidden},
                    Later{"blocked", &LegView::blocked},
                    Later{"back_at", &LegView::back_at},
                    Later{"moved", &LegView::moved},
                    Later{"consent", &LegView::consent},
                    Later{"hand", &LegView::hand},
                    Later{"login", &LegView::login},
                    Later{"token_until", &LegView::token_until},
                    Later{"not_before", &LegView::not_before}};
}
constexpr auto members(For<CallView>) {
  return std::tuple{Member{"id", &CallView::id},
                    Member{"version", &CallView::version},
                    Member{"state", &CallView::state},
                    Member{"media", &CallView::media},
                    Member{"caller", &CallView::caller},
                    Member{"legs", &CallView::legs},
                    Member{"policy", &CallView::policy},
                    Member{"outcome", &CallView::outcome},
                    Member{"end_cause", &CallView::end_cause},
                    Member{"ended_by", &CallView::ended_by},
                    Member{"end_note", &CallView::end_note},
                    Member{"topic", &CallView::topic},
                    Member{"created_at", &CallView::created_at},
                    Member{"answered_at", &CallView::answered_at},
                    Member{"active_at", &CallView::active_at},
                    Member{"ended_at", &CallView::ended_at},
                    Member{"deadlines", &CallView::deadlines},
                    Later{"kind", &CallView::kind},
                    Later{"merged_into", &CallView::merged_into},
                    Later{"hunt_next", &CallView::hunt_next},
                    Later{"room", &CallView::room}};
}

/// What every event has beside its body; the body's members follow in the same object.
constexpr auto members(For<CallEvent>) {
  return std::tuple{Member{"call", &CallEvent::call}, Member{"version", &CallEvent::version}, Member{"at", &CallEvent::at}};
}
constexpr auto members(For<CallCreated>) {
  return std::tuple{Member{"caller", &CallCreated::caller}, Member{"device", &CallCreated::device},
                    Member{"media", &CallCreated::media},   Member{"topic", &CallCreated::topic},
                    Member{"policy", &CallCreated::policy}, Later{"hunt_next", &CallCreated::hunt_next},
                    Later{"room", &CallCreated::room}};
}
constexpr auto members(For<LegInvited>) {
  return std::tuple{
      Member{"leg", &LegInvited::leg},      Member{"user", &LegInvited::user},     Member{"ring_until", &LegInvited::ring_until},
      Later{"by", &LegInvited::by},         Later{"role", &LegInvited::role},      Later{"second", &LegInvited::second},
      Later{"hidden", &LegInvited::hidden}, Later{"blocked", &LegInvited::blocked}};
}
constexpr auto members(For<DeviceRing>) {
  return std::tuple{Member{"leg", &DeviceRing::leg}, Member{"user", &DeviceRing::user}, Member{"device", &DeviceRing::device},
                    Member{"attempt", &DeviceRing::attempt}};
}
/// The events that say no more than which leg, whose, on which device.
template <class Event>
requires(std::is_same_v<Event, LegDelivered> || std::is_same_v<Event, LegAlerting> || std::is_same_v<Event, LegAccepted> ||
         std::is_same_v<Event, LegJoined> || std::is_same_v<Event, LegResumed> ||
         std::is_same_v<Event, LegMoved>) constexpr auto members(For<Event>) {
  return std::tuple{Member{"leg", &Event::leg}, Member{"user", &Event::user}, Member{"device", &Event::device}};
}
constexpr auto members(For<DeviceDismiss>) {
  return std::tuple{Member{"leg", &DeviceDismiss::leg}, Member{"user", &DeviceDismiss::user},
                    Member{"device", &DeviceDismiss::device}, Member{"outcome", &DeviceDismiss::outcome}};
}
constexpr auto members(For<LegJoining>) {
  return std::tuple{Member{"leg", &LegJoining::leg}, Member{"user", &LegJoining::user},
                    Member{"join_until", &LegJoining::join_until}};
}
constexpr auto members(For<LegReconnecting>) {
  return std::tuple{Member{"leg", &LegReconnecting::leg}, Member{"user", &LegReconnecting::user},
                    Member{"until", &LegReconnecting::until}};
}
constexpr auto members(For<LegFinal>) {
  return std::tuple{Member{"leg", &LegFinal::leg}, Member{"user", &LegFinal::user}, Member{"device", &LegFinal::device},
                    Member{"outcome", &LegFinal::outcome}, Later{"by", &LegFinal::by}};
}
constexpr auto members(For<CallActive>) { return std::tuple{}; }
constexpr auto members(For<CallEnded>) {
  return std::tuple{Member{"outcome", &CallEnded::outcome}, Member{"cause", &CallEnded::cause}, Member{"by", &CallEnded::by},
                    Member{"note", &CallEnded::note}, Later{"merged_into", &CallEnded::merged_into}};
}
constexpr auto members(For<CallEnding>) {
  return std::tuple{Member{"cause", &CallEnding::cause}, Member{"by", &CallEnding::by}, Member{"note", &CallEnding::note},
                    Member{"until", &CallEnding::until}};
}
constexpr auto members(For<LegEntered>) {
  return std::tuple{Member{"leg", &LegEntered::leg}, Member{"user", &LegEntered::user}, Member{"device", &LegEntered::device},
                    Member{"role", &LegEntered::role}};
}
constexpr auto members(For<LegWaiting>) {
  return std::tuple{Member{"leg", &LegWaiting::leg}, Member{"user", &LegWaiting::user}, Member{"until", &LegWaiting::until},
                    Later{"note", &LegWaiting::note}};
}
constexpr auto members(For<LegAdmitted>) {
  return std::tuple{Member{"leg", &LegAdmitted::leg}, Member{"user", &LegAdmitted::user}, Member{"by", &LegAdmitted::by}};
}
constexpr auto members(For<LegHeld>) {
  return std::tuple{Member{"leg", &LegHeld::leg}, Member{"user", &LegHeld::user}, Member{"on", &LegHeld::on}};
}
constexpr auto members(For<LegMedia>) {
  return std::tuple{Member{"leg", &LegMedia::leg}, Member{"user", &LegMedia::user}, Member{"audio", &LegMedia::audio},
                    Member{"video", &LegMedia::video}, Member{"screen", &LegMedia::screen}};
}
constexpr auto members(For<LegLeased>) {
  return std::tuple{Member{"leg", &LegLeased::leg}, Member{"user", &LegLeased::user}, Member{"until", &LegLeased::until}};
}
constexpr auto members(For<LegLogin>) {
  return std::tuple{Member{"leg", &LegLogin::leg}, Member{"user", &LegLogin::user}, Member{"login", &LegLogin::login},
                    Member{"login_at", &LegLogin::login_at}};
}
constexpr auto members(For<RoomUpdated>) {
  return std::tuple{Member{"by", &RoomUpdated::by},
                    Later{"locked", &RoomUpdated::locked},
                    Later{"lobby", &RoomUpdated::lobby},
                    Later{"capacity", &RoomUpdated::capacity},
                    Later{"passcode", &RoomUpdated::passcode},
                    Later{"host", &RoomUpdated::host},
                    Later{"metadata", &RoomUpdated::metadata},
                    Later{"attribute", &RoomUpdated::attribute},
                    Later{"attribute_removed", &RoomUpdated::attribute_removed},
                    Later{"member", &RoomUpdated::member},
                    Later{"banned", &RoomUpdated::banned},
                    Later{"unbanned", &RoomUpdated::unbanned},
                    Later{"code", &RoomUpdated::code},
                    Later{"code_removed", &RoomUpdated::code_removed}};
}
constexpr auto members(For<RoleChanged>) {
  return std::tuple{Member{"leg", &RoleChanged::leg}, Member{"user", &RoleChanged::user}, Member{"role", &RoleChanged::role},
                    Member{"by", &RoleChanged::by}};
}
constexpr auto members(For<HandChanged>) {
  return std::tuple{Member{"leg", &HandChanged::leg}, Member{"user", &HandChanged::user}, Member{"raised", &HandChanged::raised},
                    Later{"wants", &HandChanged::wants}, Member{"by", &HandChanged::by}};
}
constexpr auto members(For<MuteRequested>) {
  return std::tuple{Member{"leg", &MuteRequested::leg}, Member{"user", &MuteRequested::user},
                    Member{"track", &MuteRequested::track}, Member{"by", &MuteRequested::by}};
}
constexpr auto members(For<MuteForced>) {
  return std::tuple{Member{"leg", &MuteForced::leg}, Member{"user", &MuteForced::user}, Member{"track", &MuteForced::track},
                    Member{"by", &MuteForced::by}, Later{"lifted", &MuteForced::lifted}};
}
constexpr auto members(For<RecordingChanged>) {
  return std::tuple{Member{"state", &RecordingChanged::state}, Member{"by", &RecordingChanged::by}};
}
constexpr auto members(For<ConsentChanged>) {
  return std::tuple{Member{"leg", &ConsentChanged::leg}, Member{"user", &ConsentChanged::user},
                    Member{"given", &ConsentChanged::given}};
}
constexpr auto members(For<TokenRenewed>) {
  return std::tuple{Member{"leg", &TokenRenewed::leg}, Member{"user", &TokenRenewed::user},
                    Member{"token_until", &TokenRenewed::token_until}};
}
constexpr auto members(For<TokenRevoked>) {
  return std::tuple{Member{"leg", &TokenRevoked::leg}, Member{"user", &TokenRevoked::user},
                    Member{"not_before", &TokenRevoked::not_before}};
}
constexpr auto members(For<LimitWarning>) { return std::tuple{Member{"minutes_left", &LimitWarning::minutes_left}}; }
constexpr auto members(For<ReconcileCorrected>) {
  return std::tuple{Member{"leg", &ReconcileCorrected::leg}, Member{"user", &ReconcileCorrected::user},
                    Member{"what", &ReconcileCorrected::what}};
}

}  // namespace zegocall::store_detail
