// One request on its way through authenticate and its handler, wherever each of them runs.
#pragma once

#include <memory>
#include <optional>

#include "server/request.hpp"
#include "server/router.hpp"
#include "server/thrown.hpp"

namespace zegocall::server_detail {

class Exchange {
 public:
  /// `table` outlives it; `route` belongs to it.
  Exchange(const RouteTable& table, RequestState request, const Route& route);

  /// Runs the steps that belong to `here`, until one does not or all are done. Catches what handlers throw.
  void advance(Run here) noexcept;
  bool done() const { return response_.has_value(); }
  /// Where the next step wants to run; not when done.
  Run where() const { return authenticated_ ? route_.run : table_.who_run(); }
  /// Ends it with a refusal of the library, whatever it answered before.
  void refuse(const Error& error, int status);
  /// What a handler threw.
  const Thrown& thrown() const { return thrown_; }
  const Route& route() const { return route_; }

  const RequestState& request() const { return request_; }
  RequestState& request() { return request_; }
  HttpResponse take_response() { return *std::move(response_); }

 private:
  void step();
  const RouteTable& table_;
  RequestState request_;
  const Route& route_;
  bool authenticated_;
  Thrown thrown_;
  std::optional<HttpResponse> response_;
};

/// The library's own refusal in the router's shape, with a status that the shape does not change. 429 and 503 say when to
/// try again.
HttpResponse refusal(const RouteTable& table, const Error& error, int status,
                     std::chrono::seconds retry = std::chrono::seconds(1));

}  // namespace zegocall::server_detail
