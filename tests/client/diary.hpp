// What the callbacks of a client said, in order, for threads that wait for it.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "zegocall/client.hpp"

namespace zegocall::client_test {

inline constexpr std::chrono::seconds patience{20};

class Diary {
 public:
  void note(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Waits until it is there so often.
  bool saw(const std::string& line, std::ptrdiff_t times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return std::count(lines_.begin(), lines_.end(), line) >= times; });
  }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  std::ptrdiff_t count(const std::string& line) {
    const std::scoped_lock lock(mutex_);
    return std::count(lines_.begin(), lines_.end(), line);
  }
  /// "connected", "waiting unreachable", ...
  StateListener states(std::string prefix = {}) {
    return [this, prefix](ClientState state, const Error& why) {
      const bool says_why = state == ClientState::closed || state == ClientState::waiting;
      note(prefix + std::string(name(state)) + (says_why ? " " + std::string(name(why.code)) : ""));
    };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace zegocall::client_test
