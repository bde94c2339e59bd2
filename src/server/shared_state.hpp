// What the loops of one server know together. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "signaling/hub/addresses.hpp"

namespace zegocall::server_detail {

/// Counts addresses for all loops: a client's connections may be on any of them.
class SharedAddresses final : public hub_detail::AddressBook {
 public:
  explicit SharedAddresses(const hub_detail::HubLimits& limits) : all_(limits) {}
  bool is_full(std::string_view address) override {
    const std::scoped_lock lock(mutex_);
    return all_.is_full(address);
  }
  hub_detail::AddressUse* enter(std::string_view address, SteadyTime now) override {
    const std::scoped_lock lock(mutex_);
    return all_.enter(address, now);
  }
  void leave(hub_detail::AddressUse* use) override {
    const std::scoped_lock lock(mutex_);
    all_.leave(use);
  }
  bool take_packet(hub_detail::AddressUse& use, SteadyTime now) override {
    const std::scoped_lock lock(mutex_);
    return all_.take_packet(use, now);
  }

 private:
  std::mutex mutex_;
  hub_detail::Addresses all_;
};

/// The loop of each connection that may be lost and come back, by its secret name.
class HomeDirectory {
 public:
  void set(std::string_view pid, unsigned loop) {
    const std::scoped_lock lock(mutex_);
    loops_.insert_or_assign(std::string(pid), loop);
  }
  /// Unless it is another loop's by now.
  void clear(std::string_view pid, unsigned loop) {
    const std::scoped_lock lock(mutex_);
    const auto found = loops_.find(std::string(pid));
    if (found != loops_.end() && found->second == loop) loops_.erase(found);
  }
  std::optional<unsigned> find(std::string_view pid) {
    const std::scoped_lock lock(mutex_);
    const auto found = loops_.find(std::string(pid));
    return found == loops_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, unsigned> loops_;
};

}  // namespace zegocall::server_detail
