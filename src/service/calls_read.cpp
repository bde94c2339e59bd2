// Questions: calls, snapshots, tokens, presence.
#include "service/calls_impl.hpp"
#include "zegocall/call/grant.hpp"

namespace zegocall {

namespace {
constexpr std::size_t replay_max = 256;  // events; beyond it the whole call is shorter
}  // namespace

Result<CallView> CallService::find(const CallId& call) {
  auto found = impl_->store.call(call);
  if (!found) return unexpected(found.error());
  if (!*found) return fail_field(ErrorCode::not_found, "call", "no such call");
  return **std::move(found);
}

Result<std::optional<CallView>> CallService::active(const UserId& user) {
  auto calls = impl_->store.calls_of({user});
  if (!calls) return unexpected(calls.error());
  for (CallView& call : *calls)  // I18: not one whose ring goes to nobody
    if (const LegView* leg = call.live_leg_of(user); leg && !leg->hidden) return std::optional<CallView>(std::move(call));
  return std::optional<CallView>{};
}

Result<std::optional<CallView>> CallService::taken_by(const UserId& user) {
  return impl_->store.calls_of({user}).transform([](std::vector<CallView> calls) {
    return calls.empty() ? std::optional<CallView>{} : std::optional<CallView>(std::move(calls.front()));
  });
}

Result<Page<CallView>> CallService::history(const UserId& user, PageRequest page) { return impl_->store.history(user, page); }

Result<Snapshot> CallService::snapshot(const CallId& id, const UserId& user, std::optional<Version> since) {
  auto call = find(id);
  if (!call) return unexpected(call.error());
  std::vector<CallEvent> tail;
  // Of a big gap not one event is read: the whole call is told then.
  const bool small = since && *since <= call->version && call->version.value - since->value <= replay_max;
  if (small && call->has_member(user)) {
    auto events = impl_->store.events(id, *since);
    if (!events) return unexpected(events.error());
    tail = *std::move(events);
  }
  return zegocall::snapshot(*call, tail, user, since, replay_max);
}

Result<Page<CallView>> CallService::rooms(const UserId& user, PageRequest page) {
  if (page.page < 1 || page.size < 1 || page.size > StoreLimits::page_size_max)
    return fail_field(ErrorCode::out_of_range, "page", "from 1, of 1 to " + std::to_string(StoreLimits::page_size_max));
  auto all = impl_->store.live_rooms_of(user);
  if (!all) return unexpected(std::move(all).error());
  std::erase_if(*all, [&](const CallView& call) {
    const LegView* leg = call.live_leg_of(user);
    return leg && leg->hidden;
  });
  Page<CallView> out{{}, all->size()};
  const std::uint64_t first = std::uint64_t{page.page - 1} * page.size;
  for (std::uint64_t i = first; i < all->size() && i < first + page.size; ++i) out.items.push_back(std::move((*all)[i]));
  return out;
}

Result<CallView> CallService::Impl::own_room(const CallId& id, const UserId& host) {
  auto found = store.call(id);
  if (!found) return unexpected(std::move(found).error());
  if (!*found) return fail_field(ErrorCode::not_found, "call", "no such call");
  if (!(*found)->is_room() || (*found)->room_view().host != host) return fail(ErrorCode::forbidden, "for the room's host only");
  return **std::move(found);
}

Result<Attendance> CallService::attendance(const CallId& id, const UserId& host, AttendanceRules rules, Now now) {
  auto room = impl_->own_room(id, host);
  if (!room) return unexpected(std::move(room).error());
  const auto& schedule = room->room_view().settings.schedule;
  if (!rules.starts && schedule) rules.starts = schedule->starts_at;
  auto log = impl_->store.events(id, Version{});
  if (!log) return unexpected(std::move(log).error());
  return zegocall::attendance(*log, rules, now.wall);
}

Result<CallFigures> CallService::figures(const CallId& id, const UserId& host) {
  if (auto room = impl_->own_room(id, host); !room) return unexpected(std::move(room).error());
  auto log = impl_->store.events(id, Version{});
  if (!log) return unexpected(std::move(log).error());
  return CallStatistics::open().and_then([&](CallStatistics one) -> Result<CallFigures> {
    if (auto added = one.add(*log); !added) return unexpected(std::move(added).error());
    return one.total();
  });
}

Result<SeatToken> CallService::token(const CallId& id, const UserId& user, Now now) {
  auto call = find(id);
  if (!call) return unexpected(call.error());
  auto grant = grant_of(*call, user, now.wall, impl_->options.token_lifetime);
  if (!grant) return unexpected(grant.error());
  if (!impl_->options.tokens) return fail_field(ErrorCode::invalid_state, "tokens", "this server has no provider keys");
  const auto lifetime = std::chrono::floor<std::chrono::seconds>(grant->until - now.wall);
  SeatToken seat{{}, room_of(id), impl_->options.app, user, now.wall + lifetime};
  const MediaRole role = grant->may_publish() ? MediaRole::speaker : MediaRole::listener;
  auto text = impl_->options.tokens->mint(
      {.user = user, .lifetime = lifetime, .payload = rtc_room(role, seat.room, user), .app = impl_->options.app}, now.wall);
  if (!text) return unexpected(text.error());
  seat.token = *std::move(text);
  return seat;
}

RoomId CallService::room_of(const CallId& call) const { return RoomId(impl_->options.room_prefix + call.str()); }
std::optional<CallId> CallService::call_of(const RoomId& room) const {
  const std::string_view prefix = impl_->options.room_prefix, name = room.view();
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return std::nullopt;
  return CallId(name.substr(prefix.size()));
}
bool CallService::has_tokens() const { return impl_->options.tokens != nullptr; }
AppId CallService::app() const { return impl_->options.app; }

bool CallService::is_online(const Actor& actor) const { return impl_->presence.is_online(actor); }
bool CallService::is_online(const UserId& user) const { return impl_->presence.online().contains(user); }
std::vector<UserId> CallService::online_users() const {
  std::vector<UserId> out;
  for (const auto& [user, devices] : impl_->presence.online()) out.push_back(user);
  return out;
}

}  // namespace zegocall
