#include "sim/people.hpp"

#include <array>

namespace zegocall::sim {
namespace {

milliseconds within(Random& random, int low, int high) { return milliseconds(random.between(low, high)); }

const UserId& anybody(const std::vector<Person>& people, Random& random) { return random.pick(people).user; }

Media any_media(Random& random) { return random.chance(50) ? Media::audio : Media::video; }

}  // namespace

struct Client::Hear {
  Client& me;
  const CallEvent& event;
  Random& random;
  std::vector<Wish>& wishes;

  bool is_me(const UserId& user) const { return user == me.actor_.user; }
  void want(milliseconds in, CommandBody body) const { wishes.push_back({in, event.call, std::move(body), false}); }

  template <class Body>
  void operator()(const Body&) const {}

  void operator()(const CallCreated& e) const {
    if (e.device == me.actor_.device && is_me(e.caller)) me.mine_[event.call] = true;
    if (is_me(e.caller) && random.chance(20)) want(within(random, 500, 40'000), CancelCall{});
  }
  void operator()(const DeviceRing& e) const {
    if (!is_me(e.user) || !(e.device.empty() || e.device == me.actor_.device)) return;
    want(within(random, 1, 50), AckDelivered{});
    if (random.chance(90)) want(within(random, 10, 400), AckAlerting{});
    const auto mood = random.below(100);
    const milliseconds thought = random.chance(90) ? within(random, 300, 15'000) : within(random, 15'000, 80'000);
    if (mood < 62) return me.mine_[event.call] = true, want(thought, Accept{});
    if (mood < 72) return want(thought, Decline{});
    if (mood < 77) return want(thought, Decline{.busy = true});
    if (mood < 84) return want(thought, Silence{});
  }
  void operator()(const DeviceDismiss& e) const {
    if (is_me(e.user) && e.device == me.actor_.device && e.outcome != DeviceOutcome::answered_here) me.mine_.erase(event.call);
  }
  void operator()(const LegJoining& e) const {
    if (!is_me(e.user) || !me.mine_.contains(event.call) || random.chance(6)) return;
    const milliseconds in = within(random, 50, 3000);
    wishes.push_back({in / 2, event.call, {}, true});
    want(in, Join{});
  }
  void operator()(const LegJoined& e) const {
    if (!is_me(e.user) || !me.mine_.contains(event.call)) return;
    const milliseconds talk = within(random, 1000, 120'000);
    const auto mood = random.below(100);
    if (mood < 35) want(talk, Leave{});
    if (mood >= 35 && mood < 70) want(talk, EndCall{});
    if (random.chance(30)) want(talk / 2, Heartbeat{});
  }
  void operator()(const LegReconnecting& e) const {
    if (is_me(e.user) && me.mine_.contains(event.call)) want(within(random, 100, 8000), Heartbeat{});
  }
  void operator()(const LegFinal& e) const {
    if (is_me(e.user)) me.mine_.erase(event.call);
    if (!is_me(e.user) && me.mine_.contains(event.call) && random.chance(25)) want(within(random, 500, 9000), Invite{e.user});
  }
  void operator()(const CallEnded&) const { me.mine_.erase(event.call); }
};

std::vector<Wish> Client::hear(const CallEvent& event, Random& random) {
  std::vector<Wish> wishes;
  std::visit(Hear{*this, event, random, wishes}, event.body);
  return wishes;
}

std::vector<Wish> Client::think(const std::vector<Person>& people, const CallId& fresh, Random& random) const {
  if (!mine_.empty() && random.chance(70)) return {};
  const UserId& other = anybody(people, random);
  if (other == actor_.user) return {};
  return {{milliseconds(0), fresh, StartCall{.callees = {other}, .media = any_media(random)}, false}};
}

CommandBody any_command(const std::vector<Person>& people, Random& random) {
  switch (random.below(14)) {
    case 0: return StartCall{.callees = {anybody(people, random)}, .media = any_media(random)};
    case 1: return Invite{anybody(people, random)};
    case 2: return AckDelivered{};
    case 3: return AckAlerting{};
    case 4: return Accept{};
    case 5: return Decline{.busy = random.chance(50)};
    case 6: return Silence{};
    case 7: return CancelCall{random.chance(10) ? std::string(65, 'x') : std::string()};
    case 8: return Join{};
    case 9: return Leave{};
    case 10: return EndCall{random.chance(10) ? "bye" : ""};
    case 11: return Heartbeat{};
    case 12: return Accept{};
    default: return Join{};
  }
}

}  // namespace zegocall::sim
