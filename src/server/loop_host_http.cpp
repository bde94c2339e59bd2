// Requests on a loop: what is asked, and who answers it.
#include <algorithm>

#include "server/conditions.hpp"
#include "server/loop_host.hpp"

namespace zegocall::server_detail {
namespace {

hub_detail::HttpMethod engine_method(std::string_view word) {
  if (word == "GET") return hub_detail::HttpMethod::get;
  return word == "POST" ? hub_detail::HttpMethod::post : hub_detail::HttpMethod::other;
}

bool is_operation(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/version" || path == "/metrics";
}

/// RFC 9110, section 13.2.2: a tag is asked before a date.
bool has_it_already(const net_detail::RequestHead& head, std::string_view etag, UnixTime modified) {
  if (const auto tags = head.header("if-none-match")) return etag_matches(*tags, etag);
  const auto since = head.header("if-modified-since");
  const auto date = since ? parse_http_date(*since) : std::nullopt;
  return date && modified <= *date;
}

}  // namespace

std::size_t LoopHost::body_limit(const net_detail::RequestHead& head) {
  const HubLimits& limits = server_.options().limits;
  if (door_of(head.path) != Door::none) return limits.message_bytes_max;
  return std::min(limits.body_bytes_max, server_.routes().body_max(method_of(head.method), head.path));
}

bool LoopHost::wants_body(const net_detail::RequestHead& head) {
  if (head.method == "OPTIONS") return true;
  const Door door = door_of(head.path);
  if (door == Door::none) return !server_.draining() && server_.routes().find(method_of(head.method), head.path).route != nullptr;
  if (is_stranger(head)) return false;
  Turn turn(*this);
  bool refused = false;
  at_door(door, [&](auto& core) { refused = core.refuses({engine_method(head.method), head.query, {}}); });
  return !refused;
}

void LoopHost::on_accepts_paused(const std::string& why) {
  if (server_.accept_pauses_told().is_due(system_now().steady))
    server_.log()(LogLevel::warning, "no new connections for a moment, those that are there go on: " + why);
}

void LoopHost::on_refusal(std::string_view address, const net_detail::RequestHead* head, net_detail::HttpAnswer& answer) {
  Turn turn(*this);
  const std::string id = id_for(head);
  while (!answer.body.empty() && answer.body.back() == '\n') answer.body.pop_back();
  if (head && door_of(head->path) != Door::none) {  // as the cores refuse
    answer.headers = {{"Content-Type", "application/json"}};
    answer.body = JsonObject{{"code", 3}, {"message", answer.body}}.text();
  } else {
    const bool too_large = answer.status == 413, too_slow = answer.status == 408;
    const ErrorCode code = too_large              ? ErrorCode::payload_too_large
                           : too_slow             ? ErrorCode::timeout
                           : answer.status == 431 ? ErrorCode::limit_exceeded
                           : answer.status == 503 ? ErrorCode::rate_limited
                                                  : ErrorCode::protocol;
    HttpResponse shaped = refusal(server_.routes(), {code, {}, answer.body}, answer.status);
    answer.headers = std::move(shaped.headers);
    answer.headers.emplace_back("Content-Type", shaped.content_type);
    answer.body = std::move(shaped.body);
    count(answer.status);
  }
  answer.headers.emplace_back("X-Request-Id", id);
  if (head) server_.cors().add_headers(head->header("origin"), answer.headers);
  if (!server_.options().access_log) return;
  AccessEntry entry{"-", "-", std::string(address), now_.steady};
  if (head) entry = {std::string(head->method), std::string(head->path), server_.proxies().asker(*head).address, now_.steady};
  log_access(entry, answer.status, answer.body.size(), id, {});
}

void LoopHost::on_request(net_detail::PeerId id, const net_detail::RequestHead& head, std::string body) {
  Turn turn(*this);
  PeerState& state = meet(id, head);
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

void LoopHost::on_body_begins(net_detail::PeerId id, const net_detail::RequestHead& head) {
  Turn turn(*this);
  PeerState& state = meet(id);
  if (is_stranger(head)) return;
  state.door = door_of(head.path);
  const hub_detail::EngineRequest request{engine_method(head.method), head.query, {}};
  at_door(state.door, [&](auto& core) { core.on_body_begins({id.slot, id.generation}, request, now_); });
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
  send_answer(id, out);
  return true;
}

bool LoopHost::serve_preflight(net_detail::PeerId id, const net_detail::RequestHead& head) {
  if (head.method != "OPTIONS" || !head.header("origin") || !head.header("access-control-request-method")) return false;
  if (is_stranger(head)) {
    ++counters_.origins_refused;
    refuse(id, {ErrorCode::forbidden, {}, "pages of this origin may not call"}, 403);
    return true;
  }
  net_detail::HttpAnswer out;
  out.status = 204;
  server_.cors().add_preflight_headers(peer(id).origin, head.header("access-control-request-headers").value_or(""), out.headers);
  send_answer(id, out);
  return true;
}

RequestState LoopHost::read(const net_detail::RequestHead& head, std::string body, Method method, bool head_only) {
  RequestState out;
  out.method = method;
  out.head_only = head_only;
  out.target = head.path;
  out.query = head.query;
  out.body = std::move(body);
  Asker asker = server_.proxies().asker(head);
  out.address = std::move(asker.address);
  out.secure = asker.secure;
  for (const auto& field : head.fields) out.fields.emplace_back(std::string(field.name), std::string(field.value));
  out.now = now_;
  out.origin_admitted = server_.cors().admits(head.header("origin"), head.header("host").value_or(""));
  out.on_service = [server = &server_](const std::function<void(Now)>& work) { return server->wait_service(work); };
  return out;
}

void LoopHost::serve(net_detail::PeerId id, const net_detail::RequestHead& head, std::string body) {
  if (server_.draining() && !is_operation(head.path)) return refuse(id, {ErrorCode::closed, {}, "the server is going down"}, 503);
  if (head.path == "*") {  // of the server as a whole; only OPTIONS comes here with it
    HttpResponse out{.status = 204};
    out.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return respond(id, std::move(out));
  }
  const bool head_only = head.method == "HEAD";
  const std::optional<Method> method = head_only ? Method::get : method_of(head.method);
  RouteMatch match = server_.routes().find(method, head.path);
  if (match.route) {
    RequestState request = read(head, std::move(body), *method, head_only);
    request.path_values = std::move(match.path_values);
    return serve_route(id, *match.route, std::move(request));
  }
  if (match.allow.empty() && (serve_operation(id, head) || serve_file(id, head))) return;
  if (match.allow.empty()) {
    ++counters_.http_unknown_path;
    return refuse(id, {ErrorCode::not_found, {}, "there is nothing at this path"}, 404);
  }
  refuse_method(id, head, match.allow);
}

void LoopHost::serve_route(net_detail::PeerId id, const Route& route, RequestState request) {
  PeerState& state = peer(id);
  request.id = state.id;
  if (state.entry) state.entry->path = route.pattern;
  if (route.rate) {
    const auto wait = route.rate->take(request.address, now_.steady);
    if (wait.count() > 0) {
      ++counters_.http_rate_limited;
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
      return respond(
          id, refusal(server_.routes(), {ErrorCode::rate_limited, {}, "too many requests; try again later"}, 429, seconds));
    }
  }
  auto job = std::make_shared<HttpJob>(
      HttpJob{Exchange(server_.routes(), std::move(request), route), number_, id, InFlight::Token(server_.in_flight())});
  job->number = state.owed;
  go_on(job);
}

void LoopHost::refuse_method(net_detail::PeerId id, const net_detail::RequestHead& head, std::string_view allow) {
  HttpResponse out{.status = 204};
  if (head.method != "OPTIONS") out = refusal(server_.routes(), {ErrorCode::invalid_argument, {}, "not with this method"}, 405);
  out.headers.emplace_back("Allow", allow);
  respond(id, std::move(out));
}

bool LoopHost::serve_operation(net_detail::PeerId id, const net_detail::RequestHead& head) {
  if (!server_.options().operations || !is_operation(head.path)) return false;
  if (head.method != "GET" && head.method != "HEAD") return refuse_method(id, head, "GET, HEAD, OPTIONS"), true;
  if (head.path == "/metrics") return respond_metrics(id), true;
  HttpResponse out = http_json(200, JsonObject{{"status", "ok"}});
  if (head.path == "/readyz" && !server_.ready())
    out = http_json(503, JsonObject{{"status", server_.draining() ? "draining" : "store_unavailable"}});
  if (head.path == "/version") {
    const std::string& own = server_.options().version;
    const std::optional<std::string_view> shown = own.empty() ? std::nullopt : std::optional<std::string_view>(own);
    out = http_json(200, JsonObject{{"zegocall", ZEGOCALL_VERSION}, {"version", shown}});
  }
  out.headers.emplace_back("Cache-Control", "no-store");
  respond(id, std::move(out));
  return true;
}

bool LoopHost::serve_file(net_detail::PeerId id, const net_detail::RequestHead& head) {
  const StaticFile* file = server_.routes().file(head.path);
  if (!file) {
    if (!server_.routes().is_folder(head.path)) return false;
    HttpResponse out{.status = 308};
    out.headers.emplace_back("Location", std::string(head.path) + "/");
    respond(id, std::move(out));
    return true;
  }
  if (head.method != "GET" && head.method != "HEAD") return refuse_method(id, head, "GET, HEAD, OPTIONS"), true;
  const bool packed = file->gzip && accepts_gzip(head.header("accept-encoding").value_or(""));
  const std::string& etag = packed ? file->gzip_etag : file->etag;
  net_detail::HttpAnswer out;
  out.headers = {{"ETag", etag},
                 {"Last-Modified", http_date_text(file->modified)},
                 {"Cache-Control", "no-cache"},
                 {"X-Content-Type-Options", "nosniff"}};
  if (file->gzip) out.headers.emplace_back("Vary", "Accept-Encoding");
  server_.cors().add_headers(peer(id).origin, out.headers);
  out.head_only = head.method == "HEAD";
  if (has_it_already(head, etag, file->modified)) {
    out.status = 304;
  } else {
    out.headers.emplace_back("Content-Type", std::string(file->type));
    if (packed) out.headers.emplace_back("Content-Encoding", "gzip");
    out.shared_body = packed ? file->gzip : file->content;
  }
  out.close = server_.draining();
  send_answer(id, out);
  return true;
}

}  // namespace zegocall::server_detail
