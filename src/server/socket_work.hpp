// What a connection did, as work for the service thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/server.hpp"
#include "server/service_thread.hpp"
#include "server/thrown.hpp"
#include "server/wiring.hpp"

namespace zegocall::server_detail {

/// Asks the filters, each of which sees an event once. `thrown`: the connection is to end.
Result<void> run_filters(const NamespaceParts& ns, const EventState& state, Thrown& thrown) noexcept;
/// Runs a rule's handler, or its quick half. Nothing: the quick half gave nothing. `thrown`: the connection is to end.
std::optional<Result<Args>> run_rule(const EventRule& rule, bool quick, const EventState& state, Thrown& thrown) noexcept;

/// Calls those handlers of a list that run at `where`.
template <class Handlers, class... More>
Thrown call_all(const Handlers& handlers, Run where, const EventState& state, const More&... more) noexcept {
  try {
    const Event event(state);
    for (const auto& placed : handlers)
      if (placed.run == where) placed.handler(event, more...);
    return std::nullopt;
  } catch (...) {
    return what_was_thrown();
  }
}

class AuthenticateWork final : public Work {
 public:
  AuthenticateWork(Server& server, hub_detail::Connection connection, unsigned loop, std::uint16_t ns, HandshakeState shake,
                   Json auth);
  void run() noexcept override;
  void done(const Error* failure, Outbox& replies) noexcept override;

 private:
  Server& server_;
  InFlight::Token token_;
  hub_detail::Connection connection_;
  unsigned loop_;
  std::uint16_t ns_;
  Json auth_;
  HandshakeState shake_;
  Result<Identity> who_ = fail(ErrorCode::internal);
};

class EventWork final : public Work {
 public:
  /// `filtered`: the filters have seen it.
  EventWork(Server& server, std::shared_ptr<const ConnectionInfo> who, const EventRule& rule, bool filtered,
            const hub_detail::EventIn& event);
  void run() noexcept override;
  void done(const Error* failure, Outbox& replies) noexcept override;

 private:
  Server& server_;
  InFlight::Token token_;
  std::shared_ptr<const ConnectionInfo> who_;
  const EventRule& rule_;
  const bool filtered_;
  std::string name_;
  Args args_;
  std::optional<std::uint64_t> ack_;
  Result<Args> answer_ = Args{};
  Thrown thrown_;
};

class ConnectWork final : public Work {
 public:
  ConnectWork(Server& server, std::shared_ptr<const ConnectionInfo> who);
  void run() noexcept override;
  void done(const Error* failure, Outbox& replies) noexcept override;

 private:
  Server& server_;
  InFlight::Token token_;
  std::shared_ptr<const ConnectionInfo> who_;
  Thrown thrown_;
};

class DisconnectWork final : public Work {
 public:
  DisconnectWork(Server& server, std::shared_ptr<const ConnectionInfo> who, std::string reason);
  void run() noexcept override;
  void done(const Error*, Outbox&) noexcept override {}

 private:
  Server& server_;
  InFlight::Token token_;
  std::shared_ptr<const ConnectionInfo> who_;
  std::string reason_;
};

}  // namespace zegocall::server_detail
