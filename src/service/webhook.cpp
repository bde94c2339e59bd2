#include "zegocall/service/webhook.hpp"

#include <utility>

#include "service/outbox_queue.hpp"

namespace zegocall {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t secret_bytes_min = 16;

service_detail::OutboxRules rules_of(const WebhookOptions& o) {
  return {OutboxLane::host, o.first_pause,   o.longest_pause,
          o.attempts_max,   o.age_max,       o.depth_max,
          o.dead_kept,      o.in_flight_max, o.jitter ? o.jitter : &system_bytes()};
}

Result<void> check(const WebhookOptions& o) {
  if (!o.url.starts_with("https://") && !o.url.starts_with("http://"))
    return fail_field(ErrorCode::invalid_argument, "url", "must begin with https:// or http://");
  if (auto fine = service_detail::within(o.time_limit, milliseconds(100), milliseconds(120'000), "time_limit"); !fine)
    return fine;
  return service_detail::check(rules_of(o));
}

/// What a dead letter says of the last attempt: never a body, which may be anything.
std::string words_of(const Result<HttpReply>& reply) {
  return reply ? "HTTP " + std::to_string(reply->status) : std::string(name(reply.error().code));
}

bool is_fine(const Result<HttpReply>& reply) { return reply && reply->status >= 200 && reply->status <= 299; }

}  // namespace

struct WebhookQueue::Impl {
  Impl(Store& s, Secret key, WebhookOptions o) : queue(s, rules_of(o)), secret(std::move(key)), options(std::move(o)) {}

  service_detail::OutboxQueue queue;
  Secret secret;
  WebhookOptions options;

  Result<WebhookJob> job_of(const OutboxEntry& entry, UnixTime now) const;
};

Result<WebhookQueue> WebhookQueue::open(Store& store, Secret secret, WebhookOptions options) {
  if (auto fine = check(options); !fine) return unexpected(std::move(fine).error());
  if (secret.size() < secret_bytes_min)
    return fail_field(ErrorCode::secret_length, "secret", "at least " + std::to_string(secret_bytes_min) + " bytes");
  return WebhookQueue(std::make_unique<Impl>(store, std::move(secret), std::move(options)));
}

WebhookQueue::WebhookQueue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebhookQueue::WebhookQueue(WebhookQueue&&) noexcept = default;
WebhookQueue& WebhookQueue::operator=(WebhookQueue&&) noexcept = default;
WebhookQueue::~WebhookQueue() = default;

std::optional<UnixTime> WebhookQueue::deadline() { return impl_->queue.deadline(); }

Result<std::vector<WebhookJob>> WebhookQueue::take(Now now) {
  auto entries = impl_->queue.take(now);
  if (!entries) return unexpected(std::move(entries).error());
  std::vector<WebhookJob> jobs;
  for (const OutboxEntry& entry : *entries) {
    auto job = impl_->job_of(entry, now.wall);
    if (!job) {
      for (const OutboxEntry& taken : *entries) impl_->queue.given_back(taken.number);
      return unexpected(std::move(job).error());
    }
    jobs.push_back(*std::move(job));
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

Result<void> WebhookQueue::finished(const WebhookJob& job, const Result<HttpReply>& reply, Now now) {
  return is_fine(reply) ? impl_->queue.delivered(job.number) : impl_->queue.failed(job.number, job.attempt, words_of(reply), now);
}

void WebhookQueue::given_back(const WebhookJob& job) { impl_->queue.given_back(job.number); }

Result<Page<DeadLetter>> WebhookQueue::dead(PageRequest page) { return impl_->queue.store().dead_letters(page); }
Result<void> WebhookQueue::replay(std::int64_t number, Now now) { return impl_->queue.replay(number, now); }
const WebhookCounters& WebhookQueue::counters() const { return impl_->queue.counters(); }
Result<std::uint64_t> WebhookQueue::depth() { return impl_->queue.depth(); }

}  // namespace zegocall
