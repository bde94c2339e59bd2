/* The least that a test in C needs: every check runs, and the program fails if one did. */
#ifndef ZC_TEST_CHECK_H
#define ZC_TEST_CHECK_H
#include <stdio.h>
#include <string.h>

static int checks_failed = 0;
#define CHECK(condition) \
  ((condition) ? (void)0 : (void)(++checks_failed, fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))
#define CHECK_STATUS(call, wanted)                                                                          \
  do {                                                                                                      \
    const zc_status got_ = (call);                                                                          \
    if (got_ != (wanted)) {                                                                                 \
      ++checks_failed;                                                                                      \
      fprintf(stderr, "%s:%d: %s is %s (%s), wanted %s\n", __FILE__, __LINE__, #call, zc_status_name(got_), \
              zc_last_error_message(), zc_status_name(wanted));                                             \
    }                                                                                                       \
  } while (0)
#define CHECK_FIELD(wanted) CHECK(strcmp(zc_last_error_field(), (wanted)) == 0)

#endif
