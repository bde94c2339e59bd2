#include "signaling/hub/engine_core.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace zegocall::hub_detail {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view sid_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static_assert(sid_alphabet.size() == cores_max);
/// Clients of version 3 may look for the first message only once their socket is open: it must not come in the same read.
constexpr std::chrono::milliseconds greeting_delay{25};

/// The refusals of Engine.IO, by its numbers; the last three are ours.
enum RefusalCode {
  unknown_transport = 0,
  unknown_sid,
  bad_method,
  bad_request,
  forbidden,
  unsupported_version,
  draining,
  full,
  crowded
};
constexpr std::array<std::string_view, 9> refusal_bodies = {
    R"({"code":0,"message":"Transport unknown"})",
    R"({"code":1,"message":"Session ID unknown"})",
    R"({"code":2,"message":"Bad handshake method"})",
    R"({"code":3,"message":"Bad request"})",
    R"({"code":4,"message":"Forbidden"})",
    R"({"code":5,"message":"Unsupported protocol version"})",
    R"({"code":3,"message":"Server shutting down"})",
    R"({"code":3,"message":"Server full"})",
    R"({"code":3,"message":"Too many sessions from this address"})",
};
HttpReply refusal_reply(int code) {
  const int status = code == draining || code == full ? 503 : code == crowded ? 429 : 400;
  return {status, json_type, refusal_bodies[static_cast<std::size_t>(code)]};
}

/// The first value of a name in a query, raw: what Engine.IO puts there needs no escaping.
std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return {};
}

wire_detail::EngineRevision revision_in(std::string_view query) {
  const bool three = query_value(query, "EIO") == "3";
  return {three, three && !query_value(query, "b64").empty()};
}

/// Every request of a session names the version that the session was opened with.
bool names_version_of(const EngineSession& session, std::string_view query) {
  return query_value(query, "EIO") == (session.v3() ? "3" : "4");
}

}  // namespace

EngineSession::Sid make_sid(ByteSource& bytes) {
  std::array<std::byte, 15> random;
  bytes.fill(random);
  EngineSession::Sid sid;
  for (std::size_t i = 0; i < 5; ++i) {
    auto byte = [&](std::size_t j) { return std::to_integer<std::uint32_t>(random[i * 3 + j]); };
    const std::uint32_t bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t j = 0; j < 4; ++j) sid[i * 4 + j] = sid_alphabet[(bits >> (18 - 6 * j)) & 63];
  }
  return sid;
}

std::optional<unsigned> core_of_request(std::string_view query, unsigned cores) {
  const std::string_view sid = query_value(query, "sid");
  if (sid.size() != std::tuple_size_v<EngineSession::Sid>) return std::nullopt;
  const std::size_t number = sid_alphabet.find(sid.front());
  return number < cores ? std::optional(static_cast<unsigned>(number)) : std::nullopt;
}

EngineCore::EngineCore(const HubSettings& settings, TransportHost& host, EngineEvents& events, ByteSource& bytes)
    : settings_(settings),
      session_settings_{settings.ping_interval, settings.ping_timeout, settings.limits.payload_bytes,
                        settings.limits.outbox_bytes, settings.websocket},
      host_(host),
      events_(events),
      bytes_(bytes),
      ping_(settings.ping_interval),
      pong_(settings.ping_timeout),
      silence_(settings.ping_interval + settings.ping_timeout),
      linger_(settings.ping_timeout),
      upgrade_(settings.upgrade_timeout),
      own_addresses_(settings.limits),
      addresses_(settings.place.addresses ? settings.place.addresses : &own_addresses_) {
  ZC_ASSERT(settings.place.cores <= cores_max && settings.place.number < settings.place.cores);
}

EngineCore::~EngineCore() {
  // A book of somebody else goes on.
  for (Slot& slot : slots_) uncount_address(slot);
}

// Sessions and peers.

EngineCore::Slot& EngineCore::slot_of(EngineSession& session) { return slots_[session.owner_index]; }
SessionId EngineCore::id_of(EngineSession& session) { return {session.owner_index, slot_of(session).generation}; }

EngineCore::Slot* EngineCore::live(SessionId id) {
  if (id.index >= slots_.size()) return nullptr;
  Slot& slot = slots_[id.index];
  return slot.generation == id.generation && slot.session ? &slot : nullptr;
}

EngineSession* EngineCore::find(SessionId id) {
  Slot* slot = live(id);
  return slot && slot->session->open() ? &*slot->session : nullptr;
}

const HandshakeContext* EngineCore::handshake(SessionId id) const {
  if (id.index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[id.index];
  return slot.generation == id.generation && slot.session ? slot.session->context.get() : nullptr;
}

EngineCore::Link& EngineCore::link(Peer peer) {
  if (peer.slot >= links_.size()) links_.resize(peer.slot + std::size_t{1});
  Link& found = links_[peer.slot];
  if (found.generation != peer.generation) found = Link{Link::Kind::none, peer.generation, {}, {}, nullptr};
  return found;
}

EngineCore::Link* EngineCore::find_link(Peer peer) {
  if (peer.slot >= links_.size() || links_[peer.slot].generation != peer.generation) return nullptr;
  return &links_[peer.slot];
}

SessionId EngineCore::find_sid(std::string_view sid) const {
  const auto found = by_sid_.find(sid);
  if (found == by_sid_.end()) return {};
  const Slot& slot = slots_[found->second];
  return slot.session->gone() ? SessionId{} : SessionId{found->second, slot.generation};
}

SessionId EngineCore::create(std::unique_ptr<HandshakeContext> context, wire_detail::EngineRevision revision) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  ++slot.generation;
  slot.told = true;
  slot.heartbeat.owner = slot.upgrade.owner = index;
  wire_detail::SessionOwner& owner = *this;
  EngineSession::Sid sid = make_sid(bytes_);
  if (settings_.place.cores > 1) sid.front() = sid_alphabet[settings_.place.number];
  slot.session.emplace(session_settings_, owner, host_, sid, revision);
  slot.session->owner_index = index;
  slot.session->context = std::move(context);
  by_sid_.emplace(slot.session->sid(), index);
  count_address(slot);
  ++counters_.now_sessions, ++counters_.sessions_opened;
  return {index, slot.generation};
}

// Addresses.

bool EngineCore::counts_addresses() const {
  return settings_.limits.sessions_per_address > 0 || settings_.limits.packets_per_second_per_address > 0;
}

bool EngineCore::address_is_full(const HandshakeContext* context) const {
  return settings_.limits.sessions_per_address > 0 && context && addresses_->is_full(context->address());
}

void EngineCore::count_address(Slot& slot) {
  const HandshakeContext* context = slot.session->context.get();
  if (!counts_addresses() || !context || context->address().empty()) return;
  slot.address = addresses_->enter(context->address(), now_.steady);
}

void EngineCore::uncount_address(Slot& slot) {
  if (AddressUse* use = std::exchange(slot.address, nullptr)) addresses_->leave(use);
}

// Requests.

std::optional<int> EngineCore::refusal(const EngineRequest& request, bool upgrade) {
  const std::string_view transport = query_value(request.query, "transport");
  const bool websocket = transport == "websocket" && settings_.websocket;
  if (!websocket && !(transport == "polling" && settings_.polling)) return unknown_transport;
  if (const std::string_view sid = query_value(request.query, "sid"); !sid.empty()) {
    const SessionId id = find_sid(sid);
    if (id.generation == 0) return unknown_sid;
    if (!names_version_of(*live(id)->session, request.query)) return bad_request;
    if (upgrade) return websocket ? std::nullopt : std::optional<int>(bad_request);
    return live(id)->session->polling() && !websocket ? std::nullopt : std::optional<int>(bad_request);
  }
  if (request.method != HttpMethod::get) return bad_method;
  if (websocket != upgrade) return bad_request;
  const std::string_view version = query_value(request.query, "EIO");
  if (version != "4" && !(version == "3" && settings_.allow_eio3)) return unsupported_version;
  if (!accepting_) return draining;
  if (by_sid_.size() >= settings_.limits.sessions) return full;
  return std::nullopt;
}

bool EngineCore::refuses(const EngineRequest& request) {
  return request.method == HttpMethod::other || refusal(request, false).has_value();
}

void EngineCore::refuse(Peer request, int code) {
  switch (code) {
    case unknown_sid: ++counters_.unknown_sid; break;
    case draining: ++counters_.refused_draining; break;
    case full: ++counters_.refused_full; break;
    case crowded: ++counters_.refused_address; break;
    case bad_method:
    case unsupported_version: ++counters_.bad_handshake; break;
    default: ++counters_.bad_request; break;
  }
  host_.answer(request, refusal_reply(code));
}

void EngineCore::open_by_poll(Peer request, std::string_view query) {
  auto context = host_.handshake_of(request);
  if (address_is_full(context.get())) return refuse(request, crowded);
  const SessionId id = create(std::move(context), revision_in(query));
  ++counters_.now_polling;
  slots_[id.index].session->open_polling(request);
  events_.on_session(id);
}

void EngineCore::on_http(Peer peer, const EngineRequest& request, std::string_view body, Now now) {
  Turn turn(*this, now);
  run_timers();  // a timer of the loop may come a little later than a request that it forbids
  if (auto code = refusal(request, false)) return refuse(peer, *code);
  const std::string_view sid = query_value(request.query, "sid");
  if (sid.empty()) return open_by_poll(peer, request.query);
  const SessionId id = find_sid(sid);
  EngineSession& session = *live(id)->session;
  switch (request.method) {
    case HttpMethod::get:
      link(peer).kind = Link::Kind::poll;
      link(peer).session = id;
      return session.on_get(peer);
    case HttpMethod::post: break;
    case HttpMethod::other: return refuse(peer, bad_request);
  }
  if (body.size() > settings_.limits.payload_bytes) {
    ++counters_.payload_too_large;
    session.on_post_refused(peer);
    return host_.answer(peer, {413, json_type, R"({"code":3,"message":"Payload too large"})"});
  }
  counters_.bytes_in += body.size();
  const bool bytes = request.content_type.starts_with("application/octet-stream");
  if (bytes && !session.v3()) {  // version 4 has base64 instead
    session.end(SessionEnd::transport_error);
    return refuse(peer, bad_request);
  }
  link(peer).kind = Link::Kind::none;
  session.on_post(peer, body, bytes);
}

void EngineCore::on_body_begins(Peer peer, const EngineRequest& request, Now now) {
  Turn turn(*this, now);
  if (request.method != HttpMethod::post || refusal(request, false)) return;  // refused when it is whole
  const SessionId id = find_sid(query_value(request.query, "sid"));
  link(peer).kind = Link::Kind::post;
  link(peer).session = id;
  live(id)->session->on_post_begins(peer);
}

void EngineCore::on_request_gone(Peer peer, Now now) {
  Turn turn(*this, now);
  Link* found = find_link(peer);
  if (!found || (found->kind != Link::Kind::poll && found->kind != Link::Kind::post)) return;
  if (Slot* slot = live(found->session)) slot->session->on_request_gone(peer);
  found->kind = Link::Kind::none;
}

std::optional<HttpReply> EngineCore::on_upgrade(Peer peer, const EngineRequest& request, Now now) {
  Turn turn(*this, now);
  if (auto code = refusal(request, true)) {
    ++counters_.bad_handshake;
    return refusal_reply(*code);
  }
  Link& made = link(peer);
  made.session = find_sid(query_value(request.query, "sid"));
  made.kind = made.session.generation == 0 ? Link::Kind::handshake : Link::Kind::probe;
  if (made.kind == Link::Kind::handshake) {
    made.context = host_.handshake_of(peer);
    if (address_is_full(made.context.get())) {
      made = Link{Link::Kind::none, peer.generation, {}, {}, nullptr};
      ++counters_.refused_address;
      return refusal_reply(crowded);
    }
    made.revision = revision_in(request.query);
  }
  return std::nullopt;
}

void EngineCore::open_by_websocket(Peer websocket, Link& opened) {
  opened.kind = Link::Kind::websocket;
  const SessionId id = opened.session = create(std::move(opened.context), opened.revision);
  slots_[id.index].session->open_websocket(websocket);
  events_.on_session(id);
}

/// Opens the v3 sessions whose time has come, unless their WebSocket is gone.
void EngineCore::greet() {
  while (!greetings_.empty() && greetings_.front().at <= now_.steady) {
    const Peer websocket = greetings_.front().websocket;
    greetings_.pop_front();
    Link* found = find_link(websocket);
    if (found && found->kind == Link::Kind::handshake) open_by_websocket(websocket, *found);
  }
}

void EngineCore::on_open(Peer peer, Now now) {
  Turn turn(*this, now);
  Link& opened = link(peer);
  if (opened.kind == Link::Kind::handshake && opened.revision.three)
    return (void)greetings_.push_back({now.steady + greeting_delay, peer});
  if (opened.kind == Link::Kind::handshake) return open_by_websocket(peer, opened);
  Slot* slot = opened.kind == Link::Kind::probe ? live(opened.session) : nullptr;
  if (slot && slot->session->on_probe_open(peer)) return;
  opened.kind = Link::Kind::refused;
  ++counters_.upgrade_failed;
  host_.close(peer, false);
}

void EngineCore::on_message(Peer peer, std::string_view payload, bool binary, Now now) {
  Link* found = find_link(peer);
  if (!found || (found->kind != Link::Kind::websocket && found->kind != Link::Kind::probe)) return;
  Turn turn(*this, now);
  Slot* slot = live(found->session);
  if (!slot) return;
  counters_.bytes_in += payload.size();
  if (payload.size() > settings_.limits.payload_bytes) {
    ++counters_.payload_too_large;
    return slot->session->end(SessionEnd::limit);
  }
  slot->session->on_frame(peer, payload, binary);
}

void EngineCore::on_close(Peer peer, Now now) {
  Link* found = find_link(peer);
  if (!found) return;
  Turn turn(*this, now);
  Slot* slot = live(found->session);
  *found = Link{Link::Kind::none, peer.generation, {}, {}, nullptr};
  if (slot) slot->session->on_websocket_gone(peer);
}

// Time.

SteadyTime EngineCore::next_deadline() const {
  // Asked after every message: plain comparisons of what each queue has at its front.
  const SteadyTime heartbeat = std::min(std::min(ping_.next(), pong_.next()), silence_.next());
  const SteadyTime other = std::min(linger_.next(), upgrade_.next());
  const SteadyTime both = std::min(heartbeat, other);
  return greetings_.empty() ? both : std::min(both, greetings_.front().at);
}

std::optional<SteadyTime> EngineCore::deadline() const {
  const SteadyTime next = next_deadline();
  return next == SteadyTime::max() ? std::nullopt : std::optional(next);
}

void EngineCore::on_deadline(Now now) {
  Turn turn(*this, now);
  run_timers();
}

void EngineCore::run_timers() {
  auto run = [this](TimerQueue& queue, SessionTimer kind) {
    while (TimerNode* due = queue.take_due(now_.steady)) slots_[due->owner].session->on_timer(kind);
  };
  run(pong_, SessionTimer::pong);
  run(silence_, SessionTimer::silence);
  run(ping_, SessionTimer::ping);
  run(linger_, SessionTimer::linger);
  run(upgrade_, SessionTimer::upgrade);
  greet();
}

void EngineCore::arm(EngineSession& session, SessionTimer timer) {
  Slot& slot = slot_of(session);
  switch (timer) {
    case SessionTimer::ping: return ping_.arm(slot.heartbeat, now_.steady);
    case SessionTimer::pong: return pong_.arm(slot.heartbeat, ping_sent_at(slot.heartbeat));
    case SessionTimer::silence: return silence_.arm(slot.heartbeat, now_.steady);
    case SessionTimer::linger: return linger_.arm(slot.heartbeat, now_.steady);
    case SessionTimer::upgrade: return upgrade_.arm(slot.upgrade, now_.steady);
  }
}

/// When the ping was due, so that small delays do not add up to a longer session; but a loop that was held up for long
/// must not take its peers' time to answer.
SteadyTime EngineCore::ping_sent_at(const TimerNode& ping) const {
  const auto late = settings_.ping_timeout / 4;
  return now_.steady - ping.at < late ? std::min(ping.at, now_.steady) : now_.steady;
}

void EngineCore::disarm(EngineSession& session, SessionTimer timer) {
  Slot& slot = slot_of(session);
  (timer == SessionTimer::upgrade ? slot.upgrade : slot.heartbeat).disarm();
}

// What sessions say.

void EngineCore::flush_soon(EngineSession& session) { to_flush_.push_back(id_of(session)); }

void EngineCore::on_message(EngineSession& session, std::string_view payload, bool binary) {
  ++counters_.packets_in;
  events_.on_message(id_of(session), payload, binary);
}

void EngineCore::on_upgraded(EngineSession& session) {
  ++counters_.upgrades, --counters_.now_polling;
  link(session.websocket()).kind = Link::Kind::websocket;
}

void EngineCore::on_end(EngineSession& session, SessionEnd why) {
  --counters_.now_sessions;
  if (session.polling()) --counters_.now_polling;
  count_end(why);
  ended_.push_back({id_of(session), why});
}

void EngineCore::on_gone(EngineSession& session) { gone_.push_back(session.owner_index); }

void EngineCore::count_end(SessionEnd why) {
  switch (why) {
    case SessionEnd::client_close: ++counters_.closed_by_client; return;
    case SessionEnd::transport_close: ++counters_.closed_transport_close; return;
    case SessionEnd::transport_error: ++counters_.closed_transport_error; return;
    case SessionEnd::ping_timeout: ++counters_.closed_ping_timeout; return;
    case SessionEnd::parse_error: ++counters_.closed_parse_error; return;
    case SessionEnd::server_close: ++counters_.closed_by_server; return;
    case SessionEnd::connect_timeout: ++counters_.closed_connect_timeout; return;
    case SessionEnd::shutting_down: ++counters_.closed_shutting_down; return;
    case SessionEnd::slow_reader: ++counters_.closed_slow_reader; return;
    case SessionEnd::rate_limited: ++counters_.closed_rate_limited; return;
    case SessionEnd::limit: ++counters_.closed_limit; return;
  }
}

// Turns.

void EngineCore::open_turn(Now now) {
  if (depth_++ == 0) now_ = now;
}

void EngineCore::close_turn() {
  if (depth_ == 1) settle();
  --depth_;
}

void EngineCore::settle() {
  bool more = true;
  while (more) {
    while (!to_flush_.empty()) {
      const SessionId id = to_flush_.back();
      to_flush_.pop_back();
      if (EngineSession* session = find(id)) session->flush();
    }
    for (std::size_t i = 0; i < ended_.size(); ++i) {
      const Ended ended = ended_[i];
      events_.on_session_end(ended.id, ended.why);
      slots_[ended.id.index].told = false;
      gone_.push_back(ended.id.index);
    }
    ended_.clear();
    free_gone();
    more = events_.on_turn_end() || !to_flush_.empty() || !ended_.empty();
  }
}

void EngineCore::free_gone() {
  for (const std::uint32_t index : gone_) {
    Slot& slot = slots_[index];
    if (slot.told || !slot.session || !slot.session->gone()) continue;
    by_sid_.erase(slot.session->sid());
    uncount_address(slot);
    slot.session.reset();
    free_.push_back(index);
  }
  gone_.clear();
}

// What the host decides.

void EngineCore::send_message(SessionId id, std::string_view payload, bool binary, Now now) {
  Turn turn(*this, now);
  EngineSession* session = find(id);
  if (!session) return;
  ++counters_.packets_out;
  if (binary) {
    session->send_binary(payload);
  } else {
    out_.assign("4").append(payload);
    session->send(out_);
  }
  if (session->open() && !session->polling() && host_.buffered(session->websocket()) > settings_.limits.outbox_bytes)
    session->end(SessionEnd::slow_reader);
}

void EngineCore::end(SessionId id, SessionEnd why) {
  if (EngineSession* session = find(id)) session->end(why);
}

void EngineCore::close(SessionId id, SessionEnd why, Now now) {
  Turn turn(*this, now);
  end(id, why);
}

std::size_t EngineCore::close_sessions(std::size_t count, SessionEnd why, Now now) {
  Turn turn(*this, now);
  for (std::size_t i = 0; i < slots_.size() && count > 0; ++i) {
    EngineSession* session = slots_[i].session ? &*slots_[i].session : nullptr;
    if (!session || !session->open()) continue;
    session->end(why);
    --count;
  }
  return static_cast<std::size_t>(counters_.now_sessions);
}

}  // namespace zegocall::hub_detail
