#include "zegocall/service/webhook.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "service/transaction.hpp"
#include "service/webhook_pause.hpp"

namespace zegocall {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr auto sweep_every = std::chrono::seconds(1);
constexpr auto store_rest = std::chrono::seconds(1);
constexpr std::uint32_t sweep_most = 256;
constexpr std::size_t secret_bytes_min = 16;

Result<void> within(milliseconds value, milliseconds least, milliseconds most, const char* field) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field,
                    std::to_string(least.count()) + " to " + std::to_string(most.count()) + " ms");
}
Result<void> within(std::uint64_t value, std::uint64_t least, std::uint64_t most, const char* field) {
  if (value >= least && value <= most) return {};
  return fail_field(ErrorCode::out_of_range, field, std::to_string(least) + " to " + std::to_string(most));
}

Result<void> check(const WebhookOptions& o) {
  if (!o.url.starts_with("https://") && !o.url.starts_with("http://"))
    return fail_field(ErrorCode::invalid_argument, "url", "must begin with https:// or http://");
  for (const auto& fine :
       {within(o.time_limit, milliseconds(100), milliseconds(120'000), "time_limit"),
        within(o.first_pause, milliseconds(1), hours(1), "first_pause"),
        within(o.longest_pause, o.first_pause, hours(24), "longest_pause"), within(o.attempts_max, 1, 1000, "attempts_max"),
        within(o.age_max, milliseconds(1000), hours(24 * 30), "age_max"), within(o.depth_max, 1, UINT64_MAX, "depth_max"),
        within(o.dead_kept, milliseconds(1000), hours(24 * 365 * 10), "dead_kept"),
        within(o.in_flight_max, 1, 256, "in_flight_max")})
    if (!fine) return fine;
  return {};
}

/// What a dead letter says of the last attempt: never a body, which may be anything.
std::string words_of(const Result<HttpReply>& reply) {
  return reply ? "HTTP " + std::to_string(reply->status) : std::string(name(reply.error().code));
}

bool is_fine(const Result<HttpReply>& reply) { return reply && reply->status >= 200 && reply->status <= 299; }

}  // namespace

struct WebhookQueue::Impl {
  Impl(Store& s, Secret key, WebhookOptions o) : store(s), secret(std::move(key)), options(std::move(o)) {}

  Store& store;
  Secret secret;
  WebhookOptions options;
  std::set<std::int64_t> in_flight{};
  WebhookCounters counters{};
  UnixTime swept{}, retry_at{};

  bool full() const { return in_flight.size() >= options.in_flight_max; }
  std::uint32_t at_once() const { return static_cast<std::uint32_t>(options.in_flight_max + in_flight.size()); }
  Result<std::vector<WebhookJob>> take(Now now);
  Result<void> sweep(UnixTime now);
  Result<WebhookJob> job_of(const OutboxEntry& entry, UnixTime now) const;
  Result<void> failed(const WebhookJob& job, const Result<HttpReply>& reply, UnixTime now);
  Result<void> bury(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter);
};

Result<WebhookQueue> WebhookQueue::open(Store& store, Secret secret, WebhookOptions options) {
  if (auto fine = check(options); !fine) return unexpected(std::move(fine).error());
  if (secret.size() < secret_bytes_min)
    return fail_field(ErrorCode::secret_length, "secret", "at least " + std::to_string(secret_bytes_min) + " bytes");
  if (!options.jitter) options.jitter = &system_bytes();
  return WebhookQueue(std::make_unique<Impl>(store, std::move(secret), std::move(options)));
}

WebhookQueue::WebhookQueue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebhookQueue::WebhookQueue(WebhookQueue&&) noexcept = default;
WebhookQueue& WebhookQueue::operator=(WebhookQueue&&) noexcept = default;
WebhookQueue::~WebhookQueue() = default;

// ---- what is sent ---------------------------------------------------------------------------------------------------

std::optional<UnixTime> WebhookQueue::deadline() {
  Impl& self = *impl_;
  if (self.full()) return std::nullopt;
  auto next = self.store.outbox_due(UnixTime::max(), static_cast<std::uint32_t>(self.in_flight.size() + 1));
  if (!next) return self.retry_at;
  for (const OutboxEntry& entry : *next)
    if (!self.in_flight.contains(entry.number)) return std::max(entry.due.value_or(UnixTime{}), self.retry_at);
  return std::nullopt;
}

Result<std::vector<WebhookJob>> WebhookQueue::take(Now now) {
  auto taken = service_detail::in_transaction(impl_->store, [&] { return impl_->take(now); });
  if (!taken) impl_->retry_at = now.wall + store_rest;
  return taken;
}

Result<std::vector<WebhookJob>> WebhookQueue::Impl::take(Now now) {
  if (auto swept_fine = sweep(now.wall); !swept_fine) return unexpected(std::move(swept_fine).error());
  std::vector<WebhookJob> jobs;
  auto due = store.outbox_due(now.wall, at_once());
  if (!due) return unexpected(std::move(due).error());
  for (const OutboxEntry& entry : *due) {
    if (full() || in_flight.contains(entry.number)) continue;
    if (entry.message.at + options.age_max < now.wall) {
      if (auto gone = bury(entry.number, now.wall, "age", counters.dead_by_age); !gone)
        return unexpected(std::move(gone).error());
      continue;
    }
    auto job = job_of(entry, now.wall);
    if (!job) return unexpected(std::move(job).error());
    jobs.push_back(*std::move(job));
    in_flight.insert(entry.number);
  }
  return jobs;
}

Result<WebhookJob> WebhookQueue::Impl::job_of(const OutboxEntry& entry, UnixTime now) const {
  auto signature = sign_webhook(secret, entry.message.body, now);
  if (!signature) return unexpected(std::move(signature).error());
  const OutboxMessage& message = entry.message;
  WebhookJob job{entry.number, entry.attempts + 1, {}};
  job.request.method = "POST";
  job.request.url = options.url;
  job.request.headers = {{"Content-Type", "application/json"},
                         {"Zegocall-Event-Id", message.id.empty() ? std::to_string(entry.number) : message.id},
                         {"Zegocall-Topic", message.topic},
                         {"Zegocall-Attempt", std::to_string(job.attempt)},
                         {"Zegocall-Signature", *std::move(signature)}};
  job.request.body = message.body;
  job.request.time_limit = options.time_limit;
  job.request.reply_bytes_max = 65'536;
  return job;
}

/// The drop rules that no single message shows: how many wait, and how long the dead are kept.
Result<void> WebhookQueue::Impl::sweep(UnixTime now) {
  if (now < swept + sweep_every) return {};
  auto size = store.outbox_size();
  if (!size) return unexpected(std::move(size).error());
  if (*size > options.depth_max) {
    const auto many = static_cast<std::uint32_t>(std::min<std::uint64_t>(*size - options.depth_max, sweep_most));
    auto oldest = store.outbox(many + static_cast<std::uint32_t>(in_flight.size()));
    if (!oldest) return unexpected(std::move(oldest).error());
    std::uint32_t buried = 0;
    for (const OutboxEntry& entry : *oldest) {
      if (buried == many || in_flight.contains(entry.number)) continue;
      ++buried;
      if (auto gone = bury(entry.number, now, "depth", counters.dead_by_depth); !gone) return gone;
    }
  }
  auto forgotten = store.forget_dead_letters(now - options.dead_kept, sweep_most);
  if (!forgotten) return unexpected(std::move(forgotten).error());
  counters.dead_forgotten += *forgotten;
  // While more waits than may, the next turn goes on; so does it with old dead letters.
  if (*size <= options.depth_max + sweep_most && *forgotten < sweep_most) swept = now;
  return {};
}

// ---- what came of it ------------------------------------------------------------------------------------------------

Result<void> WebhookQueue::finished(const WebhookJob& job, const Result<HttpReply>& reply, Now now) {
  impl_->in_flight.erase(job.number);
  return service_detail::in_transaction(impl_->store, [&]() -> Result<void> {
    if (!is_fine(reply)) return impl_->failed(job, reply, now.wall);
    auto done = impl_->store.outbox_done(job.number);
    if (done) ++impl_->counters.delivered;
    return done;
  });
}

Result<void> WebhookQueue::Impl::failed(const WebhookJob& job, const Result<HttpReply>& reply, UnixTime now) {
  ++counters.failed_attempts;
  if (job.attempt >= options.attempts_max)
    return bury(job.number, now, "attempts: " + words_of(reply), counters.dead_by_attempts);
  const auto pause = service_detail::webhook_pause(options.first_pause, options.longest_pause, job.attempt, *options.jitter);
  auto kept = store.outbox_retry(job.number, now + pause);
  // Buried by depth while it was in flight: nothing is left to be tried again.
  if (!kept && kept.error().code == ErrorCode::not_found) return {};
  return kept;
}

Result<void> WebhookQueue::Impl::bury(std::int64_t number, UnixTime now, const std::string& reason, std::uint64_t& counter) {
  auto gone = store.outbox_bury(number, now, reason);
  if (!gone && gone.error().code == ErrorCode::not_found) return {};
  if (gone) ++counter;
  return gone;
}

void WebhookQueue::given_back(const WebhookJob& job) { impl_->in_flight.erase(job.number); }

// ---- for operators --------------------------------------------------------------------------------------------------

Result<Page<DeadLetter>> WebhookQueue::dead(PageRequest page) { return impl_->store.dead_letters(page); }

Result<void> WebhookQueue::replay(std::int64_t number, Now now) {
  auto again = service_detail::in_transaction(impl_->store, [&] { return impl_->store.dead_letter_again(number, now.wall); });
  if (again) ++impl_->counters.replayed;
  return again;
}

const WebhookCounters& WebhookQueue::counters() const { return impl_->counters; }
Result<std::uint64_t> WebhookQueue::depth() { return impl_->store.outbox_size(); }

std::string to_metrics(const WebhookCounters& counters) {
  const std::pair<const char*, std::uint64_t> lines[] = {
      {"delivered_total", counters.delivered},
      {"failed_attempts_total", counters.failed_attempts},
      {"dead_total{reason=\"attempts\"}", counters.dead_by_attempts},
      {"dead_total{reason=\"age\"}", counters.dead_by_age},
      {"dead_total{reason=\"depth\"}", counters.dead_by_depth},
      {"replayed_total", counters.replayed},
      {"dead_forgotten_total", counters.dead_forgotten},
  };
  std::string out;
  for (const auto& [word, value] : lines) out += "zegocall_webhook_" + std::string(word) + " " + std::to_string(value) + "\n";
  return out;
}

}  // namespace zegocall
