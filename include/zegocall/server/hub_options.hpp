// How a hub listens, what it allows, and how it drains.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "zegocall/base/bus.hpp"
#include "zegocall/base/log.hpp"
#include "zegocall/server/clock.hpp"

namespace zegocall {

/// Every bound has an error and a counter of its own.
struct HubLimits {
  std::size_t message_bytes_max = 1'000'000;          ///< one Engine.IO message or polling body; `maxPayload` of the handshake
  std::size_t body_bytes_max = std::size_t{1} << 20;  ///< caps RouteOptions::body_max
  /// Bodies of all requests of a loop that are not answered yet; what would go beyond gets 503.
  std::size_t bodies_bytes_max = std::size_t{64} << 20;
  std::size_t head_bytes_max = std::size_t{16} * 1024;  ///< of one HTTP request; a longer one gets 431
  std::size_t outbox_bytes_max = 4'000'000;             ///< unsent bytes of one connection, from 1; a slower reader is closed
  std::size_t connections_max = 0;                      ///< open sockets of all kinds; 0: as many as there are descriptors
  /// Open sockets from one address (IPv6: from one /64), whatever they carry; the next is closed at once. 0: no limit. Those of
  /// HubOptions::trusted_proxies and of Unix sockets are not limited.
  std::size_t connections_per_address_max = 20'000;
  std::size_t droppable_bytes_max = 64'000;  ///< what is droppable is left out while more than this is unsent
  std::size_t groups_per_connection_max = 256;
  std::size_t namespaces_per_session_max = 16;
  std::size_t patterned_namespaces_max = 10'000;  ///< that exist at a time because a client asked for them
  std::size_t pending_acks_max = 256;             ///< questions that one connection has not answered; the next is `closed`
  std::size_t attachments_max = 10;               ///< binary parts of one packet, each at most a message
  std::size_t packet_bytes_max = 10'000'000;      ///< all binary parts of one packet together, held until the last is there
  std::size_t json_depth_max = 64;                ///< nesting of one packet, 1 to 500
  std::size_t held_events_max = 1024;             ///< of one connection, behind one whose handler has not ended
  std::size_t sessions_max = 100'000;             ///< of one loop; the next gets 503
  /// Sessions from one address (IPv6: from one /64); the next gets 429. 0: no limit. See HubOptions::flood for packets.
  std::size_t sessions_per_address_max = 0;
  std::uint32_t packets_per_second = 50'000;  ///< of one session, averaged over what packets_burst allows; 0: no limit
  std::uint32_t packets_burst = 100'000;
  std::uint32_t packets_per_second_per_address = 0;  ///< of all its sessions; 0: no limit
  std::uint32_t packets_burst_per_address = 200'000;
  std::size_t mailbox_max = 4096;  ///< service work that waits; then 503 with Retry-After, or an ack with rate_limited
  std::size_t group_max = 64;      ///< handlers that commit together
  std::chrono::milliseconds group_time{2};
  unsigned workers = 2;
  std::size_t worker_queue_max = 32;
};

/// What becomes of a client that sends more packets than it may.
enum class Flood : unsigned char {
  disconnect,  ///< its session ends, on_disconnect says "rate limited"
  slow_down,   ///< its WebSocket is not read for a while, so that its own writes wait; one that polls is disconnected
};

/// Connection state recovery. A client whose link was lost and that comes back in time, on whatever loop, as the same user,
/// gets its connection again: the same ConnectionId, groups and Event::data, and every event that it missed, in order
/// (not acknowledgements, questions, and what was droppable), before the word that it is connected: a stock client's
/// listeners hear them before their "connect". Every event then carries one more argument, its offset, as with the original.
/// Authentication is never skipped. Who passes a bound is a new connection (Namespace::on_resync), and so is who comes with
/// an offset that is not known: then the earlier one may still come back.
struct RecoveryOptions {
  std::chrono::milliseconds keep{0};     ///< for how long; 0: no recovery
  std::size_t connections_max = 10'000;  ///< that may be away at a time, of one loop; then the oldest is forgotten
  std::size_t events_max = 10'000;       ///< remembered for each namespace and loop
  std::size_t bytes_max = 8'000'000;     ///< the same, in bytes
};

/// The certificate of a hub that speaks TLS (1.2 or later), and nothing else then. Files are PEM; Hub::reload_tls reads
/// them again.
struct HubTls {
  std::string certificate_file{};  ///< with its chain; "": no TLS
  std::string key_file{};          ///< of that certificate, not encrypted
  std::string client_ca_file{};    ///< if given, every client must show a certificate of one of these authorities
  std::chrono::milliseconds handshake_timeout{10'000};
};

/// Where a trusted proxy says who its client is. It must be the one that the proxy sets or extends; of the other, every
/// client could write what it likes, so it is not read.
enum class ProxyHeader : unsigned char {
  x_forwarded_for,  ///< X-Forwarded-For and X-Forwarded-Proto
  forwarded,        ///< Forwarded (RFC 7239)
};

struct HubOptions {
  /// A numeric address; "localhost", which is 127.0.0.1; or "unix:/PATH", a Unix socket: a file left by a server that has ended
  /// is replaced, and the hub removes its own when it stops listening. The address of who connects to it is "unix".
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;            ///< 0 takes any free one; nothing with a path
  unsigned unix_permissions = 0600;  ///< of that file; who may write to it may connect
  HubTls tls{};
  /// Origins that browsers may call from, exactly as they send them; "*" is any, without credentials. The hub's own
  /// origin needs no entry. With a list, a preflight and a Socket.IO session of any other origin are refused with 403; a
  /// route asks HttpRequest::from_allowed_origin. Without one nobody is refused, and browsers keep what is answered from
  /// pages of other origins.
  std::vector<std::string> allowed_origins{};
  /// Threads that serve connections, each with a part of them, at one port; 1 to 64. What is said to an audience reaches
  /// the others' connections through their inboxes, all of them in one order. With more than one, handlers with Run::loop
  /// run on several threads at a time; those of one connection are still called one at a time, all on its loop.
  unsigned loops = 1;
  /// Addresses ("10.0.0.7"), prefixes ("10.0.0.0/8", "fd00::/8") and "unix" (whoever connects to a Unix socket): the peers
  /// whose proxy_header is believed, for HttpRequest::address, Handshake::address, every limit by address and the access
  /// log. From all others it is an ordinary header.
  std::vector<std::string> trusted_proxies{};
  ProxyHeader proxy_header = ProxyHeader::x_forwarded_for;
  std::string path = "/socket.io/";
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::chrono::milliseconds connect_timeout{45'000};  ///< to join a first namespace
  std::chrono::milliseconds head_timeout{10'000};     ///< for the whole head of an HTTP request to come; then 408
  std::chrono::milliseconds body_timeout{30'000};     ///< for its whole body; then 408
  std::chrono::milliseconds unread_timeout{30'000};   ///< for a client to read some more of its answer; then it is cut off
  std::chrono::milliseconds idle_timeout{75'000};     ///< a kept-alive HTTP connection without a request
  /// Serve clients of Socket.IO 2 too (Engine.IO v3; not JSONP). They have no `auth`: Handshake::query() has what they
  /// gave, and auth() the query behind the name of a namespace.
  bool allow_eio3 = false;
  RecoveryOptions recovery{};
  HubLimits limits{};
  Flood flood = Flood::disconnect;
  bool operations = true;  ///< serve /healthz, /readyz, /version, /metrics
  std::string version{};   ///< what /version says beside the library's own
  /// The program's own counters, appended to /metrics as Prometheus text. Called on a loop at every scrape: it must be quick.
  std::function<std::string()> metrics{};
  Bus* bus = nullptr;      ///< not owned, must outlive the hub; joins the hubs that share it into one, see Audience::local
  Clock* clock = nullptr;  ///< not owned, must outlive the hub; none: the machine's
  LogSink log{};
  /// One line for each HTTP request, at LogLevel::info, when its answer has been handed to the network: method, the route's
  /// pattern (or the path, without the query), status, bytes of the body, microseconds since the request was complete,
  /// address and request id; `end=` tells what was not answered to its end. A request that is refused before its head was
  /// taken (408, 411, 417, 431, 501, 505, a broken one) has "-" for method and path. No header, query or body is in it. None: no
  /// access log. See FileLog.
  LogSink access_log{};
};

struct DrainOptions {
  std::chrono::milliseconds grace{10'000};
  /// How long, at most and within grace, the port stays open and /readyz says 503 while clients have sessions: for a
  /// balancer that must see it.
  std::chrono::milliseconds linger{0};
};

}  // namespace zegocall
