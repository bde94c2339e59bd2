#include "webhooks.hpp"

namespace example {

using zegocall::Result;
using zegocall::unexpected;

std::vector<Option> webhook_options() {
  return {
      {"webhook-url", "https:// or http:// address that is told of calls' events", {"WEBHOOK_URL"}},
      {"webhook-topics",
       "which events, separated by commas; * is all",
       {"WEBHOOK_TOPICS"},
       "call.created,call.active,call.ended"},
      {"webhook-secret", "signs what is told, at least 16 bytes", {"WEBHOOK_SECRET"}, {}, Kind::secret},
  };
}

std::vector<std::string> webhook_topics(const Settings& settings) {
  return settings.given("webhook-url") ? settings.list("webhook-topics") : std::vector<std::string>{};
}

Result<std::unique_ptr<Webhooks>> Webhooks::open(const Settings& settings, zegocall::Store& store) {
  if (!settings.given("webhook-url")) return std::unique_ptr<Webhooks>{};
  if (!settings.given("webhook-secret")) return wrong(settings, "webhook-secret", "is not set, but the webhook's address is");
  std::unique_ptr<Webhooks> made(new Webhooks);
  auto http = zegocall::HttpClient::open({.plain_http = settings.text("webhook-url").starts_with("http://")});
  if (!http) return unexpected(http.error());
  made->http_.emplace(*std::move(http));
  auto queue = zegocall::WebhookQueue::open(store, settings.secret("webhook-secret"), {.url = settings.text("webhook-url")});
  if (!queue) return wrong(settings, queue.error().field == "secret" ? "webhook-secret" : "webhook-url", queue.error().detail);
  made->queue_.emplace(*std::move(queue));
  made->sender_.emplace(*made->queue_, store, *made->http_);
  return made;
}

std::string Webhooks::metrics() {
  return to_metrics(queue_->counters(), "zegocall_webhook") + "zegocall_webhook_pending " +
         std::to_string(queue_->depth().value_or(0)) + "\n";
}

}  // namespace example
