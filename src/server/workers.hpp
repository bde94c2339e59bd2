// A small pool for what blocks: password hashing, requests to other servers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace zegocall::server_detail {

class Workers {
 public:
  /// `queue_max` jobs may wait beside those that run.
  Workers(unsigned threads, std::size_t queue_max);
  ~Workers();
  /// False: the queue is full, or the pool has stopped. Any thread. The job must not throw.
  bool offer(std::function<void()> job);
  /// As offer, but a full queue has room for it: for what has a place of its own elsewhere.
  bool insist(std::function<void()> job);
  /// Jobs that wait are dropped, those that run are waited for. Not on a worker.
  void stop();
  bool on_this_pool() const;
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void main();
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::size_t idle_ = 0;
  bool stop_ = false;
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::thread> threads_;
};

}  // namespace zegocall::server_detail
