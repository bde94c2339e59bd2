// Namespaces and hubs of the tests over a whole hub.
#pragma once

#include "server/socket_client.hpp"

namespace zegocall::server_test {

inline Hub open(Namespace ns, std::vector<Driven*> driven = {}, HubOptions options = {}) {
  return Hub::open(std::move(options), {.namespaces = {std::move(ns)}, .driven = std::move(driven)}).value();
}

/// `{"user": NAME}` is let in.
inline Namespace with_users() {
  Namespace ns;
  ns.authenticate([](const Handshake& shake) -> Result<Identity> {
    return shake.auth().get<UserId>("user").transform([](const UserId& user) { return Identity{.user = user}; });
  });
  return ns;
}

inline EventHandler pong() {
  return [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); };
}

}  // namespace zegocall::server_test
