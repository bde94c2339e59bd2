// How calls behave in time, and how big they may be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "zegocall/base/result.hpp"
#include "zegocall/call/words.hpp"

namespace zegocall {

/// How calls behave. A call keeps the policy it was started with (it is part of call.created). Each time is how long its
/// clock (enum Timer) runs; defaults and ranges are those of docs/call-model.md, "Timers", which a test compares with this.
struct CallPolicy {
  /// One person's telephone rings; then the leg ends no_answer or unreachable. 5 to 600 s.
  std::chrono::milliseconds ring{std::chrono::seconds(60)};
  /// No device has the invitation yet: it is rung once more (push hook). 2 to 60 s.
  std::chrono::milliseconds delivery{std::chrono::seconds(10)};
  /// From the answer, or from being let in, into the media room; then join_failed. 5 to 120 s.
  std::chrono::milliseconds join{std::chrono::seconds(30)};
  /// A lost link may be found again; then network_lost. 0 to 300 s.
  std::chrono::milliseconds reconnect_grace{std::chrono::seconds(30)};
  /// One person is left in a ring call; then it ends alone_timeout. Not of rooms. 0 s to 30 min.
  std::chrono::milliseconds alone{std::chrono::seconds(60)};
  /// Nobody is in a call that somebody was in; then it ends. 0 s to 24 h, not below restart_slack.
  std::chrono::milliseconds empty{std::chrono::seconds(60)};
  /// Nobody has entered a room without a schedule yet; then it ends. The longer of this and `empty`. 0 s to 24 h.
  std::chrono::milliseconds unvisited{std::chrono::minutes(10)};
  /// Clients get so long to come back after a restart, whatever ran out meanwhile. 0 to 120 s.
  std::chrono::milliseconds restart_slack{std::chrono::seconds(15)};
  GlarePolicy glare = GlarePolicy::merge;  ///< race rule 5
  /// Somebody waits to be let in; then lobby_timeout. 30 s to 120 min.
  std::chrono::milliseconds lobby{std::chrono::minutes(10)};
  /// No host is in an active room; then RoomSettings::host_policy. 0 to 60 min.
  std::chrono::milliseconds host_absent{std::chrono::minutes(5)};
  /// From the first join on; warns 5 and 1 minutes before, then everybody is sent out. 1 min to 24 h; 0 = off.
  std::chrono::milliseconds max_duration{0};
  /// People get so long to say goodbye when a call is told to end while somebody is in. 1 to 60 s; 0 = it ends at once, which
  /// is what a hang-up between two means. The standard room templates have 10 s. docs/adr/0014.
  std::chrono::milliseconds ending{0};
  /// A device in the call that does not show itself for so long is offline. 5 to 600 s; 0 = the server says who is offline,
  /// from its own connections (their pings are the lease). docs/adr/0014.
  std::chrono::milliseconds device_lease{0};
  /// A provider token lasts so long, and is renewed while its seat lives. 2 min to 24 days; 0 = the engine keeps no clock of
  /// tokens: whoever mints says how long they last, and renews by asking again. docs/adr/0014.
  std::chrono::milliseconds token_lifetime{0};
  /// So long before a token's end a renewal is due. 10 s to 1 h, below token_lifetime.
  std::chrono::milliseconds token_renew{std::chrono::seconds(90)};
  RingPolicy ring_policy = RingPolicy::first_answer;  ///< where StartCall says nothing
  BusyPolicy busy = BusyPolicy::reject;               ///< race rule 6
  DeclinePolicy decline = DeclinePolicy::person;      ///< race rule 4
  SecondDevice second_device = SecondDevice::refuse;  ///< of rooms
  bool one_screen = true;                             ///< one screen share at a time
  bool hold_own_call = true;       ///< accepting a second call holds the first (BusyPolicy::wait); else it is left
  std::uint32_t callees_max = 32;  ///< rung by one StartCall; 1 to 1024
  bool operator==(const CallPolicy&) const = default;
};
/// out_of_range with the field's name and its limits, or nothing wrong.
Result<void> check(const CallPolicy& policy);

/// What one call and one command may hold. A command past a limit is refused with limit_exceeded and the field's name.
struct CallLimits {
  static constexpr std::size_t id_bytes_max = 128;  ///< ids of people, devices, calls, commands, roles, codes
  static constexpr std::size_t topic_bytes_max = 128;
  static constexpr std::size_t note_bytes_max = 64;  ///< notes of cancel_call, end_call, knock, admin_end
  static constexpr std::size_t legs_max = 4096;      ///< per call, final ones included
  static constexpr std::size_t devices_max = 64;     ///< rung per leg; further devices are not rung
  static constexpr std::size_t members_max = 4096;   ///< people of a room who were invited or given a role
  static constexpr std::size_t bans_max = 1024;      ///< per room, those that ran out included
  static constexpr std::size_t codes_max = 256;      ///< join codes per room
  static constexpr std::size_t roles_max = 32;       ///< custom ones per room
  static constexpr std::size_t metadata_bytes_max = 4096;
  static constexpr std::size_t attributes_max = 64;  ///< per call
  static constexpr std::size_t key_bytes_max = 64;   ///< an attribute's
  static constexpr std::size_t value_bytes_max = 512;
  static constexpr std::uint32_t capacity_max = 2000;  ///< seats of a room
};

}  // namespace zegocall
