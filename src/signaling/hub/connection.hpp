// The tables of the hub: connections, sessions, groups and open questions. Indices into slabs, so that nothing moves
// and nothing is searched for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/hub/core.hpp"
#include "signaling/hub/engine_core.hpp"
#include "signaling/hub/timers.hpp"

namespace zegocall::hub_detail {

inline constexpr std::uint32_t nobody = 0xffffffff;

/// A connection's place in a group: the group, and its position among the members.
struct Membership {
  std::uint32_t group = 0;
  std::uint32_t position = 0;
};

/// A packet that waits for an earlier one's handler.
struct HeldEvent {
  std::string text;
  std::vector<std::string> attachments;
};
struct Held {
  std::deque<HeldEvent> events;
  std::size_t bytes = 0;
  bool paused = false;    ///< reading from the peer is paused
  bool resuming = false;  ///< resume() is at work further up
};

using Expiries = std::multimap<SteadyTime, std::uint32_t>;

enum class ConnState : unsigned char {
  unused,
  authenticating,  ///< on_authenticate was said
  open,
  leaving,       ///< on_disconnect is still to be said
  leaving_early  ///< on_authenticate_gone is still to be said
};

struct Carried;

/// What a connection asked for that wants to be an earlier one, and what makes it recoverable itself.
struct Comeback {
  Comeback();
  ~Comeback();
  std::string pid, offset;  ///< of its CONNECT
  EngineSession::Sid own_pid{};
  std::uint64_t since = 0;           ///< as SavedConnection's
  std::uint64_t missed_after = 0;    ///< recovered: the last number that it had received
  std::vector<std::string> groups;   ///< recovered: to be joined; leaving: to be kept
  bool keep = false;                 ///< leaving: it may come back
  std::unique_ptr<Carried> carried;  ///< as SavedConnection's
  std::size_t carried_seen = 0;      ///< recovered: so many of those it has received
};

struct Conn {
  std::uint32_t generation = 0;
  ConnState state = ConnState::unused;
  bool warned = false;  ///< auth_expiring was sent
  bool spoke = false;   ///< the peer has sent something on it
  bool legacy = false;  ///< a client of Socket.IO 2
  Coming coming = Coming::anew;
  NamespaceIndex ns = 0;
  SessionId session;
  EngineSession::Sid sid{};
  UserId user;
  std::unique_ptr<ConnectionData> data;
  std::vector<Membership> groups;  ///< the first is everyone in the namespace
  std::uint32_t next_in_session = nobody;
  std::uint32_t first_waiter = nobody;
  std::uint32_t open_questions = 0;
  std::uint64_t mark = 0;  ///< the last fan-out that looked at it
  std::optional<Expiries::iterator> expiry;
  std::unique_ptr<Held> held;
  std::string reason;                             ///< while leaving
  std::unique_ptr<Comeback> comeback;             ///< where recovery is on
  std::unique_ptr<const std::string> legacy_sid;  ///< "/chat#SID", as clients of Socket.IO 2 put it together

  std::string_view sid_text() const {
    return legacy_sid ? std::string_view(*legacy_sid) : std::string_view(sid.data(), sid.size());
  }
};
using Conns = std::deque<Conn>;

/// A binary packet whose attachments have not all arrived.
struct Assembly {
  std::string text;
  std::vector<std::string> parts;
  std::size_t wanted = 0;
  std::size_t bytes = 0;
};

/// What the hub adds to an Engine.IO session.
struct HubSession {
  std::uint32_t first = nobody;  ///< its connections, a short list
  std::uint32_t count = 0;
  TimerNode connect;  ///< armed while it has no accepted connection
  RateBucket packets;
  std::uint64_t left = 0;   ///< namespaces that we ended and whose late packets are no offence
  TimerNode slow;           ///< armed while nothing is read from it because it flooded
  std::uint8_t pauses = 0;  ///< reasons for which its WebSocket is not read; 0 = it is read
  std::unique_ptr<Assembly> assembly;
};

/// The groups of one namespace. Join and leave are O(1) but for the look-up by name.
class Groups {
 public:
  Groups();
  std::uint32_t find(std::string_view name) const;  ///< `nobody` if there is none
  const std::vector<std::uint32_t>& members(std::uint32_t group) const { return groups_[group].members; }
  const std::vector<std::uint32_t>& everyone() const { return groups_[0].members; }
  std::size_t size() const { return by_name_.size(); }
  /// Of a group other than everyone.
  const std::string& name(std::uint32_t group) const { return *groups_[group].name; }

  void enter(Conns& conns, std::uint32_t conn) { add(conns, conn, 0); }
  bool holds(const Conns& conns, std::uint32_t conn, std::string_view name) const;
  /// False if it was in there already.
  bool join(Conns& conns, std::uint32_t conn, std::string_view name);
  bool leave(Conns& conns, std::uint32_t conn, std::string_view name);
  void leave_all(Conns& conns, std::uint32_t conn);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Group {
    std::vector<std::uint32_t> members;
    std::vector<std::uint32_t> slots;  ///< where the member keeps this membership
    const std::string* name = nullptr;
  };
  void add(Conns& conns, std::uint32_t conn, std::uint32_t group);
  void remove(Conns& conns, std::uint32_t conn, std::size_t slot);

  std::deque<Group> groups_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> by_name_;
};

/// Questions to peers that are not answered yet.
class Asks {
 public:
  struct Finished {
    std::uint64_t token;
    AskEnd end;
  };

  /// A new question's number on the wire and its place.
  struct Opened {
    std::uint64_t id;
    std::uint32_t index;
  };
  Opened open(std::uint64_t token, SteadyTime until);
  /// This connection was sent the question; it may not have been for lack of room.
  void wait_for(Conns& conns, std::uint32_t ask, std::uint32_t conn);
  void count_lost(std::uint32_t ask);
  /// Call it when everybody was asked; a question to nobody ends here.
  void seal(std::uint32_t ask);
  /// The token of the question that this connection answers, once; nothing if there is no such question.
  std::optional<std::uint64_t> answered(Conns& conns, std::uint32_t conn, std::uint64_t id);
  void connection_lost(Conns& conns, std::uint32_t conn);
  std::optional<SteadyTime> deadline() const;
  void on_deadline(Conns& conns, SteadyTime now);
  std::vector<Finished>& finished() { return finished_; }
  std::size_t size() const { return by_time_.size(); }

 private:
  struct Ask {
    std::uint64_t id = 0;
    std::uint64_t token = 0;
    AskEnd end;
    std::uint32_t waiting = 0;
    std::uint32_t first_waiter = nobody;
    bool sealed = false;
    std::multimap<SteadyTime, std::uint32_t>::iterator timer;
  };
  struct Waiter {
    std::uint32_t ask = 0;
    std::uint32_t conn = 0;
    std::uint32_t conn_prev = nobody, conn_next = nobody;
    std::uint32_t ask_prev = nobody, ask_next = nobody;
  };
  void unlink(Conns& conns, std::uint32_t waiter);
  void close(std::uint32_t ask);

  std::deque<Ask> asks_;
  std::deque<Waiter> waiters_;
  std::vector<std::uint32_t> free_asks_, free_waiters_;
  std::multimap<SteadyTime, std::uint32_t> by_time_;
  std::vector<Finished> finished_;
  std::uint64_t next_id_ = 0;
};

}  // namespace zegocall::hub_detail
