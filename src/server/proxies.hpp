// Who really asks, where proxies stand between. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/net.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/server/hub_options.hpp"

namespace zegocall::server_detail {

/// A numeric address; v4 in v6 is v4.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v6 = false;

  static std::optional<IpAddress> of(std::string_view text);
  std::string text() const;
  unsigned bits() const { return is_v6 ? 128 : 32; }
};

/// Who asks, as far as it can be known.
struct Asker {
  std::string address;
  bool secure = false;  ///< a trusted proxy says that its client came by https
};

class Proxies {
 public:
  Proxies() = default;
  /// Errors: invalid_argument (trusted_proxies.N): no address, no prefix, and not "unix".
  static Result<Proxies> of(const std::vector<std::string>& trusted, ProxyHeader header);

  /// Only what a trusted peer says is believed, and of the addresses that it names, from the nearest on, only those up to
  /// the first that is no trusted proxy itself: what stands before that, anybody can have written.
  Asker asker(const net_detail::RequestHead& head) const;
  /// Whether what this peer says of its client is believed.
  bool trusts(std::string_view address) const;
  bool any() const { return unix_ || !trusted_.empty(); }

 private:
  struct Prefix {
    IpAddress address;
    unsigned bits = 0;
  };
  Asker by_x_forwarded(const net_detail::RequestHead& head) const;
  Asker by_forwarded(const net_detail::RequestHead& head) const;

  std::vector<Prefix> trusted_;
  bool unix_ = false;
  ProxyHeader header_ = ProxyHeader::x_forwarded_for;
};

}  // namespace zegocall::server_detail
