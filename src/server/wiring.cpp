#include "server/wiring.hpp"

#include "server/request.hpp"
#include "server/server.hpp"
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
  if (!who) parts_->missing.push_back("authenticate");
  if (parts_->who) parts_->repeated.emplace_back("authenticate");
  parts_->who = std::move(who);
  parts_->who_run = run;
  return *this;
}

Namespace& Namespace::filter(std::function<Result<void>(const Event&)> allow) {
  if (!allow) parts_->missing.push_back("filter");
  parts_->filters.push_back(std::move(allow));
  return *this;
}

Namespace& Namespace::admit(std::function<Result<void>(const Handshake&)> check) {
  if (!check) parts_->missing.push_back("admit");
  parts_->admits.push_back(std::move(check));
  return *this;
}

Namespace& Namespace::on_resync(std::function<void(const Event&)> handler, Run run) {
  if (!handler) parts_->missing.push_back("on_resync");
  parts_->on_resync.push_back({std::move(handler), run});
  return *this;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the namespace keeps it
Namespace& Namespace::on_server_event(std::string event, std::function<void(ArgsView)> handler) {
  if (!handler) parts_->missing.push_back("on_server_event");
  if (!parts_->server_rules.try_emplace(event, std::move(handler)).second)
    parts_->repeated.push_back("the event \"" + event + "\"");
  return *this;
}

Namespace& Namespace::on_connect(std::function<void(const Event&)> handler, Run run) {
  if (!handler) parts_->missing.push_back("on_connect");
  parts_->on_connect.push_back({std::move(handler), run});
  return *this;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the namespace keeps it
Namespace& Namespace::on(std::string event, EventHandler handler, Run run) {
  if (!parts_->rules.try_emplace(event, server_detail::EventRule{{}, std::move(handler), run}).second)
    parts_->repeated.push_back("the event \"" + event + "\"");
  return *this;
}

Namespace& Namespace::on_other(EventHandler handler, Run run) {
  if (!handler) parts_->missing.push_back("on_other");
  if (parts_->other) parts_->repeated.emplace_back("on_other");
  parts_->other = server_detail::EventRule{{}, std::move(handler), run};
  return *this;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the namespace keeps it
Namespace& Namespace::on(std::string event, EventTry quick, EventHandler otherwise) {
  if (!quick) parts_->missing.push_back("on");
  server_detail::EventRule rule{std::move(quick), std::move(otherwise), Run::service};
  if (!parts_->rules.try_emplace(event, std::move(rule)).second) parts_->repeated.push_back("the event \"" + event + "\"");
  return *this;
}

Namespace& Namespace::on_disconnect(std::function<void(const Event&, std::string_view)> handler, Run run) {
  if (!handler) parts_->missing.push_back("on_disconnect");
  parts_->on_disconnect.push_back({std::move(handler), run});
  return *this;
}

Namespace& Namespace::on_error(std::function<Args(const Error&)> shape) {
  if (!shape) parts_->missing.push_back("on_error");
  parts_->error_shape = std::move(shape);
  return *this;
}

Namespace& Namespace::refusal_data(std::function<Json(const Error&)> shape) {
  if (!shape) parts_->missing.push_back("refusal_data");
  parts_->refusal_shape = std::move(shape);
  return *this;
}

Namespace& Namespace::on_open(std::function<void(const HubAccess&)> handler) {
  if (!handler) parts_->missing.push_back("on_open");
  parts_->on_open.push_back(std::move(handler));
  return *this;
}

JsonView Handshake::auth() const { return state_->auth; }
std::string_view Handshake::ns() const { return state_->ns; }
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
bool Event::recovered() const { return state_->who.recovered; }

std::string_view Event::ns() const {
  const server_detail::ConnectionInfo& who = state_->who;
  return who.space ? std::string_view(*who.space) : std::string_view(state_->server.namespaces()[who.ns].name);
}

void* Event::own_data(const std::type_info& type, std::shared_ptr<void> (*make)()) const {
  server_detail::OwnData& own = state_->who.own;
  if (!own.value) own = {&type, make()};
  if (*own.type != type)
    throw std::logic_error("Event::data() was asked for as two types, of one connection: " + std::string(name()));
  return own.value.get();
}

namespace server_detail {

bool fits_pattern(std::string_view pattern, std::string_view name) {
  // The last star seen, and how much of the name it stands for: on a mismatch it takes one character more.
  std::size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (name[n] == '/') return false;
      star = p++;
      taken = ++n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos && name[taken] != '/') {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return p == pattern.size();
}

Result<Identity> authenticate(const NamespaceParts& ns, const HandshakeState& state) {
  const Handshake shake(state);
  for (const auto& admit : ns.admits)
    if (auto fine = admit(shake); !fine) return unexpected(std::move(fine).error());
  return ns.who ? ns.who(shake) : Result<Identity>(Identity{});
}

Json refusal_data(const NamespaceParts& ns, const Error& error) {
  if (ns.refusal_shape) return ns.refusal_shape(error);
  JsonObject out{{"code", name(error.code)}};
  if (!error.field.empty()) out.add("field", error.field);
  if (error.retry_after.count() > 0)
    out.add("retryAfterSeconds", std::chrono::ceil<std::chrono::seconds>(error.retry_after).count());
  return out;
}

Args shaped_refusal(const NamespaceParts& ns, const Error& error) {
  if (ns.error_shape) return ns.error_shape(error);
  return Args{error_object(error)};
}

}  // namespace server_detail
}  // namespace zegocall
