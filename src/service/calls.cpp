// Load, decide, change: one command is one step of the store. The rules are decide()'s.
#include <algorithm>
#include <set>
#include <utility>

#include "service/presence.hpp"
#include "service/transaction.hpp"
#include "zegocall/service.hpp"

namespace zegocall {
namespace {

constexpr int attempts_max = 4;                  // a conflict means that somebody else got on
constexpr std::uint32_t deadlines_at_once = 64;  // the rest fires in the next turn
constexpr std::uint32_t forget_every = 256,
                        forget_most = 1024;           // remembered answers, so that old ones go faster than new ones come
constexpr auto store_rest = std::chrono::seconds(1);  // between two tries of a store that fails

template <class Body>
bool is(const Command& command) {
  return std::holds_alternative<Body>(command.body);
}

bool concerns_no_call(const Command& command) { return is<DeviceOnline>(command) || is<DeviceOffline>(command); }

const CallView* find_call(const std::vector<CallView>& calls, const CallId& id) {
  const auto found = std::find_if(calls.begin(), calls.end(), [&](const CallView& call) { return call.id == id; });
  return found == calls.end() ? nullptr : &*found;
}

}  // namespace

struct CallService::Impl {
  Impl(Store& s, ByteSource& b, CallServiceOptions o) : store(s), bytes(b), options(std::move(o)) {}

  Store& store;
  ByteSource& bytes;
  CallServiceOptions options;
  service_detail::Presence presence;
  std::vector<Decided> decided;  // of the open transaction, or of the last one
  bool in_group = false;
  bool started = false, started_before = false;  // every live call was told of the start; as of the last commit
  std::set<CallId> woken;                        // told of it in the open transaction
  UnixTime retry_at{};                           // the store failed: deadlines rest until then
  std::uint32_t remembered = 0;

  struct Loaded {
    std::vector<CallView> calls;
    std::vector<UserId> people;
  };

  Result<CallView> handle(const Command& command, Now now);
  Result<CallView> remembered_or_new(const Command& command, Now now);
  Result<CallView> attempt(const Command& command, Now now);
  Result<Loaded> load(const Command& command);
  Facts facts(const Command& command, const Loaded& loaded) const;
  Result<CallView> append(const Command& command, const Loaded& loaded, std::vector<CallEvent> events, Now now);
  Result<void> remember_refusal(const Command& command, const Error& error, Now now);
  std::optional<CommandAnswer> answer_of(const Command& command, const CallView& call, Now now);
  Result<CallView> first_answer(const CommandAnswer& answer);
  Result<void> wake_calls(Now now);
  void fire(Now now);
  void settle();
  void revert();
};

CallService::CallService(Store& store, ByteSource& bytes, CallServiceOptions options)
    : impl_(std::make_unique<Impl>(store, bytes, std::move(options))) {}
CallService::~CallService() = default;

// ---- one command ----------------------------------------------------------------------------------------------------

Result<CallView> CallService::handle(const Command& command, Now now) { return impl_->handle(command, now); }

Result<CallView> CallService::Impl::handle(const Command& command, Now now) {
  if (in_group) return remembered_or_new(command, now);
  for (int attempts = 1;; ++attempts) {
    decided.clear();
    auto result = service_detail::in_transaction(store, [&] { return remembered_or_new(command, now); });
    if (result || !service_detail::is_store_failure(result.error())) return settle(), result;
    revert();
    if (result.error().code != ErrorCode::conflict || attempts == attempts_max)
      return service_detail::store_failed(result.error());
  }
}

Result<CallView> CallService::Impl::remembered_or_new(const Command& command, Now now) {
  if (auto woke = wake_calls(now); !woke) return unexpected(woke.error());
#ifndef ZEGOCALL_FAULT_LOSE_COMMAND_MEMORY
  if (!command.id.empty()) {
    auto before = store.answer(command.by.user, command.id);
    if (!before) return unexpected(before.error());
    if (*before) return first_answer(**before);
  }
#endif
  for (int attempts = 1;; ++attempts) {
    auto result = attempt(command, now);
    const bool again = !result && result.error().code == ErrorCode::conflict && in_group;
    if (!again) return result;
    if (attempts == attempts_max) return service_detail::store_failed(result.error());
  }
}

Result<CallView> CallService::Impl::attempt(const Command& given, Now now) {
  Command command = given;
  if (is<StartCall>(command) && command.call.empty()) command.call = make_id<CallId>(now.wall, bytes);
  auto loaded = load(command);
  if (!loaded) return unexpected(loaded.error());
  auto events = decide(loaded->calls, facts(command, *loaded), command, now.wall);
  if (!events) {
    if (auto kept = remember_refusal(command, events.error(), now); !kept) return unexpected(kept.error());
    return unexpected(events.error());
  }
  auto result = append(command, *loaded, *std::move(events), now);
  if (result && concerns_no_call(command)) presence.move(command.by, is<DeviceOnline>(command));
  return result;
}

Result<CallService::Impl::Loaded> CallService::Impl::load(const Command& command) {
  Loaded out{{}, people_concerned(command)};
  if (!out.people.empty()) {
    auto seats = store.calls_of(out.people);
    if (!seats) return unexpected(seats.error());
    out.calls = *std::move(seats);
  }
  if (command.call.empty() || find_call(out.calls, command.call)) return out;
  auto named = store.call(command.call);
  if (!named) return unexpected(named.error());
  if (*named && is<StartCall>(command)) return fail_field(ErrorCode::already_exists, "call", "there is a call of this id");
  if (*named) out.calls.push_back(**std::move(named));
  return out;
}

Facts CallService::Impl::facts(const Command& command, const Loaded& loaded) const {
  std::set<UserId> people(loaded.people.begin(), loaded.people.end());
  for (const CallView& call : loaded.calls)
    for (const LegView& leg : call.legs) people.insert(leg.user);
  Facts out{{}, options.policy};
  for (const UserId& user : people)
    if (const auto found = presence.online().find(user); found != presence.online().end())
      for (const DeviceId& device : found->second) out.online.push_back({user, device});
  if (is<DeviceOffline>(command)) std::erase(out.online, command.by);
  if (is<DeviceOnline>(command) && !presence.is_online(command.by)) out.online.push_back(command.by);
  return out;
}

Result<CallView> CallService::Impl::append(const Command& command, const Loaded& loaded, std::vector<CallEvent> events, Now now) {
  std::vector<Decided> made;
  for (CallEvent& event : events) {
    auto found = std::find_if(made.begin(), made.end(), [&](const Decided& d) { return d.after.id == event.call; });
    if (found == made.end()) {
      const CallView* before = find_call(loaded.calls, event.call);
      found = made.insert(made.end(), {{}, before ? *before : CallView{.id = event.call}, command.by});
    }
    apply(found->after, event);
    found->events.push_back(std::move(event));
  }
  CallView answer;
  if (const CallView* before = find_call(loaded.calls, command.call)) answer = *before;
  for (const Decided& each : made)
    if (each.after.id == command.call) answer = each.after;

  CallChange change;
  for (const Decided& each : made) {
    const CallView* before = find_call(loaded.calls, each.after.id);
    change.parts.push_back({before ? before->version : Version{}, each.events, each.after});
  }
  change.answer = answer_of(command, answer, now);
  if (!change.parts.empty() || change.answer)
    if (auto changed = store.change(change); !changed) return unexpected(changed.error());
  std::move(made.begin(), made.end(), std::back_inserter(decided));
  return answer;
}

// ---- the memory of commands -----------------------------------------------------------------------------------------

std::optional<CommandAnswer> CallService::Impl::answer_of(const Command& command, const CallView& call, Now now) {
  if (command.id.empty()) return std::nullopt;
  if (++remembered % forget_every == 0) (void)store.forget_answers(now.wall, forget_most);  // housekeeping: may fail
  return CommandAnswer{.user = command.by.user,
                       .command = command.id,
                       .call = call.id,
                       .version = call.version,
                       .error = std::nullopt,
                       .keep_until = now.wall + options.answers_kept};
}

Result<void> CallService::Impl::remember_refusal(const Command& command, const Error& error, Now now) {
  auto answer = answer_of(command, CallView{.id = command.call}, now);
  if (!answer || is_retryable(error.code)) return {};
  answer->error = error;
  CallChange change;
  change.answer = std::move(answer);
  return store.change(change);
}

Result<CallView> CallService::Impl::first_answer(const CommandAnswer& answer) {
  if (answer.error) return unexpected(*answer.error);
  if (answer.call.empty()) return CallView{};
  auto log = store.events(answer.call, Version{});
  if (!log) return unexpected(log.error());
  std::erase_if(*log, [&](const CallEvent& event) { return event.version > answer.version; });
  return fold(*log);
}

// ---- deadlines and the start ----------------------------------------------------------------------------------------

Result<void> CallService::Impl::wake_calls(Now now) {
  if (started) return {};
  auto live = store.live_calls();
  if (!live) return unexpected(live.error());
  for (const CallView& call : *live) {
    if (woken.contains(call.id)) continue;
    auto told = attempt({.call = call.id, .body = ServerStarted{}}, now);
    if (!told && service_detail::is_store_failure(told.error())) return unexpected(told.error());
    woken.insert(call.id);
  }
  started = true;
  return {};
}

std::optional<UnixTime> CallService::deadline() {
  if (!impl_->started) return impl_->retry_at;
  auto next = impl_->store.next_deadline();
  if (!next) return impl_->retry_at;
  if (!*next) return std::nullopt;
  return std::max(**next, impl_->retry_at);
}

void CallService::on_deadline(Now now) {
  if (now.wall < impl_->retry_at) return;
  if (impl_->in_group) return impl_->fire(now);
  impl_->decided.clear();
  auto fired = service_detail::in_transaction(impl_->store, [&]() -> Result<void> {
    impl_->fire(now);
    return {};
  });
  if (fired) return impl_->settle();
  impl_->revert();
  impl_->retry_at = now.wall + store_rest;
}

void CallService::Impl::fire(Now now) {
  auto woke = wake_calls(now);
  auto due = woke ? store.due(now.wall, deadlines_at_once) : Result<std::vector<DueDeadline>>(unexpected(woke.error()));
  bool moved = due.has_value();
  if (due && !due->empty()) {
    const std::size_t before = decided.size();
    for (const DueDeadline& each : *due) (void)attempt({.call = each.call, .body = TimerFired{each.deadline}}, now);
    moved = decided.size() > before;
  }
  if (!moved) retry_at = now.wall + store_rest;  // neither spin on a store that fails nor on a timer that nobody wants
}

// ---- groups ---------------------------------------------------------------------------------------------------------

Result<void> CallService::open_group() {
  impl_->decided.clear();
  if (auto begun = impl_->store.begin(); !begun) return begun;
  impl_->in_group = true;
  return {};
}

Result<void> CallService::commit_group() {
  if (!std::exchange(impl_->in_group, false)) return fail(ErrorCode::invalid_state, "no group is open");
  auto committed = impl_->store.commit();
  if (committed) return impl_->settle(), committed;
  if (impl_->store.in_transaction()) impl_->store.rollback();
  return impl_->revert(), committed;
}

void CallService::abandon_group() {
  if (!std::exchange(impl_->in_group, false)) return;
  impl_->store.rollback();
  impl_->revert();
}

void CallService::Impl::settle() {
  presence.settle();
  started_before = started;
  if (started) woken.clear();
}

void CallService::Impl::revert() {
  presence.revert();
  decided.clear();
  started = started_before;
  woken.clear();
}

std::vector<Decided> CallService::take() { return std::exchange(impl_->decided, {}); }

// ---- questions ------------------------------------------------------------------------------------------------------

Result<CallView> CallService::find(const CallId& call) {
  auto found = impl_->store.call(call);
  if (!found) return unexpected(found.error());
  if (!*found) return fail_field(ErrorCode::not_found, "call", "no such call");
  return **std::move(found);
}

Result<std::optional<CallView>> CallService::active(const UserId& user) {
  auto calls = impl_->store.calls_of({user});
  if (!calls) return unexpected(calls.error());
  if (calls->empty()) return std::optional<CallView>{};
  return std::optional<CallView>(std::move(calls->front()));
}

Result<Page<CallView>> CallService::history(const UserId& user, PageRequest page) { return impl_->store.history(user, page); }

Result<SeatToken> CallService::token(const CallId& id, const UserId& user, Now now) {
  auto call = find(id);
  if (!call) return unexpected(call.error());
  if (!call->has_member(user)) return fail(ErrorCode::forbidden, "not a member of this call");
  if (call->state == CallState::ended) return fail_field(ErrorCode::invalid_state, "call", "the call is over");
  const LegView* leg = call->live_leg_of(user);
  if (!leg || leg->state == LegState::invited || leg->state == LegState::alerting)
    return fail_field(ErrorCode::invalid_state, "call", "accept the call first");
  if (!impl_->options.tokens) return fail_field(ErrorCode::invalid_state, "tokens", "this server has no provider keys");
  SeatToken seat{{}, room_of(id), impl_->options.app, user, now.wall + impl_->options.token_lifetime};
  auto text = impl_->options.tokens->mint({.user = user,
                                           .lifetime = impl_->options.token_lifetime,
                                           .payload = rtc_room(MediaRole::speaker, seat.room, user),
                                           .app = impl_->options.app},
                                          now.wall);
  if (!text) return unexpected(text.error());
  seat.token = *std::move(text);
  return seat;
}

RoomId CallService::room_of(const CallId& call) const { return RoomId(impl_->options.room_prefix + call.str()); }
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
