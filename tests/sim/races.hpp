// Race rules 5 to 7 from the outside: which of them decides about a start, as far as the logs tell.
#pragma once

#include <string_view>

#include "sim/ledger.hpp"

namespace zegocall::sim {

/// "7": the caller's own side has lost the answered call of just these two. "5": the one person called rings the caller at
/// this moment, and glare merges. Empty where neither is sure; then rule 6 may find somebody busy.
std::string_view rule_of_start(const Ledger& ledger, const CallPolicy& policy, const Actor& by, const StartCall& start);

}  // namespace zegocall::sim
