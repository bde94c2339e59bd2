// A call's log as a sequence diagram: a lifeline for the call and one for each device, an arrow for each event. Pure; any
// thread. Every text is printable() and no longer than a line can hold, whatever the log says.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall {

/// A vertical line. The call's own has neither user nor device; a device that is not known is empty.
struct Lifeline {
  UserId user{};
  DeviceId device{};
  bool operator==(const Lifeline&) const = default;
};

/// One row. arrow: from one lifeline to another; lost: likewise, but it did not get there by itself (a link that broke);
/// remark: beside the lifeline `from`; banner: across all of them.
struct SequenceStep {
  enum class Kind : std::uint8_t { arrow, lost, remark, banner };
  Kind kind = Kind::arrow;
  std::size_t from = 0, to = 0;        ///< indices of SequenceDiagram::lifelines
  std::chrono::milliseconds after{0};  ///< since the call was created
  Version version{};
  std::string text{};
};

/// What a device does over a stretch of rows: from `first` to `last`, both included.
struct SequenceBar {
  enum class Is : std::uint8_t { ringing, in, in_grace };
  std::size_t lifeline = 0;
  Is is = Is::ringing;
  std::size_t first = 0, last = 0;
};

struct SequenceDiagram {
  std::string title{};  ///< "call 42, video: answered, hangup"
  UnixTime start{};
  std::vector<Lifeline> lifelines{};  ///< the caller's, the call's, then the others as they come in
  std::size_t call = 0;               ///< index of the call's lifeline
  std::vector<SequenceStep> steps{};
  std::vector<SequenceBar> bars{};
  std::size_t left_out = 0;  ///< events that are not drawn because there were too many
};

/// How big a diagram may get; what does not fit is counted, not drawn.
struct SequenceOptions {
  std::size_t lifelines_max = 16;  ///< the call's included; further devices are told of beside the call. At least 2
  std::size_t steps_max = 2000;
};

/// store_corrupt: the log is empty, has a gap, or does not begin with call.created.
Result<SequenceDiagram> sequence_of(std::span<const CallEvent> log, const SequenceOptions& options = {});

/// For a terminal: columns of code points.
std::string to_text(const SequenceDiagram& diagram);
/// A complete, well-formed SVG document that needs nothing else: no script, no font, no link.
std::string to_svg(const SequenceDiagram& diagram);

}  // namespace zegocall
