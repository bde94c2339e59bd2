// What peers say: sessions, packets, attachments.
#include <algorithm>

#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

using wire_detail::SocketPacket;
using wire_detail::SocketType;

void HubCore::Impl::on_session(SessionId id) {
  while (sessions.size() <= id.index) sessions.emplace_back();
  HubSession& session = sessions[id.index];
  session.connect.owner = id.index;
  session.left = 0;
  session.tokens = settings.limits.packets_burst;
  session.refilled = engine.now().steady;
  connect_timer.arm(session.connect, engine.now().steady);
}

void HubCore::Impl::on_session_end(SessionId id, SessionEnd why) {
  HubSession& session = sessions[id.index];
  session.connect.disarm();
  session.assembly.reset();
  while (session.first != nobody) leave(session.first, name(why));
}

/// A bucket that is filled again when it is empty: on the usual path one decrement.
bool HubCore::Impl::within_rate(HubSession& session) {
  if (settings.limits.packets_per_second == 0) return true;
  if (session.tokens == 0) {
    const auto elapsed = std::chrono::duration<double>(engine.now().steady - session.refilled).count();
    const double filled = std::min(elapsed * settings.limits.packets_per_second, double(settings.limits.packets_burst));
    session.tokens = static_cast<std::uint32_t>(filled);
    if (session.tokens == 0) return false;
    session.refilled = engine.now().steady;
  }
  --session.tokens;
  return true;
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
  if (!within_rate(session)) return engine.end(id, SessionEnd::rate_limited);
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

NamespaceIndex HubCore::Impl::ns_index(std::string_view name) const {
  for (std::size_t i = 0; i < namespaces.size(); ++i)
    if (namespaces[i].name == name) return static_cast<NamespaceIndex>(i);
  return no_namespace;
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
    const bool late = ns != no_namespace && index == nobody && (session.left >> (ns & 63) & 1) != 0;
    if (!late) bad_order(id);
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
  EngineSession* engine_session = engine.find(id);
  if (!engine_session) return;
  const NamespaceIndex ns = ns_index(packet.nsp);
  const HubSession& session = sessions[id.index];
  if (const std::uint32_t before = ns == no_namespace ? nobody : connection_of(session, ns); before != nobody) {
    // The stock client asks twice in one breath when a program calls connect() on a socket that opens by itself.
    if (conns[before].spoke) bad_order(id);
    return;
  }
  std::string_view refusal;
  if (ns == no_namespace)
    refusal = "Invalid namespace", ++engine.counters().unknown_namespace;
  else if (session.count >= settings.limits.namespaces_per_session)
    refusal = "too many namespaces", ++engine.counters().limit_namespaces;
  if (!refusal.empty()) {
    text.clear();
    wire_detail::encode_connect_error(text, packet.nsp, refusal, {});
    ++engine.counters().connections_refused, ++engine.counters().packets_out;
    return engine_session->send(text);
  }
  const std::uint32_t index = create(id, ns);
  const std::string_view auth = packet.json.kind() == JsonKind::object ? packet.json.text() : "{}";
  host.on_authenticate(handle(index), ns, auth, engine.handshake(id));
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
  EngineSession* session = engine.find(conn.session);
  const bool much = held.events.size() > limits.held_events / 2 || held.bytes > limits.held_bytes / 2;
  if (!much || held.paused || !session || session->polling()) return;
  held.paused = true;
  host.pause_reading(session->websocket(), true);
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
