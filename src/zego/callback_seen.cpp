#include <map>
#include <mutex>
#include <unordered_map>

#include "zegocall/zego/callback.hpp"

namespace zegocall {
namespace {

class MemorySeenOnce final : public SeenOnce {
 public:
  explicit MemorySeenOnce(std::size_t values_max) : values_max_(values_max) {}

  Result<Seen> claim(std::string_view value, std::string_view content, UnixTime until, UnixTime now) override {
    const std::lock_guard lock(mutex_);
    forget_past(now);
    const auto [at, fresh] = values_.try_emplace(std::string(value));
    if (!fresh) return at->second.content == content ? Seen::same_content : Seen::other_content;
    if (values_.size() > values_max_) {
      values_.erase(at);
      return fail(ErrorCode::rate_limited, "more than " + std::to_string(values_max_) + " callbacks at once are remembered");
    }
    at->second = {std::string(content), by_end_.emplace(until, &at->first)};
    return Seen::first;
  }

  void release(std::string_view value) override {
    const std::lock_guard lock(mutex_);
    const auto at = values_.find(std::string(value));
    if (at == values_.end()) return;
    by_end_.erase(at->second.end);
    values_.erase(at);
  }

 private:
  using ByEnd = std::multimap<UnixTime, const std::string*>;
  struct Value {
    std::string content;
    ByEnd::iterator end;
  };

  void forget_past(UnixTime now) {
    while (!by_end_.empty() && by_end_.begin()->first < now) {
      values_.erase(values_.find(*by_end_.begin()->second));
      by_end_.erase(by_end_.begin());
    }
  }

  std::mutex mutex_;
  const std::size_t values_max_;
  std::unordered_map<std::string, Value> values_;
  ByEnd by_end_;
};

}  // namespace

std::unique_ptr<SeenOnce> make_seen_once(std::size_t values_max) { return std::make_unique<MemorySeenOnce>(values_max); }

}  // namespace zegocall
