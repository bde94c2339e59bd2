// Calls that were decoded or written lately, so that a command does not decode what the one before it wrote.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "zegocall/call/model.hpp"

namespace zegocall::sqlite_detail {

/// Right only while nobody changes a call without raising its version: the store clears it when a transaction
/// is taken back, when a person is erased, and when another connection wrote to the file.
class ViewCache {
 public:
  static constexpr std::size_t calls_max = 1024;
  static constexpr std::size_t legs_max = 64;  // a bigger call is not kept: a thousand of them would be a lot of memory

  const CallView* find(const CallId& id, Version version) const {
    const auto found = views_.find(id);
    return found == views_.end() || found->second.version != version ? nullptr : &found->second;
  }
  void put(const CallView& call) {
    if (call.state == CallState::ended || call.legs.size() > legs_max) {
      views_.erase(call.id);
      return;
    }
    if (views_.size() >= calls_max) views_.clear();
    views_.insert_or_assign(call.id, call);
  }
  void clear() { views_.clear(); }

 private:
  std::unordered_map<CallId, CallView> views_{};
};

}  // namespace zegocall::sqlite_detail
