// What a room is beside a call: who may come in, who is in charge, and what its people agreed on. A ring call has a
// RoomView only once somebody changed something in it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/call/policy.hpp"
#include "zegocall/call/roles.hpp"

namespace zegocall {

/// Which passcode a room has: a new number with each one, 0 = none. The passcode itself is nowhere in a call.
using PasscodeStamp = Number<struct PasscodeStampTag, std::uint64_t>;
/// Names a join code. What people type is known to the service only, as a hash.
using JoinCodeId = Id<struct JoinCodeTag>;
/// One login of a person at the provider.
using LoginId = Id<struct LoginTag>;

/// A value on the heap that copies and compares like a member; empty by default. Thread-compatible.
template <class T>
class Box {
 public:
  Box() = default;
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) { return *this = Box(other); }
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;

  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }
  const T& operator*() const { return *value_; }
  T& operator*() { return *value_; }
  const T* operator->() const { return value_.get(); }
  T* operator->() { return value_.get(); }
  T& emplace() { return *(value_ = std::make_unique<T>()); }
  bool operator==(const Box& other) const { return value_ && other.value_ ? *value_ == *other.value_ : value_ == other.value_; }

 private:
  std::unique_ptr<T> value_{};
};

/// When a room is meant to take place.
struct Schedule {
  UnixTime starts_at{};
  std::chrono::milliseconds early{std::chrono::minutes(15)};    ///< people may come in so long before; 0 to 24 h
  std::chrono::milliseconds late{std::chrono::minutes(30)};     ///< and so long after, if they were never in; 0 to 24 h
  std::chrono::milliseconds no_show{std::chrono::minutes(30)};  ///< nobody came until then: the room ends; 1 min to 24 h
  bool operator==(const Schedule&) const = default;
};

/// How a room is set up. Templates are values of this; the host's own may be any.
struct RoomSettings {
  std::string from{};                ///< the template's name
  RoomType type = RoomType::anyone;  ///< who may come in by themselves. Whoever has `invite` brings in others past it
  std::uint32_t capacity = 100;      ///< seats: in, in grace, or on the way in; 1 to CallLimits::capacity_max
  LobbyRule lobby = LobbyRule::off;
  HostPolicy host_policy = HostPolicy::none;  ///< when the host leaves, or is not in for CallPolicy::host_absent
  RoleName entry_role{"participant"};         ///< of people who come without a role of their own
  RecordingConsent consent = RecordingConsent::none;
  bool knock = true;  ///< people whom the type private_room keeps out may knock; a lock keeps them out all the same
  std::vector<CustomRole> roles{};
  std::optional<Schedule> schedule{};
  bool operator==(const RoomSettings&) const = default;
};
/// out_of_range, invalid_argument or limit_exceeded with the field's name, or nothing wrong.
Result<void> check(const RoomSettings& settings);

/// A named way to set up a room.
struct RoomTemplate {
  std::string name{};
  RoomSettings settings{};
  /// The timers that go with it. What the deployment knows better comes from Facts::policy all the same: reconnect_grace,
  /// restart_slack, device_lease, token_lifetime, token_renew, busy.
  CallPolicy policy{};
};
/// The templates that come with the library: "meeting", "webinar", "classroom", "audio_room", "consultation", "drop_in".
const std::vector<RoomTemplate>& standard_templates();

/// What one room has otherwise than its template; nothing: as the template says. max_duration as in CallPolicy.
struct RoomOverrides {
  std::optional<RoomType> type{};
  std::optional<std::uint32_t> capacity{};
  std::optional<LobbyRule> lobby{};
  std::optional<HostPolicy> host_policy{};
  std::optional<RoleName> entry_role{};
  std::optional<RecordingConsent> consent{};
  std::optional<bool> knock{};
  std::optional<std::chrono::milliseconds> max_duration{};
  std::vector<CustomRole> roles{};  ///< beside the template's
  std::optional<Schedule> schedule{};
};

/// Somebody who was invited or was given a role: they may come where the type asks for an invitation, and come again. The
/// passcode, the lock and the lobby hold for them too.
struct RoomMember {
  UserId user{};
  RoleName role{};  ///< empty: the room's entry role
  bool operator==(const RoomMember&) const = default;
};
/// Keeps somebody out on every entry path (I17): join, knock, answer, refresh of a token, change of device, recovery.
struct Ban {
  UserId user{};
  UserId by{};
  std::optional<UnixTime> until{};  ///< nothing: for as long as the call lives
  UnixTime since{};                 ///< tokens from before are void, also of somebody who was out; lifted with the ban
  bool operator==(const Ban&) const = default;
};
/// A code that stands for an invitation, and carries a role; see AddJoinCode. A use is counted when somebody comes in by it
/// or knocks with it; they may come again without it. Its role is for the first time: who comes again has the role that was
/// noted of them since.
struct JoinCode {
  JoinCodeId id{};
  RoleName role{};              ///< of who comes with it; empty: the one that they would have anyway. Never host
  std::uint32_t uses_left = 1;  ///< 1 to 100,000 at first; at 0 the code is gone
  UnixTime until{};             ///< good before then; at most 30 days ahead
  bool operator==(const JoinCode&) const = default;
};
/// A small named value that the people of a call share; `version` counts its changes.
struct Attribute {
  std::string key{};          ///< at most CallLimits::key_bytes_max bytes
  std::string value{};        ///< at most CallLimits::value_bytes_max bytes
  std::uint32_t version = 0;  ///< 1 at first; a value that was removed begins at 1 again
  bool operator==(const Attribute&) const = default;
};

/// What a room is at one moment, beside its legs and clocks; part of CallView. Changed by room.updated and recording.changed.
struct RoomView {
  RoomSettings settings{};            ///< as they are now: set_lobby and set_capacity change them
  UserId host{};                      ///< the present one; a ring call's caller
  bool locked = false;                ///< nobody new comes in; who has a seat may come back
  PasscodeStamp passcode{};           ///< 0 = none
  std::vector<RoomMember> members{};  ///< by user
  std::vector<Ban> bans{};            ///< by user
  std::vector<JoinCode> codes{};      ///< that may still be used, as they came
  RecordingState recording = RecordingState::off;
  UserId recording_by{};                ///< who switched it on or asked for it; empty while it is off
  std::string metadata{};               ///< at most CallLimits::metadata_bytes_max bytes
  std::uint32_t metadata_version = 0;   ///< how often it was changed
  std::vector<Attribute> attributes{};  ///< by key
  bool operator==(const RoomView&) const = default;

  /// Who was invited or given a role, or null. As with those below, good until the room is changed.
  const RoomMember* member(const UserId& user) const;
  /// The ban that keeps this person out now, or null.
  const Ban* ban(const UserId& user, UnixTime now) const;
  const JoinCode* code(const JoinCodeId& id) const;        ///< or null; it may have run out
  const Attribute* attribute(std::string_view key) const;  ///< or null
};

}  // namespace zegocall
