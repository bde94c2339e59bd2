// The Socket.IO client without I/O: Engine.IO v4 over one WebSocket, one namespace. Bytes and time in; frames, events and
// the next deadline out. The owner brings the transport.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/wire/socket_packet.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::client_detail {

/// The doors out of the core. None of them may call back into it, but for acknowledge() inside on_event.
class ClientHost {
 public:
  virtual ~ClientHost() = default;
  virtual void send(std::string_view payload, bool binary) = 0;
  /// The server let us into the namespace.
  virtual void on_connected() = 0;
  /// An event; the answer goes to acknowledge() if `ack` is set, inside this call or later.
  virtual void on_event(std::string_view name, ArgsView args, std::optional<std::uint64_t> ack) = 0;
  /// The last word, once: the connection is over and the transport is to be closed.
  virtual void on_closed(const Error& why) = 0;
};

struct CoreOptions {
  std::string nsp = "/";
  std::chrono::milliseconds connect_timeout{20'000};
  wire_detail::SocketLimits limits;
};

/// An encoded packet with its attachments.
struct Outgoing {
  std::string text;
  std::vector<std::string> attachments;
  std::optional<std::uint64_t> ask;  ///< the id whose acknowledgement it asks for
  std::size_t size() const;
};
/// As encode_event, with the attachments of the arguments.
Outgoing make_event(std::string_view nsp, std::string_view name, const ArgsView& args, std::optional<std::uint64_t> ask);

class ClientCore {
 public:
  using Done = std::function<void(Result<Args>)>;

  ClientCore(CoreOptions options, ClientHost& host) : options_(std::move(options)), host_(host) {}

  /// The time for connecting begins.
  void start(Now now);
  /// The WebSocket is open; `auth` is what the handshake will present, or nothing.
  void on_open(std::optional<Json> auth);
  void on_message(std::string_view payload, bool binary, Now now);
  /// The transport is gone or could not be made.
  void on_gone(const Error& why);

  /// Sends, or keeps it until connected. After the end it is dropped.
  void emit(Outgoing packet);
  /// `done` is called once. The packet carries the id.
  void ask(Outgoing packet, SteadyTime until, Done done);
  void acknowledge(std::uint64_t id, const ArgsView& args);
  /// Says goodbye and ends.
  void close(const Error& why);

  std::optional<SteadyTime> deadline() const;
  void on_deadline(Now now);

  bool connected() const { return state_ == State::connected; }
  bool closed() const { return state_ == State::closed; }
  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  enum class State : unsigned char { idle, connecting, handshake, joining, connected, closed };
  struct Ask {
    SteadyTime until;
    Done done;
  };

  void on_packet(std::string_view data, Now now);
  void on_handshake(std::string_view data, Now now);
  void on_text(std::string_view text);
  void on_attachment(std::string_view bytes);
  void deliver(const wire_detail::SocketPacket& packet);
  void refused(const wire_detail::SocketPacket& packet);
  void joined();
  void send(const Outgoing& packet);
  void answer(std::uint64_t id, Result<Args> result);
  void heard(Now now) { link_until_ = now.steady + silence_max_; }
  void end(const Error& why);

  CoreOptions options_;
  ClientHost& host_;
  State state_ = State::idle;
  SteadyTime link_until_{};  // of connecting, then of the server's silence
  std::chrono::milliseconds silence_max_{};
  std::optional<Json> auth_;
  std::vector<Outgoing> queue_;
  std::size_t queued_bytes_ = 0;
  std::unordered_map<std::uint64_t, Ask> asks_;
  std::multimap<SteadyTime, std::uint64_t> ask_times_;
  std::string held_text_;  // a packet that waits for its attachments
  std::vector<std::string> held_attachments_;
  std::size_t awaited_ = 0;
  std::string scratch_, frame_;
};

}  // namespace zegocall::client_detail
