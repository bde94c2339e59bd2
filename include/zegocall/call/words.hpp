// The vocabulary of calls: one word per idea, the same in code, on wires, in stores and in docs/call-model.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace zegocall {

/// What a call is rung as; what people then send is MediaState.
enum class Media : std::uint8_t { audio, video };

/// ring: people are rung and the call ends with them. room: people come in by themselves; nobody need be rung.
enum class CallKind : std::uint8_t { ring, room };

/// ringing: nobody has entered yet; active: somebody has been in; ended: for good. waiting: a room that nobody has
/// entered yet; ending: told to end, its people have the `ending` time to go.
enum class CallState : std::uint8_t { ringing, active, ended, waiting, ending };

/// invited: rung, nobody heard it yet; alerting: a device rings; accepted: said yes and waits (the caller, while it
/// rings); joining: on the way into the media room; joined; reconnecting: link lost, in grace; final: over, with an
/// outcome; waiting: in the lobby.
enum class LegState : std::uint8_t { invited, alerting, accepted, joining, joined, reconnecting, final, waiting };

/// How somebody came to be in a call. entrant: came in by themselves (a room).
enum class LegRole : std::uint8_t { caller, callee, entrant };

/// How a leg ended; exactly one per leg. The caller's leg of a call that nobody answered ends like the call.
enum class LegOutcome : std::uint8_t {
  completed,  ///< left by their own choice, or with the call
  declined,   ///< said no
  busy,
  no_answer,      ///< the ring was over, and a device had the invitation
  unreachable,    ///< the ring was over, and no device had it
  cancelled,      ///< whoever rang took it back, or left
  join_failed,    ///< accepted or was let in, and never entered
  network_lost,   ///< was in, lost the link, and the grace ran out
  superseded,     ///< somebody else took the call (RingPolicy::first_answer)
  blocked,        ///< the person blocks the caller; never told to the caller
  dnd,            ///< the person does not want to be disturbed; never told to the caller
  kicked,         ///< sent out; may come again
  banned,         ///< sent out, and may not come again for now
  denied,         ///< not let in from the lobby
  lobby_timeout,  ///< nobody let them in, in time
  replaced,       ///< the same person came in on another device
  transferred,    ///< handed the call to somebody else
  max_duration,   ///< the call had lasted as long as it may
  token_expired,  ///< the provider token ran out
  failed,         ///< an error of ours or of the provider
};

/// What a ringing device is told; exactly one per device that was rung.
enum class DeviceOutcome : std::uint8_t {
  answered_here,
  answered_elsewhere,
  declined_here,
  declined_elsewhere,
  cancelled,
  expired,
  silenced,
  busy_elsewhere,
  superseded,
};

/// glare_merged: both called each other; CallView::merged_into names the call that goes on.
enum class CallOutcome : std::uint8_t { answered, declined, no_answer, busy, unreachable, cancelled, failed, glare_merged };

inline constexpr std::size_t call_outcomes = 8;

/// Why an answered call ended.
enum class EndCause : std::uint8_t {
  hangup,          ///< hung up by one of two, or by the ring call's caller
  last_left,       ///< the last one went by themselves, or was sent out
  alone_timeout,   ///< one person was left (Timer::alone)
  network_lost,    ///< the last ones lost their link, or never entered
  ended_by_host,   ///< end_call in a room
  ended_by_admin,  ///< the operator
  max_duration,
  host_left,        ///< HostPolicy::end, or host_absent ran out
  provider_closed,  ///< the provider closed the media room
  server_shutdown,  ///< the operator, on the way down
};
inline constexpr std::size_t end_causes = 10;

/// The clocks of a call. Each is an absolute deadline in the call; they survive a restart. Of two at one instant the
/// first in this list is first.
enum class Timer : std::uint8_t {
  ring,             ///< per ringing leg
  delivery,         ///< per ringing leg, until some device has the invitation
  join,             ///< per leg on its way in
  reconnect_grace,  ///< per leg whose link is lost
  caller_gone,      ///< the same of a ringing call's caller
  alone,            ///< of a ring call with one person left
  empty,            ///< of a call that nobody is in
  lobby,            ///< per leg in the lobby
  host_absent,      ///< of a room whose host is not in
  max_duration,     ///< of the call, from its first join on
  warning,          ///< says limit.warning 5 and 1 minutes before max_duration
  device_lease,     ///< per joined leg: its device has to show itself
  token_renew,      ///< per leg in the media room: its provider token ends soon
  ending,           ///< of a call that was told to end
  no_show,          ///< of a scheduled room that nobody came to
};

/// Which of the rung people get the call. `hunt`: one after the other, in the order of StartCall::callees.
enum class RingPolicy : std::uint8_t { first_answer, all_may_join, all_must_answer, hunt };
/// Two people call each other at once: the second call becomes an accept of the first, or is refused.
enum class GlarePolicy : std::uint8_t { busy, merge };
/// Somebody who sits in a call is called. reject: `busy`; wait: rung as a second call, one at a time; allow: rung as if free.
enum class BusyPolicy : std::uint8_t { reject, wait, allow };
/// What a decline on one of several devices says.
enum class DeclinePolicy : std::uint8_t { person, device };
/// A person who is in comes from another device: refused with already_done, or the old leg is `replaced`.
enum class SecondDevice : std::uint8_t { refuse, replace };

/// anyone: whoever asks. private_room: invited people and those with a passcode or a join code; others may knock.
/// invited_only: invited people and those with a join code.
enum class RoomType : std::uint8_t { anyone, private_room, invited_only };
/// Who must wait to be let in. until_host: everybody while no host is in, nobody after.
enum class LobbyRule : std::uint8_t { off, on, until_host };
/// The host is not in: nothing happens, the call ends, somebody else becomes host, or the others wait for host_absent.
enum class HostPolicy : std::uint8_t { none, end, hand_over, wait };
/// Whether people are asked before they are recorded. ask: recording begins when everybody who is in agreed.
enum class RecordingConsent : std::uint8_t { none, ask };
/// asked: it begins as soon as everybody who is in agrees.
enum class RecordingState : std::uint8_t { off, asked, on };
/// open: has said nothing.
enum class ConsentState : std::uint8_t { open, given, refused };

/// What can be sent, muted and barred by itself.
enum class Track : std::uint8_t { audio, video, screen };
/// ask: only says please. force: off, and stays off until `lift`.
enum class MuteMode : std::uint8_t { ask, force, lift };

/// What the service found out about the passcode that came with a command; see EntryFacts.
enum class PasscodeCheck : std::uint8_t { none, right, wrong, throttled };
/// What the provider said about a person or a room.
enum class ProviderSaid : std::uint8_t { joined, left, room_closed };

/// What a role may allow; see roles.hpp for who has it.
enum class Capability : std::uint8_t {
  invite,
  admit,  ///< let in from the lobby, or not
  kick,
  ban,   ///< and lift bans
  mute,  ///< others
  lock,  ///< and the lobby
  passcode,
  join_codes,
  capacity,
  metadata,  ///< and attributes
  assign_roles,
  record,
  end_call,   ///< for everybody
  hand_over,  ///< make somebody else host
  speak,      ///< publish audio
  camera,     ///< publish video
  screen,
  chat,
  transfer,
  skip_lobby,
};

/// Stable words for wires, stores and logs: name(Media::audio) == "audio".
std::string_view name(Media);
std::string_view name(CallKind);
std::string_view name(CallState);
std::string_view name(LegState);
std::string_view name(LegRole);
std::string_view name(LegOutcome);
std::string_view name(DeviceOutcome);
std::string_view name(CallOutcome);
std::string_view name(EndCause);
std::string_view name(Timer);
std::string_view name(RingPolicy);
std::string_view name(GlarePolicy);
std::string_view name(BusyPolicy);
std::string_view name(DeclinePolicy);
std::string_view name(SecondDevice);
std::string_view name(RoomType);  ///< "public", "private", "invited_only"
std::string_view name(LobbyRule);
std::string_view name(HostPolicy);
std::string_view name(RecordingConsent);
std::string_view name(RecordingState);
std::string_view name(ConsentState);
std::string_view name(Track);
std::string_view name(MuteMode);
std::string_view name(PasscodeCheck);
std::string_view name(ProviderSaid);
std::string_view name(Capability);
/// The reverse of name(): the value that has this word, or nothing.
template <class Enum>
std::optional<Enum> from_name(std::string_view word);

/// True for an outcome that the person finds in the list of missed calls. Of a blocked or undisturbed ring the host
/// decides; this says no.
bool is_missed(LegOutcome outcome);

}  // namespace zegocall
