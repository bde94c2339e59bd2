// A second, independent reading of a call's log. The engine's own fold is what is being checked, so this one shares no
// code with it: it keeps only what the invariants speak of, and says at once when an event may not be there.
#pragma once

#include <map>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall::sim {

class Reading {
 public:
  enum class Place : std::uint8_t { rung, waiting, coming, in, away, over };
  struct Leg {
    UserId user{};
    bool rung = false;  ///< a callee's
    Place place = Place::rung;
    std::map<DeviceId, std::optional<DeviceOutcome>> devices{};
    int winners = 0;
    std::optional<LegOutcome> outcome{};
    UnixTime since{};  ///< in its place
  };

  /// Throws Broken: I1, I2, I3, I4, I9.
  void take(const CallEvent& event);

  bool ended() const { return ended_; }
  bool active() const { return active_; }
  bool answered() const { return answered_; }
  const UserId& caller() const { return caller_; }
  const std::vector<Leg>& legs() const { return legs_; }
  const Leg* live_leg(const UserId& user) const;
  bool was_member(const UserId& user) const;
  std::size_t in(Place place) const;
  /// Since when nobody is in; nothing while somebody is, or nobody ever was.
  std::optional<UnixTime> empty_since() const { return empty_since_; }
  std::optional<CallOutcome> outcome() const { return outcome_; }

 private:
  struct Take;
  Leg& live(std::uint32_t number, const UserId& user);
  void move(Leg& leg, Place place);

  std::uint64_t version_ = 0;
  UnixTime at_{};
  UserId caller_{};
  std::vector<Leg> legs_{};
  bool ended_ = false, active_ = false, answered_ = false;
  std::optional<UnixTime> empty_since_{};
  std::optional<CallOutcome> outcome_{};
};

}  // namespace zegocall::sim
