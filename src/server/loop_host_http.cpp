#include <algorithm>

#include "server/loop_host.hpp"
#include "server/metrics.hpp"
#include "server/url.hpp"

namespace zegocall::server_detail {
namespace {

hub_detail::HttpMethod engine_method(std::string_view word) {
  if (word == "GET") return hub_detail::HttpMethod::get;
  return word == "POST" ? hub_detail::HttpMethod::post : hub_detail::HttpMethod::other;
}

bool is_operation(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/version" || path == "/metrics";
}

/// What a host puts into a header must not end it.
bool fit_for_a_header(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\t'; });
}

}  // namespace

std::size_t LoopHost::body_limit(const net_detail::RequestHead& head) {
  const HubLimits& limits = server_.options().limits;
  if (door_of(head.path) != Door::none) return limits.message_bytes_max;
  return std::min(limits.body_bytes_max, server_.routes().body_max(method_of(head.method), head.path));
}

void LoopHost::on_refusal(std::string_view address, const net_detail::RequestHead* head, net_detail::HttpAnswer& answer) {
  (void)address;
  Turn turn(*this);
  if (head && door_of(head->path) != Door::none) return;
  const bool too_large = answer.status == 413, too_slow = answer.status == 408;
  const ErrorCode code = too_large ? ErrorCode::payload_too_large : too_slow ? ErrorCode::timeout : ErrorCode::protocol;
  while (!answer.body.empty() && answer.body.back() == '\n') answer.body.pop_back();
  HttpResponse shaped = refusal(server_.routes(), {code, {}, answer.body}, answer.status);
  answer.headers = {{"Content-Type", shaped.content_type}, {"X-Request-Id", new_request_id()}};
  if (head) server_.cors().add_headers(head->header("origin"), answer.headers);
  answer.body = std::move(shaped.body);
  count(answer.status);
}

void LoopHost::on_request(net_detail::PeerId id, const net_detail::RequestHead& head, std::string body) {
  Turn turn(*this);
  PeerState& state = meet(id);
  state.door = door_of(head.path);
  state.origin = head.header("origin");
  state.head_only = head.method == "HEAD";
  if (serve_preflight(id, head)) return;
  if (state.door == Door::none) return serve(id, head, std::move(body));
  if (refuse_stranger(id, head)) return;
  const std::string content_type = head.header("content-type").value_or("");
  const hub_detail::EngineRequest request{engine_method(head.method), head.query, content_type};
  head_ = &head;
  at_door(state.door, [&](auto& core) { core.on_http({id.slot, id.generation}, request, body, now_); });
  head_ = nullptr;
}

bool LoopHost::is_stranger(const net_detail::RequestHead& head) const {
  return server_.cors().refuses(head.header("origin"), head.header("host").value_or(""));
}

bool LoopHost::refuse_stranger(net_detail::PeerId id, const net_detail::RequestHead& head) {
  if (!is_stranger(head)) return false;
  ++counters_.origins_refused;
  net_detail::HttpAnswer out;
  out.status = 403;
  out.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  server_.cors().add_headers(head.header("origin"), out.headers);
  out.body = R"({"code":4,"message":"Forbidden"})";  // as Engine.IO says it
  listener_->answer(id, out);
  return true;
}

bool LoopHost::serve_preflight(net_detail::PeerId id, const net_detail::RequestHead& head) {
  if (head.method != "OPTIONS" || !head.header("origin") || !head.header("access-control-request-method")) return false;
  if (is_stranger(head)) {
    ++counters_.origins_refused;
    respond(id, refusal(server_.routes(), {ErrorCode::forbidden, {}, "pages of this origin may not call"}, 403),
            new_request_id());
    return true;
  }
  net_detail::HttpAnswer out;
  out.status = 204;
  server_.cors().add_preflight_headers(peer(id).origin, head.header("access-control-request-headers").value_or(""), out.headers);
  listener_->answer(id, out);
  return true;
}

RequestState LoopHost::read(const net_detail::RequestHead& head, std::string body, Method method, bool head_only) {
  RequestState out;
  out.method = method;
  out.head_only = head_only;
  out.target = head.path;
  out.query = head.query;
  out.body = std::move(body);
  out.address = head.peer_address;
  out.id = new_request_id();
  for (const auto& field : head.fields) out.fields.emplace_back(std::string(field.name), std::string(field.value));
  out.now = now_;
  out.origin_admitted = server_.cors().admits(head.header("origin"), head.header("host").value_or(""));
  out.on_service = [server = &server_](const std::function<void(Now)>& work) { return server->wait_service(work); };
  return out;
}

void LoopHost::serve(net_detail::PeerId id, const net_detail::RequestHead& head, std::string body) {
  const auto refuse = [&](const Error& error, int status) {
    respond(id, refusal(server_.routes(), error, status), new_request_id());
  };
  if (server_.draining() && !is_operation(head.path)) return refuse({ErrorCode::closed, {}, "the server is going down"}, 503);
  if (head.path == "*") {  // of the server as a whole; only OPTIONS comes here with it
    HttpResponse out{.status = 204};
    out.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return respond(id, std::move(out), new_request_id());
  }
  const bool head_only = head.method == "HEAD";
  const std::optional<Method> method = head_only ? Method::get : method_of(head.method);
  RouteMatch match = server_.routes().find(method, head.path);
  if (match.route) {
    RequestState request = read(head, std::move(body), *method, head_only);
    request.path_values = std::move(match.path_values);
    auto job = std::make_shared<HttpJob>(
        HttpJob{Exchange(server_.routes(), std::move(request), *match.route), number_, id, InFlight::Token(server_.in_flight())});
    return go_on(job);
  }
  if (match.allow.empty() && (serve_operation(id, head) || serve_file(id, head))) return;
  if (match.allow.empty()) {
    ++counters_.http_unknown_path;
    return refuse({ErrorCode::not_found, {}, "there is nothing at this path"}, 404);
  }
  HttpResponse out{.status = 204};
  if (head.method != "OPTIONS") out = refusal(server_.routes(), {ErrorCode::invalid_argument, {}, "not with this method"}, 405);
  out.headers.emplace_back("Allow", match.allow);
  respond(id, std::move(out), new_request_id());
}

bool LoopHost::serve_operation(net_detail::PeerId id, const net_detail::RequestHead& head) {
  if (!server_.options().operations || !is_operation(head.path)) return false;
  if (head.method != "GET" && head.method != "HEAD") {
    const bool asks = head.method == "OPTIONS";
    HttpResponse out{.status = 204};
    if (!asks) out = refusal(server_.routes(), {ErrorCode::invalid_argument, {}, "not with this method"}, 405);
    out.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    respond(id, std::move(out), new_request_id());
    return true;
  }
  if (head.path == "/metrics") {
    respond_metrics(id, new_request_id());
    return true;
  }
  HttpResponse out = http_json(200, JsonObject{{"status", "ok"}});
  if (head.path == "/readyz" && !server_.ready())
    out = http_json(503, JsonObject{{"status", server_.draining() ? "draining" : "store_unavailable"}});
  if (head.path == "/version") {
    const std::string& own = server_.options().version;
    const std::optional<std::string_view> shown = own.empty() ? std::nullopt : std::optional<std::string_view>(own);
    out = http_json(200, JsonObject{{"zegocall", ZEGOCALL_VERSION}, {"version", shown}});
  }
  out.headers.emplace_back("Cache-Control", "no-store");
  respond(id, std::move(out), new_request_id());
  return true;
}

bool LoopHost::serve_file(net_detail::PeerId id, const net_detail::RequestHead& head) {
  const StaticFile* file = server_.routes().file(head.path);
  if (!file) {
    if (!server_.routes().is_folder(head.path)) return false;
    HttpResponse out{.status = 308};
    out.headers.emplace_back("Location", std::string(head.path) + "/");
    respond(id, std::move(out), new_request_id());
    return true;
  }
  if (head.method != "GET" && head.method != "HEAD") {
    HttpResponse out{.status = 204};
    if (head.method != "OPTIONS") out = refusal(server_.routes(), {ErrorCode::invalid_argument, {}, "not with this method"}, 405);
    out.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    respond(id, std::move(out), new_request_id());
    return true;
  }
  net_detail::HttpAnswer out;
  out.headers = {{"ETag", file->etag}, {"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}};
  server_.cors().add_headers(peer(id).origin, out.headers);
  out.head_only = head.method == "HEAD";
  if (etag_matches(head.header("if-none-match").value_or(""), file->etag)) {
    out.status = 304;
  } else {
    out.headers.emplace_back("Content-Type", std::string(file->type));
    out.shared_body = file->content;
  }
  count(out.status);
  out.close = server_.draining();
  listener_->answer(id, out);
  return true;
}

void LoopHost::go_on(const std::shared_ptr<HttpJob>& job) {
  job->exchange.advance(Run::loop);
  if (job->exchange.done()) return answer(*job);
  server_.forward(job);
}

void LoopHost::answer(HttpJob& job) {
  const RequestState& request = job.exchange.request();
  if (job.exchange.thrown()) {
    ++counters_.http_threw;
    server_.log()(LogLevel::error, "request " + request.id + ": the handler of " + std::string(name(request.method)) + " " +
                                       job.exchange.route().pattern + " threw: " + *job.exchange.thrown());
  }
  respond(job.peer, job.exchange.take_response(), request.id);
}

void LoopHost::respond(net_detail::PeerId id, HttpResponse response, std::string_view request_id) {
  const PeerState& state = peer(id);
  net_detail::HttpAnswer out;
  out.status = response.status;
  for (auto& [key, value] : response.headers)
    if (fit_for_a_header(key) && fit_for_a_header(value)) out.headers.emplace_back(std::move(key), std::move(value));
  if (!response.body.empty() && fit_for_a_header(response.content_type))
    out.headers.emplace_back("Content-Type", std::move(response.content_type));
  out.headers.emplace_back("X-Request-Id", std::string(request_id));
  server_.cors().add_headers(state.origin, out.headers);
  out.body = std::move(response.body);
  out.head_only = state.head_only;
  out.close = server_.draining();
  count(out.status);
  listener_->answer(id, out);
}

void LoopHost::respond_metrics(net_detail::PeerId id, std::string request_id) {
  auto all = std::make_shared<Numbers>();
  auto visit = std::make_shared<std::function<void(unsigned)>>();
  // From loop to loop, each adding its own numbers on its own thread, then back to where it was asked.
  *visit = [this, id, request_id = std::move(request_id), all, self = std::weak_ptr(visit)](unsigned loop) {
    if (loop < server_.loops()) {
      const auto keep = self.lock();
      const auto add = [this, all, keep, loop] { all->add(server_.host(loop)), (*keep)(loop + 1); };
      return loop == number_ ? add() : server_.host(loop).post(add);
    }
    const auto tell = [this, id, request_id, all] {
      HttpResponse out{.status = 200};
      try {
        out.body = metrics_text(*all, server_);
      } catch (...) {
        ++counters_.callbacks_threw;
        return respond(id, refusal(server_.routes(), {ErrorCode::internal, {}, "the metrics of the program failed"}, 500),
                       request_id);
      }
      out.content_type = "text/plain; version=0.0.4; charset=utf-8";
      respond(id, std::move(out), request_id);
    };
    return on_thread() ? tell() : post(tell);
  };
  (*visit)(0);
}

void LoopHost::count(int status) {
  if (status == 501)
    ++counters_.http_501;
  else if (status >= 500)
    ++counters_.http_5xx;
  else if (status >= 400)
    ++counters_.http_4xx;
  else
    ++counters_.http_fine;
  if (status == 401) ++counters_.http_unauthenticated;
  if (status == 503 || status == 429) ++counters_.http_busy;
}

}  // namespace zegocall::server_detail
