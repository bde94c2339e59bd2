// The provider's callbacks on their way into a server: put in order (zego/room_order.hpp), then told to the calls.
#pragma once

#include <vector>

#include "sim/script.hpp"
#include "zegocall/zego/room_order.hpp"

namespace zegocall::sim {

/// What one process has heard. Thread-compatible.
class Provider {
 public:
  explicit Provider(UnixTime began) : began_(began) {}

  /// What it means for the calls, in order.
  std::vector<Command> hear(const Callback& callback, UnixTime now);
  /// What time alone changes.
  std::vector<Command> pass(UnixTime now);
  /// When pass() has something to do; what arrived out of order waits so long.
  std::optional<UnixTime> deadline() const { return order_.deadline(); }
  /// A new process knows nothing.
  void forget();
  /// I14: what was heard leads to the same rooms when it is told in the provider's own order and each once. Says nothing
  /// while something waits for what may still come. Throws Broken. True if it had something to say.
  bool check(UnixTime now) const;

 private:
  ProviderEvent event_of(const Callback& callback) const;
  std::vector<Command> changes();

  UnixTime began_;
  RoomOrder order_{};
  std::vector<Callback> heard_{};
  UnixTime first_{};  ///< when the oldest of them came
};

}  // namespace zegocall::sim
