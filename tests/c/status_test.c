/* The numbers and words of the C face are frozen: a program that was built yesterday knows them. Append only. */
#include "check.h"
#include "zegocall/zegocall.h"

static const struct {
  zc_status status;
  int number;
  const char* word;
} frozen[] = {
    {ZC_OK, 0, "ok"},
    {ZC_ERR_ARGUMENT, -100, "invalid_argument"},
    {ZC_ERR_MISSING_FIELD, -101, "missing_field"},
    {ZC_ERR_MISTYPED_FIELD, -102, "mistyped_field"},
    {ZC_ERR_OUT_OF_RANGE, -103, "out_of_range"},
    {ZC_ERR_LIMIT_EXCEEDED, -104, "limit_exceeded"},
    {ZC_ERR_NOT_FOUND, -105, "not_found"},
    {ZC_ERR_ALREADY_EXISTS, -106, "already_exists"},
    {ZC_TIMEOUT, -200, "timeout"},
    {ZC_CLOSED, -201, "closed"},
    {ZC_ERR_UNREACHABLE, -202, "unreachable"},
    {ZC_ERR_IO, -203, "io_error"},
    {ZC_ERR_ADDRESS_IN_USE, -204, "address_in_use"},
    {ZC_ERR_UNAUTHENTICATED, -300, "unauthenticated"},
    {ZC_ERR_FORBIDDEN, -301, "forbidden"},
    {ZC_ERR_EXPIRED, -302, "expired"},
    {ZC_ERR_REPLAYED, -303, "replayed"},
    {ZC_ERR_STORE_UNAVAILABLE, -400, "store_unavailable"},
    {ZC_ERR_CONFLICT, -401, "conflict"},
    {ZC_ERR_STORE_CORRUPT, -402, "store_corrupt"},
    {ZC_ERR_STORE_NEWER, -403, "store_newer"},
    {ZC_ERR_PROTOCOL, -500, "protocol"},
    {ZC_ERR_BAD_JSON, -501, "bad_json"},
    {ZC_ERR_BAD_UTF8, -502, "bad_utf8"},
    {ZC_ERR_PAYLOAD_TOO_LARGE, -503, "payload_too_large"},
    {ZC_ERR_UNKNOWN_EVENT, -504, "unknown_event"},
    {ZC_ERR_BUSY, -600, "busy"},
    {ZC_ERR_INVALID_STATE, -601, "invalid_state"},
    {ZC_ERR_ALREADY_DONE, -602, "already_done"},
    {ZC_ERR_STALE_VERSION, -603, "stale_version"},
    {ZC_ERR_RATE_LIMITED, -604, "rate_limited"},
    {ZC_ERR_ROOM_FULL, -605, "room_full"},
    {ZC_ERR_ROOM_LOCKED, -606, "room_locked"},
    {ZC_ERR_PASSCODE_REQUIRED, -607, "passcode_required"},
    {ZC_ERR_PASSCODE_WRONG, -608, "passcode_wrong"},
    {ZC_ERR_PASSCODE_THROTTLED, -609, "passcode_throttled"},
    {ZC_ERR_NOT_INVITED, -610, "not_invited"},
    {ZC_ERR_BANNED, -611, "banned"},
    {ZC_ERR_ROOM_ENDED, -612, "room_ended"},
    {ZC_ERR_NOT_STARTED, -613, "not_started"},
    {ZC_ERR_EMPTY, -700, "empty"},
    {ZC_ERR_BAD_PREFIX, -701, "bad_prefix"},
    {ZC_ERR_UNSUPPORTED_VERSION, -702, "unsupported_version"},
    {ZC_ERR_JWT_INSTEAD_OF_TOKEN, -703, "jwt_instead_of_token"},
    {ZC_ERR_KIT_TOKEN_INSTEAD_OF_TOKEN, -704, "kit_token_instead_of_token"},
    {ZC_ERR_PLUS_TURNED_INTO_SPACE, -705, "plus_turned_into_space"},
    {ZC_ERR_URL_ENCODED, -706, "url_encoded"},
    {ZC_ERR_BAD_BASE64, -707, "bad_base64"},
    {ZC_ERR_TOO_SHORT, -708, "too_short"},
    {ZC_ERR_LENGTH_MISMATCH, -709, "length_mismatch"},
    {ZC_ERR_BAD_IV_LENGTH, -710, "bad_iv_length"},
    {ZC_ERR_TRAILING_BYTES, -711, "trailing_bytes"},
    {ZC_ERR_UNKNOWN_MODE, -712, "unknown_mode"},
    {ZC_ERR_WRONG_KEY_OR_TAMPERED, -713, "wrong_key_or_tampered"},
    {ZC_ERR_EXPIRE_MISMATCH, -714, "expire_mismatch"},
    {ZC_ERR_TOKEN_EXPIRED, -715, "expired"},
    {ZC_ERR_NOT_YET_VALID, -716, "not_yet_valid"},
    {ZC_ERR_WRONG_APP, -717, "wrong_app"},
    {ZC_ERR_WRONG_USER, -718, "wrong_user"},
    {ZC_ERR_WRONG_ROOM, -719, "wrong_room"},
    {ZC_ERR_PRIVILEGE_MISSING, -720, "privilege_missing"},
    {ZC_ERR_LIFETIME_TOO_LONG, -721, "lifetime_too_long"},
    {ZC_ERR_SECRET_LENGTH, -722, "secret_length"},
    {ZC_ERR_SAMPLE_SECRET, -723, "sample_secret"},
    {ZC_ERR_PROVIDER_FAILED, -800, "provider_failed"},
    {ZC_ERR_PROVIDER_REFUSED, -801, "provider_refused"},
    {ZC_ERR_INTERNAL, -900, "internal"},
    {ZC_ERR_NOT_IN_THIS_BUILD, -901, "not_in_this_build"},
    {ZC_ERR_NO_MEMORY, -990, "no_memory"},
};
enum { frozen_count = sizeof frozen / sizeof *frozen };

int main(void) {
  int known = 0;
  for (int at = 0; at < frozen_count; ++at) {
    CHECK(frozen[at].status == frozen[at].number);
    CHECK(strcmp(zc_status_name(frozen[at].status), frozen[at].word) == 0);
  }
  /* A code that the library has and this header has not must get its name. */
  for (zc_status status = 10; status > -1100; --status) {
    if (strcmp(zc_status_name(status), "unknown") == 0) continue;
    ++known;
    int listed = 0;
    for (int at = 0; at < frozen_count; ++at) listed |= frozen[at].status == status;
    if (!listed) fprintf(stderr, "%d, %s, is not in zegocall.h\n", (int)status, zc_status_name(status)), ++checks_failed;
  }
  CHECK(known == frozen_count);
  CHECK(strcmp(zc_status_name(INT32_MIN), "unknown") == 0);
  return checks_failed != 0;
}
