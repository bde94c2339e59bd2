// What stands behind Namespace, Event and Handshake.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
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
  std::vector<std::function<Result<void>(const Handshake&)>> admits;
  std::vector<std::function<Result<void>(const Event&)>> filters;
  std::map<std::string, EventRule, std::less<>> rules;
  std::optional<EventRule> other;     ///< for the events without a rule
  std::vector<std::string> repeated;  ///< what was given a second handler
  std::vector<const char*> missing;   ///< what was called with a function that is none
  std::vector<Placed<std::function<void(const Event&)>>> on_connect;
  std::vector<Placed<std::function<void(const Event&)>>> on_resync;
  std::vector<Placed<std::function<void(const Event&, std::string_view)>>> on_disconnect;
  std::map<std::string, std::function<void(ArgsView)>, std::less<>> server_rules;
  std::function<Args(const Error&)> error_shape;
  std::function<Json(const Error&)> refusal_shape;
  std::vector<std::function<void(const HubAccess&)>> on_open;

  /// What handles an event of this name; null: nobody.
  const EventRule* rule_of(std::string_view event) const {
    const auto found = rules.find(event);
    if (found != rules.end()) return &found->second;
    return other ? &*other : nullptr;
  }
  bool has_pattern() const { return name.find('*') != std::string::npos; }
  bool lets_all_in() const { return !who && admits.empty(); }
};

/// True if the name is one of those that a pattern stands for: each `*` is one or more characters other than a slash.
bool fits_pattern(std::string_view pattern, std::string_view name);

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
  std::string_view address() const override { return info->address; }
  std::shared_ptr<const RequestInfo> info;
};

struct HandshakeState {
  std::shared_ptr<const RequestInfo> request;
  JsonView auth;
  std::string ns;
  ConnectionId connection;
  Now now{};
};

/// The checks of a handshake, then the question who it is.
Result<Identity> authenticate(const NamespaceParts& ns, const HandshakeState& state);

/// What a host's handlers keep for a connection.
struct OwnData {
  const std::type_info* type = nullptr;
  std::shared_ptr<void> value;
};

/// Who a connection is; fixed once it is accepted.
struct ConnectionInfo {
  Identity identity;
  ConnectionId id;
  std::uint16_t ns = 0;                      ///< the number of its wiring
  std::shared_ptr<const std::string> space;  ///< the namespace's name, if a pattern made it
  bool recovered = false;
  std::optional<Args> resync;  ///< what on_resync is to be told
  mutable OwnData own;         ///< its handlers', which are called one at a time
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

/// CONNECT_ERROR's `data`: {"code", ...} or the namespace's own shape.
Json refusal_data(const NamespaceParts& ns, const Error& error);
/// {"error": {...}} or the namespace's own shape.
Args shaped_refusal(const NamespaceParts& ns, const Error& error);

}  // namespace zegocall::server_detail
