// Who is online with which devices, as far as it has been committed.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/planted_fault.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall::service_detail {

/// Moves within a transaction are taken back by revert() and kept by settle(). Thread-compatible.
class Presence {
 public:
  void move(const Actor& actor, bool online) {
    if (is_online(actor) == online) return;
    std::vector<DeviceId>& devices = online_[actor.user];
    moved_.emplace_back(actor.user, devices);
    if (online)
      devices.push_back(actor.device);
    else
      std::erase(devices, actor.device);
    if (devices.empty()) online_.erase(actor.user);
  }
  void settle() { moved_.clear(); }
  void revert() {
    if (ZC_PLANTED(keep_presence)) return moved_.clear();
    for (auto it = moved_.rbegin(); it != moved_.rend(); ++it) {
      if (it->second.empty())
        online_.erase(it->first);
      else
        online_[it->first] = std::move(it->second);
    }
    moved_.clear();
  }

  bool is_online(const Actor& actor) const {
    const auto found = online_.find(actor.user);
    return found != online_.end() && std::find(found->second.begin(), found->second.end(), actor.device) != found->second.end();
  }
  const std::map<UserId, std::vector<DeviceId>>& online() const { return online_; }

 private:
  std::map<UserId, std::vector<DeviceId>> online_;
  std::vector<std::pair<UserId, std::vector<DeviceId>>> moved_;  // whose devices, and what they were, newest last
};

}  // namespace zegocall::service_detail
