// When a request may leave: a bucket of tokens for each documented limit. Time is an argument; nothing waits here.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::zego_detail {

/// `size` tokens; each is back one period after it was taken. So no stretch of time as long as a period sees more than
/// `size` of them, which a bucket that fills evenly cannot promise.
class TokenBucket {
 public:
  TokenBucket(std::size_t size, std::chrono::nanoseconds period) : back_(size), period_(period) {}
  /// When the next token can be taken, at `now` or later.
  SteadyTime next(SteadyTime now) const { return std::max(now, back_[oldest_]); }
  /// Takes it, at next() or later: whoever asks first goes first.
  void take(SteadyTime at) {
    back_[oldest_] = at + period_;
    oldest_ = (oldest_ + 1) % back_.size();
  }
  /// True if every token is there.
  bool full(SteadyTime now) const {
    return std::all_of(back_.begin(), back_.end(), [&](SteadyTime back) { return back <= now; });
  }

 private:
  std::vector<SteadyTime> back_;  // when each token is back, oldest_ first
  std::size_t oldest_ = 0;
  std::chrono::nanoseconds period_;
};

/// The limits of one action.
struct ActionLimits {
  std::string_view action;
  unsigned per_second = 10;
  std::chrono::seconds room_period{0};  ///< 0: no limit per room
};

/// All buckets of one project. Any thread.
class ApiLimits {
 public:
  /// When the room's limit lets this go; its place is taken then. rate_limited with field "RoomId" or "Action" if that, or
  /// what the project's limit says at present, is after `end`: then nothing is taken.
  Result<SteadyTime> room_turn(const ActionLimits& limits, std::string_view room, SteadyTime now, SteadyTime end);
  /// The same for the project's limit; rate_limited with field "Action".
  Result<SteadyTime> project_turn(const ActionLimits& limits, SteadyTime now, SteadyTime end);

 private:
  TokenBucket& project_bucket(const ActionLimits& limits);
  void forget_full_rooms(SteadyTime now);

  std::mutex mutex_;
  std::map<std::string, TokenBucket, std::less<>> projects_;                       // by action
  std::map<std::pair<std::string, std::string>, TokenBucket, std::less<>> rooms_;  // by action and room
  std::size_t look_at_ = 1024;  // rooms, before those without news are forgotten
};

}  // namespace zegocall::zego_detail
