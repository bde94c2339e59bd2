#include "net/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace zegocall::net_detail {
namespace {

/// What one customer has: an IPv4 address, or an IPv6 /64.
std::array<unsigned char, 9> tally_key(const PeerAddress& address) {
  std::array<unsigned char, 9> out{static_cast<unsigned char>(address.is_v6 ? 6 : 4)};
  std::copy_n(address.bytes.begin(), 8, out.begin() + 1);
  return out;
}

}  // namespace

PeerAddress PeerAddress::of(const sockaddr& from) {
  PeerAddress out;
  if (from.sa_family == AF_UNIX) {
    out.is_unix = true;
  } else if (from.sa_family == AF_INET) {
    std::memcpy(out.bytes.data(), &reinterpret_cast<const sockaddr_in&>(from).sin_addr, 4);
  } else {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(from).sin6_addr;
    out.is_v6 = !IN6_IS_ADDR_V4MAPPED(&v6);
    std::memcpy(out.bytes.data(), v6.s6_addr + (out.is_v6 ? 0 : 12), out.is_v6 ? 16 : 4);
  }
  return out;
}

std::string PeerAddress::text() const {
  if (is_unix) return "unix";
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
  return out.data();
}

bool AddressTally::enter(const std::shared_ptr<AddressTally>& tally, const PeerAddress& address, std::size_t max, Place& out) {
  Place place;
  {
    const std::scoped_lock lock(tally->mutex_);
    const auto [at, fresh] = tally->counts_.try_emplace(tally_key(address), 0);
    if (!fresh && at->second >= max) return false;
    ++at->second;
    place.at_ = at;
  }
  place.tally_ = tally;
  out = std::move(place);
  return true;
}

AddressTally::Place& AddressTally::Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  leave();
  tally_ = std::move(other.tally_);
  at_ = other.at_;
  return *this;
}

void AddressTally::Place::leave() {
  const auto tally = std::exchange(tally_, nullptr);
  if (!tally) return;
  const std::scoped_lock lock(tally->mutex_);
  if (--at_->second == 0) tally->counts_.erase(at_);
}

}  // namespace zegocall::net_detail
