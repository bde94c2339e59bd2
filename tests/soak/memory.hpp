// How a process's memory moves: the slope of the straight line through its samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace soak {

struct Sample {
  double seconds, bytes;
};

struct Slope {
  double bytes_per_minute = 0, mean_bytes = 0, seconds = 0;
  double percent_per_minute() const { return mean_bytes > 0 ? 100 * bytes_per_minute / mean_bytes : 0; }
};

/// Least squares over the last `share` of the time.
inline Slope slope_of(const std::vector<Sample>& samples, double share) {
  if (samples.empty()) return {};
  const double last = samples.back().seconds, from = last - share * (last - samples.front().seconds);
  const auto begin = std::find_if(samples.begin(), samples.end(), [&](const Sample& each) { return each.seconds >= from; });
  const auto count = static_cast<double>(samples.end() - begin);
  double time = 0, memory = 0, both = 0, square = 0;
  for (auto each = begin; each != samples.end(); ++each) time += each->seconds / count, memory += each->bytes / count;
  for (auto each = begin; each != samples.end(); ++each) {
    both += (each->seconds - time) * (each->bytes - memory);
    square += (each->seconds - time) * (each->seconds - time);
  }
  return {square > 0 ? both / square * 60 : 0, memory, last - begin->seconds};
}

}  // namespace soak
