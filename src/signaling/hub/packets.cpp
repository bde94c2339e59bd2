// What peers say: sessions, packets, attachments.
#include <algorithm>

#include "signaling/hub/core_impl.hpp"
#include "signaling/hub/legacy.hpp"

namespace zegocall::hub_detail {

using wire_detail::SocketPacket;
using wire_detail::SocketType;

void HubCore::Impl::on_session(SessionId id) {
  while (sessions.size() <= id.index) sessions.emplace_back();
  HubSession& session = sessions[id.index];
  session.connect.owner = session.slow.owner = id.index;
  session.left = 0;
  session.pauses = 0;
  session.packets = {settings.limits.packets_burst, engine.now().steady};
  connect_timer.arm(session.connect, engine.now().steady);
  // Clients of Socket.IO 2 are in the main namespace from the start.
  if (const EngineSession* opened = engine.find(id); opened && opened->v3()) connect(id, "/", "{}", nullptr);
}

namespace {

/// The link was lost: nobody has said goodbye.
bool may_come_back(SessionEnd why) {
  switch (why) {
    case SessionEnd::client_close:
    case SessionEnd::transport_close:
    case SessionEnd::transport_error:
    case SessionEnd::ping_timeout: return true;
    case SessionEnd::parse_error:
    case SessionEnd::server_close:
    case SessionEnd::connect_timeout:
    case SessionEnd::shutting_down:
    case SessionEnd::slow_reader:
    case SessionEnd::rate_limited:
    case SessionEnd::limit: return false;
  }
  return false;
}

}  // namespace

void HubCore::Impl::on_session_end(SessionId id, SessionEnd why) {
  HubSession& session = sessions[id.index];
  session.connect.disarm();
  session.slow.disarm();
  session.assembly.reset();
  while (session.first != nobody) leave(session.first, name(why), may_come_back(why));
}

bool HubCore::Impl::within_rate(SessionId id, HubSession& session) {
  const HubLimits& limits = settings.limits;
  if (session.packets.tokens > 0 && limits.packets_per_second_per_address == 0) return --session.packets.tokens, true;
  const bool own = take_token(session.packets, limits.packets_per_second, limits.packets_burst, engine.now().steady);
  const bool shared = engine.take_address_packet(id);
  if (own && shared) return true;
  ++(own ? engine.counters().flood_address : engine.counters().flood_session);
  if (settings.flood == Flood::slow_down && slow_down(id, session)) return true;
  engine.end(id, SessionEnd::rate_limited);
  return false;
}

/// This packet is still taken, the next ones have to wait at the peer. False where that is not possible.
bool HubCore::Impl::slow_down(SessionId id, HubSession& session) {
  const EngineSession* engine_session = engine.find(id);
  if (!engine_session || engine_session->polling()) return false;
  if (session.slow.armed()) return true;
  ++engine.counters().slowed_down;
  slow_timer.arm(session.slow, engine.now().steady);
  pause(id, Pause::flooding, true);
  return true;
}

void HubCore::Impl::pause(SessionId id, Pause why, bool paused) {
  HubSession& session = sessions[id.index];
  const std::uint8_t before = session.pauses;
  session.pauses = static_cast<std::uint8_t>(paused ? before | why : before & ~why);
  EngineSession* engine_session = engine.find(id);
  if (!engine_session || engine_session->polling() || (before != 0) == (session.pauses != 0)) return;
  host.pause_reading(engine_session->websocket(), paused);
}

void HubCore::Impl::bad_packet(SessionId id, const Error& error) {
  Counters& counters = engine.counters();
  const bool json = error.code == ErrorCode::bad_json || error.code == ErrorCode::bad_utf8;
  const bool limit = error.code == ErrorCode::limit_exceeded;
  ++(json ? counters.bad_json : limit ? counters.limit_packet : counters.bad_packet);
  engine.end(id, SessionEnd::parse_error);
}

void HubCore::Impl::bad_order(SessionId id) {
  ++engine.counters().bad_order;
  engine.end(id, SessionEnd::parse_error);
}

void HubCore::Impl::on_message(SessionId id, std::string_view payload, bool binary) {
  HubSession& session = sessions[id.index];
  if (!within_rate(id, session)) return;
  if (binary) return on_attachment(id, payload);
  if (session.assembly) return bad_order(id);  // a text between a packet and its attachments
  auto packet = wire_detail::decode_socket(payload, packet_limits, name_scratch);
  if (!packet) return bad_packet(id, packet.error());
  if (packet->attachments == 0) return dispatch(id, *packet, packet->args, payload);
  session.assembly = std::make_unique<Assembly>();
  session.assembly->text = payload;
  session.assembly->wanted = packet->attachments;
}

void HubCore::Impl::on_attachment(SessionId id, std::string_view part) {
  HubSession& session = sessions[id.index];
  if (!session.assembly) {
    ++engine.counters().bad_binary;
    return engine.end(id, SessionEnd::parse_error);
  }
  Assembly& assembly = *session.assembly;
  assembly.bytes += part.size();
  if (assembly.bytes > settings.limits.attachment_bytes) {
    ++engine.counters().limit_attachments;
    return engine.end(id, SessionEnd::limit);
  }
  assembly.parts.emplace_back(part);
  if (assembly.parts.size() < assembly.wanted) return;
  const std::unique_ptr<Assembly> whole = std::move(session.assembly);
  auto packet = wire_detail::decode_socket(whole->text, packet_limits, name_scratch);
  ZC_ASSERT(packet);
  auto args = wire_detail::attach(*packet, whole->parts);
  if (!args) {
    ++engine.counters().bad_binary;
    return engine.end(id, SessionEnd::parse_error);
  }
  dispatch(id, *packet, *args, whole->text);
}

/// The session's connection to a namespace; with no_namespace, its first accepted one.
std::uint32_t HubCore::Impl::connection_of(const HubSession& session, NamespaceIndex ns) const {
  for (std::uint32_t i = session.first; i != nobody; i = conns[i].next_in_session)
    if (ns == no_namespace ? conns[i].state == ConnState::open : conns[i].ns == ns) return i;
  return nobody;
}

void HubCore::Impl::dispatch(SessionId id, const SocketPacket& packet, const ArgsView& args, std::string_view packet_text) {
  if (packet.type == SocketType::connect) return on_connect(id, packet);
  const HubSession& session = sessions[id.index];
  const NamespaceIndex ns = ns_index(packet.nsp);
  const std::uint32_t index = ns == no_namespace ? nobody : connection_of(session, ns);
  if (index == nobody || conns[index].state != ConnState::open) {
    // A namespace of a pattern is gone with its last connection: then the name must do.
    const bool left =
        ns == no_namespace ? session.left != 0 && host.pattern_of(packet.nsp) : (session.left >> (ns & 63) & 1) != 0;
    if (index != nobody || !left) bad_order(id);
    return;
  }
  conns[index].spoke = true;
  switch (packet.type) {
    case SocketType::connect:
    case SocketType::connect_error: return bad_order(id);
    case SocketType::disconnect: return leave(index, "client namespace disconnect");
    case SocketType::event:
    case SocketType::binary_event: return on_event(index, packet, args, packet_text);
    case SocketType::ack:
    case SocketType::binary_ack: return on_ack(index, packet, args);
  }
}

void HubCore::Impl::on_connect(SessionId id, const SocketPacket& packet) {
  const EngineSession* engine_session = engine.find(id);
  if (!engine_session) return;
  if (engine_session->v3()) {
    const LegacyConnect wanted = read_legacy_connect(packet.nsp);
    return connect(id, wanted.ns, wanted.auth, nullptr);
  }
  connect(id, packet.nsp, packet.json.kind() == JsonKind::object ? packet.json.text() : "{}", &packet);
}

void HubCore::Impl::refuse_namespace(SessionId id, std::string_view ns_name, std::string_view why) {
  text.clear();
  wire_detail::encode_connect_error(text, ns_name, why, {});
  ++engine.counters().connections_refused, ++engine.counters().packets_out;
  engine.find(id)->send(text);
}

/// `packet` is null for a client of Socket.IO 2.
void HubCore::Impl::connect(SessionId id, std::string_view ns_name, std::string_view auth, const SocketPacket* packet) {
  HubSession& session = sessions[id.index];
  if (const NamespaceIndex known_ns = ns_index(ns_name); known_ns != no_namespace) {
    if (const std::uint32_t before = connection_of(session, known_ns); before != nobody) {
      // The stock client asks twice in one breath when a program calls connect() on a socket that opens by itself.
      if (conns[before].spoke) bad_order(id);
      return;
    }
  }
  if (session.count >= settings.limits.namespaces_per_session) {
    ++engine.counters().limit_namespaces;
    return refuse_namespace(id, ns_name, "too many namespaces");
  }
  const NamespaceIndex ns = ns_for_connect(ns_name);
  if (ns == no_namespace) {
    ++engine.counters().unknown_namespace;
    return refuse_namespace(id, ns_name, "Invalid namespace");
  }
  const std::uint32_t index = create(id, ns);
  if (packet == nullptr)
    make_legacy(index);
  else if (recovers())
    wish(index, *packet);
  host.on_authenticate(handle(index), ns, auth, engine.handshake(id));
}

/// Clients of Socket.IO 2 put their connection's id together themselves, from that of the session.
void HubCore::Impl::make_legacy(std::uint32_t index) {
  Conn& conn = conns[index];
  conn.legacy = true;
  const std::string_view session_sid = engine.find(conn.session)->sid();
  if (namespaces[conn.ns].name == "/")
    std::copy(session_sid.begin(), session_sid.end(), conn.sid.begin());
  else
    conn.legacy_sid = std::make_unique<const std::string>(std::string(namespaces[conn.ns].name) + "#" + std::string(session_sid));
}

void HubCore::Impl::on_event(std::uint32_t index, const SocketPacket& packet, const ArgsView& args,
                             std::string_view packet_text) {
  ++engine.counters().events_in;
  if (conns[index].held) return hold(index, packet_text, args.attachments());
  if (host.on_event(handle(index), {packet.name, args, packet.id}) == Taken::hold) hold(index, packet_text, args.attachments());
}

void HubCore::Impl::hold(std::uint32_t index, std::string_view packet_text, std::span<const std::string> attachments) {
  Conn& conn = conns[index];
  ++engine.counters().held;
  if (!conn.held) conn.held = std::make_unique<Held>();
  Held& held = *conn.held;
  held.bytes += packet_text.size();
  for (const std::string& part : attachments) held.bytes += part.size();
  held.events.push_back({std::string(packet_text), {attachments.begin(), attachments.end()}});
  const HubLimits& limits = settings.limits;
  if (held.events.size() > limits.held_events || held.bytes > limits.held_bytes) {
    ++engine.counters().limit_held;
    return engine.end(conn.session, SessionEnd::limit);
  }
  const bool much = held.events.size() > limits.held_events / 2 || held.bytes > limits.held_bytes / 2;
  if (!much || held.paused) return;
  held.paused = true;
  pause(conn.session, Pause::held_events, true);
}

Taken HubCore::Impl::offer_held(std::uint32_t index, const HeldEvent& event) {
  std::string scratch;
  auto packet = wire_detail::decode_socket(event.text, packet_limits, scratch);
  ZC_ASSERT(packet);
  auto args = event.attachments.empty() ? Result<ArgsView>(packet->args) : wire_detail::attach(*packet, event.attachments);
  ZC_ASSERT(args);
  return host.on_event(handle(index), {packet->name, *args, packet->id});
}

void HubCore::Impl::on_ack(std::uint32_t index, const SocketPacket& packet, const ArgsView& args) {
  const auto token = asks.answered(conns, index, *packet.id);
  if (!token) {
    ++engine.counters().acks_unknown;
    return;
  }
  ++engine.counters().acks_in;
  host.on_answer(*token, handle(index), args);
}

}  // namespace zegocall::hub_detail
