#include "zegocall/base/result.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace zegocall {
namespace {

using enum ErrorCode;

// Sorted by number. ErrorCode{}, which is no failure, has no row. Any other code without a row here is a test failure and, in
// name(), an assertion.
constexpr ErrorInfo error_infos[] = {
    {invalid_argument, "invalid_argument", false},
    {missing_field, "missing_field", false},
    {mistyped_field, "mistyped_field", false},
    {out_of_range, "out_of_range", false},
    {limit_exceeded, "limit_exceeded", false},
    {not_found, "not_found", false},
    {already_exists, "already_exists", false},
    {timeout, "timeout", true},
    {closed, "closed", true},
    {unreachable, "unreachable", true},
    {io_error, "io_error", true},
    {address_in_use, "address_in_use", true},
    {unauthenticated, "unauthenticated", false},
    {forbidden, "forbidden", false},
    {expired, "expired", false},
    {replayed, "replayed", false},
    {store_unavailable, "store_unavailable", true},
    {conflict, "conflict", true},
    {store_corrupt, "store_corrupt", false},
    {store_newer, "store_newer", false},
    {protocol, "protocol", false},
    {bad_json, "bad_json", false},
    {bad_utf8, "bad_utf8", false},
    {payload_too_large, "payload_too_large", false},
    {unknown_event, "unknown_event", false},
    {busy, "busy", true},
    {invalid_state, "invalid_state", false},
    {already_done, "already_done", false},
    {stale_version, "stale_version", false},
    {rate_limited, "rate_limited", true},
    {room_full, "room_full", true},
    {room_locked, "room_locked", true},
    {passcode_required, "passcode_required", false},
    {passcode_wrong, "passcode_wrong", false},
    {passcode_throttled, "passcode_throttled", true},
    {not_invited, "not_invited", false},
    {banned, "banned", false},
    {room_ended, "room_ended", false},
    {not_started, "not_started", true},
    {empty, "empty", false},
    {bad_prefix, "bad_prefix", false},
    {unsupported_version, "unsupported_version", false},
    {jwt_instead_of_token, "jwt_instead_of_token", false},
    {kit_token_instead_of_token, "kit_token_instead_of_token", false},
    {plus_turned_into_space, "plus_turned_into_space", false},
    {url_encoded, "url_encoded", false},
    {bad_base64, "bad_base64", false},
    {too_short, "too_short", false},
    {length_mismatch, "length_mismatch", false},
    {bad_iv_length, "bad_iv_length", false},
    {trailing_bytes, "trailing_bytes", false},
    {unknown_mode, "unknown_mode", false},
    {wrong_key_or_tampered, "wrong_key_or_tampered", false},
    {expire_mismatch, "expire_mismatch", false},
    // The provider's list calls it so too; the number tells it from the expired of a session, a JWT or a stamp.
    {token_expired, "expired", false},
    {not_yet_valid, "not_yet_valid", true},
    {wrong_app, "wrong_app", false},
    {wrong_user, "wrong_user", false},
    {wrong_room, "wrong_room", false},
    {privilege_missing, "privilege_missing", false},
    {lifetime_too_long, "lifetime_too_long", false},
    {secret_length, "secret_length", false},
    {sample_secret, "sample_secret", false},
    {provider_failed, "provider_failed", true},
    {provider_refused, "provider_refused", false},
    {internal, "internal", false},
    {not_in_this_build, "not_in_this_build", false},
};

const ErrorInfo& row(ErrorCode code) {
  const auto* found = std::lower_bound(std::begin(error_infos), std::end(error_infos), code,
                                       [](const ErrorInfo& info, ErrorCode wanted) { return info.code < wanted; });
  ZC_ASSERT(found != std::end(error_infos) && found->code == code);
  return *found;
}

}  // namespace

std::string_view name(ErrorCode code) { return code == ErrorCode{} ? "none" : row(code).name; }
bool is_retryable(ErrorCode code) { return code != ErrorCode{} && row(code).retryable; }
const ErrorInfo* begin_error_table() { return std::begin(error_infos); }
const ErrorInfo* end_error_table() { return std::end(error_infos); }

std::string to_string(const Error& error) {
  std::string out(name(error.code));
  if (!error.field.empty()) out.append(": ").append(error.field);
  if (!error.detail.empty()) out.append(": ").append(error.detail);
  return out;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, expression);
  std::abort();
}

}  // namespace zegocall
