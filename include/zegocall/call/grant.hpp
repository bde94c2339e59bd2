// Tokens come out of the engine's decisions: what a person's provider token may contain follows from their seat in the call
// and from nothing else. Who has no seat gets none; a token never outlives what the call allows (invariant I8). Pure; any
// thread. How a grant becomes a token is the business of service and token.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall {

/// What one seat's token may say.
struct SeatGrant {
  UserId user{};
  std::uint32_t leg = 0;
  RoleName role{};
  /// What may be published, by the role and without what was muted by force; nothing: to listen only. After a mute is lifted
  /// the person asks again.
  bool audio = false, video = false, screen = false;
  UnixTime until{};  ///< the token ends then at the latest
  bool operator==(const SeatGrant&) const = default;
  bool may_publish() const { return audio || video || screen; }
};

/// The grant of a person's live seat. A seat is admitted once the person is on the way in, in, or in grace; in a ring call
/// also while it waits for the answer (the caller). Who rings, waits in the lobby or is out has none.
/// `lifetime` is how long a token lasts where the call's policy does not say (CallPolicy::token_lifetime). A shorter end wins:
/// the end that the engine keeps for this leg (LegView::token_until) and the call's maximum duration.
/// Errors: forbidden (not a member), banned, room_ended (over or about to be; of a
/// ring call invalid_state),
/// invalid_state (field "call": no seat yet or no more; field "token": less than a second is left, renew_token first),
/// rate_limited (field "not_before": the person's older tokens were just made void; a second later it works).
Result<SeatGrant> grant_of(const CallView& call, const UserId& user, UnixTime now, std::chrono::milliseconds lifetime);

/// The person's re-entry stamp: tokens made before it are void. It comes with a kick, a ban and a loss of rights, stays
/// for as long as the call, and only ever rises. Nothing: none of theirs was made void. A token carries whole seconds, so
/// the stamp is rounded up to one.
std::optional<UnixTime> reentry_stamp(const CallView& call, const UserId& user);

/// The legs whose token ends within `CallPolicy::token_renew` (90 s) and that still have a seat: tell their people to ask for
/// a new one. By leg; nobody if the policy renews nothing.
std::vector<std::uint32_t> renewals_due(const CallView& call, UnixTime now);

}  // namespace zegocall
