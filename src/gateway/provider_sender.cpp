#include "zegocall/gateway/provider_sender.hpp"

#include <utility>

#include "gateway/courier.hpp"

namespace zegocall {

struct ProviderSender::Impl {
  gateway_detail::Courier<ProviderQueue, ProviderJob, Result<ApiRequest::Answer>> courier;
};

ProviderSender::ProviderSender(ProviderQueue& queue, Store& store, ServerApi& api, std::function<Now()> clock, unsigned threads)
    : impl_(new Impl{{queue, store, threads,
                      [&api, clock = std::move(clock)](const ProviderJob& job) { return api.call(job.request, clock()); }}}) {}
ProviderSender::~ProviderSender() = default;

void ProviderSender::attach(Namespace& ns) { impl_->courier.attach(ns); }
std::optional<UnixTime> ProviderSender::deadline() { return impl_->courier.deadline(); }
void ProviderSender::on_deadline(Now now) { impl_->courier.on_deadline(now); }
Result<void> ProviderSender::commit_group() { return impl_->courier.commit_group(); }
void ProviderSender::abandon_group() { impl_->courier.abandon_group(); }

}  // namespace zegocall
