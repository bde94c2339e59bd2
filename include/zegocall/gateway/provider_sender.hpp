// Carries a ProviderQueue's commands to the provider: threads that wait for ServerApi and its limits, and a hub that is woken
// when one was answered.
//
//   CallService calls(store, system_bytes(), {.tokens = &minter, .app = app, .provider = ProviderRules{}});
//   auto queue = ProviderQueue::open(store);
//   ProviderSender sender(*queue, store, api);
//   sender.attach(ns);                                             // any namespace of the hub
//   auto hub = Hub::open(options, {.namespaces = {ns}, .driven = {&gateway, &sender}});   // after the gateway
#pragma once

#include <functional>
#include <memory>

#include "zegocall/hub.hpp"
#include "zegocall/service/provider_queue.hpp"

namespace zegocall {

/// Nothing is said that is not committed: it must stand behind the gateway in Wiring::driven, else each group with something
/// to say fails with invalid_state. Make it before the hub and let it outlive it. The destructor waits for the questions that
/// are under way (ApiOptions::time_limit at most); what they asked for stays in the outbox and is asked again.
class ProviderSender final : public Driven {
 public:
  /// Everything must outlive it. `clock` is read on the sender's threads.
  ProviderSender(ProviderQueue& queue, Store& store, ServerApi& api, std::function<Now()> clock = system_now,
                 unsigned threads = 2);
  ~ProviderSender() override;
  ProviderSender(const ProviderSender&) = delete;
  ProviderSender& operator=(const ProviderSender&) = delete;

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
