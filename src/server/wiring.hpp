// What stands behind Namespace, Event and Handshake.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/cors.hpp"
#include "signaling/hub/core.hpp"
#include "zegocall/hub.hpp"

namespace zegocall::server_detail {

struct EventRule {
  EventTry quick;  ///< on the loop, first; or none
  EventHandler handler;
  Run run = Run::loop;
};

template <class Handler>
struct Placed {
  Handler handler;
  Run run = Run::loop;
};

/// What a Namespace was told, unchecked.
struct NamespaceParts {
  std::string name;
  std::function<Result<Identity>(const Handshake&)> who;
  Run who_run = Run::loop;
  std::function<Result<void>(const Event&)> filter;
  std::map<std::string, EventRule, std::less<>> rules;
  std::vector<std::string> repeated;  ///< events that were given a second handler
  std::vector<Placed<std::function<void(const Event&)>>> on_connect;
  std::vector<Placed<std::function<void(const Event&, std::string_view)>>> on_disconnect;
  std::function<Args(const Error&)> error_shape;
  std::vector<std::function<void(const HubAccess&)>> on_open;
};

struct NamespaceAccess {
  static const NamespaceParts& parts(const Namespace& ns) { return *ns.parts_; }
};

/// The request that opened a session.
struct RequestInfo {
  std::string query, address;
  HeaderList fields;  ///< names in lower case
};

/// How a session keeps it; shared, because a handler on the service thread may outlive the session.
struct SessionContext final : hub_detail::HandshakeContext {
  explicit SessionContext(RequestInfo request) : info(std::make_shared<const RequestInfo>(std::move(request))) {}
  std::shared_ptr<const RequestInfo> info;
};

struct HandshakeState {
  std::shared_ptr<const RequestInfo> request;
  JsonView auth;
  ConnectionId connection;
  Now now{};
};

/// Who a connection is; fixed once it is accepted.
struct ConnectionInfo {
  Identity identity;
  ConnectionId id;
  std::uint16_t ns = 0;
  unsigned loop = 0;
  hub_detail::Connection handle{};
};

/// One event for the time of a handler's call.
struct EventState {
  Server& server;
  const ConnectionInfo& who;
  std::string_view name;
  ArgsView args;
  bool wants_ack = false;
  Now now{};
};

/// {"error": {...}} or the namespace's own shape.
Args shaped_refusal(const NamespaceParts& ns, const Error& error);

}  // namespace zegocall::server_detail
