// Carries a WebhookQueue's requests: threads that wait for the host's server, and a hub that is woken when one answered.
//
//   auto queue = WebhookQueue::open(store, secret, {.url = "https://example.org/hooks/calls"});
//   WebhookSender sender(*queue, store, http);
//   sender.attach(ns);                                             // any namespace of the hub
//   auto hub = Hub::open(options, {.namespaces = {ns}, .driven = {&gateway, &sender}});   // after the gateway
#pragma once

#include <memory>

#include "zegocall/hub.hpp"
#include "zegocall/service/webhook.hpp"

namespace zegocall {

/// Nothing is sent that is not committed: it must stand behind the gateway in Wiring::driven, else each group with
/// something to send fails with invalid_state. Make it before the hub and let it outlive it. The destructor waits for the
/// requests that are under way (WebhookOptions::time_limit at most); their messages stay in the outbox and are sent again.
class WebhookSender final : public Driven {
 public:
  /// `queue` and `http` must outlive it. `threads` is how many requests run at once; the queue's in_flight_max bounds it too.
  WebhookSender(WebhookQueue& queue, Store& store, HttpPort& http, unsigned threads = 4);
  ~WebhookSender() override;
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  /// Before the hub opens; once.
  void attach(Namespace& ns);

  std::optional<UnixTime> deadline() override;
  void on_deadline(Now now) override;
  Result<void> commit_group() override;
  void abandon_group() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
