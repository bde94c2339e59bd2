// The host's own server is told what happens: the flags for it, and everything between the outbox and the network.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "settings.hpp"
#include "zegocall/gateway/webhook_sender.hpp"
#include "zegocall/net/http_client.hpp"

namespace example {

/// --webhook-url, --webhook-topics, and the secret WEBHOOK_SECRET.
std::vector<Option> webhook_options();

/// The events that are told; empty without an address. For CallServiceOptions::outbox_topics.
std::vector<std::string> webhook_topics(const Settings& settings);

/// Outlives the hub. Its sender stands behind the gateway in Wiring::driven.
class Webhooks {
 public:
  /// Nothing without an address. Errors name the setting: no secret, one that is too short, an address that is none.
  static zegocall::Result<std::unique_ptr<Webhooks>> open(const Settings& settings, zegocall::Store& store);

  zegocall::WebhookSender& sender() { return *sender_; }
  /// As Prometheus text; service thread.
  std::string metrics();

 private:
  Webhooks() = default;
  std::optional<zegocall::HttpClient> http_;
  std::optional<zegocall::WebhookQueue> queue_;
  std::optional<zegocall::WebhookSender> sender_;
};

}  // namespace example
