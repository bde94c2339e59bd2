// How legs and calls end. Every leg gets one outcome, every rung device one, and call.ended comes last.
#pragma once

#include "call/rules.hpp"

namespace zegocall::call_detail {

/// Who ended a call, and what they said about it.
struct Ending {
  UserId by{};
  std::string note{};
};

/// The leg's devices are told first, then the leg is over. `acting`: the device that said so, if one did; `by`: who sent
/// the person out.
void finish(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const DeviceId& acting = {},
            const UserId& by = {});

/// The rung person whose no, or whose silence, was the last of all.
struct LastRing {
  const LegView* leg = nullptr;
  LegOutcome outcome{};
  DeviceId acting{};
  bool said = false;  ///< that leg is over already
};
/// Nobody accepted. Without `last` the legs share the outcome, and so does the call; with it, that leg has its own and
/// whoever else is still there is `cancelled`.
void end_unanswered(Turn& turn, const CallView& call, LegOutcome outcome, const Ending& ending = {}, const LastRing& last = {});

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

/// Another device of the same person holds the leg.
Unexpected on_another_device();
/// The leg is final. already_done for who wants out, invalid_state for who wants in.
Unexpected part_is_over(ErrorCode code, const LegView& leg);
/// "answered", "no_answer", ...: how a call or a leg that is over ended.
std::string_view ended_word(const CallView& call);
std::string_view ended_word(const LegView& leg);

}  // namespace zegocall::call_detail
