// What the clients of one address do together: its sessions, and the packets of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/address_key.hpp"
#include "signaling/hub/settings.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::hub_detail {

/// Allows so much at once, and refills with time.
struct RateBucket {
  std::uint32_t tokens = 0;
  SteadyTime refilled{};
};

/// Takes one, after filling a bucket that is empty; false if it still is. `per_second` 0: there is no limit.
bool take_token(RateBucket& bucket, std::uint32_t per_second, std::uint32_t burst, SteadyTime now);

using base_detail::address_key;

/// The sessions from one address.
struct AddressUse {
  std::size_t sessions = 0;
  RateBucket packets;
};

/// Who counts addresses: each core by itself, or one for several cores.
class AddressBook {
 public:
  virtual ~AddressBook() = default;
  /// True if this address has as many sessions as it may.
  virtual bool is_full(std::string_view address) = 0;
  /// One more session; until leave() of what is returned.
  virtual AddressUse* enter(std::string_view address, SteadyTime now) = 0;
  virtual void leave(AddressUse* use) = 0;
  /// One more packet; false if that is too many.
  virtual bool take_packet(AddressUse& use, SteadyTime now) = 0;
};

/// For one thread.
class Addresses final : public AddressBook {
 public:
  explicit Addresses(const HubLimits& limits) : limits_(limits) {}
  bool is_full(std::string_view address) override;
  AddressUse* enter(std::string_view address, SteadyTime now) override;
  /// An address that spent its packets is remembered until it has them again, or reconnecting would be a way around.
  void leave(AddressUse* use) override { --use->sessions; }
  bool take_packet(AddressUse& use, SteadyTime now) override;

 private:
  void sweep(SteadyTime now);
  const HubLimits limits_;
  std::unordered_map<std::string, AddressUse> uses_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace zegocall::hub_detail
