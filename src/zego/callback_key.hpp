// What tells one happening from another.
#pragma once

#include "zegocall/zego/events.hpp"

namespace zegocall::zego_detail {

/// Sets the head's key from the rest of the event.
void set_key(ProviderEvent& event);

}  // namespace zegocall::zego_detail
