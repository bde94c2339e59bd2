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
#include <typeinfo>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/net/http.hpp"
#include "zegocall/server/audience.hpp"
#include "zegocall/server/hub_options.hpp"

namespace zegocall {

namespace server_detail {
class Server;
struct EventState;
struct HandshakeState;
struct NamespaceParts;
struct NamespaceAccess;
struct EnginePeerState;
}  // namespace server_detail

/// What a connection presented when it asked to join a namespace. Lives for the call.
class Handshake {
 public:
  explicit Handshake(const server_detail::HandshakeState& state) : state_(&state) {}
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  /// The `auth` object of the client; {} if it sent none.
  JsonView auth() const;
  /// The namespace that it asks for.
  std::string_view ns() const;
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
  /// What came with it, as received: a string of JavaScript may be cut in the middle of a character ("\ud800"). Passed on or
  /// acknowledged with, it is the same for the other side; asked for as text it is bad_utf8 of that field. No object
  /// in it has a key twice and nothing is nested deeper than HubLimits::json_depth_max (64): such a packet, which the original
  /// takes, ends its session and is counted (zegocall_hub_bad_json_total, zegocall_hub_limit_packet_total).
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
  /// The namespace that the connection is in; for one with a pattern, the name that the client asked for.
  std::string_view ns() const;
  /// The connection is an earlier one that came back (RecoveryOptions).
  bool recovered() const;
  /// The connection's own data, made with T{} when it is first asked for; one T for a connection: asked for
  /// as another type it throws std::logic_error, which ends the connection if the handler lets it. It lives as long as the
  /// connection and comes back with it. No lock is needed: the handlers of one connection are called one at a time.
  template <class T>
  T& data() const {
    return *static_cast<T*>(own_data(typeid(T), [] { return std::shared_ptr<void>(std::make_shared<T>()); }));
  }
  /// The number of the loop that the connection belongs to; a handler with Run::loop runs there.
  unsigned loop() const;

  Audience sender() const;    ///< this connection alone
  Audience others() const;    ///< its namespace without it
  Audience everyone() const;  ///< its namespace

 private:
  void* own_data(const std::type_info& type, std::shared_ptr<void> (*make)()) const;
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
  Audience everyone;   ///< of the namespace that it was handed to; nobody if that has a pattern
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
  /// A `*` in the name makes it a pattern: it stands for one or more characters other than a slash, and a namespace is
  /// there as soon as a client asks for a name that fits, and until nobody is in it: "/room-*". A name without `*` comes
  /// first; of several patterns that fit, the first.
  explicit Namespace(std::string name = "/");
  Namespace(const Namespace&);
  Namespace(Namespace&&) noexcept;
  Namespace& operator=(const Namespace&);
  Namespace& operator=(Namespace&&) noexcept;
  ~Namespace();

  std::string_view name() const;

  /// Seen before authenticate, where that runs; several in turn. A failure refuses the connection in the same way.
  Namespace& admit(std::function<Result<void>(const Handshake&)> check);
  /// Who is it? A failure refuses the connection: CONNECT_ERROR {"message": detail, "data": ...} (refusal_data). Without one
  /// everybody may connect. One only. Run::loop or Run::service.
  Namespace& authenticate(std::function<Result<Identity>(const Handshake&)> who, Run run = Run::loop);
  /// What a connection that is refused gets as `data`, beside the message. Without it {"code", "field", "retryAfterSeconds"}, of
  /// the last two what the error has. Called on the loop.
  Namespace& refusal_data(std::function<Json(const Error&)> shape);
  /// Sees every event once, before its handler, where that runs first; on the loop, if there is none. Several in turn. A
  /// failure takes the handler's place (of one that nobody handles, that of unknown_event). Not seen is what does not get so
  /// far: an event for the service thread when that has too much to do (rate_limited).
  Namespace& filter(std::function<Result<void>(const Event&)> allow);
  /// After the client was told that it is connected, before its first event. Several are called in turn, those on the
  /// loop first; so it is with on_disconnect.
  Namespace& on_connect(std::function<void(const Event&)> handler, Run run = Run::loop);
  /// After on_connect, for a connection that could not be recovered although it wanted to, or that sent `known` in its
  /// auth: what it has may be old. The argument is its auth; where calls are, `0.known` has their versions by id, and the
  /// handler says what is newer.
  Namespace& on_resync(std::function<void(const Event&)> handler, Run run = Run::loop);
  /// The names that Socket.IO keeps for itself ("connect", "disconnect", ...) are refused by Hub::open, as is every function
  /// here that is none. An event that no handler names is on_other's; without one it is counted, and refused with
  /// unknown_event if an ack was asked for.
  Namespace& on(std::string event, EventHandler handler, Run run = Run::loop);
  /// First `quick` on the loop; if that gives nothing, `otherwise` on the service thread.
  Namespace& on(std::string event, EventTry quick, EventHandler otherwise);
  /// The events that `on` does not name, by Event::name() whatever a client calls them: filters, order, acknowledgement,
  /// failure and a throw are as with `on`. Not those that Socket.IO keeps for itself: they end the connection. One only.
  Namespace& on_other(EventHandler handler, Run run = Run::loop);
  /// Once for each connection that on_connect saw, after its last event. The connection is still in no group, its
  /// identity can be read. Never refused by a full mailbox.
  Namespace& on_disconnect(std::function<void(const Event&, std::string_view reason)> handler, Run run = Run::loop);
  /// The acknowledgement of a failure.
  Namespace& on_error(std::function<Args(const Error&)> shape);
  /// What Hub::tell_servers of another hub on the same bus said; the others' connections are not concerned. On the service
  /// thread.
  Namespace& on_server_event(std::string event, std::function<void(ArgsView)> handler);
  /// Called once, inside Hub::open, before the first connection. Several are called in turn. What one throws comes out of open.
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

struct Wiring {
  std::vector<Namespace> namespaces{};
  Router http{};
  std::vector<Driven*> driven{};  ///< not owned, must outlive the hub; called on its service thread only
  std::optional<EngineEndpoint> engine{};
};

/// A running server. Move-only. The destructor stops and joins: no handler runs afterwards. Any number in one process.
class Hub {
 public:
  /// Listens when it returns. Errors: invalid_argument (the field names the option, path or namespace), address_in_use,
  /// forbidden, io_error (files of TLS too).
  static Result<Hub> open(HubOptions options, Wiring wiring);
  Hub(Hub&&) noexcept;
  Hub& operator=(Hub&&) noexcept;
  ~Hub();

  /// 0 for a Unix socket.
  std::uint16_t port() const;
  /// Reads the files of HubOptions::tls again, for the connections that come from then on; those that there are stay as they
  /// are. A failure changes nothing: invalid_state (no TLS), or what open() says of them. Any thread; reads files.
  Result<void> reload_tls() const;
  /// Everybody in a namespace; an unknown one has nobody.
  Audience in(std::string_view namespace_name) const;
  /// Calls on_server_event of the other hubs on the bus, not of this one. Errors: invalid_state (no bus), not_found (no
  /// such namespace here), or the bus's.
  Result<void> tell_servers(std::string_view namespace_name, std::string_view event, const Args& args = {}) const;
  /// Takes no new sessions and requests (503; so answers /readyz), says `server_draining` to every socket, waits for what
  /// is in flight, frees the port, closes every connection, runs their on_disconnect, and stops; after `grace` it begins
  /// nothing more that waits. A handler that runs is never cut off, its thread is always joined: one that does not return
  /// keeps drain() and stop() from returning, however short the grace. Blocks; not on a thread of the hub.
  void drain(DrainOptions options = {});
  /// Blocks until the hub has stopped. Any thread but the hub's own.
  void wait();
  /// Ends everything at once: the port is free and every connection ended when it returns, and on_disconnect is not run for
  /// those (drain() does that). From a thread of the hub it only asks for it, from others it also joins.
  void stop();

 private:
  explicit Hub(std::shared_ptr<server_detail::Server> server);
  std::shared_ptr<server_detail::Server> server_;
};

}  // namespace zegocall
