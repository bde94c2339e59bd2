/* Tokens through the C face: the way of a first program, then everything that a caller can do wrong. */
#include <pthread.h>
#include <stdlib.h>

#include "check.h"
#include "zegocall/zegocall.h"

static const char secret[] = "zegocall-test-secret-0123456789ab";
enum { secret_size = 32 };
static const int64_t now = 1700000000000;

static zc_keyring* keys_of(uint32_t app) {
  zc_keyring* keys = NULL;
  CHECK_STATUS(zc_keyring_new(&keys, app, secret, secret_size), ZC_OK);
  return keys;
}

/* The first program of the manual, without its client. */
static int mint_once(const char* given, size_t size) {
  zc_keyring* keys = NULL;
  zc_string token = ZC_STRING_INIT;
  zc_token_request request = ZC_TOKEN_REQUEST_INIT;
  request.user = zc_str("alice");
  zc_status status = zc_keyring_new(&keys, 1234567890u, given, size);
  if (status == ZC_OK) status = zc_token_mint(&token, keys, &request, zc_now_ms());
  if (status == ZC_OK) status = zc_token_verify(NULL, keys, zc_str(token.data), NULL, zc_now_ms());
  zc_string_free(&token);
  zc_keyring_free(keys);
  return status == ZC_OK;
}

static void test_round_trip(void) {
  zc_keyring* keys = keys_of(1234567890u);
  zc_string token = ZC_STRING_INIT, claims = ZC_STRING_INIT;
  zc_token_request request = ZC_TOKEN_REQUEST_INIT;
  zc_token_expectation expect = ZC_TOKEN_EXPECTATION_INIT;
  request.user = zc_str("alice");
  request.room = zc_str("call_42");
  request.role = ZC_ROLE_LISTENER;
  CHECK_STATUS(zc_token_mint(&token, keys, &request, now), ZC_OK);
  CHECK(token.size == strlen(token.data) && strncmp(token.data, "04", 2) == 0);
  expect.user = request.user;
  expect.room = request.room;
  expect.login = 1;
  CHECK_STATUS(zc_token_verify(&claims, keys, zc_str(token.data), &expect, now), ZC_OK);
  CHECK(strstr(claims.data, "\"app_id\":1234567890,\"user_id\":\"alice\"") && strstr(claims.data, "\"expires\":1700003600"));
  CHECK(strstr(claims.data, "\"room_id\":\"call_42\",\"login\":true,\"publish\":false"));
  zc_string_free(&claims);

  expect.publish = 1;
  CHECK_STATUS(zc_token_verify(&claims, keys, zc_str(token.data), &expect, now), ZC_ERR_PRIVILEGE_MISSING);
  CHECK(claims.data == NULL);
  expect.publish = 0;
  expect.user = zc_str("bob");
  CHECK_STATUS(zc_token_verify(&claims, keys, zc_str(token.data), &expect, now), ZC_ERR_WRONG_USER);
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str(token.data), NULL, now + 3631 * 1000), ZC_ERR_TOKEN_EXPIRED);
  CHECK(strstr(zc_last_error_message(), "expired: expire: ended ") != NULL);
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str("eyJhbGciOiJIUzI1NiJ9.e30.c2ln"), NULL, now), ZC_ERR_JWT_INSTEAD_OF_TOKEN);
  token.data[token.size / 2] = token.data[token.size / 2] == 'A' ? 'B' : 'A';
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str(token.data), NULL, now), ZC_ERR_WRONG_KEY_OR_TAMPERED);
  zc_string_free(&token);
  zc_keyring_free(keys);
}

static void test_inspect(void) {
  zc_keyring* keys = keys_of(7);
  zc_string token = ZC_STRING_INIT, report = ZC_STRING_INIT;
  zc_token_request request = ZC_TOKEN_REQUEST_INIT;
  request.user = zc_str("alice");
  request.mode = ZC_MODE_CBC;
  CHECK_STATUS(zc_token_mint(&token, keys, &request, now), ZC_OK);
  CHECK_STATUS(zc_token_inspect(&report, keys, zc_str(token.data), NULL, now), ZC_OK);
  CHECK(strstr(report.data, "{\"ok\":true,\"kind\":\"token04\"") &&
        strstr(report.data, "\"mode\":\"cbc\",\"claims\":{\"app_id\":7"));
  zc_string_free(&report);
  CHECK_STATUS(zc_token_inspect(&report, NULL, zc_str("04%2B"), NULL, now), ZC_OK);
  CHECK(strstr(report.data, "{\"ok\":false,\"error\":\"url_encoded\"") && strstr(report.data, "\"todo\":["));
  zc_string_free(&report);
  zc_string_free(&token);
  zc_keyring_free(keys);
}

static void test_kit_token(void) {
  zc_keyring* keys = keys_of(7);
  zc_string token = ZC_STRING_INIT, kit = ZC_STRING_INIT, claims = ZC_STRING_INIT;
  zc_token_request request = ZC_TOKEN_REQUEST_INIT;
  zc_kit_token_parts parts = ZC_KIT_TOKEN_PARTS_INIT;
  request.user = parts.user = zc_str("alice");
  CHECK_STATUS(zc_token_mint(&token, keys, &request, now), ZC_OK);
  parts.token = zc_str(token.data);
  parts.app_id = 7;
  parts.room = zc_str("r1");
  parts.user_name = zc_str("Alice");
  CHECK_STATUS(zc_kit_token_make(&kit, &parts), ZC_OK);
  CHECK_STATUS(zc_kit_token_verify(&claims, keys, zc_str(kit.data), NULL, now), ZC_OK);
  CHECK(strstr(claims.data, "\"user_name\":\"Alice\"") != NULL);
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str(kit.data), NULL, now), ZC_ERR_KIT_TOKEN_INSTEAD_OF_TOKEN);
  zc_string_free(&claims);
  zc_string_free(&kit);
  parts.user = zc_str("bob");
  CHECK_STATUS(zc_kit_token_make(&kit, &parts), ZC_OK);
  CHECK_STATUS(zc_kit_token_verify(NULL, keys, zc_str(kit.data), NULL, now), ZC_ERR_WRONG_USER);
  zc_string_free(&kit);
  parts.token = zc_str("");
  CHECK_STATUS(zc_kit_token_make(&kit, &parts), ZC_ERR_ARGUMENT);
  CHECK_FIELD("token");
  zc_string_free(&token);
  zc_keyring_free(keys);
}

static void test_wrong_secrets(void) {
  zc_keyring* keys = NULL;
  CHECK_STATUS(zc_keyring_new(&keys, 7, secret, 31), ZC_ERR_SECRET_LENGTH);
  CHECK_FIELD("secret");
  CHECK(strstr(zc_last_error_message(), "zegocall-test") == NULL && strstr(zc_last_error_message(), "31") != NULL);
  CHECK_STATUS(zc_keyring_new(&keys, 0, secret, secret_size), ZC_ERR_OUT_OF_RANGE);
  CHECK_STATUS(zc_keyring_new(&keys, 7, NULL, secret_size), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_keyring_new(NULL, 7, secret, secret_size), ZC_ERR_ARGUMENT);
  CHECK_FIELD("out");
  CHECK(keys == NULL);
  CHECK(!mint_once(secret, 33) && mint_once(secret, secret_size));

  keys = keys_of(7);
  zc_key_options options = ZC_KEY_OPTIONS_INIT;
  CHECK_STATUS(zc_keyring_add(keys, 7, secret, secret_size, NULL), ZC_ERR_ALREADY_EXISTS);
  options.active_from_ms = now;
  options.retired_at_ms = now - 1;
  CHECK_STATUS(zc_keyring_add(keys, 7, secret + 1, secret_size, &options), ZC_ERR_ARGUMENT);
  CHECK_FIELD("retired_at");
  options.retired_at_ms = -1;
  CHECK_STATUS(zc_keyring_add(keys, 7, secret + 1, secret_size, &options), ZC_ERR_OUT_OF_RANGE);
  options.retired_at_ms = now + 1000;
  CHECK_STATUS(zc_keyring_add(keys, 7, secret + 1, secret_size, &options), ZC_OK);
  CHECK_STATUS(zc_keyring_add(NULL, 7, secret, secret_size, NULL), ZC_ERR_ARGUMENT);
  zc_keyring_free(keys);
}

static void refuse(const zc_keyring* keys, const zc_token_request* request, int64_t at, zc_status wanted, const char* field) {
  zc_string out = ZC_STRING_INIT;
  CHECK_STATUS(zc_token_mint(&out, keys, request, at), wanted);
  CHECK_FIELD(field);
  CHECK(out.data == NULL);
}

static void test_bad_requests(void) {
  zc_keyring* keys = keys_of(7);
  const zc_token_request fresh = ZC_TOKEN_REQUEST_INIT;
  zc_token_request request = fresh;
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "user");
  request.user = zc_str("alice");
  const zc_token_request good = request;
  refuse(keys, &good, -1, ZC_ERR_OUT_OF_RANGE, "now_ms");
  refuse(keys, &good, INT64_MAX, ZC_ERR_OUT_OF_RANGE, "now_ms");
  refuse(NULL, &good, now, ZC_ERR_ARGUMENT, "keys");
  refuse(keys, NULL, now, ZC_ERR_ARGUMENT, "request");
  request.lifetime_s = INT64_MAX;
  refuse(keys, &request, now, ZC_ERR_OUT_OF_RANGE, "lifetime");
  request.lifetime_s = 0;
  refuse(keys, &request, now, ZC_ERR_OUT_OF_RANGE, "lifetime");
  request = good;
  request.role = 4;
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "role");
  request.role = ZC_ROLE_LISTENER;
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "role");
  request = good;
  request.mode = 2;
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "mode");
  request = good;
  request.room = zc_str("a room");
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "room");
  request.payload = zc_str("{}");
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "payload");
  request = good;
  request.app_id = 8;
  refuse(keys, &request, now, ZC_ERR_WRONG_APP, "app");
  request = good;
  request.user.data = NULL;
  refuse(keys, &request, now, ZC_ERR_ARGUMENT, "user");
  zc_string full = ZC_STRING_INIT;
  CHECK_STATUS(zc_token_mint(&full, keys, &good, now), ZC_OK);
  char* kept = full.data;
  CHECK_STATUS(zc_token_mint(&full, keys, &good, now), ZC_ERR_ARGUMENT);
  CHECK_FIELD("out");
  CHECK(full.data == kept);
  zc_string_free(&full);
  CHECK_STATUS(zc_token_mint(NULL, keys, &good, now), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_token_verify(NULL, NULL, zc_str("04"), NULL, now), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_token_inspect(NULL, keys, zc_str("04"), NULL, now), ZC_ERR_ARGUMENT);
  zc_keyring_free(keys);
}

static void test_struct_sizes(void) {
  struct {
    zc_token_request known;
    int64_t more;
  } newer = {ZC_TOKEN_REQUEST_INIT, 0};
  zc_keyring* keys = keys_of(7);
  zc_string out = ZC_STRING_INIT;
  newer.known.user = zc_str("alice");
  newer.known.size = sizeof newer;
  CHECK_STATUS(zc_token_mint(&out, keys, &newer.known, now), ZC_OK);
  zc_string_free(&out);
  newer.more = 1;
  refuse(keys, &newer.known, now, ZC_ERR_ARGUMENT, "request.size");
  const size_t wrong[] = {0, 1, sizeof(zc_token_request) - 1, (size_t)-1};
  for (size_t at = 0; at < sizeof wrong / sizeof *wrong; ++at) {
    newer.known.size = wrong[at];
    refuse(keys, &newer.known, now, ZC_ERR_ARGUMENT, "request.size");
  }
  zc_token_expectation expect = ZC_TOKEN_EXPECTATION_INIT;
  expect.size = 8;
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str("04"), &expect, now), ZC_ERR_ARGUMENT);
  CHECK_FIELD("expectation.size");
  zc_key_options options = ZC_KEY_OPTIONS_INIT;
  options.size -= 1;
  CHECK_STATUS(zc_keyring_add(keys, 8, secret, secret_size, &options), ZC_ERR_ARGUMENT);
  zc_keyring_free(keys);
}

static void test_freeing_nothing(void) {
  zc_string empty = ZC_STRING_INIT;
  zc_string_free(NULL);
  zc_string_free(&empty);
  zc_string_free(&empty);
  zc_keyring_free(NULL);
  zc_callbacks_free(NULL);
  CHECK(empty.data == NULL && empty.size == 0);
}

static void* fail_elsewhere(void* keys) {
  CHECK(*zc_last_error_message() == '\0');
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str(""), NULL, now), ZC_ERR_EMPTY);
  CHECK(strncmp(zc_last_error_message(), "empty", 5) == 0);
  for (int times = 0; times < 500; ++times) CHECK(mint_once(secret, secret_size));
  return NULL;
}

static void test_threads(void) {
  zc_keyring* keys = keys_of(7);
  pthread_t threads[2];
  CHECK_STATUS(zc_token_verify(NULL, keys, zc_str("hello"), NULL, now), ZC_ERR_BAD_PREFIX);
  for (int at = 0; at < 2; ++at) CHECK(pthread_create(&threads[at], NULL, fail_elsewhere, keys) == 0);
  for (int at = 0; at < 2; ++at) CHECK(pthread_join(threads[at], NULL) == 0);
  CHECK(strncmp(zc_last_error_message(), "bad_prefix", 10) == 0);
  CHECK_STATUS(zc_keyring_add(keys, 8, secret, secret_size, NULL), ZC_OK);
  CHECK(*zc_last_error_message() == '\0' && *zc_last_error_field() == '\0');
  zc_keyring_free(keys);
}

int main(void) {
  test_round_trip();
  test_inspect();
  test_kit_token();
  test_wrong_secrets();
  test_bad_requests();
  test_struct_sizes();
  test_freeing_nothing();
  test_threads();
  return checks_failed != 0;
}
