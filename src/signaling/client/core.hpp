// The Socket.IO client without I/O: connection attempts and back-off, namespaces over one Engine.IO session, questions with
// their time limits, what waits while there is no connection, recovery. Bytes and time in; requests, frames, events and
// the next deadline out. Driving rule: call in, flush(), sleep to deadline(), on_deadline().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "signaling/client/backoff.hpp"
#include "signaling/client/engine.hpp"
#include "signaling/client/outgoing.hpp"
#include "signaling/wire/socket_packet.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::client_detail {

enum class SpaceState : unsigned char { connecting, connected, waiting, closed };

/// The doors out of the core. None of them may call back into it, but for acknowledge() inside on_event. A namespace is
/// named by its number in CoreOptions::spaces.
class ClientHost : public EngineDoors {
 public:
  /// Before every try, counted from 1 in its row; on_credentials() answers.
  virtual void ask_credentials(std::uint32_t number_of_try) = 0;
  /// `why` says something for waiting and closed. closed comes once for each, the main namespace's last.
  virtual void on_state(std::size_t space, SpaceState state, const Error& why) = 0;
  /// A CONNECT_ERROR, before the state that it leads to: its `data`, null if it has none.
  virtual void on_refused(std::size_t space, JsonView data) = 0;
  /// An event; the answer goes to acknowledge() if `ack` is set, inside this call or later.
  virtual void on_event(std::size_t space, std::string_view name, ArgsView args, std::optional<std::uint64_t> ack) = 0;
  /// Once for each ask().
  virtual void on_answer(std::uint64_t id, Result<Args> answer) = 0;
  /// An event that nobody can be told about was not sent.
  virtual void on_unsent(const Error& why) = 0;
};

struct CoreOptions {
  std::vector<std::string> spaces{"/"};  ///< the first is the main one: its end is the client's
  EngineMode mode = EngineMode::websocket;
  std::string target = "/socket.io/?EIO=4";
  std::chrono::milliseconds connect_timeout{20'000};  ///< from credentials to the last namespace
  RetryRule retry;
  wire_detail::SocketLimits limits;
  std::size_t waiting_bytes_max = std::size_t{1} << 20;  ///< beyond it the oldest that waits is dropped
};

class ClientCore final : EngineOwner {
 public:
  ClientCore(CoreOptions options, ClientHost& host, ByteSource& jitter);

  void start(Now now);
  /// One for each namespace: what its handshake will present, an object or nothing.
  void on_credentials(Result<std::vector<std::optional<Json>>> credentials, Now now);
  /// The transports speak to it directly.
  EngineClient& engine() { return engine_; }

  /// Sends, or keeps it until its namespace is joined.
  void emit(Outgoing packet, Now now);
  /// The same for a packet with an id; it is answered at the latest at `until`.
  void ask(Outgoing packet, SteadyTime until, Now now);
  void cancel(std::uint64_t id);
  /// Everything that waits, with its questions.
  void cancel_waiting();
  void acknowledge(std::size_t space, std::uint64_t id, const ArgsView& args);
  /// Says goodbye and ends; finished() tells when the goodbye is over, at the latest at `limit`.
  void close(const Error& why, SteadyTime limit, Now now);

  /// The end of a turn: what polling queued leaves.
  void flush(Now now) { engine_.flush(now); }
  std::optional<SteadyTime> deadline() const;
  void on_deadline(Now now);

  SpaceState state(std::size_t space) const { return spaces_[space].state; }
  bool joined(std::size_t space) const { return spaces_[space].state == SpaceState::connected; }
  /// The last connect resumed the session before it, and what was missed has been or will be delivered.
  bool recovered(std::size_t space) const { return spaces_[space].recovered; }
  bool closed() const { return state_ == State::closed; }
  bool finished() const { return closed() && engine_.done(); }
  std::size_t waiting_bytes() const { return waiting_.bytes(); }
  bool consistent() const;

 private:
  /// presenting: credentials are asked for; opening: the transport's handshake; up: an Engine.IO session, of which the
  /// namespaces become part; paused: until the next try.
  enum class State : unsigned char { idle, presenting, opening, up, paused, closed };
  /// An event that came before the word that lets us in: the original sends what was missed first.
  struct Early {
    std::string name;
    Args args;
    std::optional<std::uint64_t> id;
  };
  struct Space {
    std::string name;
    SpaceState state = SpaceState::connecting;
    std::optional<Json> auth{};
    std::string pid{}, offset{};  // of connection state recovery
    bool recovered = false;
    std::vector<Early> early{};
  };
  struct Ask {
    SteadyTime until;
    std::size_t space;
    std::optional<WaitingRoom::Place> waits;  // not sent yet
  };

  void on_engine_open(Now now) override;
  void on_engine_message(std::string_view payload, bool binary, Now now) override;
  void on_engine_gone(const Error& why, Now now) override;

  void begin_try(Now now);
  void fail_try(const Error& why, Now now);
  void on_text(std::string_view text);
  void on_attachment(std::string_view bytes);
  void deliver(const wire_detail::SocketPacket& packet);
  void event(std::size_t space, std::string_view name, const ArgsView& args, std::optional<std::uint64_t> id);
  void keep_early(Space& space, const wire_detail::SocketPacket& packet);
  void joined_now(std::size_t space, const wire_detail::SocketPacket& packet);
  Error too_late() const;  ///< what a try has waited for in vain
  void refused(std::size_t space, const wire_detail::SocketPacket& packet);
  void leave(std::size_t space, const Error& why);
  void set_state(std::size_t space, SpaceState state, const Error& why);
  void connect_packet(const Space& space);
  bool send(const Outgoing& packet);
  void make_room();
  void answer(std::uint64_t id, Result<Args> result);
  template <class Which>
  void fail_asks(const Error& why, Which which);
  void drop_waiting(std::size_t space);
  void break_off(const Error& why);
  void end(const Error& why);
  bool all_joined() const;

  CoreOptions options_;
  ClientHost& host_;
  EngineClient engine_;
  RetryPlan retry_;
  State state_ = State::idle;
  std::vector<Space> spaces_;
  SteadyTime try_until_{};  // of presenting, opening, and of up until all namespaces are joined; of paused: the next try
  Now now_{};               // of the call that is being served
  WaitingRoom waiting_;
  std::unordered_map<std::uint64_t, Ask> asks_;
  std::set<std::pair<SteadyTime, std::uint64_t>> ask_times_;
  std::string held_text_;  // a packet that waits for its attachments
  std::vector<std::string> held_attachments_;
  std::size_t awaited_ = 0;
  std::size_t early_bytes_ = 0;
  std::string scratch_, frame_;
};

}  // namespace zegocall::client_detail
