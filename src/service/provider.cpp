// From a call's events to the provider's words.
#include "zegocall/service/provider.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace zegocall {
namespace {

constexpr std::size_t kick_most = 5;  // people in one KickoutUser
constexpr std::chrono::seconds rule_most = std::chrono::hours(24);

/// Both braces in one pass: an id that holds "{user}" itself stays as it is.
StreamId stream_of(std::string_view pattern, const RoomId& room, const UserId& user) {
  std::string out;
  while (!pattern.empty()) {
    if (pattern.starts_with("{room}")) {
      out += room.view(), pattern.remove_prefix(6);
    } else if (pattern.starts_with("{user}")) {
      out += user.view(), pattern.remove_prefix(6);
    } else {
      out += pattern.front(), pattern.remove_prefix(1);
    }
  }
  return StreamId(out);
}

/// Whether somebody whose leg ended so may still be in the media room against the engine's word.
bool may_linger(LegOutcome outcome) {
  switch (outcome) {
    case LegOutcome::network_lost:
    case LegOutcome::join_failed:
    case LegOutcome::kicked:
    case LegOutcome::banned:
    case LegOutcome::transferred:
    case LegOutcome::max_duration:
    case LegOutcome::token_expired:
    case LegOutcome::failed: return true;
    case LegOutcome::completed:  // went by themselves, or with the call: see CallEnded
    case LegOutcome::replaced:   // the provider puts the older login of the same person out, and only that
    case LegOutcome::declined:   // the others were never let in
    case LegOutcome::busy:
    case LegOutcome::no_answer:
    case LegOutcome::unreachable:
    case LegOutcome::cancelled:
    case LegOutcome::superseded:
    case LegOutcome::blocked:
    case LegOutcome::dnd:
    case LegOutcome::denied:
    case LegOutcome::lobby_timeout: return false;
  }
  return false;
}

std::string reason_of(const LegFinal& e) { return std::string(name(e.outcome)); }

/// Collects commands; people to put out are gathered by reason and said at the end.
class Commands {
 public:
  Commands(const CallView& after, const RoomId& room, const ProviderRules& rules) : call_(after), room_(room), rules_(rules) {}

  void take(const CallEvent& event) {
    std::visit([this, at = event.at](const auto& body) { apply(body, at); }, event.body);
  }

  std::vector<ProviderCommand> finish() && {
    settle_roles();
    if (ended_ && rules_.clear_at_end) clear();
    for (const auto& [reason, users] : out_of_room_)
      for (std::size_t i = 0; i < users.size(); i += kick_most)
        say(KickoutUser{room_,
                        {users.begin() + static_cast<std::ptrdiff_t>(i),
                         users.begin() + static_cast<std::ptrdiff_t>(std::min(i + kick_most, users.size()))},
                        reason});
    return std::move(said_);
  }

 private:
  template <class Body>
  void apply(const Body&, UnixTime) {}

  void apply(const LegFinal& e, UnixTime) {
    const LegView* leg = leg_of(e.leg);
    if (!leg || call_.live_leg_of(e.user)) return;
    const bool had_token = leg->joined_at || leg->accepted_at || leg->role == LegRole::entrant;
    if (may_linger(e.outcome) && had_token)
      put_out(e.user, reason_of(e));
    else if (e.outcome == LegOutcome::completed && leg->joined_at)
      went_with_call_.push_back(e.user);
  }
  void apply(const CallEnded& e, UnixTime) {
    ended_ = true;
    ended_by_ = e.by;
  }
  void apply(const RoomUpdated& e, UnixTime at) {
    if (!rules_.forbid_rules) return;
    if (e.banned) forbid_login(*e.banned, at);
    if (e.unbanned) say(DelForbidUserRule{.rule = ForbidRule::room_and_user, .ip = {}, .room = room_, .user = *e.unbanned});
  }
  void apply(const MuteForced& e, UnixTime) {
    const LegView* leg = leg_of(e.leg);
    if (!leg || leg->state == LegState::final) return;
    if (e.track == Track::screen) return switch_stream(rules_.streams.screen, e.user, !e.lifted);
    bar_camera(*leg, e);
  }
  void apply(const TokenRevoked& e, UnixTime) { revoked_.insert(e.leg); }
  void apply(const RoleChanged& e, UnixTime) { new_roles_.push_back(e); }
  void apply(const ReconcileCorrected& e, UnixTime) {
    if (e.leg == 0 && !call_.live_leg_of(e.user)) put_out(e.user, "not_admitted");
  }

  /// Audio and video are one stream: what is barred of it is a rule, and all of it is the stream itself.
  void bar_camera(const LegView& leg, const MuteForced& e) {
    const StreamId stream = stream_of(rules_.streams.camera, room_, leg.user);
    const bool audio = leg.media.audio_barred, video = leg.media.video_barred;
    if (rules_.forbid_rules) {
      if (audio || video)
        say(SetForbidStreamRule{.room = room_, .stream = stream, .audio = audio, .video = video, .lasts = rule_most});
      else
        say(DelForbidStreamRule{room_, stream});
      return;
    }
    if (audio && video) say(ForbidRTCStream{stream, {}});
    if (e.lifted && audio != video) say(ResumeRTCStream{stream, {}});
  }

  void forbid_login(const Ban& ban, UnixTime at) {
    std::chrono::seconds lasts = rule_most;
    if (ban.until) lasts = std::min(lasts, std::chrono::ceil<std::chrono::seconds>(*ban.until - at));
    if (lasts.count() < 1) return;
    say(SetForbidUserRule{.rule = ForbidRule::room_and_user,
                          .ip = {},
                          .room = room_,
                          .user = ban.user,
                          .privileges = {ForbidPrivilege::login},
                          .lasts = lasts});
  }

  void switch_stream(std::string_view pattern, const UserId& user, bool off) {
    const StreamId stream = stream_of(pattern, room_, user);
    if (off)
      say(ForbidRTCStream{stream, {}});
    else
      say(ResumeRTCStream{stream, {}});
  }

  /// After all events: which roles came with a loss of rights is known now.
  void settle_roles() {
    for (const RoleChanged& e : new_roles_) {
      const LegView* leg = leg_of(e.leg);
      if (!leg || leg->state == LegState::final) continue;
      const bool camera = may(call_, e.user, Capability::speak) || may(call_, e.user, Capability::camera);
      const bool screen = may(call_, e.user, Capability::screen);
      const bool lost = revoked_.contains(e.leg);
      const bool camera_barred = leg->media.audio_barred && leg->media.video_barred;
      if (lost != camera && !(camera && camera_barred)) switch_stream(rules_.streams.camera, e.user, !camera);
      if (lost != screen && !(screen && leg->media.screen_barred)) switch_stream(rules_.streams.screen, e.user, !screen);
    }
  }

  /// Who ended the call for everybody has left by themselves.
  void clear() {
    std::vector<UserId> all = went_with_call_;
    std::erase(all, ended_by_);
    std::size_t others = 0;
    for (const auto& [reason, users] : out_of_room_) others += users.size();
    if (all.size() + others > kick_most) {
      out_of_room_.clear();
      say(CloseRoom{room_, "ended"});
      return;
    }
    for (const UserId& user : all) put_out(user, "ended");
  }

  void put_out(const UserId& user, const std::string& reason) {
    if (!put_out_.insert(user).second) return;
    out_of_room_[reason].push_back(user);
  }
  template <class Action>
  void say(Action action) {
    said_.emplace_back(std::move(action));
  }
  const LegView* leg_of(std::uint32_t number) const {
    return number >= 1 && number <= call_.legs.size() ? &call_.legs[number - 1] : nullptr;
  }

  const CallView& call_;
  const RoomId& room_;
  const ProviderRules& rules_;
  std::vector<ProviderCommand> said_;
  std::map<std::string, std::vector<UserId>> out_of_room_;  // by reason
  std::set<UserId> put_out_;
  std::vector<UserId> went_with_call_;
  std::set<std::uint32_t> revoked_;
  std::vector<RoleChanged> new_roles_;
  bool ended_ = false;
  UserId ended_by_{};
};

struct Words {
  std::string operator()(const KickoutUser& c) const {
    std::string out = "kickout_user " + c.room.str() + " ";
    for (std::size_t i = 0; i < c.users.size(); ++i) out.append(i == 0 ? "" : ",").append(c.users[i].view());
    return out + " " + c.reason;
  }
  std::string operator()(const CloseRoom& c) const { return "close_room " + c.room.str() + " " + c.reason; }
  std::string operator()(const ForbidRTCStream& c) const { return "forbid_stream " + c.stream.str(); }
  std::string operator()(const ResumeRTCStream& c) const { return "resume_stream " + c.stream.str(); }
  std::string operator()(const SetForbidUserRule& c) const {
    return "forbid_user " + c.room.str() + " " + c.user.str() + " " + std::to_string(c.lasts.count()) + " s";
  }
  std::string operator()(const DelForbidUserRule& c) const { return "allow_user " + c.room.str() + " " + c.user.str(); }
  std::string operator()(const SetForbidStreamRule& c) const {
    return "bar " + c.stream.str() + (c.audio ? " audio" : "") + (c.video ? " video" : "");
  }
  std::string operator()(const DelForbidStreamRule& c) const { return "lift " + c.stream.str(); }
};

}  // namespace

std::string to_string(const ProviderCommand& command) { return std::visit(Words{}, command); }

std::vector<ProviderCommand> provider_commands(const CallView& after, std::span<const CallEvent> events, const RoomId& room,
                                               const ProviderRules& rules) {
  Commands commands(after, room, rules);
  for (const CallEvent& event : events) commands.take(event);
  return std::move(commands).finish();
}

Result<RtcRoom> rtc_room(const SeatGrant& grant, const RoomId& room, const StreamNames* names) {
  if (!grant.may_publish()) return rtc_room(MediaRole::listener, room, grant.user);
  if (!names) return rtc_room(MediaRole::speaker, room, grant.user);
  RoleTemplate role{.login = Allow::yes, .publish = Allow::yes, .streams = {}};
  if (grant.audio || grant.video) role.streams.push_back(names->camera);
  if (grant.screen) role.streams.push_back(names->screen);
  return rtc_room(role, room, grant.user);
}

}  // namespace zegocall
