#include "zegocall/store/memory.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "store/rules.hpp"
#include "store/undo_table.hpp"

namespace zegocall {

namespace {

using namespace store_detail;

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
  Result<std::vector<CallEvent>> events(const CallId& id, Version since) override {
    std::vector<CallEvent> found;
    for (auto row = events_.rows().upper_bound({id, since}); row != events_.rows().end() && row->first.first == id; ++row)
      found.push_back(row->second);
    return found;
  }
  Result<Page<CallView>> history(const UserId& user, PageRequest page) override;
  Result<Page<CallView>> calls(PageRequest page) override;
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

  Result<std::vector<OutboxEntry>> outbox(std::uint32_t most) override {
    std::vector<OutboxEntry> found;
    for (const auto& row : outbox_.rows()) {
      if (found.size() == most) break;
      found.push_back({row.first, row.second});
    }
    return found;
  }
  Result<void> outbox_done(std::int64_t up_to) override {
    if (!in_transaction_) return no_transaction();
    while (!outbox_.rows().empty() && outbox_.rows().begin()->first <= up_to) {
      const std::int64_t number = outbox_.rows().begin()->first;
      outbox_.erase(number);
    }
    return {};
  }

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
  using DeadlineKey = std::tuple<UnixTime, CallId, std::string_view, std::uint32_t>;

  Result<void> check_parts(const CallChange& change) const;
  Result<void> seat(const CallChange& change);
  void keep_part(const CallChange::Part& part);
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
  UndoTable<DeadlineKey, DueDeadline> deadlines_{log_};
  UndoTable<PersonTime, Nothing> members_{log_};
  UndoTable<std::pair<UserId, CommandId>, CommandAnswer> answers_{log_};
  UndoTable<std::tuple<UnixTime, UserId, CommandId>, Nothing> answer_ends_{log_};
  UndoTable<std::int64_t, OutboxMessage> outbox_{log_};
  UndoTable<std::int64_t, AccountRecord> accounts_{log_};
  UndoTable<UserId, std::int64_t> account_ids_{log_};
  UndoTable<std::string, std::int64_t> account_names_{log_}, account_emails_{log_};
  UndoTable<std::string, ChatRecord> chats_{log_};
  UndoTable<std::string, std::string> chat_sets_{log_};
  UndoTable<std::tuple<UserId, UnixTime, std::string>, Nothing> chat_times_{log_};
};

// ---- calls ----------------------------------------------------------------------------------------------------------

Result<std::vector<CallView>> MemoryStore::calls_of(const std::vector<UserId>& users) {
  std::vector<CallView> found;
  for (const UserId& user : users) {
    const CallId* id = seats_.find(user);
    if (!id) continue;
    const bool there = std::any_of(found.begin(), found.end(), [&](const CallView& call) { return call.id == *id; });
    if (!there) found.push_back(*calls_.find(*id));
  }
  return found;
}

Result<Page<CallView>> MemoryStore::history(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto first = members_.rows().lower_bound({user, UnixTime::min(), CallId()});
  const auto last = members_.rows().lower_bound({user, UnixTime::max(), CallId()});
  return newest_first<CallView>(first, last, page, [&](const auto& row) { return *calls_.find(std::get<2>(row.first)); });
}

Result<Page<CallView>> MemoryStore::calls(PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  return newest_first<CallView>(created_.rows().begin(), created_.rows().end(), page,
                                [&](const auto& row) { return *calls_.find(row.first.second); });
}

Result<void> MemoryStore::change(const CallChange& change) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(change); !fine) return fine;
  if (auto fine = check_parts(change); !fine) return fine;
  if (change.answer && answers_.find({change.answer->user, change.answer->command})) return answer_conflict();
  const std::size_t savepoint = log_.mark();
  if (auto seated = seat(change); !seated) {
    log_.back_to(savepoint);
    return seated;
  }
  for (const CallChange::Part& part : change.parts) keep_part(part);
  if (change.answer) {
    answers_.put({change.answer->user, change.answer->command}, *change.answer);
    answer_ends_.put({change.answer->keep_until, change.answer->user, change.answer->command}, {});
  }
  for (const OutboxMessage& message : change.outbox) outbox_.put(next(outbox_number_), message);
  return {};
}

Result<void> MemoryStore::check_parts(const CallChange& change) const {
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallChange::Part& part = change.parts[i];
    const CallView* before = calls_.find(part.after.id);
    if ((before ? before->version : Version{}) != part.expected)
      return version_conflict(i, part.expected, before ? std::optional(before->version) : std::nullopt);
    if (before && before->state == CallState::ended) return ended_already(i);
  }
  return {};
}

Result<void> MemoryStore::seat(const CallChange& change) {
  for (const CallChange::Part& part : change.parts) {
    const CallView* before = calls_.find(part.after.id);
    if (!before) continue;
    for (const UserId& user : seats_released(seats_of(*before), seats_of(part.after))) seats_.erase(user);
  }
  for (std::size_t i = 0; i < change.parts.size(); ++i) {
    const CallView& after = change.parts[i].after;
    for (const UserId& user : seats_of(after)) {
      const CallId* taken_by = seats_.find(user);
      if (taken_by && *taken_by != after.id) return seat_conflict(i, after, user);
      if (!taken_by) seats_.put(user, after.id);
    }
  }
  return {};
}

void MemoryStore::keep_part(const CallChange::Part& part) {
  const CallView& after = part.after;
  const CallView* before = calls_.find(after.id);
  const CallTime when{before ? before->created_at : after.created_at, after.id};
  if (before)
    for (const Deadline& deadline : before->deadlines) deadlines_.erase(key_of(after.id, deadline));
  for (const Deadline& deadline : after.deadlines) deadlines_.put(key_of(after.id, deadline), {after.id, deadline});
  for (const CallEvent& event : part.events) events_.put({event.call, event.version}, event);
  if (!before) {
    created_.put(when, {});
    live_.put(when, {});
  }
  if (after.ended_at) {
    live_.erase(when);
    for (const UserId& user : members_of(after)) members_.put({user, *after.ended_at, after.id}, {});
  }
  calls_.put(after.id, after);
}

Result<void> MemoryStore::forget_answers(UnixTime now, std::uint32_t most) {
  if (!in_transaction_) return no_transaction();
  for (; most > 0 && !answer_ends_.rows().empty(); --most) {
    const auto [until, user, command] = answer_ends_.rows().begin()->first;
    if (until > now) break;
    answers_.erase({user, command});
    answer_ends_.erase({until, user, command});
  }
  return {};
}

// ---- people ---------------------------------------------------------------------------------------------------------

Result<void> MemoryStore::add_account(const AccountRecord& account) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(account); !fine) return fine;
  const std::string name_key = ascii_lower(account.name), email_key = ascii_lower(account.email);
  if (account_ids_.find(account.id)) return taken("id");
  if (account_names_.find(name_key)) return taken("name");
  if (!email_key.empty() && account_emails_.find(email_key)) return taken("email");
  const std::int64_t number = next(account_number_);
  accounts_.put(number, account);
  account_ids_.put(account.id, number);
  account_names_.put(name_key, number);
  if (!email_key.empty()) account_emails_.put(email_key, number);
  return {};
}

Result<std::vector<AccountRecord>> MemoryStore::accounts(std::uint32_t most) {
  std::vector<AccountRecord> found;
  for (auto row = accounts_.rows().rbegin(); row != accounts_.rows().rend() && found.size() < most; ++row)
    found.push_back(row->second);
  std::reverse(found.begin(), found.end());
  return found;
}

Result<void> MemoryStore::add_chat(const ChatRecord& chat) {
  if (!in_transaction_) return no_transaction();
  if (auto fine = check(chat); !fine) return fine;
  const std::string key = members_key(chat.members);
  if (chats_.find(chat.id)) return taken("id");
  if (chat_sets_.find(key)) return taken("members");
  chats_.put(chat.id, chat);
  chat_sets_.put(key, chat.id);
  for (const UserId& user : chat.members) chat_times_.put({user, chat.created_at, chat.id}, {});
  return {};
}

Result<Page<ChatRecord>> MemoryStore::chats_of(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  const auto first = chat_times_.rows().lower_bound({user, UnixTime::min(), {}});
  const auto last = chat_times_.rows().lower_bound({user, UnixTime::max(), {}});
  return newest_first<ChatRecord>(first, last, page, [&](const auto& row) { return *chats_.find(std::get<2>(row.first)); });
}

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace zegocall
