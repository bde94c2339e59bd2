#include "sim/races.hpp"

#include <algorithm>
#include <vector>

namespace zegocall::sim {
namespace {

struct Seat {
  const Ledger::Record* call = nullptr;
  const Reading::Leg* leg = nullptr;
};

std::vector<Seat> seats_of(const Ledger& ledger, const UserId& user) {
  std::vector<Seat> out;
  for (const auto& [id, record] : ledger.calls())
    if (const Reading::Leg* leg = record.reading.ended() ? nullptr : record.reading.live_leg(user)) out.push_back({&record, leg});
  return out;
}

bool only_these(const Reading& call, const UserId& a, const UserId& b) {
  return std::all_of(call.legs().begin(), call.legs().end(),
                     [&](const Reading::Leg& leg) { return leg.user == a || leg.user == b; });
}

}  // namespace

std::string_view rule_of_start(const Ledger& ledger, const CallPolicy& policy, const Actor& by, const StartCall& start) {
  const UserId& callee = start.callees.front();
  const auto mine = seats_of(ledger, by.user);
  if (mine.size() != 1 || callee == by.user) return {};
  const Reading& call = mine.front().call->reading;
  const Reading::Leg& leg = *mine.front().leg;
  if (call.is_room() || call.ending()) return {};
  if (leg.place == Reading::Place::away && leg.seated && !leg.held && only_these(call, by.user, callee)) {
    const auto theirs = seats_of(ledger, callee);
    const bool elsewhere = std::any_of(theirs.begin(), theirs.end(), [&](const Seat& s) { return s.call != mine.front().call; });
    return elsewhere ? std::string_view{} : "7";
  }
  const Reading::Leg* rings = call.live_leg(callee);
  const bool glare = leg.place == Reading::Place::rung && rings && rings->place != Reading::Place::rung;
  const bool merges = policy.glare == GlarePolicy::merge && mine.front().call->view.media == start.media;
  return glare && merges ? "5" : std::string_view{};
}

}  // namespace zegocall::sim
