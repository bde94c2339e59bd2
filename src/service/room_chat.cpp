#include "zegocall/service/room_chat.hpp"

#include <utility>

#include "service/digest.hpp"
#include "service/transaction.hpp"

namespace zegocall {

namespace {
constexpr std::uint32_t read_most = 100;
constexpr std::uint64_t messages_most = 100'000;
constexpr std::uint32_t forget_every = 64, forget_most = 1024;  // remembered messages, as CallService does with its answers

/// Beside the commands of the call, which may come under the same id; short enough whatever the client chose.
CommandId memory_id(const CallId& call, const CommandId& id) {
  return CommandId("message " + service_detail::digest_of("zegocall message", call.str() + " " + id.str()));
}
}  // namespace

Result<RoomChat> RoomChat::open(Store& store, RoomChatOptions options) {
  if (options.messages_max < 1 || options.messages_max > messages_most)
    return fail_field(ErrorCode::out_of_range, "messages_max", "1 to " + std::to_string(messages_most));
  if (options.answers_kept < std::chrono::seconds(1))
    return fail_field(ErrorCode::out_of_range, "answers_kept", "1 second or more");
  auto rate = ChatRate::open(options.burst, options.every);
  if (!rate) return unexpected(std::move(rate).error());
  return RoomChat(store, options, *std::move(rate));
}

Result<CallView> RoomChat::call_of(const CallId& call) {
  auto found = store_->call(call);
  if (!found) return unexpected(std::move(found).error());
  if (!*found) return fail_field(ErrorCode::not_found, "call", "no such call");
  return **std::move(found);
}

Result<std::optional<RoomMessage>> RoomChat::written(const CallId& call, const UserId& user, const CommandId& id) {
  if (id.empty()) return std::optional<RoomMessage>{};
  auto before = store_->answer(user, memory_id(call, id));
  if (!before) return unexpected(std::move(before).error());
  if (!*before) return std::optional<RoomMessage>{};
  const std::uint64_t number = (*before)->version.value;
  auto found = store_->room_messages(call, number - 1, 1);
  if (!found) return unexpected(std::move(found).error());
  if (found->empty() || found->front().number != number)
    return fail_field(ErrorCode::already_exists, "text", "was sent before, and is kept no more");
  return std::optional<RoomMessage>(std::move(found->front()));
}

/// The message's number takes the place of a version.
Result<void> RoomChat::remember(const RoomMessage& message, const CommandId& id, Now now) {
  if (id.empty()) return {};
  if (++remembered_ % forget_every == 0) (void)store_->forget_answers(now.wall, forget_most);  // housekeeping: may fail
  CallChange change;
  change.answer = CommandAnswer{.user = message.user,
                                .command = memory_id(message.call, id),
                                .call = message.call,
                                .version = Version(message.number),
                                .error = std::nullopt,
                                .keep_until = now.wall + options_.answers_kept};
  return store_->change(change);
}

Result<RoomMessage> RoomChat::write(const CallId& id, const UserId& user, const std::string& text, Now now,
                                    const CommandId& command) {
  auto before = written(id, user, command);
  if (!before) return unexpected(std::move(before).error());
  if (*before) return **std::move(before);
  if (auto fine = check_chat_text(text); !fine) return unexpected(std::move(fine).error());
  auto call = call_of(id);
  if (!call) return unexpected(std::move(call).error());
  if (auto fine = may_chat(*call, user); !fine) return unexpected(std::move(fine).error());
  if (auto fine = rate_.write(id, user, now.wall); !fine) {
    Error slow = std::move(fine).error();
    slow.retry_after = options_.every;  // by then one more is free
    return unexpected(std::move(slow));
  }
  auto said = service_detail::in_transaction(*store_, [&]() -> Result<RoomMessage> {
    auto last = store_->last_room_message(id);
    if (!last) return unexpected(std::move(last).error());
    auto told = store_->room_read(id, user);
    if (!told) return unexpected(std::move(told).error());
    RoomMessage message{id, *last + 1, user, now.wall, text};
    Result<void> kept = store_->add_room_message(message);
    if (kept && message.number > options_.messages_max)
      kept = store_->forget_room_messages(id, message.number - options_.messages_max);
    // Who was told all before knows their own words too; who was not must still be told what came before them.
    if (kept && *told == *last) kept = store_->keep_room_read(id, user, message.number);
    if (kept) kept = remember(message, command, now);
    if (!kept) return unexpected(std::move(kept).error());
    return message;
  });
  if (said) (void)board_.stopped(id, user, now.wall);
  return said;
}

Result<std::vector<RoomMessage>> RoomChat::replay(const CallId& id, const UserId& user) {
  auto call = call_of(id);
  if (!call) return unexpected(std::move(call).error());
  if (auto fine = may_read_chat(*call, user); !fine) return unexpected(std::move(fine).error());
  return service_detail::in_transaction(*store_, [&]() -> Result<std::vector<RoomMessage>> {
    auto told = store_->room_read(id, user);
    if (!told) return unexpected(std::move(told).error());
    auto messages = store_->room_messages(id, *told, static_cast<std::uint32_t>(options_.messages_max));
    if (!messages || messages->empty()) return messages;
    if (auto kept = store_->keep_room_read(id, user, messages->back().number); !kept) return unexpected(std::move(kept).error());
    return messages;
  });
}

Result<void> RoomChat::has(const CallId& id, const UserId& user, std::uint64_t number) {
  auto call = call_of(id);
  if (!call) return unexpected(std::move(call).error());
  if (auto fine = may_read_chat(*call, user); !fine) return fine;
  return service_detail::in_transaction(*store_, [&]() -> Result<void> {
    auto last = store_->last_room_message(id);
    if (!last) return unexpected(std::move(last).error());
    // Nobody has what was not written: a number from nowhere must not hide what comes.
    return store_->keep_room_read(id, user, std::min(number, *last));
  });
}

Result<std::vector<RoomMessage>> RoomChat::read(const CallId& id, const UserId& user, std::uint64_t after) {
  auto call = call_of(id);
  if (!call) return unexpected(std::move(call).error());
  if (auto fine = may_read_chat(*call, user); !fine) return unexpected(std::move(fine).error());
  return store_->room_messages(id, after, read_most);
}

Result<bool> RoomChat::typing(const CallId& id, const UserId& user, Now now) {
  auto call = call_of(id);
  if (!call) return unexpected(std::move(call).error());
  if (auto fine = may_chat(*call, user); !fine) return unexpected(std::move(fine).error());
  return board_.typing(id, user, now.wall);
}

void RoomChat::forget(const CallId& call) {
  rate_.forget(call);
  board_.forget(call);
}

}  // namespace zegocall
