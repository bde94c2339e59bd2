/* The C face of zegocall: tokens, callbacks, explanations. C99 and C++; link zegocall::c (libzegocall.so).
 *
 * Every function that can fail returns a zc_status and puts what it made into its first argument. After a failure that
 * first argument is as it was; zc_last_error_message says in words what was wrong. No function throws, keeps a pointer that
 * it was given, reads a clock (but zc_now_ms) or calls back.
 *
 * Texts go in as zc_view (any bytes, no NUL needed) and come out as zc_string, UTF-8 with a NUL behind it, which the caller
 * frees. Option structs carry their size: begin with the INIT macro, then set what differs. Times are Unix milliseconds,
 * UTC, from 0 to the year 9999; spans are whole seconds.
 *
 * Threads: any thread may call anything. One object may be used by several threads at once where its functions say so. */
#ifndef ZEGOCALL_ZEGOCALL_H
#define ZEGOCALL_ZEGOCALL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define ZC_API __attribute__((visibility("default")))
#else
#define ZC_API
#endif
#ifdef __cplusplus
#define ZC_NOEXCEPT noexcept
extern "C" {
#else
#define ZC_NOEXCEPT
#endif

/* ---- status ------------------------------------------------------------------------------------------------------ */

/* ZC_OK or one of the negative numbers below, which never change. Grouped by hundreds: -1xx argument, -2xx network, -3xx
 * authentication, -4xx store, -5xx protocol, -6xx a call's refusal, -7xx why a text is not an acceptable token, -8xx the
 * provider's server API, -9xx internal. A later version may return numbers that are not listed here. */
typedef int32_t zc_status;
enum {
  ZC_OK = 0,
  ZC_ERR_ARGUMENT = -100,
  ZC_ERR_MISSING_FIELD = -101,
  ZC_ERR_MISTYPED_FIELD = -102,
  ZC_ERR_OUT_OF_RANGE = -103,
  ZC_ERR_LIMIT_EXCEEDED = -104,
  ZC_ERR_NOT_FOUND = -105,
  ZC_ERR_ALREADY_EXISTS = -106,
  ZC_TIMEOUT = -200,
  ZC_CLOSED = -201,
  ZC_ERR_UNREACHABLE = -202,
  ZC_ERR_IO = -203,
  ZC_ERR_ADDRESS_IN_USE = -204,
  ZC_ERR_UNAUTHENTICATED = -300,
  ZC_ERR_FORBIDDEN = -301,
  ZC_ERR_EXPIRED = -302,
  ZC_ERR_REPLAYED = -303,
  ZC_ERR_STORE_UNAVAILABLE = -400,
  ZC_ERR_CONFLICT = -401,
  ZC_ERR_STORE_CORRUPT = -402,
  ZC_ERR_STORE_NEWER = -403,
  ZC_ERR_PROTOCOL = -500,
  ZC_ERR_BAD_JSON = -501,
  ZC_ERR_BAD_UTF8 = -502,
  ZC_ERR_PAYLOAD_TOO_LARGE = -503,
  ZC_ERR_UNKNOWN_EVENT = -504,
  ZC_ERR_BUSY = -600,
  ZC_ERR_INVALID_STATE = -601,
  ZC_ERR_ALREADY_DONE = -602,
  ZC_ERR_STALE_VERSION = -603,
  ZC_ERR_RATE_LIMITED = -604,
  ZC_ERR_ROOM_FULL = -605,
  ZC_ERR_ROOM_LOCKED = -606,
  ZC_ERR_PASSCODE_REQUIRED = -607,
  ZC_ERR_PASSCODE_WRONG = -608,
  ZC_ERR_PASSCODE_THROTTLED = -609,
  ZC_ERR_NOT_INVITED = -610,
  ZC_ERR_BANNED = -611,
  ZC_ERR_ROOM_ENDED = -612,
  ZC_ERR_NOT_STARTED = -613,
  ZC_ERR_EMPTY = -700,
  ZC_ERR_BAD_PREFIX = -701,
  ZC_ERR_UNSUPPORTED_VERSION = -702,
  ZC_ERR_JWT_INSTEAD_OF_TOKEN = -703,
  ZC_ERR_KIT_TOKEN_INSTEAD_OF_TOKEN = -704,
  ZC_ERR_PLUS_TURNED_INTO_SPACE = -705,
  ZC_ERR_URL_ENCODED = -706,
  ZC_ERR_BAD_BASE64 = -707,
  ZC_ERR_TOO_SHORT = -708,
  ZC_ERR_LENGTH_MISMATCH = -709,
  ZC_ERR_BAD_IV_LENGTH = -710,
  ZC_ERR_TRAILING_BYTES = -711,
  ZC_ERR_UNKNOWN_MODE = -712,
  ZC_ERR_WRONG_KEY_OR_TAMPERED = -713,
  ZC_ERR_EXPIRE_MISMATCH = -714,
  ZC_ERR_TOKEN_EXPIRED = -715,
  ZC_ERR_NOT_YET_VALID = -716,
  ZC_ERR_WRONG_APP = -717,
  ZC_ERR_WRONG_USER = -718,
  ZC_ERR_WRONG_ROOM = -719,
  ZC_ERR_PRIVILEGE_MISSING = -720,
  ZC_ERR_LIFETIME_TOO_LONG = -721,
  ZC_ERR_SECRET_LENGTH = -722,
  ZC_ERR_SAMPLE_SECRET = -723,
  ZC_ERR_PROVIDER_FAILED = -800,
  ZC_ERR_PROVIDER_REFUSED = -801,
  ZC_ERR_INTERNAL = -900,
  ZC_ERR_NOT_IN_THIS_BUILD = -901,
  ZC_ERR_NO_MEMORY = -990
};

/* "ok", "expired", "no_memory"; "unknown" for a number that is none. Never NULL; valid for ever. */
ZC_API const char* zc_status_name(zc_status status) ZC_NOEXCEPT;

/* What the last failed call of this thread met: "secret_length: secret: 31 bytes, must be 32". Never a secret or a part of
 * one. Empty after a success. Never NULL; valid until this thread's next call of a function that returns a zc_status. */
ZC_API const char* zc_last_error_message(void) ZC_NOEXCEPT;
/* The member that is to blame, "user", "payload.room"; empty where there is none. As zc_last_error_message. */
ZC_API const char* zc_last_error_field(void) ZC_NOEXCEPT;

/* ---- texts and time ---------------------------------------------------------------------------------------------- */

/* Some bytes of somebody else's. {NULL, 0} is the empty text. */
typedef struct zc_view {
  const char* data;
  size_t size;
} zc_view;
#define ZC_VIEW_INIT \
  { NULL, 0 } /* NOLINT */

/* A NUL-terminated text as a view; NULL is the empty text. The text must outlive the view. */
static inline zc_view zc_str(const char* text) {
  zc_view view = ZC_VIEW_INIT;
  view.data = text;
  view.size = text ? strlen(text) : 0;
  return view;
}

/* A text of the caller's: `size` bytes and a NUL. Start with ZC_STRING_INIT. A function that fills one refuses one that is
 * already filled (ZC_ERR_ARGUMENT, field "out"), so that nothing leaks. */
typedef struct zc_string {
  char* data;
  size_t size;
} zc_string;
#define ZC_STRING_INIT \
  { NULL, 0 } /* NOLINT */

/* Frees the text and makes it ZC_STRING_INIT again. NULL and an empty one are fine. */
ZC_API void zc_string_free(zc_string* text) ZC_NOEXCEPT;

/* The machine's clock. */
ZC_API int64_t zc_now_ms(void) ZC_NOEXCEPT;

/* ---- keys -------------------------------------------------------------------------------------------------------- */

/* The secrets that tokens are made with and checked against, up to 16. Minting, verifying and inspecting with one keyring is
 * safe from several threads at once; zc_keyring_add and zc_keyring_free need it for themselves. */
typedef struct zc_keyring zc_keyring;

/* When a key counts. Outside this time it neither makes nor opens a token. */
typedef struct zc_key_options {
  size_t size;
  int64_t active_from_ms; /* 0: always was */
  int64_t retired_at_ms;  /* 0: never */
} zc_key_options;
#define ZC_KEY_OPTIONS_INIT \
  { sizeof(zc_key_options), 0, 0 } /* NOLINT */

/* A keyring with one key: the project's number and its ServerSecret, 32 bytes as they are. Free it with zc_keyring_free.
 * ZC_ERR_OUT_OF_RANGE (field "app": 0), ZC_ERR_SECRET_LENGTH, ZC_ERR_SAMPLE_SECRET (a published one), ZC_ERR_ARGUMENT. */
ZC_API zc_status zc_keyring_new(zc_keyring** out, uint32_t app_id, const char* secret, size_t secret_size) ZC_NOEXCEPT;
/* One more key, of this project or another. Of a project's live keys the one that became active last makes its tokens; all
 * live ones open tokens. `options` may be NULL. As zc_keyring_new, and ZC_ERR_ALREADY_EXISTS, ZC_ERR_LIMIT_EXCEEDED. */
ZC_API zc_status zc_keyring_add(zc_keyring* keys, uint32_t app_id, const char* secret, size_t secret_size,
                                const zc_key_options* options) ZC_NOEXCEPT;
/* Overwrites and frees the secrets. NULL is fine. */
ZC_API void zc_keyring_free(zc_keyring* keys) ZC_NOEXCEPT;

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

/* What somebody does in a room: a listener may not publish, the others may. */
enum { ZC_ROLE_HOST = 0, ZC_ROLE_CO_HOST = 1, ZC_ROLE_SPEAKER = 2, ZC_ROLE_LISTENER = 3 };
/* The cipher: GCM for new code, CBC for what only reads the older kind. */
enum { ZC_MODE_GCM = 0, ZC_MODE_CBC = 1 };

/* One Token04 to make. */
typedef struct zc_token_request {
  size_t size;
  zc_view user;        /* 1 to 63 bytes that every client of the provider takes */
  int64_t lifetime_s;  /* 1 to 24 days; 1 hour */
  zc_view room;        /* the token is good for this room only; empty: for any */
  int32_t role;        /* ZC_ROLE_*, in that room; without one ZC_ROLE_HOST */
  int32_t mode;        /* ZC_MODE_* */
  zc_view payload;     /* your own text instead of a room, UTF-8 */
  uint32_t app_id;     /* whose key; 0: the keyring's first */
  int32_t relaxed_ids; /* not 0: any UTF-8 without U+0000 as ids, for ids that exist already */
} zc_token_request;
#define ZC_TOKEN_REQUEST_INIT \
  { sizeof(zc_token_request), ZC_VIEW_INIT, 3600, ZC_VIEW_INIT, ZC_ROLE_HOST, ZC_MODE_GCM, ZC_VIEW_INIT, 0, 0 } /* NOLINT */

/* A token of `now_ms`. ZC_ERR_ARGUMENT and ZC_ERR_OUT_OF_RANGE with field "user", "lifetime", "room", "role", "payload",
 * "mode", "now_ms"; ZC_ERR_WRONG_APP where no key of the app is live. */
ZC_API zc_status zc_token_mint(zc_string* out, const zc_keyring* keys, const zc_token_request* request,
                               int64_t now_ms) ZC_NOEXCEPT;

/* What a token must say. What is left as it is is not checked. */
typedef struct zc_token_expectation {
  size_t size;
  zc_view user;
  zc_view room;   /* it must be bound to this room */
  zc_view stream; /* it must allow to publish this stream */
  uint32_t app_id;
  int32_t login;    /* not 0: it must allow to log in to its room */
  int32_t publish;  /* not 0: it must allow to publish */
  int32_t token03;  /* not 0: a Token03 is as good */
  int64_t leeway_s; /* for clocks that differ; 30 */
} zc_token_expectation;
#define ZC_TOKEN_EXPECTATION_INIT \
  { sizeof(zc_token_expectation), ZC_VIEW_INIT, ZC_VIEW_INIT, ZC_VIEW_INIT, 0, 0, 0, 0, 30 } /* NOLINT */

/* Opens a token and checks it. The status is the reason, -700 to -721 or ZC_ERR_MISSING_FIELD and the like. `out` is a JSON
 * object: app_id, user_id, nonce, created, expires (Unix seconds), payload (the text), mode, version, key (which of the
 * ring, from 0), and room_id, login, publish, streams where it is bound to a room. `out` and `expectation` may be NULL. */
ZC_API zc_status zc_token_verify(zc_string* out, const zc_keyring* keys, zc_view token, const zc_token_expectation* expectation,
                                 int64_t now_ms) ZC_NOEXCEPT;
/* Everything that can be said about a text that claims to be a token, as a JSON object: ok, and where it is false error,
 * field, detail, why, todo; kind, characters, opened; and as far as known mode, version, expires, claims (as
 * zc_token_verify), layout, algorithm (of a JWT), inner (of a kit token). A bad token is no failure of this function.
 * `keys` and `expectation` may be NULL. */
ZC_API zc_status zc_token_inspect(zc_string* out, const zc_keyring* keys, zc_view token, const zc_token_expectation* expectation,
                                  int64_t now_ms) ZC_NOEXCEPT;

/* The parts of a kit token, which the provider's web UIKit takes: a token and the names around it. */
typedef struct zc_kit_token_parts {
  size_t size;
  zc_view token;     /* as zc_token_mint makes it */
  uint32_t app_id;   /* the token's */
  zc_view user;      /* the token's */
  zc_view room;      /* empty: left out */
  zc_view user_name; /* what others see */
} zc_kit_token_parts;
#define ZC_KIT_TOKEN_PARTS_INIT \
  { sizeof(zc_kit_token_parts), ZC_VIEW_INIT, 0, ZC_VIEW_INIT, ZC_VIEW_INIT, ZC_VIEW_INIT } /* NOLINT */

/* ZC_ERR_ARGUMENT with field "token", "app", "user", "room", "user_name". */
ZC_API zc_status zc_kit_token_make(zc_string* out, const zc_kit_token_parts* parts) ZC_NOEXCEPT;
/* Verifies the token inside as zc_token_verify does and compares the names around it. `out`, which may be NULL, is that
 * function's object with the member user_name. */
ZC_API zc_status zc_kit_token_verify(zc_string* out, const zc_keyring* keys, zc_view text,
                                     const zc_token_expectation* expectation, int64_t now_ms) ZC_NOEXCEPT;

/* ---- callbacks --------------------------------------------------------------------------------------------------- */

/* Verifies the provider's callbacks and remembers, in this process, which it has seen. Any thread, several at once; only
 * zc_callbacks_free needs it for itself.
 * THE BODY IS NOT SIGNED: the signature covers nonce and timestamp only. Take a callback for a hint and ask the server API
 * before anything that matters changes. */
typedef struct zc_callbacks zc_callbacks;

typedef struct zc_callbacks_options {
  size_t size;
  int64_t past_s;    /* how old a callback may be; 660 */
  int64_t future_s;  /* how far ahead its clock may be; 60 */
  size_t values_max; /* how many are remembered at once, about 200 bytes each; 200000 */
} zc_callbacks_options;
#define ZC_CALLBACKS_OPTIONS_INIT \
  { sizeof(zc_callbacks_options), 660, 60, 200000 } /* NOLINT */

/* With the project's CallbackSecret (not the ServerSecret). `options` may be NULL. Free it with zc_callbacks_free.
 * ZC_ERR_ARGUMENT (field "secret": empty), ZC_ERR_OUT_OF_RANGE (field "past", "future", "values_max"). */
ZC_API zc_status zc_callbacks_new(zc_callbacks** out, const char* secret, size_t secret_size,
                                  const zc_callbacks_options* options) ZC_NOEXCEPT;
/* NULL is fine. */
ZC_API void zc_callbacks_free(zc_callbacks* callbacks) ZC_NOEXCEPT;

/* Reads and verifies a body as it came: JSON, percent-encoded JSON or a form, at most 256 KiB. `out` is a JSON object:
 * event, app_id (0: it does not say), sent_ms, key (the same for each delivery of one happening), seen_as, body.
 *  - ZC_ERR_PAYLOAD_TOO_LARGE, ZC_ERR_PROTOCOL: it cannot be read; field names the member
 *  - ZC_ERR_UNAUTHENTICATED: wrong signature; ZC_ERR_EXPIRED: too old or too new
 *  - ZC_ERR_REPLAYED, field "nonce": came before with this body, answer 2xx; field "body": with another, somebody forges
 *  - ZC_ERR_RATE_LIMITED: the memory is full */
ZC_API zc_status zc_callbacks_verify(zc_string* out, zc_callbacks* callbacks, zc_view body, int64_t now_ms) ZC_NOEXCEPT;
/* Forgets a callback, so that the provider's next try comes through: for a host that could not do its work. `seen_as` is that
 * member of what zc_callbacks_verify made. */
ZC_API zc_status zc_callbacks_release(zc_callbacks* callbacks, zc_view seen_as) ZC_NOEXCEPT;

/* ---- explanations ------------------------------------------------------------------------------------------------ */

/* One of the provider's numbers (50119, 20014, ...) as an experienced colleague would explain it. An unknown one is no
 * failure: the text says where it probably comes from. */
ZC_API zc_status zc_explain_code(zc_string* out, int64_t code) ZC_NOEXCEPT;
/* A status of the token functions: what is wrong, and what to check, in order. `field` and `detail` may be empty.
 * ZC_ERR_ARGUMENT with field "status" for ZC_OK and numbers that are none. */
ZC_API zc_status zc_explain_status(zc_string* out, zc_status status, zc_view field, zc_view detail) ZC_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
