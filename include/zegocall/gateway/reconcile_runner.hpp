// Carries a Reconciler's questions to the provider: threads that wait for ServerApi, and a hub that is woken by the answers.
// Put it behind the gateway in Wiring::driven; what it finds becomes commands of the gateway, told like any other.
#pragma once

#include <memory>

#include "zegocall/gateway.hpp"
#include "zegocall/service/reconcile.hpp"

namespace zegocall {

/// Make it before the hub and let it outlive it. The destructor waits for the questions that are under way.
class ReconcileRunner final : public Driven {
 public:
  /// Everything must outlive it. `clock` is read on the runner's threads.
  ReconcileRunner(Reconciler& reconciler, Gateway& gateway, ServerApi& api, std::function<Now()> clock = system_now,
                  unsigned threads = 2);
  ~ReconcileRunner() override;
  ReconcileRunner(const ReconcileRunner&) = delete;
  ReconcileRunner& operator=(const ReconcileRunner&) = delete;

  /// Before the hub opens; once.
  void attach(Namespace& ns);

  std::optional<UnixTime> deadline() override;
  void on_deadline(Now now) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
