#include "sim/batch.hpp"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

namespace zegocall::sim {
namespace {

thread_local std::uint64_t seed_in_hand = 0;

/// Signal-safe: which seed it was that made the library stop.
void say_seed(int) {
  std::array<char, 64> line{"simulator: the program stopped in seed "};
  char* const begin = line.data() + std::strlen(line.data());
  char* const end = std::to_chars(begin, line.data() + line.size() - 1, seed_in_hand).ptr;
  *end = '\n';
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), static_cast<std::size_t>(end + 1 - line.data()));
}

class Batch {
 public:
  explicit Batch(const BatchOptions& options) : options_(options), next_(options.from) {}

  BatchResult run() {
    const auto before = std::signal(SIGABRT, say_seed);
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < options_.threads; ++i) helpers.emplace_back([this] { work(); });
    work();
    for (std::thread& helper : helpers) helper.join();
    (void)std::signal(SIGABRT, before);
    std::sort(result_.broken.begin(), result_.broken.end(),
              [](const Verdict& a, const Verdict& b) { return a.script.setup.seed < b.script.setup.seed; });
    return std::move(result_);
  }

 private:
  void work() {
    Stats stats;
    std::uint64_t seeds = 0, steps = 0;
    while (!enough_ && (!options_.go_on || options_.go_on())) {
      const std::uint64_t seed = next_++;
      if (options_.count > 0 && seed - options_.from >= options_.count) break;
      seed_in_hand = seed;
      Verdict verdict = run_seed(seed, stats);
      ++seeds, steps += verdict.steps_done;
      if (verdict.broken) report(std::move(verdict));
    }
    const std::scoped_lock lock(mutex_);
    result_.seeds += seeds, result_.steps += steps;
    result_.stats.add(stats);
  }
  void report(Verdict verdict) {
    const std::scoped_lock lock(mutex_);
    if (options_.on_broken) options_.on_broken(verdict);
    result_.broken.push_back(std::move(verdict));
    enough_ = result_.broken.size() >= options_.failures_max;
  }

  const BatchOptions& options_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> enough_ = false;
  std::mutex mutex_;
  BatchResult result_{};
};

}  // namespace

BatchResult run_batch(const BatchOptions& options) { return Batch(options).run(); }

}  // namespace zegocall::sim
