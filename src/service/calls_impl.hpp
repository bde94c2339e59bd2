// The inside of CallService, shared by its source files.
#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "service/presence.hpp"
#include "service/throttle.hpp"
#include "service/transaction.hpp"
#include "zegocall/base/text.hpp"
#include "zegocall/service.hpp"

namespace zegocall {

namespace service_detail {

template <class Body>
bool is(const Command& command) {
  return std::holds_alternative<Body>(command.body);
}

inline const CallView* find_call(const std::vector<CallView>& calls, const CallId& id) {
  const auto found = std::find_if(calls.begin(), calls.end(), [&](const CallView& call) { return call.id == id; });
  return found == calls.end() ? nullptr : &*found;
}

}  // namespace service_detail

struct CallService::Impl {
  Impl(Store& s, ByteSource& b, CallServiceOptions o);

  Store& store;
  ByteSource& bytes;
  CallServiceOptions options;
  service_detail::Presence presence{};
  service_detail::Throttle starts;
  std::vector<Decided> decided{};  // of the open transaction, or of the last one
  bool in_group = false;
  bool torn = false;                             // a command of this group was written by half; the group is lost
  bool started = false, started_before = false;  // every live call was told of the start; as of the last commit
  std::set<CallId> woken{};                      // told of it in the open transaction
  UnixTime retry_at{};                           // the store failed: deadlines rest until then
  std::uint32_t remembered = 0;
  CallCounters counted{}, counting{};  // as committed; with what the open transaction did

  struct Loaded {
    std::vector<CallView> calls{};
    std::vector<UserId> people{};
  };

  // calls.cpp: one command
  Result<CallView> handle(const Command& command, Now now, const CommandExtras& extras);
  Result<CallView> remembered_or_new(const Command& command, Now now, const CommandExtras& extras);
  Result<CallView> attempt(const Command& command, Now now, const CommandExtras& extras);
  void log_rule(RaceRule rule, const Command& command, const Error* refused) const;
  Result<void> complete(Command& command, Now now, const CommandExtras& extras);
  Result<CallView> append(const Command& command, const Loaded& loaded, std::vector<CallEvent> events, Now now);
  Result<void> check_code_is_new(const CommandExtras& extras);
  Result<void> keep_extras(const Command& command, const CommandExtras& extras);
  CallChange change_of(std::vector<Decided>& made, const Loaded& loaded) const;
  Result<void> remember_refusal(const Command& command, const Error& error, Now now);
  std::optional<CommandAnswer> answer_of(const Command& command, const CallView& call, Now now);
  Result<CallView> first_answer(const CommandAnswer& answer);

  // calls_read.cpp
  /// forbidden for everybody but its host.
  Result<CallView> own_room(const CallId& id, const UserId& host);

  // calls_facts.cpp: what decide() is told
  Result<Loaded> load(const Command& command);
  Result<Facts> facts(const Command& command, const Loaded& loaded, Now now, const CommandExtras& extras);
  Result<void> wishes_of(const std::vector<UserId>& people, const UserId& ringer, Now now, Facts& facts);

  // calls_time.cpp: deadlines, the start, groups
  Result<void> wake_calls(Now now);
  void fire(Now now);
  void count(const CallChange& change);
  void settle();
  void revert();
};

namespace service_detail {
/// What of a decision leaves by the outbox: one message for each event whose word is among `topics`.
std::vector<OutboxMessage> outbox_messages(const Decided& decided, const std::vector<std::string>& topics);
/// What of it the provider is told, in the order to send (provider_queue.cpp).
std::vector<OutboxMessage> provider_messages(const Decided& decided, const RoomId& room, const ProviderRules& rules);
}  // namespace service_detail

}  // namespace zegocall
