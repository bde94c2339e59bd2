// Deadlines of things that all wait equally long: first armed, first due. Nothing is scanned, nothing allocated.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "zegocall/base/time.hpp"

namespace zegocall::hub_detail {

/// A place in at most one TimerQueue. Its owner keeps it at one address while it is armed.
struct TimerNode {
  TimerNode* prev = nullptr;
  TimerNode* next = nullptr;
  SteadyTime at{};
  std::uint32_t owner = 0;  ///< the index of whoever waits

  bool armed() const { return next != nullptr; }
  void disarm() {
    if (!armed()) return;
    prev->next = next;
    next->prev = prev;
    prev = next = nullptr;
  }
};

class TimerQueue {
 public:
  explicit TimerQueue(std::chrono::nanoseconds wait) : wait_(wait) {
    ends_.prev = ends_.next = &ends_;
    ends_.at = SteadyTime::max();
  }
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  /// The nodes' owners may outlive the queue.
  ~TimerQueue() {
    while (ends_.next != &ends_) ends_.next->disarm();
  }

  void arm(TimerNode& node, SteadyTime now) {
    node.disarm();
    const SteadyTime last = ends_.prev == &ends_ ? now + wait_ : ends_.prev->at;
    node.at = std::max(now + wait_, last);  // a clock that steps back must not break the order
    node.prev = ends_.prev;
    node.next = &ends_;
    node.prev->next = node.next->prev = &node;
  }
  /// SteadyTime::max() if nobody waits.
  SteadyTime next() const { return ends_.next->at; }
  /// Disarms and returns the first that is due; null if none is.
  TimerNode* take_due(SteadyTime now) {
    TimerNode* first = ends_.next;
    if (first == &ends_ || first->at > now) return nullptr;
    first->disarm();
    return first;
  }

 private:
  std::chrono::nanoseconds wait_;
  TimerNode ends_;
};

}  // namespace zegocall::hub_detail
