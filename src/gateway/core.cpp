#include "gateway/core.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zegocall::gateway_detail {
namespace {

constexpr auto presence_rest = std::chrono::seconds(1);  // between two tries to tell the calls of a device

/// Whom the event is about; an empty id where nobody is named.
UserId subject_of(const Told& told) {
  return std::visit(
      [&](const auto& body) -> UserId {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, CallCreated>)
          return body.caller;
        else if constexpr (std::is_same_v<Body, CallActive>)
          return told.by.user;
        else if constexpr (requires { body.user; })
          return body.user;
        else if constexpr (requires { body.by; })
          return body.by;
        else
          return {};
      },
      told.event.body);
}

/// The device that a device event names; null for other events.
const DeviceId* device_of(const EventBody& body) {
  if (const auto* ring = std::get_if<DeviceRing>(&body)) return &ring->device;
  if (const auto* dismiss = std::get_if<DeviceDismiss>(&body)) return &dismiss->device;
  return nullptr;
}

/// The first of the rings of one leg that were decided together.
bool is_first_ring(const std::vector<CallEvent>& events, const CallEvent& event) {
  const auto first = std::find_if(events.begin(), events.end(), [&](const CallEvent& each) {
    const auto* ring = std::get_if<DeviceRing>(&each.body);
    return ring && ring->leg == std::get<DeviceRing>(event.body).leg;
  });
  return &*first == &event;
}

/// Said by Core::tell_caller, once.
bool tells_caller_of_ring(const Say& word) { return word.to == To::caller && word.kind == kind_of<DeviceRing>(); }

/// Everybody who may know that they are in it (I18).
std::set<UserId> members_of(const CallView& call) {
  std::set<UserId> out;
  for (const LegView& leg : call.legs)
    if (!leg.hidden) out.insert(leg.user);
  return out;
}

/// The object's text with {from: sender} before the rest, which is spliced in as it came.
std::string with_member_before(JsonView object, const std::string& from, const UserId& sender) {
  std::string text = JsonObject{{from, sender}}.text();
  const std::string_view rest = object.text().substr(1);
  if (rest[rest.find_first_not_of(" \t\r\n")] == '}') return text;
  text.back() = ',';
  return text.append(rest);
}

/// The same arguments with {from: sender} in the first one; what a sender put there is gone.
Args with_sender(ArgsView args, const std::string& from, const UserId& sender) {
  if (from.empty()) return Args::copy_of(args);
  Args out;
  for (JsonView value : args.elements()) {
    if (!out.empty()) {
      out.add(value);
    } else if (!value.has(from)) {
      out.add(JsonView::trusted(with_member_before(value, from, sender), value.attachments()));
    } else {
      JsonObject first{{from, sender}};
      for (const auto& [key, member] : value.members())
        if (key != from) first.add(key, member);
      out.add(first);
    }
  }
  return out;
}

Result<std::tuple<CallId, UserId>> addressed(const Relay& word, ArgsView args) {
  if (args.text().size() > relay_bytes_max)
    return fail(ErrorCode::payload_too_large, "more than " + std::to_string(relay_bytes_max) + " bytes");
  if (args[0].kind() != JsonKind::object) return fail_field(ErrorCode::mistyped_field, "0", "must be an object");
  return args.get<CallId, UserId>(word.call, word.to);
}

Unexpected not_between_them() { return fail(ErrorCode::forbidden, "only between the people of a live call"); }

}  // namespace

// ---- commands -------------------------------------------------------------------------------------------------------

/// Who says no, or hangs up, and does not say on which device: with exactly one connected it is that one. Not so for words
/// that would bind the leg: a socket that named no device comes back as another one, and must find its call.
Actor Core::actor_of(const Command& command) const {
  const bool leaves = std::holds_alternative<Decline>(command.body) || std::holds_alternative<EndCall>(command.body);
  if (!leaves || !command.by.device.empty()) return command.by;
  const auto first = sockets_.lower_bound(command.by);
  if (first == sockets_.end() || first->first.user != command.by.user) return command.by;
  const auto second = std::next(first);
  if (second != sockets_.end() && second->first.user == command.by.user) return command.by;
  const auto call = calls_.find(command.call);
  const LegView* leg = call ? call->live_leg_of(command.by.user) : nullptr;
  return leg && leg->device.empty() ? first->first : command.by;
}

Result<void> Core::may_act(const Command& command) const {
  const bool a_device = std::holds_alternative<DeviceOnline>(command.body) || std::holds_alternative<DeviceOffline>(command.body);
  if (!dialect_.may_act || a_device || command.by.user.empty()) return {};
  return dialect_.may_act(command.by.user);
}

Result<CallView> Core::handle(const Command& given, Now now, const CommandExtras& extras) {
  last_now_ = now.wall;
  if (auto fine = may_act(given); !fine) return unexpected(std::move(fine).error());
  Command command = given;
  command.by = actor_of(given);
  auto result = calls_.handle(command, now, extras);
  tell_decided(now);
  return result;
}

Result<CallView> Core::join_all(const CallId& id, const Actor& by, Now now) {
  auto call = handle({.by = by, .call = id, .body = Join{}}, now);
  if (!call) return call;
  for (const LegView& leg : std::vector<LegView>(call->legs)) {
    if (leg.user == by.user || leg.state != LegState::joining) continue;
    if (auto joined = handle({.by = {leg.user, leg.device}, .call = id, .body = Join{}}, now)) call = std::move(joined);
  }
  return call;
}

Result<Args> Core::hear(const Hear& word, const Actor& by, const Args& args, Now now) {
  auto call = args.get<CallId>(word.call);
  if (!call) return unexpected(call.error());
  auto body = word.read(args);
  if (!body) return unexpected(body.error());
  auto after = handle({.by = by, .call = *call, .body = *std::move(body)}, now);
  if (!after) return unexpected(after.error());
  return dialect_.done ? dialect_.done(*after) : Args{};
}

// ---- relays ---------------------------------------------------------------------------------------------------------

std::optional<Result<std::pair<UserId, Args>>> Core::quick(const Relay& word, const UserId& by, ArgsView args,
                                                           const LiveCalls& calls) {
  auto to = addressed(word, args);
  if (!to) return unexpected(to.error());
  const auto& [id, target] = *to;
  const auto found = calls.find(id);
  if (found == calls.end()) return std::nullopt;
  const LiveCall& call = *found->second;
  const LiveCall::Member* me = call.find(by);
  const LiveCall::Member* other = call.find(target);
  if (!me || me->hidden || target == by || !other) return not_between_them();
  if (me->unbound || other->hidden || (word.effect == RelayEffect::joins && call.entering)) return std::nullopt;
  return std::pair{target, with_sender(args, word.from, by)};
}

Result<Args> Core::relay(const Relay& word, const Actor& by, ArgsView args, Now now) {
  auto to = addressed(word, args);
  if (!to) return unexpected(to.error());
  const auto& [id, target] = *to;
  auto call = calls_.find(id);
  if (!call) return unexpected(call.error());
  const LegView* mine = call->live_leg_of(by.user);
  const LegView* other = call->live_leg_of(target);
  if (!mine || mine->hidden || target == by.user || !other) return not_between_them();
  if (other->hidden) return Args{};  // I18: as if it had arrived where nobody answers
  const auto live = LiveCall::of(*call);
  voice_.to_loops(id, live);
  Result<CallView> effect = *call;
  if (word.effect == RelayEffect::joins && mine->state == LegState::joining)
    effect = join_all(id, by, now);
  else if (live->find(by.user)->unbound)
    effect = handle({.by = by, .call = id, .body = Heartbeat{}}, now);
  if (!effect) return unexpected(effect.error());
  const Args sent = with_sender(args, word.from, by.user);
  voice_.to_user(target, word.word, sent);
  return Args{};
}

// ---- devices --------------------------------------------------------------------------------------------------------

void Core::connected(const ConnectionId& connection, const Actor& actor, Now now) {
  if (actor.user.empty()) return;  // nobody in particular is in no call
  sockets_[actor].push_back(connection);
  rung_.clear();
  change_presence(actor, now);
  if (!rung_.contains(actor)) ring_again(connection, actor);
}

void Core::disconnected(const ConnectionId& connection, const Actor& actor, Now now) {
  const auto found = sockets_.find(actor);
  if (found == sockets_.end()) return;
  std::erase(found->second, connection);
  if (!found->second.empty()) return;
  sockets_.erase(found);
  change_presence(actor, now);
}

void Core::change_presence(const Actor& actor, Now now) {
  const bool online = sockets_.contains(actor), before = calls_.is_online(actor.user);
  unsettled_.insert(actor);
  if (calls_.is_online(actor) != online) {
    Command command{.by = actor};
    if (online)
      command.body = DeviceOnline{};
    else
      command.body = DeviceOffline{};
    if (auto done = handle(command, now); !done) {
      if (!is_retryable(done.error().code)) unsettled_.erase(actor);
      retry_at_ = now.wall + presence_rest;
    }
  }
  const bool after = calls_.is_online(actor.user);
  if (after != before && dialect_.presence) dialect_.presence(actor.user, after, now);
  if (!in_group_) forget_settled();
}

void Core::forget_settled() {
  std::erase_if(unsettled_, [&](const Actor& actor) { return calls_.is_online(actor) == sockets_.contains(actor); });
}

void Core::ring_again(const ConnectionId& connection, const Actor& actor) {
  auto call = calls_.active(actor.user);
  if (!call || !*call) return;
  const LegView* leg = (*call)->live_leg_of(actor.user);
  if (!leg || (leg->state != LegState::invited && leg->state != LegState::alerting)) return;
  const auto device =
      std::find_if(leg->devices.begin(), leg->devices.end(), [&](const DeviceView& d) { return d.device == actor.device; });
  if (device == leg->devices.end() || device->outcome) return;
  const CallEvent ring{(*call)->id, (*call)->version, leg->invited_at, DeviceRing{leg->number, leg->user, actor.device}};
  const Actor nobody;
  for (const Say& word : dialect_.say)
    if (word.kind == ring.body.index() && word.to == To::subject)
      if (auto args = word.shape({ring, **call, nobody})) voice_.to_connection(connection, word.word, *args);
}

// ---- telling --------------------------------------------------------------------------------------------------------

void Core::tell_decided(Now now) {
  std::vector<std::pair<CallId, Actor>> heard;  // rings that arrived
  for (const Decided& decided : calls_.take()) {
    const bool over = decided.after.state == CallState::ended;
    voice_.to_loops(decided.after.id, over ? nullptr : LiveCall::of(decided.after));
    for (const CallEvent& event : decided.events) {
      tell_event({event, decided.after, decided.by});
      const auto* ring = std::get_if<DeviceRing>(&event.body);
      if (ring && is_first_ring(decided.events, event)) tell_caller({event, decided.after, decided.by}, *ring);
      if (!ring || over || !sockets_.contains({ring->user, ring->device})) continue;
      rung_.insert({ring->user, ring->device});
      heard.emplace_back(event.call, Actor{ring->user, ring->device});
    }
    tell_missed(decided.missed);
  }
  for (const auto& [call, device] : heard) (void)handle({.by = device, .call = call, .body = AckDelivered{}}, now);
}

/// Which devices somebody has, and whether one rings for this caller, is not the caller's to know.
void Core::tell_caller(const Told& whole, const DeviceRing& ring) {
  CallEvent event = whole.event;
  event.body = DeviceRing{ring.leg, ring.user, {}, ring.attempt};
  const Told told{event, whole.call, whole.by};
  for (const Say& word : dialect_.say)
    if (word.kind == event.body.index() && word.to == To::caller)
      if (auto args = word.shape(told)) voice_.to_user(told.call.caller, word.word, *args);
}

void Core::tell_missed(const std::vector<MissedCall>& missed) {
  if (dialect_.missed.word.empty()) return;
  for (const MissedCall& one : missed)
    if (auto args = dialect_.missed.shape(one)) voice_.to_user(one.user, dialect_.missed.word, *args);
}

void Core::tell_event(const Told& whole) {
  const auto heard = as_told(whole.event, whole.call);
  if (!heard) return;
  const Told told{*heard, whole.call, whole.by};
  for (const Say& word : dialect_.say)
    if (word.kind == told.event.body.index() && !tells_caller_of_ring(word))
      if (auto args = word.shape(told)) say(word, told, *args);
}

void Core::say(const Say& word, const Told& told, const Args& args) {
  const UserId subject = subject_of(told);
  switch (word.to) {
    case To::subject:
      if (told.call.has_member(subject) && !knows_of(told.call, subject)) return;
      if (const DeviceId* device = device_of(told.event.body)) {
        const auto found = sockets_.find({subject, *device});
        if (found == sockets_.end()) return;
        for (const ConnectionId& connection : found->second) voice_.to_connection(connection, word.word, args);
      } else if (!subject.empty()) {
        voice_.to_user(subject, word.word, args);
      }
      return;
    case To::others:
      for (const UserId& user : members_of(told.call))
        if (user != subject) voice_.to_user(user, word.word, args);
      return;
    case To::everyone:
      for (const UserId& user : members_of(told.call)) voice_.to_user(user, word.word, args);
      return;
    case To::caller: voice_.to_user(told.call.caller, word.word, args); return;
    case To::callees:
      for (const UserId& user : members_of(told.call))
        if (user != told.call.caller) voice_.to_user(user, word.word, args);
      return;
  }
}

// ---- driven ---------------------------------------------------------------------------------------------------------

std::optional<UnixTime> Core::deadline() {
  auto next = calls_.deadline();
  if (unsettled_.empty()) return next;
  const UnixTime retry = retry_at_.value_or(last_now_);
  return next ? std::min(*next, retry) : retry;
}

void Core::on_deadline(Now now) {
  last_now_ = now.wall;
  calls_.on_deadline(now);
  tell_decided(now);
  if (unsettled_.empty() || now.wall < retry_at_.value_or(now.wall)) return;
  retry_at_ = now.wall + presence_rest;
  for (const Actor& actor : std::set<Actor, ActorOrder>(unsettled_)) change_presence(actor, now);
}

Result<void> Core::open_group() {
  auto opened = calls_.open_group();
  in_group_ = opened.has_value();
  return opened;
}

Result<void> Core::commit_group() {
  in_group_ = false;
  auto committed = calls_.commit_group();
  if (!committed) retry_at_ = last_now_ + presence_rest;
  forget_settled();
  return committed;
}

void Core::abandon_group() {
  in_group_ = false;
  calls_.abandon_group();
  retry_at_ = last_now_ + presence_rest;
  forget_settled();
}

}  // namespace zegocall::gateway_detail
