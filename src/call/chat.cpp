// Chat without a store.
#include "zegocall/call/chat.hpp"

#include <algorithm>

#include "base/json_scan.hpp"
#include "call/fold.hpp"

namespace zegocall {
namespace {
using std::chrono::milliseconds;

/// C0 but for line feed and tab, DEL, C1.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
  return character.size() == 2 && first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

template <class Map>
void erase_call(Map& map, const CallId& call) {
  std::erase_if(map, [&](const auto& entry) { return entry.first.first == call; });
}

}  // namespace

Result<void> check_chat_text(std::string_view text) {
  if (text.empty() || text.size() > ChatLimits::text_bytes_max)
    return fail_field(
        ErrorCode::out_of_range, "text",
        "must have 1 to " + std::to_string(ChatLimits::text_bytes_max) + " bytes, has " + std::to_string(text.size()));
  bool blank = true;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size =
        static_cast<unsigned char>(text[i]) < 0x80 ? 1 : base_detail::utf8_length(text.data() + i, text.data() + text.size());
    if (size == 0) return fail_field(ErrorCode::bad_utf8, "text", "byte " + std::to_string(i) + " begins no character of UTF-8");
    const std::string_view character = text.substr(i, size);
    if (is_control(character)) return fail_field(ErrorCode::invalid_argument, "text", "must not have control characters");
    blank = blank && character.find_first_not_of(" \n\t") == character.npos;
    i += size;
  }
  if (blank) return fail_field(ErrorCode::invalid_argument, "text", "must not be blank");
  return {};
}

Result<void> may_read_chat(const CallView& call, const UserId& user) {
  if (!call.has_member(user)) return fail(ErrorCode::forbidden, "not a member of this call");
  if (call.state == CallState::ended) return fail_field(ErrorCode::invalid_state, "call", "the call is over");
  const LegView* leg = call.live_leg_of(user);
  if (!leg || !call_detail::has_entered(*leg)) return fail_field(ErrorCode::invalid_state, "call", "enter the call first");
  return {};
}

Result<void> may_chat(const CallView& call, const UserId& user) {
  if (auto inside = may_read_chat(call, user); !inside) return inside;
  if (!may(call, user, Capability::chat)) return fail(ErrorCode::forbidden, "your role may not write");
  return {};
}

// ---- how fast -------------------------------------------------------------------------------------------------------

Result<ChatRate> ChatRate::open(std::uint32_t burst, milliseconds every) {
  if (burst < 1 || burst > 1000)
    return fail_field(ErrorCode::out_of_range, "burst", "must be 1 to 1000, is " + std::to_string(burst));
  if (every < milliseconds(1) || every > std::chrono::hours(1))
    return fail_field(ErrorCode::out_of_range, "every", "must be 1 to 3600000 ms, is " + std::to_string(every.count()));
  return ChatRate(burst, every);
}

ChatRate::ChatRate(ChatRate&&) noexcept = default;
ChatRate& ChatRate::operator=(ChatRate&&) noexcept = default;
ChatRate::~ChatRate() = default;

Result<void> ChatRate::write(const CallId& call, const UserId& user, UnixTime now) {
  const auto found = full_at_.find({call, user});
  const UnixTime full_at = found == full_at_.end() ? now : std::max(found->second, now);
  if (full_at + every_ - now > burst_span()) {
    const milliseconds wait = full_at + every_ - burst_span() - now;
    return fail(ErrorCode::rate_limited, "too many messages; the next one in " + std::to_string(wait.count()) + " ms");
  }
  if (found == full_at_.end()) make_room();
  full_at_[{call, user}] = full_at + every_;
  return {};
}

void ChatRate::forget(const CallId& call) { erase_call(full_at_, call); }

void ChatRate::make_room() {
  if (full_at_.size() < ChatLimits::people_max) return;
  full_at_.erase(
      std::min_element(full_at_.begin(), full_at_.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
}

// ---- who types ------------------------------------------------------------------------------------------------------

bool TypingBoard::typing(const CallId& call, const UserId& user, UnixTime now) {
  const auto found = notices_.find({call, user});
  if (found == notices_.end()) {
    if (notices_.size() >= ChatLimits::people_max) expire(now);
    if (notices_.size() >= ChatLimits::people_max) return false;
    notices_[{call, user}] = {now, now + lasts};
    return true;
  }
  Notice& notice = found->second;
  if (now - notice.told < again && now < notice.until) return false;
  notice = {now, now + lasts};
  return true;
}

bool TypingBoard::stopped(const CallId& call, const UserId& user, UnixTime now) {
  const auto found = notices_.find({call, user});
  if (found == notices_.end()) return false;
  const bool held = now < found->second.until;
  notices_.erase(found);
  return held;
}

std::vector<UserId> TypingBoard::now_typing(const CallId& call, UnixTime now) const {
  std::vector<UserId> out;
  for (auto at = notices_.lower_bound({call, UserId()}); at != notices_.end() && at->first.first == call; ++at)
    if (now < at->second.until) out.push_back(at->first.second);
  return out;
}

void TypingBoard::expire(UnixTime now) {
  std::erase_if(notices_, [now](const auto& entry) { return entry.second.until <= now; });
}

void TypingBoard::forget(const CallId& call) { erase_call(notices_, call); }

}  // namespace zegocall
