// Connections that come back: what is remembered of them and for them, and how they are made whole again.
#include <algorithm>

#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

/// A CONNECT may name an earlier connection by its secret `pid`, and the last event that it got of it.
void HubCore::Impl::wish(std::uint32_t index, const wire_detail::SocketPacket& packet) {
  Conn& conn = conns[index];
  conn.comeback = std::make_unique<Comeback>();
  Comeback& comeback = *conn.comeback;
  comeback.own_pid = make_sid(bytes);
  if (packet.json.kind() != JsonKind::object) return;
  comeback.pid = packet.json.get<std::string>("pid").value_or("");
  comeback.offset = packet.json.get<std::string>("offset").value_or("");
  if (!comeback.pid.empty()) conn.coming = Coming::lost;
}

const SavedConnection* HubCore::Impl::find_away(std::string_view pid, NamespaceIndex ns, const UserId& user) {
  const SavedConnection* found = away.find(pid);
  if (found && found->ns == ns && found->user == user) return found;
  ++engine.counters().recovery_unknown;
  return nullptr;
}

void HubCore::Impl::put_away(SavedConnection saved) {
  if (auto oldest = away.put(std::move(saved), engine.now().steady)) forget(std::move(*oldest));
}

std::optional<HubCore::Impl::Seen> HubCore::Impl::seen(const SavedConnection& saved, std::string_view offset) const {
  Seen out{saved.since, 0};
  const auto brought = saved.carried ? saved.carried->seen(offset) : std::nullopt;
  if (brought) {
    out.carried = *brought;
  } else {
    const auto number = offset_number(run, offset);
    if (!number) return std::nullopt;
    out.number = std::max(*number, saved.since);
    if (saved.carried) out.carried = saved.carried->events.size();
  }
  if (!namespaces[saved.ns].log->complete_after(out.number)) return std::nullopt;
  return out;
}

/// From here on the connection is the earlier one.
void HubCore::Impl::assume(Conn& conn, SavedConnection& saved) {
  Comeback& comeback = *conn.comeback;
  conn.sid = saved.sid;
  conn.coming = Coming::recovered;
  comeback.own_pid = saved.pid;
  comeback.groups = std::move(saved.groups);
}

std::unique_ptr<ConnectionData> HubCore::Impl::recover(std::uint32_t index, const UserId& user) {
  Conn& conn = conns[index];
  if (!conn.comeback || conn.comeback->pid.empty()) return nullptr;
  Comeback& comeback = *conn.comeback;
  const SavedConnection* found = find_away(comeback.pid, conn.ns, user);
  if (!found) return nullptr;
  const auto has = seen(*found, comeback.offset);
  if (!has) {  // the earlier one stays: whose it is may know better
    ++engine.counters().recovery_overrun;
    return nullptr;
  }
  SavedConnection saved = away.take(comeback.pid);
  assume(conn, saved);
  comeback.since = saved.since;
  comeback.missed_after = has->number;
  comeback.carried = std::move(saved.carried);
  comeback.carried_seen = has->carried;
  stop_using(saved.ns);  // the connection itself uses it
  return std::move(saved.data);
}

/// Before the CONNECT's answer, as the original does it: a stock client's listeners hear it before their "connect".
void HubCore::Impl::send_missed(std::uint32_t index) {
  Conn& conn = conns[index];
  const Comeback& comeback = *conn.comeback;
  std::vector<std::string> mine = comeback.groups;
  mine.emplace_back(conn.sid_text());
  mine.push_back(connection_group(conn.sid_text()));
  if (comeback.carried)
    for (std::size_t i = comeback.carried_seen; i < comeback.carried->events.size(); ++i) {
      ++engine.counters().recovered_packets;
      deliver(index, comeback.carried->events[i].text, comeback.carried->events[i].attachments, false);
    }
  for (const PacketLog::Packet* packet : namespaces[conn.ns].log->after(comeback.missed_after)) {
    if (!packet->target.concerns(mine) || (comeback.carried && comeback.carried->is_twice(packet->event))) continue;
    ++engine.counters().recovered_packets;
    deliver(index, packet->text, packet->attachments, false);
  }
}

/// Called before a connection leaves its groups: afterwards nobody knows them.
void HubCore::Impl::keep_groups(std::uint32_t index) {
  Conn& conn = conns[index];
  if (!conn.comeback || conn.legacy) return;
  conn.comeback->keep = true;
  conn.comeback->groups.clear();
  for (const Membership& mine : conn.groups)
    if (mine.group != 0) conn.comeback->groups.push_back(namespaces[conn.ns].groups.name(mine.group));
}

/// True if the connection, which is gone and told so, may come back; its place in the namespace goes with it.
bool HubCore::Impl::save(std::uint32_t index) {
  Conn& conn = conns[index];
  if (!conn.comeback || !conn.comeback->keep) return false;
  SavedConnection saved;
  saved.ns = conn.ns;
  saved.sid = conn.sid;
  saved.pid = conn.comeback->own_pid;
  saved.user = std::move(conn.user);
  saved.groups = std::move(conn.comeback->groups);
  saved.since = conn.comeback->since;
  saved.carried = std::move(conn.comeback->carried);
  saved.data = std::move(conn.data);
  put_away(std::move(saved));
  return true;
}

void HubCore::Impl::forget(SavedConnection saved) {
  host.on_comeback_name({saved.pid.data(), saved.pid.size()}, false);
  ++engine.counters().away_forgotten;
  stop_using(saved.ns);
}

void HubCore::Impl::offset_for(NamespaceIndex ns) {
  const Namespace& in = namespaces[ns];
  if (in.users > 0) tail = offset_text(run, in.log->next());
}

/// Remembers `text`, which is on its way to `target`, or to the one that `own_group` names.
void HubCore::Impl::log_event(const Target& target, std::string_view own_group, std::span<const std::string> attachments) {
  LoggedTarget to;
  if (!own_group.empty()) to.to.emplace_back(own_group);
  to.to.insert(to.to.end(), target.to.begin(), target.to.end());
  to.except.assign(target.except.begin(), target.except.end());
  if (const Conn* but = known(target.but)) to.except.emplace_back(but->sid_text());
  namespaces[target.ns].log->add(text, attachments, std::move(to), engine.now().steady, target.event);
}

std::unique_ptr<ConnectionData> HubCore::recover(Connection c, const UserId& user, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  const Conn* conn = impl_->known(c);
  if (!conn || conn->state != ConnState::authenticating) return nullptr;
  return impl_->recover(c.index, user);
}

Coming HubCore::coming(Connection c) const {
  const Conn* conn = impl_->known(c);
  return conn ? conn->coming : Coming::anew;
}

}  // namespace zegocall::hub_detail
