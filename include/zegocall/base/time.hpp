// Time is an argument. Two types, so that a mix-up does not compile: durations are measured with SteadyTime, stored
// instants are UnixTime. Only the edge of a program reads a clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "zegocall/base/result.hpp"

namespace zegocall {

using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using UnixTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// One reading of both clocks.
struct Now {
  SteadyTime steady{};
  UnixTime wall{};
};

/// Reads the machine's clocks. Any thread.
Now system_now();

/// "2025-01-01T00:00:00.000Z", always UTC and always with milliseconds.
std::string iso8601(UnixTime time);

/// Something that a server's service thread drives. Called on that thread only, one call at a time. A group is a run
/// of handlers and due deadlines whose effects leave together: open_group comes first, and nothing that a handler said
/// leaves before commit_group succeeded. When it fails, every caller in the group gets the error and nothing is sent.
class Driven {
 public:
  virtual ~Driven() = default;
  /// When on_deadline is due next, or nothing.
  virtual std::optional<UnixTime> deadline() = 0;
  /// Some time at or after deadline(). May do a bounded part of the work and leave the deadline in the past.
  virtual void on_deadline(Now now) = 0;
  virtual Result<void> open_group() { return {}; }
  virtual Result<void> commit_group() { return {}; }
  /// The group's handlers ran, but it will not be committed.
  virtual void abandon_group() {}
};

}  // namespace zegocall
