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
/// The app that callbacks must name, or nothing where any will do; invalid_argument names the variable.
Result<std::optional<AppId>> find_callback_app(const CallbackOptions& options);
/// wrong_app where a callback names another app than the wanted one, or none.
std::optional<Error> app_mismatch(const ProviderEvent& event, std::optional<AppId> wanted);
/// What to check where a callback is refused; empty if there is nothing to add.
std::string advice_for(const Error& error);

}  // namespace zegocall::cli
