// The rules of chat in a call that need no store: who may write, what a text may be, how fast, and who is typing. The store
// and the order of messages are the service's. Values in, values out; thread-compatible.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall {

/// Of texts, and of what memory holds about those who write them.
struct ChatLimits {
  static constexpr std::size_t text_bytes_max = 4000;
  static constexpr std::size_t people_max = 4096;  ///< that ChatRate and TypingBoard remember at once
};

/// 1 to text_bytes_max bytes of UTF-8, not only blanks, without control characters but line feed and tab. Errors, field
/// "text": out_of_range, bad_utf8, invalid_argument.
Result<void> check_chat_text(std::string_view text);

/// Whether this person may write now: is in (or in grace), and has the capability `chat`. Reading needs the seat only; see
/// may_read_chat. Errors: forbidden (a stranger, or the role may not), invalid_state (not in yet, not in any more, or over).
Result<void> may_chat(const CallView& call, const UserId& user);
/// Whether this person may read: as may_chat, without the capability.
Result<void> may_read_chat(const CallView& call, const UserId& user);

/// How fast one person may write: `burst` messages at once, then one each `every`. Remembers at most people_max people; of
/// more than that, those who wrote last longest ago are forgotten, and may write as if they were new.
class ChatRate {
 public:
  /// out_of_range: burst 1 to 1,000, every 1 ms to 1 h.
  static Result<ChatRate> open(std::uint32_t burst = 10, std::chrono::milliseconds every = std::chrono::seconds(1));
  ChatRate(ChatRate&&) noexcept;
  ChatRate& operator=(ChatRate&&) noexcept;
  ~ChatRate();

  /// Counts one message. rate_limited: nothing was counted; the detail says when it works again.
  Result<void> write(const CallId& call, const UserId& user, UnixTime now);
  void forget(const CallId& call);
  std::size_t size() const { return full_at_.size(); }

 private:
  ChatRate(std::uint32_t burst, std::chrono::milliseconds every) : burst_(burst), every_(every) {}
  std::chrono::milliseconds burst_span() const { return every_ * burst_; }
  void make_room();

  std::uint32_t burst_;
  std::chrono::milliseconds every_;
  std::map<std::pair<CallId, UserId>, UnixTime> full_at_;  // when all of the burst is there again
};

/// Who is typing in a call. A notice holds for `lasts` and is passed on at most once per `again`, however often a client says
/// it; a message, stopping and leaving take it back.
class TypingBoard {
 public:
  static constexpr std::chrono::milliseconds lasts{6000}, again{3000};

  /// True if the others should be told. Not for somebody beyond people_max.
  bool typing(const CallId& call, const UserId& user, UnixTime now);
  /// They wrote, stopped or went. True if the others had been told and should be told of this.
  bool stopped(const CallId& call, const UserId& user, UnixTime now);
  /// Who types now, by user.
  std::vector<UserId> now_typing(const CallId& call, UnixTime now) const;
  /// Forgets what has run out; the others know that a notice lasts so long, nobody need be told.
  void expire(UnixTime now);
  void forget(const CallId& call);
  std::size_t size() const { return notices_.size(); }

 private:
  struct Notice {
    UnixTime told{}, until{};
  };
  std::map<std::pair<CallId, UserId>, Notice> notices_;
};

}  // namespace zegocall
