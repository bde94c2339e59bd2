#include "server/service_thread.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace zegocall::server_detail {
namespace {

using namespace std::chrono_literals;

// Which service thread the calling thread is. Written at its start only.
thread_local ServiceThread* t_service = nullptr;

// After a group that failed, due deadlines wait this long, so that a broken store is not asked in a tight loop.
constexpr auto pause_after_failure = 100ms;
// A sleep is never longer: the wall clock may be set while we sleep.
constexpr auto sleep_max = 1s;

}  // namespace

void Outbox::release(unsigned loops, const Post& post) {
  if (items_.empty()) return;
  for (unsigned loop = 0; loop < loops; ++loop) {
    const bool last = loop + 1 == loops;
    std::vector<Effect> mine;
    for (Item& item : items_) {
      if (!item.every_loop && item.loop != loop) continue;
      mine.push_back(last || !item.every_loop ? std::move(item.effect) : item.effect);
    }
    if (mine.empty()) continue;
    post(loop, [loop, mine = std::move(mine)] {
      for (const Effect& effect : mine) effect(loop);
    });
  }
  items_.clear();
}

ServiceThread::ServiceThread(ServiceOptions options, Clock& clock, std::vector<Driven*> driven, Outbox::Post post, LogSink log)
    : options_(options),
      clock_(clock),
      driven_(std::move(driven)),
      post_(std::move(post)),
      log_(log ? std::move(log) : no_log()) {}

ServiceThread::~ServiceThread() { stop(); }

void ServiceThread::start() {
  thread_ = std::thread([this] { main(); });
}

bool ServiceThread::push(std::unique_ptr<Work> work, bool reserved) {
  std::scoped_lock lock(mutex_);
  if (stop_ || (!reserved && queue_.size() >= options_.mailbox_max)) {
    counters_.refused.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  queue_.push_back(std::move(work));
  counters_.waiting.store(queue_.size(), std::memory_order_relaxed);
  if (queue_.size() > counters_.waiting_most.load(std::memory_order_relaxed)) counters_.waiting_most.store(queue_.size());
  if (queue_.size() == 1) changed_.notify_one();
  return true;
}

bool ServiceThread::offer(std::unique_ptr<Work> work) { return push(std::move(work), false); }
bool ServiceThread::insist(std::unique_ptr<Work> work) { return push(std::move(work), true); }

std::unique_ptr<Work> ServiceThread::pop() {
  std::scoped_lock lock(mutex_);
  if (queue_.empty()) return nullptr;
  auto work = std::move(queue_.front());
  queue_.pop_front();
  counters_.waiting.store(queue_.size(), std::memory_order_relaxed);
  return work;
}

void ServiceThread::wake() {
  std::scoped_lock lock(mutex_);
  look_again_ = true;
  changed_.notify_one();
}

void ServiceThread::request_stop() {
  std::scoped_lock lock(mutex_);
  stop_ = true;
  changed_.notify_one();
}

void ServiceThread::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
  refuse_rest();
}

bool ServiceThread::stopping() {
  std::scoped_lock lock(mutex_);
  return stop_;
}

bool ServiceThread::on_this_thread() const { return t_service == this; }
Outbox* ServiceThread::effects_here() { return t_service == this ? &effects_ : nullptr; }

void ServiceThread::main() {
  t_service = this;
  look_at_deadlines();
  while (wait_for_work()) run_group();
}

bool ServiceThread::wait_for_work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop_) return false;
    if (!queue_.empty()) return true;
    if (std::exchange(look_again_, false)) {
      lock.unlock();
      look_at_deadlines();
      lock.lock();
      continue;
    }
    if (!deadline_) {
      changed_.wait(lock);
      continue;
    }
    const Now now = clock_.now();
    if (*deadline_ <= now.wall && deadlines_not_before_ <= now.steady) return true;
    std::chrono::nanoseconds sleep = std::clamp<std::chrono::nanoseconds>(*deadline_ - now.wall, 0ns, sleep_max);
    sleep = std::max<std::chrono::nanoseconds>(sleep, deadlines_not_before_ - now.steady);
    changed_.wait_for(lock, std::min<std::chrono::nanoseconds>(sleep, sleep_max));
  }
}

void ServiceThread::run_group() {
  std::vector<std::unique_ptr<Work>> works;
  std::optional<Error> failure = open_group();
  take_works(works, !failure);
  if (!failure) {
    try {
      run_deadlines();
    } catch (const std::exception& e) {
      log_(LogLevel::error, std::string("a deadline's handler threw: ") + e.what());
      failure = Error{ErrorCode::internal, {}, "a deadline's handler failed"};
      for (Driven* driven : driven_) driven->abandon_group();
    }
  }
#ifdef ZEGOCALL_FAULT_SEND_BEFORE_COMMIT
  if (!failure) finish(works, failure), works.clear();
#endif
  if (!failure) failure = commit_group();
  finish(works, failure);
  look_at_deadlines();
}

std::optional<Error> ServiceThread::open_group() {
  for (std::size_t i = 0; i < driven_.size(); ++i) {
    auto opened = driven_[i]->open_group();
    if (opened) continue;
    for (std::size_t n = 0; n < i; ++n) driven_[n]->abandon_group();
    return std::move(opened).error();
  }
  return std::nullopt;
}

void ServiceThread::take_works(std::vector<std::unique_ptr<Work>>& works, bool run) {
  const SteadyTime end = clock_.now().steady + options_.group_time;
  while (works.size() < options_.group_max) {
    auto work = pop();
    if (!work) return;
    if (run) work->run();
    works.push_back(std::move(work));
    if (clock_.now().steady >= end) return;
  }
}

void ServiceThread::run_deadlines() {
  for (Driven* driven : driven_) {
    const Now now = clock_.now();
    if (now.steady < deadlines_not_before_) return;
    const auto due = driven->deadline();
    if (!due || *due > now.wall) continue;
    counters_.deadlines.fetch_add(1, std::memory_order_relaxed);
    driven->on_deadline(now);
  }
}

std::optional<Error> ServiceThread::commit_group() {
  for (std::size_t i = 0; i < driven_.size(); ++i) {
    auto committed = driven_[i]->commit_group();
    if (committed) continue;
    for (std::size_t n = i + 1; n < driven_.size(); ++n) driven_[n]->abandon_group();
    return std::move(committed).error();
  }
  return std::nullopt;
}

void ServiceThread::finish(std::vector<std::unique_ptr<Work>>& works, const std::optional<Error>& failure) {
  counters_.works.fetch_add(works.size(), std::memory_order_relaxed);
  counters_.groups.fetch_add(1, std::memory_order_relaxed);
  counters_.failing.store(failure.has_value(), std::memory_order_relaxed);
  const Error unavailable{ErrorCode::store_unavailable, {}, "nothing was changed; try again"};
  if (failure) {
    counters_.commits_failed.fetch_add(1, std::memory_order_relaxed);
    log_(LogLevel::error, "a group was not committed: " + to_string(*failure));
    effects_.clear();
    deadlines_not_before_ = clock_.now().steady + pause_after_failure;
  }
  for (auto& work : works) work->done(failure ? &unavailable : nullptr, effects_);
  std::unique_lock<std::mutex> order;
  if (options_.order) order = std::unique_lock(*options_.order);
  effects_.release(options_.loops, post_);
  for (auto& work : works) work->released();
}

void ServiceThread::look_at_deadlines() {
  deadline_.reset();
  for (Driven* driven : driven_) {
    const auto due = driven->deadline();
    if (due && (!deadline_ || *due < *deadline_)) deadline_ = due;
  }
}

void ServiceThread::refuse_rest() {
  const Error closed{ErrorCode::closed, {}, "the server has stopped"};
  Outbox nobody;
  while (auto work = pop()) {
    work->done(&closed, nobody);
    work->released();
  }
}

}  // namespace zegocall::server_detail
