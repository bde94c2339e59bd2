#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace zegocall::net_detail {

std::optional<SocketAddress> numeric_address(const std::string& text, std::uint16_t port) {
  SocketAddress out;
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    out.size = sizeof v4;
    return out;
  }
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) return {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  out.size = sizeof v6;
  return out;
}

}  // namespace zegocall::net_detail
