#include "server/loop_host.hpp"

#include <algorithm>
#include <utility>

#include "base/ask_time.hpp"
#include "server/ask_state.hpp"
#include "server/raw_engine.hpp"

namespace zegocall::server_detail {
namespace {

thread_local LoopHost* t_host = nullptr;

net_detail::PeerId to_net(hub_detail::Peer peer) { return {peer.slot, peer.generation}; }
hub_detail::Peer to_hub(net_detail::PeerId peer) { return {peer.slot, peer.generation}; }

hub_detail::HubLimits core_limits(const HubLimits& limits) {
  hub_detail::HubLimits out;
  out.payload_bytes = limits.message_bytes_max;
  out.json_depth = limits.json_depth_max;
  out.attachments = limits.attachments_max;
  out.attachment_bytes = limits.packet_bytes_max;
  out.namespaces_per_session = limits.namespaces_per_session_max;
  out.groups_per_connection = limits.groups_per_connection_max;
  out.pending_acks = limits.pending_acks_max;
  out.outbox_bytes = limits.outbox_bytes_max;
  out.outbox_droppable_bytes = limits.droppable_bytes_max;
  out.held_events = limits.held_events_max;
  out.sessions = limits.sessions_max;
  out.namespaces = limits.patterned_namespaces_max;
  out.sessions_per_address = limits.sessions_per_address_max;
  out.packets_per_second = limits.packets_per_second;
  out.packets_burst = limits.packets_burst;
  out.packets_per_second_per_address = limits.packets_per_second_per_address;
  out.packets_burst_per_address = limits.packets_burst_per_address;
  return out;
}

hub_detail::HubSettings settings_of(const HubOptions& options, hub_detail::CorePlace place) {
  hub_detail::HubSettings out;
  out.ping_interval = options.ping_interval;
  out.ping_timeout = options.ping_timeout;
  out.connect_timeout = options.connect_timeout;
  out.allow_eio3 = options.allow_eio3;
  out.flood = options.flood == Flood::disconnect ? hub_detail::Flood::disconnect : hub_detail::Flood::slow_down;
  const RecoveryOptions& recovery = options.recovery;
  out.recovery = {recovery.keep, recovery.connections_max, recovery.events_max, recovery.bytes_max};
  out.limits = core_limits(options.limits);
  out.place = place;
  return out;
}

/// Those that the core knows by name: they are first, and the core's number for one is ours.
std::vector<std::string> names_of(const std::vector<NamespaceParts>& namespaces) {
  std::vector<std::string> out;
  out.reserve(namespaces.size());
  for (const NamespaceParts& ns : namespaces)
    if (!ns.has_pattern()) out.push_back(ns.name);
  return out;
}

}  // namespace

hub_detail::HubLimits limits_of(const HubLimits& limits) { return core_limits(limits); }

LoopHost::Turn::Turn(LoopHost& host) : host_(host) { host_.open_turn(); }
LoopHost::Turn::~Turn() { host_.close_turn(); }

void LoopHost::open_turn() {
  if (depth_++ > 0) return;
  now_ = server_.clock().now();
  core_->open_turn(now_);
  if (engine_) engine_->open_turn(now_);
}

void LoopHost::close_turn() {
  if (depth_ > 1) {
    --depth_;
    return;
  }
  core_->close_turn();
  if (engine_) engine_->close_turn();
  --depth_;
  arm();
}

void LoopHost::on_turn_end() {
  if (std::exchange(reading_, false)) close_turn();
}

LoopHost::LoopHost(Server& server, unsigned number, std::unique_ptr<net_detail::Loop> loop)
    : server_(server), number_(number), loop_(std::move(loop)), now_(server.clock().now()) {
  const hub_detail::HubSettings settings = settings_of(server.options(), {number, server.options().loops, server.addresses()});
  core_ = std::make_unique<hub_detail::HubCore>(settings, names_of(server.namespaces()), *this, system_bytes());
  if (server.engine()) {
    raw_ = std::make_unique<RawEngine>(*this, server.engine()->on_message);
    engine_ = std::make_unique<hub_detail::EngineCore>(settings, *this, *raw_, system_bytes());
    raw_->core = engine_.get();
  }
}

LoopHost::~LoopHost() = default;

Result<void> LoopHost::listen(const net_detail::ListenOptions& options) {
  auto listener = net_detail::Listener::open(*loop_, options, *this);
  if (!listener) return unexpected(std::move(listener).error());
  listener_ = *std::move(listener);
  return {};
}

void LoopHost::start() {
  thread_ = std::thread([this] {
    t_host = this;
    loop_->run();
  });
}

LoopHost* host_here() { return t_host; }
bool LoopHost::on_thread() const { return t_host == this; }

void LoopHost::post(std::function<void()> act) {
  loop_->post([this, act = std::move(act)] {
    Turn turn(*this);
    act();
  });
}

void LoopHost::request_stop() {
  post([this] {
    auto asks = std::move(asks_);
    asks_.clear();
    for (auto& [token, state] : asks)
      if (state->end({.asked = 1, .answered = 0, .lost = 1})) call_back([&told = *state] { told.tell(); });
    if (BusLink* link = number_ == 0 ? server_.bus_link() : nullptr) link->end_asks(*this);
    loop_->stop();
  });
}

void LoopHost::join() {
  if (thread_.joinable()) thread_.join();
  listener_->close_all();  // from here on this thread has the loop
  loop_->close_inbox();
}

net_detail::TimerId LoopHost::after(std::chrono::milliseconds pause, std::function<void()> act) {
  return loop_->at(base_detail::ask_end(now_.steady, pause), [this, act = std::move(act)] {
    Turn turn(*this);
    act();
  });
}

void LoopHost::arm() {
  std::optional<SteadyTime> next = core_->deadline();
  if (engine_) {
    const auto also = engine_->deadline();
    if (also && (!next || *also < *next)) next = also;
  }
  if (!next || (armed_for_ && *armed_for_ <= *next)) return;
  if (armed_for_) loop_->cancel(timer_);
  armed_for_ = next;
  timer_ = loop_->at(*next, [this] {
    armed_for_.reset();
    Turn turn(*this);
    core_->on_deadline(now_);
    if (engine_) engine_->on_deadline(now_);
  });
}

void LoopHost::stop_listening() { listener_->stop_accepting(); }

void LoopHost::stop_sessions() {
  core_->stop_accepting();
  if (engine_) engine_->stop_accepting();
}

std::size_t LoopHost::close_sessions() {
  constexpr std::size_t at_once = 1000;
  std::size_t left = core_->close_sessions(at_once, now_);
  if (engine_) left += engine_->close_sessions(at_once, hub_detail::SessionEnd::shutting_down, now_);
  return left;
}

LoopHost::Door LoopHost::door_of(std::string_view path) const {
  const auto is = [path](std::string_view wanted) {
    return path == wanted || (path.size() + 1 == wanted.size() && wanted.substr(0, path.size()) == path);
  };
  if (is(server_.options().path)) return Door::socket_io;
  if (server_.engine() && is(server_.engine()->path)) return Door::engine;
  return Door::none;
}

LoopHost::PeerState& LoopHost::meet(net_detail::PeerId id) {
  if (id.slot >= peers_.size()) peers_.resize(id.slot + 1);
  PeerState& state = peers_[id.slot];
  state = PeerState{};
  state.generation = id.generation;
  return state;
}

LoopHost::PeerState& LoopHost::meet(net_detail::PeerId id, const net_detail::RequestHead& head) {
  PeerState& state = meet(id);
  state.door = door_of(head.path);
  state.owed = ++last_request_;
  const bool logged = static_cast<bool>(server_.options().access_log);
  // The many small requests of long-polling are named only where somebody wants to find them again.
  if (state.door == Door::none || logged || head.header("x-request-id")) state.id = id_for(&head);
  if (logged)
    state.entry = std::make_unique<AccessEntry>(
        AccessEntry{std::string(head.method), std::string(head.path), server_.proxies().asker(head).address, now_.steady});
  return state;
}

LoopHost::PeerState& LoopHost::peer(net_detail::PeerId id) {
  if (id.slot < peers_.size() && peers_[id.slot].generation == id.generation) return peers_[id.slot];
  static thread_local PeerState gone;
  return gone = PeerState{};
}

std::optional<unsigned> LoopHost::belongs_to(const net_detail::RequestHead& head) {
  if (server_.loops() == 1 || door_of(head.path) == Door::none) return std::nullopt;
  const auto owner = hub_detail::core_of_request(head.query, server_.loops());
  return owner == number_ ? std::nullopt : owner;
}

void LoopHost::on_parcel(unsigned to, std::shared_ptr<net_detail::Parcel> parcel) {
  LoopHost& there = server_.host(to);
  there.post([&there, parcel = std::move(parcel)] { there.listener_->adopt(parcel); });
}

void LoopHost::on_request_gone(net_detail::PeerId id) {
  Turn turn(*this);
  PeerState& state = peer(id);
  const auto found = streams_.find(id.slot);
  const bool streams = found != streams_.end() && found->second->peer == id;
  if (streams || state.owed != 0) ++counters_.http_gone;
  if (streams) {
    const auto job = found->second;
    return end_parts(*job, "gone");
  }
  if (state.entry) log_access(*state.entry, 0, 0, state.id, "gone");
  state.owed = 0;
  at_door(state.door, [&](auto& core) { core.on_request_gone(to_hub(id), now_); });
}

std::optional<net_detail::HttpAnswer> LoopHost::on_upgrade(net_detail::PeerId id, const net_detail::RequestHead& head) {
  Turn turn(*this);
  auto out = judge_upgrade(id, head);
  PeerState& state = peer(id);
  if (out && !state.id.empty()) out->headers.emplace_back("X-Request-Id", state.id);
  if (state.entry) log_access(*state.entry, out ? out->status : 101, out ? out->body.size() : 0, state.id, {});
  state.entry.reset();  // a WebSocket may live long
  state.owed = 0;
  return out;
}

std::optional<net_detail::HttpAnswer> LoopHost::judge_upgrade(net_detail::PeerId id, const net_detail::RequestHead& head) {
  const PeerState& state = meet(id, head);
  net_detail::HttpAnswer refused;
  refused.status = 404;
  refused.close = true;
  if (state.door == Door::none) {
    ++counters_.upgrades_refused;
    return refused;
  }
  // Browsers let any page open a WebSocket anywhere; who lists origins wants only those.
  if (is_stranger(head)) {
    ++counters_.upgrades_refused;
    ++counters_.origins_refused;
    refused.status = 403;
    return refused;
  }
  head_ = &head;
  std::optional<net_detail::HttpAnswer> out;
  at_door(state.door, [&](auto& core) {
    const hub_detail::EngineRequest request{hub_detail::HttpMethod::get, head.query, {}};
    const auto reply = core.on_upgrade(to_hub(id), request, now_);
    if (!reply) return;
    ++counters_.upgrades_refused;
    out = refused;
    out->status = reply->status;
    out->headers.emplace_back("Content-Type", std::string(reply->content_type));
    out->body = reply->body;
  });
  head_ = nullptr;
  return out;
}

void LoopHost::on_open(net_detail::PeerId id) {
  Turn turn(*this);
  at_door(peer(id).door, [&](auto& core) { core.on_open(to_hub(id), now_); });
}

void LoopHost::on_message(net_detail::PeerId id, std::string_view message, bool binary) {
  if (!std::exchange(reading_, true)) open_turn();
  at_door(peer(id).door, [&](auto& core) { core.on_message(to_hub(id), message, binary, now_); });
}

void LoopHost::on_close(net_detail::PeerId id) {
  Turn turn(*this);
  at_door(peer(id).door, [&](auto& core) { core.on_close(to_hub(id), now_); });
}

void LoopHost::send(std::span<const hub_detail::Peer> websockets, std::string_view payload, bool binary) {
  if (websockets.size() == 1) return listener_->send(to_net(websockets.front()), payload, binary);
  const std::string framed = net_detail::Listener::frame(payload, binary);
  for (const hub_detail::Peer websocket : websockets) listener_->send_frame(to_net(websocket), framed);
}

std::size_t LoopHost::buffered(hub_detail::Peer websocket) { return listener_->buffered(to_net(websocket)); }

void LoopHost::close(hub_detail::Peer websocket, bool abort) {
  listener_->close(to_net(websocket), abort ? net_detail::close_at_once : net_detail::close_without_code, {});
}

void LoopHost::answer(hub_detail::Peer request, const hub_detail::HttpReply& reply) {
  const PeerState& state = peer(to_net(request));
  net_detail::HttpAnswer out;
  out.status = reply.status;
  if (!reply.content_type.empty()) out.headers.emplace_back("Content-Type", std::string(reply.content_type));
  out.headers.emplace_back("Cache-Control", "no-store");
  server_.cors().add_headers(state.origin, out.headers);
  out.body = reply.body;
  send_answer(to_net(request), out);
}

void LoopHost::pause_reading(hub_detail::Peer websocket, bool paused) { listener_->pause_reading(to_net(websocket), paused); }

std::unique_ptr<hub_detail::HandshakeContext> LoopHost::handshake_of(hub_detail::Peer) {
  if (!head_) return nullptr;
  RequestInfo info{std::string(head_->query), server_.proxies().asker(*head_).address, {}};
  for (const auto& field : head_->fields) info.fields.emplace_back(std::string(field.name), std::string(field.value));
  return std::make_unique<SessionContext>(std::move(info));
}

}  // namespace zegocall::server_detail
