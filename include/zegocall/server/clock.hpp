// Time in a running server is a port.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "zegocall/base/log.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// What a hub and what it drives take for the time. Any thread. `wall` never goes backwards.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now now() = 0;
  /// Calls `wake` whenever the wall time jumps, until `owner` unsubscribes. A hub wakes its service thread by it.
  virtual void subscribe(const void* owner, std::function<void()> wake);
  /// Afterwards `wake` is not running and will not be called.
  virtual void unsubscribe(const void* owner);
};

/// Wall time at the start plus steady time. When the machine's wall clock is set forward by more than a second the clock
/// follows it (logged); when it is set back the clock goes on by steady time until the machine has caught up (logged once).
/// `machine` reads both of the machine's clocks.
std::unique_ptr<Clock> make_system_clock(LogSink log = {}, std::function<Now()> machine = system_now);

/// A system clock whose wall time can be pushed forward, for tests of a running server. Steady time is the machine's:
/// connections do not time out by it.
class AdvancingClock final : public Clock {
 public:
  AdvancingClock();
  ~AdvancingClock() override;
  Now now() override;
  void subscribe(const void* owner, std::function<void()> wake) override;
  void unsubscribe(const void* owner) override;
  /// Any thread. Deadlines that have passed by it fire soon after, not inside.
  void advance(std::chrono::milliseconds by);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
