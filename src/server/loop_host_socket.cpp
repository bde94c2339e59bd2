#include "server/ask_state.hpp"
#include "server/loop_host.hpp"
#include "server/socket_work.hpp"
#include "zegocall/base/text.hpp"

namespace zegocall::server_detail {

using hub_detail::Connection;
using hub_detail::Taken;

ConnectionState* LoopHost::state_of(Connection connection) { return static_cast<ConnectionState*>(core_->data(connection)); }

std::optional<std::uint16_t> LoopHost::pattern_of(std::string_view name) {
  const auto& all = server_.namespaces();
  for (std::size_t n = 0; n < all.size(); ++n)
    if (all[n].has_pattern() && fits_pattern(all[n].name, name)) return static_cast<std::uint16_t>(n);
  return std::nullopt;
}

void LoopHost::on_authenticate(Connection connection, hub_detail::NamespaceIndex ns, std::string_view auth,
                               const hub_detail::HandshakeContext* context) {
  const std::uint16_t wiring = wiring_of(ns);
  const NamespaceParts& parts = server_.namespaces()[wiring];
  const JsonView given = JsonView::trusted(auth);
  if (parts.lets_all_in()) return finish_authenticate(connection, Identity{}, given);
  static const auto unknown_request = std::make_shared<const RequestInfo>();
  HandshakeState shake{context ? static_cast<const SessionContext*>(context)->info : unknown_request, given,
                       std::string(core_->name_of(ns)), core_->id(connection), now_};
  if (parts.who_run == Run::loop) {
    try {
      return finish_authenticate(connection, authenticate(parts, shake), given);
    } catch (...) {
      ++counters_.callbacks_threw;
      return finish_authenticate(connection, fail(ErrorCode::internal, "the handler failed"), given);
    }
  }
  Json copy = Json::copy_of(given);
  if (!server_.service().offer(
          std::make_unique<AuthenticateWork>(server_, connection, number_, wiring, std::move(shake), std::move(copy))))
    finish_authenticate(connection, fail(ErrorCode::rate_limited, "too many at once; try again"), given);
}

void LoopHost::finish_authenticate(Connection connection, Result<Identity> who, JsonView auth) {
  if (!who) {
    ++counters_.auth_refused;
    return refuse_connection(connection, who.error());
  }
  if (core_->id(connection).empty()) return;  // gone meanwhile
  if (server_.loops() > 1 && recovers())
    if (const auto from = server_.homes().find(core_->claimed_pid(connection)); from && *from != number_)
      return claim(connection, *std::move(who), auth, *from);
  auto earlier = core_->recover(connection, who->user, now_);
  let_in(connection, *std::move(who), auth, std::move(earlier));
}

void LoopHost::refuse_connection(Connection connection, const Error& error) {
  if (core_->id(connection).empty()) return;  // gone meanwhile
  Json data;
  try {
    data = refusal_data(server_.namespaces()[wiring_of(core_->ns(connection))], error);
  } catch (...) {
    ++counters_.callbacks_threw;
  }
  core_->refuse(connection, error.detail.empty() ? name(error.code) : std::string_view(error.detail), data.text(), now_);
}

void LoopHost::on_comeback_name(std::string_view pid, bool known) {
  if (server_.loops() == 1) return;
  known ? server_.homes().set(pid, number_) : server_.homes().clear(pid, number_);
}

void LoopHost::claim(Connection connection, Identity who, JsonView auth, unsigned from) {
  struct Asked {
    Connection connection;
    Identity who;
    Json auth;
    std::shared_ptr<hub_detail::MovedConnection> moved;
  };
  auto asked = std::make_shared<Asked>(Asked{connection, std::move(who), Json::copy_of(auth), nullptr});
  // Through the own inbox first: what this loop was told of before has then been logged.
  server_.in_order(number_, [asked, from, &server = server_](LoopHost& own) {
    if (own.core_->id(asked->connection).empty()) return;
    server.in_order(from, [asked, &server, &own, claim = own.core_->claim(asked->connection, asked->who.user)](LoopHost& home) {
      asked->moved = home.core_->give(claim, home.now());
      server.in_order(own.number(), [asked, &server, &home](LoopHost& back) {
        const auto& moved = asked->moved;
        auto earlier = moved ? back.core_->take(asked->connection, *moved) : nullptr;
        const bool taken = earlier != nullptr;
        if (!back.core_->id(asked->connection).empty())
          back.let_in(asked->connection, std::move(asked->who), asked->auth.view(), std::move(earlier));
        if (!moved) return;
        server.in_order(home.number(),
                        [asked, taken](LoopHost& there) { there.core_->settle(*asked->moved, taken, there.now()); });
      });
    });
  });
}

void LoopHost::let_in(Connection connection, Identity who, JsonView auth, std::unique_ptr<hub_detail::ConnectionData> earlier) {
  auto info = std::make_shared<ConnectionInfo>();
  if (earlier) {
    info->own = static_cast<ConnectionState&>(*earlier).info->own;
    info->recovered = true;
  }
  const hub_detail::NamespaceIndex ns = core_->ns(connection);
  info->identity = std::move(who);
  info->id = core_->id(connection);
  info->ns = wiring_of(ns);
  if (core_->pattern_of(ns)) info->space = std::make_shared<const std::string>(core_->name_of(ns));
  info->loop = number_;
  info->handle = connection;
  if (info->identity.device.empty()) info->identity.device = session_device(info->id);
  const bool may_be_old = !earlier && (core_->coming(connection) == hub_detail::Coming::lost || auth.has("known"));
  if (may_be_old && !server_.namespaces()[info->ns].on_resync.empty()) info->resync = Args{auth};
  hub_detail::Accepted accepted{info->identity.user, info->identity.expires, nullptr};
  auto state = std::make_unique<ConnectionState>();
  state->info = std::move(info);
  accepted.data = std::move(state);
  core_->accept(connection, std::move(accepted), now_);
}

void LoopHost::on_connect(Connection connection) {
  const auto info = state_of(connection)->info;
  call_connected(info);
  // The service's handlers come after the loop's; a connection that has ended meanwhile is told to them all the same.
  const NamespaceParts& ns = server_.namespaces()[info->ns];
  bool on_service = false;
  for (const auto& placed : ns.on_connect) on_service |= placed.run == Run::service;
  if (info->resync)
    for (const auto& placed : ns.on_resync) on_service |= placed.run == Run::service;
  if (!on_service) return;
  enter_service(*state_of(connection));
  server_.service().insist(std::make_unique<ConnectWork>(server_, info));
}

/// The handlers of a new connection that run here.
void LoopHost::call_connected(const std::shared_ptr<const ConnectionInfo>& info) {
  const NamespaceParts& ns = server_.namespaces()[info->ns];
  Thrown thrown = call_all(ns.on_connect, Run::loop, EventState{server_, *info, "connect", {}, false, now_});
  if (!thrown && info->resync)
    thrown = call_all(ns.on_resync, Run::loop, EventState{server_, *info, "resync", info->resync->view(), false, now_});
  if (thrown) end_for(*info, *thrown);
}

void LoopHost::tell_all(std::string_view event) {
  std::vector<hub_detail::NamespaceIndex> all;
  core_->namespaces(all);
  for (const auto ns : all) core_->emit(hub_detail::Target{.ns = ns}, event, {}, now_);
}

Taken LoopHost::on_event(Connection connection, const hub_detail::EventIn& event) {
  ConnectionState& state = *state_of(connection);
  if (state.throttled) return Taken::hold;
  const auto info = state.info;  // the handler may end the connection
  const NamespaceParts& ns = server_.namespaces()[info->ns];
  const EventRule* rule = ns.rule_of(event.name);
  const bool quick = rule && rule->quick;
  if (rule && !quick && rule->run == Run::service) return to_service(state, *rule, false, event);
  // What the service thread still does for this connection came first.
  if (state.in_service > 0) return Taken::hold;
  Thrown thrown;
  const EventState given{server_, *info, event.name, event.args, event.ack.has_value(), now_};
  if (auto allowed = run_filters(ns, given, thrown); !allowed) {
    finish_event(*info, event.ack, unexpected(std::move(allowed).error()), thrown);
    return Taken::yes;
  }
  if (!rule) {
    ++counters_.events_unknown;
    refuse_event(*info, event.ack, {ErrorCode::unknown_event, {}, "nobody handles this event"});
    return Taken::yes;
  }
  const auto answer = run_rule(*rule, quick, given, thrown);
  if (answer)
    finish_event(*info, event.ack, *answer, thrown);
  else if (ConnectionState* still = state_of(connection))
    return to_service(*still, *rule, true, event);
  return Taken::yes;
}

Taken LoopHost::to_service(ConnectionState& state, const EventRule& rule, bool filtered, const hub_detail::EventIn& event) {
  if (server_.service().offer(std::make_unique<EventWork>(server_, state.info, rule, filtered, event)))
    enter_service(state);
  else
    refuse_busy(state, event);
  return Taken::yes;
}

void LoopHost::refuse_busy(ConnectionState& state, const hub_detail::EventIn& event) {
  ++counters_.events_rate_limited;
  refuse_event(*state.info, event.ack, {ErrorCode::rate_limited, {}, "too many at once; try again"});
  ConnectionState* heaviest = nullptr;
  for (ConnectionState* each : busy_)
    if (!each->throttled && (!heaviest || each->in_service > heaviest->in_service)) heaviest = each;
  if (heaviest) heaviest->throttled = true;
}

void LoopHost::enter_service(ConnectionState& state) {
  if (state.in_service++ == 0) busy_.insert(&state);
}

void LoopHost::finish_service(const ConnectionInfo& who) {
  ConnectionState* state = state_of(who.handle);
  if (!state || state->in_service == 0 || --state->in_service > 0) return;
  busy_.erase(state);
  state->throttled = false;
  core_->resume(who.handle, now_);
}

void LoopHost::finish_event(const ConnectionInfo& who, std::optional<std::uint64_t> ack, const Result<Args>& answer,
                            const Thrown& thrown) {
  if (thrown) return end_for(who, *thrown);
  ++(answer ? counters_.events_handled : counters_.events_failed);
  if (!answer) return refuse_event(who, ack, answer.error());
  if (ack) core_->acknowledge(who.handle, *ack, answer->view(), now_);
}

void LoopHost::end_for(const ConnectionInfo& who, const std::string& thrown) {
  ++counters_.events_threw;
  server_.log()(LogLevel::error, "a handler threw, its connection ends: " + thrown);
  core_->disconnect(who.handle, hub_detail::HubCore::Scope::connection, now_);
}

void LoopHost::refuse_event(const ConnectionInfo& who, std::optional<std::uint64_t> ack, const Error& error) {
  if (!ack) return;
  try {
    const Args args = shaped_refusal(server_.namespaces()[who.ns], error);
    core_->acknowledge(who.handle, *ack, args.view(), now_);
  } catch (...) {
    ++counters_.callbacks_threw;
  }
}

Taken LoopHost::on_disconnect(Connection connection, std::string_view reason) {
  ConnectionState& state = *state_of(connection);
  if (state.in_service > 0) return Taken::hold;
  const ConnectionInfo& who = *state.info;
  const auto& handlers = server_.namespaces()[who.ns].on_disconnect;
  bool on_service = false;
  for (const auto& placed : handlers) on_service |= placed.run == Run::service;
  const EventState given{server_, who, "disconnect", {}, false, now_};
  if (const Thrown thrown = call_all(handlers, Run::loop, given, reason)) {
    ++counters_.callbacks_threw;
    server_.log()(LogLevel::error, "an on_disconnect handler threw: " + *thrown);
  }
  if (on_service) server_.service().insist(std::make_unique<DisconnectWork>(server_, state.info, std::string(reason)));
  return Taken::yes;
}

void LoopHost::ask(const hub_detail::Target& target, Connection one, std::string_view event, const ArgsView& args,
                   std::chrono::milliseconds timeout, std::shared_ptr<AskState> state) {
  const std::uint64_t token = ++last_ask_;
  asks_.emplace(token, std::move(state));
  if (one.generation != 0)
    core_->ask(one, event, args, timeout, token, now_);
  else
    core_->ask(target, event, args, timeout, token, now_);
}

void LoopHost::on_answer(std::uint64_t token, Connection connection, const ArgsView& answer) {
  const auto found = asks_.find(token);
  if (found != asks_.end()) found->second->add(core_->id(connection), answer);
}

void LoopHost::on_ask_end(std::uint64_t token, const hub_detail::AskEnd& end) {
  auto found = asks_.extract(token);
  if (found && found.mapped()->end(end)) call_back([&] { found.mapped()->tell(); });
}

void LoopHost::call_back(const std::function<void()>& call) {
  try {
    call();
  } catch (...) {
    ++counters_.callbacks_threw;
    server_.log()(LogLevel::error, "a callback threw: " + what_was_thrown());
  }
}

void LoopHost::add_member(Connection connection, std::vector<Member>& out) {
  if (!core_->alive(connection)) return;
  const ConnectionInfo& who = *state_of(connection)->info;
  std::vector<std::string> groups;
  core_->groups_of(connection, groups);
  Member member{who.id, who.identity, {}};
  for (const std::string& group : groups) member.groups.emplace_back(std::string_view(group));
  out.push_back(std::move(member));
}

void LoopHost::tell_left_out(std::string_view group, std::uint64_t connections) {
  constexpr auto pause = std::chrono::seconds(1);
  if (connections == 0 || (left_out_told_ && now_.steady - *left_out_told_ < pause)) return;
  left_out_told_ = now_.steady;
  const HubLimits& limits = server_.options().limits;
  server_.log()(LogLevel::warning, std::to_string(connections) + " connections were left out of the group " + printable(group) +
                                       ": limits.groups_per_connection_max is " +
                                       std::to_string(limits.groups_per_connection_max));
}

}  // namespace zegocall::server_detail
