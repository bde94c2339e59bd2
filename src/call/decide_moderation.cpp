// kick, unban, mute: what those in charge do to others. Race rule 10 is in kick.
#include "base/planted_fault.hpp"
#include "call/closing.hpp"

namespace zegocall::call_detail {
namespace {

Unexpected above_you() { return fail_field(ErrorCode::forbidden, "user", "has a role that you may not act on"); }

bool is_barred(const MediaState& media, Track track) {
  switch (track) {
    case Track::audio: return media.audio_barred;
    case Track::video: return media.video_barred;
    case Track::screen: return media.screen_barred;
  }
  return false;
}

void mute_one(Turn& turn, const CallView& call, const LegView& leg, const Mute& mute) {
  const UserId& by = turn.by().user;
  const bool barred = is_barred(leg.media, mute.track);
  switch (mute.mode) {
    case MuteMode::ask: return turn.say(call, MuteRequested{leg.number, leg.user, mute.track, by});
    case MuteMode::force:
      if (!barred) turn.say(call, MuteForced{leg.number, leg.user, mute.track, by, false});
      return;
    case MuteMode::lift:
      if (barred) turn.say(call, MuteForced{leg.number, leg.user, mute.track, by, true});
      return;
  }
}

bool is_among(const std::vector<UserId>& users, const UserId& user) {
  for (const UserId& one : users)
    if (one == user) return true;
  return false;
}

/// The one command here that speaks to all: everybody but those named, oneself and those above.
void mute_all(Turn& turn, const CallView& call, const Mute& mute) {
  for (const LegView& leg : call.legs)
    if (has_seat(leg) && leg.user != turn.by().user && !is_among(mute.except, leg.user) &&
        outranks(call, turn.by().user, leg.user))
      mute_one(turn, call, leg, mute);
}

Result<void> check_mute(const Mute& mute) {
  if (name(mute.track).empty()) return fail_field(ErrorCode::invalid_argument, "track", "is none of the known words");
  if (name(mute.mode).empty()) return fail_field(ErrorCode::invalid_argument, "mode", "is none of the known words");
  if (mute.except.size() > CallLimits::members_max)
    return fail_field(ErrorCode::limit_exceeded, "except", "at most " + std::to_string(CallLimits::members_max));
  return {};
}

}  // namespace

/// Race rule 10: the re-entry stamp comes first, so that nothing that was minted before opens the media room again; that the
/// leg is final cancels a grace. What the provider does about it comes after, from these events.
Result<void> rule(const Kick& kick, Turn& turn, const CallView& call, const LegView*) {
  const UserId& by = turn.by().user;
  if (kick.user.empty()) return fail_field(ErrorCode::invalid_argument, "user", "must not be empty");
  if (auto checked = check_text(kick.user.view(), CallLimits::id_bytes_max, "user"); !checked) return checked;
  if (kick.user == by) return fail_field(ErrorCode::invalid_argument, "user", "who wants to go leaves");
  if (!outranks(call, by, kick.user) && !ZC_PLANTED(kick_any_rank)) return above_you();
  if (kick.ban_for)
    if (auto checked = check_ban_wish(turn, call, *kick.ban_for); !checked) return checked;
  const LegView* leg = call.live_leg_of(kick.user);
  if (!leg && !kick.ban_for) return fail_field(ErrorCode::not_found, "user", "is not in the call");
  if (kick.ban_for) say_ban(turn, call, kick.user, *kick.ban_for);
  if (!leg) return {};
  if (leg->state == LegState::reconnecting) turn.decides(RaceRule::kick_ends_grace);
  if (!ZC_PLANTED(kick_without_stamp)) turn.say(call, TokenRevoked{leg->number, leg->user, turn.now});
  send_out(turn, call, *leg, kick.ban_for ? LegOutcome::banned : LegOutcome::kicked, by);
  return {};
}

Result<void> rule(const Unban& unban, Turn& turn, const CallView& call, const LegView*) {
  if (!call.room_view().ban(unban.user, turn.now)) return fail_field(ErrorCode::already_done, "user", "is not banned");
  RoomUpdated lifted;
  lifted.by = turn.by().user;
  lifted.unbanned = unban.user;
  turn.say(call, std::move(lifted));
  return {};
}

Result<void> rule(const Mute& mute, Turn& turn, const CallView& call, const LegView*) {
  if (auto checked = check_mute(mute); !checked) return checked;
  if (mute.user.empty()) return mute_all(turn, call, mute), Result<void>{};
  const LegView* leg = call.live_leg_of(mute.user);
  if (!leg || !has_seat(*leg)) return fail_field(ErrorCode::not_found, "user", "is not in the call");
  if (!outranks(call, turn.by().user, mute.user)) return above_you();
  mute_one(turn, call, *leg, mute);
  return {};
}

}  // namespace zegocall::call_detail
