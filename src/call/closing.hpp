// How people are sent out and rooms end.
#pragma once

#include "call/endings.hpp"

namespace zegocall::call_detail {

/// One leg ends because somebody, or a clock, said so; the call goes on or ends as after a leave.
void send_out(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by = {});

/// One leg of a room ends. The room stays: `empty` sees to it, or its host's policy, or the end that it was told of.
void leave_room(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const UserId& by,
                const DeviceId& acting);

/// The call ends for everybody, for this cause: at once, or after the policy's `ending` time, in which people may go.
/// `gone`: a leg that has ended in this turn already.
void close(Turn& turn, const CallView& call, EndCause cause, const Ending& ending = {}, const LegView* gone = nullptr);
/// At once, whatever the policy.
void close_now(Turn& turn, const CallView& call, EndCause cause, const Ending& ending = {}, const LegView* gone = nullptr);
/// Nobody ever came, or not in time.
void end_unvisited(Turn& turn, const CallView& call);

/// Somebody who is in becomes host. False if there is nobody.
bool hand_over(Turn& turn, const CallView& call, const LegView* leaving);

/// forbidden without the right to ban, out_of_range for a time that is none.
Result<void> check_ban_wish(const Turn& turn, const CallView& call, std::chrono::milliseconds ban_for);
void say_ban(Turn& turn, const CallView& call, const UserId& user, std::chrono::milliseconds ban_for);

}  // namespace zegocall::call_detail
