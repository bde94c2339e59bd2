// What happened over many seeds, so that one sees that nothing is never reached.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace zegocall::sim {

class Stats {
 public:
  /// One more of "event leg.final", "outcome busy", "refusal accept already_done", ...
  void count(std::string_view kind, std::string_view word, std::string_view more = {}) {
    key_.assign(kind).append(" ").append(word);
    if (!more.empty()) key_.append(" ").append(more);
    ++counts_[key_];
  }
  void add(const Stats& other) {
    for (const auto& [key, count] : other.counts_) counts_[key] += count;
  }
  std::uint64_t of(const std::string& key) const {
    const auto found = counts_.find(key);
    return found == counts_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::uint64_t>& all() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_{};
  std::string key_{};
};

}  // namespace zegocall::sim
