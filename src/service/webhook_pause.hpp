// How long a message rests after a failed attempt.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "zegocall/base/random.hpp"

namespace zegocall::service_detail {

/// `first` after attempt 1, then twice as long each time, at most `longest`; cut by up to a half at random, so that what
/// failed together does not come again together.
inline std::chrono::milliseconds webhook_pause(std::chrono::milliseconds first, std::chrono::milliseconds longest,
                                               std::uint32_t attempt, ByteSource& jitter) {
  std::chrono::milliseconds pause = std::min(first, longest);
  for (std::uint32_t i = 1; i < attempt && pause < longest; ++i) pause = std::min(pause * 2, longest);
  std::array<std::byte, 2> dice{};
  jitter.fill(dice);
  const auto share = std::to_integer<std::int64_t>(dice[0]) * 256 + std::to_integer<std::int64_t>(dice[1]);
  return pause - pause * share / 2 / 65'536;
}

}  // namespace zegocall::service_detail
