#include "server/wiring.hpp"

#include "server/request.hpp"
#include "server/url.hpp"

namespace zegocall {

Namespace::Namespace(std::string name) : parts_(std::make_unique<server_detail::NamespaceParts>()) {
  parts_->name = std::move(name);
}
Namespace::Namespace(const Namespace& other) : parts_(std::make_unique<server_detail::NamespaceParts>(*other.parts_)) {}
Namespace::Namespace(Namespace&& other) noexcept : parts_(std::move(other.parts_)) {}
Namespace& Namespace::operator=(const Namespace& other) {
  if (this != &other) parts_ = std::make_unique<server_detail::NamespaceParts>(*other.parts_);
  return *this;
}
Namespace& Namespace::operator=(Namespace&& other) noexcept = default;
Namespace::~Namespace() = default;

std::string_view Namespace::name() const { return parts_->name; }

Namespace& Namespace::authenticate(std::function<Result<Identity>(const Handshake&)> who, Run run) {
  parts_->who = std::move(who);
  parts_->who_run = run;
  return *this;
}

Namespace& Namespace::filter(std::function<Result<void>(const Event&)> allow) {
  parts_->filter = std::move(allow);
  return *this;
}

Namespace& Namespace::on_connect(std::function<void(const Event&)> handler, Run run) {
  parts_->on_connect.push_back({std::move(handler), run});
  return *this;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the namespace keeps it
Namespace& Namespace::on(std::string event, EventHandler handler, Run run) {
  if (!parts_->rules.try_emplace(event, server_detail::EventRule{{}, std::move(handler), run}).second)
    parts_->repeated.push_back(event);
  return *this;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the namespace keeps it
Namespace& Namespace::on(std::string event, EventTry quick, EventHandler otherwise) {
  server_detail::EventRule rule{std::move(quick), std::move(otherwise), Run::service};
  if (!parts_->rules.try_emplace(event, std::move(rule)).second) parts_->repeated.push_back(event);
  return *this;
}

Namespace& Namespace::on_disconnect(std::function<void(const Event&, std::string_view)> handler, Run run) {
  parts_->on_disconnect.push_back({std::move(handler), run});
  return *this;
}

Namespace& Namespace::on_error(std::function<Args(const Error&)> shape) {
  parts_->error_shape = std::move(shape);
  return *this;
}

Namespace& Namespace::on_open(std::function<void(const HubAccess&)> handler) {
  parts_->on_open.push_back(std::move(handler));
  return *this;
}

JsonView Handshake::auth() const { return state_->auth; }
std::string_view Handshake::address() const { return state_->request->address; }
ConnectionId Handshake::connection() const { return state_->connection; }
Now Handshake::now() const { return state_->now; }

std::optional<std::string> Handshake::header(std::string_view name) const {
  const std::string wanted = server_detail::lower_case(name);
  for (const auto& [key, value] : state_->request->fields)
    if (key == wanted) return value;
  return std::nullopt;
}

std::optional<std::string> Handshake::query(std::string_view name) const {
  return server_detail::query_value(state_->request->query, name);
}

std::string_view Event::name() const { return state_->name; }
ArgsView Event::args() const { return state_->args; }
bool Event::wants_ack() const { return state_->wants_ack; }
Now Event::now() const { return state_->now; }
const ConnectionId& Event::connection() const { return state_->who.id; }
const Identity& Event::identity() const { return state_->who.identity; }
unsigned Event::loop() const { return state_->who.loop; }

namespace server_detail {

Args shaped_refusal(const NamespaceParts& ns, const Error& error) {
  if (ns.error_shape) return ns.error_shape(error);
  return Args{error_object(error)};
}

}  // namespace server_detail
}  // namespace zegocall
