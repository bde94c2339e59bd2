// I16, from the specification's words and not from the engine's matrix: may this person's command have made something
// happen in this call?
#pragma once

#include "sim/reading.hpp"

namespace zegocall::sim {

bool may_have(const Reading& call, const Command& command);

}  // namespace zegocall::sim
