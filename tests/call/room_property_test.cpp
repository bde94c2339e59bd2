// Random people in a room press random buttons, the provider says random things, clocks run, the server restarts: the
// invariants of rooms hold. Checked after every step, from the events and the view, not by the rules' own words.
#include <map>
#include <set>
#include <sstream>

#include "call/room_world.hpp"
#include "support/rapidcheck.hpp"

using namespace call_test;

namespace {

struct Step {
  int what = 0, who = 0, device = 0, other = 0, seconds = 0, twist = 0;
};
constexpr int kinds = 36;

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
    default: return Accept{};
  }
}

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
  void provider(const Step& s) {
    const LoginId login{std::string_view(roles[s.device])};
    const UnixTime at = w_.clock.now().wall - s.seconds * 1s;
    give({{},
          {},
          the_call,
          ProviderWord{static_cast<ProviderSaid>(s.twist < 4 ? 0 : 1), people[s.who], login, at, s.twist == 0},
          {}});
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
    check_rights(command, before, result.has_value() && w_.call().version != before.version);
    look();
  }

  /// I16, by a second hand: what a change of this kind takes.
  void check_rights(const Command& command, const CallView& before, bool changed) const {
    if (!changed) return;
    const auto may_do = [&](Capability right) { return may(before, command.by.user, right); };
    if (std::holds_alternative<Kick>(command.body)) RC_ASSERT(may_do(Capability::kick));
    if (std::holds_alternative<Admit>(command.body)) RC_ASSERT(may_do(Capability::admit));
    if (std::holds_alternative<EndCall>(command.body)) {
      const LegView* leg = before.live_leg_of(command.by.user);
      const bool own = leg && (leg->state == LegState::invited || leg->state == LegState::alerting);
      RC_ASSERT(own || may_do(Capability::end_call));
    }
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
  for (const char* end : {"no_answer", "answered last_left", "answered ended_by_host", "answered host_left"}) {
    CAPTURE(end);
    CHECK(seen.contains(end));
  }
}
