// The counters of a server as Prometheus text.
#pragma once

#include <string>

#include "server/loop_host.hpp"

namespace zegocall::server_detail {

/// Summed over the loops; each adds its own on its own thread.
struct Numbers {
  hub_detail::Counters hub;
  net_detail::ListenerCounters net;
  LoopCounters loop;
  void add(const LoopHost& host);
};

/// With what HubOptions::metrics adds; throws what that throws.
std::string metrics_text(const Numbers& numbers, Server& server);

}  // namespace zegocall::server_detail
