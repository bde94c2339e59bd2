// The edge to the network: an event loop, and an HTTP/1.1 and WebSocket server on it. The only room that knows
// libwebsockets and libuv; neither shows here.
//
// Everything but Loop::post and Loop::stop belongs to the loop thread: the one that is in Loop::run, or, before run and
// after it has returned, the one that owns the objects. Order of destruction: Listeners, then their Loop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/log.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::net_detail {

using TimerId = std::uint64_t;

/// What Listener::close takes beside the codes of RFC 6455. A close frame that names no code is told to the peer's program as
/// 1005; ws, and so every server of Node.js, sends that where it was given none.
inline constexpr std::uint16_t close_at_once = 0, close_without_code = 1005;

/// One thread's event loop with an inbox and one-shot timers. Several in one process are independent of each other.
/// Takes no signals. An exception that leaves a task or a timer ends the program: catch where it can be handled.
class Loop {
 public:
  /// `log` takes what libwebsockets has to say, warnings and worse.
  static Result<std::unique_ptr<Loop>> open(LogSink log = {});
  /// Not while run() is active. Tasks that never ran are destroyed unrun.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Serves until stop(); the calling thread is the loop thread meanwhile. May be called again.
  void run();
  /// Makes run() return once everything posted before has run and what was sent is on its way. Any thread.
  void stop();
  /// Runs `task` on the loop thread, in the order of the posts. Any thread.
  void post(std::function<void()> task);
  /// On a loop that nobody runs any more: what was posted and did not run is destroyed, and so is what is posted later.
  void close_inbox();
  /// Runs `task` once at or soon after `when` (a resolution of one millisecond).
  TimerId at(SteadyTime when, std::function<void()> task);
  /// Forgets a timer; one that has fired or is unknown is a no-op.
  void cancel(TimerId timer);
  /// Both clocks, read now.
  Now now() const;
  /// True on the thread that is in run(), and on every thread while none is.
  bool on_loop_thread() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit Loop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One connection of one Listener. A stale one (its connection is gone) is a no-op in every call.
struct PeerId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const PeerId&, const PeerId&) = default;
};

struct HeaderField {
  std::string_view name;  ///< in lower case
  std::string_view value;
};

/// What a client asked for. The views live as long as the call that hands it over.
struct RequestHead {
  std::string_view method;  ///< GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; others are answered 501 before this
  std::string_view path;    ///< as sent: "%2F" is still "%2F"; starts with '/', or is "*"
  std::string_view query;   ///< as sent, without the '?'
  std::vector<HeaderField> fields;
  std::string peer_address;  ///< of the TCP peer, numeric, without port; "unix" of one that came by a file
  bool wants_upgrade = false;

  /// The value of a header, by lower-case name; several of one name are joined by ", ".
  std::optional<std::string> header(std::string_view name) const;
};

struct HttpAnswer {
  int status = 200;
  /// Content-Length, Connection and Date are added; do not give them.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::shared_ptr<const std::string> shared_body = {};  ///< takes the place of `body` when set
  bool head_only = false;                               ///< the length of the body is told, the body is not sent (HEAD)
  bool streamed = false;                                ///< the body follows by Listener::add_part; `body` is not looked at
  bool close = false;                                   ///< close the connection after the answer
};

/// A connection on its way from one Listener to another, on another loop: its socket, and what was not read or written yet.
/// Destroying it closes the connection.
struct Parcel;

/// What the owner of a Listener implements. Called on the loop thread, one call at a time, and never out of a call into
/// the Listener; it may call the Listener. An exception that leaves a call closes that peer.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The most bytes that the body of this request may have; a longer one is answered 413 and never collected.
  virtual std::size_t body_limit(const RequestHead& head) = 0;
  /// Asked of a client that waits for "100 Continue". False: the request is refused whatever its body is. Then on_request()
  /// comes at once, without the body, and the connection ends after the answer.
  virtual bool wants_body(const RequestHead& head) { return (void)head, true; }
  /// Of a request whose body did not come at once with its head: on_request() follows when it is whole, on_request_gone() when
  /// it will not be.
  virtual void on_body_begins(PeerId peer, const RequestHead& head) { (void)peer, (void)head; }
  /// Nobody can be let in for a moment, because descriptors or memory have run out; those who are in go on. Every 100 ms.
  virtual void on_accepts_paused(const std::string& why) { (void)why; }
  /// A request of the peer at `address` is refused by the Listener itself, and the connection ends after it: a chance to
  /// give the answer another shape than plain text. `head` is null when the head could not be read. Status and closing stay.
  virtual void on_refusal(std::string_view address, const RequestHead* head, HttpAnswer& answer) {
    (void)address, (void)head, (void)answer;
  }
  /// Another Listener is to have the connection, from this request on: its number, which comes back in on_parcel(). Asked
  /// once for each request, before body_limit() and on_upgrade().
  virtual std::optional<unsigned> belongs_to(const RequestHead& head) { return (void)head, std::nullopt; }
  /// To be given to Listener::adopt() of the one that belongs_to() named, on its loop.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): who overrides it keeps it
  virtual void on_parcel(unsigned to, std::shared_ptr<Parcel> parcel) { (void)to, (void)parcel; }
  /// A whole request; owes one answer(), now or at any time later. Until then on_request_gone may come instead.
  virtual void on_request(PeerId peer, const RequestHead& head, std::string body) = 0;
  /// The client of a request that is not whole, not answered, or not to its end, went away, or was refused in the middle.
  virtual void on_request_gone(PeerId peer) = 0;
  /// Of what a streamed answer has queued, at most stream_room_bytes are not yet with the kernel. Comes after writes, more
  /// often than parts are added.
  virtual void on_room(PeerId peer) { (void)peer; }
  /// A WebSocket wants in; an answer refuses it before the handshake.
  virtual std::optional<HttpAnswer> on_upgrade(PeerId peer, const RequestHead& head) = 0;
  /// The WebSocket is open; send() may be used from here on.
  virtual void on_open(PeerId peer) = 0;
  /// One whole message; the view lives as long as the call. Text is valid UTF-8.
  virtual void on_message(PeerId peer, std::string_view message, bool binary) = 0;
  /// The WebSocket is gone, whoever ended it; comes once for each on_open, after close() of our own too.
  virtual void on_close(PeerId peer) = 0;
  /// The end of the loop's turn, before what was queued is written: the moment for what one turn's messages have in common.
  virtual void on_turn_end() {}
};

class Listener;
class AddressTally;
class TlsIdentity;
/// A streamed answer should wait for on_room while it has more than this unsent.
inline constexpr std::size_t stream_room_bytes = std::size_t{64} * 1024;

struct ListenOptions {
  std::string host = "127.0.0.1";    ///< a numeric address, v4 or v6; or "unix:" and the path of a socket
  std::uint16_t port = 0;            ///< 0 takes any free one
  unsigned unix_permissions = 0600;  ///< of a Unix socket's file
  int backlog = 4096;
  bool shared = false;  ///< other Listeners of this process may listen beside this one; nobody else may
  /// An open, shared one, whose address this one listens at too, whatever host and port say. The kernel spreads the
  /// connections. Not used after open().
  const Listener* beside = nullptr;
  std::size_t head_bytes_max = std::size_t{16} * 1024;
  std::size_t message_bytes_max = 1'000'000;  ///< of one WebSocket message; a longer one closes with 1009
  std::size_t connections_max = 0;            ///< 0: as many as there are descriptors
  /// Listeners that count towards one connections_max share this; null: each its own.
  std::shared_ptr<std::atomic<std::size_t>> connections{};
  std::size_t connections_per_address_max = 0;  ///< IPv6: from one /64; 0: no limit. Of a Unix socket there is none
  /// Whom that limit is not for, by RequestHead::peer_address: those who bring the connections of others. Any thread.
  std::function<bool(std::string_view address)> is_proxy{};
  std::shared_ptr<AddressTally> addresses{};            ///< as `connections`, for connections_per_address_max
  std::shared_ptr<const TlsIdentity> tls{};             ///< null: plain
  std::chrono::milliseconds handshake_timeout{10'000};  ///< of TLS
  /// Of the bodies of all requests together that are not answered yet; what would go beyond is answered 503.
  std::size_t bodies_bytes_max = std::size_t{64} << 20;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};    ///< a kept-alive connection without a request
  std::chrono::milliseconds unread_timeout{30'000};  ///< for a peer to take some more of its HTTP answer
  std::chrono::milliseconds close_timeout{2'000};    ///< for a WebSocket's last bytes to leave; for the peer to say goodbye
};

/// Plain numbers of one Listener since it was opened.
struct ListenerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t websockets = 0;   ///< open now
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t writes = 0;                    ///< calls that sent something; several frames may share one
  std::uint64_t writes_short = 0;              ///< of those, the ones that the socket did not take whole
  std::uint64_t requests_bad = 0;              ///< refused here: 400, 408, 411, 413, 417, 426, 431, 501, 503, 505
  std::uint64_t websockets_bad = 0;            ///< closed for a broken frame, bad UTF-8 or too long a message
  std::uint64_t requests_too_large = 0;        ///< of requests_bad: 413, 431
  std::uint64_t requests_long_head = 0;        ///< of requests_bad: 431
  std::uint64_t requests_cut_off = 0;          ///< the client went away in the middle of a body
  std::uint64_t requests_unsized = 0;          ///< of requests_bad: 411, a body without Content-Length
  std::uint64_t requests_no_room = 0;          ///< of requests_bad: 503, beyond bodies_bytes_max
  std::uint64_t requests_pipelined = 0;        ///< sent before the answer to the one before, and not served
  std::uint64_t websockets_too_large = 0;      ///< of websockets_bad: 1009
  std::uint64_t websockets_bad_text = 0;       ///< of websockets_bad: 1007
  std::uint64_t websockets_bad_frame = 0;      ///< of websockets_bad: 1002
  std::uint64_t websockets_unmasked = 0;       ///< of websockets_bad_frame: no masking key, which clients must use
  std::uint64_t timeouts = 0;                  ///< connections closed because something did not come or leave in time
  std::uint64_t timeouts_head = 0;             ///< of these: the head of a request
  std::uint64_t timeouts_body = 0;             ///< of these: the body of a request
  std::uint64_t timeouts_unread = 0;           ///< of these: the peer did not read its answer
  std::uint64_t accepts_paused = 0;            ///< times that accepting stopped for want of descriptors
  std::uint64_t connections_over = 0;          ///< closed at once because of connections_max
  std::uint64_t connections_over_address = 0;  ///< closed at once because of connections_per_address_max
  std::uint64_t tls_handshakes = 0;            ///< that came to their end
  std::uint64_t tls_failed = 0;                ///< connections closed because TLS failed, in the handshake or later
  std::uint64_t tls_timeouts = 0;              ///< of timeouts: the handshake was not over in time
  std::uint64_t connections_moved = 0;         ///< that came here from another Listener
  std::uint64_t moves_failed = 0;              ///< that should have gone to another one, and had to be closed
};

/// A listening socket and its connections.
class Listener {
 public:
  /// Errors: invalid_argument (host), address_in_use, forbidden, io_error.
  static Result<std::unique_ptr<Listener>> open(Loop& loop, ListenOptions options, Handler& handler);
  /// Closes every connection at once; the Handler hears nothing of it.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  const ListenerCounters& counters() const;

  /// Answers the request that this peer waits for; a no-op if there is none.
  void answer(PeerId peer, const HttpAnswer& answer);

  /// A piece of the body of a streamed answer. A client of HTTP/1.1 gets it as a chunk.
  void add_part(PeerId peer, std::string_view bytes);
  /// The body of a streamed answer is whole.
  void end_parts(PeerId peer);
  /// It is not, and will not be: what is queued still leaves, then the connection ends in a way that the client cannot take
  /// for the body's end. on_request_gone does not follow.
  void break_off(PeerId peer);

  /// Queues one WebSocket message. All that a connection has queued leaves in one write at the end of the loop's turn.
  void send(PeerId peer, std::string_view payload, bool binary);
  /// Queues what frame() made: framed once, sent to many.
  void send_frame(PeerId peer, std::string_view framed);
  void send_frame(PeerId peer, const std::shared_ptr<const std::string>& framed) { send_frame(peer, std::string_view(*framed)); }
  static std::string frame(std::string_view payload, bool binary);
  /// Bytes queued or handed over that the kernel has not taken yet; an upper bound while a write is under way.
  std::size_t buffered(PeerId peer) const;

  /// Ends a WebSocket after what is queued, with a close frame of this code (1000, 1001, 1008, ...) or close_without_code, then
  /// the peer's own or close_timeout. close_at_once gives up what is queued and ends the connection. on_close comes later, not
  /// from inside this call; no on_message after it. Also ends a plain HTTP connection; its unanswered request is told
  /// on_request_gone.
  void close(PeerId peer, std::uint16_t code, std::string_view reason);
  /// Stops and resumes reading from one connection. Nothing is lost; the peer's writes pile up at the peer. A paused
  /// peer that goes away is noticed when something is sent to it or reading resumes.
  void pause_reading(PeerId peer, bool paused);

  /// What connections are shown from here on. Not null where it was not, nor the reverse.
  void set_tls(std::shared_ptr<const TlsIdentity> identity);
  /// Takes over a connection that another Listener gave away.
  void adopt(const std::shared_ptr<Parcel>& parcel);

  /// No new connections from here on (the port is freed); the open ones go on.
  void stop_accepting();
  /// As the destructor, but that counters() and port() can still be asked.
  void close_all();

  struct Impl;

 private:
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
