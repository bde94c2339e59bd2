// How legs and calls end. Every leg gets one outcome, every rung device one, and call.ended comes last.
#pragma once

#include "call/rules.hpp"

namespace zegocall::call_detail {

/// Who ended a call, and what they said about it.
struct Ending {
  UserId by{};
  std::string note{};
};

/// Nobody accepted: the legs share the outcome, and so does the call. `acting` is the device that declined, if one did.
void end_unanswered(Turn& turn, const CallView& call, LegOutcome outcome, const Ending& ending = {}, const DeviceId& acting = {});

/// An answered call ends for everybody: who is in has `completed` it, who was still rung is `cancelled`.
void hang_up(Turn& turn, const CallView& call, const Ending& ending);

/// One leg of an answered call ends; so does the call if nobody else is in it.
void leave_answered(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by = {},
                    const DeviceId& acting = {});

/// The person who was left alone is let go.
void end_alone(Turn& turn, const CallView& call);
/// Nobody was in the call for too long.
void end_empty(Turn& turn, const CallView& call);
/// Race rule 7: the caller's own side thinks that this call is over.
void end_for_recall(Turn& turn, const CallView& call, const UserId& caller);

/// "answered", "no_answer", ...: how a call or a leg that is over ended.
std::string_view ended_word(const CallView& call);
std::string_view ended_word(const LegView& leg);

}  // namespace zegocall::call_detail
