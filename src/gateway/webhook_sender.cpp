#include "zegocall/gateway/webhook_sender.hpp"

#include "gateway/courier.hpp"

namespace zegocall {

struct WebhookSender::Impl {
  gateway_detail::Courier<WebhookQueue, WebhookJob, Result<HttpReply>> courier;
};

WebhookSender::WebhookSender(WebhookQueue& queue, Store& store, HttpPort& http, unsigned threads)
    : impl_(new Impl{{queue, store, threads, [&http](const WebhookJob& job) { return http.send(job.request); }}}) {}
WebhookSender::~WebhookSender() = default;

void WebhookSender::attach(Namespace& ns) { impl_->courier.attach(ns); }
std::optional<UnixTime> WebhookSender::deadline() { return impl_->courier.deadline(); }
void WebhookSender::on_deadline(Now now) { impl_->courier.on_deadline(now); }
Result<void> WebhookSender::commit_group() { return impl_->courier.commit_group(); }
void WebhookSender::abandon_group() { impl_->courier.abandon_group(); }

}  // namespace zegocall
