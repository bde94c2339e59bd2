// The store in one SQLite file: WAL, synchronous FULL, group commit. The default of every example server.
#pragma once

#include <memory>
#include <string>

#include "zegocall/store/store.hpp"

namespace zegocall {

struct SqliteOptions {
  std::string path = ":memory:";
  std::string vfs{};       ///< SQLite's name of a VFS; empty = its default (tests put a failing one here)
  bool read_only = false;  ///< for tools that look at a running server's file
};

/// Opens or creates the file and brings its schema up to date, one transaction per migration.
/// open's errors: store_newer (a newer version wrote the file), store_corrupt (damaged, or another program's database),
/// store_unavailable (with SQLite's words; a read_only store also when a writer must migrate the file first).
/// A commit that fails because the disk refuses to sync is undone in this process; should the machine stop before the
/// next commit, the file may show that one transaction complete or not at all, never a part of it.
class SqliteStore final : public Store {
 public:
  static Result<SqliteStore> open(SqliteOptions options);
  SqliteStore(SqliteStore&&) noexcept;
  SqliteStore& operator=(SqliteStore&&) noexcept;
  ~SqliteStore() override;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  bool in_transaction() const override;

  Result<std::optional<CallView>> call(const CallId& id) override;
  Result<std::vector<CallView>> calls_of(const std::vector<UserId>& users) override;
  Result<std::vector<CallView>> live_calls() override;
  Result<std::vector<CallId>> live_call_ids() override;
  Result<std::vector<CallEvent>> events(const CallId& id, Version since) override;
  Result<Page<CallView>> history(const UserId& user, PageRequest page) override;
  Result<std::vector<CallView>> live_rooms_of(const UserId& user) override;
  Result<Page<CallView>> calls(PageRequest page) override;
  Result<std::vector<CallView>> calls_before(const std::optional<CallPlace>& place, std::uint32_t most) override;
  Result<void> change(const CallChange& change) override;
  Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) override;
  Result<void> forget_answers(UnixTime now, std::uint32_t most) override;
  Result<std::vector<DueDeadline>> due(UnixTime now, std::uint32_t most) override;
  Result<std::optional<UnixTime>> next_deadline() override;

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
  Result<std::optional<AccountRecord>> account(const UserId& id) override;
  Result<std::optional<AccountRecord>> account_by_login(std::string_view name_or_email) override;
  Result<std::vector<AccountRecord>> accounts(std::uint32_t most) override;

  Result<void> add_chat(const ChatRecord& chat) override;
  Result<std::optional<ChatRecord>> chat(std::string_view id) override;
  Result<std::optional<ChatRecord>> chat_of(const std::vector<UserId>& members) override;
  Result<Page<ChatRecord>> chats_of(const UserId& user, PageRequest page) override;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
