// One room of RoomOrder: facts that may be joined in any order and any number of times. What is kept of a login and of a
// stream are largest times and numbers, and the largest of several does not depend on which came first.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/zego/room_order.hpp"

namespace zegocall::zego_detail {

/// What an event says, without what nobody needs.
struct RoomFact {
  enum class Kind : unsigned char { close, login, logout, publish, unpublish };
  Kind kind{};
  RoomSessionId session{};
  UnixTime at{};
  UserId user{};
  std::string login_id{};
  UnixTime logged_in{};  ///< of a logout
  StreamId stream{};
  std::uint64_t sequence = 0;
  int reason = 0;
  bool operator==(const RoomFact&) const = default;
};

/// One login of a user: in until it is out. The epoch is never.
struct Login {
  std::string id{};  ///< empty: an answer said that they were in at `in`; any later logout ends it
  UnixTime in{};
  UnixTime out{};
  std::optional<LogoutReason> reason{};
  bool present() const { return in > out; }
};

class RoomUser {
 public:
  /// The login that counts: of the named ones the latest, else the unnamed one. Nothing where they are not in.
  const Login* present() const;
  void join(const RoomFact& fact);
  /// An answer from `asked` has them, or does not.
  void learn(bool there, UnixTime asked);
  /// The latest logout.
  const Login* last_out() const;
  UnixTime touched{};
  UnixTime absent{};  ///< the latest answer without them: a login up to then is over, whenever it is told

 private:
  Login& login(std::string_view id);
  void forget_outdone();
  std::vector<Login> logins_;
};

struct RoomStream {
  std::optional<std::uint64_t> published{}, closed{};
  UserId user{};
  UnixTime at{};
  UnixTime closed_at{};
  std::optional<StreamCloseReason> reason{};
  UnixTime touched{};

  bool present() const { return published && (!closed || *published > *closed); }
  void join(const RoomFact& fact);
  /// An answer from `asked` has it, or does not.
  void learn(const PublishedStream* there, UnixTime asked);
};

struct RoomSession {
  RoomSessionId id{};  ///< 0: an answer said that the room is open
  UnixTime created{};
  bool assumed = false;
  std::optional<UnixTime> closed{};  ///< our time
};

struct Parked {
  RoomFact fact{};
  UnixTime arrived{};
};

/// A question about one list of a room.
struct Pending {
  bool wanted = false;
  std::optional<UnixTime> asked{};
};

struct OrderedRoom {
  RoomId id{};
  std::optional<RoomSession> session{};
  std::map<UserId, RoomUser> users{};
  UnixTime users_answered{};  ///< the latest answer about the session's users
  std::map<StreamId, RoomStream> streams{};
  std::vector<Parked> parked{};  ///< in the order of arrival
  std::deque<RoomSessionId> past{};
  Pending ask_users{}, ask_streams{};
  RoomDoubt why{};
  std::optional<UnixTime> purge{};  ///< when what is over is looked through
  std::optional<UnixTime> due{};    ///< as scheduled

  bool open() const { return session && !session->closed; }
  bool is_past(RoomSessionId id) const;
  void remember_past(RoomSessionId id);
};

}  // namespace zegocall::zego_detail
