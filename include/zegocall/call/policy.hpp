// How calls behave in time, and how big they may be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "zegocall/base/result.hpp"
#include "zegocall/call/words.hpp"

namespace zegocall {

/// How calls behave. A call keeps the policy it was started with (it is part of call.created).
struct CallPolicy {
  std::chrono::milliseconds ring{std::chrono::seconds(60)};             ///< 5 to 600 s
  std::chrono::milliseconds delivery{std::chrono::seconds(10)};         ///< 2 to 60 s
  std::chrono::milliseconds join{std::chrono::seconds(30)};             ///< 5 to 120 s
  std::chrono::milliseconds reconnect_grace{std::chrono::seconds(30)};  ///< 0 to 300 s
  std::chrono::milliseconds alone{std::chrono::seconds(60)};            ///< 0 s to 30 min; not of rooms
  std::chrono::milliseconds empty{std::chrono::seconds(60)};            ///< 0 s to 24 h, not below restart_slack
  std::chrono::milliseconds unvisited{std::chrono::minutes(10)};  ///< a room nobody has entered yet, if above empty; to 24 h
  std::chrono::milliseconds restart_slack{
      std::chrono::seconds(15)};  ///< how long clients get to come back after a restart; 0 to 120 s
  GlarePolicy glare = GlarePolicy::merge;
  std::chrono::milliseconds lobby{std::chrono::minutes(10)};        ///< 30 s to 120 min
  std::chrono::milliseconds host_absent{std::chrono::minutes(5)};   ///< 0 to 60 min
  std::chrono::milliseconds max_duration{0};                        ///< 0 = off; 1 min to 24 h, from the first join on
  std::chrono::milliseconds ending{0};                              ///< 0 = ends at once; 1 to 60 s
  std::chrono::milliseconds device_lease{0};                        ///< 0 = the server says who is offline; 5 to 600 s
  std::chrono::milliseconds token_lifetime{0};                      ///< 0 = no renewal; 2 min to 24 days
  std::chrono::milliseconds token_renew{std::chrono::seconds(90)};  ///< before the token's end; 10 s to 1 h, below its lifetime
  RingPolicy ring_policy = RingPolicy::first_answer;
  BusyPolicy busy = BusyPolicy::reject;
  DeclinePolicy decline = DeclinePolicy::person;
  SecondDevice second_device = SecondDevice::refuse;
  bool one_screen = true;          ///< one screen share at a time
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
  static constexpr std::size_t note_bytes_max = 64;
  static constexpr std::size_t legs_max = 4096;     ///< per call, final ones included
  static constexpr std::size_t devices_max = 64;    ///< rung per leg; further devices are not rung
  static constexpr std::size_t members_max = 4096;  ///< people of a room who were invited or given a role
  static constexpr std::size_t bans_max = 1024;
  static constexpr std::size_t codes_max = 256;
  static constexpr std::size_t roles_max = 32;  ///< custom ones per room
  static constexpr std::size_t metadata_bytes_max = 4096;
  static constexpr std::size_t attributes_max = 64;
  static constexpr std::size_t key_bytes_max = 64;
  static constexpr std::size_t value_bytes_max = 512;
  static constexpr std::uint32_t capacity_max = 2000;
};

}  // namespace zegocall
