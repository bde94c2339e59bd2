// One Engine.IO session of a server, v4 or v3, without I/O: handshake, heartbeat, long-polling, WebSocket, the upgrade
// between them, the end. Loop thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "signaling/wire/engine_packet.hpp"
#include "signaling/wire/transport.hpp"

namespace zegocall::wire_detail {

/// Why a session ended.
enum class SessionEnd : unsigned char {
  client_close,     ///< the peer said so
  transport_close,  ///< its WebSocket closed
  transport_error,  ///< an aborted or a second poll, a ping in the wrong direction
  ping_timeout,
  parse_error,
  server_close,
  connect_timeout,
  shutting_down,
  slow_reader,
  rate_limited,
  limit,  ///< any other limit
};
/// The word that Socket.IO uses for it.
std::string_view name(SessionEnd end);

/// What a session waits for. Each kind waits equally long in every session; `ping`, `pong`, `silence` and `linger` take
/// turns, `upgrade` may run beside them.
enum class SessionTimer : unsigned char {
  ping,     ///< the next heartbeat is due
  pong,     ///< the peer's answer to it is overdue
  silence,  ///< v3: the peer, which pings there, has said nothing for interval and timeout
  linger,   ///< closed by us, but a polling peer has not fetched that yet
  upgrade,  ///< the probing WebSocket takes too long
};

class EngineSession;

/// Who owns a session. None of these may call back into the session that called; on_message may.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// Starts the timer; of those that take turns the new one replaces the old one, and disarming one disarms whichever runs.
  virtual void arm(EngineSession&, SessionTimer) = 0;
  virtual void disarm(EngineSession&, SessionTimer) = 0;
  /// There is something for a waiting poll: call flush() before the loop sleeps.
  virtual void flush_soon(EngineSession&) = 0;
  virtual void on_message(EngineSession&, std::string_view payload, bool binary) = 0;
  virtual void on_upgraded(EngineSession&) = 0;
  /// Once. `gone()` tells whether the session can be forgotten or still waits for a poll.
  virtual void on_end(EngineSession&, SessionEnd) = 0;
  /// A lingering session is gone now.
  virtual void on_gone(EngineSession&) = 0;
};

/// What the handshake announces, and the bound on what waits for a poll.
struct SessionSettings {
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::size_t payload_bytes = 1'000'000;
  std::size_t outbox_bytes = 4'000'000;
  bool upgrades = true;
};

/// Which Engine.IO the peer speaks; it is decided by the request that opens the session.
struct EngineRevision {
  bool three = false;   ///< lengths in polling bodies, pings come from the peer, the type stands before binary data
  bool base64 = false;  ///< v3 only: the peer takes binary data as text, over either transport
};

class EngineSession {
 public:
  static constexpr std::size_t sid_size = 20;
  using Sid = std::array<char, sid_size>;

  /// Settings, owner and host outlive the session. Nothing is sent before open_....
  EngineSession(const SessionSettings& settings, SessionOwner& owner, TransportHost& host, const Sid& sid,
                EngineRevision revision = {});

  /// Exactly one of them, once: the handshake is the answer to this request, or the first frame of this WebSocket.
  void open_polling(Peer request);
  void open_websocket(Peer websocket);

  // The peer of a polling session.
  void on_get(Peer request);
  /// The body of a POST has begun, and on_post or on_request_gone of the same request follows. Bodies that overlap would change
  /// the order of packets, so the second ends the session (as engine.io's polling.js, onDataRequest).
  void on_post_begins(Peer request);
  /// `bytes`: the body is of the type application/octet-stream, which only v3 has.
  void on_post(Peer request, std::string_view body, bool bytes = false);
  /// Instead of on_post(): the owner has answered it.
  void on_post_refused(Peer request);
  void on_request_gone(Peer request);
  /// A WebSocket that names this session: it may probe. False: it must be closed, this session does not want it.
  bool on_probe_open(Peer websocket);
  // Frames and the end of either WebSocket.
  void on_frame(Peer websocket, std::string_view payload, bool binary);
  void on_websocket_gone(Peer websocket);
  void on_timer(SessionTimer timer);

  /// A text packet with its type character, for example "4hello"; it may wait for a poll.
  void send(std::string_view packet);
  void send_binary(std::string_view bytes);
  /// Answers a waiting poll with what there is.
  void flush();
  /// Ends the session. Reasons of ours leave what is queued time to arrive; the others do not.
  void end(SessionEnd why);

  std::string_view sid() const { return {sid_.data(), sid_.size()}; }
  bool open() const { return state_ == State::open; }
  bool gone() const { return state_ == State::gone; }
  bool v3() const { return revision_.three; }
  bool polling() const { return transport_ == Transport::polling; }
  /// A poll waits for its answer.
  bool poll_waits() const { return poll_waits_; }
  bool upgrading() const { return probe_ != Probe::none; }
  /// Of a session that is not polling.
  Peer websocket() const { return websocket_; }
  /// What waits for a poll.
  std::size_t outbox_bytes() const { return outbox_.size(); }
  /// The class's own consistency, for tests.
  bool consistent() const;

  // The owner's.
  std::unique_ptr<HandshakeContext> context;
  std::uint32_t owner_index = 0;

 private:
  enum class State : unsigned char { unopened, open, lingering, gone };
  enum class Transport : unsigned char { polling, websocket };
  enum class Probe : unsigned char { none, open, answered };
  enum class Pong : unsigned char { none, awaited, put_off };

  std::string handshake() const;
  void append(std::string_view packet);
  void answer_one(std::string_view packet);
  bool take_body(std::string_view body, bool bytes);
  Result<EnginePacket> read_frame(std::string_view payload, bool binary, std::string& scratch) const;
  void send_waiting(std::string_view body);
  void wait_for_poll();
  void on_packet(const EnginePacket& packet);
  void on_probe_frame(std::string_view payload, bool binary);
  void upgrade();
  void drop_probe();
  void answer(std::string_view body);
  void end_polling(SessionEnd why);
  void forget();

  const SessionSettings& settings_;
  SessionOwner& owner_;
  TransportHost& host_;
  Sid sid_;
  EngineRevision revision_;
  State state_ = State::unopened;
  Transport transport_ = Transport::polling;
  Probe probe_ = Probe::none;
  Pong pong_ = Pong::none;
  bool poll_waits_ = false;
  bool post_comes_ = false;
  bool flush_asked_ = false;
  bool outbox_has_binary_ = false;
  Peer poll_{};
  Peer post_{};
  Peer websocket_{};
  Peer probe_socket_{};
  std::string outbox_;  // a polling body, v3: in its text form
};

}  // namespace zegocall::wire_detail
