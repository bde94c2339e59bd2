// A second, independent reading of a call's log. The engine's own fold is what is being checked, so this one shares no
// code with it: it keeps only what the invariants speak of, and says at once when an event may not be there.
#pragma once

#include <map>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall::sim {

class Reading {
 public:
  /// waiting: said yes, or just came; lobby: waits to be let in; coming: has a seat and is on the way into it.
  enum class Place : std::uint8_t { rung, waiting, lobby, coming, in, away, over };
  struct Leg {
    UserId user{};
    bool rung = false;    ///< a callee's
    bool first = false;   ///< rung before anybody had answered
    bool hidden = false;  ///< rung for show: blocked, or not to be disturbed
    bool admitted = false;
    bool seated = false;  ///< was ever let in
    UnixTime ring_until{};
    Place place = Place::rung;
    std::map<DeviceId, std::optional<DeviceOutcome>> devices{};
    int winners = 0;
    std::optional<LegOutcome> outcome{};
    UnixTime since{};  ///< in its place
  };

  /// Throws Broken: I1, I2, I3, I4, I9.
  void take(const CallEvent& event);
  /// What must hold after a commit. Throws Broken: I5.
  void check() const;

  bool ended() const { return ended_; }
  bool active() const { return active_; }
  bool answered() const { return answered_; }
  const UserId& caller() const { return caller_; }
  const std::vector<Leg>& legs() const { return legs_; }
  const Leg* live_leg(const UserId& user) const;
  bool was_member(const UserId& user) const;
  std::size_t in(Place place) const;
  bool is_room() const { return is_room_; }
  const RoomView& room() const { return room_; }
  /// Keeps this person out now.
  bool is_banned(const UserId& user, UnixTime now) const;
  /// Since when nobody is in; nothing while somebody is, or nobody ever was.
  std::optional<UnixTime> empty_since() const { return empty_since_; }
  std::optional<CallOutcome> outcome() const { return outcome_; }

 private:
  struct Take;
  Leg& live(std::uint32_t number, const UserId& user);
  void move(Leg& leg, Place place);
  void check_entry(const Leg& leg) const;

  std::uint64_t version_ = 0;
  UnixTime at_{};
  UserId caller_{};
  std::vector<Leg> legs_{};
  bool ended_ = false, active_ = false, answered_ = false, is_room_ = false;
  CallPolicy policy_{};
  RoomView room_{};  ///< capacity, lock, bans, ...: only what an event said
  std::optional<UnixTime> empty_since_{};
  std::optional<CallOutcome> outcome_{};
};

}  // namespace zegocall::sim
