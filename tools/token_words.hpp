// What token commands have in common: looking at a token, and saying it as JSON.
#pragma once

#include "commands.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/token.hpp"

namespace zegocall::cli {

struct Look {
  TokenReport report{};
  UnixTime now{};
};
/// Reads token, key and expectations and inspects. The error is a matter of usage, not of the token.
Result<Look> look_at_token(const CheckOptions& options, bool key_required);

/// A token with what is known of its key: nothing, a secret, or a secret and its app.
Result<TokenReport> look_at(std::string_view token, std::optional<AppId> app, std::optional<Secret> secret,
                            const TokenExpectation& expectation, UnixTime now, bool lab);

/// Why it is not ok: its problem, or that no secret has opened it; nothing where all is well.
std::optional<Error> shortcoming(const TokenReport& report);
/// Adds "version", "mode", "claims" and "layout", as far as there are.
void add_details(const TokenReport& report, JsonObject& out);
/// {"ok", "error", "field", "detail", "why", "todo", "kind", "characters", "mode", "expires_at", "opened", "claims", "layout"}
JsonObject report_json(const TokenReport& report);
JsonObject error_json(const Error& error);

/// Prints "code: field: detail", or as JSON; for what cannot be tried.
Exit usage_error(const Error& error, bool json);
/// For an answer that is no.
Exit refusal(const Error& error, bool json);

}  // namespace zegocall::cli
