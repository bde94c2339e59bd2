// What a loop knows of the live calls, so that it can relay without asking anybody.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall::gateway_detail {

/// The people of one live call, as far as relays need to know. Immutable once shared.
struct LiveCall {
  struct Member {
    UserId user{};
    bool unbound = false;  ///< said yes, but none of the person's devices holds the leg yet
    bool hidden = false;   ///< I18: is not to hear of it
  };
  std::vector<Member> members{};
  bool entering = false;  ///< answered, and somebody is still on the way in

  const Member* find(const UserId& user) const {
    const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.user == user; });
    return found == members.end() ? nullptr : &*found;
  }

  static std::shared_ptr<const LiveCall> of(const CallView& call) {
    auto out = std::make_shared<LiveCall>();
    for (const LegView& leg : call.legs) {
      if (leg.state == LegState::final) continue;
      const bool in = leg.state == LegState::joining || leg.state == LegState::joined || leg.state == LegState::reconnecting;
      out->members.push_back({leg.user, in && call.answered_at && leg.device.empty(), leg.hidden});
      out->entering = out->entering || leg.state == LegState::joining;
    }
    return out;
  }
};

/// One loop's calls. That loop's thread only.
using LiveCalls = std::unordered_map<CallId, std::shared_ptr<const LiveCall>>;

}  // namespace zegocall::gateway_detail
