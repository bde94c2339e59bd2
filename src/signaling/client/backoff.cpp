#include "signaling/client/backoff.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace zegocall::client_detail {
namespace {

constexpr std::uint32_t doublings_max = 30;

std::chrono::milliseconds up_to(std::chrono::milliseconds bound, ByteSource& jitter) {
  std::array<std::byte, 8> bytes{};
  jitter.fill(bytes);
  std::uint64_t random = 0;
  std::memcpy(&random, bytes.data(), sizeof random);
  return std::chrono::milliseconds(static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(bound.count()) + 1)));
}

}  // namespace

std::optional<SteadyTime> RetryPlan::on_failure(Now now) {
  if (connected_since_ && now.steady - *connected_since_ >= rule_.reset_after) {
    retries_ = 0;
    row_since_ = now.steady;
  }
  connected_since_.reset();
  if (retries_ >= rule_.tries_max) return std::nullopt;
  if (rule_.give_up_after.count() > 0 && now.steady - row_since_ >= rule_.give_up_after) return std::nullopt;
  const std::uint64_t factor = std::uint64_t{1} << std::min(retries_, doublings_max);
  const auto cap = static_cast<std::uint64_t>(rule_.max.count());
  const auto first = static_cast<std::uint64_t>(rule_.first.count());
  const std::uint64_t bound = first == 0 ? 0 : std::min(cap, first > cap / factor ? cap : first * factor);
  ++retries_;
  return now.steady + up_to(std::chrono::milliseconds(static_cast<std::int64_t>(bound)), jitter_);
}

}  // namespace zegocall::client_detail
