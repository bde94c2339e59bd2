// Settings and counters of the signaling cores.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace zegocall::hub_detail {

/// Bounds on what one peer may cost. Each has its own counter in Counters.
struct HubLimits {
  std::size_t payload_bytes = 1'000'000;        ///< one frame, one POST body; announced as maxPayload
  std::size_t json_depth = 64;                  ///< nesting of one packet's JSON
  std::size_t attachments = 10;                 ///< of one packet
  std::size_t attachment_bytes = 1'000'000;     ///< all attachments of one packet together
  std::size_t namespaces_per_session = 16;      ///< connections of one session
  std::size_t groups_per_connection = 256;      ///< without the private and the user's group
  std::size_t group_name_bytes = 256;           ///< of a group to join
  std::size_t pending_acks = 256;               ///< server's questions that one connection has not answered
  std::size_t outbox_bytes = 4'000'000;         ///< queued for one peer that does not read; then it is disconnected
  std::size_t outbox_droppable_bytes = 64'000;  ///< droppable messages are left out while more than this is queued
  std::size_t held_events = 1024;               ///< events of one connection that wait for an earlier one's handler
  std::size_t held_bytes = 2'000'000;           ///< the same, in bytes
  std::size_t sessions = 100'000;               ///< sessions of one core; the next handshake gets 503
  std::size_t namespaces = 10'000;              ///< of a core, those that came into being by a pattern
  std::size_t sessions_per_address = 0;         ///< the next handshake gets 429; 0 = no limit
  std::uint32_t packets_per_second = 50'000;    ///< of one session, averaged; 0 = no limit
  std::uint32_t packets_burst = 100'000;
  std::uint32_t packets_per_second_per_address = 0;  ///< of all sessions from one address together; 0 = no limit
  std::uint32_t packets_burst_per_address = 200'000;
};

/// What happens to a peer that sends more packets than it may.
enum class Flood : unsigned char {
  disconnect,
  slow_down,  ///< nothing is read from its WebSocket for a while; one that polls is disconnected
};

/// Connections that come back, and what they missed. Each bound that is passed makes somebody resynchronise instead.
struct RecoverySettings {
  std::chrono::milliseconds keep{0};  ///< how long a connection may be away; 0 = no recovery
  std::size_t connections = 10'000;   ///< that are away, of one core
  std::size_t packets = 10'000;       ///< remembered for each namespace
  std::size_t bytes = 8'000'000;      ///< the same, in bytes
};

class AddressBook;

/// Several cores may share their clients: each is told its number, and that is in the sids that it gives.
struct CorePlace {
  unsigned number = 0;
  unsigned cores = 1;                ///< at most cores_max
  AddressBook* addresses = nullptr;  ///< outlives the cores; null: each counts its own
};
inline constexpr unsigned cores_max = 64;

/// Defaults are those of Engine.IO 6.6 and Socket.IO 4.8.
struct HubSettings {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::chrono::milliseconds upgrade_timeout{10'000};
  std::chrono::milliseconds connect_timeout{45'000};  ///< to the first accepted CONNECT, authentication included
  std::chrono::milliseconds expiry_grace{60'000};     ///< between `auth_expiring` and the disconnect
  bool allow_eio3 = false;                            ///< also Engine.IO v3, which clients of Socket.IO 2 speak
  bool polling = true;                                ///< transports that may open a session
  bool websocket = true;                              ///< without it polling sessions cannot upgrade either
  HubLimits limits;
  Flood flood = Flood::disconnect;
  RecoverySettings recovery;
  CorePlace place;
};

/// Plain numbers, on the loop thread. Everything but the `now_` ones only grows.
struct Counters {
  std::uint64_t now_sessions = 0, now_polling = 0, now_connections = 0, now_groups = 0, now_asks = 0;
  std::uint64_t now_away = 0, now_namespaces = 0;
  std::uint64_t sessions_opened = 0, upgrades = 0, connections_accepted = 0, connections_refused = 0;
  std::uint64_t connections_expired = 0;
  std::uint64_t packets_in = 0, bytes_in = 0, packets_out = 0, events_in = 0, acks_in = 0, acks_unknown = 0;
  std::uint64_t fan_outs = 0, deliveries = 0, asks = 0, asks_timed_out = 0, dropped_droppable = 0, held = 0;
  // connections that came back
  std::uint64_t recovered = 0, recovered_packets = 0, recovery_unknown = 0, recovery_overrun = 0, away_forgotten = 0;
  std::uint64_t recovered_elsewhere = 0;  ///< given to another core, where they came back
  // sessions that ended, by cause
  std::uint64_t closed_by_client = 0, closed_by_server = 0, closed_transport_close = 0, closed_transport_error = 0;
  std::uint64_t closed_ping_timeout = 0, closed_parse_error = 0, closed_connect_timeout = 0, closed_shutting_down = 0;
  std::uint64_t closed_slow_reader = 0, closed_rate_limited = 0, closed_limit = 0;
  // what was bad about the input
  std::uint64_t bad_request = 0, bad_handshake = 0, unknown_sid = 0, bad_engine_packet = 0, bad_packet = 0;
  std::uint64_t bad_json = 0, bad_binary = 0, bad_order = 0, unknown_namespace = 0, payload_too_large = 0;
  std::uint64_t limit_namespaces = 0, limit_groups = 0, limit_packet = 0, limit_attachments = 0, limit_pending_acks = 0,
                limit_held = 0, limit_dynamic = 0;
  std::uint64_t flood_session = 0, flood_address = 0, slowed_down = 0;
  std::uint64_t refused_draining = 0, refused_full = 0, refused_address = 0, upgrade_failed = 0;
};

}  // namespace zegocall::hub_detail
