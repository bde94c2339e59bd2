#include "sim/cut.hpp"

#include <algorithm>
#include <utility>

namespace zegocall::sim {
namespace {

constexpr milliseconds provider_tries{62'000};  // after 2, 4, 8, 16 and 32 seconds, and never again

bool among(const std::vector<Actor>& devices, const Actor& actor) {
  return std::any_of(devices.begin(), devices.end(), [&](const Actor& each) {
    return each.user == actor.user && (actor.device.empty() || each.device == actor.device);
  });
}

}  // namespace

bool Cut::holds(const Actor& actor) const { return among(devices_, actor); }

void Cut::begin(std::vector<Actor> devices, bool provider) {
  on_ = true;
  ++number_;
  devices_ = std::move(devices);
  provider_ = provider;
}

bool Cut::stops(const Step& step, milliseconds now) {
  const bool sent = step.verb == Verb::connect || step.verb == Verb::command || step.verb == Verb::token;
  const bool stopped = (sent && holds(step.command.by)) || (provider_ && step.verb == Verb::callback);
  if (stopped) held_.push_back({now, step});
  return stopped;
}

std::vector<Step> Cut::heal(milliseconds now) {
  std::vector<Step> out;
  for (Held& held : held_) {
    const bool told = held.step.verb == Verb::callback;
    const bool lost =
        told ? held.since + provider_tries < now : held.step.verb != Verb::connect && among(given_up_, held.step.command.by);
    if (!lost) out.push_back(std::move(held.step));
  }
  on_ = provider_ = false;
  devices_.clear(), given_up_.clear(), held_.clear();
  return out;
}

}  // namespace zegocall::sim
