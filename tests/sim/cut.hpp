// A cut in the network: some people's devices, or the provider, do not reach the server for a while, nor it them. What they
// send meanwhile waits, and arrives all at once when the cut heals; not so what somebody sent whose link the server had
// given up by then, or what the provider has tried too often. A cut is no line of a script: what it did to others is.
#pragma once

#include <vector>

#include "sim/script.hpp"

namespace zegocall::sim {

class Cut {
 public:
  bool is_on() const { return on_; }
  bool is_of_provider() const { return provider_; }
  /// How many there were with this one: what was meant for an earlier one is nothing to a later one.
  int number() const { return number_; }
  /// Whether this device is on the other side; for somebody without a device, whether one of theirs is.
  bool holds(const Actor& actor) const;
  const std::vector<Actor>& devices() const { return devices_; }

  void begin(std::vector<Actor> devices, bool provider);
  /// True if this line does not get through now; it waits for the heal.
  bool stops(const Step& step, milliseconds now);
  /// The server has given up the link of this device.
  void give_up(const Actor& device) { given_up_.push_back(device); }
  const std::vector<Actor>& given_up() const { return given_up_; }
  /// The network is whole again: what arrives now, in the order in which it was sent.
  std::vector<Step> heal(milliseconds now);

 private:
  struct Held {
    milliseconds since{};
    Step step{};
  };
  bool on_ = false, provider_ = false;
  int number_ = 0;
  std::vector<Actor> devices_{}, given_up_{};
  std::vector<Held> held_{};
};

}  // namespace zegocall::sim
