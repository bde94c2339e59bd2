#include "zegocall/server/clock.hpp"

#include <atomic>
#include <map>
#include <mutex>

#include "zegocall/base/result.hpp"

namespace zegocall {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds drift_max = 1s;

milliseconds steady_ms(SteadyTime time) { return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()); }

class SystemClock final : public Clock {
 public:
  SystemClock(LogSink log, std::function<Now()> machine) : log_(log ? std::move(log) : no_log()), machine_(std::move(machine)) {
    const Now start = machine_();
    offset_ = (start.wall.time_since_epoch() - steady_ms(start.steady)).count();
  }

  Now now() override {
    const Now machine = machine_();
    const auto offset = milliseconds(offset_.load(std::memory_order_relaxed));
    const UnixTime ours{steady_ms(machine.steady) + offset};
    const auto drift = machine.wall - ours;
    if (drift > drift_max) return {machine.steady, follow(machine)};
    if (drift < -drift_max && !behind_.exchange(true))
      log_(LogLevel::warning, "the machine's clock was set back; going on by steady time until it has caught up");
    return {machine.steady, ours};
  }

 private:
  /// The machine's clock was set forward.
  UnixTime follow(const Now& machine) {
    const auto wanted = (machine.wall.time_since_epoch() - steady_ms(machine.steady)).count();
    auto offset = offset_.load();
    while (offset < wanted && !offset_.compare_exchange_weak(offset, wanted)) continue;
    behind_ = false;
    if (offset < wanted)
      log_(LogLevel::warning, "the machine's clock was set forward by " + std::to_string(wanted - offset) + " ms");
    return UnixTime{steady_ms(machine.steady) + milliseconds(offset_.load())};
  }

  const LogSink log_;
  const std::function<Now()> machine_;
  std::atomic<std::int64_t> offset_{0};  // wall = steady + offset, in milliseconds; only grows
  std::atomic<bool> behind_{false};
};

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): clocks that can jump keep it
void Clock::subscribe(const void*, std::function<void()>) {}
void Clock::unsubscribe(const void*) {}

std::unique_ptr<Clock> make_system_clock(LogSink log, std::function<Now()> machine) {
  return std::make_unique<SystemClock>(std::move(log), std::move(machine));
}

struct AdvancingClock::Impl {
  std::unique_ptr<Clock> machine = make_system_clock();
  std::atomic<std::int64_t> ahead{0};
  std::mutex mutex;
  std::map<const void*, std::function<void()>> wakes;
};

AdvancingClock::AdvancingClock() : impl_(std::make_unique<Impl>()) {}
AdvancingClock::~AdvancingClock() = default;

Now AdvancingClock::now() {
  Now now = impl_->machine->now();
  now.wall += milliseconds(impl_->ahead.load());
  return now;
}

void AdvancingClock::subscribe(const void* owner, std::function<void()> wake) {
  std::scoped_lock lock(impl_->mutex);
  impl_->wakes[owner] = std::move(wake);
}

void AdvancingClock::unsubscribe(const void* owner) {
  std::scoped_lock lock(impl_->mutex);
  impl_->wakes.erase(owner);
}

void AdvancingClock::advance(milliseconds by) {
  if (by > 0ms) impl_->ahead += by.count();
  std::scoped_lock lock(impl_->mutex);
  for (auto& [owner, wake] : impl_->wakes) wake();
}

}  // namespace zegocall
