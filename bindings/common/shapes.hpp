// The JSON that both bindings hand out, so that C and Python say the same.
#pragma once

#include "zegocall/base/json.hpp"
#include "zegocall/token.hpp"
#include "zegocall/token/kit_token.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall::bindings {

JsonObject claims_json(const TokenClaims& claims);
JsonObject kit_json(const KitClaims& claims);
JsonObject report_json(const TokenReport& report);
JsonObject callback_json(const VerifiedCallback& callback, const CallbackHead& head);

/// One step for a host with one secret: reads, verifies, interprets. A callback that cannot be interpreted is not counted as
/// seen.
Result<JsonObject> take_callback(std::string_view body, const Secret& secret, SeenOnce& seen, UnixTime now,
                                 CallbackWindow window);

/// What both bindings ask of a request with a room, a role or a payload. invalid_argument with field "role", "payload".
Result<TokenPayload> payload_of(std::string_view room, int role, std::string_view payload, const UserId& user);

/// out_of_range with field `name` outside 1970 to 9999.
Result<UnixTime> time_of(std::int64_t milliseconds, std::string name);
/// out_of_range with field `name` below 0 or above 100 years.
Result<std::chrono::seconds> span_of(std::int64_t seconds, std::string name);

/// The names of requests that both bindings have in common: "payload.room" is "room" to them.
Error in_their_words(Error error);

}  // namespace zegocall::bindings
