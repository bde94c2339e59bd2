// How calls go on the whole: counts, times and ratios over any number of ended calls, by window of time. Adding a call
// costs memory once per window, never per call. Pure; thread-compatible.
//
// What counts where: a call's outcome, ring, setup and duration belong to the window in which it was created; the time
// that people spend and how many they are belong to the windows in which that is.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/base/table.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall {

/// A distribution of spans in a fixed number of buckets. Value type.
class SpanHistogram {
 public:
  /// Upper ends of the buckets, in milliseconds; what is longer than the last is in one more.
  static constexpr std::array<std::int64_t, 20> ends{50,    100,    250,    500,    1000,    2000,    3000,
                                                     5000,  7500,   10000,  15000,  20000,   30000,   45000,
                                                     60000, 120000, 300000, 900000, 3600000, 14400000};

  /// A negative one is taken as 0.
  void add(std::chrono::milliseconds span);
  void add(const SpanHistogram& other);

  std::uint64_t count() const { return count_; }
  std::chrono::milliseconds sum() const { return sum_; }
  std::optional<std::chrono::milliseconds> least() const;
  std::optional<std::chrono::milliseconds> most() const;
  std::optional<std::chrono::milliseconds> mean() const;
  /// No less than the `share` (0 to 1) of all, and at most the end of their bucket; nothing if there are none.
  std::optional<std::chrono::milliseconds> quantile(double share) const;
  const std::array<std::uint64_t, 21>& buckets() const { return buckets_; }
  bool operator==(const SpanHistogram&) const = default;

 private:
  std::array<std::uint64_t, 21> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::milliseconds sum_{0}, least_{0}, most_{0};
};

/// The figures of one window, or of all of them together.
struct CallFigures {
  static constexpr std::size_t outcomes_max = 16;  ///< more than there are words in CallOutcome

  UnixTime from{}, to{};  ///< the window, `to` not included
  std::uint64_t calls = 0;
  std::uint64_t rooms = 0;                               ///< of `calls`, those without a ring
  std::uint64_t ring_answered = 0;                       ///< of the others, those that somebody answered and entered
  std::array<std::uint64_t, outcomes_max> by_outcome{};  ///< at the outcome's number; see of()
  SpanHistogram ring{};                      ///< from the start to the answer, or to the end if there was none. Not of rooms
  SpanHistogram setup{};                     ///< from the answer until two people were in. Not of rooms
  SpanHistogram duration{};                  ///< from the first entry to the end
  std::chrono::milliseconds person_time{0};  ///< that people spent in calls, added up (attendance's rules)
  std::uint64_t peak_call = 0;               ///< most people at one instant in one of the calls of this window
  std::uint64_t peak_all = 0;                ///< most people in all calls in one slot; see StatisticsOptions::slots
  bool operator==(const CallFigures&) const = default;

  std::uint64_t of(CallOutcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
  /// Answered calls of all that rang; a call that became part of another (glare_merged) is not counted. Nothing without any.
  std::optional<double> answer_ratio() const;
};

/// How fine the windows are, and how many are kept.
struct StatisticsOptions {
  std::chrono::milliseconds window{std::chrono::hours(1)};  ///< 1 s to 400 days; windows begin at its multiples since 1970, UTC
  std::size_t windows_max = std::size_t{24} * 31;           ///< 1 to 100,000; the oldest goes when one too many is needed
  /// Each window is cut into so many slots; whoever is in at any time within a slot counts for it. So `peak_all` is exact to
  /// the slot, and never too small. 1 to 3,600.
  std::size_t slots = 60;
};

/// The accumulator.
class CallStatistics {
 public:
  /// out_of_range with field "window", "windows_max" or "slots".
  static Result<CallStatistics> open(StatisticsOptions options = {});
  CallStatistics(CallStatistics&&) noexcept;
  CallStatistics& operator=(CallStatistics&&) noexcept;
  ~CallStatistics();

  /// Takes in the whole log of a call that has ended. Each call once: this does not know which ones it was given.
  /// invalid_state (it has not ended), store_corrupt; nothing is counted then.
  Result<void> add(std::span<const CallEvent> log);

  /// The windows that have something, oldest first.
  std::vector<CallFigures> windows() const;
  /// All windows together; its peaks are the greatest ones.
  CallFigures total() const;
  /// Calls that began before the oldest window that is kept: counted nowhere else.
  std::uint64_t too_old() const;

 private:
  struct Impl;
  explicit CallStatistics(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A row per window: from, to, calls, rooms, a column per outcome, answer_ratio, ring_mean_ms, ring_p90_ms, setup_mean_ms,
/// setup_p90_ms, duration_mean_ms, person_minutes, peak_call, peak_all.
Table statistics_table(std::span<const CallFigures> windows);

}  // namespace zegocall
