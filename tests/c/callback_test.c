/* Callbacks and explanations through the C face. */
#include "check.h"
#include "zegocall/zegocall.h"

static const char secret[] = "callback-secret-made-up-for-tests";
static const int64_t sent = 1735689600000;
#define SIGNED "\"timestamp\":1735689600,\"nonce\":\"350176\",\"signature\":\"b50e1604aee0b1a753ecf94fbffe89c7649cf98c\""
static const char body[] = "{\"event\":\"brand_new\",\"appid\":7," SIGNED "}";
static const char forged[] = "{\"event\":\"brand_old\",\"appid\":7," SIGNED "}";

static void test_callbacks(void) {
  zc_callbacks* callbacks = NULL;
  zc_string out = ZC_STRING_INIT;
  CHECK_STATUS(zc_callbacks_new(&callbacks, secret, sizeof secret - 1, NULL), ZC_OK);
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str(body), sent + 700000), ZC_ERR_EXPIRED);
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str(body), sent + 5000), ZC_OK);
  CHECK(strstr(out.data, "{\"event\":\"brand_new\",\"app_id\":7,\"sent_ms\":1735689600000,\"key\":\"") == out.data);
  zc_string_free(&out);
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str(body), sent + 5000), ZC_ERR_REPLAYED);
  CHECK_FIELD("nonce");
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str(forged), sent + 5000), ZC_ERR_REPLAYED);
  CHECK_FIELD("body");
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str("nonsense"), sent), ZC_ERR_PROTOCOL);
  CHECK_STATUS(zc_callbacks_verify(NULL, callbacks, zc_str(body), sent), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_callbacks_verify(&out, NULL, zc_str(body), sent), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_callbacks_release(NULL, zc_str("x")), ZC_ERR_ARGUMENT);
  zc_callbacks_free(callbacks);

  callbacks = NULL;
  CHECK_STATUS(zc_callbacks_new(&callbacks, "another secret", 14, NULL), ZC_OK);
  CHECK_STATUS(zc_callbacks_verify(&out, callbacks, zc_str(body), sent), ZC_ERR_UNAUTHENTICATED);
  zc_callbacks_free(callbacks);
  callbacks = NULL;
  CHECK_STATUS(zc_callbacks_new(&callbacks, "", 0, NULL), ZC_ERR_ARGUMENT);
  CHECK_FIELD("secret");
  zc_callbacks_options options = ZC_CALLBACKS_OPTIONS_INIT;
  options.past_s = -1;
  CHECK_STATUS(zc_callbacks_new(&callbacks, secret, 5, &options), ZC_ERR_OUT_OF_RANGE);
  CHECK_FIELD("past");
  CHECK(callbacks == NULL);
}

static void test_explain(void) {
  zc_string out = ZC_STRING_INIT;
  CHECK_STATUS(zc_explain_code(&out, 50119), ZC_OK);
  CHECK(strstr(out.data, "50119") && strstr(out.data, "oken"));
  zc_string_free(&out);
  CHECK_STATUS(zc_explain_code(&out, INT64_MIN), ZC_OK);
  CHECK(out.size > 0);
  zc_string_free(&out);
  CHECK_STATUS(zc_explain_status(&out, ZC_ERR_JWT_INSTEAD_OF_TOKEN, zc_str(""), zc_str("")), ZC_OK);
  CHECK(strstr(out.data, "JSON Web Token") || strstr(out.data, "JWT"));
  zc_string_free(&out);
  CHECK_STATUS(zc_explain_status(&out, ZC_OK, zc_str(""), zc_str("")), ZC_ERR_ARGUMENT);
  CHECK_STATUS(zc_explain_code(NULL, 1), ZC_ERR_ARGUMENT);
}

int main(void) {
  test_callbacks();
  test_explain();
  return checks_failed != 0;
}
