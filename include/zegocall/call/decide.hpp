// The heart: pure functions. Commands and time in, events out. CallEngine drives them in memory, CallService over a
// store; neither adds a rule.
#pragma once

#include <span>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall {

/// What the rules need to know beside the calls.
struct Facts {
  std::vector<Actor> online{};  ///< devices of the people concerned that have a connection now
  CallPolicy policy{};          ///< for a call that starts now
};

/// `calls` are the calls concerned: the one that the command names, and every live call in which the actor or a person
/// named by the command sits. For StartCall, `command.call` is the new call's id, chosen by the driver; no call in
/// `calls` has it. Returns the events to append, versions set, in order, possibly of several calls; no events when
/// there is nothing to do (a repeated ack, a stale timer). A refusal is the Error.
/// Errors: not_found (no such call in `calls`), forbidden (not a member, or not this member's to do), busy,
/// invalid_state, already_done, stale_version, invalid_argument, limit_exceeded.
Result<std::vector<CallEvent>> decide(std::span<const CallView> calls, const Facts& facts, const Command& command, UnixTime now);

/// Adds one event to a call. The event's version must be the next one (asserted: events come from decide or a checked log).
void apply(CallView& call, const CallEvent& event);

/// The people whose live call and whose devices decide needs for this command, beside the call that it names. Most
/// commands need nobody's.
std::vector<UserId> people_concerned(const Command& command);

/// The call as the fold of its log. store_corrupt if versions have a gap, an event does not fit, or the log is empty.
Result<CallView> fold(std::span<const CallEvent> log);

/// Nothing, or what is wrong with a call by the invariants of docs/call-model.md; tests and debug builds ask after every step.
std::optional<std::string> inconsistency(const CallView& call);

}  // namespace zegocall
