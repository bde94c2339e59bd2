// The server side of Engine.IO v4 without any I/O: sessions of one path, over long-polling and WebSockets. HubCore
// stands on it; a host that wants bare messages uses it directly. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "signaling/hub/settings.hpp"
#include "signaling/hub/transport.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::hub_detail {

/// One Engine.IO session. A stale one is a no-op everywhere.
struct SessionId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< never 0 for a real session
  friend bool operator==(const SessionId&, const SessionId&) = default;
};

/// Why a session ended; its word is name(SessionEnd).
enum class SessionEnd : unsigned char {
  client_close,     ///< "transport close": the peer said so, or its WebSocket closed
  transport_close,  ///< "transport close"
  transport_error,  ///< "transport error": an aborted or second poll
  ping_timeout,
  parse_error,
  server_close,  ///< "forced server close"
  connect_timeout,
  shutting_down,  ///< "server shutting down"
  slow_reader,
  rate_limited,
  limit,  ///< any other limit
  expired,
};
std::string_view name(SessionEnd end);

/// What a session says. Called after the transition; may call any function of the core.
class EngineEvents {
 public:
  virtual ~EngineEvents() = default;
  virtual void on_session(SessionId) = 0;
  virtual void on_message(SessionId, std::string_view payload, bool binary) = 0;
  /// Once, last. `detail` is the word for the session's end.
  virtual void on_session_end(SessionId, SessionEnd, std::string_view detail) = 0;
};

class EngineCore {
 public:
  EngineCore(const HubSettings& settings, TransportHost& host, EngineEvents& events, ByteSource& bytes);
  ~EngineCore();
  EngineCore(const EngineCore&) = delete;
  EngineCore& operator=(const EngineCore&) = delete;

  // The same doors as HubCore's, with the same meaning.
  void on_http(Peer, const EngineRequest&, std::string_view body, Now);
  void on_request_gone(Peer, Now);
  std::optional<HttpReply> on_upgrade(Peer, const EngineRequest&, Now);
  void on_open(Peer, Now);
  void on_message(Peer, std::string_view payload, bool binary, Now);
  void on_close(Peer, Now);
  std::optional<SteadyTime> deadline() const;
  void on_deadline(Now);

  /// One Engine.IO message.
  void send(SessionId, std::string_view payload, bool binary, Now);
  /// Ends a session, after what is queued for it. The event follows before the outermost call returns.
  void close(SessionId, SessionEnd, Now, std::string_view detail = {});
  void stop_accepting();
  std::size_t close_sessions(std::size_t count, SessionEnd, Now);

  const HandshakeContext* handshake(SessionId) const;
  const Counters& counters() const;

 private:
  friend class HubCore;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::hub_detail
