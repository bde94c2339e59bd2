#include "server/workers.hpp"

namespace zegocall::server_detail {
namespace {
thread_local const Workers* t_pool = nullptr;
}

Workers::Workers(unsigned threads, std::size_t queue_max) : queue_max_(queue_max), idle_(threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { main(); });
}

Workers::~Workers() { stop(); }

bool Workers::offer(std::function<void()> job) {
  std::scoped_lock lock(mutex_);
  // What an idle worker is about to take does not wait.
  if (stop_ || queue_.size() >= queue_max_ + idle_) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  queue_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

bool Workers::insist(std::function<void()> job) {
  std::scoped_lock lock(mutex_);
  if (stop_) return false;
  queue_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

bool Workers::on_this_pool() const { return t_pool == this; }

void Workers::main() {
  t_pool = this;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    {
      auto job = std::move(queue_.front());
      queue_.pop_front();
      --idle_;
      lock.unlock();
      job();
    }
    lock.lock();
    ++idle_;
  }
}

void Workers::stop() {
  std::deque<std::function<void()>> dropped;
  {
    std::scoped_lock lock(mutex_);
    stop_ = true;
    dropped.swap(queue_);
    changed_.notify_all();
  }
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace zegocall::server_detail
