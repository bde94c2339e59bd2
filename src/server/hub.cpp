#include "zegocall/hub.hpp"

#include "server/raw_engine.hpp"
#include "server/server.hpp"

namespace zegocall {
Hub::Hub(std::shared_ptr<server_detail::Server> server) : server_(std::move(server)) {}
Hub::Hub(Hub&&) noexcept = default;

Hub& Hub::operator=(Hub&& other) noexcept {
  if (this != &other) {
    if (server_) server_->stop();
    server_ = std::move(other.server_);
  }
  return *this;
}

Hub::~Hub() {
  // An Audience somewhere may hold the server a moment longer; its threads end here.
  if (server_) server_->stop();
}

Result<Hub> Hub::open(HubOptions options, Wiring wiring) {
  auto server = server_detail::Server::open(std::move(options), std::move(wiring));
  if (!server) return unexpected(std::move(server).error());
  return Hub(*std::move(server));
}

std::uint16_t Hub::port() const { return server_->port(); }

Result<void> Hub::reload_tls() const { return server_->reload_tls(); }

Audience Hub::in(std::string_view namespace_name) const { return server_->everyone(namespace_name); }

Result<void> Hub::tell_servers(std::string_view namespace_name, std::string_view event, const Args& args) const {
  server_detail::BusLink* link = server_->bus_link();
  if (!link) return fail_field(ErrorCode::invalid_state, "bus", "this hub has none");
  for (const auto& ns : server_->namespaces())
    if (ns.name == namespace_name)
      return link->publish({.word = "server", .ns = namespace_name, .event = event, .args = args.view()});
  return fail_field(ErrorCode::not_found, "namespace", "there is no such namespace here");
}

void Hub::drain(DrainOptions options) { server_->drain(options); }
void Hub::wait() { server_->wait(); }
void Hub::stop() { server_->stop(); }

void EnginePeer::send(std::string_view message, bool binary) {
  state_->core.send_message(state_->session, message, binary, state_->host.now());
}

void EnginePeer::close() { state_->core.close(state_->session, hub_detail::SessionEnd::server_close, state_->host.now()); }

}  // namespace zegocall
