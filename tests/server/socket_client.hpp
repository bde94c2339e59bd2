// A Socket.IO client of a few lines over a raw WebSocket, and a store for hubs whose commits can be held up and failed.
#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

#include "net/raw_client.hpp"
#include "zegocall/hub.hpp"

namespace zegocall::server_test {

using namespace std::chrono_literals;
using net_test::RawClient;

inline RawClient::Answer request(std::uint16_t port, const std::string& head, const std::string& body = {}) {
  RawClient client(port);
  const std::string length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  client.write(head + "\r\nHost: test\r\n" + length + "\r\n" + body);
  return client.read_answer(!head.starts_with("HEAD"));
}
inline RawClient::Answer get(std::uint16_t port, const std::string& path, const std::string& more = {}) {
  return request(port, "GET " + path + " HTTP/1.1" + (more.empty() ? "" : "\r\n" + more));
}
inline RawClient::Answer post(std::uint16_t port, const std::string& path, const std::string& body) {
  return request(port, "POST " + path + " HTTP/1.1", body);
}

class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port, std::string_view path = "/socket.io/", std::string_view more = {}) : raw_(port) {
    raw_.write("GET " + std::string(path) + "?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n" +
               "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
               std::string(more) + "\r\n");
    upgrade_ = raw_.read_until("\r\n\r\n");
    if (upgraded()) open_ = hear();
  }
  /// Joins a namespace; what the server answers ("0{"sid":...}" or "4{...}").
  std::string join(std::string_view auth = "{}", std::string_view ns = "") {
    say("0" + std::string(ns) + (ns.empty() ? "" : ",") + std::string(auth));
    return hear_packet();
  }
  bool upgraded() const { return upgrade_.starts_with("HTTP/1.1 101"); }
  const std::string& upgrade_answer() const { return upgrade_; }
  const std::string& open_packet() const { return open_; }

  /// A Socket.IO packet: `2["event",1]`.
  void say(std::string_view packet) { write("4" + std::string(packet)); }
  /// An Engine.IO message.
  void write(std::string_view message) { raw_.write(RawClient::frame(0x81, message)); }
  /// The next Socket.IO packet, without the Engine.IO digit; empty at the end.
  std::string hear_packet() {
    const std::string message = hear();
    return message.starts_with("4") ? message.substr(1) : "(" + message + ")";
  }
  std::string hear() {
    for (;;) {
      const auto frame = raw_.read_frame();
      if (frame.opcode < 0 || frame.opcode == 8) return {};
      if (frame.payload != "2") return frame.payload;
      write("3");
    }
  }
  /// Nothing has arrived that was not read.
  bool silent() { return raw_.received().empty() && !raw_.read_some(0ms); }
  RawClient& raw() { return raw_; }

 private:
  RawClient raw_;
  std::string upgrade_, open_;
};

/// Commits when it is let.
class GateStore final : public Driven {
 public:
  std::optional<UnixTime> deadline() override { return std::nullopt; }
  void on_deadline(Now) override {}
  Result<void> commit_group() override {
    std::unique_lock lock(mutex_);
    ++commits_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !closed_; });
    return failing_ ? Result<void>(fail(ErrorCode::io_error, "disk full")) : Result<void>();
  }
  void close_gate() {
    std::scoped_lock lock(mutex_);
    closed_ = true;
    commits_ = 0;
  }
  void open_gate() {
    std::scoped_lock lock(mutex_);
    closed_ = false;
    changed_.notify_all();
  }
  void set_failing(bool failing) {
    std::scoped_lock lock(mutex_);
    failing_ = failing;
  }
  /// Until the service thread stands at the closed gate.
  bool wait_for_commit() {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::system_clock::now() + 10s, [this] { return commits_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false, failing_ = false;
  int commits_ = 0;
};

/// A counter that can be waited for.
class Count {
 public:
  void add() {
    std::scoped_lock lock(mutex_);
    ++value_;
    changed_.notify_all();
  }
  int value() const {
    std::scoped_lock lock(mutex_);
    return value_;
  }
  bool wait_for(int value) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::system_clock::now() + 10s, [&] { return value_ >= value; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int value_ = 0;
};

/// The value of a metric; -1 if it is not there.
inline long metric(std::uint16_t port, const std::string& name) {
  const std::string body = "\n" + get(port, "/metrics").body;
  const std::size_t at = body.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::atol(body.c_str() + at + name.size() + 2);
}

/// Waits until a metric is within the bounds; if it does not get there, that is said and the answer is false.
inline bool await_metric(std::uint16_t port, const std::string& name, long least, long most,
                         std::chrono::milliseconds limit = net_test::patience) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const long value = metric(port, name);
    if (value >= least && value <= most) return true;
    if (std::chrono::steady_clock::now() < end) continue;
    FAIL_CHECK(name << " is " << value << " after " << limit.count() << " ms, and should be from " << least << " to " << most);
    return false;
  }
}
inline bool await_at_least(std::uint16_t port, const std::string& name, long least) {
  return await_metric(port, name, least, std::numeric_limits<long>::max());
}
inline bool await_at_most(std::uint16_t port, const std::string& name, long most) { return await_metric(port, name, 0, most); }

}  // namespace zegocall::server_test
