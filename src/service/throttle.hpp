// How often something may be tried: by somebody, from some address. In memory, bounded, by the steady clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "zegocall/base/time.hpp"

namespace zegocall::service_detail {

/// At most `most` hits of one key within `window`. Of more than `keys_max` keys the one that was hit longest ago is
/// forgotten. Thread-compatible.
class Throttle {
 public:
  Throttle(std::size_t most, std::chrono::milliseconds window, std::size_t keys_max)
      : most_(most), window_(window), keys_max_(keys_max) {}

  /// How long until the key may be hit again; nothing: now.
  std::optional<std::chrono::milliseconds> wait(std::string_view key, SteadyTime now) const {
    const auto found = keys_.find(std::string(key));
    if (found == keys_.end() || found->second->hits.size() < most_) return std::nullopt;
    const SteadyTime free = found->second->hits.front() + window_;
    if (free <= now) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(free - now);
  }
  void hit(std::string_view key, SteadyTime now) {
    Row& row = use(std::string(key));
    while (row.hits.size() >= most_) row.hits.pop_front();
    row.hits.push_back(now);
  }
  void forget(std::string_view key) {
    const auto found = keys_.find(std::string(key));
    if (found == keys_.end()) return;
    rows_.erase(found->second);
    keys_.erase(found);
  }
  /// The newest hit did not count.
  void take_back(std::string_view key) {
    const auto found = keys_.find(std::string(key));
    if (found != keys_.end() && !found->second->hits.empty()) found->second->hits.pop_back();
  }
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    std::string key;
    std::deque<SteadyTime> hits;  // the newest `most`, oldest first
  };
  /// The key's row, made if there is none, now the newest.
  Row& use(std::string key) {
    if (const auto found = keys_.find(key); found != keys_.end()) {
      rows_.splice(rows_.end(), rows_, found->second);
      return rows_.back();
    }
    if (rows_.size() >= keys_max_) {
      keys_.erase(rows_.front().key);
      rows_.pop_front();
    }
    rows_.push_back({key, {}});
    keys_.emplace(std::move(key), std::prev(rows_.end()));
    return rows_.back();
  }

  std::size_t most_;
  std::chrono::milliseconds window_;
  std::size_t keys_max_;
  std::list<Row> rows_{};  // by last hit
  std::unordered_map<std::string, std::list<Row>::iterator> keys_{};
};

}  // namespace zegocall::service_detail
