// A call is the fold of its events. This is the only code that changes a CallView; it decides nothing.
// Deadlines are part of the fold: an event that starts a clock states the instant, or the instant follows from the
// event's own time and the call's policy.
#include "call/fold.hpp"
#include "base/planted_fault.hpp"

#include <algorithm>
#include <tuple>

#include "zegocall/call/decide.hpp"

namespace zegocall {
namespace call_detail {

bool answered(const CallView& call) { return call.answered_at.has_value() || call.is_room(); }

const LegView* leg_numbered(const CallView& call, std::uint32_t number) {
  return number >= 1 && number <= call.legs.size() ? &call.legs[number - 1] : nullptr;
}

const DeviceView* rung_device(const LegView& leg, const DeviceId& device) {
  const auto found =
      std::find_if(leg.devices.begin(), leg.devices.end(), [&](const DeviceView& d) { return d.device == device; });
  return found == leg.devices.end() ? nullptr : &*found;
}

bool is_live(const LegView& leg) { return leg.state != LegState::final; }

bool is_rung(const LegView& leg) {
  switch (leg.state) {
    case LegState::invited:
    case LegState::alerting: return true;
    case LegState::waiting:
    case LegState::accepted:
    case LegState::joining:
    case LegState::joined:
    case LegState::reconnecting:
    case LegState::final: return false;
  }
  return false;
}

bool has_entered(const LegView& leg) { return leg.state == LegState::joined || leg.state == LegState::reconnecting; }
bool has_seat(const LegView& leg) { return leg.state == LegState::joining || has_entered(leg); }

bool is_closing(const CallView& call) { return call.state == CallState::ending || call.state == CallState::ended; }

bool alone_runs(const CallView& call) {
  const Occupancy& count = occupancy(call);
  return !call.is_room() && answered(call) && !is_closing(call) && count.live == 1 && count.joined == 1;
}

bool empty_runs(const CallView& call) {
  if (call.state == CallState::active) return occupancy(call).joined == 0;
  return call.state == CallState::waiting && !call.room->settings.schedule && occupancy(call).live == 0;
}

bool no_show_runs(const CallView& call) { return call.state == CallState::waiting && call.room->settings.schedule.has_value(); }

bool host_absent_runs(const CallView& call) {
  return call.is_room() && call.state == CallState::active && call.room->settings.host_policy != HostPolicy::none &&
         occupancy(call).hosts == 0;
}

std::optional<UnixTime> duration_end(const CallView& call) {
  if (call.policy.max_duration.count() == 0 || !call.active_at) return std::nullopt;
  return *call.active_at + call.policy.max_duration;
}

std::optional<std::uint32_t> next_warning(const CallView& call, std::uint32_t last_minutes) {
  for (const std::uint32_t minutes : {5U, 1U})
    if (minutes < last_minutes && std::chrono::minutes(minutes) < call.policy.max_duration) return minutes;
  return std::nullopt;
}

bool sooner(const Deadline& a, const Deadline& b) { return std::tie(a.at, a.timer, a.leg) < std::tie(b.at, b.timer, b.leg); }

namespace {

/// While it lives, a leg may change; the counts follow.
class Changing {
 public:
  Changing(CallView& call, LegView& leg) : call_(call), leg_(leg) { count(call_.index.counts, call_, leg_, 0U - 1U); }
  ~Changing() { count(call_.index.counts, call_, leg_, 1); }
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  LegView* operator->() { return &leg_; }
  LegView& operator*() { return leg_; }

 private:
  CallView& call_;
  LegView& leg_;
};

/// Puts `value` where it belongs by `key`, in place of what has the same key.
template <class T, class Get>
void put_sorted(std::vector<T>& list, T value, Get key) {
  const auto place = std::lower_bound(list.begin(), list.end(), value, [&](const T& a, const T& b) { return key(a) < key(b); });
  if (place != list.end() && key(*place) == key(value))
    *place = std::move(value);
  else
    list.insert(place, std::move(value));
}

class Fold {
 public:
  Fold(CallView& call, UnixTime at) : call_(call), at_(at) {}

  // ---- the call
  void operator()(const CallCreated& e) {
    call_.caller = e.caller;
    call_.media = e.media;
    call_.topic = e.topic;
    call_.policy = e.policy;
    call_.hunt_next = e.hunt_next;
    call_.created_at = at_;
    if (e.room) {
      call_.kind = CallKind::room;
      call_.state = CallState::waiting;
      call_.room = e.room;
      return run_call_timers();
    }
    call_.legs.reserve(2);
    add_leg(e.caller, LegRole::caller);
    Changing mine = changing(1);
    mine->state = LegState::accepted;
    mine->device = e.device;
    mine->accepted_at = at_;
  }
  void operator()(const CallActive&) {
    call_.state = CallState::active;
    call_.active_at = at_;
    run_call_timers();
  }
  void operator()(const CallEnding& e) {
    call_.state = CallState::ending;
    call_.end_cause = e.cause;
    call_.ended_by = e.by;
    call_.end_note = e.note;
    run_call_timers();
    start({Timer::ending, 0, e.until});
  }
  void operator()(const CallEnded& e) {
    call_.state = CallState::ended;
    call_.outcome = e.outcome;
    call_.end_cause = e.cause;
    call_.ended_by = e.by;
    call_.end_note = e.note;
    call_.merged_into = e.merged_into;
    call_.ended_at = at_;
    call_.deadlines.clear();
    call_.index.call_timers = 0;
  }

  // ---- legs and devices
  void operator()(const LegInvited& e) {
    add_leg(e.user, LegRole::callee);
    {
      Changing mine = changing(e.leg);
      mine->state = LegState::invited;
      mine->room_role = e.role;
      mine->second = e.second;
      mine->hidden = e.hidden;
      mine->blocked = e.blocked;
    }
    std::erase(call_.hunt_next, e.user);
    start({Timer::ring, e.leg, e.ring_until});
    start({Timer::delivery, e.leg, at_ + call_.policy.delivery});
    run_call_timers();
  }
  void operator()(const DeviceRing& e) {
    if (!e.device.empty()) rung(leg(e.leg), e.device);
    if (e.attempt > 1) stop(Timer::delivery, e.leg);
  }
  void operator()(const LegDelivered& e) { deliver(leg(e.leg), e.device); }
  void operator()(const LegAlerting& e) {
    Changing mine = changing(e.leg);
    deliver(*mine, e.device);
    if (!e.device.empty()) rung(*mine, e.device).alerting = true;
    if (mine->state == LegState::invited) mine->state = LegState::alerting;
    if (!mine->alerting_at) mine->alerting_at = at_;
  }
  void operator()(const LegAccepted& e) {
    Changing mine = changing(e.leg);
    mine->state = LegState::accepted;
    mine->second = false;
    mine->hidden = mine->blocked = false;
    mine->accepted_at = at_;
    // Where all must answer, the last one says leg.joining.
    if (!call_.answered_at && call_.policy.ring_policy != RingPolicy::all_must_answer) call_.answered_at = at_;
    bind(*mine, e.device);
    stop_clocks_of(e.leg);
  }
  void operator()(const DeviceDismiss& e) {
    LegView& mine = leg(e.leg);
    // Only callees are rung; for the others, answered_here just says which device holds the leg.
    if (mine.role == LegRole::callee) rung(mine, e.device).outcome = e.outcome;
    if (e.outcome == DeviceOutcome::silenced || e.outcome == DeviceOutcome::declined_here) deliver(mine, e.device);
    if (e.outcome == DeviceOutcome::answered_here) bind(mine, e.device);
  }
  void operator()(const LegEntered& e) {
    add_leg(e.user, LegRole::entrant);
    Changing mine = changing(e.leg);
    mine->state = LegState::accepted;
    mine->device = e.device;
    mine->room_role = e.role;
    mine->accepted_at = at_;
  }
  void operator()(const LegWaiting& e) {
    changing(e.leg)->state = LegState::waiting;
    stop_clocks_of(e.leg);
    start({Timer::lobby, e.leg, e.until});
    run_call_timers();
  }
  void operator()(const LegAdmitted& e) { changing(e.leg)->state = LegState::accepted; }
  void operator()(const LegJoining& e) {
    if (!call_.answered_at && !call_.is_room()) call_.answered_at = at_;
    changing(e.leg)->state = LegState::joining;
    stop_clocks_of(e.leg);
    if (!ZC_PLANTED(forget_join_timer)) start({Timer::join, e.leg, e.join_until});
    begin_token(leg(e.leg));
    run_call_timers();
  }
  void operator()(const LegJoined& e) {
    {
      Changing mine = changing(e.leg);
      mine->state = LegState::joined;
      if (!mine->joined_at) mine->joined_at = at_;
      bind(*mine, e.device);
    }
    stop_clocks_of(e.leg);
    begin_lease(e.leg);
    run_call_timers();
  }
  void operator()(const LegReconnecting& e) {
    {
      Changing mine = changing(e.leg);
      mine->state = LegState::reconnecting;
      mine->media.screen = false;
    }
    stop_clocks_of(e.leg);
    stop(Timer::token_renew, e.leg);  // nobody is there to take a new one
    start({answered(call_) ? Timer::reconnect_grace : Timer::caller_gone, e.leg, e.until});
    run_call_timers();
  }
  void operator()(const LegResumed& e) {
    {
      Changing mine = changing(e.leg);
      mine->state = answered(call_) ? LegState::joined : LegState::accepted;
      mine->back_at = at_;
      bind(*mine, e.device);
    }
    stop_clocks_of(e.leg);
    if (answered(call_)) begin_lease(e.leg);
    renew_token_in_time(leg(e.leg));
    run_call_timers();
  }
  void operator()(const LegFinal& e) {
    finish(e);
    stop_clocks_of(e.leg);
    stop(Timer::token_renew, e.leg);
    run_call_timers();
  }
  void operator()(const LegMoved& e) {
    Changing mine = changing(e.leg);
    mine->device = e.device;
    mine->back_at = at_;
    mine->moved = true;
    mine->media.screen = false;
  }
  void operator()(const LegHeld& e) {
    Changing mine = changing(e.leg);
    mine->on_hold = e.on;
    mine->media.screen = false;
  }
  void operator()(const LegMedia& e) {
    Changing mine = changing(e.leg);
    mine->media.audio = e.audio;
    mine->media.video = e.video;
    mine->media.screen = e.screen;
  }
  void operator()(const LegLeased& e) {
    stop(Timer::device_lease, e.leg);
    start({Timer::device_lease, e.leg, e.until});
  }
  void operator()(const LegLogin& e) { leg(e.leg).login = LoginView{e.login, e.login_at}; }

  // ---- rooms and roles
  void operator()(const RoomUpdated& e) {
    RoomView& room = own_room();
    if (e.locked) room.locked = *e.locked;
    if (e.lobby) room.settings.lobby = *e.lobby;
    if (e.capacity) room.settings.capacity = *e.capacity;
    if (e.passcode) room.passcode = *e.passcode;
    if (e.host) room.host = *e.host;
    if (e.metadata) room.metadata = *e.metadata, ++room.metadata_version;
    update_lists(room, e);
  }
  void operator()(const RoleChanged& e) {
    changing(e.leg)->room_role = e.role;
    run_call_timers();
  }
  void operator()(const HandChanged& e) {
    LegView& mine = leg(e.leg);
    mine.hand = e.raised ? std::optional(HandView{at_, e.wants}) : std::nullopt;
  }
  void operator()(const MuteRequested&) {}
  void operator()(const MuteForced& e) {
    Changing mine = changing(e.leg);
    MediaState& media = mine->media;
    const auto bar = [&](bool& barred, bool& sends) { barred = !e.lifted, sends = sends && e.lifted; };
    switch (e.track) {
      case Track::audio: return bar(media.audio_barred, media.audio);
      case Track::video: return bar(media.video_barred, media.video);
      case Track::screen: return bar(media.screen_barred, media.screen);
    }
  }
  void operator()(const RecordingChanged& e) {
    RoomView& room = own_room();
    room.recording = e.state;
    room.recording_by = e.state == RecordingState::off ? UserId{} : e.by;
  }
  void operator()(const ConsentChanged& e) { changing(e.leg)->consent = e.given ? ConsentState::given : ConsentState::refused; }
  void operator()(const TokenRenewed& e) {
    leg(e.leg).token_until = e.token_until;
    if (leg(e.leg).state != LegState::reconnecting) renew_token_in_time(leg(e.leg));
  }
  void operator()(const TokenRevoked& e) { leg(e.leg).not_before = e.not_before; }
  void operator()(const LimitWarning& e) {
    stop(Timer::warning, 0);
    start_warning(e.minutes_left);
  }
  void operator()(const ReconcileCorrected&) {}

 private:
  /// A leg that counts nowhere yet. What was muted by force is muted in the person's next leg, too: nobody gets their voice
  /// back by leaving.
  void add_leg(const UserId& user, LegRole role) {
    const LegView* before = ZC_PLANTED(forget_mute) ? nullptr : call_.last_leg_of(user);
    const MediaState barred = before ? before->media : MediaState{};
    LegView& added = call_.legs.emplace_back();
    added.media.audio_barred = barred.audio_barred;
    added.media.video_barred = barred.video_barred;
    added.media.screen_barred = barred.screen_barred;
    added.number = static_cast<std::uint32_t>(call_.legs.size());
    added.user = user;
    added.role = role;
    added.state = LegState::final;
    added.invited_at = at_;
    call_.index.added(call_.legs);
  }
  LegView& leg(std::uint32_t number) {
    ZC_ASSERT(number >= 1 && number <= call_.legs.size());
    return call_.legs[number - 1];
  }
  Changing changing(std::uint32_t number) { return {call_, leg(number)}; }
  void finish(const LegFinal& e) {
    Changing mine = changing(e.leg);
    mine->state = LegState::final;
    mine->second = false;
    mine->on_hold = false;
    mine->hand.reset();
    if (ZC_PLANTED(forget_leg_outcome) && e.outcome == LegOutcome::completed) return;
    mine->outcome = e.outcome;
    mine->final_at = at_;
  }
  static DeviceView& rung(LegView& leg, const DeviceId& device) {
    for (DeviceView& known : leg.devices)
      if (known.device == device) return known;
    return leg.devices.emplace_back(DeviceView{.device = device});
  }
  void deliver(LegView& leg, const DeviceId& device) {
    leg.delivered = true;
    if (!device.empty()) rung(leg, device).delivered = true;
    stop(Timer::delivery, leg.number);
  }
  static void bind(LegView& leg, const DeviceId& device) {
    if (device.empty() || device == leg.device) return;
    if (!leg.device.empty()) leg.moved = true;
    leg.device = device;
  }
  RoomView& own_room() {
    if (call_.room) return *call_.room;
    call_.room = call_.room_view();
    call_.room->host = call_.caller;
    return *call_.room;
  }
  static void update_lists(RoomView& room, const RoomUpdated& e) {
    if (e.attribute) put_sorted(room.attributes, *e.attribute, [](const Attribute& a) -> std::string_view { return a.key; });
    if (e.attribute_removed) std::erase_if(room.attributes, [&](const Attribute& a) { return a.key == *e.attribute_removed; });
    if (e.member) put_sorted(room.members, *e.member, [](const RoomMember& m) -> const UserId& { return m.user; });
    if (e.banned) put_sorted(room.bans, *e.banned, [](const Ban& b) -> const UserId& { return b.user; });
    if (e.unbanned) std::erase_if(room.bans, [&](const Ban& b) { return b.user == *e.unbanned; });
    if (e.code_removed) std::erase_if(room.codes, [&](const JoinCode& c) { return c.id == *e.code_removed; });
    if (!e.code) return;
    std::erase_if(room.codes, [&](const JoinCode& c) { return c.id == e.code->id; });
    if (e.code->uses_left > 0) room.codes.push_back(*e.code);
  }

  // ---- clocks
  void start(const Deadline& deadline) {
    auto& all = call_.deadlines;
    all.insert(std::upper_bound(all.begin(), all.end(), deadline, sooner), deadline);
    if (deadline.leg == 0) call_.index.call_timers |= bit(deadline.timer);
  }
  void stop(Timer timer, std::uint32_t leg) {
    if (leg == 0 && !runs_for_call(timer)) return;
    std::erase_if(call_.deadlines, [&](const Deadline& d) { return d.timer == timer && d.leg == leg; });
    if (leg == 0) call_.index.call_timers &= ~bit(timer);
  }
  /// The clocks of the state that the leg leaves. A token's clock goes on as long as the leg.
  void stop_clocks_of(std::uint32_t leg) {
    std::erase_if(call_.deadlines, [&](const Deadline& d) { return d.leg == leg && d.timer != Timer::token_renew; });
  }
  void begin_token(LegView& leg) {
    if (call_.policy.token_lifetime.count() == 0 || leg.token_until) return;
    leg.token_until = at_ + call_.policy.token_lifetime;
    renew_token_in_time(leg);
  }
  /// Whoever was away too long for it gets theirs at once.
  void renew_token_in_time(const LegView& leg) {
    if (!leg.token_until) return;
    stop(Timer::token_renew, leg.number);
    start({Timer::token_renew, leg.number, std::max(at_, *leg.token_until - call_.policy.token_renew)});
  }
  void begin_lease(std::uint32_t leg) {
    if (call_.policy.device_lease.count() > 0) start({Timer::device_lease, leg, at_ + call_.policy.device_lease});
  }
  void start_warning(std::uint32_t last_minutes) {
    const auto minutes = next_warning(call_, last_minutes);
    if (const auto end = duration_end(call_); minutes && end) start({Timer::warning, 0, *end - std::chrono::minutes(*minutes)});
  }
  static constexpr std::uint32_t bit(Timer timer) { return std::uint32_t{1} << static_cast<unsigned>(timer); }
  bool runs_for_call(Timer timer) const { return (call_.index.call_timers & bit(timer)) != 0; }

  /// These belong to the call as a whole: they start when their condition begins to hold.
  void run_call_timers() {
    run(Timer::alone, alone_runs(call_), at_ + call_.policy.alone);
    run(Timer::empty, empty_runs(call_), empty_at());
    if (call_.is_room()) {
      run(Timer::host_absent, host_absent_runs(call_), at_ + call_.policy.host_absent);
      const auto& schedule = call_.room->settings.schedule;
      run(Timer::no_show, no_show_runs(call_), schedule ? schedule->starts_at + schedule->no_show : at_);
    }
    const auto end = call_.state == CallState::active ? duration_end(call_) : std::nullopt;
    if (end && !runs_for_call(Timer::max_duration)) start_warning(6);
    run(Timer::max_duration, end.has_value(), end.value_or(at_));
    if (!end) stop(Timer::warning, 0);
  }
  /// A room that is yet to take place stays until then; a new one gives people a little time to come.
  UnixTime empty_at() const {
    if (call_.state == CallState::waiting) return at_ + std::max(call_.policy.empty, call_.policy.unvisited);
    const UnixTime at = at_ + call_.policy.empty;
    if (!call_.is_room() || !call_.room->settings.schedule) return at;
    const Schedule& schedule = *call_.room->settings.schedule;
    return std::max(at, schedule.starts_at + schedule.no_show);
  }
  void run(Timer timer, bool wanted, UnixTime due) {
    if (wanted && !runs_for_call(timer)) start({timer, 0, due});
    if (!wanted) stop(timer, 0);
  }

  CallView& call_;
  const UnixTime at_;
};

}  // namespace
}  // namespace call_detail

void apply(CallView& call, const CallEvent& event) {
  ZC_ASSERT(event.version.value == call.version.value + 1);
  if (event.version.value == 1) call.id = event.call;
  if (call.index.covered() != call.legs.size()) call.reindex();
  call.version = event.version;
  std::visit(call_detail::Fold(call, event.at), event.body);
}

Result<CallView> fold(std::span<const CallEvent> log) {
  CallView call;
  if (log.empty()) return fail(ErrorCode::store_corrupt, "a call's log is empty");
  for (const CallEvent& event : log) {
    if (auto why = call_detail::misfit(call, event))
      return fail_field(ErrorCode::store_corrupt, "v" + std::to_string(event.version.value), *why);
    apply(call, event);
  }
  return call;
}

}  // namespace zegocall
