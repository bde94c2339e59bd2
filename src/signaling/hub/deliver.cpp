// What is said to peers: whom a target names, and how a packet reaches them.
#include "base/ask_time.hpp"
#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

// Whom a target names. Each connection carries the number of the last fan-out that looked at it, so that the members
// of several groups are taken once and the excepted ones not at all.

/// The connection whose own group it is. Most names are too short for that, and cost no look-up.
std::uint32_t HubCore::Impl::one_of_sid(std::string_view group) const {
  if (group.starts_with(connection_mark)) group.remove_prefix(1);
  if (group.size() < EngineSession::sid_size) return nobody;
  const auto own = by_sid.find(group);
  return own == by_sid.end() ? nobody : own->second;
}

void HubCore::Impl::mark_group(Namespace& ns, std::string_view group) {
  if (const std::uint32_t own = one_of_sid(group); own != nobody) conns[own].mark = mark;
  const std::uint32_t found = ns.groups.find(group);
  if (found == nobody) return;
  for (const std::uint32_t index : ns.groups.members(found)) conns[index].mark = mark;
}

void HubCore::Impl::collect_group(Namespace& ns, std::string_view group) {
  auto take = [this](std::uint32_t index) {
    if (conns[index].mark == mark) return;
    conns[index].mark = mark;
    chosen.push_back(index);
  };
  const std::uint32_t found = ns.groups.find(group);
  if (found != nobody)
    for (const std::uint32_t index : ns.groups.members(found)) take(index);
  const std::uint32_t own = one_of_sid(group);
  if (own != nobody && &namespaces[conns[own].ns] == &ns) take(own);
}

void HubCore::Impl::collect(const Target& target) {
  chosen.clear();
  if (target.ns >= namespaces.size()) return;
  Namespace& ns = namespaces[target.ns];
  ++mark;
  for (const std::string_view group : target.except) mark_group(ns, group);
  if (Conn* but = known(target.but)) but->mark = mark;
  for (const std::string_view group : target.to) collect_group(ns, group);
  if (!target.to.empty()) return;
  for (const std::uint32_t index : ns.groups.everyone())
    if (conns[index].mark != mark) chosen.push_back(index);
}

// How a packet reaches a peer.

/// False if the packet is left out, or the peer given up.
bool HubCore::Impl::keeps_up(EngineSession& session, SessionId id, bool droppable) {
  const std::size_t queued = session.polling() ? session.outbox_bytes() : host.buffered(session.websocket());
  const bool no_poll = session.polling() && !session.poll_waits();
  if (droppable && (queued > settings.limits.outbox_droppable_bytes || no_poll)) {
    ++engine.counters().dropped_droppable;
    return false;
  }
  if (queued <= settings.limits.outbox_bytes) return true;
  engine.end(id, SessionEnd::slow_reader);
  return false;
}

void HubCore::Impl::deliver(std::uint32_t index, std::string_view packet, std::span<const std::string> attachments,
                            bool droppable) {
  const SessionId id = conns[index].session;
  EngineSession* session = engine.find(id);
  if (!session || !keeps_up(*session, id, droppable)) return;
  engine.counters().packets_out += 1 + attachments.size();
  session->send(packet);
  for (const std::string& part : attachments) session->send_binary(part);
}

void HubCore::Impl::fan_out(std::string_view packet, std::span<const std::string> attachments, bool droppable) {
  Counters& counters = engine.counters();
  ++counters.fan_outs;
  peers.clear();
  for (const std::uint32_t index : chosen) {
    const SessionId id = conns[index].session;
    EngineSession* session = engine.find(id);
    if (!session || !keeps_up(*session, id, droppable)) continue;
    ++counters.deliveries;
    counters.packets_out += 1 + attachments.size();
    // What is the same for everybody is framed once; a client of Engine.IO v3 wants its binary parts in another form.
    if (!session->polling() && (attachments.empty() || !session->v3())) {
      peers.push_back(session->websocket());
      continue;
    }
    session->send(packet);
    for (const std::string& part : attachments) session->send_binary(part);
  }
  if (peers.empty()) return;
  host.send(peers, packet, false);
  for (const std::string& part : attachments) host.send(peers, part, true);
}

void HubCore::acknowledge(Connection c, std::uint64_t ack, const ArgsView& args, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  const std::uint32_t index = impl_->open_index(c);
  if (index == nobody) return;
  impl_->text.clear();
  wire_detail::encode_ack(impl_->text, impl_->namespaces[impl_->conns[index].ns].name, ack, args);
  impl_->deliver(index, impl_->text, args.attachments(), false);
}

void HubCore::emit(Connection c, std::string_view name, const ArgsView& args, bool droppable, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  const std::uint32_t index = impl_->open_index(c);
  if (index == nobody) return;
  const Conn& conn = impl_->conns[index];
  impl_->encode(conn.ns, name, args, droppable);
  impl_->deliver(index, impl_->text, args.attachments(), droppable);
  if (!impl_->tail.empty()) impl_->log_event({.ns = conn.ns}, conn.sid_text(), args.attachments());
}

/// An event into `text`. `tail` is its offset then, empty if it has none.
void HubCore::Impl::encode(NamespaceIndex ns, std::string_view name, const ArgsView& args, bool droppable) {
  tail.clear();
  text.clear();
  if (recovers() && !droppable) offset_for(ns);
  wire_detail::encode_event(text, namespaces[ns].name, std::nullopt, name, args, tail);
}

void HubCore::emit(const Target& target, std::string_view name, const ArgsView& args, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  impl_->collect(target);
  const bool nobody_here = impl_->chosen.empty();
  if (target.ns >= impl_->namespaces.size() || (nobody_here && !impl_->recovers())) return;
  impl_->encode(target.ns, name, args, target.droppable);
  if (!nobody_here) impl_->fan_out(impl_->text, args.attachments(), target.droppable);
  if (!impl_->tail.empty()) impl_->log_event(target, {}, args.attachments());
}

/// True if the connection is to be sent the question.
bool HubCore::Impl::ask_one(Asks::Opened ask, std::uint32_t index) {
  if (conns[index].open_questions >= settings.limits.pending_acks) {
    ++engine.counters().limit_pending_acks;
    asks.count_lost(ask.index);
    return false;
  }
  asks.wait_for(conns, ask.index, index);
  return true;
}

void HubCore::ask(Connection c, std::string_view name, const ArgsView& args, std::chrono::milliseconds timeout,
                  std::uint64_t token, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  ++impl_->engine.counters().asks;
  const Asks::Opened ask = impl_->asks.open(token, base_detail::ask_end(now.steady, timeout));
  const std::uint32_t index = impl_->open_index(c);
  if (index != nobody && impl_->ask_one(ask, index)) {
    impl_->text.clear();
    wire_detail::encode_event(impl_->text, impl_->namespaces[impl_->conns[index].ns].name, ask.id, name, args);
    impl_->deliver(index, impl_->text, args.attachments(), false);
  }
  impl_->asks.seal(ask.index);
}

void HubCore::ask(const Target& target, std::string_view name, const ArgsView& args, std::chrono::milliseconds timeout,
                  std::uint64_t token, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  ++impl_->engine.counters().asks;
  const Asks::Opened ask = impl_->asks.open(token, base_detail::ask_end(now.steady, timeout));
  impl_->collect(target);
  std::erase_if(impl_->chosen, [&](std::uint32_t index) { return !impl_->ask_one(ask, index); });
  if (!impl_->chosen.empty()) {
    impl_->text.clear();
    wire_detail::encode_event(impl_->text, impl_->namespaces[target.ns].name, ask.id, name, args);
    impl_->fan_out(impl_->text, args.attachments(), false);
  }
  impl_->asks.seal(ask.index);
}

Result<void> check_group_name(std::string_view group, std::size_t bytes_max) {
  if (group.size() > bytes_max)
    return fail_field(ErrorCode::limit_exceeded, "group",
                      "a name of " + std::to_string(group.size()) + " bytes, must be at most " + std::to_string(bytes_max));
  if (group.empty()) return fail_field(ErrorCode::invalid_argument, "group", "has no name");
  if (group.starts_with("user_"))
    return fail_field(ErrorCode::invalid_argument, "group",
                      "names that begin with user_ are the hub's own, for the connections of a user");
  if (group.starts_with(connection_mark))
    return fail_field(ErrorCode::invalid_argument, "group",
                      "names that begin with the byte 1 are the hub's own, for one connection");
  return {};
}

Result<void> HubCore::Impl::join(std::uint32_t index, std::string_view group) {
  Conn& conn = conns[index];
  Groups& groups = namespaces[conn.ns].groups;
  const std::size_t most = settings.limits.groups_per_connection;
  auto fine = check_group_name(group, settings.limits.group_name_bytes);
  if (fine && conn.groups.size() >= most + (conn.user.empty() ? 1 : 2) && !groups.holds(conns, index, group))
    fine = fail_field(ErrorCode::limit_exceeded, "group",
                      "the connection is in " + std::to_string(most) + " groups, which is the most");
  if (fine)
    groups.join(conns, index, group);
  else
    ++engine.counters().limit_groups;
  return fine;
}

Result<void> HubCore::join(Connection c, std::string_view group) {
  const std::uint32_t index = impl_->open_index(c);
  if (index == nobody) return fail(ErrorCode::closed, "the connection is gone");
  return impl_->join(index, group);
}

void HubCore::leave(Connection c, std::string_view group) {
  const std::uint32_t index = impl_->open_index(c);
  if (index != nobody) impl_->namespaces[impl_->conns[index].ns].groups.leave(impl_->conns, index, group);
}

void HubCore::join(const Target& target, std::string_view group) {
  impl_->collect(target);
  for (const std::uint32_t index : impl_->chosen) (void)impl_->join(index, group);
}

void HubCore::leave(const Target& target, std::string_view group) {
  impl_->collect(target);
  for (const std::uint32_t index : impl_->chosen) impl_->namespaces[target.ns].groups.leave(impl_->conns, index, group);
}

void HubCore::members(const Target& target, std::vector<Connection>& out) {
  impl_->collect(target);
  for (const std::uint32_t index : impl_->chosen) out.push_back(impl_->handle(index));
}

}  // namespace zegocall::hub_detail
