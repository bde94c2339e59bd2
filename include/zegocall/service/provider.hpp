// What the provider is to be told because of what happened in a call, and what a seat's token may contain in the provider's
// words. Pure: from committed events to typed commands of the server API; who sends them, and when, is the host's or the
// server's business (zego/api.hpp). Any thread.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "zegocall/call/grant.hpp"
#include "zegocall/token.hpp"
#include "zegocall/zego/api_actions.hpp"

namespace zegocall {

/// How people's streams are named at the provider: {room} and {user} stand for the ids. The defaults are the names that the
/// provider's web UIKit makes.
struct StreamNames {
  std::string camera = "{room}_{user}_main";           ///< audio and video
  std::string screen = "{room}_{user}_screensharing";  ///< the shared screen
};

/// What a deployment lets us say to the provider, and how its streams are named.
struct ProviderRules {
  StreamNames streams{};
  /// The project may use rules against people and streams (SetForbidUserRule, SetForbidStreamRule): the provider's support
  /// must have switched them on. Without it a ban and a forced mute of audio alone are not told to the provider.
  bool forbid_rules = false;
  /// Tell the provider to put people out when their call is over. They go by themselves; this is for clients that do not.
  bool clear_at_end = true;
};

using ProviderCommand = std::variant<KickoutUser, CloseRoom, ForbidRTCStream, ResumeRTCStream, SetForbidUserRule,
                                     DelForbidUserRule, SetForbidStreamRule, DelForbidStreamRule>;
/// "kickout_user room user1,user2": for logs and tests, not for parsing.
std::string to_string(const ProviderCommand& command);

/// The commands that these events of one call lead to, in the order to send them. `after` is the call right after them,
/// `room` its room at the provider. Only what was committed may come in here: a re-entry stamp is set before the provider is
/// told (race rule 10), and whoever sends these repeats one that failed for a while.
///  - a leg that ended though its person may still be in the media room (kicked, banned, link lost, limit, transferred, or the
///    call's end): KickoutUser, five people at a time; never for somebody who has another live leg
///  - the end of a call with more people than one KickoutUser takes: CloseRoom instead
///  - a ban: also SetForbidUserRule, and its lifting DelForbidUserRule (with forbid_rules)
///  - a forced mute: the screen's stream is stopped; audio and video by SetForbidStreamRule (with forbid_rules), or by stopping
///    the camera's stream where both are barred. Lifting takes it back
///  - a change of role with token.revoked: streams that the new role may not publish are stopped; a change without it
///    resumes the ones that it may
///  - reconcile.corrected for somebody without a seat (race rule 13): KickoutUser
std::vector<ProviderCommand> provider_commands(const CallView& after, std::span<const CallEvent> events, const RoomId& room,
                                               const ProviderRules& rules = {});

/// The payload of a seat's token: the room, whether it may publish, and with `names` which streams (nothing: any).
/// Errors: as rtc_room(): an id that cannot be part of a stream's name.
Result<RtcRoom> rtc_room(const SeatGrant& grant, const RoomId& room, const StreamNames* names);

}  // namespace zegocall
