// What a room has beside its call's log: what people wrote in it, its passcode's hash and its join codes. A port of the
// store. No event and no snapshot holds any of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// Something that a person wrote in a room.
struct RoomMessage {
  CallId call{};
  std::uint64_t number = 0;  ///< 1, 2, ... within the call
  UserId user{};
  UnixTime at{};
  std::string text{};
  bool operator==(const RoomMessage&) const = default;
};

/// A passcode as it is kept. The stamp rises by one with each new passcode of the call, also when it is taken away.
struct PasscodeRecord {
  CallId call{};
  std::uint64_t stamp = 0;
  std::string hash{};  ///< of a PasswordHasher; empty: the call has none (any more)
  bool operator==(const PasscodeRecord&) const = default;
};

/// A join code as it is kept: only who has its text finds it. Role, uses and end are the engine's business.
struct JoinCodeRecord {
  std::string digest{};  ///< of its text
  CallId call{};
  std::string code{};  ///< the engine's name for it
  UnixTime expires{};
  bool operator==(const JoinCodeRecord&) const = default;
};

/// The rules of Store (store/store.hpp) hold.
class RoomStore {
 public:
  virtual ~RoomStore() = default;

  /// already_exists (field "number") if the call has one of this number or a later one; not_found (field "call").
  virtual Result<void> add_room_message(const RoomMessage& message) = 0;
  /// Those after `after`, in order.
  virtual Result<std::vector<RoomMessage>> room_messages(const CallId& call, std::uint64_t after, std::uint32_t most) = 0;
  /// The number of the newest message that the call ever had; 0: there was none.
  virtual Result<std::uint64_t> last_room_message(const CallId& call) = 0;
  /// Deletes the messages up to and with this number, but never the newest one.
  virtual Result<void> forget_room_messages(const CallId& call, std::uint64_t up_to) = 0;
  /// Up to where this person has been told; 0 at first.
  virtual Result<std::uint64_t> room_read(const CallId& call, const UserId& user) = 0;
  /// Never goes back.
  virtual Result<void> keep_room_read(const CallId& call, const UserId& user, std::uint64_t number) = 0;

  virtual Result<std::optional<PasscodeRecord>> passcode(const CallId& call) = 0;
  virtual Result<void> keep_passcode(const PasscodeRecord& passcode) = 0;

  virtual Result<void> add_join_code(const JoinCodeRecord& code) = 0;  ///< already_exists, field "digest"
  virtual Result<std::optional<JoinCodeRecord>> join_code(std::string_view digest) = 0;
  /// Deletes up to `most` that expired at or before `now`; gives how many.
  virtual Result<std::uint64_t> forget_join_codes(UnixTime now, std::uint32_t most) = 0;
};

}  // namespace zegocall
