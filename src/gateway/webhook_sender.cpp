#include "zegocall/gateway/webhook_sender.hpp"

#include <utility>
#include <vector>

#include "gateway/errands.hpp"

namespace zegocall {

struct WebhookSender::Impl {
  Impl(WebhookQueue& q, Store& s, HttpPort& http, unsigned threads)
      : queue(q), store(s), errands(threads, [&http](const WebhookJob& job) { return http.send(job.request); }) {}

  WebhookQueue& queue;
  Store& store;
  std::vector<WebhookJob> planned{};  // taken in this group; sent once it is committed
  gateway_detail::Errands<WebhookJob, Result<HttpReply>> errands;
};

WebhookSender::WebhookSender(WebhookQueue& queue, Store& store, HttpPort& http, unsigned threads)
    : impl_(std::make_unique<Impl>(queue, store, http, threads)) {}
WebhookSender::~WebhookSender() = default;

void WebhookSender::attach(Namespace& ns) { impl_->errands.attach(ns); }

std::optional<UnixTime> WebhookSender::deadline() {
  if (impl_->errands.has_answers()) return UnixTime{};
  return impl_->queue.deadline();
}

void WebhookSender::on_deadline(Now now) {
  // A failure of the store leaves the message where it is: it is sent again, with the same event id.
  for (const auto& sent : impl_->errands.take_answers()) (void)impl_->queue.finished(sent.job, sent.answer, now);
  auto taken = impl_->queue.take(now);
  if (taken) std::move(taken->begin(), taken->end(), std::back_inserter(impl_->planned));
}

Result<void> WebhookSender::commit_group() {
  if (impl_->planned.empty()) return {};
  if (impl_->store.in_transaction()) {
    abandon_group();
    return fail_field(ErrorCode::invalid_state, "driven", "a WebhookSender must stand behind the gateway");
  }
  impl_->errands.start(std::exchange(impl_->planned, {}));
  return {};
}

void WebhookSender::abandon_group() {
  for (const WebhookJob& job : impl_->planned) impl_->queue.given_back(job);
  impl_->planned.clear();
}

}  // namespace zegocall
