#include "signaling/hub/core.hpp"

#include <algorithm>
#include <utility>

#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

namespace {

constexpr std::chrono::milliseconds slow_time{50};  // for which a peer that floods is not read

}  // namespace

std::string connection_group(std::string_view id) { return std::string(1, connection_mark).append(id); }
std::string user_group(const UserId& user) { return std::string("user_").append(user.view()); }

HubCore::Impl::Impl(HubSettings s, std::vector<std::string> n, HubHost& h, ByteSource& b)
    : settings(s),
      host(h),
      bytes(b),
      packet_limits{settings.limits.attachments,
                    JsonLimits{settings.limits.payload_bytes, static_cast<unsigned>(settings.limits.json_depth)}},
      named(n.size()),
      away(settings.recovery),
      engine(settings, h, *this, b),
      connect_timer(settings.connect_timeout),
      slow_timer(slow_time) {
  ZC_ASSERT(n.size() < no_namespace);
  for (std::string& name : n) {
    namespaces.emplace_back().name = std::move(name);
    if (recovers()) namespaces.back().log = std::make_unique<PacketLog>(settings.recovery);
  }
  if (!recovers()) return;
  const EngineSession::Sid random = make_sid(bytes);
  run.assign(random.data(), 6);
}

HubCore::HubCore(HubSettings settings, std::vector<std::string> namespaces, HubHost& host, ByteSource& bytes)
    : impl_(std::make_unique<Impl>(settings, std::move(namespaces), host, bytes)) {}
HubCore::~HubCore() = default;

// Connections.

Conn* HubCore::Impl::known(Connection c) {
  if (c.index >= conns.size()) return nullptr;
  Conn& conn = conns[c.index];
  return conn.generation == c.generation && conn.state != ConnState::unused ? &conn : nullptr;
}

Conn* HubCore::Impl::live(Connection c) {
  Conn* conn = known(c);
  return conn && (conn->state == ConnState::open || conn->state == ConnState::authenticating) ? conn : nullptr;
}

std::uint32_t HubCore::Impl::open_index(Connection c) {
  const Conn* conn = known(c);
  return conn && conn->state == ConnState::open ? c.index : nobody;
}

std::uint32_t HubCore::Impl::create(SessionId session, NamespaceIndex ns) {
  if (free_conns.empty()) {
    free_conns.push_back(static_cast<std::uint32_t>(conns.size()));
    conns.emplace_back();
  }
  const std::uint32_t index = free_conns.back();
  free_conns.pop_back();
  Conn& conn = conns[index];
  ++conn.generation;
  conn.state = ConnState::authenticating;
  conn.ns = ns;
  conn.session = session;
  conn.sid = make_sid(bytes);
  conn.coming = Coming::anew;
  use(ns);
  HubSession& owner = sessions[session.index];
  conn.next_in_session = std::exchange(owner.first, index);
  ++owner.count;
  owner.left &= ~(std::uint64_t{1} << (ns & 63));
  return index;
}

void HubCore::Impl::unlink(std::uint32_t index) {
  HubSession& owner = sessions[conns[index].session.index];
  std::uint32_t* at = &owner.first;
  while (*at != index) at = &conns[*at].next_in_session;
  *at = conns[index].next_in_session;
  --owner.count;
  const bool unauthenticated = connection_of(owner, no_namespace) == nobody;
  if (unauthenticated && !owner.connect.armed() && engine.find(conns[index].session))
    connect_timer.arm(owner.connect, engine.now().steady);
}

void HubCore::Impl::leave(std::uint32_t index, std::string_view reason, bool recoverable) {
  Conn& conn = conns[index];
  if (conn.state == ConnState::open) {
    if (conn.comeback) conn.comeback->keep = false;
    if (recoverable) keep_groups(index);
    by_sid.erase(conn.sid_text());
    namespaces[conn.ns].groups.leave_all(conns, index);
    asks.connection_lost(conns, index);
    if (conn.expiry) expiries.erase(*conn.expiry), conn.expiry.reset();
    --engine.counters().now_connections;
    conn.state = ConnState::leaving;
  } else {
    conn.state = ConnState::leaving_early;
  }
  conn.reason = reason;
  unlink(index);
  if (!conn.held) leaving.push_back(index);
}

void HubCore::Impl::free(std::uint32_t index) {
  Conn& conn = conns[index];
  if (!save(index)) {
    stop_using(conn.ns);
    if (conn.comeback) host.on_comeback_name({conn.comeback->own_pid.data(), conn.comeback->own_pid.size()}, false);
  }
  conn.comeback.reset();
  conn.legacy_sid.reset();
  conn.legacy = false;
  conn.state = ConnState::unused;
  conn.data.reset();
  conn.user = UserId();
  conn.held.reset();
  conn.warned = conn.spoke = false;
  conn.reason.clear();
  free_conns.push_back(index);
}

/// False if the host wants to hear of it later.
bool HubCore::Impl::tell_left(std::uint32_t index) {
  Conn& conn = conns[index];
  if (conn.state == ConnState::leaving_early) {
    host.on_authenticate_gone(handle(index));
  } else if (host.on_disconnect(handle(index), conn.reason) == Taken::hold) {
    conn.held = std::make_unique<Held>();
    return false;
  }
  free(index);
  return true;
}

bool HubCore::Impl::on_turn_end() {
  bool any = false;
  while (!leaving.empty()) {
    const std::vector<std::uint32_t> now_leaving = std::exchange(leaving, {});
    for (const std::uint32_t index : now_leaving) tell_left(index);
    any = true;
  }
  while (!asks.finished().empty()) {
    const std::vector<Asks::Finished> finished = std::exchange(asks.finished(), {});
    for (const Asks::Finished& ask : finished) host.on_ask_end(ask.token, ask.end);
    any = true;
  }
  return any;
}

void HubCore::Impl::disconnect(std::uint32_t index, Scope scope, std::string_view reason) {
  const SessionId session = conns[index].session;
  if (scope == Scope::whole_session) {
    for (std::uint32_t i = sessions[session.index].first; i != nobody; i = conns[i].next_in_session) {
      if (conns[i].state != ConnState::open) continue;
      std::string goodbye;
      wire_detail::encode_disconnect(goodbye, namespaces[conns[i].ns].name);
      deliver(i, goodbye, {}, false);
    }
    return end_session(session, reason.empty() ? name(SessionEnd::server_close) : reason, SessionEnd::server_close);
  }
  std::string goodbye;
  wire_detail::encode_disconnect(goodbye, namespaces[conns[index].ns].name);
  deliver(index, goodbye, {}, false);
  sessions[session.index].left |= std::uint64_t{1} << (conns[index].ns & 63);
  leave(index, reason.empty() ? "server namespace disconnect" : reason);
}

void HubCore::Impl::end_session(SessionId session, std::string_view reason, SessionEnd why) {
  engine.end(session, why);
  while (sessions[session.index].first != nobody) leave(sessions[session.index].first, reason);
}

void HubCore::Impl::set_expiry(std::uint32_t index, std::optional<UnixTime> expires) {
  Conn& conn = conns[index];
  if (conn.expiry) expiries.erase(*conn.expiry), conn.expiry.reset();
  conn.warned = false;
  if (!expires) return;
  const Now now = engine.now();
  // Far dates must not overflow the steady clock; nobody stays connected for ten years.
  const auto wait = std::min<std::chrono::milliseconds>(*expires - now.wall, std::chrono::hours(24 * 3650));
  conn.expiry = expiries.emplace(now.steady + std::max(wait, std::chrono::milliseconds(0)), index);
}

void HubCore::Impl::on_expiry(std::uint32_t index) {
  Conn& conn = conns[index];
  expiries.erase(*conn.expiry);
  conn.expiry.reset();
  if (!conn.warned) {
    conn.warned = true;
    conn.expiry = expiries.emplace(engine.now().steady + settings.expiry_grace, index);
    text.clear();
    wire_detail::encode_event(text, namespaces[conn.ns].name, std::nullopt, "auth_expiring", {});
    return deliver(index, text, {}, false);
  }
  std::string goodbye;
  wire_detail::encode_disconnect(goodbye, namespaces[conn.ns].name);
  deliver(index, goodbye, {}, false);
  sessions[conn.session.index].left |= std::uint64_t{1} << (conn.ns & 63);
  ++engine.counters().connections_expired;
  leave(index, "auth expired");
}

void HubCore::Impl::resume(std::uint32_t index) {
  Conn& conn = conns[index];
  if (!conn.held || conn.held->resuming) return;
  conn.held->resuming = true;
  while (!conn.held->events.empty()) {
    HeldEvent event = std::move(conn.held->events.front());
    conn.held->events.pop_front();
    if (offer_held(index, event) == Taken::hold) {
      conn.held->events.push_front(std::move(event));
      conn.held->resuming = false;
      return;
    }
    conn.held->bytes -= event.text.size();
    for (const std::string& part : event.attachments) conn.held->bytes -= part.size();
  }
  const bool paused = conn.held->paused;
  conn.held.reset();
  if (conn.state == ConnState::leaving) return leaving.push_back(index);
  if (paused) pause(conn.session, Pause::held_events, false);
}

// The doors.

bool HubCore::refuses(const EngineRequest& request) { return impl_->engine.refuses(request); }

void HubCore::on_http(Peer peer, const EngineRequest& request, std::string_view body, Now now) {
  impl_->engine.on_http(peer, request, body, now);
}
void HubCore::on_body_begins(Peer peer, const EngineRequest& request, Now now) {
  impl_->engine.on_body_begins(peer, request, now);
}
void HubCore::on_request_gone(Peer peer, Now now) { impl_->engine.on_request_gone(peer, now); }
std::optional<HttpReply> HubCore::on_upgrade(Peer peer, const EngineRequest& request, Now now) {
  return impl_->engine.on_upgrade(peer, request, now);
}
void HubCore::on_open(Peer peer, Now now) { impl_->engine.on_open(peer, now); }
void HubCore::on_message(Peer peer, std::string_view payload, bool binary, Now now) {
  impl_->engine.on_message(peer, payload, binary, now);
}
void HubCore::on_close(Peer peer, Now now) { impl_->engine.on_close(peer, now); }
void HubCore::open_turn(Now now) { impl_->engine.open_turn(now); }
void HubCore::close_turn() { impl_->engine.close_turn(); }

std::optional<SteadyTime> HubCore::deadline() const {
  SteadyTime next = std::min(impl_->engine.next_deadline(), std::min(impl_->connect_timer.next(), impl_->slow_timer.next()));
  if (impl_->asks.size() > 0) next = std::min(next, *impl_->asks.deadline());
  if (!impl_->expiries.empty()) next = std::min(next, impl_->expiries.begin()->first);
  if (!impl_->settling.empty()) next = std::min(next, impl_->settling.front().first);
  if (impl_->away.size() > 0) next = std::min(next, *impl_->away.deadline());
  return next == SteadyTime::max() ? std::nullopt : std::optional(next);
}

void HubCore::on_deadline(Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  impl_->engine.on_deadline(now);
  while (TimerNode* due = impl_->connect_timer.take_due(now.steady)) {
    const SessionId session{due->owner, impl_->engine.generation_at(due->owner)};
    impl_->engine.end(session, SessionEnd::connect_timeout);
  }
  while (TimerNode* due = impl_->slow_timer.take_due(now.steady))
    impl_->pause({due->owner, impl_->engine.generation_at(due->owner)}, Impl::Pause::flooding, false);
  impl_->settle_carried(now.steady);
  while (auto gone = impl_->away.take_due(now.steady)) impl_->forget(std::move(*gone));
  const std::size_t before = impl_->asks.size();
  impl_->asks.on_deadline(impl_->conns, now.steady);
  impl_->engine.counters().asks_timed_out += before - impl_->asks.size();
  while (!impl_->expiries.empty() && impl_->expiries.begin()->first <= now.steady)
    impl_->on_expiry(impl_->expiries.begin()->second);
}

// What the host decides.

void HubCore::accept(Connection c, Accepted accepted, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  Conn* conn = impl_->known(c);
  if (!conn || conn->state != ConnState::authenticating) return;
  conn->state = ConnState::open;
  conn->user = std::move(accepted.user);
  conn->data = std::move(accepted.data);
  impl_->by_sid.emplace(conn->sid_text(), c.index);
  auto& ns = impl_->namespaces[conn->ns];
  ns.groups.enter(impl_->conns, c.index);
  if (!conn->user.empty()) ns.groups.join(impl_->conns, c.index, user_group(conn->user));
  impl_->sessions[conn->session.index].connect.disarm();
  impl_->set_expiry(c.index, accepted.expires);
  ++impl_->engine.counters().connections_accepted, ++impl_->engine.counters().now_connections;
  impl_->welcome(c.index);
  impl_->host.on_connect(c);
}

/// Gives an open connection its groups again and what it missed, if it is an earlier one, and tells it that it is open.
void HubCore::Impl::welcome(std::uint32_t index) {
  Conn& conn = conns[index];
  Namespace& ns = namespaces[conn.ns];
  if (conn.coming == Coming::recovered) {
    ++engine.counters().recovered;
    for (const std::string& group : conn.comeback->groups) ns.groups.join(conns, index, group);
    send_missed(index);
  } else if (conn.comeback) {
    conn.comeback->since = ns.log->next() - 1;
  }
  text.clear();
  if (conn.legacy)
    wire_detail::encode_connected_legacy(text, ns.name);
  else if (conn.comeback) {
    const std::string_view pid(conn.comeback->own_pid.data(), conn.comeback->own_pid.size());
    host.on_comeback_name(pid, true);
    wire_detail::encode_connected(text, ns.name, conn.sid_text(), pid);
  } else
    wire_detail::encode_connected(text, ns.name, conn.sid_text());
  deliver(index, text, {}, false);
}

void HubCore::refuse(Connection c, std::string_view message, std::string_view data, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  Conn* conn = impl_->known(c);
  if (!conn || conn->state != ConnState::authenticating) return;
  ++impl_->engine.counters().connections_refused;
  impl_->text.clear();
  const auto encode = conn->legacy ? wire_detail::encode_error_legacy : wire_detail::encode_connect_error;
  encode(impl_->text, impl_->namespaces[conn->ns].name, message, data);
  impl_->deliver(c.index, impl_->text, {}, false);
  impl_->unlink(c.index);
  impl_->free(c.index);
}

void HubCore::extend(Connection c, std::optional<UnixTime> expires, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  if (const std::uint32_t index = impl_->open_index(c); index != nobody) impl_->set_expiry(index, expires);
}

void HubCore::resume(Connection c, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  if (impl_->known(c)) impl_->resume(c.index);
}

void HubCore::disconnect(Connection c, Scope scope, Now now, std::string_view reason) {
  EngineCore::Turn turn(impl_->engine, now);
  if (const std::uint32_t index = impl_->open_index(c); index != nobody) impl_->disconnect(index, scope, reason);
}

void HubCore::disconnect(const Target& target, Scope scope, Now now, std::string_view reason) {
  EngineCore::Turn turn(impl_->engine, now);
  impl_->collect(target);
  const std::vector<std::uint32_t> chosen = impl_->chosen;
  for (const std::uint32_t index : chosen)
    if (impl_->conns[index].state == ConnState::open) impl_->disconnect(index, scope, reason);
}

void HubCore::kick(Connection c, std::string_view reason, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  if (Conn* conn = impl_->live(c)) impl_->end_session(conn->session, reason, SessionEnd::server_close);
}

void HubCore::stop_accepting() { impl_->engine.stop_accepting(); }
std::size_t HubCore::close_sessions(std::size_t count, Now now) {
  return impl_->engine.close_sessions(count, SessionEnd::shutting_down, now);
}

// Questions about connections.

bool HubCore::alive(Connection c) const { return impl_->open_index(c) != nobody; }
ConnectionId HubCore::id(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? ConnectionId(conn->sid_text()) : ConnectionId();
}
UserId HubCore::user(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? conn->user : UserId();
}
NamespaceIndex HubCore::ns(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? conn->ns : NamespaceIndex{0};
}
ConnectionData* HubCore::data(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? conn->data.get() : nullptr;
}
const HandshakeContext* HubCore::handshake(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? impl_->engine.handshake(conn->session) : nullptr;
}
Connection HubCore::find(NamespaceIndex ns, std::string_view id) const {
  const auto found = impl_->by_sid.find(id);
  if (found == impl_->by_sid.end() || impl_->conns[found->second].ns != ns) return {};
  return impl_->handle(found->second);
}
std::size_t HubCore::groups_of(Connection c) const {
  const std::uint32_t index = impl_->open_index(c);
  return index == nobody ? 0 : impl_->conns[index].groups.size() - 1;
}
void HubCore::groups_of(Connection c, std::vector<std::string>& out) const {
  const std::uint32_t index = impl_->open_index(c);
  if (index == nobody) return;
  const Conn& conn = impl_->conns[index];
  for (const Membership& mine : conn.groups)
    if (mine.group != 0) out.push_back(impl_->namespaces[conn.ns].groups.name(mine.group));
}
const Counters& HubCore::counters() const {
  Counters& counters = impl_->engine.counters();
  counters.now_asks = impl_->asks.size();
  counters.now_away = impl_->away.size();
  counters.now_namespaces = impl_->named + impl_->dynamic.size();
  counters.now_groups = 0;
  for (const Impl::Namespace& ns : impl_->namespaces) counters.now_groups += ns.groups.size();
  return counters;
}

}  // namespace zegocall::hub_detail
