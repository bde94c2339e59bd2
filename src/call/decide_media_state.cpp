// set_media: what somebody sends. Who may send what is a matter of roles; what was muted by force stays off.
#include "call/endings.hpp"
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {

struct Wish {
  const char* field;
  Track track;
  std::optional<bool> wanted;
  bool now, barred;
  Capability right;
};

Result<void> check_wish(const Wish& wish, const CallView& call, const LegView& leg) {
  if (!wish.wanted.value_or(false) || wish.now) return {};  // to send less is always allowed
  if (!may(call, leg.user, wish.right))
    return fail_field(ErrorCode::forbidden, wish.field, "needs the right: " + std::string(name(wish.right)));
  if (wish.barred) return fail_field(ErrorCode::forbidden, wish.field, "is muted by somebody in charge");
  if (wish.track == Track::screen && call.policy.one_screen && occupancy(call).sharing > 0)
    return fail_field(ErrorCode::invalid_state, wish.field, "somebody else shares their screen");
  return {};
}

Result<void> check_may_send(const LegView& leg, const DeviceId& device) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted:
    case LegState::waiting:
    case LegState::joining: return fail(ErrorCode::invalid_state, "enter the call first");
    case LegState::reconnecting: return fail(ErrorCode::invalid_state, "come back into the call first");
    case LegState::final: return part_is_over(ErrorCode::invalid_state, leg);
    case LegState::joined: break;
  }
  if (!speaks_for(device, leg)) return on_another_device();
  if (leg.on_hold) return fail(ErrorCode::invalid_state, "your part in the call is on hold");
  return {};
}

}  // namespace

Result<void> rule(const SetMedia& media, Turn& turn, const CallView& call, const LegView& leg) {
  if (auto checked = check_may_send(leg, turn.by().device); !checked) return checked;
  const MediaState& has = leg.media;
  const Wish wishes[] = {{"audio", Track::audio, media.audio, has.audio, has.audio_barred, Capability::speak},
                         {"video", Track::video, media.video, has.video, has.video_barred, Capability::camera},
                         {"screen", Track::screen, media.screen, has.screen, has.screen_barred, Capability::screen}};
  for (const Wish& wish : wishes)
    if (auto checked = check_wish(wish, call, leg); !checked) return checked;
  const LegMedia after{leg.number, leg.user, media.audio.value_or(has.audio), media.video.value_or(has.video),
                       media.screen.value_or(has.screen)};
  if (after.audio != has.audio || after.video != has.video || after.screen != has.screen) turn.say(call, after);
  return {};
}

}  // namespace zegocall::call_detail
