#include "signaling/hub/connection.hpp"

namespace zegocall::hub_detail {

namespace {

template <class T>
std::uint32_t take(std::deque<T>& slab, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    free.push_back(static_cast<std::uint32_t>(slab.size()));
    slab.emplace_back();
  }
  const std::uint32_t index = free.back();
  free.pop_back();
  slab[index] = T{};
  return index;
}

}  // namespace

Asks::Opened Asks::open(std::uint64_t token, SteadyTime until) {
  const std::uint32_t index = take(asks_, free_asks_);
  Ask& ask = asks_[index];
  ask.id = next_id_++;
  ask.token = token;
  ask.timer = by_time_.emplace(until, index);
  return {ask.id, index};
}

void Asks::wait_for(Conns& conns, std::uint32_t ask, std::uint32_t conn) {
  const std::uint32_t index = take(waiters_, free_waiters_);
  Waiter& waiter = waiters_[index];
  waiter.ask = ask;
  waiter.conn = conn;
  waiter.ask_next = asks_[ask].first_waiter;
  waiter.conn_next = conns[conn].first_waiter;
  if (waiter.ask_next != nobody) waiters_[waiter.ask_next].ask_prev = index;
  if (waiter.conn_next != nobody) waiters_[waiter.conn_next].conn_prev = index;
  asks_[ask].first_waiter = conns[conn].first_waiter = index;
  ++asks_[ask].waiting, ++asks_[ask].end.asked, ++conns[conn].open_questions;
}

void Asks::count_lost(std::uint32_t ask) { ++asks_[ask].end.asked, ++asks_[ask].end.lost; }

void Asks::seal(std::uint32_t ask) {
  asks_[ask].sealed = true;
  if (asks_[ask].waiting == 0) close(ask);
}

void Asks::unlink(Conns& conns, std::uint32_t index) {
  const Waiter waiter = waiters_[index];
  (waiter.ask_prev == nobody ? asks_[waiter.ask].first_waiter : waiters_[waiter.ask_prev].ask_next) = waiter.ask_next;
  if (waiter.ask_next != nobody) waiters_[waiter.ask_next].ask_prev = waiter.ask_prev;
  (waiter.conn_prev == nobody ? conns[waiter.conn].first_waiter : waiters_[waiter.conn_prev].conn_next) = waiter.conn_next;
  if (waiter.conn_next != nobody) waiters_[waiter.conn_next].conn_prev = waiter.conn_prev;
  --asks_[waiter.ask].waiting, --conns[waiter.conn].open_questions;
  free_waiters_.push_back(index);
}

void Asks::close(std::uint32_t ask) {
  finished_.push_back({asks_[ask].token, asks_[ask].end});
  by_time_.erase(asks_[ask].timer);
  free_asks_.push_back(ask);
}

std::optional<std::uint64_t> Asks::answered(Conns& conns, std::uint32_t conn, std::uint64_t id) {
  for (std::uint32_t index = conns[conn].first_waiter; index != nobody; index = waiters_[index].conn_next) {
    const std::uint32_t ask = waiters_[index].ask;
    if (asks_[ask].id != id) continue;
    const std::uint64_t token = asks_[ask].token;
    unlink(conns, index);
    ++asks_[ask].end.answered;
    if (asks_[ask].waiting == 0 && asks_[ask].sealed) close(ask);
    return token;
  }
  return std::nullopt;
}

void Asks::connection_lost(Conns& conns, std::uint32_t conn) {
  while (conns[conn].first_waiter != nobody) {
    const std::uint32_t index = conns[conn].first_waiter;
    const std::uint32_t ask = waiters_[index].ask;
    unlink(conns, index);
    ++asks_[ask].end.lost;
    if (asks_[ask].waiting == 0 && asks_[ask].sealed) close(ask);
  }
}

std::optional<SteadyTime> Asks::deadline() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

void Asks::on_deadline(Conns& conns, SteadyTime now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const std::uint32_t ask = by_time_.begin()->second;
    while (asks_[ask].first_waiter != nobody) unlink(conns, asks_[ask].first_waiter);
    close(ask);
  }
}

}  // namespace zegocall::hub_detail
