#include "server/metrics.hpp"

#include <array>
#include <string_view>

namespace zegocall::server_detail {
namespace {

template <class Counters>
struct Entry {
  std::string_view name, help;
  std::uint64_t Counters::*field;
  bool gauge;  ///< goes up and down
};

constexpr std::array<Entry<hub_detail::Counters>, 65> hub_entries{{
    {"zegocall_hub_sessions", "Engine.IO sessions open now", &hub_detail::Counters::now_sessions, true},
    {"zegocall_hub_polling", "Of those, sessions that poll", &hub_detail::Counters::now_polling, true},
    {"zegocall_hub_connections", "Namespace connections open now", &hub_detail::Counters::now_connections, true},
    {"zegocall_hub_groups", "Groups with a member now", &hub_detail::Counters::now_groups, true},
    {"zegocall_hub_asks", "Questions to clients that wait for an answer", &hub_detail::Counters::now_asks, true},
    {"zegocall_hub_sessions_opened_total", "Engine.IO sessions opened", &hub_detail::Counters::sessions_opened, false},
    {"zegocall_hub_upgrades_total", "Sessions that went from polling to WebSocket", &hub_detail::Counters::upgrades, false},
    {"zegocall_hub_connections_accepted_total", "Namespace connections accepted", &hub_detail::Counters::connections_accepted,
     false},
    {"zegocall_hub_connections_refused_total", "Namespace connections refused", &hub_detail::Counters::connections_refused,
     false},
    {"zegocall_hub_connections_expired_total", "Connections ended because their credentials expired",
     &hub_detail::Counters::connections_expired, false},
    {"zegocall_hub_packets_in_total", "Packets received", &hub_detail::Counters::packets_in, false},
    {"zegocall_hub_bytes_in_total", "Bytes of packets received", &hub_detail::Counters::bytes_in, false},
    {"zegocall_hub_packets_out_total", "Packets sent", &hub_detail::Counters::packets_out, false},
    {"zegocall_hub_events_in_total", "Events received", &hub_detail::Counters::events_in, false},
    {"zegocall_hub_acks_in_total", "Acknowledgements received", &hub_detail::Counters::acks_in, false},
    {"zegocall_hub_acks_unknown_total", "Acknowledgements nobody waited for", &hub_detail::Counters::acks_unknown, false},
    {"zegocall_hub_fan_outs_total", "Emits to a set of connections", &hub_detail::Counters::fan_outs, false},
    {"zegocall_hub_deliveries_total", "Events handed to a connection", &hub_detail::Counters::deliveries, false},
    {"zegocall_hub_asks_total", "Questions asked", &hub_detail::Counters::asks, false},
    {"zegocall_hub_asks_timed_out_total", "Questions that ended by their timeout", &hub_detail::Counters::asks_timed_out, false},
    {"zegocall_hub_dropped_droppable_total", "Droppable events dropped for a slow reader",
     &hub_detail::Counters::dropped_droppable, false},
    {"zegocall_hub_held_total", "Packets held back until earlier work was done", &hub_detail::Counters::held, false},
    {"zegocall_hub_closed_by_client_total", "Closed by the client", &hub_detail::Counters::closed_by_client, false},
    {"zegocall_hub_closed_by_server_total", "Closed by the server", &hub_detail::Counters::closed_by_server, false},
    {"zegocall_hub_closed_transport_close_total", "Closed because the transport closed",
     &hub_detail::Counters::closed_transport_close, false},
    {"zegocall_hub_closed_transport_error_total", "Closed because the transport failed",
     &hub_detail::Counters::closed_transport_error, false},
    {"zegocall_hub_closed_ping_timeout_total", "Closed because no pong came", &hub_detail::Counters::closed_ping_timeout, false},
    {"zegocall_hub_closed_parse_error_total", "Closed for a packet that cannot be read",
     &hub_detail::Counters::closed_parse_error, false},
    {"zegocall_hub_closed_connect_timeout_total", "Closed for joining no namespace in time",
     &hub_detail::Counters::closed_connect_timeout, false},
    {"zegocall_hub_closed_shutting_down_total", "Closed by a drain or stop", &hub_detail::Counters::closed_shutting_down, false},
    {"zegocall_hub_closed_slow_reader_total", "Closed for reading too slowly", &hub_detail::Counters::closed_slow_reader, false},
    {"zegocall_hub_closed_rate_limited_total", "Closed for sending too fast", &hub_detail::Counters::closed_rate_limited, false},
    {"zegocall_hub_closed_limit_total", "Closed for going over a limit", &hub_detail::Counters::closed_limit, false},
    {"zegocall_hub_bad_request_total", "Engine.IO requests that are not of the protocol", &hub_detail::Counters::bad_request,
     false},
    {"zegocall_hub_bad_handshake_total", "Handshakes with a wrong method or version", &hub_detail::Counters::bad_handshake,
     false},
    {"zegocall_hub_unknown_sid_total", "Requests for a session that does not exist", &hub_detail::Counters::unknown_sid, false},
    {"zegocall_hub_bad_engine_packet_total", "Engine.IO packets that cannot be read", &hub_detail::Counters::bad_engine_packet,
     false},
    {"zegocall_hub_bad_packet_total", "Socket.IO packets that cannot be read", &hub_detail::Counters::bad_packet, false},
    {"zegocall_hub_bad_json_total", "Packets with bad JSON", &hub_detail::Counters::bad_json, false},
    {"zegocall_hub_bad_binary_total", "Binary parts missing or unasked for", &hub_detail::Counters::bad_binary, false},
    {"zegocall_hub_bad_order_total", "Packets at a time when they may not come", &hub_detail::Counters::bad_order, false},
    {"zegocall_hub_unknown_namespace_total", "Connects to a namespace that does not exist",
     &hub_detail::Counters::unknown_namespace, false},
    {"zegocall_hub_payload_too_large_total", "Polling bodies over message_bytes_max", &hub_detail::Counters::payload_too_large,
     false},
    {"zegocall_hub_limit_namespaces_total", "Refusals: namespaces of one session", &hub_detail::Counters::limit_namespaces,
     false},
    {"zegocall_hub_limit_groups_total", "Refusals: groups of one connection", &hub_detail::Counters::limit_groups, false},
    {"zegocall_hub_limit_packet_total", "Refusals: size of a packet", &hub_detail::Counters::limit_packet, false},
    {"zegocall_hub_limit_attachments_total", "Refusals: attachments of one packet", &hub_detail::Counters::limit_attachments,
     false},
    {"zegocall_hub_limit_pending_acks_total", "Refusals: acknowledgements that wait", &hub_detail::Counters::limit_pending_acks,
     false},
    {"zegocall_hub_limit_held_total", "Refusals: packets held back", &hub_detail::Counters::limit_held, false},
    {"zegocall_hub_refused_draining_total", "Sessions refused while draining", &hub_detail::Counters::refused_draining, false},
    {"zegocall_hub_refused_full_total", "Sessions refused because the hub is full", &hub_detail::Counters::refused_full, false},
    {"zegocall_hub_away", "Connections that may come back now", &hub_detail::Counters::now_away, true},
    {"zegocall_hub_namespaces", "Namespaces that exist now", &hub_detail::Counters::now_namespaces, true},
    {"zegocall_hub_recovered_total", "Connections that came back", &hub_detail::Counters::recovered, false},
    {"zegocall_hub_recovered_packets_total", "Missed events sent to those", &hub_detail::Counters::recovered_packets, false},
    {"zegocall_hub_recovery_unknown_total", "Connections that wanted to come back and were not known",
     &hub_detail::Counters::recovery_unknown, false},
    {"zegocall_hub_recovery_overrun_total", "Connections that wanted to come back and had missed too much",
     &hub_detail::Counters::recovery_overrun, false},
    {"zegocall_hub_away_forgotten_total", "Connections that were away too long, or too many",
     &hub_detail::Counters::away_forgotten, false},
    {"zegocall_hub_recovered_elsewhere_total", "Connections that came back on another loop",
     &hub_detail::Counters::recovered_elsewhere, false},
    {"zegocall_hub_limit_dynamic_total", "Refusals: namespaces by pattern", &hub_detail::Counters::limit_dynamic, false},
    {"zegocall_hub_flood_session_total", "Packets over packets_per_second of a session", &hub_detail::Counters::flood_session,
     false},
    {"zegocall_hub_flood_address_total", "Packets over packets_per_second_per_address", &hub_detail::Counters::flood_address,
     false},
    {"zegocall_hub_slowed_down_total", "Times that a client was not read for sending too fast",
     &hub_detail::Counters::slowed_down, false},
    {"zegocall_hub_refused_address_total", "Sessions refused for too many from one address",
     &hub_detail::Counters::refused_address, false},
    {"zegocall_hub_upgrade_failed_total", "Upgrades that were begun and not finished", &hub_detail::Counters::upgrade_failed,
     false},
}};

constexpr std::array<Entry<net_detail::ListenerCounters>, 34> net_entries{{
    {"zegocall_net_accepted_total", "TCP connections accepted", &net_detail::ListenerCounters::accepted, false},
    {"zegocall_net_connections", "TCP connections open now", &net_detail::ListenerCounters::connections, true},
    {"zegocall_net_websockets", "WebSockets open now", &net_detail::ListenerCounters::websockets, true},
    {"zegocall_net_requests_total", "HTTP requests whose head was read", &net_detail::ListenerCounters::requests, false},
    {"zegocall_net_bytes_in_total", "Bytes received", &net_detail::ListenerCounters::bytes_in, false},
    {"zegocall_net_bytes_out_total", "Bytes sent", &net_detail::ListenerCounters::bytes_out, false},
    {"zegocall_net_messages_in_total", "WebSocket messages received", &net_detail::ListenerCounters::messages_in, false},
    {"zegocall_net_frames_out_total", "WebSocket frames sent", &net_detail::ListenerCounters::frames_out, false},
    {"zegocall_net_writes_total", "Writes to a socket", &net_detail::ListenerCounters::writes, false},
    {"zegocall_net_writes_short_total", "Writes that the socket did not take whole", &net_detail::ListenerCounters::writes_short,
     false},
    {"zegocall_net_requests_bad_total", "HTTP requests refused before any route saw them",
     &net_detail::ListenerCounters::requests_bad, false},
    {"zegocall_net_websockets_bad_total", "WebSockets closed for what they sent", &net_detail::ListenerCounters::websockets_bad,
     false},
    {"zegocall_net_requests_too_large_total", "Of the bad requests, those with too long a head or body (413, 431)",
     &net_detail::ListenerCounters::requests_too_large, false},
    {"zegocall_net_websockets_too_large_total", "Of the bad WebSockets, those closed for too long a message (1009)",
     &net_detail::ListenerCounters::websockets_too_large, false},
    {"zegocall_net_websockets_bad_text_total", "Of the bad WebSockets, those closed for bad UTF-8 (1007)",
     &net_detail::ListenerCounters::websockets_bad_text, false},
    {"zegocall_net_requests_long_head_total", "Of the bad requests, those with too long a head (431)",
     &net_detail::ListenerCounters::requests_long_head, false},
    {"zegocall_net_requests_cut_off_total", "Requests whose client went away in the middle of the body",
     &net_detail::ListenerCounters::requests_cut_off, false},
    {"zegocall_net_requests_unsized_total", "Of the bad requests, those with a body without Content-Length (411)",
     &net_detail::ListenerCounters::requests_unsized, false},
    {"zegocall_net_requests_no_room_total", "Of the bad requests, those beyond bodies_bytes_max (503)",
     &net_detail::ListenerCounters::requests_no_room, false},
    {"zegocall_net_requests_pipelined_total", "Requests sent before the answer to the one before, and not served",
     &net_detail::ListenerCounters::requests_pipelined, false},
    {"zegocall_net_websockets_bad_frame_total", "Of the bad WebSockets, those closed for a broken frame (1002)",
     &net_detail::ListenerCounters::websockets_bad_frame, false},
    {"zegocall_net_websockets_unmasked_total", "Of the broken frames, those that were not masked",
     &net_detail::ListenerCounters::websockets_unmasked, false},
    {"zegocall_net_timeouts_total", "Connections closed because something did not come or leave in time",
     &net_detail::ListenerCounters::timeouts, false},
    {"zegocall_net_timeouts_head_total", "Of these, those that waited for the head of a request",
     &net_detail::ListenerCounters::timeouts_head, false},
    {"zegocall_net_timeouts_body_total", "Of these, those that waited for the body of a request",
     &net_detail::ListenerCounters::timeouts_body, false},
    {"zegocall_net_timeouts_unread_total", "Of these, those whose peer did not read its answer",
     &net_detail::ListenerCounters::timeouts_unread, false},
    {"zegocall_net_accepts_paused_total", "Pauses of accepting for want of descriptors",
     &net_detail::ListenerCounters::accepts_paused, false},
    {"zegocall_net_connections_over_total", "Connections closed at once because of connections_max",
     &net_detail::ListenerCounters::connections_over, false},
    {"zegocall_net_connections_over_address_total", "Connections closed at once because of connections_per_address_max",
     &net_detail::ListenerCounters::connections_over_address, false},
    {"zegocall_net_tls_handshakes_total", "TLS handshakes that came to their end", &net_detail::ListenerCounters::tls_handshakes,
     false},
    {"zegocall_net_tls_failed_total", "Connections closed because TLS failed", &net_detail::ListenerCounters::tls_failed, false},
    {"zegocall_net_tls_timeouts_total", "Connections closed for a TLS handshake that did not end in time",
     &net_detail::ListenerCounters::tls_timeouts, false},
    {"zegocall_net_connections_moved_total", "Connections that went from one loop to the one of their session",
     &net_detail::ListenerCounters::connections_moved, false},
    {"zegocall_net_moves_failed_total", "Connections closed because they could not go to the loop of their session",
     &net_detail::ListenerCounters::moves_failed, false},
}};

constexpr std::array<Entry<LoopCounters>, 22> loop_entries{{
    {"zegocall_server_http_fine_total", "HTTP answers below 400", &LoopCounters::http_fine, false},
    {"zegocall_server_http_4xx_total", "HTTP answers from 400 to 499", &LoopCounters::http_4xx, false},
    {"zegocall_server_http_5xx_total", "HTTP answers from 500 on, without 501", &LoopCounters::http_5xx, false},
    {"zegocall_server_http_501_total", "HTTP requests with a method that is not known here", &LoopCounters::http_501, false},
    {"zegocall_server_http_unknown_path_total", "HTTP requests for a path that does not exist", &LoopCounters::http_unknown_path,
     false},
    {"zegocall_server_http_threw_total", "HTTP handlers that threw", &LoopCounters::http_threw, false},
    {"zegocall_server_http_unauthenticated_total", "HTTP answers 401", &LoopCounters::http_unauthenticated, false},
    {"zegocall_server_http_busy_total", "HTTP answers 429 and 503", &LoopCounters::http_busy, false},
    {"zegocall_server_events_handled_total", "Events whose handler succeeded", &LoopCounters::events_handled, false},
    {"zegocall_server_events_failed_total", "Events that their handler or the filter refused", &LoopCounters::events_failed,
     false},
    {"zegocall_server_events_threw_total", "Events whose handler threw", &LoopCounters::events_threw, false},
    {"zegocall_server_events_unknown_total", "Events that no handler names", &LoopCounters::events_unknown, false},
    {"zegocall_server_events_rate_limited_total", "Events refused because the mailbox was full",
     &LoopCounters::events_rate_limited, false},
    {"zegocall_server_auth_refused_total", "Connections that authenticate refused", &LoopCounters::auth_refused, false},
    {"zegocall_server_upgrades_refused_total", "WebSocket upgrades refused", &LoopCounters::upgrades_refused, false},
    {"zegocall_server_origins_refused_total", "Preflights and sessions refused for their origin", &LoopCounters::origins_refused,
     false},
    {"zegocall_server_http_rate_limited_total", "HTTP requests over the rate of their route", &LoopCounters::http_rate_limited,
     false},
    {"zegocall_server_http_timed_out_total", "HTTP requests whose handler did not answer in time", &LoopCounters::http_timed_out,
     false},
    {"zegocall_server_http_late_total", "Answers of handlers that nobody waited for any more", &LoopCounters::http_late, false},
    {"zegocall_server_http_gone_total", "HTTP clients that left before their answer was whole", &LoopCounters::http_gone, false},
    {"zegocall_server_http_broken_off_total", "Streamed answers whose handler failed before their end",
     &LoopCounters::http_broken_off, false},
    {"zegocall_server_callbacks_threw_total", "Callbacks other than handlers that threw", &LoopCounters::callbacks_threw, false},
}};

template <class Counters, std::size_t N>
void sum(const std::array<Entry<Counters>, N>& entries, Counters& into, const Counters& from) {
  for (const auto& entry : entries) into.*entry.field += from.*entry.field;
}

// A counter that is missing above would never be seen.
static_assert(sizeof(hub_detail::Counters) == hub_entries.size() * sizeof(std::uint64_t));
static_assert(sizeof(net_detail::ListenerCounters) == net_entries.size() * sizeof(std::uint64_t));
static_assert(sizeof(LoopCounters) == loop_entries.size() * sizeof(std::uint64_t));

void line(std::string& out, std::string_view name, std::string_view help, std::uint64_t value, bool gauge) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(gauge ? " gauge\n" : " counter\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

template <class Counters, std::size_t N>
void lines(std::string& out, const std::array<Entry<Counters>, N>& entries, const Counters& values) {
  for (const auto& entry : entries) line(out, entry.name, entry.help, values.*entry.field, entry.gauge);
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
  out.reserve(std::size_t{20} * 1024);
  lines(out, hub_entries, numbers.hub);
  lines(out, net_entries, numbers.net);
  lines(out, loop_entries, numbers.loop);
  const ServiceCounters& service = server.service().counters();
  line(out, "zegocall_service_works_total", "Handlers that ran on the service thread", service.works.load(), false);
  line(out, "zegocall_service_groups_total", "Groups that were committed together", service.groups.load(), false);
  line(out, "zegocall_service_commits_failed_total", "Commits that failed", service.commits_failed.load(), false);
  line(out, "zegocall_service_refused_total", "Work refused because the mailbox was full", service.refused.load(), false);
  line(out, "zegocall_service_deadlines_total", "Deadlines that were run", service.deadlines.load(), false);
  line(out, "zegocall_service_waiting", "Work that waits for the service thread now", service.waiting.load(), true);
  line(out, "zegocall_service_waiting_most", "The most that ever waited", service.waiting_most.load(), true);
  line(out, "zegocall_workers_refused_total", "Work refused because workers and their queue were full",
       server.workers().refused(), false);
  line(out, "zegocall_net_tls_reloads_total", "Certificates that were read again", server.tls_reloads(), false);
  line(out, "zegocall_net_tls_reloads_failed_total", "Certificates that were read again and are not good",
       server.tls_reloads_failed(), false);
  line(out, "zegocall_ready", "1 if /readyz says 200", server.ready() ? 1 : 0, true);
  if (const auto& own = server.options().metrics) {
    out += own();
    if (out.back() != '\n') out += '\n';
  }
  return out;
}

}  // namespace zegocall::server_detail
