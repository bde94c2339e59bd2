// Who may do what: one matrix of roles and capabilities. Rooms may add roles of their own.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/call/words.hpp"

namespace zegocall {

/// "host", "participant", or a room's own word.
using RoleName = Id<struct RoleTag>;

/// A set of capabilities.
class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(std::initializer_list<Capability> all) {
    for (const Capability one : all) add(one);
  }
  constexpr bool has(Capability one) const { return (bits_ & bit(one)) != 0; }
  constexpr void add(Capability one) { bits_ |= bit(one); }
  constexpr bool contains(Capabilities other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr bool operator==(const Capabilities&) const = default;

 private:
  static constexpr std::uint32_t bit(Capability one) { return std::uint32_t{1} << static_cast<unsigned>(one); }
  std::uint32_t bits_ = 0;
};

/// One row of the matrix. `rank`: who has the smaller number acts on who has the greater one; nobody assigns a role
/// above their own.
struct RoleRow {
  std::string_view role;
  unsigned rank = 0;
  Capabilities may{};
};

/// The standard roles. A ring call's caller is host and its callees are participants.
inline constexpr std::array<RoleRow, 6> standard_roles{{
    {"host", 0, {Capability::invite,   Capability::admit,     Capability::kick,         Capability::ban,
                 Capability::mute,     Capability::lock,      Capability::passcode,     Capability::join_codes,
                 Capability::capacity, Capability::metadata,  Capability::assign_roles, Capability::record,
                 Capability::end_call, Capability::hand_over, Capability::speak,        Capability::camera,
                 Capability::screen,   Capability::chat,      Capability::transfer,     Capability::skip_lobby}},
    {"cohost",
     1,
     {Capability::invite, Capability::admit, Capability::kick, Capability::ban, Capability::mute, Capability::lock,
      Capability::passcode, Capability::join_codes, Capability::capacity, Capability::metadata, Capability::assign_roles,
      Capability::record, Capability::end_call, Capability::speak, Capability::camera, Capability::screen, Capability::chat,
      Capability::transfer, Capability::skip_lobby}},
    {"moderator",
     2,
     {Capability::invite, Capability::admit, Capability::kick, Capability::ban, Capability::mute, Capability::lock,
      Capability::speak, Capability::camera, Capability::screen, Capability::chat, Capability::transfer, Capability::skip_lobby}},
    {"speaker",
     3,
     {Capability::invite, Capability::speak, Capability::camera, Capability::screen, Capability::chat, Capability::transfer}},
    {"participant",
     4,
     {Capability::invite, Capability::speak, Capability::camera, Capability::screen, Capability::chat, Capability::transfer}},
    {"guest", 5, {Capability::chat}},
}};

/// A role that a room defines. Its name may not be a standard one.
struct CustomRole {
  RoleName name{};
  std::uint32_t rank = 4;  ///< as in RoleRow; 1 to 1000
  std::vector<Capability> may{};
  bool operator==(const CustomRole&) const = default;
};

struct CallView;
struct LegView;

/// The row of a role in this call, or nothing if neither the call nor the standard has it.
std::optional<RoleRow> role_row(const CallView& call, std::string_view role);
/// The role that a leg has: the one it was given, or the one that goes with how it came to be.
std::string_view role_of(const CallView& call, const LegView& leg);
/// The role of a person: of the live leg, or the one that a room has noted for somebody who is not in; empty if none.
std::string_view role_of(const CallView& call, const UserId& user);
/// The one place where a capability is checked. False for somebody without a role in the call.
bool may(const CallView& call, const UserId& user, Capability capability);
/// Whether `by` may act on `user`: has the smaller rank (who came by a code and is out keeps the code's), or is the same person.
bool outranks(const CallView& call, const UserId& by, const UserId& user);

}  // namespace zegocall
