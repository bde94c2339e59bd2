// An address as the kernel's calls want it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace zegocall::net_detail {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Of IPv4 or IPv6 in numbers; nothing for any other text. Asks nobody.
std::optional<SocketAddress> numeric_address(const std::string& text, std::uint16_t port);

}  // namespace zegocall::net_detail
