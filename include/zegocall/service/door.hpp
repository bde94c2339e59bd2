// A room's door: passcodes and join codes. Neither is in any event; what is stored of a passcode is a memory-hard hash, of
// a join code a digest. The rules of who gets in are decide()'s; this finds out what it has to know.
//
//   set:   hash() on a worker, then CallService::handle(SetPasscode, now, {.passcode_hash = hash})
//   come:  begin() on the service thread, check() on a worker, end() on the service thread,
//          then handle(Join, now, {.entry = facts})
//   code:  new_code(), handle(AddJoinCode{{code.id, role, uses, until}}, now, {.join_code_digest = code.digest}); tell code.text
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/password.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/call/decide.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall {

/// How often somebody may be wrong. Counted in this process's memory, for at most `tracked_max` people and addresses each.
struct DoorOptions {
  std::uint32_t wrong_per_user = 5;      ///< at one room, within the window; 1 or more
  std::uint32_t wrong_per_address = 20;  ///< at all rooms together; 1 or more. IPv6 counts by its /64
  std::chrono::milliseconds window{std::chrono::minutes(5)};
  std::size_t tracked_max = 100'000;
};

/// Who stands at the door, with what.
struct DoorVisit {
  CallId call{};
  UserId user{};
  std::string address{};  ///< of the client; empty: not counted
  bool passcode_given = false;
  std::string code_text{};  ///< a join code as it was typed; empty: none
};

/// A visit on its way through the worker. It holds a hash, no passcode.
struct DoorTicket {
  DoorVisit visit{};
  EntryFacts facts{};
  std::string hash{};                 ///< to compare with; empty: there is nothing to compare
  std::chrono::milliseconds wait{0};  ///< who was wrong too often may try again then; else 0
};

/// A new join code. The text is told to whoever made it, once; nobody can find it again.
struct NewJoinCode {
  JoinCodeId id{};
  std::string text{};  ///< 12 letters and digits that cannot be mistaken for each other
  std::string digest{};
};

class Door {
 public:
  static constexpr std::size_t passcode_characters_min = 4, passcode_bytes_max = 128;

  /// `store`, `hasher` and `bytes` must outlive it.
  Door(Store& store, PasswordHasher& hasher, ByteSource& bytes, DoorOptions options = {});
  Door(Door&&) noexcept;
  Door& operator=(Door&&) noexcept;
  ~Door();

  /// *worker*. missing_field, out_of_range, with field "passcode": at least 4 characters, at most 128 bytes.
  Result<std::string> hash(const Secret& passcode) const;
  /// Service thread.
  NewJoinCode new_code(UnixTime now);

  /// Service thread. Looks up what there is to compare with, and counts a try: many at once get no more of them than one
  /// after the other. Somebody who was wrong too often gets a ticket that says so, and nothing is compared. store_unavailable.
  Result<DoorTicket> begin(DoorVisit visit, Now now);
  /// *worker*, any thread. As slow as the hasher, unless there is nothing to compare.
  PasscodeCheck check(const DoorTicket& ticket, const Secret& passcode) const;
  /// Service thread. A right answer forgets this person's wrong ones at this room, and does not count for the address.
  EntryFacts end(const DoorTicket& ticket, PasscodeCheck check);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
