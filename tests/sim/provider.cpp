#include "sim/provider.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "sim/broken.hpp"

namespace zegocall::sim {
namespace {

constexpr auto forgets_after = std::chrono::minutes(14);  // RoomOrderLimits::memory, with something to spare

auto true_order(const Callback& c) { return std::tuple(c.at, c.tale, c.room, c.session, c.user, c.login); }

std::string words_of_rooms(const RoomOrder& order) {
  std::string out;
  for (const KnownRoom& room : order.rooms()) {
    out += room.room.str() + "#" + std::to_string(room.session.value) + ":";
    for (const KnownUser& user : room.users) out += " " + user.user.str() + "/" + user.login_id;
    out += "; ";
  }
  return out;
}

/// What a change of the provider's rooms means for the call whose room it is.
std::optional<Command> command_of(const RoomChange& change) {
  const auto of = [](const RoomId& room, ProviderWord word) {
    return Command{.call = CallId(room.view()), .body = std::move(word)};
  };
  if (const auto* in = std::get_if<UserEntered>(&change))
    return of(in->room, {ProviderSaid::joined, in->user, LoginId(std::string_view(in->login_id)), in->at, in->at, false});
  if (const auto* out = std::get_if<UserLeft>(&change))
    return of(out->room, {ProviderSaid::left, out->user, {}, out->at, {}, false});
  if (const auto* over = std::get_if<RoomEnded>(&change); over && !over->replaced)
    return of(over->room, {ProviderSaid::room_closed, {}, {}, over->at, {}, false});
  return std::nullopt;
}

}  // namespace

ProviderEvent Provider::event_of(const Callback& c) const {
  const RoomId room(c.room.view());
  const RoomSessionId session(c.session);
  const UnixTime at = began_ + c.at;
  switch (c.tale) {
    case Tale::created: return RoomCreated{.head = {}, .room = room, .session = session, .created = at, .creator = {}};
    case Tale::closed: return RoomClosed{.head = {}, .room = room, .session = session, .reason = {}, .closed = at};
    case Tale::login: {
      RoomLoggedIn in;
      in.room = room, in.session = session, in.user = c.user, in.login_id = c.login, in.at = at;
      return in;
    }
    case Tale::logout: break;
  }
  RoomLoggedOut out;
  out.room = room, out.session = session, out.user = c.user, out.login_id = c.login;
  out.logged_in = began_ + c.since, out.at = at;
  return out;
}

std::vector<Command> Provider::hear(const Callback& callback, UnixTime now) {
  if (heard_.empty()) first_ = now;
  heard_.push_back(callback);
  order_.handle(event_of(callback), now);
  return changes();
}

std::vector<Command> Provider::pass(UnixTime now) {
  while (order_.deadline() && *order_.deadline() <= now) order_.on_deadline(now);
  return changes();
}

std::vector<Command> Provider::changes() {
  std::vector<Command> out;
  while (auto change = order_.poll())
    if (auto command = command_of(*change)) out.push_back(*std::move(command));
  while (order_.poll_question()) {  // nobody answers: what was lost stays lost
  }
  return out;
}

void Provider::forget() {
  order_ = RoomOrder();
  heard_.clear();
}

bool Provider::check(UnixTime now) const {
  if (heard_.empty() || order_.parked() > 0 || now > first_ + forgets_after) return false;
  std::vector<Callback> told = heard_;
  std::sort(told.begin(), told.end(), [](const Callback& a, const Callback& b) { return true_order(a) < true_order(b); });
  told.erase(
      std::unique(told.begin(), told.end(), [](const Callback& a, const Callback& b) { return true_order(a) == true_order(b); }),
      told.end());
  RoomOrder once;
  for (const Callback& callback : told) once.handle(event_of(callback), now);
  if (once.parked() > 0) return false;  // a room_create was lost
  if (words_of_rooms(once) != words_of_rooms(order_))
    broken("I14", "the order and the repeats of callbacks made a difference: " + words_of_rooms(order_) + "instead of " +
                      words_of_rooms(once));
  return true;
}

}  // namespace zegocall::sim
