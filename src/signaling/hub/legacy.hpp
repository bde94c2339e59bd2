// What clients of Socket.IO 2, which come over Engine.IO v3, do differently.
#pragma once

#include <string>
#include <string_view>

namespace zegocall::hub_detail {

/// The namespace of a CONNECT and what came behind it: such clients have no `auth` but a query, "/chat?token=x".
struct LegacyConnect {
  std::string_view ns;
  std::string auth;  ///< a JSON object with the query's members as strings, the last of each name
};
LegacyConnect read_legacy_connect(std::string_view nsp);

}  // namespace zegocall::hub_detail
