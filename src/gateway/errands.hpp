// Jobs that wait for other servers: threads run them after the commit of the group that planned them, and the service
// thread gets the answers. What WebhookSender and ReconcileRunner share.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "zegocall/hub.hpp"

namespace zegocall::gateway_detail {

template <class Job, class Answer>
class Errands {
 public:
  struct Done {
    Job job;
    Answer answer;
  };

  /// `run` is called on any of `threads` threads (1 to 64), several at once; it may block and must not throw.
  Errands(unsigned threads, std::function<Answer(const Job&)> run) : run_(std::move(run)) {
    for (unsigned i = 0; i < std::clamp(threads, 1U, 64U); ++i) threads_.emplace_back([this] { work(); });
  }
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;
  /// Waits for the jobs that run; those that wait are dropped.
  ~Errands() {
    {
      const std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void attach(Namespace& ns) {
    ns.on_open([this](const HubAccess& access) {
      const std::scoped_lock lock(mutex_);
      on_service_ = access.on_service;
    });
  }

  // On the service thread:
  void start(std::vector<Job> jobs) {
    {
      const std::scoped_lock lock(mutex_);
      std::move(jobs.begin(), jobs.end(), std::back_inserter(waiting_));
    }
    changed_.notify_all();
  }
  bool has_answers() const {
    const std::scoped_lock lock(mutex_);
    return !done_.empty();
  }
  std::vector<Done> take_answers() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(done_, {});
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      Job job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      Answer answer = run_(job);
      lock.lock();
      done_.push_back({std::move(job), std::move(answer)});
      const auto wake = on_service_;
      lock.unlock();
      // Any work makes the service thread look at the deadlines; who owns this says "now" while an answer waits.
      if (wake) wake([] {});
      lock.lock();
    }
  }

  const std::function<Answer(const Job&)> run_;
  mutable std::mutex mutex_{};
  std::condition_variable changed_{};
  std::deque<Job> waiting_{};
  std::vector<Done> done_{};
  std::function<bool(std::function<void()>)> on_service_{};
  bool stop_ = false;
  std::vector<std::thread> threads_{};
};

}  // namespace zegocall::gateway_detail
