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
                    Member{"glare", &CallPolicy::glare}};
}
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
                    Member{"delivered", &LegView::delivered}};
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
                    Member{"deadlines", &CallView::deadlines}};
}

/// What every event has beside its body; the body's members follow in the same object.
constexpr auto members(For<CallEvent>) {
  return std::tuple{Member{"call", &CallEvent::call}, Member{"version", &CallEvent::version}, Member{"at", &CallEvent::at}};
}
constexpr auto members(For<CallCreated>) {
  return std::tuple{Member{"caller", &CallCreated::caller}, Member{"device", &CallCreated::device},
                    Member{"media", &CallCreated::media}, Member{"topic", &CallCreated::topic},
                    Member{"policy", &CallCreated::policy}};
}
constexpr auto members(For<LegInvited>) {
  return std::tuple{Member{"leg", &LegInvited::leg}, Member{"user", &LegInvited::user},
                    Member{"ring_until", &LegInvited::ring_until}};
}
constexpr auto members(For<DeviceRing>) {
  return std::tuple{Member{"leg", &DeviceRing::leg}, Member{"user", &DeviceRing::user}, Member{"device", &DeviceRing::device},
                    Member{"attempt", &DeviceRing::attempt}};
}
/// The events that say no more than which leg, whose, on which device.
template <class Event>
requires(std::is_same_v<Event, LegDelivered> || std::is_same_v<Event, LegAlerting> || std::is_same_v<Event, LegAccepted> ||
         std::is_same_v<Event, LegJoined> || std::is_same_v<Event, LegResumed>) constexpr auto members(For<Event>) {
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
                    Member{"outcome", &LegFinal::outcome}};
}
constexpr auto members(For<CallActive>) { return std::tuple{}; }
constexpr auto members(For<CallEnded>) {
  return std::tuple{Member{"outcome", &CallEnded::outcome}, Member{"cause", &CallEnded::cause}, Member{"by", &CallEnded::by},
                    Member{"note", &CallEnded::note}};
}

}  // namespace zegocall::store_detail
