// The one promise of the service thread that everything rests on, as a check that a planted fault must fail.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "server/service_thread.hpp"

namespace zegocall::server_test {

using namespace server_detail;
using namespace std::chrono_literals;

/// What happened, in order; any thread.
class Diary {
 public:
  void add(std::string line) {
    std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::vector<std::string> lines() const {
    std::scoped_lock lock(mutex_);
    return lines_;
  }
  /// Waits until `fulfilled(lines)`; false if that does not come.
  bool wait(const std::function<bool(const std::vector<std::string>&)>& fulfilled) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::system_clock::now() + 10s, [&] { return fulfilled(lines_); });
  }
  bool wait_for(const std::string& line, std::ptrdiff_t times = 1) const {
    return wait([&](const auto& lines) { return std::count(lines.begin(), lines.end(), line) >= times; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Writes what is asked of it into the diary, and fails when told.
class Recorder final : public Driven {
 public:
  explicit Recorder(Diary& all) : diary(all) {}
  std::optional<UnixTime> deadline() override {
    std::scoped_lock lock(mutex);
    return due;
  }
  void on_deadline(Now) override {
    diary.add("deadline");
    std::scoped_lock lock(mutex);
    due.reset();
  }
  Result<void> open_group() override {
    diary.add("open");
    return open_result;
  }
  Result<void> commit_group() override {
    diary.add("commit");
    return commit_result;
  }
  void abandon_group() override { diary.add("abandon"); }
  void set_due(UnixTime when) {
    std::scoped_lock lock(mutex);
    due = when;
  }

  Diary& diary;
  std::mutex mutex;
  std::optional<UnixTime> due;
  Result<void> open_result, commit_result;
};

/// Says something, replies, and tells how it ended.
class Said final : public Work {
 public:
  Said(ServiceThread& service, Diary& diary, std::string name) : service_(service), diary_(diary), name_(std::move(name)) {}
  void run() noexcept override {
    diary_.add("run " + name_);
    service_.effects_here()->on_each_loop([&diary = diary_, name = name_](unsigned) { diary.add("frame " + name); });
  }
  void done(const Error* failure, Outbox& replies) noexcept override {
    const std::string word = failure ? std::string(zegocall::name(failure->code)) : "fine";
    replies.on_loop(0, [&diary = diary_, name = name_, word](unsigned) { diary.add("reply " + name + " " + word); });
  }
  void released() noexcept override { diary_.add("released " + name_); }

 private:
  ServiceThread& service_;
  Diary& diary_;
  std::string name_;
};

/// Two works in one group over a store whose commit succeeds or fails. True if nothing left before the commit, and what
/// left fits its outcome.
inline bool nothing_leaves_before_the_commit(bool commit_fails) {
  Diary diary;
  Recorder store(diary);
  if (commit_fails) store.commit_result = fail(ErrorCode::io_error, "disk full");
  const auto clock = make_system_clock();
  ServiceThread service({}, *clock, {&store}, [&](unsigned, std::function<void()> act) { act(); }, {});
  service.offer(std::make_unique<Said>(service, diary, "a"));
  service.offer(std::make_unique<Said>(service, diary, "b"));
  service.start();
  REQUIRE(diary.wait_for("released b"));
  service.stop();
  const std::vector<std::string> fine{"open",    "run a",        "run b",        "commit",     "frame a",
                                      "frame b", "reply a fine", "reply b fine", "released a", "released b"};
  const std::vector<std::string> failed{
      "open", "run a", "run b", "commit", "reply a store_unavailable", "reply b store_unavailable", "released a", "released b"};
  return diary.lines() == (commit_fails ? failed : fine);
}

}  // namespace zegocall::server_test
