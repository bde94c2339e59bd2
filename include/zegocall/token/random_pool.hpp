// The system's random bytes, fetched a page at a time: the way to thousands of tokens in a millisecond.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "zegocall/base/random.hpp"

namespace zegocall {

/// Bytes of the operating system's generator, kept on pages of its own: the kernel wipes them in the child of a fork and
/// leaves them out of core dumps, and each byte is overwritten when it is handed out. So no two calls, threads or
/// processes ever get the same bytes. Any thread, several at once. Where the system cannot wipe pages, or for more than
/// a page, each call asks the system. A copy of a running virtual machine has a copy of the pool: restart it there.
class RandomPool final : public ByteSource {
 public:
  RandomPool();
  ~RandomPool() override;
  RandomPool(const RandomPool&) = delete;
  RandomPool& operator=(const RandomPool&) = delete;

  void fill(std::span<std::byte> out) override;

 private:
  struct Page;
  static constexpr std::size_t pages = 8;
  Page* pages_ = nullptr;  ///< null: no pages that a fork wipes
};

}  // namespace zegocall
