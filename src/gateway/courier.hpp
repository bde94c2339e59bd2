// Carries a queue's jobs (WebhookQueue, ProviderQueue) to another server: planned in a group, started after its commit,
// answered on the service thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/errands.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::gateway_detail {

template <class Queue, class Job, class Answer>
class Courier {
 public:
  Courier(Queue& queue, Store& store, unsigned threads, std::function<Answer(const Job&)> run)
      : queue_(queue), store_(store), errands_(threads, std::move(run)) {}

  void attach(Namespace& ns) { errands_.attach(ns); }

  std::optional<UnixTime> deadline() {
    if (errands_.has_answers()) return UnixTime{};
    const UnixTime look = looked_ + look_every;
    const auto next = queue_.deadline();
    return next ? std::min(*next, look) : look;
  }

  void on_deadline(Now now) {
    looked_ = now.wall;
    // A failure of the store leaves the message where it is: it is sent again, with the same id.
    for (const auto& sent : errands_.take_answers()) (void)queue_.finished(sent.job, sent.answer, now);
    auto taken = queue_.take(now);
    if (taken) std::move(taken->begin(), taken->end(), std::back_inserter(planned_));
  }

  Result<void> commit_group() {
    if (planned_.empty()) return {};
    if (store_.in_transaction()) {
      abandon_group();
      return fail_field(ErrorCode::invalid_state, "driven", "who sends must stand behind the gateway");
    }
    errands_.start(std::exchange(planned_, {}));
    return {};
  }

  void abandon_group() {
    for (const Job& job : planned_) queue_.given_back(job);
    planned_.clear();
  }

 private:
  // What another process put there (zegocall outbox replay) shows itself to nobody.
  static constexpr auto look_every = std::chrono::seconds(5);

  Queue& queue_;
  Store& store_;
  std::vector<Job> planned_{};  // taken in this group; sent once it is committed
  UnixTime looked_{};
  Errands<Job, Answer> errands_;
};

}  // namespace zegocall::gateway_detail
