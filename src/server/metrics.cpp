#include "server/metrics.hpp"

#include <array>
#include <string_view>

namespace zegocall::server_detail {
namespace {

template <class Counters>
struct Entry {
  std::string_view name;
  std::uint64_t Counters::*field;
  bool gauge;  ///< goes up and down
};

constexpr std::array<Entry<hub_detail::Counters>, 52> hub_entries{{
    {"zegocall_hub_sessions", &hub_detail::Counters::now_sessions, true},
    {"zegocall_hub_polling", &hub_detail::Counters::now_polling, true},
    {"zegocall_hub_connections", &hub_detail::Counters::now_connections, true},
    {"zegocall_hub_groups", &hub_detail::Counters::now_groups, true},
    {"zegocall_hub_asks", &hub_detail::Counters::now_asks, true},
    {"zegocall_hub_sessions_opened_total", &hub_detail::Counters::sessions_opened, false},
    {"zegocall_hub_upgrades_total", &hub_detail::Counters::upgrades, false},
    {"zegocall_hub_connections_accepted_total", &hub_detail::Counters::connections_accepted, false},
    {"zegocall_hub_connections_refused_total", &hub_detail::Counters::connections_refused, false},
    {"zegocall_hub_connections_expired_total", &hub_detail::Counters::connections_expired, false},
    {"zegocall_hub_packets_in_total", &hub_detail::Counters::packets_in, false},
    {"zegocall_hub_bytes_in_total", &hub_detail::Counters::bytes_in, false},
    {"zegocall_hub_packets_out_total", &hub_detail::Counters::packets_out, false},
    {"zegocall_hub_events_in_total", &hub_detail::Counters::events_in, false},
    {"zegocall_hub_acks_in_total", &hub_detail::Counters::acks_in, false},
    {"zegocall_hub_acks_unknown_total", &hub_detail::Counters::acks_unknown, false},
    {"zegocall_hub_fan_outs_total", &hub_detail::Counters::fan_outs, false},
    {"zegocall_hub_deliveries_total", &hub_detail::Counters::deliveries, false},
    {"zegocall_hub_asks_total", &hub_detail::Counters::asks, false},
    {"zegocall_hub_asks_timed_out_total", &hub_detail::Counters::asks_timed_out, false},
    {"zegocall_hub_dropped_droppable_total", &hub_detail::Counters::dropped_droppable, false},
    {"zegocall_hub_held_total", &hub_detail::Counters::held, false},
    {"zegocall_hub_closed_by_client_total", &hub_detail::Counters::closed_by_client, false},
    {"zegocall_hub_closed_by_server_total", &hub_detail::Counters::closed_by_server, false},
    {"zegocall_hub_closed_transport_close_total", &hub_detail::Counters::closed_transport_close, false},
    {"zegocall_hub_closed_transport_error_total", &hub_detail::Counters::closed_transport_error, false},
    {"zegocall_hub_closed_ping_timeout_total", &hub_detail::Counters::closed_ping_timeout, false},
    {"zegocall_hub_closed_parse_error_total", &hub_detail::Counters::closed_parse_error, false},
    {"zegocall_hub_closed_connect_timeout_total", &hub_detail::Counters::closed_connect_timeout, false},
    {"zegocall_hub_closed_shutting_down_total", &hub_detail::Counters::closed_shutting_down, false},
    {"zegocall_hub_closed_slow_reader_total", &hub_detail::Counters::closed_slow_reader, false},
    {"zegocall_hub_closed_rate_limited_total", &hub_detail::Counters::closed_rate_limited, false},
    {"zegocall_hub_closed_limit_total", &hub_detail::Counters::closed_limit, false},
    {"zegocall_hub_bad_request_total", &hub_detail::Counters::bad_request, false},
    {"zegocall_hub_bad_handshake_total", &hub_detail::Counters::bad_handshake, false},
    {"zegocall_hub_unknown_sid_total", &hub_detail::Counters::unknown_sid, false},
    {"zegocall_hub_bad_engine_packet_total", &hub_detail::Counters::bad_engine_packet, false},
    {"zegocall_hub_bad_packet_total", &hub_detail::Counters::bad_packet, false},
    {"zegocall_hub_bad_json_total", &hub_detail::Counters::bad_json, false},
    {"zegocall_hub_bad_binary_total", &hub_detail::Counters::bad_binary, false},
    {"zegocall_hub_bad_order_total", &hub_detail::Counters::bad_order, false},
    {"zegocall_hub_unknown_namespace_total", &hub_detail::Counters::unknown_namespace, false},
    {"zegocall_hub_payload_too_large_total", &hub_detail::Counters::payload_too_large, false},
    {"zegocall_hub_limit_namespaces_total", &hub_detail::Counters::limit_namespaces, false},
    {"zegocall_hub_limit_groups_total", &hub_detail::Counters::limit_groups, false},
    {"zegocall_hub_limit_packet_total", &hub_detail::Counters::limit_packet, false},
    {"zegocall_hub_limit_attachments_total", &hub_detail::Counters::limit_attachments, false},
    {"zegocall_hub_limit_pending_acks_total", &hub_detail::Counters::limit_pending_acks, false},
    {"zegocall_hub_limit_held_total", &hub_detail::Counters::limit_held, false},
    {"zegocall_hub_refused_draining_total", &hub_detail::Counters::refused_draining, false},
    {"zegocall_hub_refused_full_total", &hub_detail::Counters::refused_full, false},
    {"zegocall_hub_upgrade_failed_total", &hub_detail::Counters::upgrade_failed, false},
}};

constexpr std::array<Entry<net_detail::ListenerCounters>, 15> net_entries{{
    {"zegocall_net_accepted_total", &net_detail::ListenerCounters::accepted, false},
    {"zegocall_net_connections", &net_detail::ListenerCounters::connections, true},
    {"zegocall_net_websockets", &net_detail::ListenerCounters::websockets, true},
    {"zegocall_net_requests_total", &net_detail::ListenerCounters::requests, false},
    {"zegocall_net_bytes_in_total", &net_detail::ListenerCounters::bytes_in, false},
    {"zegocall_net_bytes_out_total", &net_detail::ListenerCounters::bytes_out, false},
    {"zegocall_net_messages_in_total", &net_detail::ListenerCounters::messages_in, false},
    {"zegocall_net_frames_out_total", &net_detail::ListenerCounters::frames_out, false},
    {"zegocall_net_writes_total", &net_detail::ListenerCounters::writes, false},
    {"zegocall_net_writes_short_total", &net_detail::ListenerCounters::writes_short, false},
    {"zegocall_net_requests_bad_total", &net_detail::ListenerCounters::requests_bad, false},
    {"zegocall_net_websockets_bad_total", &net_detail::ListenerCounters::websockets_bad, false},
    {"zegocall_net_timeouts_total", &net_detail::ListenerCounters::timeouts, false},
    {"zegocall_net_accepts_paused_total", &net_detail::ListenerCounters::accepts_paused, false},
    {"zegocall_net_connections_over_total", &net_detail::ListenerCounters::connections_over, false},
}};

constexpr std::array<Entry<LoopCounters>, 16> loop_entries{{
    {"zegocall_server_http_fine_total", &LoopCounters::http_fine, false},
    {"zegocall_server_http_4xx_total", &LoopCounters::http_4xx, false},
    {"zegocall_server_http_5xx_total", &LoopCounters::http_5xx, false},
    {"zegocall_server_http_unknown_path_total", &LoopCounters::http_unknown_path, false},
    {"zegocall_server_http_threw_total", &LoopCounters::http_threw, false},
    {"zegocall_server_http_unauthenticated_total", &LoopCounters::http_unauthenticated, false},
    {"zegocall_server_http_busy_total", &LoopCounters::http_busy, false},
    {"zegocall_server_events_handled_total", &LoopCounters::events_handled, false},
    {"zegocall_server_events_failed_total", &LoopCounters::events_failed, false},
    {"zegocall_server_events_threw_total", &LoopCounters::events_threw, false},
    {"zegocall_server_events_unknown_total", &LoopCounters::events_unknown, false},
    {"zegocall_server_events_rate_limited_total", &LoopCounters::events_rate_limited, false},
    {"zegocall_server_auth_refused_total", &LoopCounters::auth_refused, false},
    {"zegocall_server_upgrades_refused_total", &LoopCounters::upgrades_refused, false},
    {"zegocall_server_origins_refused_total", &LoopCounters::origins_refused, false},
    {"zegocall_server_callbacks_threw_total", &LoopCounters::callbacks_threw, false},
}};

template <class Counters, std::size_t N>
void sum(const std::array<Entry<Counters>, N>& entries, Counters& into, const Counters& from) {
  for (const auto& entry : entries) into.*entry.field += from.*entry.field;
}

// A counter that is missing above would never be seen.
static_assert(sizeof(hub_detail::Counters) == hub_entries.size() * sizeof(std::uint64_t));
static_assert(sizeof(net_detail::ListenerCounters) == net_entries.size() * sizeof(std::uint64_t));
static_assert(sizeof(LoopCounters) == loop_entries.size() * sizeof(std::uint64_t));

void line(std::string& out, std::string_view name, std::uint64_t value, bool gauge) {
  out.append("# TYPE ").append(name).append(gauge ? " gauge\n" : " counter\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

template <class Counters, std::size_t N>
void lines(std::string& out, const std::array<Entry<Counters>, N>& entries, const Counters& values) {
  for (const auto& entry : entries) line(out, entry.name, values.*entry.field, entry.gauge);
}

}  // namespace

void Numbers::add(const LoopHost& host) {
  sum(hub_entries, hub, host.hub_counters());
  if (const auto* engine = host.engine_counters()) sum(hub_entries, hub, *engine);
  sum(net_entries, net, host.listener_counters());
  sum(loop_entries, loop, host.loop_counters());
}

std::string metrics_text(const Numbers& numbers, Server& server) {
  std::string out;
  out.reserve(12 * 1024);
  lines(out, hub_entries, numbers.hub);
  lines(out, net_entries, numbers.net);
  lines(out, loop_entries, numbers.loop);
  const ServiceCounters& service = server.service().counters();
  line(out, "zegocall_service_works_total", service.works.load(), false);
  line(out, "zegocall_service_groups_total", service.groups.load(), false);
  line(out, "zegocall_service_commits_failed_total", service.commits_failed.load(), false);
  line(out, "zegocall_service_refused_total", service.refused.load(), false);
  line(out, "zegocall_service_deadlines_total", service.deadlines.load(), false);
  line(out, "zegocall_service_waiting", service.waiting.load(), true);
  line(out, "zegocall_service_waiting_most", service.waiting_most.load(), true);
  line(out, "zegocall_workers_refused_total", server.workers().refused(), false);
  line(out, "zegocall_ready", server.ready() ? 1 : 0, true);
  return out;
}

}  // namespace zegocall::server_detail
