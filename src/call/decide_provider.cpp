// What the provider says of a media room (race rules 12 and 13), tokens for it, and the operator's end.
#include "base/planted_fault.hpp"
#include "call/closing.hpp"
#include "call/entry.hpp"

namespace zegocall::call_detail {
namespace {

/// Race rule 12: of a session that is older than the one we know this leg by, however late it ended: after a switch of
/// device the old one's end comes last. What does not say when its session began is taken to be as old as its news.
bool is_old(const Turn& turn, const LegView& leg, const ProviderWord& event) {
  if (!leg.login || leg.login->id == event.login || ZC_PLANTED(count_old_session)) return false;
  const bool began_known = event.said == ProviderSaid::left && event.logged_in != UnixTime();
  const bool old = (began_known ? event.logged_in : event.at) < leg.login->at;
  if (old) turn.decides(RaceRule::older_session);
  return old;
}

void note_login(Turn& turn, const CallView& call, const LegView& leg, const ProviderWord& event) {
  if (!event.login.empty() && (!leg.login || leg.login->id != event.login))
    turn.say(call, LegLogin{leg.number, leg.user, event.login, event.at});
}

void correct(Turn& turn, const CallView& call, const LegView* leg, const ProviderWord& event, std::string what) {
  turn.say(call, ReconcileCorrected{leg ? leg->number : 0, event.user, std::move(what)});
}

/// Who has not agreed is in all the same: nothing is recorded until they have.
void pause_recording(Turn& turn, const CallView& call, const LegView& leg) {
  if (check_consent(call, &leg, false) || call.room_view().recording != RecordingState::on) return;
  turn.say(call, RecordingChanged{RecordingState::asked, call.room->recording_by});
}

void has_joined(Turn& turn, const CallView& call, const LegView& leg, const ProviderWord& event) {
  note_login(turn, call, leg, event);
  if (event.reconciled) correct(turn, call, &leg, event, "in the media room");
  if (leg.state == LegState::reconnecting) return turn.say(call, LegResumed{leg.number, leg.user, leg.device});
  turn.say(call, LegJoined{leg.number, leg.user, leg.device});
  pause_recording(turn, call, leg);
  if (call.state == CallState::ringing || call.state == CallState::waiting) turn.say(call, CallActive{});
}

/// Race rule 13: nobody let them in; the host's part is to put them out there.
void put_out(Turn& turn, const CallView& call, const ProviderWord& event) {
  if (ZC_PLANTED(ignore_intruder)) return;
  turn.decides(RaceRule::without_a_seat);
  correct(turn, call, nullptr, event, "in the media room without a seat");
}

void said_joined(Turn& turn, const CallView& call, const LegView* leg, const ProviderWord& event) {
  if (!leg || !answered(call)) return put_out(turn, call, event);
  switch (leg->state) {
    case LegState::invited:
    case LegState::alerting:
    case LegState::accepted:
    case LegState::waiting:
    case LegState::final: return put_out(turn, call, event);
    case LegState::joined:
      if (!is_old(turn, *leg, event)) note_login(turn, call, *leg, event);
      return;
    case LegState::joining:
    case LegState::reconnecting:
      if (!is_old(turn, *leg, event)) has_joined(turn, call, *leg, event);
      return;
  }
}

void said_left(Turn& turn, const CallView& call, const LegView* leg, const ProviderWord& event) {
  if (!leg || leg->state != LegState::joined || is_old(turn, *leg, event)) return;
  // A login that is not over is newer than one that is.
  if (leg->login && leg->login->id == event.login && event.at < leg->login->at) return;
  if (event.reconciled) correct(turn, call, leg, event, "not in the media room");
  if (call.state == CallState::ending) return send_out(turn, call, *leg, LegOutcome::completed);
  turn.say(call, LegReconnecting{leg->number, leg->user, turn.now + call.policy.reconnect_grace});
}

}  // namespace

Result<void> rule(const ProviderWord& event, Turn& turn, const CallView& call) {
  if (name(event.said).empty()) return fail_field(ErrorCode::invalid_argument, "said", "is none of the known words");
  const bool of_room = event.said == ProviderSaid::room_closed;
  if (event.user.empty() && !of_room) return fail_field(ErrorCode::invalid_argument, "user", "must not be empty");
  if (auto checked = check_text(event.user.view(), CallLimits::id_bytes_max, "user"); !checked) return checked;
  if (auto checked = check_text(event.login.view(), CallLimits::id_bytes_max, "login"); !checked) return checked;
  if (call.state == CallState::ended) return {};
  const LegView* leg = call.live_leg_of(event.user);
  switch (event.said) {
    case ProviderSaid::joined: said_joined(turn, call, leg, event); return {};
    case ProviderSaid::left: said_left(turn, call, leg, event); return {};
    case ProviderSaid::room_closed:
      if (call.active_at) close_now(turn, call, EndCause::provider_closed);
      return {};
  }
  return {};
}

/// I17: a new token is a way in like others.
Result<void> rule(const RenewToken&, Turn& turn, const CallView& call, const LegView& leg) {
  if (call.policy.token_lifetime.count() == 0) return fail(ErrorCode::invalid_state, "tokens of this call do not end");
  if (leg.state != LegState::joining && leg.state != LegState::joined && leg.state != LegState::reconnecting)
    return fail(ErrorCode::invalid_state, "you have no seat");
  if (!answered(call)) return fail(ErrorCode::invalid_state, "nobody has answered yet");
  if (auto place = check_entry(turn, call, leg.user, Way::stay); !place) return unexpected(place.error());
  turn.say(call, TokenRenewed{leg.number, leg.user, turn.now + call.policy.token_lifetime});
  return {};
}

Result<void> rule(const AdminEnd& end, Turn& turn, const CallView& call) {
  if (auto checked = check_text(end.note, CallLimits::note_bytes_max, "note"); !checked) return checked;
  const bool of_operator =
      end.cause == EndCause::ended_by_admin || end.cause == EndCause::server_shutdown || end.cause == EndCause::provider_closed;
  if (!of_operator)
    return fail_field(ErrorCode::invalid_argument, "cause", "must be ended_by_admin, server_shutdown or provider_closed");
  if (call.state == CallState::ended)
    return fail(ErrorCode::already_done, "the call has ended: " + std::string(ended_word(call)));
  if (answered(call)) return close_now(turn, call, end.cause, {{}, end.note}), Result<void>{};
  end_unanswered(turn, call, LegOutcome::cancelled, {{}, end.note});
  return {};
}

}  // namespace zegocall::call_detail
