// What a Listener and its connections are made of. For src/net only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "net/http_head.hpp"
#include "net/loop_impl.hpp"
#include "net/peer_address.hpp"
#include "net/tls_server.hpp"
#include "net/transport.hpp"
#include "net/unix_address.hpp"
#include "net/ws_frames.hpp"

namespace zegocall::net_detail {

/// What a connection may be kept waiting for; each has its own time limit.
enum class Wait : std::uint8_t { nothing, handshake, first_head, next_request, head, body, unread, goodbye };
inline constexpr std::size_t waits = 8;

struct Parcel {
  Parcel() = default;
  ~Parcel();
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;

  int socket = -1;
  std::string received;  ///< from the head of the request on
  std::string unsent;    ///< answers to earlier requests
  std::unique_ptr<TlsServerSession> tls;
  PeerAddress address;
  AddressTally::Place place;
};

/// One connection: requests one after the other, until it may become a WebSocket.
class Peer final : public Transport {
 public:
  /// Not for one that comes in a parcel: `fresh` connections begin with a handshake where there is TLS.
  Peer(Listener::Impl& owner, PeerId id, bool fresh);
  ~Peer() override;

  void answer(const HttpAnswer& answer);
  void add_part(std::string_view bytes);
  void end_parts();
  void break_off();
  void send(std::string_view payload, bool binary);
  void send_frame(std::string_view framed);
  void close(std::uint16_t code, std::string_view reason);
  void pause(bool paused);
  /// Goes on with what was received and not yet read.
  void resume();
  /// Ends a connection that waits for its next request.
  void end_if_idle();
  /// Tells the Handler, once, that the request or WebSocket it knows of is gone.
  void tell_gone();
  /// Tells the Handler that a streamed answer may go on.
  void give_room();
  void on_time_limit();
  /// Goes on with a connection that came from another Listener. False: it could not be taken over.
  bool unpack(Parcel& parcel);
  /// What is to go to another Listener, and to which; the socket is not in it yet.
  std::unique_ptr<Parcel> pack();
  unsigned moves_to() const { return moves_to_; }

  PeerId id() const { return id_; }
  /// Transport's, of what is not encrypted yet too.
  std::size_t buffered() const { return Transport::buffered() + plain_.size(); }
  bool is_moving() const { return state_ == State::moving; }

  PeerAddress address;
  AddressTally::Place place;  ///< among the connections of that address

 private:
  friend class WaitQueue;
  enum class State : std::uint8_t { handshake, head, body, answering, streaming, websocket, moving, ending };
  struct Request {
    std::string text;
    ParsedHead head;
    std::string body;
  };

  void on_bytes(char* data, std::size_t size) override;
  void on_gone() override;
  void on_flush() override;
  void on_written(std::size_t bytes, bool whole) override;

  // Between the socket and the rest, where there is TLS. The names hide Transport's, which would go past it.
  std::string& out();
  void queue(std::string_view bytes);
  void finish();
  void shake_hands();
  void decrypt();
  void encrypt();
  void fail_tls();
  void on_plain(char* data, std::size_t size);

  std::size_t consume(char* data, std::size_t size);
  std::size_t step_head(char* data, std::size_t size);
  std::size_t step_body(const char* data, std::size_t size);
  std::size_t step_websocket(char* data, std::size_t size);
  void begin_request(std::string_view behind);
  void refuse_early(std::string_view bytes);
  void hold_back();
  bool reads_slowly();
  void go_on();
  void deliver();
  void end_answer();
  bool hold_body(std::size_t bytes);
  void release_body();
  void upgrade();
  void refuse(int status, std::string_view why);
  void end();
  void fail_websocket(std::uint16_t code);
  bool move_away(const RequestHead& head);
  void wait_for(Wait what);
  template <class F>
  void guarded(F&& call) noexcept;

  Listener::Impl& owner_;
  PeerId id_;
  State state_ = State::head;
  Wait wait_ = Wait::nothing;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool chunks_ = false;        // of a streamed answer; else its end is the connection's
  bool is_websocket_ = false;  // or was one
  bool pipelined_ = false;
  bool owes_request_gone_ = false;
  bool owes_close_ = false;
  bool paused_ = false;
  bool choked_ = false;  // not read from: it has said something before it was its turn
  unsigned moves_to_ = 0;
  std::unique_ptr<TlsServerSession> tls_;
  std::string plain_;  // to be encrypted at the end of the turn
  WsReader reader_{WsSide::server};
  std::string in_;
  std::size_t searched_ = 0;     // of in_, for the end of the head
  std::size_t body_held_ = 0;    // of Listener::Impl::bodies_held
  std::size_t unconfirmed_ = 0;  // of an answer, when its peer was last seen to read
  std::unique_ptr<Request> request_;
  Peer* wait_before_ = nullptr;
  Peer* wait_after_ = nullptr;
  SteadyTime wait_until_{};
};

/// Connections that wait for the same thing, the one that waits longest first.
class WaitQueue {
 public:
  void add(Peer& peer, SteadyTime until);
  void remove(Peer& peer);
  Peer* front() const { return first_; }
  std::optional<SteadyTime> due() const;

 private:
  Peer* first_ = nullptr;
  Peer* last_ = nullptr;
};

struct Listener::Impl final : TurnEnd {
  Impl(Loop& loop_in, ListenOptions options_in, Handler& handler_in);
  ~Impl() override;

  Result<void> listen();
  Result<void> listen_at_file(const std::string& path);
  Result<void> listen_at_port();
  void accept_some();
  void accept_one(int socket, const struct sockaddr& from);
  bool has_room_for(const PeerAddress& address, AddressTally::Place& place);
  Peer& add_peer(bool fresh);
  void adopt(Parcel& parcel);
  void send_away(PeerId id);
  void count_connection(int change);
  void pause_accepting(const std::string& why);
  void stop_accepting();
  void close_all();
  bool on_turn_end() override;

  Peer* find(PeerId id) const;
  void remove(Peer& peer);
  void start_waiting(Peer& peer, Wait what);
  void stop_waiting(Peer& peer, Wait what) { queues[static_cast<std::size_t>(what)].remove(peer); }
  void arm_waits();
  void end_waits();
  std::string_view date();

  Loop& loop;
  ListenOptions options;
  Handler& handler;
  ListenerCounters counters;
  int socket = -1;
  std::optional<UnixSocketFile> file;
  uv_poll_t* acceptor = nullptr;  // owns itself once it is closing
  std::uint16_t port = 0;
  TimerId accept_timer = 0;
  bool accepts = false;

  struct Slot {
    std::uint32_t generation = 0;
    std::unique_ptr<Peer> peer;
  };
  std::vector<Slot> slots;
  std::vector<std::uint32_t> free_slots;
  std::size_t bodies_held = 0;                                 // bytes
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // for what is posted
  std::vector<PeerId> to_resume;
  std::vector<PeerId> to_tell;
  std::vector<PeerId> to_move;
  int reserve = -1;  // a descriptor that makes room for the second number of a connection that moves
  std::array<WaitQueue, waits> queues;
  TimerId wait_timer = 0;
  SteadyTime wait_timer_at = SteadyTime::max();
  std::int64_t date_second = -1;
  std::string date_text;
};

}  // namespace zegocall::net_detail
