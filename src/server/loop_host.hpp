// One loop of a server: its listener, its Socket.IO core, and the way between them and the handlers. Loop thread only,
// but for run, post and what says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/net.hpp"
#include "server/server.hpp"
#include "server/thrown.hpp"
#include "signaling/hub/core.hpp"
#include "signaling/hub/engine_core.hpp"

namespace zegocall::server_detail {

/// Plain numbers of one loop.
struct LoopCounters {
  std::uint64_t http_fine = 0, http_4xx = 0, http_5xx = 0, http_501 = 0, http_unknown_path = 0, http_threw = 0,
                http_unauthenticated = 0;
  std::uint64_t http_busy = 0, events_handled = 0, events_failed = 0, events_threw = 0, events_unknown = 0,
                events_rate_limited = 0;
  std::uint64_t auth_refused = 0, upgrades_refused = 0, origins_refused = 0, callbacks_threw = 0;
  std::uint64_t http_rate_limited = 0, http_timed_out = 0, http_late = 0, http_gone = 0, http_broken_off = 0;
};

/// What the access log tells of a request, until it is answered.
struct AccessEntry {
  std::string method, path, address;
  SteadyTime start{};
};

/// What the server keeps for a Socket.IO connection.
struct ConnectionState final : hub_detail::ConnectionData {
  std::shared_ptr<const ConnectionInfo> info;
  std::size_t in_service = 0;  ///< its events and callbacks that the service thread has not finished
  bool throttled = false;      ///< the mailbox was full and this was the heaviest sender
};

/// A question to several connections of several loops.
class AskState;

class LoopHost final : public net_detail::Handler, public hub_detail::HubHost {
 public:
  LoopHost(Server& server, unsigned number, std::unique_ptr<net_detail::Loop> loop);
  ~LoopHost() override;

  Result<void> listen(const net_detail::ListenOptions& options);
  void start();
  void request_stop();  ///< any thread
  void join();
  /// Any thread. `act` must not throw.
  void post(std::function<void()> act);
  bool on_thread() const;

  unsigned number() const { return number_; }
  std::uint16_t port() const { return listener_->port(); }
  /// One reading for each entry into the loop.
  Now now() const { return now_; }
  hub_detail::HubCore& core() { return *core_; }
  LoopCounters& counters() { return counters_; }
  const LoopCounters& loop_counters() const { return counters_; }
  const net_detail::ListenerCounters& listener_counters() const { return listener_->counters(); }
  const hub_detail::Counters& hub_counters() const { return core_->counters(); }
  const hub_detail::Counters* engine_counters() const { return engine_ ? &engine_->counters() : nullptr; }
  std::uint64_t sessions() const { return core_->counters().now_sessions + (engine_ ? engine_->counters().now_sessions : 0); }
  const net_detail::Listener& listener() const { return *listener_; }
  void set_tls(std::shared_ptr<const net_detail::TlsIdentity> identity) { listener_->set_tls(std::move(identity)); }
  /// Says an event to everybody in every namespace.
  void tell_all(std::string_view event);
  /// New sessions are refused from here on; requests and sockets go on.
  void stop_sessions();
  void stop_listening();
  /// Returns how many sessions are left.
  std::size_t close_sessions();

  // What Audience asks for.
  void ask(const hub_detail::Target& target, hub_detail::Connection one, std::string_view event, const ArgsView& args,
           std::chrono::milliseconds timeout, std::shared_ptr<AskState> state);

  /// Calls `act` once after the time, as an entry into the loop. On the loop.
  net_detail::TimerId after(std::chrono::milliseconds pause, std::function<void()> act);
  void cancel(net_detail::TimerId timer) { loop_->cancel(timer); }

  /// Appends the connection as Audience::fetch shows it, unless it is gone.
  void add_member(hub_detail::Connection connection, std::vector<Member>& out);
  /// Says, once a second at most, that so many connections could not join a group.
  void tell_left_out(std::string_view group, std::uint64_t connections);
  /// Calls a host's function that is no handler; one that throws is counted.
  void call_back(const std::function<void()>& call);
  bool recovers() const { return server_.options().recovery.keep.count() > 0; }

  // The end of what was done elsewhere.
  void answer(HttpJob& job);
  void go_on(const std::shared_ptr<HttpJob>& job);
  /// The next piece of a streamed answer has been made.
  void take_part(const std::shared_ptr<StreamJob>& job);
  /// `auth` as on_authenticate had it.
  void finish_authenticate(hub_detail::Connection connection, Result<Identity> who, JsonView auth);
  void refuse_connection(hub_detail::Connection connection, const Error& error);
  void finish_event(const ConnectionInfo& who, std::optional<std::uint64_t> ack, const Result<Args>& answer,
                    const Thrown& thrown);
  /// A handler threw.
  void end_for(const ConnectionInfo& who, const std::string& thrown);
  void finish_service(const ConnectionInfo& who);

  // net_detail::Handler
  std::optional<unsigned> belongs_to(const net_detail::RequestHead& head) override;
  void on_parcel(unsigned to, std::shared_ptr<net_detail::Parcel> parcel) override;
  std::size_t body_limit(const net_detail::RequestHead& head) override;
  bool wants_body(const net_detail::RequestHead& head) override;
  void on_accepts_paused(const std::string& why) override;
  void on_refusal(std::string_view address, const net_detail::RequestHead* head, net_detail::HttpAnswer& answer) override;
  void on_request(net_detail::PeerId peer, const net_detail::RequestHead& head, std::string body) override;
  void on_body_begins(net_detail::PeerId peer, const net_detail::RequestHead& head) override;
  void on_request_gone(net_detail::PeerId peer) override;
  void on_room(net_detail::PeerId peer) override;
  std::optional<net_detail::HttpAnswer> on_upgrade(net_detail::PeerId peer, const net_detail::RequestHead& head) override;
  void on_open(net_detail::PeerId peer) override;
  void on_message(net_detail::PeerId peer, std::string_view message, bool binary) override;
  void on_close(net_detail::PeerId peer) override;
  void on_turn_end() override;

  // hub_detail::TransportHost
  void send(std::span<const hub_detail::Peer> websockets, std::string_view payload, bool binary) override;
  std::size_t buffered(hub_detail::Peer websocket) override;
  void close(hub_detail::Peer websocket, bool abort) override;
  void answer(hub_detail::Peer request, const hub_detail::HttpReply& reply) override;
  void pause_reading(hub_detail::Peer websocket, bool paused) override;
  std::unique_ptr<hub_detail::HandshakeContext> handshake_of(hub_detail::Peer request) override;

  // hub_detail::HubHost
  std::optional<std::uint16_t> pattern_of(std::string_view name) override;
  void on_authenticate(hub_detail::Connection connection, hub_detail::NamespaceIndex ns, std::string_view auth,
                       const hub_detail::HandshakeContext* context) override;
  void on_connect(hub_detail::Connection connection) override;
  hub_detail::Taken on_event(hub_detail::Connection connection, const hub_detail::EventIn& event) override;
  hub_detail::Taken on_disconnect(hub_detail::Connection connection, std::string_view reason) override;
  void on_comeback_name(std::string_view pid, bool known) override;
  void on_answer(std::uint64_t token, hub_detail::Connection connection, const ArgsView& answer) override;
  void on_ask_end(std::uint64_t token, const hub_detail::AskEnd& end) override;

 private:
  enum class Door : unsigned char { none, socket_io, engine };
  /// What is remembered of a peer between its request and its answer or close.
  struct PeerState {
    std::uint32_t generation = 0;
    Door door = Door::none;
    bool head_only = false;
    std::uint64_t owed = 0;  ///< the number of the request that waits for its answer; 0: none
    std::optional<std::string> origin;
    std::string id;                      ///< of the request; empty: it needs none
    std::unique_ptr<AccessEntry> entry;  ///< null without an access log
  };
  class RawEngine;
  /// Around every entry into the loop: reads the time, and afterwards sets the timer for the cores' next deadline. Messages of
  /// WebSockets, of which one turn of the loop may bring thousands, share a turn that ends with that of the loop.
  class Turn {
   public:
    explicit Turn(LoopHost& host);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    LoopHost& host_;
  };
  void arm();
  void open_turn();
  void close_turn();

  Door door_of(std::string_view path) const;
  /// Begins to remember a peer anew.
  PeerState& meet(net_detail::PeerId id);
  /// What is remembered of it; nothing of one that is gone, whose place may be another's by now.
  PeerState& peer(net_detail::PeerId id);
  /// The same, with what the request at hand says.
  PeerState& meet(net_detail::PeerId id, const net_detail::RequestHead& head);
  template <class Act>
  void at_door(Door door, Act act) {
    if (door == Door::socket_io) act(*core_);
    if (door == Door::engine) act(*engine_);
  }
  RequestState read(const net_detail::RequestHead& head, std::string body, Method method, bool head_only);
  void serve(net_detail::PeerId peer, const net_detail::RequestHead& head, std::string body);
  void serve_route(net_detail::PeerId peer, const Route& route, RequestState request);
  void refuse_method(net_detail::PeerId peer, const net_detail::RequestHead& head, std::string_view allow);
  /// From a page of an origin that may not call.
  bool is_stranger(const net_detail::RequestHead& head) const;
  std::optional<net_detail::HttpAnswer> judge_upgrade(net_detail::PeerId peer, const net_detail::RequestHead& head);
  bool serve_preflight(net_detail::PeerId peer, const net_detail::RequestHead& head);
  bool refuse_stranger(net_detail::PeerId peer, const net_detail::RequestHead& head);
  bool serve_operation(net_detail::PeerId peer, const net_detail::RequestHead& head);
  bool serve_file(net_detail::PeerId peer, const net_detail::RequestHead& head);
  void respond(net_detail::PeerId peer, HttpResponse response, bool streamed = false);
  void refuse(net_detail::PeerId peer, const Error& error, int status);
  /// Every answer that is not the Listener's own leaves here: counted and logged.
  void send_answer(net_detail::PeerId peer, const net_detail::HttpAnswer& answer);
  void respond_metrics(net_detail::PeerId peer);
  void count(int status);
  void log_access(const AccessEntry& entry, int status, std::uint64_t bytes, std::string_view request_id, std::string_view end);
  std::string id_for(const net_detail::RequestHead* head);
  bool is_owed(const HttpJob& job);
  void give_up_after(std::chrono::milliseconds limit, const std::shared_ptr<HttpJob>& job);
  void give_up(HttpJob& job);
  void stream(const HttpJob& job, HttpResponse response);
  void limit_part(const std::shared_ptr<StreamJob>& job);
  void pull(const std::shared_ptr<StreamJob>& job);
  bool is_live(const StreamJob& job) const;
  void end_parts(const StreamJob& job, std::string_view end);

  std::uint16_t wiring_of(hub_detail::NamespaceIndex ns) const { return core_->pattern_of(ns).value_or(ns); }
  /// Asks the loop that may know the connection which this one wants to be, then lets it in.
  void claim(hub_detail::Connection connection, Identity who, JsonView auth, unsigned from);
  void let_in(hub_detail::Connection connection, Identity who, JsonView auth,
              std::unique_ptr<hub_detail::ConnectionData> earlier);
  void call_connected(const std::shared_ptr<const ConnectionInfo>& info);
  ConnectionState* state_of(hub_detail::Connection connection);
  hub_detail::Taken to_service(ConnectionState& connection, const EventRule& rule, bool filtered,
                               const hub_detail::EventIn& event);
  void refuse_event(const ConnectionInfo& who, std::optional<std::uint64_t> ack, const Error& error);
  void refuse_busy(ConnectionState& connection, const hub_detail::EventIn& event);
  void enter_service(ConnectionState& connection);

  Server& server_;
  const unsigned number_;
  std::unique_ptr<net_detail::Loop> loop_;
  std::unique_ptr<net_detail::Listener> listener_;
  std::unique_ptr<RawEngine> raw_;
  std::unique_ptr<hub_detail::HubCore> core_;
  std::unique_ptr<hub_detail::EngineCore> engine_;
  std::thread thread_;
  LoopCounters counters_;
  Now now_{};
  unsigned depth_ = 0;
  bool reading_ = false;  // a turn is open for the messages of this turn of the loop

  std::vector<PeerState> peers_;                                           // by slot
  std::unordered_map<std::uint32_t, std::shared_ptr<StreamJob>> streams_;  // by slot
  RequestIds ids_{system_bytes()};
  std::uint64_t last_request_ = 0;
  const net_detail::RequestHead* head_ = nullptr;  // of the request that is being handed to a core
  std::optional<SteadyTime> armed_for_;
  net_detail::TimerId timer_ = 0;
  std::set<ConnectionState*> busy_;  // with work on the service thread
  std::unordered_map<std::uint64_t, std::shared_ptr<AskState>> asks_;
  std::uint64_t last_ask_ = 0;
  std::optional<SteadyTime> left_out_told_;
};

/// A hub's limits in the core's words.
hub_detail::HubLimits limits_of(const HubLimits& limits);

/// The host of the loop on which we are, of whatever server; nullptr elsewhere.
LoopHost* host_here();

}  // namespace zegocall::server_detail
