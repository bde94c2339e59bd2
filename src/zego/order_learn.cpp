// What the provider answers, what is asked, and what is known.
#include <algorithm>
#include <map>

#include "zego/order_impl.hpp"

namespace zegocall {

using zego_detail::known_stream;
using zego_detail::known_user;

namespace zego_detail {

std::optional<KnownUser> known_user(const OrderedRoom& room, const UserId& user) {
  const auto at = room.users.find(user);
  const Login* const login = at == room.users.end() ? nullptr : at->second.present();
  if (login == nullptr) return std::nullopt;
  return KnownUser{user, login->id, login->in};
}

std::optional<KnownStream> known_stream(const OrderedRoom& room, const StreamId& stream) {
  const auto at = room.streams.find(stream);
  if (at == room.streams.end() || !at->second.present()) return std::nullopt;
  return KnownStream{stream, at->second.user, at->second.at};
}

}  // namespace zego_detail

namespace {

KnownRoom known_room(const zego_detail::OrderedRoom& room) {
  KnownRoom out{room.id, room.session->id, room.session->created, {}, {}};
  for (const auto& [user, state] : room.users) {
    if (auto known = known_user(room, user)) out.users.push_back(*std::move(known));
  }
  for (const auto& [stream, state] : room.streams) {
    if (auto known = known_stream(room, stream)) out.streams.push_back(*std::move(known));
  }
  return out;
}

}  // namespace

bool RoomOrder::Impl::open_by_answer(Room& room, bool somebody, UnixTime asked, UnixTime now) {
  if (room.session && room.session->created > asked) return false;
  if (room.open()) return true;
  if (!somebody || (room.session && *room.session->closed > asked)) return false;
  if (room.session) room.remember_past(room.session->id);
  room.session = {RoomSessionId{}, asked, true, {}};
  changes.emplace_back(RoomOpened{room.id, {}, asked, true});
  // What waits may say which session it is; the first that came does.
  if (!room.parked.empty()) {
    room.session->id = room.parked.front().fact.session;
    unpark(room, room.session->id, now);
  }
  return room.open();
}

void RoomOrder::Impl::learn_users(Room& room, const std::set<UserId>& there, UnixTime asked, UnixTime now) {
  if (!open_by_answer(room, !there.empty(), asked, now)) return;
  room.users_answered = std::max(room.users_answered, asked);
  std::set<UserId> concerned = there;
  for (const auto& [user, state] : room.users) concerned.insert(user);
  for (const UserId& user : concerned) {
    const auto before = known_user(room, user);
    room.users[user].learn(there.count(user) != 0, asked);
    tell_user(room, user, before, now);
  }
  // The provider destroys a room when the last one has gone.
  const bool nobody =
      std::none_of(room.users.begin(), room.users.end(), [](const auto& u) { return u.second.present() != nullptr; });
  if (there.empty() && nobody) close(room, asked, RoomCloseReason::normal, false, now);
}

void RoomOrder::Impl::learn_streams(Room& room, std::span<const PublishedStream> there, UnixTime asked, UnixTime now) {
  if (!open_by_answer(room, !there.empty(), asked, now)) return;
  std::map<StreamId, const PublishedStream*> concerned;
  for (const auto& [stream, state] : room.streams) {
    if (state.present()) concerned.emplace(stream, nullptr);
  }
  for (const PublishedStream& stream : there) concerned[stream.stream] = &stream;
  for (const auto& [stream, answer] : concerned) {
    const auto before = known_stream(room, stream);
    room.streams[stream].learn(answer, asked);
    tell_stream(room, stream, before, now);
  }
}

void RoomOrder::learn_users(const RoomId& id, std::span<const UserId> users, UnixTime asked, UnixTime now) {
  Impl::Room& room = impl_->room(id);
  impl_->learn_users(room, {users.begin(), users.end()}, asked, now);
  impl_->settle(room, now);
}

void RoomOrder::learn_streams(const RoomId& id, std::span<const PublishedStream> streams, UnixTime asked, UnixTime now) {
  Impl::Room& room = impl_->room(id);
  impl_->learn_streams(room, streams, asked, now);
  impl_->settle(room, now);
}

void RoomOrder::doubt(const RoomId& id, UnixTime now) {
  Impl::Room& room = impl_->room(id);
  impl_->ask(room, RoomDoubt::host, now);
  impl_->settle(room, now);
}

void RoomOrder::doubt_all(UnixTime now) {
  for (const KnownRoom& known : rooms()) doubt(known.room, now);
}

std::vector<KnownRoom> RoomOrder::rooms() const {
  std::vector<KnownRoom> out;
  for (const auto& [id, room] : impl_->rooms) {
    if (room->open()) out.push_back(known_room(*room));
  }
  std::sort(out.begin(), out.end(), [](const KnownRoom& a, const KnownRoom& b) { return a.room < b.room; });
  return out;
}

std::optional<KnownRoom> RoomOrder::find(const RoomId& id) const {
  const auto at = impl_->rooms.find(id);
  if (at == impl_->rooms.end() || !at->second->open()) return std::nullopt;
  return known_room(*at->second);
}

}  // namespace zegocall
