// What the callback commands have in common.
#pragma once

#include "keys.hpp"
#include "provider.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall::cli {

/// The CallbackSecret; missing_field names what to set.
Result<Secret> find_callback_secret(const CallbackOptions& options);
/// The time to judge a callback by: its own where any time will do.
UnixTime time_to_judge(const CallbackEnvelope& envelope, bool any_time, UnixTime now);
/// What to check where a callback is refused; empty if there is nothing to add.
std::string advice_for(const Error& error);

}  // namespace zegocall::cli
