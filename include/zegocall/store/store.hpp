// The store's ports, in domain words. Adapters: memory (store/memory.hpp), SQLite (store/sqlite.hpp).
// Called from one thread at a time (a server's service thread). Every operation can fail with store_unavailable.
// All changes happen inside a transaction: begin() ... commit(). Several commands share one (group commit); each makes
// its changes within a savepoint, so that one that fails takes back its own only.
// Besides store_unavailable: a change outside a transaction, begin() within one and any change of a store that was opened
// read only are invalid_state; a record outside the limits (StoreLimits) is invalid_argument, out_of_range or bad_utf8
// with the member's path. After store_unavailable inside a transaction the whole transaction is lost: every further
// operation in it, commit() too, fails likewise until rollback() or the failed commit() ended it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/call/model.hpp"
#include "zegocall/store/outbox.hpp"
#include "zegocall/store/page.hpp"
#include "zegocall/store/rooms.hpp"
#include "zegocall/store/settings.hpp"

namespace zegocall {

/// What every adapter accepts; sizes in bytes where they say so. Texts are UTF-8 without other limits (NUL is a character like
/// others).
struct StoreLimits {
  static constexpr std::size_t id_bytes_max = 128;     ///< ids of people, devices, commands, chats; a call id too
  static constexpr std::size_t text_bytes_max = 4096;  ///< names, notes, URLs, hashes, error texts
  static constexpr std::size_t outbox_bytes_max = 262144;
  static constexpr std::size_t room_text_bytes_max = 16384;
  static constexpr std::size_t blocks_max = 1000;   ///< of one person
  static constexpr std::size_t legs_max = 4096;     ///< per call
  static constexpr std::size_t devices_max = 64;    ///< rung per leg
  static constexpr std::size_t events_max = 16384;  ///< per change and call
  static constexpr std::size_t chat_members_max = 256;
  static constexpr std::uint32_t page_size_max = 100;
};

/// The first answer to a command; it is kept until `keep_until`. An empty error means that it was done.
struct CommandAnswer {
  UserId user{};
  CommandId command{};
  CallId call{};
  Version version{};  ///< of the call, right after
  std::optional<Error> error{};
  UnixTime keep_until{};
};

/// One decision's changes. All or nothing: conflict if a call's version is not the expected one (field
/// "parts.0.expected"), a seat is taken ("parts.0.after.legs.1.user") or the command has an answer already ("answer").
/// Seats that a part gives back are free for the others, in whatever order the parts stand.
struct CallChange {
  struct Part {
    Version expected{};             ///< what the call had before; 0 = it must not exist
    std::vector<CallEvent> events;  ///< the new ones, in order
    CallView after{};               ///< the snapshot they lead to; its live legs are the seats to hold
  };
  std::vector<Part> parts{};
  std::optional<CommandAnswer> answer{};
  std::vector<OutboxMessage> outbox{};
  std::vector<MissedCall> missed{};
};

/// Where a call stands among all calls, which are in the order of these.
struct CallPlace {
  UnixTime created_at{};
  CallId id{};
};

/// A clock of a live call that has run out: hand it to the engine as TimerFired.
struct DueDeadline {
  CallId call{};
  Deadline deadline{};
};

/// Somebody who may log in.
struct AccountRecord {
  UserId id{};
  std::string name{};   ///< login name, unique without regard to ASCII case
  std::string email{};  ///< unique without regard to ASCII case; may be empty
  std::string display_name{};
  std::string picture_url{};
  std::string password_hash{};  ///< of a PasswordHasher; never printed
  UnixTime created_at{};
};

/// A conversation of two people or more; who may call whom.
struct ChatRecord {
  std::string id{};
  std::vector<UserId> members{};  ///< sorted, without repeats
  UnixTime created_at{};
};

/// See the file's comment for threads and transactions. Reads see the open transaction's own writes.
class Store : public OutboxStore, public SettingsStore, public RoomStore {
 public:
  /// invalid_state within a transaction.
  virtual Result<void> begin() = 0;
  /// Durable when it returns. After a failure nothing of the transaction is there.
  virtual Result<void> commit() = 0;
  /// Takes everything back since begin(); nothing outside of a transaction.
  virtual void rollback() = 0;
  virtual bool in_transaction() const = 0;

  // Calls
  /// Nothing if there is no such call (any more).
  virtual Result<std::optional<CallView>> call(const CallId& id) = 0;
  /// The live calls in which these people have a leg that is not final, without repeats: for each the one that holds the
  /// person's seat first (holds_seat), then the others.
  virtual Result<std::vector<CallView>> calls_of(const std::vector<UserId>& users) = 0;
  /// Every call that has not ended, oldest first.
  virtual Result<std::vector<CallView>> live_calls() = 0;
  /// Their ids alone, in the same order: what that costs does not depend on how much is going on in them.
  virtual Result<std::vector<CallId>> live_call_ids() = 0;
  /// The log after version `since`, in order.
  virtual Result<std::vector<CallEvent>> events(const CallId& id, Version since) = 0;
  /// Ended calls of this person that they may know of (I18, knows_of()), newest first.
  virtual Result<Page<CallView>> history(const UserId& user, PageRequest page) = 0;
  /// The live rooms of which this person is the host or a member, and those in which they have a leg that is not final; newest
  /// first.
  virtual Result<std::vector<CallView>> live_rooms_of(const UserId& user) = 0;
  /// Every call, newest first (for operators).
  virtual Result<Page<CallView>> calls(PageRequest page) = 0;
  /// The first of those that stand before `place`, newest first; nothing: from the newest. `most`: 1 to page_size_max. From the
  /// last one's place on and on, this meets each call once, whatever is written meanwhile; calls() would meet some again.
  virtual Result<std::vector<CallView>> calls_before(const std::optional<CallPlace>& place, std::uint32_t most) = 0;
  /// Inside a transaction. conflict leaves everything as it was before this call.
  virtual Result<void> change(const CallChange& change) = 0;
  /// Also one whose time is over, until forget_answers took it.
  virtual Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) = 0;
  /// Deletes up to `most` answers whose time is over.
  virtual Result<void> forget_answers(UnixTime now, std::uint32_t most) = 0;
  /// Deadlines at or before `now`, oldest first.
  virtual Result<std::vector<DueDeadline>> due(UnixTime now, std::uint32_t most) = 0;
  /// The first deadline of all live calls.
  virtual Result<std::optional<UnixTime>> next_deadline() = 0;

  // Housekeeping
  /// Deletes up to `most` calls that ended before, each with everything that belongs to it, the oldest first; gives how many.
  virtual Result<std::uint64_t> forget_calls(UnixTime ended_before, std::uint32_t most) = 0;
  /// Puts `instead` in the place of a person wherever their id stands: logs, snapshots, seats, lists, room messages, chats.
  /// Deletes their account, settings, blocks, missed calls and answers; empties the texts that they wrote, and topics, metadata
  /// and attributes of calls in which the id stands as a word of its own. Messages that
  /// wait, and dead letters, get the new id where a JSON text in them is the old one. Gives how many calls changed. invalid_state
  /// (field "user") while they sit in a live call; already_exists (field "instead") if that id is in use.
  virtual Result<std::uint64_t> erase_user(const UserId& user, const UserId& instead) = 0;
  /// Overwrites what was deleted, outside of a transaction. Takes its time: a file is written anew.
  virtual Result<void> scrub() = 0;

  // Accounts
  virtual Result<void> add_account(const AccountRecord& account) = 0;  ///< already_exists, field "name" or "email"
  virtual Result<std::optional<AccountRecord>> account(const UserId& id) = 0;
  virtual Result<std::optional<AccountRecord>> account_by_login(std::string_view name_or_email) = 0;
  virtual Result<std::vector<AccountRecord>> accounts(std::uint32_t most) = 0;  ///< the newest, newest last

  // Chats
  virtual Result<void> add_chat(const ChatRecord& chat) = 0;  ///< already_exists, field "id" or "members"
  virtual Result<std::optional<ChatRecord>> chat(std::string_view id) = 0;
  virtual Result<std::optional<ChatRecord>> chat_of(const std::vector<UserId>& members) = 0;  ///< exactly these
  virtual Result<Page<ChatRecord>> chats_of(const UserId& user, PageRequest page) = 0;        ///< newest first
};

}  // namespace zegocall
