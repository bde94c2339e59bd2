#include "server/exchange.hpp"

#include <algorithm>

namespace zegocall::server_detail {

namespace {

/// What Retry-After says: whole seconds, 1 where nothing is known.
std::chrono::seconds wait_of(const Error& error) {
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(error.retry_after));
}

}  // namespace

HttpResponse refusal(const RouteTable& table, const Error& error, int status, std::chrono::seconds retry) {
  HttpResponse out = table.shaped(error);
  out.status = status;
  if (status == 503 || status == 429) out.headers.emplace_back("Retry-After", std::to_string(retry.count()));
  return out;
}

Exchange::Exchange(const RouteTable& table, RequestState request, const Route& route)
    : table_(table), request_(std::move(request)), route_(route), authenticated_(!table.who() || route.options.anonymous) {}

void Exchange::advance(Run here) noexcept {
  while (!done() && where() == here) {
    try {
      step();
    } catch (...) {
      thrown_ = what_was_thrown();
      refuse({ErrorCode::internal, {}, "the handler failed"}, 500);
    }
  }
}

void Exchange::step() {
  const HttpRequest request(request_);
  if (!authenticated_) {
    auto identity = table_.who()(request);
    if (!identity) {
      response_ = table_.shaped(identity.error());
      return;
    }
    request_.identity = *std::move(identity);
    authenticated_ = true;
    return;
  }
  auto answer = route_.handler(request);
  if (answer) {
    response_ = *std::move(answer);
    return;
  }
  response_ = table_.shaped(answer.error());
  if (response_->status == 503 || response_->status == 429)
    response_->headers.emplace_back("Retry-After", std::to_string(wait_of(answer.error()).count()));
}

void Exchange::refuse(const Error& error, int status) {
  try {
    response_ = refusal(table_, error, status);
  } catch (...) {  // the host's error shape itself fails
    response_ = HttpResponse{.status = status};
  }
}

}  // namespace zegocall::server_detail
