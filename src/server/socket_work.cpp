#include "server/socket_work.hpp"

#include "server/loop_host.hpp"

namespace zegocall::server_detail {

Result<void> run_filters(const NamespaceParts& ns, const EventState& state, Thrown& thrown) noexcept {
  try {
    const Event event(state);
    for (const auto& filter : ns.filters)
      if (auto allowed = filter(event); !allowed) return allowed;
    return {};
  } catch (...) {
    thrown = what_was_thrown();
    return fail(ErrorCode::internal, "the filter failed");
  }
}

std::optional<Result<Args>> run_rule(const EventRule& rule, bool quick, const EventState& state, Thrown& thrown) noexcept {
  try {
    const Event event(state);
    if (quick) return rule.quick(event);
    return rule.handler(event);
  } catch (...) {
    thrown = what_was_thrown();
    return Result<Args>(fail(ErrorCode::internal, "the handler failed"));
  }
}

AuthenticateWork::AuthenticateWork(Server& server, hub_detail::Connection connection, unsigned loop, std::uint16_t ns,
                                   HandshakeState shake, Json auth)
    : server_(server),
      token_(server.in_flight()),
      connection_(connection),
      loop_(loop),
      ns_(ns),
      auth_(std::move(auth)),
      shake_(std::move(shake)) {
  shake_.auth = auth_.view();
}

void AuthenticateWork::run() noexcept {
  try {
    shake_.now = server_.clock().now();
    who_ = authenticate(server_.namespaces()[ns_], shake_);
  } catch (...) {
    who_ = fail(ErrorCode::internal, "the handler failed");
  }
}

void AuthenticateWork::done(const Error* failure, Outbox& replies) noexcept {
  if (failure) who_ = unexpected(*failure);
  replies.on_loop(loop_, [&server = server_, connection = connection_, who = std::move(who_), auth = auth_](unsigned loop) {
    server.host(loop).finish_authenticate(connection, who, auth.view());
  });
}

EventWork::EventWork(Server& server, std::shared_ptr<const ConnectionInfo> who, const EventRule& rule, bool filtered,
                     const hub_detail::EventIn& event)
    : server_(server),
      token_(server.in_flight()),
      who_(std::move(who)),
      rule_(rule),
      filtered_(filtered),
      name_(event.name),
      args_(Args::copy_of(event.args)),
      ack_(event.ack) {}

void EventWork::run() noexcept {
  const EventState state{server_, *who_, name_, args_.view(), ack_.has_value(), server_.clock().now()};
  const auto allowed = filtered_ ? Result<void>() : run_filters(server_.namespaces()[who_->ns], state, thrown_);
  answer_ = allowed ? *run_rule(rule_, false, state, thrown_) : Result<Args>(unexpected(allowed.error()));
}

void EventWork::done(const Error* failure, Outbox& replies) noexcept {
  if (failure) answer_ = unexpected(*failure);
  replies.on_loop(who_->loop,
                  [&server = server_, who = who_, ack = ack_, answer = std::move(answer_), thrown = thrown_](unsigned loop) {
                    server.host(loop).finish_event(*who, ack, answer, thrown);
                    server.host(loop).finish_service(*who);
                  });
}

ConnectWork::ConnectWork(Server& server, std::shared_ptr<const ConnectionInfo> who)
    : server_(server), token_(server.in_flight()), who_(std::move(who)) {}

void ConnectWork::run() noexcept {
  const EventState state{server_, *who_, "connect", {}, false, server_.clock().now()};
  const NamespaceParts& ns = server_.namespaces()[who_->ns];
  thrown_ = call_all(ns.on_connect, Run::service, state);
  if (thrown_ || !who_->resync) return;
  const EventState resync{server_, *who_, "resync", who_->resync->view(), false, state.now};
  thrown_ = call_all(ns.on_resync, Run::service, resync);
}

void ConnectWork::done(const Error*, Outbox& replies) noexcept {
  replies.on_loop(who_->loop, [&server = server_, who = who_, thrown = thrown_](unsigned loop) {
    if (thrown) server.host(loop).end_for(*who, *thrown);
    server.host(loop).finish_service(*who);
  });
}

DisconnectWork::DisconnectWork(Server& server, std::shared_ptr<const ConnectionInfo> who, std::string reason)
    : server_(server), token_(server.in_flight()), who_(std::move(who)), reason_(std::move(reason)) {}

void DisconnectWork::run() noexcept {
  const EventState state{server_, *who_, "disconnect", {}, false, server_.clock().now()};
  const Thrown thrown = call_all(server_.namespaces()[who_->ns].on_disconnect, Run::service, state, std::string_view(reason_));
  if (thrown) server_.log()(LogLevel::error, "an on_disconnect handler threw: " + *thrown);
}

}  // namespace zegocall::server_detail
