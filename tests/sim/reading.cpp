#include "sim/reading.hpp"

#include <algorithm>

#include "sim/broken.hpp"

namespace zegocall::sim {

struct Reading::Take {
  Reading& me;

  void operator()(const CallCreated& e) const {
    me.caller_ = e.caller;
    me.policy_ = e.policy;
    me.is_room_ = e.room.has_value();
    has_role(e.caller, RoleName("host"));
    if (e.room) {
      me.room_ = *e.room;
      for (const RoomMember& member : e.room->members) has_role(member.user, member.role);
    } else {
      me.legs_.push_back({.user = e.caller, .place = Place::waiting, .since = me.at_});
    }
  }
  void operator()(const LegInvited& e) const {
    Leg& leg = add(e.leg, e.user, Place::rung);
    leg.rung = true;
    leg.offered = e.role;
    leg.first = !me.answered_ && !me.is_room_;
    leg.hidden = e.hidden;
    leg.blocked = e.blocked;
    leg.ring_until = e.ring_until;
  }
  void operator()(const LegEntered& e) const {
    require(me.is_room_, "I17", "somebody comes by themselves into a call that is no room");
    const bool returns = std::any_of(me.legs_.begin(), me.legs_.end(), [&](const Leg& other) {
      return other.user == e.user && other.outcome == LegOutcome::replaced && other.since == me.at_ && other.seated;
    });
    add(e.leg, e.user, Place::waiting).returns = returns;
    has_role(e.user, e.role);
  }
  void operator()(const DeviceRing& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.place == Place::rung, "I2", "a device is rung for a leg that does not ring");
    // A ring that nobody hears stands in the log as one for somebody without a device.
    require(!leg.hidden || e.device.empty(), "I18", "somebody is rung who blocks the caller or must not be disturbed");
    if (!e.device.empty()) leg.devices.try_emplace(e.device);
  }
  void operator()(const LegDelivered& e) const { heard(me.live(e.leg, e.user), e.device); }
  void operator()(const LegAlerting& e) const { heard(me.live(e.leg, e.user), e.device); }
  void operator()(const LegAccepted& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.rung && leg.place == Place::rung, "I2", "a leg is accepted that does not ring");
    leg.hidden = leg.blocked = false;
    leg.said_yes = true;
    has_role(leg.user, leg.offered);
    me.answered_ = true;
    me.move(leg, Place::waiting);
    if (me.policy_.ring_policy != RingPolicy::first_answer || me.is_room_) return;
    const auto took = [](const Leg& other) { return other.first && other.seated; };
    require(!leg.first || std::none_of(me.legs_.begin(), me.legs_.end(), took), "I6",
            "two of the rung people have taken the call");
  }
  void operator()(const DeviceDismiss& e) const {
    Leg& leg = me.live(e.leg, e.user);
    if (e.outcome == DeviceOutcome::answered_here) require(++leg.winners == 1, "I3", "two devices have won a leg");
    if (!leg.rung) return;
    auto& told = leg.devices[e.device];
    require(!told, "I2", "a device is told a second outcome");
    told = e.outcome;
    if (e.outcome == DeviceOutcome::silenced || e.outcome == DeviceOutcome::declined_here) leg.heard = true;
  }
  void operator()(const LegWaiting& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(!leg.seated, "I17", "somebody with a seat is sent to the lobby");
    me.move(leg, Place::lobby);
  }
  void operator()(const LegAdmitted& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.place == Place::lobby, "I17", "somebody is let in who does not wait in the lobby");
    leg.admitted = true;
  }
  void operator()(const LegJoining& e) const {
    Leg& leg = me.live(e.leg, e.user);
    if (!leg.seated) me.check_entry(leg);
    leg.seated = true;
    me.move(leg, Place::coming);
  }
  void operator()(const LegJoined& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.seated, "I17", "somebody is in who was not let in");
    me.move(leg, Place::in);
  }
  void operator()(const LegReconnecting& e) const { me.move(me.live(e.leg, e.user), Place::away); }
  void operator()(const LegResumed& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.place == Place::away, "I7", "a leg is resumed that was not away");
    me.move(leg, leg.seated ? Place::in : Place::waiting);
  }
  void operator()(const LegFinal& e) const {
    Leg& leg = me.live(e.leg, e.user);
    for (const auto& [device, told] : leg.devices)
      if (!told) broken("I2", "a leg ends and its device " + device.str() + " was told no outcome");
    me.check_ending(leg, e);
    leg.outcome = e.outcome;
    me.move(leg, Place::over);
  }
  void operator()(const CallActive&) const {
    require(!me.active_, "I7", "a call becomes active a second time");
    me.active_ = true;
  }
  void operator()(const CallEnding&) const { me.ending_ = true; }
  void operator()(const CallEnded& e) const {
    require(me.in(Place::over) == me.legs_.size(), "I2", "the call ends and a leg has no outcome");
    me.ended_ = true;
    me.outcome_ = e.outcome;
  }
  void operator()(const RoomUpdated& e) const {
    RoomView& room = me.room_;
    if (e.locked) room.locked = *e.locked;
    if (e.lobby) room.settings.lobby = *e.lobby;
    if (e.capacity) room.settings.capacity = *e.capacity;
    if (e.passcode) room.passcode = *e.passcode;
    if (e.host) room.host = *e.host, has_role(*e.host, RoleName("host"));
    if (e.member) has_role(e.member->user, e.member->role);
    if (e.unbanned) std::erase_if(room.bans, [&](const Ban& ban) { return ban.user == *e.unbanned; });
    if (!e.banned) return;
    me.check_rank(e.by, e.banned->user, "somebody is banned by one who is not above them");
    std::erase_if(room.bans, [&](const Ban& ban) { return ban.user == e.banned->user; });
    room.bans.push_back(*e.banned);
  }
  // What a leg does once it is there.
  void operator()(const LegMoved& e) const { (void)me.live(e.leg, e.user); }
  void operator()(const LegHeld& e) const { me.live(e.leg, e.user).held = e.on; }
  void operator()(const LegMedia& e) const {
    (void)me.live(e.leg, e.user);
    for (const auto& [track, sent] : {std::pair{Track::audio, e.audio}, {Track::video, e.video}, {Track::screen, e.screen}})
      require(!sent || !me.muted_.contains({e.user, track}), "I16", "somebody sends what was muted by force");
  }
  void operator()(const LegLeased& e) const { (void)me.live(e.leg, e.user); }
  void operator()(const LegLogin& e) const { (void)me.live(e.leg, e.user); }
  void operator()(const HandChanged& e) const { (void)me.live(e.leg, e.user); }
  void operator()(const MuteRequested& e) const { muted(e.leg, e.user, e.by); }
  void operator()(const MuteForced& e) const {
    muted(e.leg, e.user, e.by);
    if (e.lifted)
      me.muted_.erase({e.user, e.track});
    else
      me.muted_.insert({e.user, e.track});
  }
  void operator()(const ConsentChanged& e) const { me.live(e.leg, e.user).agreed = e.given; }
  void operator()(const TokenRenewed& e) const {
    require(me.live(e.leg, e.user).seated, "I8", "a token is renewed for somebody who was not let in");
  }
  void operator()(const TokenRevoked& e) const { me.live(e.leg, e.user).revoked = e.not_before; }
  void operator()(const RoleChanged& e) const { has_role(e.user, e.role); }
  void operator()(const RecordingChanged& e) const { me.recorded_ = e.state == RecordingState::on; }
  void operator()(const LimitWarning&) const {}
  void operator()(const ReconcileCorrected&) const {}

  void muted(std::uint32_t leg, const UserId& user, const UserId& by) const {
    (void)me.live(leg, user);
    if (by != user) me.check_rank(by, user, "somebody is muted by one who is not above them");
  }
  void has_role(const UserId& user, const RoleName& role) const { me.roles_[user].insert(me.word_of(role)); }
  Leg& add(std::uint32_t number, const UserId& user, Place place) const {
    require(number == me.legs_.size() + 1, "I9", "a new leg has another number than the next");
    require(!me.live_leg(user), "I4", "somebody gets a second live leg");
    return me.legs_.emplace_back(Leg{.user = user, .place = place, .since = me.at_});
  }
  static void heard(Leg& leg, const DeviceId& device) {
    require(leg.place == Place::rung, "I2", "a leg is heard of that does not ring");
    leg.heard = true;
    if (!device.empty()) leg.devices.try_emplace(device);
  }
};

void Reading::take(const CallEvent& event) {
  require(!ended_, "I1", "an event comes after the end");
  require(event.version.value == ++version_, "I9", "versions do not rise by one");
  require(event.at >= at_, "I9", "an event is older than the one before it");
  require((version_ == 1) == std::holds_alternative<CallCreated>(event.body), "I9", "a log does not begin with its call.created");
  at_ = event.at;
  std::visit(Take{*this}, event.body);
  if (in(Place::in) > 0 || !active_ || ended_)
    empty_since_.reset();
  else if (!empty_since_)
    empty_since_ = at_;
}

/// I5. A seat is taken from the yes to the end, also while its link is lost. And nobody is recorded who did not agree.
void Reading::check() const {
  if (!is_room_) return;
  const auto unasked = [](const Leg& leg) { return (leg.place == Place::in || leg.place == Place::away) && !leg.agreed; };
  require(!recorded_ || room_.settings.consent == RecordingConsent::none || std::none_of(legs_.begin(), legs_.end(), unasked),
          "I16", "somebody is recorded who did not agree");
  const std::size_t seats = in(Place::waiting) + in(Place::coming) + in(Place::in) + in(Place::away);
  require(seats <= room_.settings.capacity, "I5", "a room has more seats taken than it has");
}

bool Reading::is_banned(const UserId& user, UnixTime now) const {
  return std::any_of(room_.bans.begin(), room_.bans.end(),
                     [&](const Ban& ban) { return ban.user == user && (!ban.until || now < *ban.until); });
}

/// I17: who gets a seat, on whatever path, passes the ban; who was not let in from the lobby, passes the lock as well.
void Reading::check_entry(const Leg& leg) const {
  require(!is_banned(leg.user, at_), "I17", "somebody gets a seat who is banned");
  if (leg.returns) return;
  const bool own_call = !is_room_ && leg.user == caller_;
  require(!room_.locked || own_call || room_.host == leg.user, "I17", "somebody gets a seat in a locked call");
  if (!is_room_ || leg.rung || leg.admitted || room_.settings.lobby != LobbyRule::on) return;
  require(ever_had(leg.user, {"host", "cohost", "moderator"}), "I17", "somebody passes the lobby whom nobody let in");
}

namespace {

/// How the leg of somebody ends who never answered, or was not answered.
bool is_of_a_ring(LegOutcome outcome) {
  static const std::set<std::string_view> words = {"declined",  "busy",       "no_answer", "unreachable",
                                                   "cancelled", "superseded", "blocked",   "dnd"};
  return words.contains(name(outcome));
}

}  // namespace

bool Reading::is_missed(const Leg& leg, bool lists_blocked, bool lists_dnd) {
  static const std::set<std::string_view> words = {"busy", "no_answer", "unreachable", "cancelled", "superseded"};
  if (!leg.rung || !leg.outcome) return false;
  if (leg.hidden) return leg.blocked ? lists_blocked : lists_dnd;
  return words.contains(name(*leg.outcome)) || (name(*leg.outcome) == "failed" && !leg.said_yes);
}

/// I10, I16, race rules 2 and 10: an outcome is the one that it may be.
void Reading::check_ending(const Leg& leg, const LegFinal& event) const {
  require(!leg.seated || !is_of_a_ring(event.outcome), "race", "an answer was first, and the call ends as if there were none");
  const bool own_ring = leg.rung && leg.place == Place::rung && at_ >= leg.ring_until;
  if (own_ring && event.outcome == LegOutcome::no_answer)
    require(leg.heard, "I2", "no_answer from somebody whom nothing reached");
  if (own_ring && event.outcome == LegOutcome::unreachable)
    require(!leg.heard, "I2", "unreachable is somebody whose device had the invitation");
  if (event.outcome != LegOutcome::kicked && event.outcome != LegOutcome::banned) return;
  require(leg.revoked == at_, "I8", "somebody is sent out and their tokens stay good");
  check_rank(event.by, leg.user, "somebody is sent out by one who is not above them");
}

/// I16: who acts on somebody else was once above what the other once was. Nobody: a rule. Who is not in a ring call any more
/// is nobody there.
void Reading::check_rank(const UserId& by, const UserId& user, const char* what) const {
  if (!is_room_ && !live_leg(user)) return;
  require(by.empty() || ranks(by).first < ranks(user).second, "I16", what);
}

bool Reading::ever_had(const UserId& user, std::initializer_list<std::string_view> roles) const {
  const auto mine = roles_.find(user);
  return mine != roles_.end() &&
         std::any_of(roles.begin(), roles.end(), [&](std::string_view role) { return mine->second.contains(role); });
}

std::string Reading::word_of(const RoleName& role) const {
  const RoleName& usual = room_.settings.entry_role;
  return !role.empty() ? role.str() : is_room_ ? usual.str() : "participant";
}

std::pair<int, int> Reading::ranks(const UserId& user) const {
  static const std::map<std::string, int, std::less<>> order = {
      {"host", 0}, {"cohost", 1}, {"moderator", 2}, {"speaker", 3}, {"scribe", 3}, {"participant", 4}, {"guest", 5}};
  std::pair<int, int> best_worst{99, -1};
  const auto mine = roles_.find(user);
  std::set<std::string> all =
      mine == roles_.end() ? std::set<std::string>() : std::set<std::string>(mine->second.begin(), mine->second.end());
  if (const Leg* leg = live_leg(user); leg && leg->place == Place::rung) all.insert(word_of(leg->offered));
  if (all.empty()) return {99, 99};
  for (const std::string& role : all) {
    const auto found = order.find(role);
    const int rank = found == order.end() ? 50 : found->second;
    best_worst = {std::min(best_worst.first, rank), std::max(best_worst.second, rank)};
  }
  return best_worst;
}

Reading::Leg& Reading::live(std::uint32_t number, const UserId& user) {
  require(number >= 1 && number <= legs_.size(), "I9", "an event speaks of a leg that is not there");
  Leg& leg = legs_[number - 1];
  require(leg.user == user, "I9", "an event says that a leg is somebody else's");
  require(leg.place != Place::over, "I1", "a final leg changes");
  return leg;
}

void Reading::move(Leg& leg, Place place) {
  leg.place = place;
  leg.since = at_;
}

const Reading::Leg* Reading::live_leg(const UserId& user) const {
  for (const Leg& leg : legs_)
    if (leg.user == user && leg.place != Place::over) return &leg;
  return nullptr;
}

bool Reading::was_member(const UserId& user) const {
  return std::any_of(legs_.begin(), legs_.end(), [&](const Leg& leg) { return leg.user == user; });
}

std::size_t Reading::in(Place place) const {
  return static_cast<std::size_t>(std::count_if(legs_.begin(), legs_.end(), [&](const Leg& leg) { return leg.place == place; }));
}

}  // namespace zegocall::sim
