// The address of an outgoing request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::net_detail {

struct HttpUrl {
  bool tls = true;
  std::string host;  ///< lower case, without the brackets of a v6 address
  std::uint16_t port = 443;
  std::string authority;     ///< what goes into the Host header
  std::string target = "/";  ///< path and query

  /// "host:port", as a CONNECT names it.
  std::string host_and_port() const;
};

/// http and https with a host, without user, password or fragment, every byte printable ASCII. invalid_argument with `field`.
Result<HttpUrl> parse_http_url(std::string_view url, std::string_view field);

}  // namespace zegocall::net_detail
