// Random people in a room press random buttons, the provider says random things, clocks run, the server restarts: the
// invariants of rooms hold. Checked after every step, from the events and the view, not by the rules' own words.
#include <map>
#include <set>
#include <sstream>

#include "call/room_world.hpp"
#include "support/rapidcheck.hpp"

using namespace call_test;

namespace rooms_at_random {

namespace {

struct Step {
  int what = 0, who = 0, device = 0, other = 0, seconds = 0, twist = 0;
};
constexpr int kinds = 41;

std::ostream& operator<<(std::ostream& out, const Step& s) {
  return out << "{" << s.what << "," << s.who << "," << s.device << "," << s.other << "," << s.seconds << "," << s.twist << "}";
}

const UserId people[] = {{"alice"}, {"bob"}, {"carol"}, {"dave"}, {"eve"}};
const char* const roles[] = {"host", "cohost", "moderator", "speaker", "participant", "guest", "nothing"};

CommandBody body_for(const Step& s, UnixTime now) {
  const UserId& other = people[s.other];
  const auto ban = s.twist == 0 ? std::optional<std::chrono::milliseconds>(s.seconds * 1s) : std::nullopt;
  const RoleName role{std::string_view(roles[s.seconds % 7])};
  switch (s.what) {
    case 0: return Join{.consent = s.twist == 1};
    case 1: return Join{.consent = true};
    case 2: return Join{};
    case 3: return Knock{};
    case 4: return Leave{};
    case 5: return EndCall{};
    case 6: return Heartbeat{};
    case 7: return Admit{other};
    case 8: return AdmitAll{};
    case 9: return Deny{other, ban};
    case 10: return Kick{other, ban};
    case 11: return Unban{other};
    case 12: return SetRole{other, role};
    case 13: return RequestRole{role};
    case 14: return LowerHand{other};
    case 15:
      return Mute{.user = s.twist == 0 ? UserId{} : other, .track = Track::audio, .mode = static_cast<MuteMode>(s.seconds % 3)};
    case 16: return Lock{};
    case 17: return Unlock{};
    case 18: return SetLobby{static_cast<LobbyRule>(s.seconds % 3)};
    case 19: return SetPasscode{PasscodeStamp(static_cast<std::uint64_t>(s.seconds % 3))};
    case 20: return SetCapacity{static_cast<std::uint32_t>(s.seconds % 6)};
    case 21: return SetMetadata{std::to_string(s.seconds), {}};
    case 22: return SetAttribute{"k" + std::to_string(s.other), std::to_string(s.seconds), {}};
    case 23: return AddJoinCode{{JoinCodeId(std::string_view(roles[s.other])), role, 1, now + 60s}};
    case 24: return SetRecording{s.twist < 4};
    case 25: return Consent{s.twist < 5};
    case 26: return RenewToken{};
    case 27: return SwitchDevice{};
    case 28: return Hold{};
    case 29: return SetMedia{.audio = s.twist < 4, .screen = s.twist % 2 == 0};
    case 30: return Invite{other, {}, s.twist < 5};
    case 36: return Transfer{other};
    case 37: return Resume{};
    case 38: return CancelInvite{other};
    case 39: return RemoveJoinCode{JoinCodeId(std::string_view(roles[s.other]))};
    default: return Accept{};
  }
}

/// I16 by a second hand: who has which role is read from the events, and what it takes to do something is written here once
/// more, as the smallest rank that still may. Not a word of roles.hpp is asked.
class Rights {
 public:
  explicit Rights(const CallCreated& created) : host_(created.caller) {
    for (const RoomMember& member : created.room->members) members_[member.user] = member.role.str();
  }

  void follow(const CallEvent& event) {
    if (const auto* entered = std::get_if<LegEntered>(&event.body)) legs_[entered->user] = entered->role.str();
    if (const auto* invited = std::get_if<LegInvited>(&event.body)) legs_[invited->user] = invited->role.str();
    if (const auto* changed = std::get_if<RoleChanged>(&event.body)) legs_[changed->user] = changed->role.str();
    if (const auto* gone = std::get_if<LegFinal>(&event.body)) legs_.erase(gone->user);
    const auto* update = std::get_if<RoomUpdated>(&event.body);
    if (update && update->host) host_ = *update->host;
    if (update && update->member) members_[update->member->user] = update->member->role.str();
  }

  /// Nothing, or why this command should have changed nothing.
  const char* objection(const Command& command, const CallView& before) const {
    const UserId& by = command.by.user;
    const LegView* leg = before.live_leg_of(by);
    const auto is_any = [&]<class... Body>(std::type_identity<Body>...) {
      return (std::holds_alternative<Body>(command.body) || ...);
    };
    if (by.empty() || is_any(std::type_identity<DeviceOnline>{}, std::type_identity<DeviceOffline>{}, std::type_identity<Join>{},
                             std::type_identity<Knock>{}))
      return nullptr;
    const bool in =
        leg && (leg->state == LegState::joining || leg->state == LegState::joined || leg->state == LegState::reconnecting);
    if (!leg && by != host_) return "somebody from outside";
    const int most = rank_needed(command.body);
    if (most >= 0 && !in && by != host_ && !std::holds_alternative<EndCall>(command.body)) return "not from within";
    if (most >= 0 && rank(by) > most && !declines(command.body, leg)) return "without the right";
    if (const UserId* target = target_of(command.body); target && *target != by && rank(by) >= rank(*target))
      return "to somebody above, or beside";
    if (const auto* set = std::get_if<SetRole>(&command.body); set && rank_of(set->role.str()) < rank(by))
      return "a role above the own one";
    const auto* media = std::get_if<SetMedia>(&command.body);
    const bool sends_more =
        media && ((media->audio.value_or(false) && !leg->media.audio) || (media->screen.value_or(false) && !leg->media.screen));
    return sends_more && rank(by) > 4 ? "a guest sends" : nullptr;
  }

 private:
  static int rank_of(const std::string& role) {
    const char* const by_rank[] = {"host", "cohost", "moderator", "speaker", "participant", "guest"};
    for (int i = 0; i < 6; ++i)
      if (role == by_rank[i]) return i;
    return role.empty() ? 4 : 1001;  // who has no role of their own has the room's entry role
  }
  int rank(const UserId& user) const {
    if (const auto leg = legs_.find(user); leg != legs_.end()) return rank_of(leg->second);
    if (user == host_) return 0;
    const auto member = members_.find(user);
    return member == members_.end() ? 1001 : rank_of(member->second);
  }
  /// Leaving a ring unanswered by "end" is one's own affair.
  static bool declines(const CommandBody& body, const LegView* leg) {
    return std::holds_alternative<EndCall>(body) && leg && (leg->state == LegState::invited || leg->state == LegState::alerting);
  }
  /// The greatest rank that may; -1: everybody for themselves.
  static int rank_needed(const CommandBody& body) {
    if (const auto* set = std::get_if<SetRole>(&body)) return set->role == RoleName("host") ? 0 : 1;
    const std::string_view word = name(body);
    for (const char* const each : {"set_passcode", "set_capacity", "set_metadata", "set_attribute", "add_join_code",
                                   "remove_join_code", "set_recording", "end_call"})
      if (word == each) return 1;
    for (const char* const each : {"admit", "admit_all", "deny", "kick", "unban", "mute", "lock", "unlock", "set_lobby"})
      if (word == each) return 2;
    for (const char* const each : {"invite", "cancel_invite", "transfer"})
      if (word == each) return 4;
    return -1;
  }
  /// Who has to be below.
  static const UserId* target_of(const CommandBody& body) {
    if (const auto* kick = std::get_if<Kick>(&body)) return &kick->user;
    if (const auto* set = std::get_if<SetRole>(&body)) return &set->user;
    if (const auto* lower = std::get_if<LowerHand>(&body)) return &lower->user;
    const auto* deny = std::get_if<Deny>(&body);
    if (deny && deny->ban_for) return &deny->user;
    const auto* mute = std::get_if<Mute>(&body);
    return mute && !mute->user.empty() ? &mute->user : nullptr;
  }

  UserId host_;
  std::map<UserId, std::string> legs_, members_;
};

class Watch {
 public:
  explicit Watch(const RoomTemplate& form, CallPolicy deployed) : w_(deployed) {
    w_.form = form;
    w_.make({{people[1], RoleName("moderator")}}, PasscodeStamp(1));
    look();
  }

  void play(const Step& s) {
    if (s.what == 32) return pass(s.seconds * 1s);
    if (s.what == 33) return restart();
    const Actor by{people[s.who], s.device == 0 ? DeviceId{"web"} : session_device({s.device == 1 ? "s1" : "s2"})};
    if (s.what == 34)
      return give(s.twist < 4 ? Command{{}, by, {}, DeviceOnline{}, {}} : Command{{}, by, {}, DeviceOffline{}, {}});
    if (s.what == 35) return provider(s);
    if (s.what == 40 && s.twist < 2 && s.seconds > 60) return end_from_outside(s);
    bring(s);
    give({{}, by, the_call, body_for(s, w_.clock.now().wall), {}});
  }

  void let_it_end() {
    for (const UserId& user : people)
      for (const DeviceId& device : {DeviceId{"web"}, session_device({"s1"}), session_device({"s2"})})
        give({{}, {user, device}, {}, DeviceOffline{}, {}});
    // Whoever has no connection is found out by lease, grace or the room's own clocks; who is in without any goes by themselves.
    for (const UserId& user : people) give({{}, {user, {}}, the_call, Leave{}, {}});
    for (int fired = 0; w_.engine.deadline(); ++fired) {
      RC_ASSERT(fired < 2000);
      w_.clock.advance_to(*w_.engine.deadline());
      w_.pass(0ms);
      look();
    }
    RC_ASSERT(w_.call().state == CallState::ended);
    for (const LegView& leg : w_.call().legs) RC_ASSERT(leg.outcome.has_value());
  }
  std::string end() const { return ending(w_.call()); }

 private:
  void bring(const Step& s) {
    const bool right = s.twist != 3;
    w_.facts.entry = {};
    w_.facts.entry.passcode = right ? PasscodeCheck::right : static_cast<PasscodeCheck>(s.seconds % 4);
    w_.facts.entry.stamp = right && w_.call().room->passcode.value != 0 ? w_.call().room->passcode : PasscodeStamp(9);
    w_.tell_facts();
  }
  /// The operator, or the provider, has had enough. Seldom: a script is to be long.
  void end_from_outside(const Step& s) {
    if (w_.call().state == CallState::ended) return;
    if (s.seconds % 3 == 0)
      return give({{}, {}, the_call, ProviderWord{.said = ProviderSaid::room_closed, .at = w_.clock.now().wall}, {}});
    const bool down = s.seconds % 3 == 1;
    give({{}, {}, the_call, AdminEnd{{}, down ? EndCause::server_shutdown : EndCause::ended_by_admin}, {}});
  }
  void provider(const Step& s) {
    const LoginId login{std::string_view(roles[s.device])};
    const UnixTime at = w_.clock.now().wall - s.seconds * 1s;
    const auto said = s.twist < 4 ? ProviderSaid::joined : ProviderSaid::left;
    const ProviderWord event{
        .said = said, .user = people[s.who], .login = login, .at = at, .logged_in = at - 5s, .reconciled = s.twist == 0};
    give({{}, {}, the_call, event, {}});
  }
  void pass(std::chrono::milliseconds time) {
    const UnixTime until = w_.clock.now().wall + time;
    while (w_.engine.deadline() && *w_.engine.deadline() <= until) {
      w_.clock.advance_to(*w_.engine.deadline());
      w_.pass(0ms);
      look();
    }
    w_.clock.advance_to(until);
  }
  void restart() {
    if (w_.call().state != CallState::ended) give({{}, {}, the_call, ServerStarted{}, {}});
  }

  void give(const Command& command) {
    const CallView before = w_.call();
    const auto result = w_.give(command);
    if (!result) RC_ASSERT(w_.call() == before);  // I16: a refusal changes nothing
    const bool changed = w_.call().version != before.version;
    if (const char* why = changed ? rights_->objection(command, before) : nullptr)
      RC_FAIL(command.by.user.str() + ": " + std::string(name(command.body)) + " " + why);
    look();
  }

  void look() {
    const CallView now = w_.call();
    const auto& log = w_.log();
    if (const auto wrong = inconsistency(now)) RC_FAIL(*wrong);
    RC_ASSERT(now.index.counts.seats() <= now.room->settings.capacity);  // I5
    for (; seen_ < log.size(); ++seen_) check_event(log[seen_]);
    const auto folded = fold(log);  // I9
    RC_ASSERT(folded.has_value());
    RC_ASSERT(*folded == now);
    before_ = now;
  }

  /// I17 from the events: the gates as the log has them at that moment, and who went through.
  void check_event(const CallEvent& event) {
    RC_LOG() << to_string(event) << std::endl;
    RC_ASSERT(event.version.value == seen_ + 1);
    RC_ASSERT(!over_);  // I1
    if (const auto* created = std::get_if<CallCreated>(&event.body)) rights_.emplace(*created);
    rights_->follow(event);
    if (std::holds_alternative<CallEnded>(event.body)) over_ = true;
    if (const auto* gone = std::get_if<LegFinal>(&event.body)) RC_ASSERT(final_.insert(gone->leg).second);  // I2
    if (const auto* update = std::get_if<RoomUpdated>(&event.body)) {
      locked_ = update->locked.value_or(locked_);
      if (update->host) host_ = *update->host;
      if (update->banned) bans_[update->banned->user] = update->banned->until.value_or(UnixTime::max());
      if (update->unbanned) bans_.erase(*update->unbanned);
    }
    if (const auto* entered = std::get_if<LegEntered>(&event.body)) came_in(entered->leg, entered->user, event.at);
    if (const auto* joining = std::get_if<LegJoining>(&event.body)) got_seat(joining->leg, joining->user, event.at);
    if (const auto* joined = std::get_if<LegJoined>(&event.body)) got_in(joined->leg, joined->user, event.at);
    if (const auto* resumed = std::get_if<LegResumed>(&event.body)) got_in(resumed->leg, resumed->user, event.at);
    if (const auto* renewed = std::get_if<TokenRenewed>(&event.body)) got_in(renewed->leg, renewed->user, event.at);
  }
  void not_banned(const UserId& user, UnixTime at) const {
    const auto ban = bans_.find(user);
    RC_ASSERT(ban == bans_.end() || ban->second <= at);
  }
  void came_in(std::uint32_t leg, const UserId& user, UnixTime at) {
    not_banned(user, at);
    const LegView* last = before_.last_leg_of(user);  // the same person on another device keeps the seat
    const bool replaces = last && final_.contains(last->number) && last->state != LegState::final;
    RC_ASSERT(!locked_ || user == host_ || replaces);
    if (replaces) seats_.insert(leg);
  }
  void got_seat(std::uint32_t leg, const UserId& user, UnixTime at) {
    not_banned(user, at);
    RC_ASSERT(!locked_ || user == host_ || seats_.contains(leg));
    seats_.insert(leg);
  }
  void got_in(std::uint32_t leg, const UserId& user, UnixTime at) {
    not_banned(user, at);
    RC_ASSERT(seats_.contains(leg));  // I8: nobody is in who was not given a seat
  }

  RoomWorld w_;
  std::optional<Rights> rights_{};
  CallView before_{};
  std::size_t seen_ = 0;
  bool over_ = false, locked_ = false;
  UserId host_{"alice"};
  std::map<UserId, UnixTime> bans_;
  std::set<std::uint32_t> final_, seats_;
};

rc::Gen<std::vector<Step>> scripts() {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::resize(200, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
                                  set(&Step::what, inRange(0, kinds)),
                                  set(&Step::who, rc::gen::weightedElement<int>({{4, 0}, {2, 1}, {1, 2}, {1, 3}, {1, 4}})),
                                  set(&Step::device, inRange(0, 3)), set(&Step::other, inRange(0, 5)),
                                  set(&Step::seconds, inRange(0, 90)), set(&Step::twist, inRange(0, 8)))));
}

rc::Gen<RoomTemplate> forms() {
  return rc::gen::exec([] {
    RoomTemplate form{"test", {}, {}};
    form.settings.type = *rc::gen::element(RoomType::anyone, RoomType::private_room);
    form.settings.lobby = *rc::gen::element(LobbyRule::off, LobbyRule::on, LobbyRule::until_host);
    form.settings.host_policy = *rc::gen::element(HostPolicy::none, HostPolicy::end, HostPolicy::hand_over, HostPolicy::wait);
    form.settings.consent = *rc::gen::element(RecordingConsent::none, RecordingConsent::ask);
    form.settings.capacity = *rc::gen::inRange<std::uint32_t>(1, 6);
    form.policy.second_device = *rc::gen::element(SecondDevice::refuse, SecondDevice::replace);
    form.policy.ending = *rc::gen::element<std::chrono::milliseconds>(0s, 10s);
    form.policy.max_duration = *rc::gen::element<std::chrono::milliseconds>(0s, 60s, 10min);
    form.policy.host_absent = *rc::gen::element<std::chrono::milliseconds>(0s, 30s);
    return form;
  });
}

rc::Gen<CallPolicy> deployments() {
  return rc::gen::element(CallPolicy{}, CallPolicy{.reconnect_grace = 0s, .empty = 0s, .restart_slack = 0s},
                          CallPolicy{.device_lease = 20s, .token_lifetime = 2min, .token_renew = 30s});
}

}  // namespace

TEST_CASE("the invariants of rooms hold whatever people, the provider and the clocks do") {
  std::set<std::string> seen;
  check_property("invariants of rooms", [&] {
    const auto form = *forms();
    const auto deployed = *deployments();
    Watch watch(form, deployed);
    for (const Step& step : *scripts()) watch.play(step);
    watch.let_it_end();
    seen.insert(watch.end());
  });
  // The scripts were no child's play.
  for (const char* end : {"no_answer", "cancelled", "answered last_left", "answered ended_by_host", "answered host_left",
                          "answered max_duration", "answered network_lost", "answered provider_closed", "answered ended_by_admin",
                          "answered server_shutdown"}) {  // the two others are of rings
    CAPTURE(end);
    CHECK(seen.contains(end));
  }
}

}  // namespace rooms_at_random
