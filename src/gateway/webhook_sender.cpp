#include "zegocall/gateway/webhook_sender.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace zegocall {

struct WebhookSender::Impl {
  Impl(WebhookQueue& q, Store& s, HttpPort& h) : queue(q), store(s), http(h) {}

  struct Sent {
    WebhookJob job;
    Result<HttpReply> reply;
  };

  WebhookQueue& queue;
  Store& store;
  HttpPort& http;
  std::vector<WebhookJob> planned{};  // taken in this group; sent once it is committed

  std::mutex mutex{};
  std::condition_variable changed{};
  std::deque<WebhookJob> waiting{};
  std::vector<Sent> sent{};
  std::function<bool(std::function<void()>)> on_service{};
  bool stop = false;
  std::vector<std::thread> threads{};

  void work();
  bool has_answers() {
    const std::scoped_lock lock(mutex);
    return !sent.empty();
  }
};

WebhookSender::WebhookSender(WebhookQueue& queue, Store& store, HttpPort& http, unsigned threads)
    : impl_(std::make_unique<Impl>(queue, store, http)) {
  for (unsigned i = 0; i < std::clamp(threads, 1U, 64U); ++i) impl_->threads.emplace_back([this] { impl_->work(); });
}

WebhookSender::~WebhookSender() {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->changed.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

void WebhookSender::attach(Namespace& ns) {
  ns.on_open([this](const HubAccess& access) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->on_service = access.on_service;
  });
}

void WebhookSender::Impl::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return stop || !waiting.empty(); });
    if (stop) return;
    WebhookJob job = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    Result<HttpReply> reply = http.send(job.request);
    lock.lock();
    sent.push_back({std::move(job), std::move(reply)});
    const auto wake = on_service;
    lock.unlock();
    // Any work makes the service thread look at the deadlines, and deadline() is past while an answer waits.
    if (wake) wake([] {});
    lock.lock();
  }
}

std::optional<UnixTime> WebhookSender::deadline() {
  if (impl_->has_answers()) return UnixTime{};
  return impl_->queue.deadline();
}

void WebhookSender::on_deadline(Now now) {
  std::vector<Impl::Sent> sent;
  {
    const std::scoped_lock lock(impl_->mutex);
    sent.swap(impl_->sent);
  }
  // A failure of the store leaves the message where it is: it is sent again, with the same event id.
  for (const Impl::Sent& each : sent) (void)impl_->queue.finished(each.job, each.reply, now);
  auto taken = impl_->queue.take(now);
  if (taken) std::move(taken->begin(), taken->end(), std::back_inserter(impl_->planned));
}

Result<void> WebhookSender::commit_group() {
  if (impl_->planned.empty()) return {};
  if (impl_->store.in_transaction()) {
    abandon_group();
    return fail_field(ErrorCode::invalid_state, "driven", "a WebhookSender must stand behind the gateway");
  }
  {
    const std::scoped_lock lock(impl_->mutex);
    std::move(impl_->planned.begin(), impl_->planned.end(), std::back_inserter(impl_->waiting));
  }
  impl_->planned.clear();
  impl_->changed.notify_all();
  return {};
}

void WebhookSender::abandon_group() {
  for (const WebhookJob& job : impl_->planned) impl_->queue.given_back(job);
  impl_->planned.clear();
}

}  // namespace zegocall
