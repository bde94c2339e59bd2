/* A C program that has the installed header and libzegocall.so, and no C++ at all. */
#include <stdio.h>
#include <zegocall/zegocall.h>

int main(void) {
  zc_keyring* keys = NULL;
  zc_string token = ZC_STRING_INIT;
  zc_token_request request = ZC_TOKEN_REQUEST_INIT;
  request.user = zc_str("alice");
  zc_status status = zc_keyring_new(&keys, 1234567890u, "zegocall-test-secret-0123456789a", 32);
  if (status == ZC_OK) status = zc_token_mint(&token, keys, &request, zc_now_ms());
  if (status == ZC_OK) status = zc_token_verify(NULL, keys, zc_str(token.data), NULL, zc_now_ms());
  printf("plain C: %s %s\n", zc_status_name(status), zc_last_error_message());
  zc_string_free(&token);
  zc_keyring_free(keys);
  return status == ZC_OK ? 0 : 1;
}
