// Statistics over calls: a call is folded, its attendance read, and both are laid into the windows that they touch.
#include "zegocall/call/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "call/spans.hpp"
#include "zegocall/call/decide.hpp"

namespace zegocall {
namespace {
using namespace std::chrono;
using call_detail::Span;

constexpr milliseconds window_least = seconds(1), window_most = hours(24 * 400);
constexpr std::size_t windows_most = 100000, slots_most = 3600;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// When the second person came in; several legs of one person are one.
std::optional<UnixTime> two_in(const CallView& call) {
  std::map<UserId, UnixTime> first;
  for (const LegView& leg : call.legs) {
    if (!leg.joined_at) continue;
    const auto [found, added] = first.try_emplace(leg.user, *leg.joined_at);
    if (!added) found->second = std::min(found->second, *leg.joined_at);
  }
  if (first.size() < 2) return std::nullopt;
  std::vector<UnixTime> times;
  times.reserve(first.size());
  for (const auto& [user, at] : first) times.push_back(at);
  std::sort(times.begin(), times.end());
  return times[1];
}

template <class T>
Result<void> within(const char* field, T value, T least, T most, const char* unit) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field,
                    "must be " + std::to_string(least) + " to " + std::to_string(most) + unit + ", is " + std::to_string(value));
}

struct Window {
  CallFigures figures{};
  std::vector<std::uint32_t> slots{};
};

void merge(CallFigures& into, const CallFigures& other) {
  into.calls += other.calls;
  into.rooms += other.rooms;
  into.ring_answered += other.ring_answered;
  for (std::size_t i = 0; i < into.by_outcome.size(); ++i) into.by_outcome[i] += other.by_outcome[i];
  into.ring.add(other.ring);
  into.setup.add(other.setup);
  into.duration.add(other.duration);
  into.person_time += other.person_time;
  into.peak_call = std::max(into.peak_call, other.peak_call);
  into.peak_all = std::max(into.peak_all, other.peak_all);
}

}  // namespace

// ---- histogram ------------------------------------------------------------------------------------------------------

void SpanHistogram::add(milliseconds span) {
  span = std::max(span, milliseconds::zero());
  const auto bucket = std::lower_bound(ends.begin(), ends.end(), span.count()) - ends.begin();
  ++buckets_[static_cast<std::size_t>(bucket)];
  least_ = count_ == 0 ? span : std::min(least_, span);
  most_ = std::max(most_, span);
  sum_ += span;
  ++count_;
}

void SpanHistogram::add(const SpanHistogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
  sum_ += other.sum_;
  count_ += other.count_;
}

std::optional<milliseconds> SpanHistogram::least() const { return count_ > 0 ? std::optional(least_) : std::nullopt; }
std::optional<milliseconds> SpanHistogram::most() const { return count_ > 0 ? std::optional(most_) : std::nullopt; }
std::optional<milliseconds> SpanHistogram::mean() const {
  return count_ > 0 ? std::optional(sum_ / static_cast<std::int64_t>(count_)) : std::nullopt;
}

std::optional<milliseconds> SpanHistogram::quantile(double share) const {
  if (count_ == 0) return std::nullopt;
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    seen += buckets_[i];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return std::min(milliseconds(ends[i]), most_);
  }
  return most_;
}

std::optional<double> CallFigures::answer_ratio() const {
  const std::uint64_t rang = calls - rooms - of(CallOutcome::glare_merged);
  if (rang == 0) return std::nullopt;
  return static_cast<double>(ring_answered) / static_cast<double>(rang);
}

// ---- accumulator ----------------------------------------------------------------------------------------------------

struct CallStatistics::Impl {
  StatisticsOptions options;
  milliseconds slot{};
  std::map<std::int64_t, Window> windows;  // by number: times since 1970 in windows
  std::optional<std::int64_t> newest{};
  std::uint64_t too_old = 0;

  std::int64_t number_of(UnixTime at) const { return floor_div(at.time_since_epoch().count(), options.window.count()); }
  UnixTime begin_of(std::int64_t number) const { return UnixTime(options.window * number); }
  std::int64_t oldest_kept() const { return *newest - static_cast<std::int64_t>(options.windows_max) + 1; }

  Window& window(std::int64_t number) {
    Window& found = windows[number];
    if (found.slots.empty()) {
      found.slots.resize(options.slots);
      found.figures.from = begin_of(number);
      found.figures.to = begin_of(number + 1);
    }
    return found;
  }

  void advance(UnixTime at) {
    newest = std::max(newest.value_or(number_of(at)), number_of(at));
    windows.erase(windows.begin(), windows.lower_bound(oldest_kept()));
  }

  void add_call(const CallView& call) {
    CallFigures& figures = window(number_of(call.created_at)).figures;
    ++figures.calls;
    if (call.outcome) ++figures.by_outcome[static_cast<std::size_t>(*call.outcome)];
    if (call.active_at) figures.duration.add(*call.ended_at - *call.active_at);
    if (call.is_room()) {
      ++figures.rooms;
      return;
    }
    figures.ring.add(call.answered_at.value_or(*call.ended_at) - call.created_at);
    if (call.outcome == CallOutcome::answered) ++figures.ring_answered;
    if (const auto two = two_in(call); two && call.answered_at) figures.setup.add(*two - *call.answered_at);
  }

  /// One person's time, cut at the windows' borders.
  void add_time(const Span& span, std::uint64_t peak) {
    const std::int64_t first = std::max(number_of(span.from), oldest_kept());
    const std::int64_t last = number_of(std::max(span.from, span.to - milliseconds(1)));
    for (std::int64_t number = first; number <= last; ++number) {
      Window& here = window(number);
      const UnixTime from = std::max(span.from, here.figures.from), to = std::min(span.to, here.figures.to);
      here.figures.person_time += to - from;
      here.figures.peak_call = std::max(here.figures.peak_call, peak);
      const auto slot_of = [&](UnixTime at) { return static_cast<std::size_t>((at - here.figures.from) / slot); };
      for (std::size_t i = slot_of(from); i <= slot_of(std::max(from, to - milliseconds(1))); ++i) ++here.slots[i];
    }
  }
};

CallStatistics::CallStatistics(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CallStatistics::CallStatistics(CallStatistics&&) noexcept = default;
CallStatistics& CallStatistics::operator=(CallStatistics&&) noexcept = default;
CallStatistics::~CallStatistics() = default;

Result<CallStatistics> CallStatistics::open(StatisticsOptions options) {
  for (const auto& checked : {within("window", options.window.count(), window_least.count(), window_most.count(), " ms"),
                              within("windows_max", options.windows_max, std::size_t{1}, windows_most, ""),
                              within("slots", options.slots, std::size_t{1}, slots_most, "")})
    if (!checked) return unexpected(checked.error());
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  const auto slots = static_cast<std::int64_t>(options.slots);
  impl->slot = milliseconds((options.window.count() + slots - 1) / slots);
  return CallStatistics(std::move(impl));
}

Result<void> CallStatistics::add(std::span<const CallEvent> log) {
  const auto call = fold(log);
  if (!call) return unexpected(call.error());
  if (call->state != CallState::ended) return fail(ErrorCode::invalid_state, "the call has not ended");
  const auto report = attendance(log, {}, *call->ended_at);
  if (!report) return unexpected(report.error());
  impl_->advance(std::max(*call->ended_at, call->created_at));
  if (impl_->number_of(call->created_at) < impl_->oldest_kept()) return ++impl_->too_old, Result<void>{};
  impl_->add_call(*call);
  for (const MemberAttendance& member : report->members)
    for (const Span& span : call_detail::times_there(member.intervals)) impl_->add_time(span, report->peak);
  return {};
}

std::vector<CallFigures> CallStatistics::windows() const {
  std::vector<CallFigures> out;
  for (const auto& [number, window] : impl_->windows) {
    out.push_back(window.figures);
    out.back().peak_all = *std::max_element(window.slots.begin(), window.slots.end());
  }
  return out;
}

CallFigures CallStatistics::total() const {
  CallFigures out;
  const std::vector<CallFigures> all = windows();
  for (const CallFigures& each : all) merge(out, each);
  if (!all.empty()) out.from = all.front().from, out.to = all.back().to;
  return out;
}

std::uint64_t CallStatistics::too_old() const { return impl_->too_old; }

Table statistics_table(std::span<const CallFigures> windows) {
  Table out{{"from", "to", "calls", "rooms"}, {}};
  std::vector<CallOutcome> outcomes;
  for (int i = 0; !name(static_cast<CallOutcome>(i)).empty(); ++i) outcomes.push_back(static_cast<CallOutcome>(i));
  for (const CallOutcome outcome : outcomes) out.columns.emplace_back(name(outcome));
  for (const char* column : {"answer_ratio", "ring_mean_ms", "ring_p90_ms", "setup_mean_ms", "setup_p90_ms", "duration_mean_ms",
                             "person_minutes", "peak_call", "peak_all"})
    out.columns.emplace_back(column);
  for (const CallFigures& each : windows) {
    std::vector<Cell> row{each.from, each.to, each.calls, each.rooms};
    for (const CallOutcome outcome : outcomes) row.emplace_back(each.of(outcome));
    const Cell figures[] = {each.answer_ratio(),
                            each.ring.mean(),
                            each.ring.quantile(0.9),
                            each.setup.mean(),
                            each.setup.quantile(0.9),
                            each.duration.mean(),
                            duration<double, std::ratio<60>>(each.person_time).count(),
                            each.peak_call,
                            each.peak_all};
    row.insert(row.end(), std::begin(figures), std::end(figures));
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace zegocall
