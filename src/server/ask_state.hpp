// One question to many connections on several loops, until the last of them is through with it.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "signaling/hub/core.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

struct AskState {
  using Done = std::function<void(Result<std::vector<Args>>)>;
  /// `one`: the question is to a certain connection, whose absence is an error.
  AskState(Done when_done, unsigned loops, bool to_one) : done(std::move(when_done)), loops_left(loops), one(to_one) {}

  void add(const ArgsView& answer) {
    std::scoped_lock lock(mutex);
    answers.push_back(Args::copy_of(answer));
  }

  /// A loop is through. True for the last one, which then calls tell().
  bool end(const hub_detail::AskEnd& part) {
    std::scoped_lock lock(mutex);
    asked += part.asked, answered += part.answered, lost += part.lost;
    return --loops_left == 0;
  }

  void tell() {
    if (one && asked == 0) return done(fail(ErrorCode::closed, "the connection is gone"));
    if (answered + lost < asked) return done(fail(ErrorCode::timeout, "not everybody answered in time"));
    if (lost > 0) return done(fail(ErrorCode::closed, "a connection went away before it answered"));
    done(std::move(answers));
  }

  std::mutex mutex;
  Done done;
  std::vector<Args> answers;
  std::size_t asked = 0, answered = 0, lost = 0;
  unsigned loops_left;
  bool one;
};

}  // namespace zegocall::server_detail
