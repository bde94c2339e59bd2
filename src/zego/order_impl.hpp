// The inside of RoomOrder.
#pragma once

#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "zego/order_room.hpp"

namespace zegocall {

struct RoomOrder::Impl {
  using Room = zego_detail::OrderedRoom;
  using Fact = zego_detail::RoomFact;

  explicit Impl(RoomOrderLimits l) : limits(l) {}

  Room& room(const RoomId& id);
  void take(Room& room, Fact fact, UnixTime now);
  void created(Room& room, RoomSessionId session, UnixTime at, bool assumed, UnixTime now);
  void park(Room& room, Fact fact, UnixTime now);
  void unpark(Room& room, RoomSessionId session, UnixTime now);
  template <class Predicate>
  void drop_parked(Room& room, Predicate predicate);
  void apply(Room& room, const Fact& fact, UnixTime now);
  void close(Room& room, UnixTime at, RoomCloseReason reason, bool replaced, UnixTime now);
  void adopt_overdue(Room& room, UnixTime now);
  void forget_old(Room& room, UnixTime now);
  void ask(Room& room, RoomDoubt why, UnixTime now);
  void ask_when_due(Room& room, UnixTime now);
  void on_due(Room& room, UnixTime now);
  /// Plans when the room needs time again; a room of which there is nothing left goes.
  void settle(Room& room, UnixTime now);
  std::optional<UnixTime> next_due(const Room& room) const;

  /// The answers of the provider, in order_learn.cpp.
  bool open_by_answer(Room& room, bool somebody, UnixTime asked, UnixTime now);
  void learn_users(Room& room, const std::set<UserId>& there, UnixTime asked, UnixTime now);
  void learn_streams(Room& room, std::span<const PublishedStream> there, UnixTime asked, UnixTime now);
  void tell_user(Room& room, const UserId& user, const std::optional<KnownUser>& before, UnixTime now);
  void tell_stream(Room& room, const StreamId& stream, const std::optional<KnownStream>& before, UnixTime now);

  RoomOrderLimits limits;
  std::unordered_map<RoomId, std::unique_ptr<Room>> rooms;
  std::set<std::pair<UnixTime, RoomId>> due;
  std::deque<RoomChange> changes;
  std::deque<RoomQuestion> questions;
  std::size_t parked = 0;
};

namespace zego_detail {
std::optional<KnownUser> known_user(const OrderedRoom& room, const UserId& user);
std::optional<KnownStream> known_stream(const OrderedRoom& room, const StreamId& stream);
}  // namespace zego_detail

}  // namespace zegocall
