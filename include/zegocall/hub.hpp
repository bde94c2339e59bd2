// A Socket.IO and HTTP server inside your own process.
//
//   Namespace ns{"/"};
//   ns.on("echo", [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); });
//   auto hub = Hub::open({.port = 3000}, {.namespaces = {ns}});
//
// Wiring is a value that is handed over once, at open. Handlers are plain code that returns its answer; Run says where
// they run. Events of one connection are handled in the order in which they came, wherever each of them runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/log.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/net/ask.hpp"
#include "zegocall/net/http.hpp"
#include "zegocall/server/clock.hpp"

namespace zegocall {

namespace server_detail {
class Server;
struct AudienceAccess;
struct EventState;
struct HandshakeState;
struct NamespaceParts;
struct NamespaceAccess;
struct EnginePeerState;
}  // namespace server_detail

/// A set of connections of one namespace, and what can be done to it. A value: narrowing gives a new one. Any thread.
/// Inside a Run::service handler (and a Driven's deadline) everything here takes effect after the group's commit, and not
/// at all if that fails; on a loop at once; from any other thread soon. On a hub that has stopped it does nothing.
class Audience {
 public:
  /// Nobody.
  Audience() = default;

  /// Only members of the group; several to() and user() add up.
  Audience to(const GroupId& group) const;
  /// Only this connection (each is the only member of a group of its own).
  Audience to(const ConnectionId& connection) const;
  /// Only the connections that authenticated as this user: the group `user_<id>`, which they are in from the start.
  Audience user(const UserId& user) const;
  /// Without the members of the group, whatever else says they are in.
  Audience except(const GroupId& group) const;
  Audience except(const ConnectionId& connection) const;
  /// What cannot be written at once to a connection is dropped for it, instead of queued.
  Audience droppable() const;
  /// Only connections to this process, where several share a bus.
  Audience local() const;

  void emit(std::string_view event, const Args& args = {}) const;
  /// As emit, of arguments that were received: the slice goes on as it is, not parsed and not printed again.
  void relay(std::string_view event, ArgsView args) const;
  /// Emits and collects one acknowledgement from each connection that is in the set now, in any order. `done` is called
  /// once, on a loop (Run::loop rules): with all answers, or `timeout` if one is missing then, or `closed`.
  void ask(std::string_view event, const Args& args, AskOptions options,
           std::function<void(Result<std::vector<Args>>)> done) const;
  void join(const GroupId& group) const;
  void leave(const GroupId& group) const;
  /// Ends the connections to this namespace; the last one of a client closes its transport.
  void disconnect() const;

 private:
  friend struct server_detail::AudienceAccess;
  enum class Which : unsigned char { groups, one, all_but_one };
  std::weak_ptr<server_detail::Server> server_;
  std::uint16_t namespace_ = 0;
  Which which_ = Which::groups;
  bool narrowed_ = false;  // to the groups below; an empty name among them is nobody, not everybody
  bool droppable_ = false;
  std::uint32_t loop_ = 0, index_ = 0, generation_ = 0;  // the one, a short cut
  GroupId group_;                                        // the first of those asked for: no allocation for one
  std::vector<GroupId> more_groups_, except_;
};

/// What a connection presented when it asked to join a namespace. Lives for the call.
class Handshake {
 public:
  explicit Handshake(const server_detail::HandshakeState& state) : state_(&state) {}
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  /// The `auth` object of the client; {} if it sent none.
  JsonView auth() const;
  /// Of the HTTP request that opened the session.
  std::optional<std::string> header(std::string_view name) const;
  std::optional<std::string> query(std::string_view name) const;
  std::string_view address() const;
  ConnectionId connection() const;
  Now now() const;

 private:
  const server_detail::HandshakeState* state_;
};

/// Something that a connection did. Lives for the call, with all views that it gave.
class Event {
 public:
  explicit Event(const server_detail::EventState& state) : state_(&state) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  std::string_view name() const;
  /// What came with it, as received.
  ArgsView args() const;
  /// As ArgsView::get: get<GroupId>("0.room"), get<UserId, JsonView>("0.to", "0.data").
  template <class T>
  Result<T> get(std::string_view path) const {
    return args().get<T>(path);
  }
  template <class A, class B, class... More>
  Result<std::tuple<A, B, More...>> get(std::string_view a, std::string_view b, base_detail::JsonPath<More>... more) const {
    return args().get<A, B, More...>(a, b, more...);
  }
  /// True if the peer waits for an acknowledgement.
  bool wants_ack() const;
  /// When its handler was called: on the service thread it never goes back from one handler or deadline to the next.
  Now now() const;
  /// The Socket.IO session id, new at each connect.
  const ConnectionId& connection() const;
  /// What authenticate gave; without one, an empty user. `device` is never empty: by default the ConnectionId's text.
  const Identity& identity() const;
  /// The number of the loop that the connection belongs to; a handler with Run::loop runs there.
  unsigned loop() const;

  Audience sender() const;    ///< this connection alone
  Audience others() const;    ///< its namespace without it
  Audience everyone() const;  ///< its namespace

 private:
  const server_detail::EventState* state_;
};

/// What an event does; the Args are the acknowledgement, if the peer asked for one. A failed Result acknowledges
/// {"error": {"code", "field", "message"}} (Namespace::on_error), is counted, and harms nobody else. One that throws ends
/// its own connection.
using EventHandler = std::function<Result<Args>(const Event&)>;
/// As EventHandler, or nothing: "this cannot be decided on the loop".
using EventTry = std::function<std::optional<Result<Args>>(const Event&)>;

/// A namespace's inside as far as its wiring may hold on to it. Copyable; any thread; harmless after the hub's end.
struct HubAccess {
  Audience everyone;   ///< of the namespace that it was handed to
  unsigned loops = 0;  ///< loops are numbered from 0
  /// Runs the function on every loop with that loop's number. From a service handler: after the commit, in order with
  /// what was said in that group, before its replies. It must not throw.
  std::function<void(std::function<void(unsigned loop)>)> on_each_loop;
  /// Queues work for the service thread, in a group, with a place that a full mailbox does not take away. False: the hub
  /// has stopped.
  std::function<bool(std::function<void()>)> on_service;
};

/// The handlers of one namespace. Value type; fill it, then hand it to Hub::open.
class Namespace {
 public:
  explicit Namespace(std::string name = "/");
  Namespace(const Namespace&);
  Namespace(Namespace&&) noexcept;
  Namespace& operator=(const Namespace&);
  Namespace& operator=(Namespace&&) noexcept;
  ~Namespace();

  std::string_view name() const;

  /// Who is it? A failure refuses the connection: CONNECT_ERROR {"message": detail, "data": {"code": ...}}. Without one
  /// everybody may connect. Run::loop or Run::service.
  Namespace& authenticate(std::function<Result<Identity>(const Handshake&)> who, Run run = Run::loop);
  /// Sees every event before its handler, where that runs; a failure takes the handler's place.
  Namespace& filter(std::function<Result<void>(const Event&)> allow);
  /// After the client was told that it is connected, before its first event. Several are called in turn, those on the
  /// loop first; so it is with on_disconnect.
  Namespace& on_connect(std::function<void(const Event&)> handler, Run run = Run::loop);
  /// An event that no handler names is counted, and refused with unknown_event if an ack was asked for.
  Namespace& on(std::string event, EventHandler handler, Run run = Run::loop);
  /// First `quick` on the loop; if that gives nothing, `otherwise` on the service thread.
  Namespace& on(std::string event, EventTry quick, EventHandler otherwise);
  /// Once for each connection that on_connect saw, after its last event. The connection is still in no group, its
  /// identity can be read. Never refused by a full mailbox.
  Namespace& on_disconnect(std::function<void(const Event&, std::string_view reason)> handler, Run run = Run::loop);
  /// The acknowledgement of a failure.
  Namespace& on_error(std::function<Args(const Error&)> shape);
  /// Called once, inside Hub::open, before the first connection. Several are called in turn.
  Namespace& on_open(std::function<void(const HubAccess&)> handler);

 private:
  friend struct server_detail::NamespaceAccess;
  std::unique_ptr<server_detail::NamespaceParts> parts_;
};

/// The other end of a raw Engine.IO session. Lives for the call; on the loop.
class EnginePeer {
 public:
  explicit EnginePeer(server_detail::EnginePeerState& state) : state_(&state) {}
  void send(std::string_view message, bool binary);
  void close();

 private:
  server_detail::EnginePeerState* state_;
};

/// Engine.IO without Socket.IO on it, for programs that bring a protocol of their own.
struct EngineEndpoint {
  std::string path = "/engine.io/";
  std::function<void(EnginePeer&, std::string_view message, bool binary)> on_message{};  ///< Run::loop
};

/// Every bound has an error and a counter of its own.
struct HubLimits {
  std::size_t message_bytes_max = 1'000'000;          ///< one Engine.IO message or polling body; `maxPayload` of the handshake
  std::size_t body_bytes_max = std::size_t{1} << 20;  ///< caps RouteOptions::body_max
  std::size_t outbox_bytes_max = 4'000'000;           ///< unsent bytes of one connection; a slower reader is closed
  std::size_t connections_max = 0;                    ///< open sockets of all kinds; 0: as many as there are descriptors
  std::size_t groups_per_connection_max = 256;
  std::size_t mailbox_max = 4096;  ///< service work that waits; then 503 with Retry-After, or an ack with rate_limited
  std::size_t group_max = 64;      ///< handlers that commit together
  std::chrono::milliseconds group_time{2};
  unsigned workers = 2;
  std::size_t worker_queue_max = 32;
};

struct HubOptions {
  std::string host = "127.0.0.1";  ///< a numeric address
  std::uint16_t port = 0;          ///< 0 takes any free one
  /// Origins that browsers may call from, exactly as they send them; "*" is any, without credentials. The hub's own
  /// origin needs no entry. With a list, a preflight and a Socket.IO session of any other origin are refused with 403; a
  /// route asks HttpRequest::from_allowed_origin. Without one nobody is refused, and browsers keep what is answered from
  /// pages of other origins.
  std::vector<std::string> allowed_origins{};
  std::string path = "/socket.io/";
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds ping_timeout{20'000};
  std::chrono::milliseconds connect_timeout{45'000};  ///< to join a first namespace
  HubLimits limits{};
  bool operations = true;  ///< serve /healthz, /readyz, /version, /metrics
  std::string version{};   ///< what /version says beside the library's own
  /// The program's own counters, appended to /metrics as Prometheus text. Called on a loop at every scrape: it must be quick.
  std::function<std::string()> metrics{};
  Clock* clock = nullptr;  ///< not owned, must outlive the hub; none: the machine's
  LogSink log{};
};

struct Wiring {
  std::vector<Namespace> namespaces{};
  Router http{};
  std::vector<Driven*> driven{};  ///< not owned, must outlive the hub; called on its service thread only
  std::optional<EngineEndpoint> engine{};
};

struct DrainOptions {
  std::chrono::milliseconds grace{10'000};
  /// How long, at most and within grace, the port stays open and /readyz says 503 while clients have sessions: for a
  /// balancer that must see it.
  std::chrono::milliseconds linger{0};
};

/// A running server. Move-only. The destructor stops and joins: no handler runs afterwards. Any number in one process.
class Hub {
 public:
  /// Listens when it returns. Errors: invalid_argument (the field names the option, path or namespace), address_in_use,
  /// forbidden, io_error.
  static Result<Hub> open(HubOptions options, Wiring wiring);
  Hub(Hub&&) noexcept;
  Hub& operator=(Hub&&) noexcept;
  ~Hub();

  std::uint16_t port() const;
  /// Everybody in a namespace; an unknown one has nobody.
  Audience in(std::string_view namespace_name) const;
  /// Takes no new sessions and requests (503; so answers /readyz), says `server_draining` to every socket, waits for what
  /// is in flight, frees the port, closes every connection, runs their on_disconnect, and stops; after `grace` it does not
  /// wait any longer. Blocks; not on a thread of the hub.
  void drain(DrainOptions options = {});
  /// Blocks until the hub has stopped. Any thread but the hub's own.
  void wait();
  /// Ends everything at once. From a thread of the hub it only asks for it, from others it also joins.
  void stop();

 private:
  explicit Hub(std::shared_ptr<server_detail::Server> server);
  std::shared_ptr<server_detail::Server> server_;
};

}  // namespace zegocall
