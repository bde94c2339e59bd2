// What is kept beside a call's legs so that nobody has to search or count: derived, and rebuilt where it does not fit.
#include <algorithm>
#include <bit>
#include <functional>

#include "call/fold.hpp"

namespace zegocall {
namespace {
constexpr std::size_t small = 8;  // up to so many legs a search is quicker than a table

std::size_t home(const UserId& user, std::size_t slots) { return std::hash<UserId>{}(user) & (slots - 1); }
}  // namespace

std::uint32_t CallIndex::newest_leg(const std::vector<LegView>& legs, const UserId& user) const {
  if (slots_.empty() || covered_ != legs.size()) {
    for (auto leg = legs.rbegin(); leg != legs.rend(); ++leg)
      if (leg->user == user) return leg->number;
    return 0;
  }
  for (std::size_t at = home(user, slots_.size());; at = (at + 1) & (slots_.size() - 1)) {
    const std::uint32_t number = slots_[at];
    if (number == 0 || legs[number - 1].user == user) return number;
  }
}

void CallIndex::place(const std::vector<LegView>& legs, std::uint32_t number) {
  const UserId& user = legs[number - 1].user;
  for (std::size_t at = home(user, slots_.size());; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at] != 0 && legs[slots_[at] - 1].user != user) continue;
    slots_[at] = number;
    return;
  }
}

void CallIndex::added(const std::vector<LegView>& legs) {
  covered_ = legs.size();
  if (legs.size() <= small) return;
  if (legs.size() * 2 <= slots_.size()) return place(legs, static_cast<std::uint32_t>(legs.size()));
  slots_.assign(std::bit_ceil(legs.size() * 4), 0);
  for (std::uint32_t number = 1; number <= legs.size(); ++number) place(legs, number);
}

void CallIndex::clear() { *this = CallIndex{}; }

void CallView::reindex() {
  index.clear();
  // Of a table, `added` makes one out of all legs at once.
  index.added(legs);
  index.counts = call_detail::counted(*this);
  index.call_timers = call_detail::call_timers(*this);
}

namespace call_detail {

void count(Occupancy& in, const CallView& call, const LegView& leg, std::uint32_t one) {
  if (leg.state == LegState::final) return;
  in.live += one;
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: in.rung += one; break;
    case LegState::waiting: in.waiting += one; break;
    case LegState::accepted:
    case LegState::joining: in.reserved += one; break;
    case LegState::joined: in.joined += one; break;
    case LegState::reconnecting: in.reconnecting += one; break;
    case LegState::final: break;
  }
  const bool joined = leg.state == LegState::joined;
  if (has_entered(leg) && role_of(call, leg) == standard_roles[0].role) in.hosts += one;
  if (joined && leg.media.screen) in.sharing += one;
  if (has_entered(leg) && leg.consent == ConsentState::given) in.consented += one;
}

Occupancy counted(const CallView& call) {
  Occupancy all;
  for (const LegView& leg : call.legs) count(all, call, leg, 1);
  return all;
}

std::uint32_t call_timers(const CallView& call) {
  std::uint32_t running = 0;
  for (const Deadline& deadline : call.deadlines)
    if (deadline.leg == 0) running |= std::uint32_t{1} << static_cast<unsigned>(deadline.timer);
  return running;
}

}  // namespace call_detail
}  // namespace zegocall
