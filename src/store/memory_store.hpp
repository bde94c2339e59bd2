// The inside of the store in memory, shared by its source files.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/rules.hpp"
#include "store/undo_table.hpp"
#include "zegocall/store/memory.hpp"

namespace zegocall::store_detail {

struct Nothing {};

/// The rows of [first, last) that a page shows, the last one first.
template <class Item, class Iterator, class Shape>
Page<Item> newest_first(Iterator first, Iterator last, const PageRequest& request, Shape shape) {
  Page<Item> page;
  page.total = static_cast<std::uint64_t>(std::distance(first, last));
  if (first_of(request) >= page.total) return page;
  auto row = std::make_reverse_iterator(last);
  std::advance(row, first_of(request));
  for (; row != std::make_reverse_iterator(first) && page.items.size() < request.size; ++row) page.items.push_back(shape(*row));
  return page;
}

class MemoryStore final : public Store {
 public:
  Result<void> begin() override {
    if (in_transaction_) return fail(ErrorCode::invalid_state, "a transaction is open already");
    in_transaction_ = true;
    return {};
  }
  Result<void> commit() override {
    if (!in_transaction_) return no_transaction();
    log_.forget();
    in_transaction_ = false;
    return {};
  }
  void rollback() override {
    log_.back_to(0);
    in_transaction_ = false;
  }
  bool in_transaction() const override { return in_transaction_; }

  Result<std::optional<CallView>> call(const CallId& id) override {
    const CallView* found = calls_.find(id);
    return found ? std::optional<CallView>(*found) : std::nullopt;
  }
  Result<std::vector<CallView>> calls_of(const std::vector<UserId>& users) override;
  Result<std::vector<CallView>> live_calls() override {
    std::vector<CallView> found;
    for (const auto& row : live_.rows()) found.push_back(*calls_.find(row.first.second));
    return found;
  }
  Result<std::vector<CallId>> live_call_ids() override {
    std::vector<CallId> found;
    for (const auto& row : live_.rows()) found.push_back(row.first.second);
    return found;
  }
  Result<std::vector<CallEvent>> events(const CallId& id, Version since) override {
    std::vector<CallEvent> found;
    for (auto row = events_.rows().upper_bound({id, since}); row != events_.rows().end() && row->first.first == id; ++row)
      found.push_back(row->second);
    return found;
  }
  Result<Page<CallView>> history(const UserId& user, PageRequest page) override;
  Result<std::vector<CallView>> live_rooms_of(const UserId& user) override;
  Result<Page<CallView>> calls(PageRequest page) override;
  Result<std::vector<CallView>> calls_before(const std::optional<CallPlace>& place, std::uint32_t most) override;
  Result<void> change(const CallChange& change) override;
  Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) override {
    const CommandAnswer* found = answers_.find({user, command});
    return found ? std::optional<CommandAnswer>(*found) : std::nullopt;
  }
  Result<void> forget_answers(UnixTime now, std::uint32_t most) override;
  Result<std::vector<DueDeadline>> due(UnixTime now, std::uint32_t most) override {
    std::vector<DueDeadline> found;
    for (const auto& row : deadlines_.rows()) {
      if (row.second.deadline.at > now || found.size() == most) break;
      found.push_back(row.second);
    }
    return found;
  }
  Result<std::optional<UnixTime>> next_deadline() override {
    if (deadlines_.rows().empty()) return std::optional<UnixTime>{};
    return std::optional<UnixTime>(deadlines_.rows().begin()->second.deadline.at);
  }

  Result<std::uint64_t> forget_calls(UnixTime ended_before, std::uint32_t most) override;
  Result<std::uint64_t> erase_user(const UserId& user, const UserId& instead) override;
  Result<void> scrub() override;

  Result<std::vector<OutboxEntry>> outbox(OutboxLane lane, std::uint32_t most) override;
  Result<std::vector<OutboxEntry>> outbox_due(OutboxLane lane, UnixTime now, std::uint32_t most) override;
  Result<std::optional<UnixTime>> outbox_next(OutboxLane lane) override;
  Result<std::uint64_t> outbox_size(OutboxLane lane) override;
  Result<void> outbox_done(std::int64_t number) override;
  Result<void> outbox_retry(std::int64_t number, UnixTime due) override;
  Result<void> outbox_bury(std::int64_t number, UnixTime at, const std::string& reason) override;
  Result<Page<DeadLetter>> dead_letters(PageRequest page) override;
  Result<void> dead_letter_again(std::int64_t number, UnixTime due) override;
  Result<std::uint64_t> forget_dead_letters(OutboxLane lane, UnixTime before, std::uint32_t most) override;

  Result<PersonSettings> settings(const UserId& user) override;
  Result<void> keep_settings(const PersonSettings& settings) override;
  Result<void> block(const Block& block) override;
  Result<void> unblock(const UserId& user, const UserId& blocked) override;
  Result<bool> is_blocked(const UserId& user, const UserId& by_whom) override;
  Result<Page<Block>> blocks(const UserId& user, PageRequest page) override;
  Result<Page<MissedCall>> missed(const UserId& user, PageRequest page) override;
  Result<std::uint64_t> missed_unseen(const UserId& user) override;
  Result<std::uint64_t> mark_missed_seen(const UserId& user, UnixTime up_to, UnixTime seen) override;

  Result<void> add_room_message(const RoomMessage& message) override;
  Result<std::vector<RoomMessage>> room_messages(const CallId& call, std::uint64_t after, std::uint32_t most) override;
  Result<std::uint64_t> last_room_message(const CallId& call) override;
  Result<void> forget_room_messages(const CallId& call, std::uint64_t up_to) override;
  Result<std::uint64_t> room_read(const CallId& call, const UserId& user) override;
  Result<void> keep_room_read(const CallId& call, const UserId& user, std::uint64_t number) override;
  Result<std::optional<PasscodeRecord>> passcode(const CallId& call) override;
  Result<void> keep_passcode(const PasscodeRecord& passcode) override;
  Result<void> add_join_code(const JoinCodeRecord& code) override;
  Result<std::optional<JoinCodeRecord>> join_code(std::string_view digest) override;
  Result<std::uint64_t> forget_join_codes(UnixTime now, std::uint32_t most) override;

  Result<void> add_account(const AccountRecord& account) override;
  Result<std::optional<AccountRecord>> account(const UserId& id) override { return account_in(account_ids_, id); }
  Result<std::optional<AccountRecord>> account_by_login(std::string_view name_or_email) override {
    const std::string key = ascii_lower(name_or_email);
    auto by_name = account_in(account_names_, key);
    return by_name ? by_name : account_in(account_emails_, key);
  }
  Result<std::vector<AccountRecord>> accounts(std::uint32_t most) override;

  Result<void> add_chat(const ChatRecord& chat) override;
  Result<std::optional<ChatRecord>> chat(std::string_view id) override {
    const ChatRecord* found = chats_.find(std::string(id));
    return found ? std::optional<ChatRecord>(*found) : std::nullopt;
  }
  Result<std::optional<ChatRecord>> chat_of(const std::vector<UserId>& members) override {
    const std::string* id = chat_sets_.find(members_key(members));
    if (!id) return std::optional<ChatRecord>{};
    return chat(*id);
  }
  Result<Page<ChatRecord>> chats_of(const UserId& user, PageRequest page) override;

 private:
  using CallTime = std::pair<UnixTime, CallId>;
  using PersonTime = std::tuple<UserId, UnixTime, CallId>;
  using MissedKey = std::tuple<UserId, UnixTime, CallId, std::uint32_t>;
  using DeadlineKey = std::tuple<UnixTime, CallId, std::string_view, std::uint32_t>;

  Result<void> check_parts(const CallChange& change) const;
  Result<void> seat(const CallChange& change);
  void keep_part(const CallChange::Part& part);
  void add_to_outbox(OutboxMessage message, UnixTime due);
  /// The number of the oldest message of an order.
  std::optional<std::int64_t> first_of_order(OutboxLane lane, const std::string& order) const;
  /// Takes an entry out; the next of its order becomes due.
  OutboxEntry take_from_outbox(std::int64_t number);
  void forget_call(const CallView& call);
  void rename_in_call(const CallId& id, const UserId& user, const UserId& instead);
  void rename_in_lists(const UserId& user, const UserId& instead);
  void rename_in_messages(const UserId& user, const UserId& instead);
  void forget_person(const UserId& user);
  void rename_in_chats(const UserId& user, const UserId& instead);
  template <class Key>
  std::optional<AccountRecord> account_in(const UndoTable<Key, std::int64_t>& index, const Key& key) const {
    const std::int64_t* number = index.find(key);
    return number ? std::optional<AccountRecord>(*accounts_.find(*number)) : std::nullopt;
  }
  static DeadlineKey key_of(const CallId& call, const Deadline& deadline) {
    return {deadline.at, call, name(deadline.timer), deadline.leg};
  }
  std::int64_t next(std::int64_t& counter) {
    log_.add([&counter, before = counter] { counter = before; });
    return ++counter;
  }

  UndoLog log_{};
  bool in_transaction_ = false;
  std::int64_t outbox_number_ = 0, account_number_ = 0;
  UndoTable<CallId, CallView> calls_{log_};
  UndoTable<CallTime, Nothing> created_{log_}, live_{log_};
  UndoTable<std::pair<CallId, Version>, CallEvent> events_{log_};
  UndoTable<UserId, CallId> seats_{log_};
  UndoTable<std::pair<UserId, CallId>, Nothing> second_legs_{log_};
  UndoTable<DeadlineKey, DueDeadline> deadlines_{log_};
  UndoTable<PersonTime, Nothing> members_{log_};
  UndoTable<std::pair<UserId, CommandId>, CommandAnswer> answers_{log_};
  UndoTable<std::tuple<UnixTime, UserId, CommandId>, Nothing> answer_ends_{log_};
  UndoTable<std::pair<UserId, CallId>, Nothing> mentions_{log_};
  UndoTable<std::int64_t, OutboxEntry> outbox_{log_};
  UndoTable<std::tuple<OutboxLane, UnixTime, std::int64_t>, Nothing> outbox_due_{log_};
  UndoTable<std::tuple<OutboxLane, std::string, std::int64_t>, Nothing> outbox_orders_{log_};
  UndoTable<std::int64_t, DeadLetter> dead_{log_};
  UndoTable<UserId, PersonSettings> settings_{log_};
  UndoTable<std::pair<UserId, UserId>, Block> blocks_{log_};
  UndoTable<MissedKey, MissedCall> missed_{log_};
  UndoTable<std::pair<CallId, std::uint64_t>, RoomMessage> room_messages_{log_};
  UndoTable<std::pair<CallId, UserId>, std::uint64_t> room_reads_{log_};
  UndoTable<CallId, PasscodeRecord> passcodes_{log_};
  UndoTable<std::string, JoinCodeRecord> join_codes_{log_};
  UndoTable<std::int64_t, AccountRecord> accounts_{log_};
  UndoTable<UserId, std::int64_t> account_ids_{log_};
  UndoTable<std::string, std::int64_t> account_names_{log_}, account_emails_{log_};
  UndoTable<std::string, ChatRecord> chats_{log_};
  UndoTable<std::string, std::string> chat_sets_{log_};
  UndoTable<std::tuple<UserId, UnixTime, std::string>, Nothing> chat_times_{log_};
};

}  // namespace zegocall::store_detail
