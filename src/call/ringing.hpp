// Whom a ring reaches, how it goes on, and what becomes of a call when those who are rung do not come.
#pragma once

#include "call/endings.hpp"

namespace zegocall::call_detail {

/// How a ring gets to somebody. second: as a second call; busy: not at all, the caller hears so; dnd, blocked: not at all,
/// and the caller hears what one hears of somebody who cannot be reached (I18).
enum class Reach : std::uint8_t { free, second, busy, dnd, blocked };

/// Race rule 6. `here`: the call that is to ring them, which does not count. What a person does not want to be told of
/// comes before what they are doing: a refusal may not tell either.
Reach reach_of(const Turn& turn, const UserId& user, BusyPolicy policy, const CallId& here);

/// The oldest live call in which this person sits, other than `here`; null if none. A leg in grace counts, and so does a ring;
/// not a leg on hold. A ring that the person is not told of counts for those only who would ring them in vain too (I18).
const CallView* seat_of(const Turn& turn, const UserId& user, const CallId& here = {});

/// busy, with the person and the call that they are in.
Unexpected sits_elsewhere(std::string field, const UserId& user, const CallView& call);
/// The same for somebody of whom reach_of() said so.
Unexpected is_busy(const Turn& turn, std::string field, const UserId& user, const CallId& here);

/// rate_limited, with the seconds to wait, for somebody who has made too many calls and rings of late. Asked before anybody is
/// rung, by whichever command.
Result<void> check_caller_rate(const Turn& turn);

/// Whether this person, whom `field` names, may be rung in a call that is under way, and how. already_done, banned,
/// room_locked, limit_exceeded, busy.
Result<Reach> check_invitable(const Turn& turn, const CallView& call, const char* field, const UserId& user);

/// Who is rung for a new leg, and by whom.
struct Invitation {
  std::uint32_t leg = 0;
  UserId user{};
  UserId by{};      ///< empty: the caller
  RoleName role{};  ///< empty: a callee's
};
/// Says the new leg and rings its person's devices. Of somebody who is busy: the leg and its end, and nothing rings.
void ring(Turn& turn, const CallView& call, const Invitation& invitation, Reach reach, const CallPolicy& policy);

/// Somebody who is rung will not come: their leg ends, and the call goes on as its RingPolicy says.
void end_ring(Turn& turn, const CallView& call, const LegView& leg, LegOutcome outcome, const Ending& ending = {},
              const DeviceId& acting = {});

/// A rung person says yes on the actor's device. A refusal leaves them rung.
Result<void> answer_ring(Turn& turn, const CallView& call, const LegView& leg);

}  // namespace zegocall::call_detail
