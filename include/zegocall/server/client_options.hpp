// What a Client is told when it is opened. Every member has a default; open() checks them all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "zegocall/base/log.hpp"
#include "zegocall/base/secret.hpp"

namespace zegocall {

class ClientLoop;

/// How the Engine.IO session travels. To servers of python-engineio 4.3.4 on aiohttp take `websocket` if messages are long:
/// of a POST whose body arrives in pieces they read the first one (asyncio_socket.py, handle_post_request).
enum class Transport : unsigned char {
  websocket,  ///< from the first byte: one connection, and nothing for a load balancer to keep together
  polling,    ///< long-polling only, where nothing else comes through
  upgrade,    ///< long-polling first, then WebSocket if that works: what browsers do
};

/// When the connection is tried again: after a random time between 0 and a bound, which is `first` and doubles with each
/// try of a row up to `max`. Clients that lost one server together do not come back together.
struct Backoff {
  std::chrono::milliseconds first{500};   ///< at least 1: without a pause a server that comes up again would be stormed
  std::chrono::milliseconds max{20'000};  ///< at least `first`
  /// Tries after the first failure of a row; then the client closes. 0: the first failure is the last.
  std::uint32_t tries_max = std::numeric_limits<std::uint32_t>::max();
  /// A row that has lasted so long without success closes the client at the next failure; 0: never.
  std::chrono::milliseconds give_up_after{0};
  /// A connection that stood so long ends the row, and the bounds begin anew. One that breaks sooner belongs to it: a server
  /// that accepts and drops is not stormed.
  std::chrono::milliseconds reset_after{5'000};
};

/// An https:// or wss:// server's certificate is checked, and that it names the host; TLS 1.2 or later. Only for such URLs.
struct ClientTls {
  std::string ca_file{};           ///< PEM; trusted instead of the system's authorities
  std::string certificate_file{};  ///< PEM; shown to a server that asks for one, with its chain
  std::string key_file{};          ///< PEM; of that certificate
  /// Base64 of SHA-256 of a public key (SubjectPublicKeyInfo), as in RFC 7469. If there are any, the verified chain must
  /// hold one of them.
  std::vector<std::string> pins{};
  /// Only the server's own key is checked, against the pins: for servers with a certificate of their own making.
  bool pins_alone = false;
  std::string server_name{};  ///< whom the certificate must name; "": the URL's host
};

/// An HTTP proxy, asked to CONNECT for every connection; it looks the server's name up.
struct ClientProxy {
  std::string url{};  ///< "http://host:port"; "": none
  std::string user{};
  Secret password{};  ///< Basic authentication, which the way to the proxy must be safe for
};

/// What becomes of events and questions while there is no connection.
enum class WhileOffline : unsigned char {
  wait,         ///< they wait; when there is no room, the new one is refused
  drop_oldest,  ///< they wait; when there is no room, the oldest goes, and its question gets `limit_exceeded`
  refuse,       ///< they are refused with `closed`
};

/// Moves and does not copy, because the proxy's password is a Secret: it is in one place, and wiped when that goes. For
/// several clients have a function make one for each.
struct ClientOptions {
  /// http://HOST[:PORT][/NAMESPACE][?QUERY], or https, ws, wss. The path is the namespace, as in other Socket.IO clients;
  /// the query goes with every request.
  std::string url{};
  std::string path = "/socket.io/";  ///< of Engine.IO on the server
  Transport transport = Transport::websocket;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< with every request; for cookies, tracing, gateways
  ClientTls tls{};
  ClientProxy proxy{};
  Backoff reconnect{};
  std::chrono::milliseconds connect_timeout{20'000};  ///< of one try: credentials, DNS, TCP, TLS, handshakes, namespaces
  WhileOffline while_offline = WhileOffline::wait;
  std::size_t outbox_bytes_max = std::size_t{1} << 20;  ///< what waits to be sent, for a connection or for the socket
  std::size_t high_water_bytes = std::size_t{1} << 18;  ///< once more has waited, on_drain comes at half of this or less
  std::size_t message_bytes_max = 1'000'000;            ///< a longer message of the server ends the connection
  std::size_t attachments_max = 10;                     ///< of one event of the server
  ClientLoop* loop = nullptr;                           ///< shared with other clients; null: a thread of its own
  LogSink log{};                                        ///< handlers that threw, what was dropped, what the transport says
};

}  // namespace zegocall
