// ClientOptions, checked and put into the words of the layers below.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/stream.hpp"
#include "server/client_url.hpp"
#include "signaling/client/core.hpp"
#include "zegocall/client.hpp"

namespace zegocall::server_detail {

struct ClientPlan {
  std::string look_up;          ///< the host to find addresses of: the server's, or the proxy's
  net_detail::StreamTarget to;  ///< without addresses
  std::string head;             ///< "Host: ...\r\n" and the headers of the options
  client_detail::CoreOptions core;
};

/// Errors: those of Client::open.
Result<ClientPlan> plan_client(const ClientOptions& options, const ClientWiring& wiring);

}  // namespace zegocall::server_detail
