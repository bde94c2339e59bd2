#include "server/route_rate.hpp"

#include <algorithm>
#include <cmath>

#include "signaling/hub/addresses.hpp"

namespace zegocall::server_detail {

std::chrono::milliseconds RateTable::take(std::string_view address, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  const double all = rate_.requests;
  const auto per = std::chrono::duration<double>(rate_.per);
  std::string key = hub_detail::address_key(address);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= sweep_at_ && now >= sweep_not_before_) sweep(now);
    if (buckets_.size() < addresses_max) found = buckets_.emplace(std::move(key), Bucket{all, now}).first;
  }
  if (shared_.left < 0) shared_ = {all, now};
  Bucket& bucket = found == buckets_.end() ? shared_ : found->second;
  bucket.left = std::min(all, bucket.left + std::chrono::duration<double>(now - bucket.at) / per * all);
  bucket.at = std::max(bucket.at, now);
  if (bucket.left >= 1) return bucket.left -= 1, std::chrono::milliseconds(0);
  const double missing = (1 - bucket.left) / all * per.count();
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(missing * 1000)) + 1);
}

/// Forgets those that have their whole allowance again.
void RateTable::sweep(SteadyTime now) {
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.at >= rate_.per; });
  sweep_not_before_ = now + std::chrono::seconds(1);  // when it is full of those that still owe
  sweep_at_ = std::max<std::size_t>(1024, std::min(2 * buckets_.size(), addresses_max));
}

std::size_t RateTable::size() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

}  // namespace zegocall::server_detail
