// The client's end of one Engine.IO v4 session without I/O: long-polling, WebSocket, the upgrade between them, heartbeat,
// the goodbye. What the server and the transports say goes in with the time; requests and frames come out through doors.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::client_detail {

/// The server said what the protocol does not allow.
inline Error protocol(std::string detail) { return {ErrorCode::protocol, {}, std::move(detail)}; }

enum class HttpCall : unsigned char { poll, post };
enum class EngineMode : unsigned char { websocket, polling, upgrade };

/// The way to the transports. At most one poll, one post and one WebSocket are under way at a time. None of these may call
/// back into the session that called.
class EngineDoors {
 public:
  virtual ~EngineDoors() = default;
  virtual void request(HttpCall call, std::string_view target, std::string_view body) = 0;
  virtual void open_websocket(std::string_view target) = 0;
  virtual void send_frame(std::string_view payload, bool binary) = 0;
  /// Given up: nothing of it is told any more.
  virtual void drop_websocket() = 0;
  /// Everything is given up.
  virtual void drop() = 0;
  /// What is queued leaves, then a close frame; on_websocket_gone follows.
  virtual void close_websocket() = 0;
};

class EngineOwner {
 public:
  virtual ~EngineOwner() = default;
  virtual void on_engine_open(Now now) = 0;
  /// A text message without its type character, or a binary one. The view lives as long as the call.
  virtual void on_engine_message(std::string_view payload, bool binary, Now now) = 0;
  /// Once for each open(), unless close() was called: all transports are dropped.
  virtual void on_engine_gone(const Error& why, Now now) = 0;
};

class EngineClient {
 public:
  /// `target`: path and query up to and with "EIO=4", and what else the query holds.
  EngineClient(EngineMode mode, std::string target, EngineDoors& doors, EngineOwner& owner)
      : mode_(mode), target_(std::move(target)), doors_(doors), owner_(owner) {}

  /// A new session; the one before must be over.
  void open();
  /// Says goodbye, after what is queued, until `limit`; done() tells when that is over. At once if nothing is open.
  void close(SteadyTime limit, Now now);

  /// Ends it without a word to anybody; also from inside a call to the owner.
  void abandon();

  void on_reply(HttpCall call, int status, std::string_view body, Now now);
  void on_request_gone(HttpCall call, const Error& why, Now now);
  void on_websocket_open();
  void on_frame(std::string_view payload, bool binary, Now now);
  void on_websocket_gone(const Error& why, Now now);

  /// An Engine.IO text packet, type character first. Only while open.
  void send(std::string_view packet);
  void send_binary(std::string_view bytes);
  /// Polling posts what send() queued; a WebSocket needs no such step. Call at the end of a turn.
  void flush(Now now);

  std::optional<SteadyTime> deadline() const;
  void on_deadline(Now now);

  bool is_open() const { return state_ == State::open; }
  /// Nothing is under way.
  bool done() const { return state_ == State::idle; }
  /// What waits to be posted.
  std::size_t queued_bytes() const { return queued_bytes_; }
  /// The longest message that this server takes.
  std::size_t payload_max() const { return payload_max_; }
  bool polling() const { return transport_ == Transport::polling; }
  /// The class's own consistency, for tests.
  bool consistent() const;

 private:
  enum class State : unsigned char { idle, opening, open, leaving };
  enum class Transport : unsigned char { polling, websocket };
  /// wanted: by the server's leave; pausing: the probe was answered, polls and posts come to rest.
  enum class Upgrade : unsigned char { none, connecting, probing, pausing };

  void poll();
  void on_poll_body(std::string_view body, Now now);
  void on_packet(char type, bool binary, std::string_view data, Now now);
  void on_handshake(std::string_view json, Now now);
  void begin_upgrade(Now now);
  void on_probe_frame(std::string_view payload, bool binary, Now now);
  void finish_upgrade();
  void give_up_upgrade(Now now);
  void heard(Now now) { quiet_until_ = now.steady + silence_max_; }
  void gone(const Error& why, Now now);
  void rest();
  std::string target(std::string_view transport);

  EngineMode mode_;
  std::string target_;
  EngineDoors& doors_;
  EngineOwner& owner_;
  State state_ = State::idle;
  Transport transport_ = Transport::polling;
  Upgrade upgrade_ = Upgrade::none;
  bool polls_ = false, posts_ = false, websocket_ = false;  // under way
  std::uint32_t session_ = 0;                               // counts open(), to notice an end inside a call out
  std::uint64_t requests_ = 0;
  std::string sid_;
  std::size_t payload_max_ = 0;
  std::chrono::milliseconds silence_max_{};
  SteadyTime quiet_until_{}, post_until_{}, upgrade_until_{}, leave_until_{};
  std::deque<std::string> queue_;  // packets in their polling form
  std::size_t queued_bytes_ = 0;
};

}  // namespace zegocall::client_detail
