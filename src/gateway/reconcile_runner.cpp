#include "zegocall/gateway/reconcile_runner.hpp"

#include <utility>
#include <vector>

#include "gateway/errands.hpp"

namespace zegocall {

struct ReconcileRunner::Impl {
  Impl(Reconciler& r, Gateway& g, ServerApi& api, std::function<Now()> clock, unsigned threads)
      : reconciler(r),
        gateway(g),
        errands(threads, [&api, clock = std::move(clock)](const ReconcileJob& job) { return ask_users(api, job.room, clock); }) {}

  Reconciler& reconciler;
  Gateway& gateway;
  gateway_detail::Errands<ReconcileJob, Result<std::vector<UserId>>> errands;
};

ReconcileRunner::ReconcileRunner(Reconciler& reconciler, Gateway& gateway, ServerApi& api, std::function<Now()> clock,
                                 unsigned threads)
    : impl_(std::make_unique<Impl>(reconciler, gateway, api, std::move(clock), threads)) {}
ReconcileRunner::~ReconcileRunner() = default;

void ReconcileRunner::attach(Namespace& ns) { impl_->errands.attach(ns); }

std::optional<UnixTime> ReconcileRunner::deadline() {
  if (impl_->errands.has_answers()) return UnixTime{};
  return impl_->reconciler.deadline();
}

void ReconcileRunner::on_deadline(Now now) {
  const auto handle = [this](const Command& command, Now at) { return impl_->gateway.handle(command, at); };
  for (const auto& asked : impl_->errands.take_answers()) (void)impl_->reconciler.finished(asked.job, asked.answer, now, handle);
  // A question changes nothing, so it need not wait for the commit.
  impl_->errands.start(impl_->reconciler.take(now));
}

}  // namespace zegocall
