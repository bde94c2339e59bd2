// From a seat to what its token may say.
#include "zegocall/call/grant.hpp"

#include <algorithm>

namespace zegocall {
namespace {
using std::chrono::milliseconds;

/// The call has this seat for the leg's person (Occupancy::seats), and nobody has to let them in any more.
bool is_admitted(const CallView& call, const LegView& leg) {
  switch (leg.state) {
    case LegState::accepted: return !call.is_room();  // in a room that is a moment on the way to the lobby
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting: return true;
    case LegState::invited:
    case LegState::alerting:
    case LegState::waiting:
    case LegState::final: return false;
  }
  return false;
}

Result<void> check_call(const CallView& call) {
  switch (call.state) {
    case CallState::ended:
    case CallState::ending:
      return fail_field(call.is_room() ? ErrorCode::room_ended : ErrorCode::invalid_state, "call", "the call is over");
    case CallState::ringing:
    case CallState::active:
    case CallState::waiting: return {};
  }
  return {};
}

Result<const LegView*> seat_of(const CallView& call, const UserId& user, UnixTime now) {
  if (!call.has_member(user)) return fail(ErrorCode::forbidden, "not a member of this call");
  if (auto lives = check_call(call); !lives) return unexpected(lives.error());
  // I17: a ban holds on this path too, whatever seat there may be.
  if (call.room_view().ban(user, now)) return fail(ErrorCode::banned, "banned from this call");
  const LegView* leg = call.live_leg_of(user);
  if (!leg) return fail_field(ErrorCode::invalid_state, "call", "not in this call any more");
  if (leg->state == LegState::waiting) return fail_field(ErrorCode::invalid_state, "call", "waits to be let in");
  if (!is_admitted(call, *leg)) return fail_field(ErrorCode::invalid_state, "call", "accept the call first");
  return leg;
}

UnixTime end_of(const CallView& call, const LegView& leg, UnixTime now, milliseconds lifetime) {
  const bool engine_keeps_time = call.policy.token_lifetime > milliseconds::zero();
  UnixTime end = now + (engine_keeps_time ? call.policy.token_lifetime : lifetime);
  if (engine_keeps_time && leg.token_until) end = *leg.token_until;
  if (call.active_at && call.policy.max_duration > milliseconds::zero())
    end = std::min(end, *call.active_at + call.policy.max_duration);
  return end;
}

}  // namespace

std::optional<UnixTime> reentry_stamp(const CallView& call, const UserId& user) {
  std::optional<UnixTime> newest;
  for (const LegView& leg : call.legs)
    if (leg.user == user && leg.not_before) newest = std::max(newest.value_or(*leg.not_before), *leg.not_before);
  for (const Ban& ban : call.room_view().bans)
    if (ban.user == user && ban.since != UnixTime()) newest = std::max(newest.value_or(ban.since), ban.since);
  if (newest) newest = std::chrono::ceil<std::chrono::seconds>(*newest);
  return newest;
}

Result<SeatGrant> grant_of(const CallView& call, const UserId& user, UnixTime now, milliseconds lifetime) {
  const auto seat = seat_of(call, user, now);
  if (!seat) return unexpected(seat.error());
  if (const auto stamp = reentry_stamp(call, user); stamp && now < *stamp)
    return fail_field(ErrorCode::rate_limited, "not_before", "older tokens were just made void; ask again in a second");
  SeatGrant out{.user = user,
                .leg = (*seat)->number,
                .role = RoleName(role_of(call, **seat)),
                .until = end_of(call, **seat, now, lifetime)};
  if (out.until < now + std::chrono::seconds(1))
    return fail_field(ErrorCode::invalid_state, "token", "its time is over; renew_token first");
  const MediaState& media = (*seat)->media;
  out.audio = may(call, user, Capability::speak) && !media.audio_barred;
  out.video = may(call, user, Capability::camera) && !media.video_barred;
  out.screen = may(call, user, Capability::screen) && !media.screen_barred;
  return out;
}

std::vector<std::uint32_t> renewals_due(const CallView& call, UnixTime now) {
  std::vector<std::uint32_t> out;
  if (!check_call(call)) return out;
  for (const LegView& leg : call.legs)
    if (leg.token_until && is_admitted(call, leg) && *leg.token_until - call.policy.token_renew <= now) out.push_back(leg.number);
  return out;
}

}  // namespace zegocall
