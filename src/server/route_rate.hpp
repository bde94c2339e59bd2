// How often one address may ask a route.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "zegocall/base/time.hpp"
#include "zegocall/net/http.hpp"

namespace zegocall::server_detail {

/// Any thread: one for all loops.
class RateTable {
 public:
  static constexpr std::size_t addresses_max = 65'536;  ///< those beyond share one allowance

  explicit RateTable(RouteRate rate) : rate_(rate) {}
  /// Takes one request of this address's allowance. Else how long it is to the next: more than zero.
  std::chrono::milliseconds take(std::string_view address, SteadyTime now);
  std::size_t size() const;

 private:
  struct Bucket {
    double left = 0;
    SteadyTime at{};
  };
  void sweep(SteadyTime now);

  const RouteRate rate_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  Bucket shared_{-1, {}};
  std::size_t sweep_at_ = 1024;
  SteadyTime sweep_not_before_{};
};

}  // namespace zegocall::server_detail
