// A TCP proxy that does to connections what networks do: cuts, resets, half-closes, delays, tears to pieces, falls silent.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>

#include "net/https_server.hpp"

namespace zegocall::net_test {

class FaultProxy final : public TestListener {
 public:
  /// What becomes of bytes, and of new connections.
  enum class Fault : unsigned char {
    none,
    silent,       ///< accepted, and nothing passes in either direction
    deaf_server,  ///< what the client says does not arrive; the server's words do
    refuse,       ///< accepted and ended at once
    reset,        ///< accepted and reset at once
    half_close,   ///< accepted; the proxy says "no more" and reads on
  };
  explicit FaultProxy(std::uint16_t target) : target_(target) {
    start([this](int socket) { serve(socket); });
  }
  ~FaultProxy() override {
    over_ = true;
    stop();
  }

  void set(Fault fault) { fault_ = fault; }
  void delay(std::chrono::milliseconds by) { delay_ms_ = static_cast<int>(by.count()); }
  /// Bytes are passed on in pieces of one to `most`, each in a packet of its own; 0 = as they come.
  void pieces(std::size_t most) { pieces_ = most; }
  void aim(std::uint16_t target) { target_ = target; }
  /// Ends every connection that is open now, on both sides.
  void cut() { ++cuts_; }
  /// The same without a FIN.
  void reset() {
    resets_ = true;
    ++cuts_;
  }

 private:
  void serve(int client);
  void pass(int client, int server);
  static void drop_hard(int socket);

  std::atomic<std::uint16_t> target_;
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<int> delay_ms_{0}, cuts_{0};
  std::atomic<std::size_t> pieces_{0};
  std::atomic<bool> resets_{false}, over_{false};
};

}  // namespace zegocall::net_test
