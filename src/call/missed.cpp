// The third column of the outcome table.
#include "zegocall/call/missed.hpp"

#include <algorithm>

#include "base/planted_fault.hpp"

namespace zegocall {

bool is_missed_call(const CallView& after, const LegView& leg, const MissedRules& rules) {
  if (!leg.outcome || leg.role != LegRole::callee || after.outcome == CallOutcome::glare_merged) return false;
  if (leg.hidden) return leg.blocked ? rules.blocked : rules.dnd;  // however it ended
  switch (*leg.outcome) {
    case LegOutcome::busy:
    case LegOutcome::no_answer:
    case LegOutcome::unreachable:
    case LegOutcome::cancelled: return true;
    case LegOutcome::superseded: return !ZC_PLANTED(forget_missed);
    case LegOutcome::blocked: return rules.blocked;
    case LegOutcome::dnd: return rules.dnd;
    case LegOutcome::failed: return !leg.accepted_at;
    case LegOutcome::completed: return ZC_PLANTED(missed_though_answered);
    case LegOutcome::declined:
    case LegOutcome::join_failed:
    case LegOutcome::network_lost:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout:
    case LegOutcome::replaced:
    case LegOutcome::transferred:
    case LegOutcome::max_duration:
    case LegOutcome::token_expired: return false;
  }
  return false;
}

std::vector<std::uint32_t> missed_legs(const CallView& after, std::span<const CallEvent> events, const MissedRules& rules) {
  std::vector<std::uint32_t> out;
  for (const CallEvent& event : events) {
    const auto* over = std::get_if<LegFinal>(&event.body);
    if (!over || over->leg == 0 || over->leg > after.legs.size()) continue;
    if (is_missed_call(after, after.legs[over->leg - 1], rules)) out.push_back(over->leg);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::uint32_t> missed_legs(const CallView& call, const MissedRules& rules) {
  std::vector<std::uint32_t> out;
  for (const LegView& leg : call.legs)
    if (is_missed_call(call, leg, rules)) out.push_back(leg.number);
  return out;
}

}  // namespace zegocall
