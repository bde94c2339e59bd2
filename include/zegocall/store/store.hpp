// The store's ports, in domain words. Adapters: memory (store/memory.hpp), SQLite (store/sqlite.hpp).
// Called from one thread at a time (a server's service thread). Every operation can fail with store_unavailable.
// All changes happen inside a transaction: begin() ... commit(). Several commands share one (group commit); each makes
// its changes within a savepoint, so that one that fails takes back its own only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall {

/// The first answer to a command; it is kept until `keep_until`. An empty error means that it was done.
struct CommandAnswer {
  UserId user{};
  CommandId command{};
  CallId call{};
  Version version{};  ///< of the call, right after
  std::optional<Error> error{};
  UnixTime keep_until{};
};

/// What a committed decision must tell the world beside our own sockets.
struct OutboxMessage {
  std::string topic{};
  std::string body{};
  UnixTime at{};
};

/// One decision's changes. All or nothing: conflict if a call's version is not the expected one or a seat is taken.
struct CallChange {
  struct Part {
    Version expected{};             ///< what the call had before; 0 = it must not exist
    std::vector<CallEvent> events;  ///< the new ones, in order
    CallView after{};               ///< the snapshot they lead to; its live legs are the seats to hold
  };
  std::vector<Part> parts{};
  std::optional<CommandAnswer> answer{};
  std::vector<OutboxMessage> outbox{};
};

struct DueDeadline {
  CallId call{};
  Deadline deadline{};
};

/// One page of a list; `page` counts from 1.
struct PageRequest {
  std::uint32_t page = 1;
  std::uint32_t size = 20;  ///< 1 to 100
};
template <class T>
struct Page {
  std::vector<T> items{};
  std::uint64_t total = 0;
};

struct AccountRecord {
  UserId id{};
  std::string name{};   ///< login name, unique without regard to ASCII case
  std::string email{};  ///< unique without regard to ASCII case; may be empty
  std::string display_name{};
  std::string picture_url{};
  std::string password_hash{};
  UnixTime created_at{};
};

/// A conversation of two people or more; who may call whom.
struct ChatRecord {
  std::string id{};
  std::vector<UserId> members{};  ///< sorted, without repeats
  UnixTime created_at{};
};

/// See the file's comment for threads and transactions. Reads see the open transaction's own writes.
class Store {
 public:
  virtual ~Store() = default;

  virtual Result<void> begin() = 0;
  /// Durable when it returns. After a failure nothing of the transaction is there.
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;
  virtual bool in_transaction() const = 0;

  // Calls
  virtual Result<std::optional<CallView>> call(const CallId& id) = 0;
  /// The live call in which each of these people has a seat, without repeats.
  virtual Result<std::vector<CallView>> calls_of(const std::vector<UserId>& users) = 0;
  virtual Result<std::vector<CallView>> live_calls() = 0;
  /// The log after version `since`, in order.
  virtual Result<std::vector<CallEvent>> events(const CallId& id, Version since) = 0;
  /// Ended calls of this person, newest first.
  virtual Result<Page<CallView>> history(const UserId& user, PageRequest page) = 0;
  /// Every call, newest first (for operators).
  virtual Result<Page<CallView>> calls(PageRequest page) = 0;
  /// Inside a transaction. conflict leaves everything as it was before this call.
  virtual Result<void> change(const CallChange& change) = 0;
  virtual Result<std::optional<CommandAnswer>> answer(const UserId& user, const CommandId& command) = 0;
  /// Deletes up to `most` answers whose time is over.
  virtual Result<void> forget_answers(UnixTime now, std::uint32_t most) = 0;
  virtual Result<std::vector<DueDeadline>> due(UnixTime now, std::uint32_t most) = 0;
  virtual Result<std::optional<UnixTime>> next_deadline() = 0;

  // Outbox
  struct OutboxEntry {
    std::int64_t number = 0;
    OutboxMessage message{};
  };
  virtual Result<std::vector<OutboxEntry>> outbox(std::uint32_t most) = 0;
  virtual Result<void> outbox_done(std::int64_t up_to) = 0;

  // Accounts
  virtual Result<void> add_account(const AccountRecord& account) = 0;  ///< already_exists, field "name" or "email"
  virtual Result<std::optional<AccountRecord>> account(const UserId& id) = 0;
  virtual Result<std::optional<AccountRecord>> account_by_login(std::string_view name_or_email) = 0;
  virtual Result<std::vector<AccountRecord>> accounts(std::uint32_t most) = 0;  ///< newest last

  // Chats
  virtual Result<void> add_chat(const ChatRecord& chat) = 0;
  virtual Result<std::optional<ChatRecord>> chat(std::string_view id) = 0;
  virtual Result<std::optional<ChatRecord>> chat_of(const std::vector<UserId>& members) = 0;  ///< exactly these
  virtual Result<Page<ChatRecord>> chats_of(const UserId& user, PageRequest page) = 0;
};

}  // namespace zegocall
