// The call engine in memory: for tests and for hosts without a store.
// Driving rule: handle, drain poll(), sleep to deadline(), on_deadline().
#pragma once

#include <memory>
#include <optional>

#include "zegocall/call/decide.hpp"

namespace zegocall {

/// Owns every call it was told of and the answers it gave. Thread-compatible; no clock, no I/O.
class CallEngine {
 public:
  /// out_of_range when the policy is not allowed.
  static Result<CallEngine> open(CallPolicy policy);
  CallEngine(CallEngine&&) noexcept;
  CallEngine& operator=(CallEngine&&) noexcept;
  ~CallEngine();

  /// Decides and applies one command; its events wait in poll(). The answer is the call afterwards; for DeviceOnline and
  /// DeviceOffline an empty view. A StartCall must name its call's id. Errors: those of decide(), already_exists (the id).
  Result<CallView> handle(const Command& command, Now now);
  /// What only the host knows of the people who act: entry, do_not_disturb, blocking, caller_waits_until, templates. Holds
  /// until it is said anew. `online` and `policy` are the engine's own.
  void know(Facts facts);
  /// Fires every timer that is due at now.wall.
  void on_deadline(Now now);
  /// The next event that nobody has taken yet, in order.
  std::optional<CallEvent> poll();
  std::optional<UnixTime> deadline() const;
  /// not_found if there was never such a call. Ended calls stay until forget().
  Result<CallView> find(const CallId& call) const;
  /// Drops an ended call; invalid_state while it lives.
  Result<void> forget(const CallId& call);

 private:
  struct Impl;
  explicit CallEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
