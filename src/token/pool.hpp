// Keyed contexts of libcrypto that are idle, ready for the next use: making one costs more than using it.
#pragma once

#include <array>
#include <atomic>
#include <memory>

namespace zegocall::token_detail {

/// A few idle contexts, taken and given back by several threads at once without a lock. With more threads than places
/// the surplus contexts are made and freed, which costs time and nothing else.
template <class Context, auto free_context>
class Pool {
 public:
  struct Free {
    void operator()(Context* context) const { free_context(context); }
  };
  using Owned = std::unique_ptr<Context, Free>;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (auto& place : idle_) free_context(place.load(std::memory_order_relaxed));
  }

  /// An idle context, or null: then the caller makes one.
  Owned take() {
    for (auto& place : idle_) {
      if (place.load(std::memory_order_relaxed) == nullptr) continue;
      if (Context* context = place.exchange(nullptr, std::memory_order_acquire)) return Owned(context);
    }
    return nullptr;
  }
  void give_back(Owned context) {
    for (auto& place : idle_) {
      Context* expected = nullptr;
      if (place.compare_exchange_strong(expected, context.get(), std::memory_order_release, std::memory_order_relaxed)) {
        static_cast<void>(context.release());
        return;
      }
    }
  }

 private:
  std::array<std::atomic<Context*>, 8> idle_{};
};

}  // namespace zegocall::token_detail
