#include "sim/reading.hpp"

#include <algorithm>

#include "sim/broken.hpp"

namespace zegocall::sim {

struct Reading::Take {
  Reading& me;

  void operator()(const CallCreated& e) const {
    me.caller_ = e.caller;
    me.legs_.push_back({.user = e.caller, .place = Place::waiting, .since = me.at_});
  }
  void operator()(const LegInvited& e) const {
    require(e.leg == me.legs_.size() + 1, "I9", "a new leg has another number than the next");
    require(!me.live_leg(e.user), "I4", "somebody is invited who has a live leg");
    me.legs_.push_back({.user = e.user, .rung = true, .place = Place::rung, .since = me.at_});
  }
  void operator()(const DeviceRing& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.place == Place::rung, "I2", "a device is rung for a leg that does not ring");
    if (!e.device.empty()) leg.devices.try_emplace(e.device);
  }
  void operator()(const LegDelivered& e) const { heard(me.live(e.leg, e.user), e.device); }
  void operator()(const LegAlerting& e) const { heard(me.live(e.leg, e.user), e.device); }
  void operator()(const LegAccepted& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.rung && leg.place == Place::rung, "I2", "a leg is accepted that does not ring");
    me.answered_ = true;
    me.move(leg, Place::waiting);
  }
  void operator()(const DeviceDismiss& e) const {
    Leg& leg = me.live(e.leg, e.user);
    if (e.outcome == DeviceOutcome::answered_here) require(++leg.winners == 1, "I3", "two devices have won a leg");
    if (!leg.rung) return;
    auto& told = leg.devices[e.device];
    require(!told, "I2", "a device is told a second outcome");
    told = e.outcome;
  }
  void operator()(const LegJoining& e) const { me.move(me.live(e.leg, e.user), Place::coming); }
  void operator()(const LegJoined& e) const { me.move(me.live(e.leg, e.user), Place::in); }
  void operator()(const LegReconnecting& e) const { me.move(me.live(e.leg, e.user), Place::away); }
  void operator()(const LegResumed& e) const {
    Leg& leg = me.live(e.leg, e.user);
    require(leg.place == Place::away, "I7", "a leg is resumed that was not away");
    me.move(leg, me.answered_ ? Place::in : Place::waiting);
  }
  void operator()(const LegFinal& e) const {
    Leg& leg = me.live(e.leg, e.user);
    for (const auto& [device, told] : leg.devices)
      if (!told) broken("I2", "a leg ends and its device " + device.str() + " was told no outcome");
    leg.outcome = e.outcome;
    me.move(leg, Place::over);
  }
  void operator()(const CallActive&) const {
    require(!me.active_, "I7", "a call becomes active a second time");
    me.active_ = true;
  }
  void operator()(const CallEnded& e) const {
    require(me.in(Place::over) == me.legs_.size(), "I2", "the call ends and a leg has no outcome");
    me.ended_ = true;
    me.outcome_ = e.outcome;
  }

  static void heard(Leg& leg, const DeviceId& device) {
    require(leg.place == Place::rung, "I2", "a leg is heard of that does not ring");
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
