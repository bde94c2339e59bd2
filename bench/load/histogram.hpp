// Times in buckets: 32 to each power of two, so that a quantile is at most 3 % off.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace load {

class Histogram {
 public:
  void add(std::uint64_t ns) {
    ++buckets_[bucket_of(ns)];
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  /// The time, in microseconds, that `share` of all times (0 to 1) did not pass; 0 if there are none.
  double microseconds_at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      if ((seen += buckets_[i]) > wanted || (seen == count_ && seen > 0)) return static_cast<double>(start_of(i)) / 1000;
    return 0;
  }

 private:
  static constexpr unsigned bits = 5;
  static std::size_t bucket_of(std::uint64_t ns) {
    const unsigned shift = std::max(static_cast<unsigned>(std::bit_width(ns)), bits + 1) - bits - 1;
    return std::min<std::size_t>((std::size_t{shift} << bits) + (ns >> shift), last);
  }
  static std::uint64_t start_of(std::size_t bucket) {
    const std::size_t shift = bucket >> bits == 0 ? 0 : (bucket >> bits) - 1;
    return std::uint64_t{bucket - (shift << bits)} << shift;
  }
  static constexpr std::size_t last = (std::size_t{1} << bits) * 60 - 1;

  std::array<std::uint64_t, last + 1> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace load
