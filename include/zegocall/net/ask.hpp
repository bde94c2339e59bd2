// How long to wait for an acknowledgement; the same on both ends of a connection.
#pragma once

#include <chrono>

namespace zegocall {

struct AskOptions {
  std::chrono::milliseconds timeout{10'000};  ///< then the answer is the error `timeout`
};

}  // namespace zegocall
