// The one thread that may use stores: a bounded mailbox, groups that commit together, and nothing that leaves before.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "zegocall/base/log.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/server/clock.hpp"

namespace zegocall::server_detail {

/// What leaves for the loops when a group has ended, in order.
class Outbox {
 public:
  using Effect = std::function<void(unsigned loop)>;
  using Post = std::function<void(unsigned loop, std::function<void()>)>;

  void on_loop(unsigned loop, Effect effect) { items_.push_back({loop, false, std::move(effect)}); }
  void on_each_loop(Effect effect) { items_.push_back({0, true, std::move(effect)}); }
  /// One post for each loop that has something, and none for the others. Empty afterwards.
  void release(unsigned loops, const Post& post);
  void clear() { items_.clear(); }
  bool empty() const { return items_.empty(); }

 private:
  struct Item {
    unsigned loop;
    bool every_loop;
    Effect effect;
  };
  std::vector<Item> items_;
};

/// Something for the service thread to do.
class Work {
 public:
  virtual ~Work() = default;
  /// In a group; keeps its result for done().
  virtual void run() noexcept = 0;
  /// The group was committed, or (`failure`) it was not and nothing of it was said; run() may then not have been called.
  /// Adds the replies, which follow everything that the group said.
  virtual void done(const Error* failure, Outbox& replies) noexcept = 0;
  /// Everything that the group said has been posted to the loops.
  virtual void released() noexcept {}
};

struct ServiceOptions {
  std::size_t mailbox_max = 4096;
  std::size_t group_max = 64;
  std::chrono::milliseconds group_time{2};
  unsigned loops = 1;
  std::mutex* order = nullptr;  ///< held while a group is handed to the loops; outlives the thread
};

/// Since the start; any thread.
struct ServiceCounters {
  std::atomic<std::uint64_t> works{0}, groups{0}, commits_failed{0}, refused{0}, deadlines{0}, waiting{0}, waiting_most{0};
  std::atomic<bool> failing{false};  ///< the last group did not commit
};

class ServiceThread {
 public:
  /// Clock and driven objects outlive it. Nothing runs before start().
  ServiceThread(ServiceOptions options, Clock& clock, std::vector<Driven*> driven, Outbox::Post post, LogSink log);
  ~ServiceThread();
  void start();
  /// False, and the work is gone: the mailbox is full or the thread has stopped. Any thread.
  bool offer(std::unique_ptr<Work> work);
  /// As offer, but a full mailbox has room for it (disconnects, what must not be lost).
  bool insist(std::unique_ptr<Work> work);
  /// The wall time jumped: look at the deadlines again. Any thread.
  void wake();
  /// Ends after the present group; what still waits is done() with `closed`. Any thread.
  void request_stop();
  /// request_stop and join; not on the service thread.
  void stop();

  /// Where a call on this service thread says what is to leave with the group; nullptr elsewhere.
  Outbox* effects_here();
  bool on_this_thread() const;
  /// request_stop was called. Any thread.
  bool stopping();
  const ServiceCounters& counters() const { return counters_; }

 private:
  bool push(std::unique_ptr<Work> work, bool reserved);
  std::unique_ptr<Work> pop();
  void main();
  bool wait_for_work();
  void run_group();
  std::optional<Error> open_group();
  void take_works(std::vector<std::unique_ptr<Work>>& works, bool run);
  void run_deadlines();
  std::optional<Error> commit_group();
  void finish(std::vector<std::unique_ptr<Work>>& works, const std::optional<Error>& failure);
  void look_at_deadlines();
  void refuse_rest();

  const ServiceOptions options_;
  Clock& clock_;
  const std::vector<Driven*> driven_;
  const Outbox::Post post_;
  const LogSink log_;
  ServiceCounters counters_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Work>> queue_;
  bool stop_ = false, look_again_ = false;
  std::thread thread_;

  // The service thread's own.
  Outbox effects_;
  std::optional<UnixTime> deadline_;
  SteadyTime deadlines_not_before_{};
};

}  // namespace zegocall::server_detail
