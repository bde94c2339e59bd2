// What a call looks like at one moment: its people, their devices, its clocks.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/call/policy.hpp"
#include "zegocall/call/roles.hpp"
#include "zegocall/call/room.hpp"
#include "zegocall/call/words.hpp"

namespace zegocall {

/// Who acts: a person, on a device. An empty device means that it is not known (an HTTP request without X-Device-Id);
/// a leg that such an actor wins stays unbound until a device of that person shows itself in the call.
struct Actor {
  UserId user{};
  DeviceId device{};
  bool operator==(const Actor&) const = default;
};

/// One timer of one leg (leg 0 = the call itself) at one instant. The three together are the timer's generation: a
/// deadline that the call no longer has is stale and is dropped.
struct Deadline {
  Timer timer{};
  std::uint32_t leg = 0;
  UnixTime at{};
  auto operator<=>(const Deadline&) const = default;
};

/// A device that was rung for a leg.
struct DeviceView {
  DeviceId device{};
  bool delivered = false;                  ///< it has the invitation
  bool alerting = false;                   ///< it rings
  std::optional<DeviceOutcome> outcome{};  ///< what it was told at last; nothing: not yet
  bool operator==(const DeviceView&) const = default;
};

/// What somebody sends, as they said it last, and what they may not send for now.
struct MediaState {
  bool audio = false, video = false, screen = false;
  bool audio_barred = false, video_barred = false, screen_barred = false;  ///< muted by force
  bool operator==(const MediaState&) const = default;
};

/// A raised hand: since when, and for which role (empty: only to speak).
struct HandView {
  UnixTime since{};
  RoleName wants{};
  bool operator==(const HandView&) const = default;
};

/// The provider's session that a leg is known by (race rule 12).
struct LoginView {
  LoginId id{};
  UnixTime at{};  ///< by the provider's clock
  bool operator==(const LoginView&) const = default;
};

/// One person's part in a call. A person who is invited again gets a new leg with a new number.
struct LegView {
  std::uint32_t number = 0;  ///< 1, 2, ... within the call
  UserId user{};
  LegRole role = LegRole::callee;
  LegState state = LegState::invited;
  DeviceId device{};                    ///< the one device that holds the leg; empty = unbound
  std::vector<DeviceView> devices{};    ///< that were rung, in that order; at most CallLimits::devices_max
  std::optional<LegOutcome> outcome{};  ///< of a final leg
  UnixTime invited_at{};                ///< when the leg came to be
  std::optional<UnixTime> alerting_at{}, accepted_at{}, joined_at{}, final_at{};  ///< the first time each
  bool delivered = false;                                                         ///< some device has the invitation
  RoleName room_role{};  ///< empty: the one that goes with `role`; see role_of()
  MediaState media{};
  bool on_hold = false;
  bool second = false;                ///< rung as a second call (BusyPolicy::wait); until it is answered it holds no seat
  bool hidden = false;                ///< the ring goes to nobody: blocked or not to be disturbed. Not for the caller's eyes
  bool blocked = false;               ///< hidden, because the person blocks whoever rings
  std::optional<UnixTime> back_at{};  ///< when it last came back, or went to another device
  bool moved = false;                 ///< by switch_device: another device than the one that answered holds the leg
  ConsentState consent = ConsentState::open;  ///< to being recorded
  std::optional<HandView> hand{};
  std::optional<LoginView> login{};
  std::optional<UnixTime> token_until{};  ///< when the provider token of this leg ends
  std::optional<UnixTime> not_before{};   ///< tokens of this leg's person from before are void
  bool operator==(const LegView&) const = default;
};

/// How many legs are where. Kept by the fold, so that no rule has to count.
struct Occupancy {
  std::uint32_t live = 0;      ///< not final
  std::uint32_t rung = 0;      ///< invited or alerting
  std::uint32_t waiting = 0;   ///< in the lobby
  std::uint32_t reserved = 0;  ///< accepted or joining
  std::uint32_t joined = 0;
  std::uint32_t reconnecting = 0;
  std::uint32_t hosts = 0;      ///< joined or reconnecting, with the role host
  std::uint32_t sharing = 0;    ///< joined legs that share their screen
  std::uint32_t consented = 0;  ///< joined or reconnecting, and agreed to be recorded
  bool operator==(const Occupancy&) const = default;
  std::uint32_t entered() const { return joined + reconnecting; }
  std::uint32_t seats() const { return reserved + joined + reconnecting; }  ///< I5: never above the capacity
};

/// What can be derived from a call's legs, kept beside them: counts, and who has which leg. No part of the call's value.
class CallIndex {
 public:
  Occupancy counts{};
  std::uint32_t call_timers = 0;  ///< one bit for each Timer that runs for the call as a whole

  /// The number of the newest leg of this person, 0 if there is none. Falls back to a search when `legs` was changed
  /// behind the index's back.
  std::uint32_t newest_leg(const std::vector<LegView>& legs, const UserId& user) const;
  /// Takes in a leg that was just appended.
  void added(const std::vector<LegView>& legs);
  std::size_t covered() const { return covered_; }
  void clear();
  bool operator==(const CallIndex&) const { return true; }

 private:
  void place(const std::vector<LegView>& legs, std::uint32_t number);
  std::size_t covered_ = 0;             // legs that are in here
  std::vector<std::uint32_t> slots_{};  // open addressing by the user's hash; empty for small calls
};

/// A call as its events so far add up to it. Instants are wall time.
struct CallView {
  CallId id{};
  Version version{};  ///< of its last event; 0: there is none
  CallState state = CallState::ringing;
  Media media = Media::audio;
  UserId caller{};                       ///< of a room: who created it
  std::vector<LegView> legs{};           ///< the caller's first
  CallPolicy policy{};                   ///< for as long as the call lives
  std::optional<CallOutcome> outcome{};  ///< of an ended call
  std::optional<EndCause> end_cause{};   ///< from call.ending on
  UserId ended_by{};                     ///< who hung up, declined or cancelled; empty where nobody did
  std::string end_note{};                ///< what EndCall or CancelCall said, at most 64 bytes
  std::string topic{};                   ///< the host's own reference, given at the start (a chat id, for example)
  UnixTime created_at{};
  std::optional<UnixTime> answered_at{}, active_at{}, ended_at{};  ///< answered_at never of a room
  std::vector<Deadline> deadlines{};                               ///< sorted by time
  CallKind kind = CallKind::ring;
  CallId merged_into{};             ///< of glare_merged: the call that goes on
  std::vector<UserId> hunt_next{};  ///< RingPolicy::hunt: who is rung after the present one, in order
  Box<RoomView> room{};             ///< always there for a room
  CallIndex index{};                ///< kept by apply(); no part of the value

  const LegView* live_leg_of(const UserId& user) const;  ///< that person's leg that is not final, or null
  const LegView* last_leg_of(const UserId& user) const;  ///< that person's newest leg, or null
  bool has_member(const UserId& user) const;             ///< has a leg, or had one
  std::optional<UnixTime> next_deadline() const;         ///< of the clocks that run, the first
  bool is_room() const { return kind == CallKind::room; }
  /// The room's settings and state; of a ring call in which nobody changed anything, the defaults.
  const RoomView& room_view() const;
  /// Counts and the index anew from the legs: for a call that did not come from apply() (a decoded snapshot).
  void reindex();
  bool operator==(const CallView&) const = default;
};

/// Whether this leg takes the person's one seat: it lives, is neither a second ring nor one that nobody hears nor on hold,
/// and the call's policy is not BusyPolicy::allow.
bool holds_seat(const CallView& call, const LegView& leg);

}  // namespace zegocall
