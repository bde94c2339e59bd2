// A second, independent reading of a call's log. The engine's own fold is what is being checked, so this one shares no
// code with it: it keeps only what the invariants speak of, and says at once when an event may not be there.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall::sim {

class Reading {
 public:
  /// waiting: said yes, or just came; lobby: waits to be let in; coming: has a seat and is on the way into it.
  enum class Place : std::uint8_t { rung, waiting, lobby, coming, in, away, over };
  struct Leg {
    UserId user{};
    bool rung = false;      ///< a callee's
    bool first = false;     ///< rung before anybody had answered
    bool hidden = false;    ///< rung for show: blocked, or not to be disturbed
    bool blocked = false;   ///< of these the first
    bool said_yes = false;  ///< to the ring
    bool held = false;      ///< by themselves, for another call
    bool admitted = false;
    bool returns = false;  ///< took the place of a seat of the same person, from another device
    bool heard = false;    ///< some device had the invitation
    bool seated = false;   ///< was ever let in
    bool agreed = false;   ///< to be recorded
    RoleName offered{};    ///< what the ring comes with: theirs as long as it rings, and once they say yes
    UnixTime ring_until{};
    std::optional<UnixTime> revoked{};  ///< when its tokens became void
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
  bool ending() const { return ending_; }
  bool answered() const { return answered_; }
  const UserId& caller() const { return caller_; }
  const std::vector<Leg>& legs() const { return legs_; }
  const Leg* live_leg(const UserId& user) const;
  /// Whether that person finds this leg in the list of missed calls: the outcome table's last column.
  static bool is_missed(const Leg& leg, bool lists_blocked, bool lists_dnd);
  bool was_member(const UserId& user) const;
  std::size_t in(Place place) const;
  bool is_room() const { return is_room_; }
  const RoomView& room() const { return room_; }
  /// Whether a person ever had one of these roles here. Roles come and go; who never had one may never do what it allows.
  bool ever_had(const UserId& user, std::initializer_list<std::string_view> roles) const;
  /// The highest and lowest place in the order of roles that a person ever had; 0 is a host's.
  std::pair<int, int> ranks(const UserId& user) const;
  /// Nothing: the one that everybody gets here.
  std::string word_of(const RoleName& role) const;
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
  void check_ending(const Leg& leg, const LegFinal& event) const;
  void check_rank(const UserId& by, const UserId& user, const char* what) const;

  std::uint64_t version_ = 0;
  UnixTime at_{};
  UserId caller_{};
  std::vector<Leg> legs_{};
  bool ended_ = false, ending_ = false, active_ = false, answered_ = false, is_room_ = false;
  CallPolicy policy_{};
  std::map<UserId, std::set<std::string, std::less<>>> roles_{};
  RoomView room_{};                             ///< capacity, lock, bans, ...: only what an event said
  std::set<std::pair<UserId, Track>> muted_{};  ///< by force, and nobody has lifted it
  bool recorded_ = false;
  std::optional<UnixTime> empty_since_{};
  std::optional<CallOutcome> outcome_{};
};

}  // namespace zegocall::sim
