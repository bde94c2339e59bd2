#include <algorithm>

#include "zego/order_impl.hpp"

namespace zegocall {

using zego_detail::known_stream;
using zego_detail::known_user;
using zego_detail::Parked;
using Kind = zego_detail::RoomFact::Kind;

RoomOrder::Impl::Room& RoomOrder::Impl::room(const RoomId& id) {
  auto& known = rooms[id];
  if (!known) {
    known = std::make_unique<Room>();
    known->id = id;
  }
  return *known;
}

// ---- facts ----------------------------------------------------------------------------------------------------------

void RoomOrder::Impl::take(Room& room, Fact fact, UnixTime now) {
  if (room.is_past(fact.session)) return;
  if (room.open() && room.session->id.value == 0) room.session->id = fact.session;  // the answer said open, this says which
  if (room.session && room.session->id == fact.session) {
    if (!room.session->closed) apply(room, fact, now);
    return;
  }
  const bool stale =
      room.session && (fact.kind == Kind::close ? fact.at <= room.session->created : fact.at < room.session->created);
  if (!stale) park(room, std::move(fact), now);
}

void RoomOrder::Impl::created(Room& room, RoomSessionId session, UnixTime at, bool assumed, UnixTime now) {
  if (room.is_past(session)) return;
  if (room.open() && room.session->id.value == 0) room.session->id = session;
  if (room.session && room.session->id == session) {
    if (room.session->assumed && !assumed) room.session->created = at, room.session->assumed = false;
    return unpark(room, session, now);
  }
  // Of two that were created in one millisecond the larger number counts, whichever is told first.
  if (room.session && std::pair(at, session) < std::pair(room.session->created, room.session->id)) {
    room.remember_past(session);
    return drop_parked(room, [&](const Fact& fact) { return fact.session == session; });
  }
  if (room.session) {
    if (room.open()) close(room, at, {}, true, now);
    room.remember_past(room.session->id);
  }
  room.session = {session, at, assumed, {}};
  changes.emplace_back(RoomOpened{room.id, session, at, assumed});
  unpark(room, session, now);
  drop_parked(room, [&](const Fact& fact) { return fact.at < at; });
}

void RoomOrder::Impl::close(Room& room, UnixTime at, RoomCloseReason reason, bool replaced, UnixTime now) {
  room.session->closed = now;
  room.users.clear();
  room.streams.clear();
  room.users_answered = {};
  changes.emplace_back(RoomEnded{room.id, room.session->id, at, reason, replaced});
}

void RoomOrder::Impl::apply(Room& room, const Fact& fact, UnixTime now) {
  switch (fact.kind) {
    case Kind::close: return close(room, fact.at, static_cast<RoomCloseReason>(fact.reason), false, now);
    case Kind::login:
    case Kind::logout: {
      const auto before = known_user(room, fact.user);
      const auto [user, unknown] = room.users.try_emplace(fact.user);
      if (unknown) user->second.absent = room.users_answered;
      user->second.join(fact);
      return tell_user(room, fact.user, before, now);
    }
    case Kind::publish:
    case Kind::unpublish: {
      const auto before = known_stream(room, fact.stream);
      room.streams[fact.stream].join(fact);
      return tell_stream(room, fact.stream, before, now);
    }
  }
}

void RoomOrder::Impl::tell_user(Room& room, const UserId& user, const std::optional<KnownUser>& before, UnixTime now) {
  zego_detail::RoomUser& state = room.users[user];
  state.touched = now;
  const auto after = known_user(room, user);
  if (after && before != after) changes.emplace_back(UserEntered{room.id, user, after->login_id, after->at});
  if (before && !after) {
    const zego_detail::Login* const out = state.last_out();
    changes.emplace_back(UserLeft{room.id, user, out ? out->out : now, out ? out->reason : std::nullopt});
  }
  if (!after && !room.purge) room.purge = now + limits.memory;
}

void RoomOrder::Impl::tell_stream(Room& room, const StreamId& stream, const std::optional<KnownStream>& before, UnixTime now) {
  zego_detail::RoomStream& state = room.streams[stream];
  state.touched = now;
  const auto after = known_stream(room, stream);
  if (after && before != after) changes.emplace_back(StreamAdded{room.id, stream, after->user, after->at});
  if (before && !after) changes.emplace_back(StreamRemoved{room.id, stream, state.closed_at, state.reason});
  if (!after && !room.purge) room.purge = now + limits.memory;
}

// ---- waiting --------------------------------------------------------------------------------------------------------

template <class Predicate>
void RoomOrder::Impl::drop_parked(Room& room, Predicate predicate) {
  parked -= std::erase_if(room.parked, [&](const Parked& waiting) { return predicate(waiting.fact); });
}

void RoomOrder::Impl::park(Room& room, Fact fact, UnixTime now) {
  const auto same = [&](const Parked& waiting) { return waiting.fact == fact; };
  if (std::any_of(room.parked.begin(), room.parked.end(), same)) return;
  if (parked >= limits.parked_max) return ask(room, RoomDoubt::too_many_parked, now);
  if (room.parked.size() >= limits.parked_per_room_max) {
    ask(room, RoomDoubt::too_many_parked, now);
    if (room.parked.empty()) return;
    room.parked.erase(room.parked.begin());
    --parked;
  }
  room.parked.push_back({std::move(fact), now});
  ++parked;
}

void RoomOrder::Impl::unpark(Room& room, RoomSessionId session, UnixTime now) {
  std::vector<Fact> facts;
  for (const Parked& waiting : room.parked) {
    if (waiting.fact.session == session) facts.push_back(waiting.fact);
  }
  drop_parked(room, [&](const Fact& fact) { return fact.session == session; });
  // Their own order; a close is the last of its session.
  std::stable_sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) {
    return std::pair(a.kind == Kind::close, a.at) < std::pair(b.kind == Kind::close, b.at);
  });
  for (const Fact& fact : facts) {
    if (room.open()) apply(room, fact, now);
  }
}

// What waited in vain: somebody came into a room whose creation nobody told. A session of which only ends are known is not
// worth opening.
void RoomOrder::Impl::adopt_overdue(Room& room, UnixTime now) {
  while (!room.parked.empty() && room.parked.front().arrived + limits.patience <= now) {
    const RoomSessionId session = room.parked.front().fact.session;
    bool begins = false, ends = false;
    UnixTime first = UnixTime::max();
    for (const Parked& waiting : room.parked) {
      const Fact& fact = waiting.fact;
      if (fact.session != session) continue;
      begins = begins || fact.kind == Kind::login || fact.kind == Kind::publish;
      ends = ends || fact.kind == Kind::close;
      first = std::min(first, fact.at);
    }
    if (begins && !ends) created(room, session, first, true, now);
    if (ends) room.remember_past(session);
    drop_parked(room, [&](const Fact& fact) { return fact.session == session; });
    ask(room, RoomDoubt::create_lost, now);
  }
}

void RoomOrder::Impl::forget_old(Room& room, UnixTime now) {
  if (!room.purge || *room.purge > now) return;
  bool left = false;
  const auto old = [&](const auto& state, bool present) {
    if (present) return false;
    if (state.touched + limits.memory <= now) return true;
    left = true;
    return false;
  };
  std::erase_if(room.users, [&](const auto& user) { return old(user.second, user.second.present() != nullptr); });
  std::erase_if(room.streams, [&](const auto& stream) { return old(stream.second, stream.second.present()); });
  room.purge.reset();
  if (left) room.purge = now + std::max<std::chrono::milliseconds>(limits.memory / 2, std::chrono::milliseconds(1));
}

// ---- questions and time ---------------------------------------------------------------------------------------------

void RoomOrder::Impl::ask(Room& room, RoomDoubt why, UnixTime now) {
  room.why = why;
  room.ask_users.wanted = room.ask_streams.wanted = true;
  ask_when_due(room, now);
}

void RoomOrder::Impl::ask_when_due(Room& room, UnixTime now) {
  const auto one = [&](zego_detail::Pending& pending, bool streams, std::chrono::milliseconds every) {
    if (!pending.wanted || (pending.asked && *pending.asked + every > now)) return;
    pending = {false, now};
    questions.push_back({room.id, streams, room.why});
  };
  one(room.ask_users, false, limits.users_every);
  one(room.ask_streams, true, limits.streams_every);
}

std::optional<UnixTime> RoomOrder::Impl::next_due(const Room& room) const {
  std::optional<UnixTime> next = room.purge;
  const auto at = [&](UnixTime time) { next = next ? std::min(*next, time) : time; };
  if (!room.parked.empty()) at(room.parked.front().arrived + limits.patience);
  if (room.session && room.session->closed) at(*room.session->closed + limits.memory);
  // Also where nothing is wanted: how long ago was the last question?
  if (room.ask_users.asked && (room.ask_users.wanted || !room.session)) at(*room.ask_users.asked + limits.users_every);
  if (room.ask_streams.asked && (room.ask_streams.wanted || !room.session)) at(*room.ask_streams.asked + limits.streams_every);
  return next;
}

void RoomOrder::Impl::on_due(Room& room, UnixTime now) {
  adopt_overdue(room, now);
  forget_old(room, now);
  ask_when_due(room, now);
  if (room.ask_users.asked && !room.ask_users.wanted && *room.ask_users.asked + limits.users_every <= now)
    room.ask_users.asked.reset();
  if (room.ask_streams.asked && !room.ask_streams.wanted && *room.ask_streams.asked + limits.streams_every <= now)
    room.ask_streams.asked.reset();
  if (room.session && room.session->closed && *room.session->closed + limits.memory <= now) {
    room.session.reset();
    room.past.clear();
  }
}

void RoomOrder::Impl::settle(Room& room, UnixTime now) {
  const RoomId id = room.id;
  std::optional<UnixTime> next = next_due(room);
  if (next && *next <= now) {
    on_due(room, now);
    next = next_due(room);
  }
  if (room.due != next) {
    if (room.due) due.erase({*room.due, id});
    if (next) due.emplace(*next, id);
    room.due = next;
  }
  if (!next && !room.session) rooms.erase(id);
}

// ---- the face -------------------------------------------------------------------------------------------------------

RoomOrder::RoomOrder(RoomOrderLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RoomOrder::RoomOrder(RoomOrder&&) noexcept = default;
RoomOrder& RoomOrder::operator=(RoomOrder&&) noexcept = default;
RoomOrder::~RoomOrder() = default;

void RoomOrder::handle(const ProviderEvent& event, UnixTime now) {
  const auto take = [&](const RoomId& id, zego_detail::RoomFact fact) {
    Impl::Room& room = impl_->room(id);
    impl_->take(room, std::move(fact), now);
    impl_->settle(room, now);
  };
  if (const auto* e = std::get_if<RoomCreated>(&event)) {
    Impl::Room& room = impl_->room(e->room);
    impl_->created(room, e->session, e->created, false, now);
    impl_->settle(room, now);
  } else if (const auto* closed = std::get_if<RoomClosed>(&event)) {
    take(closed->room,
         {.kind = Kind::close, .session = closed->session, .at = closed->closed, .reason = static_cast<int>(closed->reason)});
  } else if (const auto* in = std::get_if<RoomLoggedIn>(&event)) {
    take(in->room, {.kind = Kind::login, .session = in->session, .at = in->at, .user = in->user, .login_id = in->login_id});
  } else if (const auto* out = std::get_if<RoomLoggedOut>(&event)) {
    take(out->room, {.kind = Kind::logout,
                     .session = out->session,
                     .at = out->at,
                     .user = out->user,
                     .login_id = out->login_id,
                     .logged_in = out->logged_in,
                     .reason = static_cast<int>(out->reason)});
  } else if (const auto* begun = std::get_if<StreamCreated>(&event)) {
    const StreamFacts& s = begun->stream;
    take(s.room, {.kind = Kind::publish,
                  .session = s.session,
                  .at = begun->at,
                  .user = s.user,
                  .stream = s.stream,
                  .sequence = s.sequence});
  } else if (const auto* ended = std::get_if<StreamClosed>(&event)) {
    const StreamFacts& s = ended->stream;
    take(s.room, {.kind = Kind::unpublish,
                  .session = s.session,
                  .at = ended->at,
                  .user = s.user,
                  .stream = s.stream,
                  .sequence = s.sequence,
                  .reason = static_cast<int>(ended->reason)});
  }
}

std::optional<RoomChange> RoomOrder::poll() {
  if (impl_->changes.empty()) return std::nullopt;
  RoomChange change = std::move(impl_->changes.front());
  impl_->changes.pop_front();
  return change;
}

std::optional<RoomQuestion> RoomOrder::poll_question() {
  if (impl_->questions.empty()) return std::nullopt;
  RoomQuestion question = std::move(impl_->questions.front());
  impl_->questions.pop_front();
  return question;
}

std::optional<UnixTime> RoomOrder::deadline() const {
  return impl_->due.empty() ? std::nullopt : std::optional(impl_->due.begin()->first);
}

void RoomOrder::on_deadline(UnixTime now) {
  while (!impl_->due.empty() && impl_->due.begin()->first <= now) {
    const RoomId id = impl_->due.begin()->second;
    impl_->settle(impl_->room(id), now);
  }
}

std::size_t RoomOrder::parked() const { return impl_->parked; }

}  // namespace zegocall
