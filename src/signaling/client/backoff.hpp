// When to try again: capped exponential back-off with full jitter, a budget, and the rule that gives the budget back.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::client_detail {

struct RetryRule {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds max{20'000};
  std::uint32_t tries_max = std::numeric_limits<std::uint32_t>::max();  ///< in a row after a failure
  std::chrono::milliseconds give_up_after{0};                           ///< of a row; 0: never
  std::chrono::milliseconds reset_after{5'000};                         ///< a connection that stood so long ends the row
};

class RetryPlan {
 public:
  RetryPlan(RetryRule rule, ByteSource& jitter) : rule_(rule), jitter_(jitter) {}
  void start(Now now) { row_since_ = now.steady; }
  /// The connection stands.
  void on_connected(Now now) { connected_since_ = now.steady; }
  /// It failed, or has ended: when the next try is due, or nothing if the budget is spent. Uniform between 0 and the bound,
  /// which doubles with each try of the row up to `max`: clients that lost one server together do not come back together.
  std::optional<SteadyTime> on_failure(Now now);
  /// From 1; the first of its row.
  std::uint32_t number_of_try() const { return retries_ + 1; }

 private:
  RetryRule rule_;
  ByteSource& jitter_;
  std::uint32_t retries_ = 0;
  SteadyTime row_since_{};
  std::optional<SteadyTime> connected_since_;
};

}  // namespace zegocall::client_detail
