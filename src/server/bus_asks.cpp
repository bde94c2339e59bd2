#include "server/bus_asks.hpp"

#include <utility>

#include "server/loop_host.hpp"

namespace zegocall::server_detail {

void BusPeers::heard(std::string_view peer, SteadyTime at) {
  const std::scoped_lock lock(mutex_);
  last_heard_.insert_or_assign(std::string(peer), at);
}

void BusPeers::gone(std::string_view peer) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = last_heard_.find(peer); found != last_heard_.end()) last_heard_.erase(found);
}

void BusPeers::forget_silent(std::string_view peer, SteadyTime since) {
  const std::scoped_lock lock(mutex_);
  const auto found = last_heard_.find(peer);
  if (found != last_heard_.end() && found->second < since) last_heard_.erase(found);
}

std::vector<std::string> BusPeers::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [peer, at] : last_heard_) out.push_back(peer);
  return out;
}

bool BusAsks::open(std::uint64_t number, std::shared_ptr<AskState> state, std::chrono::milliseconds timeout, LoopHost& host) {
  const auto at = open_.emplace(number, Open{.state = std::move(state), .waiting = {}}).first;
  for (std::string& peer : peers_.all()) at->second.waiting.emplace(std::move(peer), 0);
  if (at->second.waiting.empty()) return finish(at, host), false;
  at->second.since = host.now().steady;
  at->second.timer = host.after(timeout, [this, number, &host] { expire(number, host); });
  return true;
}

void BusAsks::answer(std::uint64_t number, std::string_view peer, const ConnectionId& from, const ArgsView& answer) {
  const auto at = open_.find(number);
  if (at == open_.end()) return;  // too late
  if (const auto its = at->second.waiting.find(peer); its != at->second.waiting.end()) ++its->second;
  at->second.state->add(from, answer);
}

void BusAsks::count(hub_detail::AskEnd& sum, const hub_detail::AskEnd& part) {
  sum.asked += part.asked, sum.answered += part.answered, sum.lost += part.lost;
}

void BusAsks::through(std::uint64_t number, std::string_view peer, const hub_detail::AskEnd& part, LoopHost& host) {
  const auto at = open_.find(number);
  if (at == open_.end()) return;
  const auto its = at->second.waiting.find(peer);
  if (its == at->second.waiting.end()) return;
  at->second.waiting.erase(its);
  count(at->second.sum, part);
  if (at->second.waiting.empty()) finish(at, host);
}

void BusAsks::gone(std::string_view peer, LoopHost& host) {
  std::vector<std::pair<std::uint64_t, std::size_t>> concerned;
  for (const auto& [number, open] : open_)
    if (const auto its = open.waiting.find(peer); its != open.waiting.end()) concerned.emplace_back(number, its->second);
  for (const auto& [number, came] : concerned) through(number, peer, {.asked = came + 1, .answered = came, .lost = 1}, host);
}

/// Whoever is not through has somebody who did not answer, or is no more; how many were asked there is not known here.
void BusAsks::expire(std::uint64_t number, LoopHost& host) {
  const auto at = open_.find(number);
  if (at == open_.end()) return;
  at->second.timer = 0;
  for (const auto& [peer, came] : at->second.waiting) {
    count(at->second.sum, {.asked = came + 1, .answered = came, .lost = 0});
    peers_.forget_silent(peer, at->second.since);
  }
  finish(at, host);
}

void BusAsks::finish(Opened::iterator at, LoopHost& host) {
  const Open open = std::move(at->second);
  open_.erase(at);
  if (open.timer != 0) host.cancel(open.timer);
  if (open.state->end(open.sum)) host.call_back([&] { open.state->tell(); });
}

void BusAsks::end_all(LoopHost& host) {
  Opened all = std::exchange(open_, {});  // what a callback asks now is not waited for
  for (auto& [number, open] : all) {
    count(open.sum, {.asked = 1, .answered = 0, .lost = 1});
    if (open.state->end(open.sum)) host.call_back([&told = *open.state] { told.tell(); });
  }
}

}  // namespace zegocall::server_detail
