// What must leave this process for good, and what could not: the outbox and its dead letters, as a port of the store.
// Rows come in with a call's change (CallChange::outbox), in the same transaction; they go when somebody took them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/store/page.hpp"

namespace zegocall {

/// Who takes a message: the host's own server (service/webhook.hpp) or the provider (service/provider_queue.hpp). Each lane
/// has its own orders, so that neither waits for the other.
enum class OutboxLane : std::uint8_t { host, provider };
/// "host", "provider": the words that a store keeps.
std::string_view name(OutboxLane lane);

/// What a committed decision must tell the world beside our own sockets.
struct OutboxMessage {
  std::string topic{};
  std::string body{};
  UnixTime at{};
  std::string order{};  ///< messages of one order leave one after the other (a call's id); empty: in no order
  std::string id{};     ///< the same at every attempt, so that who receives it knows what it has seen
  OutboxLane lane = OutboxLane::host;
};

/// A message that waits. One order's oldest message has a `due`; those behind it have none until it is gone.
struct OutboxEntry {
  std::int64_t number = 0;  ///< rises, is never used again
  OutboxMessage message{};
  std::uint32_t attempts = 0;     ///< that failed
  std::optional<UnixTime> due{};  ///< not before this
};

/// A message that nobody will be told any more, unless somebody asks for it.
struct DeadLetter {
  OutboxEntry entry{};  ///< as it was; its due says nothing
  UnixTime died{};
  std::string reason{};  ///< "age", "attempts", ...: a word, then what was heard last
};

/// The rules of Store (store/store.hpp) hold: changes inside a transaction, store_unavailable may come from all.
class OutboxStore {
 public:
  virtual ~OutboxStore() = default;

  /// Everything that waits in a lane, oldest first.
  virtual Result<std::vector<OutboxEntry>> outbox(OutboxLane lane, std::uint32_t most) = 0;
  /// What is due at `now`: of each order its oldest message only. By due, then number.
  virtual Result<std::vector<OutboxEntry>> outbox_due(OutboxLane lane, UnixTime now, std::uint32_t most) = 0;
  /// When something is due next.
  virtual Result<std::optional<UnixTime>> outbox_next(OutboxLane lane) = 0;
  virtual Result<std::uint64_t> outbox_size(OutboxLane lane) = 0;
  /// It was delivered. The next of its order is due at once. An unknown number is nothing.
  virtual Result<void> outbox_done(std::int64_t number) = 0;
  /// An attempt failed. not_found if it does not wait, invalid_state if it is not the first of its order.
  virtual Result<void> outbox_retry(std::int64_t number, UnixTime due) = 0;
  /// It goes to the dead letters; the next of its order is due at once. not_found.
  virtual Result<void> outbox_bury(std::int64_t number, UnixTime at, const std::string& reason) = 0;

  /// Of all lanes, the newest first.
  virtual Result<Page<DeadLetter>> dead_letters(PageRequest page) = 0;
  /// Into its lane of the outbox again, with a new number, at the end of its order, without attempts. not_found.
  virtual Result<void> dead_letter_again(std::int64_t number, UnixTime due) = 0;
  /// Deletes up to `most` of a lane that died before; gives how many.
  virtual Result<std::uint64_t> forget_dead_letters(OutboxLane lane, UnixTime before, std::uint32_t most) = 0;
};

}  // namespace zegocall
