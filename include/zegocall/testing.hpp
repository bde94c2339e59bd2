// For tests of code that uses zegocall: a clock that moves when told, and bytes that are the same every time.
#pragma once

#include <cstdint>

#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// Starts at 2025-01-01T00:00:00Z. Never goes backwards.
class ManualClock {
 public:
  ManualClock();
  Now now() const { return now_; }
  void advance(std::chrono::milliseconds by);
  /// Moves to `at`, or stays if that has passed.
  void advance_to(UnixTime at);

 private:
  Now now_;
};

/// 00 01 02 ... : predictable on purpose, never for anything but tests.
class CountingBytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    for (auto& b : out) b = std::byte{next_++};
  }

 private:
  std::uint8_t next_ = 0;
};

}  // namespace zegocall
