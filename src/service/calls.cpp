// One command: remembered or decided, and what it leads to in one step of the store. The rules are decide()'s.
#include "service/calls_impl.hpp"

#include "base/planted_fault.hpp"

namespace zegocall {

using service_detail::find_call;
using service_detail::is;

namespace {

constexpr int attempts_max = 4;  // a conflict means that somebody else got on
constexpr std::uint32_t forget_every = 256,
                        forget_most = 1024;  // remembered answers, so that old ones go faster than new ones come
constexpr std::size_t starters_max = 100'000;

bool concerns_no_call(const Command& command) { return is<DeviceOnline>(command) || is<DeviceOffline>(command); }
bool makes_a_call(const Command& command) { return is<StartCall>(command) || is<CreateRoom>(command); }
bool rings(const Command& command) {
  const auto* invite = std::get_if<Invite>(&command.body);
  return is<StartCall>(command) || is<Transfer>(command) || (invite && invite->ring);
}

}  // namespace

CallService::Impl::Impl(Store& s, ByteSource& b, CallServiceOptions o)
    : store(s), bytes(b), options(std::move(o)), starts(options.starts_max, options.starts_window, starters_max) {}

CallService::CallService(Store& store, ByteSource& bytes, CallServiceOptions options)
    : impl_(std::make_unique<Impl>(store, bytes, std::move(options))) {}
CallService::~CallService() = default;

// ---- one command ----------------------------------------------------------------------------------------------------

Result<CallView> CallService::handle(const Command& command, Now now, const CommandExtras& extras) {
  return impl_->handle(command, now, extras);
}

Result<CallView> CallService::Impl::handle(const Command& command, Now now, const CommandExtras& extras) {
  if (in_group) return remembered_or_new(command, now, extras);
  for (int attempts = 1;; ++attempts) {
    decided.clear();
    auto result = service_detail::in_transaction(store, [&] { return remembered_or_new(command, now, extras); });
    if (result || !service_detail::is_store_failure(result.error())) return settle(), result;
    revert();
    if (result.error().code != ErrorCode::conflict || attempts == attempts_max)
      return service_detail::store_failed(result.error());
  }
}

Result<CallView> CallService::Impl::remembered_or_new(const Command& command, Now now, const CommandExtras& extras) {
  if (auto woke = wake_calls(now); !woke) return unexpected(woke.error());
  if (!command.id.empty() && !ZC_PLANTED(lose_command_memory)) {
    auto before = store.answer(command.by.user, command.id);
    if (!before) return unexpected(before.error());
    if (*before) return log_rule(RaceRule::same_answer, command, nullptr), first_answer(**before);
  }
  for (int attempts = 1;; ++attempts) {
    auto result = attempt(command, now, extras);
    const bool again = !result && result.error().code == ErrorCode::conflict && in_group && !torn;
    if (again && attempts == attempts_max) return service_detail::store_failed(result.error());
    if (again) continue;
    const bool decided_now = result || !service_detail::is_store_failure(result.error());
    // Who is told to wait does not wait longer for asking.
    const bool waits = !result && result.error().code == ErrorCode::rate_limited;
    if (options.starts_max > 0 && rings(command) && decided_now && !waits) starts.hit(command.by.user.view(), now.steady);
    return result;
  }
}

Result<CallView> CallService::Impl::attempt(const Command& given, Now now, const CommandExtras& extras) {
  Command command = given;
  if (auto complete_now = complete(command, now, extras); !complete_now) return unexpected(complete_now.error());
  auto loaded = load(command);
  if (!loaded) return unexpected(loaded.error());
  auto known = facts(command, *loaded, now, extras);
  if (!known) return unexpected(known.error());
  RaceRule rule{};
  auto events = decide(loaded->calls, *known, command, now.wall, &rule);
  log_rule(rule, command, events ? nullptr : &events.error());
  if (!events) {
    if (auto kept = remember_refusal(command, events.error(), now); !kept) return unexpected(kept.error());
    Error refused = std::move(events).error();
    if (refused.code == ErrorCode::rate_limited && known->caller_waits_until)
      refused.retry_after = *known->caller_waits_until - now.wall;
    return unexpected(std::move(refused));
  }
  if (auto fresh = check_code_is_new(extras); !fresh) return unexpected(fresh.error());
  auto result = append(command, *loaded, *std::move(events), now);
  if (result)
    if (auto kept = keep_extras(command, extras); !kept) return torn = in_group, unexpected(kept.error());
  if (result && concerns_no_call(command)) presence.move(command.by, is<DeviceOnline>(command));
  return result;
}

void CallService::Impl::log_rule(RaceRule rule, const Command& command, const Error* refused) const {
  if (!options.log || rule == RaceRule::none) return;
  std::string line = "race rule " + std::to_string(static_cast<unsigned>(rule)) + " (" + std::string(name(rule)) + "): ";
  line += name(command.body);
  if (!command.by.user.empty()) line += " of " + printable(command.by.user.view());
  line += " in call " + printable(command.call.view());
  if (refused) line += ": " + std::string(name(refused->code));
  options.log(LogLevel::debug, line);
}

/// What only the service can say: the id of a new call, the number of a new passcode.
Result<void> CallService::Impl::complete(Command& command, Now now, const CommandExtras& extras) {
  if (makes_a_call(command) && command.call.empty()) command.call = make_id<CallId>(now.wall, bytes);
  if (extras.passcode_hash.empty()) return {};
  if (auto* room = std::get_if<CreateRoom>(&command.body)) room->passcode = PasscodeStamp(1);
  auto* changed = std::get_if<SetPasscode>(&command.body);
  if (!changed) return {};
  auto before = store.passcode(command.call);
  if (!before) return unexpected(before.error());
  changed->passcode = PasscodeStamp((*before ? (*before)->stamp : 0) + 1);
  return {};
}

/// Asked before anything is written: a refusal is committed with whatever its transaction holds.
Result<void> CallService::Impl::check_code_is_new(const CommandExtras& extras) {
  if (extras.join_code_digest.empty()) return {};
  auto known = store.join_code(extras.join_code_digest);
  if (!known) return unexpected(known.error());
  return *known ? fail_field(ErrorCode::already_exists, "code", "there is a join code of this text") : Result<void>{};
}

/// Beside the log, in the same transaction: hashes and digests, which no event holds.
Result<void> CallService::Impl::keep_extras(const Command& command, const CommandExtras& extras) {
  if (const auto* room = std::get_if<CreateRoom>(&command.body); room && !extras.passcode_hash.empty())
    return store.keep_passcode({command.call, room->passcode.value, extras.passcode_hash});
  if (const auto* added = std::get_if<AddJoinCode>(&command.body); added && !extras.join_code_digest.empty())
    return store.add_join_code({extras.join_code_digest, command.call, added->code.id.str(), added->code.until});
  const auto* changed = std::get_if<SetPasscode>(&command.body);
  if (!changed) return {};
  if (changed->passcode.value > 0) {
    if (extras.passcode_hash.empty()) return {};
    return store.keep_passcode({command.call, changed->passcode.value, extras.passcode_hash});
  }
  auto before = store.passcode(command.call);
  if (!before) return unexpected(before.error());
  // The number stays, so that the next passcode has another one.
  return *before ? store.keep_passcode({command.call, (*before)->stamp, {}}) : Result<void>{};
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

  CallChange change = change_of(made, loaded);
  change.answer = answer_of(command, answer, now);
  if (!change.parts.empty() || change.answer)
    if (auto changed = store.change(change); !changed) return unexpected(changed.error());
  count(change);
  std::move(made.begin(), made.end(), std::back_inserter(decided));
  return answer;
}

CallChange CallService::Impl::change_of(std::vector<Decided>& made, const Loaded& loaded) const {
  CallChange change;
  for (Decided& each : made) {
    const CallView* before = find_call(loaded.calls, each.after.id);
    change.parts.push_back({before ? before->version : Version{}, each.events, each.after});
    for (const std::uint32_t number : missed_legs(each.after, each.events, options.missed)) {
      const LegView& leg = each.after.legs[number - 1];
      each.missed.push_back({leg.user, each.after.id, number, each.after.caller, *leg.outcome, *leg.final_at, std::nullopt});
    }
    change.missed.insert(change.missed.end(), each.missed.begin(), each.missed.end());
    auto messages = service_detail::outbox_messages(each, options.outbox_topics);
    std::move(messages.begin(), messages.end(), std::back_inserter(change.outbox));
    if (!options.provider) continue;
    messages = service_detail::provider_messages(each, RoomId(options.room_prefix + each.after.id.str()), *options.provider);
    std::move(messages.begin(), messages.end(), std::back_inserter(change.outbox));
  }
  return change;
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
  if (log->empty()) return fail_field(ErrorCode::not_found, "call", "no such call any more");
  std::erase_if(*log, [&](const CallEvent& event) { return event.version > answer.version; });
  return fold(*log);
}

}  // namespace zegocall
