// Connection state recovery: what was sent in a namespace, and who may come back for it. Both are bounded in time, number
// and bytes; what falls out is a client that must resynchronise.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/hub/core.hpp"
#include "signaling/hub/engine_core.hpp"

namespace zegocall::hub_detail {

/// Whom an event was for, in names that outlive its connections.
struct LoggedTarget {
  std::vector<std::string> to, except;  ///< as in Target; `but` is one more exception
  /// True if a connection with these groups (its own id among them) was meant.
  bool concerns(std::span<const std::string> groups) const;
};

/// The events of one namespace, numbered from 1.
class PacketLog {
 public:
  struct Packet {
    std::uint64_t number = 0;
    SteadyTime at{};
    std::string text;  ///< as it was sent, its offset in it
    std::vector<std::string> attachments;
    LoggedTarget target;
    std::uint64_t event = 0;  ///< as Target's
    std::size_t bytes() const;
  };
  explicit PacketLog(const RecoverySettings& settings) : settings_(settings) {}
  /// The number that add() gives next.
  std::uint64_t next() const { return next_; }
  void add(std::string_view text, std::span<const std::string> attachments, LoggedTarget target, SteadyTime now,
           std::uint64_t event = 0);
  /// True if nothing that came after this number has been forgotten.
  bool complete_after(std::uint64_t number) const { return number < next_ && number + 1 >= first(); }
  /// What came after this number, oldest first.
  std::span<const Packet* const> after(std::uint64_t number);
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return packets_.size(); }

 private:
  std::uint64_t first() const { return packets_.empty() ? next_ : packets_.front().number; }
  void forget(SteadyTime now);

  const RecoverySettings& settings_;
  std::deque<Packet> packets_;
  std::vector<const Packet*> found_;
  std::uint64_t next_ = 1;
  std::size_t bytes_ = 0;
};

/// An event that a connection missed on another core, as that core would have sent it.
struct CarriedEvent {
  std::string text;
  std::vector<std::string> attachments;
  std::string offset;
  std::uint64_t event = 0;
};

/// What a connection brought along from another core. It has offsets of that core until it got an event of this one, and
/// the events that both cores have are in both logs.
struct Carried {
  std::string from;  ///< the offset before the first of `events`
  std::vector<CarriedEvent> events;
  std::vector<std::uint64_t> twice;  ///< event numbers that this core's log may have too
  std::uint64_t until = 0;           ///< the log's number when it came: what is later is in this log only
  /// How many of `events` a peer with this offset has; nothing if it is no offset of theirs.
  std::optional<std::size_t> seen(std::string_view offset) const;
  bool is_twice(std::uint64_t event) const;
};

/// A connection that may come back.
struct SavedConnection {
  NamespaceIndex ns = 0;
  EngineSession::Sid sid{};
  EngineSession::Sid pid{};
  UserId user;
  std::vector<std::string> groups;   ///< without its own
  std::uint64_t since = 0;           ///< the last number before its first event: for one that never got an offset
  std::unique_ptr<Carried> carried;  ///< null for one that was never on another core, or long ago
  std::unique_ptr<ConnectionData> data;
};

/// A connection on its way to the core on which it came back.
struct MovedConnection {
  SavedConnection saved;
  std::string offset;  ///< that it came with
  std::vector<CarriedEvent> missed;
};

/// Those who may come back, by their secret name.
class SavedConnections {
 public:
  explicit SavedConnections(const RecoverySettings& settings) : settings_(settings) {}
  /// The oldest makes room; it is returned.
  std::optional<SavedConnection> put(SavedConnection saved, SteadyTime now);
  const SavedConnection* find(std::string_view pid) const;
  /// Precondition: find() has found it.
  SavedConnection take(std::string_view pid);
  std::optional<SteadyTime> deadline() const;
  std::optional<SavedConnection> take_due(SteadyTime now);
  std::size_t size() const { return by_age_.size(); }

 private:
  struct Entry {
    SteadyTime until;
    SavedConnection saved;
  };
  SavedConnection remove(std::uint64_t age);

  const RecoverySettings& settings_;
  std::map<std::uint64_t, Entry> by_age_;
  std::unordered_map<std::string_view, std::uint64_t> by_pid_;  // views of the entries
  std::uint64_t next_age_ = 0;
};

/// An event's offset on the wire: a word of this run of the server and the number. No escaping needed.
std::string offset_text(std::string_view run, std::uint64_t number);
/// The number; nothing if it is not an offset of this run. "" is 0: nothing was received.
std::optional<std::uint64_t> offset_number(std::string_view run, std::string_view text);

}  // namespace zegocall::hub_detail
