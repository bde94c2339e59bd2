// How long to wait for an acknowledgement; the same on both ends of a connection.
#pragma once

#include <chrono>

namespace zegocall {

struct AskOptions {
  std::chrono::milliseconds timeout{
      10'000};  ///< then the answer is the error `timeout`; must be more than 0; max(): as good as never
};

}  // namespace zegocall
