// One question to many connections on several loops and hubs, until the last of them is through with it.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "signaling/hub/core.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/server/audience.hpp"

namespace zegocall::server_detail {

class AskState {
 public:
  /// On a loop, once.
  using Done = std::function<void(const hub_detail::AskEnd& sum, std::vector<Answer> came)>;
  /// On the loop that an answer came to, which has it to itself only here.
  using Each = std::function<void(const ConnectionId& from, const ArgsView& answer)>;

  /// `parts`: loops, and the other hubs together. With `each` the answers are that function's and not kept.
  AskState(unsigned parts, Done done, Each each = {}) : done_(std::move(done)), each_(std::move(each)), parts_left_(parts) {}

  void add(const ConnectionId& from, const ArgsView& answer) {
    if (each_) return each_(from, answer);
    std::scoped_lock lock(mutex_);
    if (parts_left_ > 0) answers_.push_back({from, Args::copy_of(answer)});
  }

  /// A part is through. True for the last one, which then calls tell().
  bool end(const hub_detail::AskEnd& part) {
    std::scoped_lock lock(mutex_);
    sum_.asked += part.asked, sum_.answered += part.answered, sum_.lost += part.lost;
    return --parts_left_ == 0;
  }

  void tell() { done_(sum_, std::move(answers_)); }

  /// Nobody has this any more. If a part of it was never begun, because its hub stops, whoever that concerns is lost.
  void drop() noexcept {
    if (parts_left_ == 0) return;
    ++sum_.asked, ++sum_.lost;
    try {
      tell();
    } catch (...) {
    }
  }

 private:
  std::mutex mutex_;
  Done done_;
  Each each_;
  std::vector<Answer> answers_;
  hub_detail::AskEnd sum_;
  unsigned parts_left_;
};

/// Why not everybody has answered, if so. `one`: the question was to a certain connection, whose absence is an error.
inline Result<void> ask_verdict(const hub_detail::AskEnd& sum, bool one) {
  if (one && sum.asked == 0) return fail(ErrorCode::closed, "the connection is gone");
  if (sum.answered + sum.lost < sum.asked) return fail(ErrorCode::timeout, "not everybody answered in time");
  if (sum.lost > 0) return fail(ErrorCode::closed, "a connection went away before it answered");
  return {};
}

}  // namespace zegocall::server_detail
