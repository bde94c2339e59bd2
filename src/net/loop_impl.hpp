// What a Loop is made of. For src/net only: here, and in transport.cpp, libwebsockets and libuv are visible.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/net.hpp"

namespace zegocall::net_detail {

class Transport;

/// Somebody who has work to do at the end of each turn of the loop, before what was queued is written.
class TurnEnd {
 public:
  virtual ~TurnEnd() = default;
  /// True if it did something, so that another round is worth it.
  virtual bool on_turn_end() = 0;
};

struct Loop::Impl {
  explicit Impl(LogSink sink) : log(std::move(sink)) {}
  ~Impl();
  Result<void> open();
  /// As new, for another owner.
  void clear();

  void post(std::function<void()> task);
  void close_inbox();
  void run_inbox();
  void arm_timer();
  void run_timers();
  /// Owners' work, then one write per connection that has something to say, then the end of those that must go.
  void end_turn();
  /// Everything that is registered by pointer for the end of the turn.
  void mark_dirty(Transport& transport);
  void mark_doomed(Transport& transport);
  void forget(Transport& transport);
  void add(TurnEnd& owner) { owners.push_back(&owner); }
  void remove(TurnEnd& owner) { std::erase(owners, &owner); }

  LogSink log;
  uv_loop_t uv{};
  bool uv_open = false;
  lws_context* lws = nullptr;
  lws_vhost* vhost = nullptr;
  uv_async_t wake{};
  uv_prepare_t before_poll{};
  uv_check_t after_poll{};
  uv_timer_t timer{};

  std::mutex inbox_mutex;
  std::vector<std::function<void()>> inbox;  // guarded by inbox_mutex
  bool inbox_closed = false;                 // guarded by inbox_mutex
  std::vector<std::function<void()>> running_tasks;

  TimerId last_timer = 0;
  std::map<std::pair<SteadyTime, TimerId>, std::function<void()>> timers;
  std::unordered_map<TimerId, SteadyTime> timer_times;

  std::vector<TurnEnd*> owners;
  std::vector<Transport*> dirty;
  std::vector<Transport*> doomed;
  std::vector<std::string> spare_buffers;  // write buffers between uses, so that a busy connection allocates nothing
  std::atomic<std::thread::id> runner{};
};

}  // namespace zegocall::net_detail
