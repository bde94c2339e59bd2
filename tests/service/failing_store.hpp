// A store that fails its n-th operation, once or from there on. Everything else goes to the store behind it.
#pragma once

#include <limits>
#include <utility>

#include "zegocall/store/store.hpp"

namespace zegocall::test {

class FailingStore : public Store {
 public:
  explicit FailingStore(Store& behind) : behind_(behind) {}

  /// The operation number `n` from now on (0 = the next one) reports `code`.
  void fail_at(int n, ErrorCode code = ErrorCode::store_unavailable) { left_ = n, code_ = code, from_there_on_ = false; }
  void fail_from(int n) { left_ = n, code_ = ErrorCode::store_unavailable, from_there_on_ = true; }
  void heal() { left_ = never; }
  /// True once the planned failure has happened.
  bool failed() const { return failures_ > 0; }
  int failures() const { return failures_; }
  /// Only this kind of operation counts and fails, by its name; empty = every one.
  void only(std::string operation) { only_ = std::move(operation); }

  Result<void> begin() override {
    return run("begin", [&] { return behind_.begin(); });
  }
  Result<void> commit() override {
    auto done = run("commit", [&] { return behind_.commit(); });
    if (!done && behind_.in_transaction()) behind_.rollback();  // a failed commit leaves nothing
    return done;
  }
  void rollback() override { behind_.rollback(); }
  bool in_transaction() const override { return behind_.in_transaction(); }

  Result<std::optional<CallView>> call(const CallId& id) override {
    return run("call", [&] { return behind_.call(id); });
  }
  Result<std::vector<CallView>> calls_of(const std::vector<UserId>& users) override {
    return run("calls_of", [&] { return behind_.calls_of(users); });
  }
  Result<std::vector<CallView>> live_calls() override {
    return run("live_calls", [&] { return behind_.live_calls(); });
  }
  Result<std::vector<CallId>> live_call_ids() override {
    return run("live_call_ids", [&] { return behind_.live_call_ids(); });
  }
  Result<std::vector<CallEvent>> events(const CallId& id, Version since) override {
    return run("events", [&] { return behind_.events(id, since); });
  }
  Result<Page<CallView>> history(const UserId& user, PageRequest page) override {
    return run("history", [&] { return behind_.history(user, page); });
  }
  Result<std::vector<CallView>> live_rooms_of(const UserId& user) override {
    return run("live_rooms_of", [&] { return behind_.live_rooms_of(user); });
  }
  Result<Page<CallView>> calls(PageRequest page) override {
    return run("calls", [&] { return behind_.calls(page); });
  }
  Result<std::vector<CallView>> calls_before(const std::optional<CallPlace>& place, std::uint32_t most) override {
    return run("calls_before", [&] { return behind_.calls_before(place, most); });
  }
  Result<void> change(const CallChange& change) override {
    return run("change", [&] { return behind_.change(change); });
  }
  Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) override {
    return run("answer", [&] { return behind_.answer(user, command); });
  }
  Result<void> forget_answers(UnixTime now, std::uint32_t most) override {
    return run("forget_answers", [&] { return behind_.forget_answers(now, most); });
  }
  Result<std::vector<DueDeadline>> due(UnixTime now, std::uint32_t most) override {
    return run("due", [&] { return behind_.due(now, most); });
  }
  Result<std::optional<UnixTime>> next_deadline() override {
    return run("next_deadline", [&] { return behind_.next_deadline(); });
  }
  Result<std::uint64_t> forget_calls(UnixTime ended_before, std::uint32_t most) override {
    return run("forget_calls", [&] { return behind_.forget_calls(ended_before, most); });
  }
  Result<std::uint64_t> erase_user(const UserId& user, const UserId& instead) override {
    return run("erase_user", [&] { return behind_.erase_user(user, instead); });
  }
  Result<void> scrub() override {
    return run("scrub", [&] { return behind_.scrub(); });
  }
  Result<std::vector<OutboxEntry>> outbox(OutboxLane lane, std::uint32_t most) override {
    return run("outbox", [&] { return behind_.outbox(lane, most); });
  }
  Result<std::vector<OutboxEntry>> outbox_due(OutboxLane lane, UnixTime now, std::uint32_t most) override {
    return run("outbox_due", [&] { return behind_.outbox_due(lane, now, most); });
  }
  Result<std::optional<UnixTime>> outbox_next(OutboxLane lane) override {
    return run("outbox_next", [&] { return behind_.outbox_next(lane); });
  }
  Result<std::uint64_t> outbox_size(OutboxLane lane) override {
    return run("outbox_size", [&] { return behind_.outbox_size(lane); });
  }
  Result<void> outbox_done(std::int64_t number) override {
    return run("outbox_done", [&] { return behind_.outbox_done(number); });
  }
  Result<void> outbox_retry(std::int64_t number, UnixTime due) override {
    return run("outbox_retry", [&] { return behind_.outbox_retry(number, due); });
  }
  Result<void> outbox_bury(std::int64_t number, UnixTime at, const std::string& reason) override {
    return run("outbox_bury", [&] { return behind_.outbox_bury(number, at, reason); });
  }
  Result<Page<DeadLetter>> dead_letters(PageRequest page) override {
    return run("dead_letters", [&] { return behind_.dead_letters(page); });
  }
  Result<void> dead_letter_again(std::int64_t number, UnixTime due) override {
    return run("dead_letter_again", [&] { return behind_.dead_letter_again(number, due); });
  }
  Result<std::uint64_t> forget_dead_letters(OutboxLane lane, UnixTime before, std::uint32_t most) override {
    return run("forget_dead_letters", [&] { return behind_.forget_dead_letters(lane, before, most); });
  }
  Result<PersonSettings> settings(const UserId& user) override {
    return run("settings", [&] { return behind_.settings(user); });
  }
  Result<void> keep_settings(const PersonSettings& settings) override {
    return run("keep_settings", [&] { return behind_.keep_settings(settings); });
  }
  Result<void> block(const Block& block) override {
    return run("block", [&] { return behind_.block(block); });
  }
  Result<void> unblock(const UserId& user, const UserId& blocked) override {
    return run("unblock", [&] { return behind_.unblock(user, blocked); });
  }
  Result<bool> is_blocked(const UserId& user, const UserId& by_whom) override {
    return run("is_blocked", [&] { return behind_.is_blocked(user, by_whom); });
  }
  Result<Page<Block>> blocks(const UserId& user, PageRequest page) override {
    return run("blocks", [&] { return behind_.blocks(user, page); });
  }
  Result<Page<MissedCall>> missed(const UserId& user, PageRequest page) override {
    return run("missed", [&] { return behind_.missed(user, page); });
  }
  Result<std::uint64_t> missed_unseen(const UserId& user) override {
    return run("missed_unseen", [&] { return behind_.missed_unseen(user); });
  }
  Result<std::uint64_t> mark_missed_seen(const UserId& user, UnixTime up_to, UnixTime seen) override {
    return run("mark_missed_seen", [&] { return behind_.mark_missed_seen(user, up_to, seen); });
  }
  Result<void> add_room_message(const RoomMessage& message) override {
    return run("add_room_message", [&] { return behind_.add_room_message(message); });
  }
  Result<std::vector<RoomMessage>> room_messages(const CallId& call, std::uint64_t after, std::uint32_t most) override {
    return run("room_messages", [&] { return behind_.room_messages(call, after, most); });
  }
  Result<std::uint64_t> last_room_message(const CallId& call) override {
    return run("last_room_message", [&] { return behind_.last_room_message(call); });
  }
  Result<void> forget_room_messages(const CallId& call, std::uint64_t up_to) override {
    return run("forget_room_messages", [&] { return behind_.forget_room_messages(call, up_to); });
  }
  Result<std::uint64_t> room_read(const CallId& call, const UserId& user) override {
    return run("room_read", [&] { return behind_.room_read(call, user); });
  }
  Result<void> keep_room_read(const CallId& call, const UserId& user, std::uint64_t number) override {
    return run("keep_room_read", [&] { return behind_.keep_room_read(call, user, number); });
  }
  Result<std::optional<PasscodeRecord>> passcode(const CallId& call) override {
    return run("passcode", [&] { return behind_.passcode(call); });
  }
  Result<void> keep_passcode(const PasscodeRecord& passcode) override {
    return run("keep_passcode", [&] { return behind_.keep_passcode(passcode); });
  }
  Result<void> add_join_code(const JoinCodeRecord& code) override {
    return run("add_join_code", [&] { return behind_.add_join_code(code); });
  }
  Result<std::optional<JoinCodeRecord>> join_code(std::string_view digest) override {
    return run("join_code", [&] { return behind_.join_code(digest); });
  }
  Result<std::uint64_t> forget_join_codes(UnixTime now, std::uint32_t most) override {
    return run("forget_join_codes", [&] { return behind_.forget_join_codes(now, most); });
  }
  Result<void> add_account(const AccountRecord& account) override {
    return run("add_account", [&] { return behind_.add_account(account); });
  }
  Result<std::optional<AccountRecord>> account(const UserId& id) override {
    return run("account", [&] { return behind_.account(id); });
  }
  Result<std::optional<AccountRecord>> account_by_login(std::string_view name) override {
    return run("account_by_login", [&] { return behind_.account_by_login(name); });
  }
  Result<std::vector<AccountRecord>> accounts(std::uint32_t most) override {
    return run("accounts", [&] { return behind_.accounts(most); });
  }
  Result<void> add_chat(const ChatRecord& chat) override {
    return run("add_chat", [&] { return behind_.add_chat(chat); });
  }
  Result<std::optional<ChatRecord>> chat(std::string_view id) override {
    return run("chat", [&] { return behind_.chat(id); });
  }
  Result<std::optional<ChatRecord>> chat_of(const std::vector<UserId>& members) override {
    return run("chat_of", [&] { return behind_.chat_of(members); });
  }
  Result<Page<ChatRecord>> chats_of(const UserId& user, PageRequest page) override {
    return run("chats_of", [&] { return behind_.chats_of(user, page); });
  }

 protected:
  /// Before and after each operation, by its name. A failure of the first is the operation's.
  virtual Result<void> before(std::string_view operation) {
    if (!only_.empty() && operation != only_) return {};
    if (left_ == never || left_-- > 0) return {};
    ++failures_;
    left_ = from_there_on_ ? 0 : never;
    return fail(code_, "the test's store fails here");
  }
  virtual void after(std::string_view) {}

 private:
  static constexpr int never = std::numeric_limits<int>::max();

  template <class Operation>
  std::invoke_result_t<Operation&> run(std::string_view name, Operation operation) {
    if (auto fine = before(name); !fine) return unexpected(std::move(fine).error());
    auto result = operation();
    after(name);
    return result;
  }

  Store& behind_;
  int left_ = never;
  bool from_there_on_ = false;
  ErrorCode code_ = ErrorCode::store_unavailable;
  int failures_ = 0;
  std::string only_;
};

}  // namespace zegocall::test
