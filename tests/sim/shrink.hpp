// From a script that breaks an invariant to the shortest one that still does.
#pragma once

#include "sim/play.hpp"

namespace zegocall::sim {

/// Delta debugging over the lines: takes away halves, quarters, ... single lines, then people, devices and the policy, as
/// long as the same check still breaks. A script that breaks nothing comes back as it is.
Verdict shrink(const Script& script);

}  // namespace zegocall::sim
