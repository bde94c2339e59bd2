#include "signaling/hub/addresses.hpp"

#include <algorithm>
#include <chrono>

namespace zegocall::hub_detail {

/// On the usual path one decrement.
bool take_token(RateBucket& bucket, std::uint32_t per_second, std::uint32_t burst, SteadyTime now) {
  if (per_second == 0) return true;
  if (bucket.tokens == 0) {
    const auto elapsed = std::chrono::duration<double>(now - bucket.refilled).count();
    const double filled = std::clamp(elapsed * per_second, 0.0, double(burst));  // a clock may step back
    bucket.tokens = static_cast<std::uint32_t>(filled);
    if (elapsed < 0 || bucket.tokens > 0) bucket.refilled = now;
    if (bucket.tokens == 0) return false;
  }
  --bucket.tokens;
  return true;
}

bool Addresses::is_full(std::string_view address) {
  if (limits_.sessions_per_address == 0) return false;
  const auto found = uses_.find(address_key(address));
  return found != uses_.end() && found->second.sessions >= limits_.sessions_per_address;
}

AddressUse* Addresses::enter(std::string_view address, SteadyTime now) {
  sweep(now);
  const auto [at, fresh] = uses_.try_emplace(address_key(address));
  if (fresh) at->second.packets = {limits_.packets_burst_per_address, now};
  ++at->second.sessions;
  return &at->second;
}

bool Addresses::take_packet(AddressUse& use, SteadyTime now) {
  return take_token(use.packets, limits_.packets_per_second_per_address, limits_.packets_burst_per_address, now);
}

void Addresses::sweep(SteadyTime now) {
  if (uses_.size() < sweep_at_) return;
  const auto refill = std::chrono::duration<double>(double(limits_.packets_burst_per_address) /
                                                    std::max(1u, limits_.packets_per_second_per_address));
  std::erase_if(uses_, [&](const auto& entry) {
    const bool full = limits_.packets_per_second_per_address == 0 || now - entry.second.packets.refilled > refill;
    return entry.second.sessions == 0 && full;
  });
  sweep_at_ = std::max<std::size_t>(1024, 2 * uses_.size());
}

}  // namespace zegocall::hub_detail
