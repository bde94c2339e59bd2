// How a server ends: in order, or at once.
#include <algorithm>

#include "base/ask_time.hpp"
#include "server/loop_host.hpp"
#include "server/server.hpp"

namespace zegocall::server_detail {
namespace {

using namespace std::chrono_literals;

}  // namespace

bool Server::wait_until(SteadyTime end, const std::function<bool()>& fulfilled) {
  // What is waited for is counted on other threads without a lock, so it is looked at now and then.
  std::unique_lock lock(mutex_);
  while (!fulfilled()) {
    if (stop_requested_ || system_now().steady >= end) return false;
    changed_.wait_for(lock, 2ms);
  }
  return true;
}

void Server::on_every_loop_and_wait(const std::function<void(LoopHost&)>& act) {
  auto left = std::make_shared<std::atomic<unsigned>>(loops());
  post_to_all([act, left](LoopHost& host) { act(host), left->fetch_sub(1); });
  (void)wait_until(SteadyTime::max(), [&] { return left->load() == 0; });
}

std::size_t Server::close_all_sessions() {
  auto sessions = std::make_shared<std::atomic<std::size_t>>(0);
  on_every_loop_and_wait([sessions](LoopHost& host) { *sessions += host.close_sessions(); });
  return sessions->load();
}

void Server::linger(SteadyTime end) {
  while (system_now().steady < end) {
    auto open = std::make_shared<std::atomic<std::uint64_t>>(0);
    on_every_loop_and_wait([open](LoopHost& host) { *open += host.sessions(); });
    if (open->load() == 0) return;
    if (wait_until(std::min(end, system_now().steady + 20ms), [this] { return stop_requested_; })) return;
  }
}

void Server::drain(const DrainOptions& options) {
  ZC_ASSERT(!on_own_thread());
  const SteadyTime now = system_now().steady;
  const SteadyTime end = base_detail::ask_end(now, options.grace), linger_end = base_detail::ask_end(now, options.linger);
  draining_ = true;
  on_every_loop_and_wait([](LoopHost& host) {
    host.stop_sessions();
    host.tell_all("server_draining");
  });
  const auto quiet = [this] { return in_flight_.count() == 0; };
  (void)wait_until(end, quiet);
  linger(std::min(end, linger_end));
  on_every_loop_and_wait([](LoopHost& host) { host.stop_listening(); });
  while (close_all_sessions() > 0 && system_now().steady < end) continue;
  (void)wait_until(end, quiet);
  stop();
}

bool Server::on_own_thread() { return here() || service_->on_this_thread() || workers_->on_this_pool(); }

void Server::wait() {
  ZC_ASSERT(!on_own_thread());
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_requested_ || stopped_; });
  }
  join();
}

void Server::stop() {
  {
    std::scoped_lock lock(mutex_);
    // What is told at the end of a question that came too late may call this on the thread that stops.
    if (stopped_ || joiner_ == std::this_thread::get_id()) return;
    stop_requested_ = true;
  }
  changed_.notify_all();
  service_->request_stop();
  for (auto& host : hosts_) host->request_stop();
  if (!on_own_thread()) join();
}

void Server::join() {
  {
    std::unique_lock lock(mutex_);
    if (joining_) return changed_.wait(lock, [this] { return stopped_; });
    joining_ = true;
    joiner_ = std::this_thread::get_id();
  }
  clock_->unsubscribe(this);
  if (bus_link_) bus_link_->close();
  service_->stop();  // first: a worker may wait for it
  workers_->stop();
  for (auto& host : hosts_) host->join();
  std::scoped_lock lock(mutex_);
  stopped_ = true;
  joiner_ = {};
  changed_.notify_all();
}

}  // namespace zegocall::server_detail
