// A Listener in its own thread whose Handler is scripted by the test.
#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/net.hpp"
#include "net/raw_client.hpp"

namespace zegocall::net_test {

using namespace net_detail;

/// Runs a Loop in a thread, from construction to destruction.
class LoopThread {
 public:
  LoopThread() : loop_(Loop::open([this](LogLevel, std::string_view line) { note("log " + std::string(line)); }).value()) {
    thread_ = std::thread([this] { loop_->run(); });
  }
  ~LoopThread() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
  }
  Loop& loop() { return *loop_; }

  /// Runs on the loop thread and returns what it returns.
  template <class F>
  auto on_loop(F f) {
    std::mutex mutex;
    std::condition_variable done_signal;
    bool done = false;
    std::optional<std::invoke_result_t<F>> out;
    loop_->post([&] {
      out.emplace(f());
      const std::scoped_lock lock(mutex);
      done = true;
      done_signal.notify_one();
    });
    std::unique_lock lock(mutex);
    done_signal.wait(lock, [&] { return done; });
    return std::move(*out);
  }

  /// A diary of what happened, in order; any thread.
  void note(std::string line) {
    const std::scoped_lock lock(mutex_);
    diary_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Waits until a line of the diary is equal to `line`.
  bool saw(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return std::find(diary_.begin(), diary_.end(), line) != diary_.end(); });
  }
  std::vector<std::string> diary() {
    const std::scoped_lock lock(mutex_);
    return diary_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> diary_;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

/// Answers "METHOD path?query body" to everything, echoes every message; notes what it hears.
class TestServer : public LoopThread, public Handler {
 public:
  explicit TestServer(ListenOptions options = {}) {
    on_loop([&] {
      listener = Listener::open(loop(), std::move(options), *this).value();
      return 0;
    });
    port = listener->port();
  }
  ~TestServer() override {
    stop();
    listener.reset();
  }

  std::size_t body_limit(const RequestHead&) override { return body_max; }
  void on_request(PeerId peer, const RequestHead& head, std::string body) override {
    note("request " + std::string(head.path));
    if (request) return request(peer, head, std::move(body));
    listener->answer(
        peer, {.body = std::string(head.method) + " " + std::string(head.path) + "?" + std::string(head.query) + " " + body});
  }
  void on_body_begins(PeerId, const RequestHead& head) override { note("body of " + std::string(head.path)); }
  void on_request_gone(PeerId) override { note("request gone"); }
  void on_room(PeerId peer) override {
    if (room) room(peer);
  }
  std::optional<HttpAnswer> on_upgrade(PeerId peer, const RequestHead& head) override {
    return verdict ? verdict(peer, head) : std::nullopt;
  }
  void on_open(PeerId peer) override {
    last_open = peer;
    note("open");
  }
  void on_message(PeerId peer, std::string_view text, bool binary) override {
    if (message) return message(peer, text, binary);
    listener->send(peer, text, binary);
  }
  void on_close(PeerId) override { note("close"); }

  ListenerCounters counters() {
    return on_loop([this] { return listener->counters(); });
  }

  /// Waits until a counter has reached `least`.
  bool counts_up_to(std::uint64_t ListenerCounters::*which, std::uint64_t least) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (counters().*which < least)
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }
  bool counts_down_to(std::uint64_t ListenerCounters::*which, std::uint64_t most) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (counters().*which > most)
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }

  std::unique_ptr<Listener> listener;
  std::uint16_t port = 0;
  std::size_t body_max = 1000;
  PeerId last_open;  // loop thread
  std::function<void(PeerId, const RequestHead&, std::string)> request;
  std::function<void(PeerId)> room;
  std::function<std::optional<HttpAnswer>(PeerId, const RequestHead&)> verdict;
  std::function<void(PeerId, std::string_view, bool)> message;
};

}  // namespace zegocall::net_test
