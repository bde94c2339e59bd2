// A Result is not a bool by accident, and not every U is a T.
#include <string>

#include "zegocall/base/result.hpp"
using namespace zegocall;

struct Other {};
bool use(Result<int> number) {
#if BAD == 1
  return number;
#elif BAD == 2
  Result<int> other = Other{};
  return other.has_value();
#else
  return bool(number);
#endif
}
