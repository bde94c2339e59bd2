#include "zegocall/token/random_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <new>
#include <thread>

#include "zegocall/base/secret.hpp"

namespace zegocall {

namespace {
constexpr std::size_t page_size = 4096;
}

// All zero bytes is what the kernel leaves in the child of a fork, and means: free, and nothing left to hand out.
struct RandomPool::Page {
  struct Head {
    std::atomic<std::uint32_t> taken;
    std::uint32_t left;  ///< the unused bytes are the first of `bytes`
  };
  Head head;
  std::byte bytes[page_size - sizeof(Head)];

  bool try_take() { return head.taken.exchange(1, std::memory_order_acquire) == 0; }
  void give_back() { head.taken.store(0, std::memory_order_release); }
};

RandomPool::RandomPool() {
  static_assert(sizeof(Page) == page_size && std::atomic<std::uint32_t>::is_always_lock_free);
  if (sysconf(_SC_PAGESIZE) != static_cast<long>(page_size)) return;
  void* const memory = mmap(nullptr, pages * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  if (madvise(memory, pages * page_size, MADV_WIPEONFORK) != 0) {
    munmap(memory, pages * page_size);
    return;
  }
  static_cast<void>(madvise(memory, pages * page_size, MADV_DONTDUMP));
  pages_ = static_cast<Page*>(memory);
  for (std::size_t i = 0; i < pages; ++i) new (pages_ + i) Page;
}

RandomPool::~RandomPool() {
  if (pages_ == nullptr) return;
  wipe(pages_, pages * page_size);
  munmap(pages_, pages * page_size);
}

void RandomPool::fill(std::span<std::byte> out) {
  if (out.empty()) return;
  if (pages_ == nullptr || out.size() > sizeof pages_->bytes) return system_bytes().fill(out);
  // A thread begins at a page of its own and takes the next where another is there.
  std::size_t at = std::hash<std::thread::id>()(std::this_thread::get_id()) % pages;
  while (!pages_[at].try_take()) at = (at + 1) % pages;
  Page& page = pages_[at];
  if (page.head.left < out.size()) {
    system_bytes().fill(page.bytes);
    page.head.left = sizeof page.bytes;
  }
  page.head.left -= static_cast<std::uint32_t>(out.size());
  std::byte* const from = page.bytes + page.head.left;
  std::memcpy(out.data(), from, out.size());
  wipe(from, out.size());
  page.give_back();
}

}  // namespace zegocall
