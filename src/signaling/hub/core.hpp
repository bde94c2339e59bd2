// The server side of Socket.IO v5 without any I/O: HTTP requests, WebSocket messages, decisions of the host and time
// go in; messages, answers and events come out through HubHost. One core per loop; loop thread only.
//
// Driving rule: feed it, then sleep to deadline(), then on_deadline().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signaling/hub/settings.hpp"
#include "signaling/hub/transport.hpp"
#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::hub_detail {

/// One connection of one session to one namespace, as a number for this process. A stale one is a no-op everywhere.
/// Its name for the outside is its ConnectionId (the Socket.IO sid).
struct Connection {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< never 0 for a real connection
  friend bool operator==(const Connection&, const Connection&) = default;
};

using NamespaceIndex = std::uint16_t;

/// An event from a peer. Every view is valid during on_event only.
struct EventIn {
  std::string_view name;  ///< unescaped
  ArgsView args;          ///< checked on arrival; text() splices into the next message, attachments go with it
  /// The peer's question, to be answered by acknowledge(); nothing if it did not ask.
  std::optional<std::uint64_t> ack;
};

/// What the host did with an event.
enum class Taken : unsigned char {
  yes,   ///< handled, or queued elsewhere in order
  hold,  ///< not taken: an earlier event of this connection is still being handled elsewhere. The core keeps this one
         ///< and all later ones of the connection, until resume()
};

/// What the host keeps for a connection (identity, device, the user's own data).
class ConnectionData {
 public:
  virtual ~ConnectionData() = default;
};

/// Who was let in.
struct Accepted {
  UserId user;                      ///< empty = nobody in particular: no user group
  std::optional<UnixTime> expires;  ///< `auth_expiring` is sent then, and expiry_grace later the connection ends
  std::unique_ptr<ConnectionData> data;
};

/// How a connection came to be.
enum class Coming : unsigned char {
  anew,
  recovered,  ///< it is an earlier one, with its id, groups and data, and was sent what it had missed
  lost,       ///< it asked for that, and is a new one: what it missed is not known here
};

/// How a question to one or more connections ended.
struct AskEnd {
  std::size_t asked = 0;     ///< connections that were sent the question
  std::size_t answered = 0;  ///< of them, answered in time
  std::size_t lost = 0;      ///< of them, disconnected before they answered; the rest let the time pass
};

/// Whom a message, join, leave or disconnect is for. Views are valid during the call.
struct Target {
  NamespaceIndex ns = 0;
  /// Members of any of these groups, each once; empty = everyone in the namespace. A ConnectionId's text names that
  /// connection too, connection_group(id) that one alone, and user_group(id) the connections of a user.
  std::span<const std::string_view> to = {};
  std::span<const std::string_view> except = {};  ///< but not members of any of these groups
  Connection but = {};                            ///< and not this one
  bool droppable = false;                         ///< may be left out for a peer that does not keep up
  /// The same event has this number on every core that it is said on; 0: it is said on this one only.
  std::uint64_t event = 0;
};

/// What a core is asked that may know a connection which came back on another one. A value.
struct Claim {
  std::string ns, pid, offset;
  UserId user;
};
/// A connection that one core gave to another.
struct MovedConnection;

/// "user_" and the id.
std::string user_group(const UserId& user);
/// With this byte no name of a group to join begins.
inline constexpr char connection_mark = '\1';
/// connection_mark and the id: nobody else can be in it.
std::string connection_group(std::string_view id);
/// Of a name for a group to join, field "group": limit_exceeded if it is too long, invalid_argument if it is empty or one of
/// those that the hub fills itself.
Result<void> check_group_name(std::string_view group, std::size_t bytes_max);

/// The host's side. on_... functions may call any function of the core; they are called after the transition that they
/// tell of, one at a time.
class HubHost : public TransportHost {
 public:
  /// A CONNECT to a name that is no namespace: the number of the pattern that it fits, which makes it one.
  virtual std::optional<std::uint16_t> pattern_of(std::string_view) { return std::nullopt; }
  /// A CONNECT to a known namespace. Answer with accept() or refuse(), now or later. `auth` is the JSON object that the
  /// peer sent ("{}" if none), valid during the call.
  virtual void on_authenticate(Connection, NamespaceIndex, std::string_view auth, const HandshakeContext*) = 0;
  /// The peer went away before accept() or refuse(): no other callback follows for this connection.
  virtual void on_authenticate_gone(Connection) {}
  /// accept() took effect; the peer has its CONNECT answer queued and is in its groups. First event of a connection.
  virtual void on_connect(Connection) = 0;
  virtual Taken on_event(Connection, const EventIn&) = 0;
  /// Last event of a connection, after its held events. Its sid, user and data can still be asked for during the call,
  /// its groups are left already. `reason` is a word of Socket.IO ("transport close", "ping timeout", ...).
  /// `hold` asks for it again at resume().
  virtual Taken on_disconnect(Connection, std::string_view reason) = 0;
  /// From here on this core has the connection with this secret name, and knows it when it is lost (or it does so no longer).
  virtual void on_comeback_name(std::string_view /*pid*/, bool /*known*/) {}
  /// One answer to ask(), and the end of that question (called once for every ask, also if nobody was there).
  virtual void on_answer(std::uint64_t token, Connection, const ArgsView& answer) = 0;
  virtual void on_ask_end(std::uint64_t token, const AskEnd&) = 0;
};

class HubCore {
 public:
  /// Host and byte source outlive the core. `namespaces` are complete names ("/", "/chat"); their place in the list is
  /// their NamespaceIndex. Destroying the core calls nothing.
  HubCore(HubSettings settings, std::vector<std::string> namespaces, HubHost& host, ByteSource& bytes);
  ~HubCore();
  HubCore(const HubCore&) = delete;
  HubCore& operator=(const HubCore&) = delete;

  // What the sockets say. A request or WebSocket of the Engine.IO path:
  /// A complete request. The answer comes through TransportHost::answer, for a long-poll later.
  void on_http(Peer, const EngineRequest&, std::string_view body, Now);
  bool refuses(const EngineRequest&);
  /// Of a request whose body does not come at once with its head: on_http or on_request_gone follows.
  void on_body_begins(Peer, const EngineRequest&, Now);
  /// The peer of an unanswered request, or of one that is not whole, went away.
  void on_request_gone(Peer, Now);
  /// An answer refuses the upgrade to a WebSocket; none lets it happen: on_open follows (or on_close, if it failed).
  std::optional<HttpReply> on_upgrade(Peer, const EngineRequest&, Now);
  void on_open(Peer, Now);
  void on_message(Peer, std::string_view payload, bool binary, Now);
  void on_close(Peer, Now);

  std::optional<SteadyTime> deadline() const;
  void on_deadline(Now);

  /// Between them waiting polls are not answered and ends are not told: several calls make one body. They nest; each
  /// call of the core that takes a Now is a turn of its own.
  void open_turn(Now);
  void close_turn();

  // What the host decides. Everything is a no-op for a stale connection.
  /// Between on_authenticate and accept(): makes the connection the earlier one that it asked for, if that was the same
  /// user's and nothing it missed is forgotten. id() is the earlier one's then. Returns that one's data, or null.
  std::unique_ptr<ConnectionData> recover(Connection, const UserId& user, Now);
  // The same, where another core may know the earlier connection: claim() here, give() there, take() here and then
  // accept() or not, settle() there. Each event that is said on several cores has a number (Target::event), and reaches a
  // core that was told of it before claim() sooner than that core's give().
  /// The name under which another core may know the connection; "" if this is not asked for or known here.
  std::string_view claimed_pid(Connection) const;
  Claim claim(Connection, const UserId& user);
  /// Null where recover() would be.
  std::shared_ptr<MovedConnection> give(const Claim&, Now);
  /// Null if the connection is gone meanwhile.
  std::unique_ptr<ConnectionData> take(Connection, MovedConnection&);
  /// What give() gave was taken, or is to be kept here.
  void settle(MovedConnection&, bool taken, Now);
  void accept(Connection, Accepted, Now);
  /// `data` is JSON text for the error's "data" member, "" = none.
  void refuse(Connection, std::string_view message, std::string_view data, Now);
  /// Another end for what accept() said; nothing = it does not expire.
  void extend(Connection, std::optional<UnixTime> expires, Now);
  /// Answers an event's question. A second answer would confuse the peer: one per EventIn::ack.
  void acknowledge(Connection, std::uint64_t ack, const ArgsView&, Now);
  /// Held events are offered again. Call it when nothing of this connection is being handled elsewhere any more.
  void resume(Connection, Now);

  // Arguments to send are trusted to be valid: Args, or what a peer sent and we checked. Their attachments are numbered
  // from 0 in the order of `args.attachments()`.
  void emit(Connection, std::string_view name, const ArgsView&, bool droppable, Now);
  void emit(const Target&, std::string_view name, const ArgsView&, Now);
  /// An event that asks for an answer; `token` is the host's name for the question. on_ask_end comes after at most
  /// `timeout`, and at the end of the turn if nobody is there. A connection with too many open questions counts as lost.
  void ask(Connection, std::string_view name, const ArgsView&, std::chrono::milliseconds timeout, std::uint64_t token, Now);
  void ask(const Target&, std::string_view name, const ArgsView&, std::chrono::milliseconds timeout, std::uint64_t token, Now);

  /// Errors: limit_exceeded (too many groups, or a name that is too long), closed (stale connection).
  Result<void> join(Connection, std::string_view group);
  void leave(Connection, std::string_view group);
  void join(const Target&, std::string_view group);
  void leave(const Target&, std::string_view group);
  /// Appends the connections that a Target names.
  void members(const Target&, std::vector<Connection>& out);

  /// Leaves the namespace ("server namespace disconnect"), or ends the whole session when `whole_session` is asked for
  /// ("forced server close"); `reason` is another word for on_disconnect. A peer that left so does not come back by itself.
  enum class Scope : unsigned char { connection, whole_session };
  void disconnect(Connection, Scope, Now, std::string_view reason = {});
  void disconnect(const Target&, Scope, Now, std::string_view reason = {});
  /// Ends the session as a lost link would, with a reason of our own; the peer may come back.
  void kick(Connection, std::string_view reason, Now);

  /// No new sessions (503). Those that exist go on.
  void stop_accepting();
  /// Ends up to `count` sessions ("server shutting down"): their clients reconnect, here or elsewhere. Returns how many
  /// sessions are left.
  std::size_t close_sessions(std::size_t count, Now);

  bool alive(Connection) const;  ///< accepted and not yet gone
  /// Also for a connection that waits for accept() and inside on_disconnect; empty when stale.
  ConnectionId id(Connection) const;
  UserId user(Connection) const;
  NamespaceIndex ns(Connection) const;
  ConnectionData* data(Connection) const;
  const HandshakeContext* handshake(Connection) const;
  Coming coming(Connection) const;
  /// The namespace of this name; nothing if nobody is in it and no pattern made it last.
  std::optional<NamespaceIndex> find_namespace(std::string_view name) const;
  std::string_view name_of(NamespaceIndex) const;
  /// Appends all that there are now.
  void namespaces(std::vector<NamespaceIndex>& out) const;
  /// The number that pattern_of() gave for it; nothing for one of those that were named at the start.
  std::optional<std::uint16_t> pattern_of(NamespaceIndex) const;
  /// Appends the names of its groups, without its own.
  void groups_of(Connection, std::vector<std::string>& out) const;
  /// The connection of a namespace with this id; generation 0 if there is none.
  Connection find(NamespaceIndex, std::string_view id) const;
  std::size_t groups_of(Connection) const;
  const Counters& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::hub_detail
