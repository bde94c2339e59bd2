// What decide() is told: the calls concerned and the facts, collected in one place.
#include "service/calls_impl.hpp"

namespace zegocall {

using service_detail::find_call;
using service_detail::is;

Result<CallService::Impl::Loaded> CallService::Impl::load(const Command& command) {
  Loaded out;
  std::optional<CallView> named;
  if (!command.call.empty()) {
    auto found = store.call(command.call);
    if (!found) return unexpected(found.error());
    const bool makes_one = is<StartCall>(command) || is<CreateRoom>(command);
    if (*found && makes_one) return fail_field(ErrorCode::already_exists, "call", "there is a call of this id");
    named = *std::move(found);
  }
  out.people = people_concerned(command, named ? &*named : nullptr);
  if (!out.people.empty()) {
    auto seats = store.calls_of(out.people);
    if (!seats) return unexpected(seats.error());
    out.calls = *std::move(seats);
  }
  if (named && !find_call(out.calls, command.call)) out.calls.push_back(*std::move(named));
  return out;
}

namespace {

/// In whose name somebody is rung by this command: the one who asks, or the call's caller where a ring only goes on.
UserId ringer_of(const Command& command, const std::vector<CallView>& calls) {
  if (is<StartCall>(command) || is<Invite>(command) || is<Transfer>(command)) return command.by.user;
  const CallView* call = find_call(calls, command.call);
  return call && !call->hunt_next.empty() ? call->caller : UserId();
}

}  // namespace

Result<Facts> CallService::Impl::facts(const Command& command, const Loaded& loaded, Now now, const CommandExtras& extras) {
  Facts out;
  out.policy = options.policy;
  out.entry = extras.entry;
  out.templates = &options.templates;
  for (const UserId& user : loaded.people)
    if (const auto found = presence.online().find(user); found != presence.online().end())
      for (const DeviceId& device : found->second) out.online.push_back({user, device});
  if (is<DeviceOffline>(command)) std::erase(out.online, command.by);
  if (is<DeviceOnline>(command) && !presence.is_online(command.by)) out.online.push_back(command.by);
  if (options.starts_max > 0)
    if (const auto wait = starts.wait(command.by.user.view(), now.steady)) out.caller_waits_until = now.wall + *wait;
  const UserId ringer = ringer_of(command, loaded.calls);
  if (ringer.empty()) return out;
  if (auto asked = wishes_of(loaded.people, ringer, now, out); !asked) return unexpected(asked.error());
  return out;
}

/// Who of these people does not want to be rung now, or not by this one.
Result<void> CallService::Impl::wishes_of(const std::vector<UserId>& people, const UserId& ringer, Now now, Facts& facts) {
  for (const UserId& user : people) {
    if (user == ringer) continue;
    auto settings = store.settings(user);
    if (!settings) return unexpected(settings.error());
    if (settings->dnd_at(now.wall)) facts.do_not_disturb.push_back(user);
    auto blocks = store.is_blocked(ringer, user);
    if (!blocks) return unexpected(blocks.error());
    if (*blocks) facts.blocking.push_back(user);
  }
  return {};
}

}  // namespace zegocall
