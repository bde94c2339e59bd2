// The heart: pure functions. Commands and time in, events out. CallEngine drives them in memory, CallService over a
// store; neither adds a rule.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall {

/// What the service found out about somebody who wants to come in, before it asks. Nothing here is secret: passcodes and
/// join codes are compared outside, on a worker, with what is stored of them.
struct EntryFacts {
  PasscodeCheck passcode = PasscodeCheck::none;
  PasscodeStamp stamp{};    ///< which passcode it was compared with; another one than the room's now: it does not count
  bool code_given = false;  ///< a join code came along
  JoinCodeId code{};        ///< and it is this one; empty: nobody knows it
};

/// What the rules need to know beside the calls.
struct Facts {
  std::vector<Actor> online{};           ///< devices of the people concerned that have a connection now
  CallPolicy policy{};                   ///< for a call that starts now
  EntryFacts entry{};                    ///< of the actor
  std::vector<UserId> do_not_disturb{};  ///< of the people concerned
  /// People concerned who block whoever rings them: the actor of start_call, invite and transfer; else the call's caller.
  std::vector<UserId> blocking{};
  std::optional<UnixTime> caller_waits_until{};          ///< the actor called too often; a call may start again then
  const std::vector<RoomTemplate>* templates = nullptr;  ///< the host's own; they come before the standard ones
};

/// Which race rule decided a command, by its number in docs/call-model.md ("Race rules"): the first one that applied. For logs.
enum class RaceRule : unsigned char {
  none = 0,              ///< nobody was faster, or the same answer was due to anybody
  answered_or_over = 2,  ///< the accept came before the cancel, or after it
  first_device = 3,      ///< another device of the person had answered
  declined_for_all = 4,  ///< a decline while other devices rang
  glare = 5,             ///< the two call each other
  busy = 6,              ///< somebody sits in another call: refused, noted, or rung as a second call
  recall = 7,            ///< the caller's own side had lost the call that they were in
  door = 8,              ///< a room's door said no, or sent them to the lobby
  lobby_waits = 9,       ///< the host came; who waits in the lobby goes on waiting
  kick_ends_grace = 10,  ///< somebody was kicked whose link was lost
  stale_clock = 11,      ///< the clock is no longer the call's
  older_session = 12,    ///< the provider's word is about a session before the one that is known
  without_a_seat = 13,   ///< the provider's room holds somebody whom nobody let in
  same_answer = 14,      ///< the command was given before
};
/// "glare", ...; empty for none and for what is no rule.
std::string_view name(RaceRule rule);

/// `calls` are the calls concerned: the one that the command names, and every live call in which the actor or a person
/// named by the command sits, in any order: it changes nothing. For StartCall, `command.call` is the new call's id, chosen by the
/// driver; no call in `calls` has it. Returns the events to append, versions set, in order, possibly of several calls; no events
/// when there is nothing to do (a repeated ack, a stale timer). A refusal is the Error. Errors: not_found (no such call in
/// `calls`), forbidden (not a member, or not this member's to do), busy, invalid_state, already_done, stale_version,
/// invalid_argument, out_of_range, limit_exceeded, rate_limited; at a room's door room_ended, not_started, banned,
/// passcode_required, passcode_wrong, passcode_throttled, not_invited, room_locked, room_full.
/// `deciding`: where to say which race rule it was; null: nowhere.
Result<std::vector<CallEvent>> decide(std::span<const CallView> calls, const Facts& facts, const Command& command, UnixTime now,
                                      RaceRule* deciding = nullptr);

/// Adds one event to a call. The event's version must be the next one (asserted: events come from decide or a checked log).
void apply(CallView& call, const CallEvent& event);

/// The people whose live calls and whose devices decide needs for this command, beside the call that it names. Most commands
/// need nobody's. `call`: the one that the command names, if there is one.
std::vector<UserId> people_concerned(const Command& command, const CallView* call = nullptr);

/// The call as the fold of its log. store_corrupt if versions have a gap, an event does not fit, or the log is empty.
Result<CallView> fold(std::span<const CallEvent> log);

/// What somebody who had version `since` of a call needs to have the present one: the events after it, or the whole call
/// where those are not there (a gap, or more than `events_max`).
struct Snapshot {
  std::optional<CallView> whole{};
  std::vector<CallEvent> events{};
};
/// `log` is the tail of the call's log that the caller has at hand, in order; it may begin anywhere. What others must not
/// see (LegView::hidden, bans, join codes, which passcode it is by now) is left out for whom it is not meant, of the view and
/// of events alike. Errors: forbidden (`by` is no member and has no role in the call, or was kicked or banned and
/// the call goes on), out_of_range (`since` is above the call's version).
Result<Snapshot> snapshot(const CallView& call, std::span<const CallEvent> log, const UserId& by, std::optional<Version> since,
                          std::size_t events_max = 256);

/// I18. Whether somebody may know that this call has, or had, a part for them. Not of a ring that goes to nobody
/// (LegView::hidden) while they have no other leg: whoever tells events to a call's people leaves them out.
bool knows_of(const CallView& call, const UserId& user);
/// I18. An event as everybody else may hear it: of a ring that goes to nobody it says what it says of somebody who is not
/// reached. Nothing for a device.ring of such a leg: nobody may be rung, by a push neither. `after`: the call right after
/// the decision.
std::optional<CallEvent> as_told(const CallEvent& event, const CallView& after);

/// Nothing, or what is wrong with a call by the invariants of docs/call-model.md; tests and debug builds ask after every step.
std::optional<std::string> inconsistency(const CallView& call);

}  // namespace zegocall
