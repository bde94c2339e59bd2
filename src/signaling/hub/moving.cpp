// Connections that come back on another core than the one on which they were lost.
//
// An event that is said on several cores is in the log of each. claim() remembers where this core's log stands; what the
// other core has until give() comes along with the connection, and the rest is in this log after that place, where what
// came along is left out. Nothing falls between the two: docs/adr/0011.
#include "signaling/hub/core_impl.hpp"

namespace zegocall::hub_detail {

Comeback::Comeback() = default;
Comeback::~Comeback() = default;

std::string_view HubCore::claimed_pid(Connection c) const {
  const Conn* conn = impl_->known(c);
  if (!conn || !conn->comeback || impl_->away.find(conn->comeback->pid)) return {};
  return conn->comeback->pid;
}

Claim HubCore::claim(Connection c, const UserId& user) {
  const Conn& conn = *impl_->known(c);
  Impl::Namespace& ns = impl_->namespaces[conn.ns];
  conn.comeback->since = ns.log->next() - 1;
  return {ns.name, conn.comeback->pid, conn.comeback->offset, user};
}

std::shared_ptr<MovedConnection> HubCore::give(const Claim& claim, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  Counters& counters = impl_->engine.counters();
  const NamespaceIndex ns = impl_->ns_index(claim.ns);
  const SavedConnection* found = ns == Impl::no_namespace ? nullptr : impl_->find_away(claim.pid, ns, claim.user);
  if (!found) return nullptr;
  const auto has = impl_->seen(*found, claim.offset);
  if (!has) {
    ++counters.recovery_overrun;
    return nullptr;
  }
  SavedConnection saved = impl_->away.take(claim.pid);
  auto moved = std::make_shared<MovedConnection>();
  moved->offset = claim.offset;
  if (saved.carried)
    moved->missed.assign(saved.carried->events.begin() + static_cast<std::ptrdiff_t>(has->carried), saved.carried->events.end());
  std::vector<std::string> mine = saved.groups;
  mine.emplace_back(saved.sid.data(), saved.sid.size());
  mine.push_back(connection_group(mine.back()));
  for (const PacketLog::Packet* packet : impl_->namespaces[ns].log->after(has->number)) {
    if (!packet->target.concerns(mine) || (saved.carried && saved.carried->is_twice(packet->event))) continue;
    moved->missed.push_back({packet->text, packet->attachments, offset_text(impl_->run, packet->number), packet->event});
  }
  moved->saved = std::move(saved);
  return moved;
}

std::unique_ptr<ConnectionData> HubCore::take(Connection c, MovedConnection& moved) {
  Conn* conn = impl_->known(c);
  if (!conn || conn->state != ConnState::authenticating) return nullptr;
  SavedConnection& saved = moved.saved;
  impl_->assume(*conn, saved);
  Comeback& comeback = *conn->comeback;
  comeback.missed_after = comeback.since;
  comeback.carried = std::make_unique<Carried>();
  comeback.carried->from = std::move(moved.offset);
  comeback.carried->events = std::move(moved.missed);
  // What it had already is in neither place twice: the other core said it before the claim.
  for (const CarriedEvent& event : comeback.carried->events)
    if (event.event != 0) comeback.carried->twice.push_back(event.event);
  comeback.carried->until = impl_->namespaces[conn->ns].log->next() - 1;
  const auto sure = impl_->settings.ping_interval + impl_->settings.ping_timeout;
  impl_->settling.emplace_back(impl_->engine.now().steady + sure, c);
  return std::move(saved.data);
}

void HubCore::settle(MovedConnection& moved, bool taken, Now now) {
  EngineCore::Turn turn(impl_->engine, now);
  if (!taken) return impl_->put_away(std::move(moved.saved));
  ++impl_->engine.counters().recovered_elsewhere;
  impl_->stop_using(moved.saved.ns);
}

/// A connection that has lived through a whole heartbeat has what was sent before it: only where it stands is remembered.
void HubCore::Impl::settle_carried(SteadyTime now) {
  while (!settling.empty() && settling.front().first <= now) {
    const Conn* conn = known(settling.front().second);
    settling.pop_front();
    if (!conn || conn->state != ConnState::open || !conn->comeback->carried) continue;
    Comeback& comeback = *conn->comeback;
    Carried& carried = *comeback.carried;
    if (!carried.events.empty()) carried.from = carried.events.back().offset;
    carried.events.clear();
    carried.twice.clear();
    comeback.since = carried.until;
  }
}

}  // namespace zegocall::hub_detail
