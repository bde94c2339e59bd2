// A secret is neither printed, copied nor turned into a string by accident.
#include <iostream>
#include <string>

#include "zegocall/base/secret.hpp"
using namespace zegocall;

void use(const Secret& secret) {
  Secret second = secret.clone();
#if BAD == 1
  std::cout << secret;
#elif BAD == 2
  Secret copy = secret;
#elif BAD == 3
  std::string text = secret;
#elif BAD == 4
  Secret implicit = "zegocall-test-secret-0123456789a";
#endif
}
