#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "zegocall/base/log.hpp"

namespace zegocall {

/// Keeps what a sink is told.
class Lines {
 public:
  LogSink sink() {
    return [this](LogLevel, std::string_view line) {
      std::scoped_lock lock(mutex_);
      lines_.emplace_back(line);
      changed_.notify_all();
    };
  }
  /// The first line with this in it, waited for; empty if there is none.
  std::string with(std::string_view part) {
    std::unique_lock lock(mutex_);
    std::string out;
    changed_.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10), [&] {
      for (const std::string& line : lines_)
        if (line.find(part) != std::string::npos) return out = line, true;
      return false;
    });
    return out;
  }
  std::string all() {
    std::scoped_lock lock(mutex_);
    std::string out;
    for (const std::string& line : lines_) out += line + "\n";
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace zegocall
