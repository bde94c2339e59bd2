// What people write to each other in a call: in one order, bounded, kept with the call, told once to who comes later. The
// rules (who may, what a text may be, how fast) are those of call/chat.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/call/chat.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall {

/// How much of a call's chat is kept, and how fast one person may write.
struct RoomChatOptions {
  std::uint64_t messages_max = 500;                                  ///< kept per call, the newest; 1 to 100,000
  std::uint32_t burst = 10;                                          ///< messages of one person at once; 1 to 1,000
  std::chrono::milliseconds every{1000};                             ///< and then one each; 1 ms to 1 h
  std::chrono::milliseconds answers_kept{std::chrono::minutes(10)};  ///< how long a command id finds its message; 1 s or more
};

/// On the service thread. What it says of somebody must be told after the commit, like everything.
class RoomChat {
 public:
  /// `store` must outlive it. out_of_range with the option's name.
  static Result<RoomChat> open(Store& store, RoomChatOptions options = {});

  /// Adds a message; its number is the next of the call. Tell it to everybody who is in, the writer's other devices too.
  /// Errors: out_of_range, bad_utf8, invalid_argument (field "text"), not_found (field "call"), forbidden, invalid_state,
  /// rate_limited, store_unavailable. Nothing is kept then. With a command id that this person used in this call before: the
  /// message that was written then, and nothing else happens; errors as written().
  Result<RoomMessage> write(const CallId& call, const UserId& user, const std::string& text, Now now, const CommandId& id = {});
  /// The message that this person wrote under this command id, or nothing: then it may be written. already_exists (field
  /// "text"): it was, and is kept no more.
  Result<std::optional<RoomMessage>> written(const CallId& call, const UserId& user, const CommandId& id);
  /// What this person has not been told yet, oldest first; it counts as told with the commit, so a second call gives nothing.
  /// Errors: not_found, forbidden, invalid_state.
  Result<std::vector<RoomMessage>> replay(const CallId& call, const UserId& user);
  /// A client says up to where it has the messages, those that it was told live too; never goes back. Errors as replay().
  Result<void> has(const CallId& call, const UserId& user, std::uint64_t number);
  /// The kept messages after a number, whatever was told before; at most 100. Errors as replay().
  Result<std::vector<RoomMessage>> read(const CallId& call, const UserId& user, std::uint64_t after);

  /// True if the others are to be told that this person types. Errors as write(), but for the text.
  Result<bool> typing(const CallId& call, const UserId& user, Now now);
  /// True if the others are to be told that they do not any more.
  bool stopped(const CallId& call, const UserId& user, Now now) { return board_.stopped(call, user, now.wall); }
  std::vector<UserId> now_typing(const CallId& call, Now now) const { return board_.now_typing(call, now.wall); }
  /// The call is over: what memory holds of it goes. Its messages stay with the call.
  void forget(const CallId& call);

 private:
  RoomChat(Store& store, RoomChatOptions options, ChatRate rate) : store_(&store), options_(options), rate_(std::move(rate)) {}
  Result<CallView> call_of(const CallId& call);
  Result<void> remember(const RoomMessage& message, const CommandId& id, Now now);

  Store* store_;
  RoomChatOptions options_;
  ChatRate rate_;
  TypingBoard board_{};
  std::uint32_t remembered_ = 0;
};

}  // namespace zegocall
