#include "sim/people.hpp"

#include <algorithm>
#include <array>

namespace zegocall::sim {
namespace {

milliseconds within(Random& random, int low, int high) { return milliseconds(random.between(low, high)); }

const UserId& anybody(const std::vector<Person>& people, Random& random) { return random.pick(people).user; }

Media any_media(Random& random) { return random.chance(50) ? Media::audio : Media::video; }

template <class Enum>
Enum any_of(Random& random, std::initializer_list<Enum> all) {
  return *(all.begin() + random.below(all.size()));
}

RoleName any_role(Random& random) {
  static const std::array<RoleName, 8> roles = {
      RoleName("host"),        RoleName("cohost"), RoleName("moderator"), RoleName("speaker"),
      RoleName("participant"), RoleName("guest"),  RoleName("scribe"),    RoleName()};
  return random.pick(roles);
}

/// Half of them have something to say over others.
RoleName member_role(Random& random) {
  static const std::array<RoleName, 8> roles = {RoleName("cohost"), RoleName("moderator"), RoleName("moderator"),
                                                RoleName("host"),   RoleName("speaker"),   RoleName("participant"),
                                                RoleName("guest"),  RoleName("scribe")};
  return random.pick(roles);
}

Track any_track(Random& random) { return any_of(random, {Track::audio, Track::video, Track::screen}); }

std::optional<milliseconds> any_ban(Random& random) {
  if (random.chance(40)) return std::nullopt;
  return random.chance(30) ? milliseconds(0) : within(random, 1000, 120'000);
}

StartCall any_start(const std::vector<Person>& people, const UserId& by, Random& random) {
  StartCall start{.callees = {}, .media = any_media(random), .topic = {}, .policy = {}};
  const auto wanted = random.chance(60) ? 1u : 1 + random.below(3);
  for (int tries = 0; tries < 8 && start.callees.size() < wanted; ++tries) {
    const UserId& user = anybody(people, random);
    if (user == by || std::find(start.callees.begin(), start.callees.end(), user) != start.callees.end()) continue;
    start.callees.push_back(user);
  }
  if (random.chance(40))
    start.policy =
        any_of(random, {RingPolicy::first_answer, RingPolicy::all_may_join, RingPolicy::all_must_answer, RingPolicy::hunt});
  return start;
}

CreateRoom any_room(const std::vector<Person>& people, UnixTime now, Random& random) {
  static const std::array<std::string, 6> templates = {"meeting",    "webinar",      "classroom",
                                                       "audio_room", "consultation", "drop_in"};
  CreateRoom room;
  room.from = random.pick(templates);
  RoomOverrides& o = room.settings;
  if (random.chance(40)) o.capacity = static_cast<std::uint32_t>(random.between(1, 4));
  if (random.chance(30)) o.type = any_of(random, {RoomType::anyone, RoomType::private_room, RoomType::invited_only});
  if (random.chance(40)) o.lobby = any_of(random, {LobbyRule::off, LobbyRule::on, LobbyRule::until_host});
  if (random.chance(40))
    o.host_policy = any_of(random, {HostPolicy::none, HostPolicy::end, HostPolicy::hand_over, HostPolicy::wait});
  if (random.chance(20)) o.consent = RecordingConsent::ask;
  if (random.chance(15)) o.knock = false;
  if (random.chance(15)) o.max_duration = within(random, 60, 400) * 1000;
  if (random.chance(15)) o.roles.push_back({RoleName("scribe"), 3, {Capability::chat, Capability::metadata, Capability::record}});
  if (random.chance(15)) {
    const auto spread = [&](int seconds) { return within(random, 0, seconds) * 1000; };
    o.schedule = Schedule{now + spread(120), spread(60), spread(90), milliseconds(60'000) + spread(60)};
  }
  for (const Person& person : people)
    if (random.chance(30)) room.members.push_back({person.user, member_role(random)});
  if (random.chance(25)) room.passcode = PasscodeStamp(1);
  return room;
}

std::optional<bool> any_switch(Random& random) {
  if (random.chance(50)) return std::nullopt;
  return random.chance(50);
}

SetMedia any_media_state(Random& random) {
  SetMedia media;
  media.audio = any_switch(random);
  media.video = any_switch(random);
  media.screen = any_switch(random);
  if (!media.audio && !media.video && !media.screen) media.audio = true;
  return media;
}

JoinCode any_code(UnixTime now, Random& random) {
  const JoinCodeId id(std::string_view("code" + std::to_string(random.below(4))));
  return {id, any_role(random), static_cast<std::uint32_t>(random.between(1, 3)), now + within(random, 1, 300) * 1000};
}

std::optional<std::uint32_t> any_expectation(Random& random) {
  if (random.chance(50)) return std::nullopt;
  return static_cast<std::uint32_t>(random.below(3));
}

SetAttribute any_attribute(Random& random) {
  SetAttribute set;
  set.key = random.chance(50) ? "topic" : "slide";
  if (random.chance(80)) set.value = "v" + std::to_string(random.below(9));
  set.expected = any_expectation(random);
  return set;
}

Mute any_mute(const std::vector<Person>& people, Random& random) {
  Mute mute;
  if (random.chance(70)) mute.user = anybody(people, random);
  mute.track = any_track(random);
  mute.mode = any_of(random, {MuteMode::ask, MuteMode::force, MuteMode::lift});
  if (mute.user.empty() && random.chance(50)) mute.except.push_back(anybody(people, random));
  return mute;
}

/// What somebody may do who is in a call, or may not.
CommandBody any_act(const std::vector<Person>& people, UnixTime now, Random& random) {
  switch (random.below(22)) {
    case 0: return Hold{};
    case 1: return Resume{};
    case 2: return Transfer{anybody(people, random)};
    case 3: return SwitchDevice{};
    case 4:
    case 5: return any_media_state(random);
    case 6: return RequestRole{random.chance(50) ? RoleName() : any_role(random)};
    case 7: return LowerHand{random.chance(50) ? UserId() : anybody(people, random)};
    case 8: return SetMetadata{"m" + std::to_string(random.below(5)), any_expectation(random)};
    case 9: return any_attribute(random);
    case 10:
    case 11: return any_mute(people, random);
    case 12: return SetRole{anybody(people, random), any_role(random)};
    case 13: return Kick{anybody(people, random), any_ban(random)};
    case 14: return Unban{anybody(people, random)};
    case 15: return random.chance(50) ? CommandBody(Lock{}) : CommandBody(Unlock{});
    case 16: return SetLobby{any_of(random, {LobbyRule::off, LobbyRule::on, LobbyRule::until_host})};
    case 17: return SetCapacity{static_cast<std::uint32_t>(random.between(1, 5))};
    case 18: return SetRecording{random.chance(70)};
    case 19: return Consent{random.chance(70)};
    case 20:
      return random.chance(70) ? CommandBody(AddJoinCode{any_code(now, random)})
                               : CommandBody(RemoveJoinCode{any_code(now, random).id});
    default: return Invite{anybody(people, random), {}, random.chance(70)};
  }
}

}  // namespace

struct Client::Hear {
  Client& me;
  const CallView& call;
  const CallEvent& event;
  Random& random;
  std::vector<Wish>& wishes;

  bool is_me(const UserId& user) const { return user == me.actor_.user; }
  bool is_mine() const { return me.mine_.contains(event.call); }
  void want(milliseconds in, CommandBody body) const { wishes.push_back({in, event.call, std::move(body), false}); }
  /// Whoever comes into a room is not to everybody's liking; some who dislike them have no say.
  void regard(const UserId& other) const {
    if (!call.is_room() || !is_mine() || !random.chance(12)) return;
    want(within(random, 500, 30'000), Kick{other, any_ban(random)});
  }

  template <class Body>
  void operator()(const Body&) const {}

  void operator()(const CallCreated& e) const {
    if (e.device != me.actor_.device || !is_me(e.caller)) return;
    me.mine_[event.call] = true;
    if (e.room && random.chance(85)) return want(within(random, 10, 4000), Join{random.chance(50)});
    if (random.chance(20)) want(within(random, 500, 40'000), CancelCall{});
  }
  void operator()(const DeviceRing& e) const {
    if (!is_me(e.user) || !(e.device.empty() || e.device == me.actor_.device)) return;
    want(within(random, 1, 50), AckDelivered{});
    if (random.chance(90)) want(within(random, 10, 400), AckAlerting{});
    const auto mood = random.below(100);
    const milliseconds thought = random.chance(90) ? within(random, 300, 15'000) : within(random, 15'000, 80'000);
    if (mood < 62) return me.mine_[event.call] = false, want(thought, Accept{});
    if (mood < 72) return want(thought, Decline{});
    if (mood < 77) return want(thought, Decline{.busy = true});
    if (mood < 84) return want(thought, Silence{});
  }
  void operator()(const DeviceDismiss& e) const {
    if (is_me(e.user) && e.device == me.actor_.device && e.outcome != DeviceOutcome::answered_here) me.mine_.erase(event.call);
  }
  void operator()(const LegEntered& e) const {
    if (is_me(e.user) && e.device == me.actor_.device) me.mine_.try_emplace(event.call, false);
  }
  /// Somebody in charge looks at the lobby.
  void operator()(const LegWaiting& e) const {
    if (is_me(e.user) || !is_mine() || random.chance(30)) return;
    const milliseconds thought = within(random, 300, 20'000);
    if (random.chance(60)) return want(thought, Admit{e.user});
    if (random.chance(40)) return want(thought, AdmitAll{});
    want(thought, Deny{e.user, any_ban(random)});
  }
  void operator()(const LegJoining& e) const {
    if (!is_me(e.user) || !is_mine() || random.chance(6)) return;
    const milliseconds in = within(random, 50, 3000);
    wishes.push_back({in / 2, event.call, {}, true});
    want(in, Join{random.chance(30)});
  }
  void operator()(const LegJoined& e) const {
    if (!is_me(e.user)) return regard(e.user);
    if (!is_mine()) return;
    const milliseconds talk = within(random, 1000, 120'000);
    const auto mood = random.below(100);
    if (mood < 35) want(talk, Leave{});
    if (mood >= 35 && mood < (call.is_room() ? 45u : 70u)) want(talk, EndCall{});
    if (random.chance(30)) want(talk / 2, Heartbeat{});
    if (random.chance(40)) want(within(random, 100, 2000), any_media_state(random));
  }
  /// Somebody is too loud for one who may have a say in it.
  void operator()(const LegMedia& e) const {
    if (is_me(e.user) || !is_mine() || !e.audio || !random.chance(15)) return;
    want(within(random, 300, 9000), Mute{.user = e.user, .track = Track::audio, .mode = MuteMode::force});
  }
  /// Some try to get their voice back, by asking for it or by the door.
  void operator()(const MuteForced& e) const {
    if (!is_me(e.user) || !is_mine() || e.lifted) return;
    const milliseconds thought = within(random, 300, 9000);
    if (random.chance(40)) want(thought, SetMedia{.audio = true});
    if (!random.chance(40)) return;
    want(thought * 2, Leave{});
    want(thought * 3, Join{});
  }
  void operator()(const LegLeased& e) const {
    const milliseconds until = e.until - event.at;
    if (is_me(e.user) && is_mine() && random.chance(85)) want(until * 3 / 4, Heartbeat{});
  }
  void operator()(const LegReconnecting& e) const {
    if (is_me(e.user) && is_mine()) want(within(random, 100, 8000), Heartbeat{});
  }
  void operator()(const HandChanged& e) const {
    if (!e.raised || is_me(e.user) || !is_mine()) return;
    if (random.chance(50))
      return want(within(random, 500, 8000), SetRole{e.user, e.wants.empty() ? RoleName("speaker") : e.wants});
    want(within(random, 500, 8000), LowerHand{e.user});
  }
  void operator()(const RecordingChanged& e) const {
    if (e.state == RecordingState::asked && is_mine()) want(within(random, 300, 5000), Consent{random.chance(85)});
  }
  void operator()(const LegFinal& e) const {
    if (is_me(e.user)) {
      me.mine_.erase(event.call);
      const bool sent_out = e.outcome == LegOutcome::kicked || e.outcome == LegOutcome::banned;
      if (sent_out && random.chance(60)) want(within(random, 300, 8000), Join{});  // loads the page anew
    }
    if (!is_me(e.user) && is_mine() && random.chance(25)) want(within(random, 500, 9000), Invite{e.user});
  }
  void operator()(const CallEnded&) const { me.mine_.erase(event.call); }
};

std::vector<Wish> Client::hear(const CallView& call, const CallEvent& event, Random& random) {
  std::vector<Wish> wishes;
  std::visit(Hear{*this, call, event, random, wishes}, event.body);
  return wishes;
}

std::vector<Wish> Client::think(const std::vector<Person>& people, const std::vector<CallId>& rooms, const CallId& fresh,
                                UnixTime now, Random& random) {
  std::vector<Wish> wishes;
  const auto want = [&](const CallId& call, CommandBody body) { wishes.push_back({{}, call, std::move(body), false}); };
  if (!mine_.empty() && random.chance(75)) {
    const CallId& call = mine_.begin()->first;
    if (random.chance(60)) want(call, any_act(people, now, random));
    return wishes;
  }
  if (!rooms.empty() && random.chance(60)) {
    const CallId& room = random.chance(70) ? rooms.back() : random.pick(rooms);
    mine_.try_emplace(room, false);
    want(room, random.chance(85) ? CommandBody(Join{random.chance(30)}) : CommandBody(Knock{}));
  } else if (random.chance(25)) {
    mine_[fresh] = true;
    want(fresh, any_room(people, now, random));
  } else if (StartCall start = any_start(people, actor_.user, random); !start.callees.empty()) {
    want(fresh, std::move(start));
  }
  return wishes;
}

CommandBody any_command(const std::vector<Person>& people, UnixTime now, Random& random) {
  switch (random.below(26)) {
    case 0: return any_start(people, {}, random);
    case 1: return any_room(people, now, random);
    case 2: return AckDelivered{};
    case 3: return AckAlerting{};
    case 4:
    case 5: return Accept{};
    case 6: return Decline{.busy = random.chance(50)};
    case 7: return Silence{};
    case 8: return CancelCall{random.chance(10) ? std::string(65, 'x') : std::string()};
    case 9:
    case 10: return Join{random.chance(50)};
    case 11: return Leave{};
    case 12: return EndCall{random.chance(10) ? "bye" : ""};
    case 13: return Heartbeat{};
    case 14: return CancelInvite{anybody(people, random)};
    case 15: return Knock{random.chance(20) ? "let me in" : ""};
    case 16: return RenewToken{};
    case 17: return random.chance(50) ? CommandBody(Admit{anybody(people, random)}) : CommandBody(AdmitAll{});
    case 18: return Deny{anybody(people, random), any_ban(random)};
    case 19: return SetPasscode{PasscodeStamp(random.below(3))};
    default: return any_act(people, now, random);
  }
}

}  // namespace zegocall::sim
