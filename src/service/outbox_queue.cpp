#include "service/outbox_queue.hpp"

#include <algorithm>
#include <utility>

#include "service/transaction.hpp"
#include "service/webhook_pause.hpp"

namespace zegocall {
namespace service_detail {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr auto sweep_every = std::chrono::seconds(1);
constexpr auto store_rest = std::chrono::seconds(1);
constexpr std::uint32_t sweep_most = 256;

Result<void> counted(std::uint64_t value, std::uint64_t least, std::uint64_t most, const char* field) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field, std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

Result<void> within(milliseconds value, milliseconds least, milliseconds most, const char* field) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field,
                    std::to_string(least.count()) + " to " + std::to_string(most.count()) + " ms");
}

Result<void> check(const OutboxRules& o) {
  for (const auto& fine :
       {within(o.first_pause, milliseconds(1), hours(1), "first_pause"),
        within(o.longest_pause, o.first_pause, hours(24), "longest_pause"), counted(o.attempts_max, 1, 1000, "attempts_max"),
        within(o.age_max, milliseconds(1000), hours(24 * 30), "age_max"), counted(o.depth_max, 1, UINT64_MAX, "depth_max"),
        within(o.dead_kept, milliseconds(1000), hours(24 * 365 * 10), "dead_kept"),
        counted(o.in_flight_max, 1, 256, "in_flight_max")})
    if (!fine) return fine;
  return {};
}

// ---- what is sent ---------------------------------------------------------------------------------------------------

std::optional<UnixTime> OutboxQueue::deadline() const {
  if (full()) return std::nullopt;
  auto next = store_->outbox_due(rules_.lane, UnixTime::max(), static_cast<std::uint32_t>(in_flight_.size() + 1));
  if (!next) return retry_at_;
  for (const OutboxEntry& entry : *next)
    if (!in_flight_.contains(entry.number)) return std::max(entry.due.value_or(UnixTime{}), retry_at_);
  return std::nullopt;
}

Result<std::vector<OutboxEntry>> OutboxQueue::take(Now now) {
  auto taken = in_transaction(*store_, [&] { return take_due(now.wall); });
  if (!taken) retry_at_ = now.wall + store_rest;
  return taken;
}

Result<std::vector<OutboxEntry>> OutboxQueue::take_due(UnixTime now) {
  if (auto swept_fine = sweep(now); !swept_fine) return unexpected(std::move(swept_fine).error());
  auto due = store_->outbox_due(rules_.lane, now, static_cast<std::uint32_t>(rules_.in_flight_max + in_flight_.size()));
  if (!due) return due;
  std::vector<OutboxEntry> taken;
  for (OutboxEntry& entry : *due) {
    if (full() || in_flight_.contains(entry.number)) continue;
    if (entry.message.at + rules_.age_max < now) {
      if (auto gone = bury(entry.number, now, "age", counters_.dead_by_age); !gone) return unexpected(std::move(gone).error());
      continue;
    }
    in_flight_.insert(entry.number);
    taken.push_back(std::move(entry));
  }
  return taken;
}

/// The drop rules that no single message shows: how many wait, and how long the dead are kept.
Result<void> OutboxQueue::sweep(UnixTime now) {
  if (now < swept_ + sweep_every) return {};
  auto size = depth();
  if (!size) return unexpected(std::move(size).error());
  if (*size > rules_.depth_max) {
    const auto many = static_cast<std::uint32_t>(std::min<std::uint64_t>(*size - rules_.depth_max, sweep_most));
    if (auto gone = bury_oldest(many, now); !gone) return gone;
  }
  auto forgotten = store_->forget_dead_letters(rules_.lane, now - rules_.dead_kept, sweep_most);
  if (!forgotten) return unexpected(std::move(forgotten).error());
  counters_.dead_forgotten += *forgotten;
  // While more waits than may, the next turn goes on; so does it with old dead letters.
  if (*size <= rules_.depth_max + sweep_most && *forgotten < sweep_most) swept_ = now;
  return {};
}

Result<void> OutboxQueue::bury_oldest(std::uint32_t many, UnixTime now) {
  auto oldest = store_->outbox(rules_.lane, many + static_cast<std::uint32_t>(in_flight_.size()));
  if (!oldest) return unexpected(std::move(oldest).error());
  std::uint32_t buried = 0;
  for (const OutboxEntry& entry : *oldest) {
    if (buried == many || in_flight_.contains(entry.number)) continue;
    ++buried;
    if (auto gone = bury(entry.number, now, "depth", counters_.dead_by_depth); !gone) return gone;
  }
  return {};
}

// ---- what came of it ------------------------------------------------------------------------------------------------

Result<void> OutboxQueue::delivered(std::int64_t number) {
  in_flight_.erase(number);
  return in_transaction(*store_, [&] {
    auto done = store_->outbox_done(number);
    if (done) ++counters_.delivered;
    return done;
  });
}

Result<void> OutboxQueue::failed(std::int64_t number, std::uint32_t attempt, std::string_view why, Now now) {
  in_flight_.erase(number);
  ++counters_.failed_attempts;
  return in_transaction(*store_, [&]() -> Result<void> {
    if (attempt >= rules_.attempts_max)
      return bury_tried(number, now.wall, "attempts: " + std::string(why), counters_.dead_by_attempts);
    const auto pause = webhook_pause(rules_.first_pause, rules_.longest_pause, attempt, *rules_.jitter);
    auto kept = store_->outbox_retry(number, now.wall + pause);
    // Buried by depth while it was in flight: nothing is left to be tried again.
    if (!kept && kept.error().code == ErrorCode::not_found) return {};
    return kept;
  });
}

Result<void> OutboxQueue::refused(std::int64_t number, std::string_view why, Now now) {
  in_flight_.erase(number);
  ++counters_.failed_attempts;
  return in_transaction(*store_,
                        [&] { return bury_tried(number, now.wall, "refused: " + std::string(why), counters_.dead_by_refusal); });
}

Result<void> OutboxQueue::outdated(std::int64_t number) {
  in_flight_.erase(number);
  return in_transaction(*store_, [&] {
    auto done = store_->outbox_done(number);
    if (done) ++counters_.outdated;
    return done;
  });
}

Result<void> OutboxQueue::bury(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter) {
  auto gone = store_->outbox_bury(number, now, reason);
  if (!gone && gone.error().code == ErrorCode::not_found) return {};
  if (gone) ++counter;
  return gone;
}

/// The dead letter counts the attempt that was its last.
Result<void> OutboxQueue::bury_tried(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter) {
  auto counted = store_->outbox_retry(number, now);
  if (!counted && counted.error().code == ErrorCode::not_found) return {};  // buried by depth while it was in flight
  if (!counted) return counted;
  return bury(number, now, reason, counter);
}

// ---- for operators --------------------------------------------------------------------------------------------------

Result<void> OutboxQueue::replay(std::int64_t number, Now now) {
  auto again = in_transaction(*store_, [&] { return store_->dead_letter_again(number, now.wall); });
  if (again) ++counters_.replayed;
  return again;
}

}  // namespace service_detail

std::string to_metrics(const OutboxCounters& counters, std::string_view prefix) {
  const std::pair<const char*, std::uint64_t> lines[] = {
      {"delivered_total", counters.delivered},
      {"failed_attempts_total", counters.failed_attempts},
      {"dead_total{reason=\"attempts\"}", counters.dead_by_attempts},
      {"dead_total{reason=\"age\"}", counters.dead_by_age},
      {"dead_total{reason=\"depth\"}", counters.dead_by_depth},
      {"dead_total{reason=\"refused\"}", counters.dead_by_refusal},
      {"outdated_total", counters.outdated},
      {"replayed_total", counters.replayed},
      {"dead_forgotten_total", counters.dead_forgotten},
  };
  std::string out;
  for (const auto& [word, value] : lines) out.append(prefix).append("_").append(word) += " " + std::to_string(value) + "\n";
  return out;
}

}  // namespace zegocall
