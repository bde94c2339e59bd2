// The address that a Client is given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

struct ClientUrl {
  bool tls = false;
  std::string host;       ///< without the brackets of a v6 address
  std::string authority;  ///< what goes into the Host header
  std::uint16_t port = 80;
  std::string nsp = "/";  ///< the path
  std::string query;      ///< without the '?'
};

/// invalid_argument with field "url".
Result<ClientUrl> parse_client_url(std::string_view url);

}  // namespace zegocall::server_detail
