// What people set for themselves, and the calls that they missed, as a port of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/call/model.hpp"
#include "zegocall/store/page.hpp"

namespace zegocall {

/// One person's settings; who never set anything has the defaults.
struct PersonSettings {
  UserId user{};
  bool dnd = false;                     ///< do not disturb
  std::optional<UnixTime> dnd_until{};  ///< and only until then; nothing: until it is taken back
  bool dnd_at(UnixTime now) const { return dnd && (!dnd_until || now < *dnd_until); }
  bool operator==(const PersonSettings&) const = default;
};

/// `user` does not want to be rung by `blocked`.
struct Block {
  UserId user{}, blocked{};
  UnixTime at{};
  bool operator==(const Block&) const = default;
};

/// A ring that a person did not answer. One for each leg with a missed outcome; written with the leg.final.
struct MissedCall {
  UserId user{};
  CallId call{};
  std::uint32_t leg = 0;
  UserId caller{};
  LegOutcome outcome{};
  UnixTime at{};
  std::optional<UnixTime> seen{};
  bool operator==(const MissedCall&) const = default;
};

/// The rules of Store (store/store.hpp) hold.
class SettingsStore {
 public:
  virtual ~SettingsStore() = default;

  virtual Result<PersonSettings> settings(const UserId& user) = 0;
  virtual Result<void> keep_settings(const PersonSettings& settings) = 0;

  /// Once more changes nothing. limit_exceeded (field "blocked") past StoreLimits::blocks_max of one person.
  virtual Result<void> block(const Block& block) = 0;
  /// Of nobody who is blocked: nothing.
  virtual Result<void> unblock(const UserId& user, const UserId& blocked) = 0;
  virtual Result<bool> is_blocked(const UserId& user, const UserId& by_whom) = 0;
  /// By the blocked person's id.
  virtual Result<Page<Block>> blocks(const UserId& user, PageRequest page) = 0;

  /// The newest first.
  virtual Result<Page<MissedCall>> missed(const UserId& user, PageRequest page) = 0;
  virtual Result<std::uint64_t> missed_unseen(const UserId& user) = 0;
  /// Marks what came at or before `up_to` and has no mark; gives how many.
  virtual Result<std::uint64_t> mark_missed_seen(const UserId& user, UnixTime up_to, UnixTime seen) = 0;
};

}  // namespace zegocall
