// HTTP on the hub's port: routes, files, and what a handler sees of a request.
//
//   Router http;
//   http.route(Method::get, "/api/users/:id", [](const HttpRequest& request) -> Result<HttpResponse> {
//     return http_json(200, JsonObject{{"id", request.path("id")}});
//   });
//
// A Router is a value: fill it, hand it to Hub::open, which checks it and keeps a copy. What is wrong with it (a path
// twice, a folder that cannot be read) is an error of Hub::open.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

class HttpRequest;
namespace server_detail {
struct RequestState;
struct RouterParts;
struct RequestAccess;
struct RouterAccess;
}  // namespace server_detail

/// Where a handler runs.
/// loop: on the thread of the connection's event loop; must not block, neither on a store nor on a lock held for long.
/// service: on the hub's one service thread, in a group with others; may use stores, must not wait for a network or hash
///   a password. What it sends and answers leaves after the group's commit.
/// worker: on a small pool; may block, hash, wait for a network, and reach the service by HttpRequest::wait_service.
///   HTTP only. When its queue is full the client gets 503 with Retry-After.
enum class Run : unsigned char { loop, service, worker };

enum class Method : unsigned char { get, post, put, patch, del };
/// "GET", ..., "DELETE"; valid for ever.
std::string_view name(Method method);

/// Who is at the other end of a connection or request.
struct Identity {
  UserId user{};                      ///< empty: nobody in particular
  DeviceId device{};                  ///< empty: not known; a socket then counts its ConnectionId as its device
  Json data{};                        ///< whatever the host wants to find again; null
  std::optional<UnixTime> expires{};  ///< a socket is told `auth_expiring` then, and disconnected 60 s later
};

/// The next piece of a body that is not in memory as a whole; nothing: that was all. A failure, or an exception, breaks the
/// answer off, so that the client knows that it is not whole. Pieces of some 16 KiB to 64 KiB are a good size.
using HttpParts = std::function<Result<std::optional<std::string>>()>;

/// What a handler answers. The library adds Content-Length, Date, X-Request-Id and what CORS asks for.
struct HttpResponse {
  int status = 200;
  std::string body{};
  std::string content_type = "application/json";  ///< not sent with an empty body
  /// More fields, as they are to be sent. Left out, and logged, are those of the library's own (Content-Length,
  /// Transfer-Encoding, Connection, Date), names that are no token, and values with a control character.
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Takes the place of `body`: called again and again, one call at a time, where the handler ran (on the service thread
  /// each call is in a group of its own). Never ahead of the client: the next piece is asked for when at most 64 KiB of
  /// those before have not left yet. RouteOptions::time_limit holds for each piece. Not called for HEAD, nor after the
  /// client has gone. What it holds is destroyed on a thread of the hub.
  HttpParts parts{};
};
/// A response with a JSON body: http_json(200, JsonObject{{"ok", true}}).
HttpResponse http_json(int status, const JsonInput& body);

/// The HTTP status that fits an error where nobody says otherwise: 400, 401, 403, 404, 409, 413, 422, 429, 503, 500.
int http_status(ErrorCode code);

/// A failed Result becomes a response by Router::on_error; one of 429 or 503 gets a Retry-After by Error::retry_after, 1 s where
/// that says nothing. One that throws is answered 500 and counted.
using HttpHandler = std::function<Result<HttpResponse>(const HttpRequest&)>;
/// Says who asks. A failure is answered by Router::on_error, 401 unless that says otherwise.
using HttpAuthenticator = std::function<Result<Identity>(const HttpRequest&)>;

/// One request, complete, for the time of the call that it is handed to. Not copyable; used by one thread at a time.
class HttpRequest {
 public:
  explicit HttpRequest(server_detail::RequestState& state) : state_(&state) {}
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  Method method() const;
  /// The path as it was sent, without the query: percent signs still stand.
  std::string_view target() const;
  /// The part of the path that the pattern's `:name` took, decoded. Empty if the pattern has no such name.
  std::string path(std::string_view name) const;
  /// The first value of a name in the query, decoded ('+' is a space).
  std::optional<std::string> query(std::string_view name) const;
  /// A header, in any case of letters; several of one name are joined by ", ".
  std::optional<std::string> header(std::string_view name) const;
  std::optional<std::string> cookie(std::string_view name) const;
  std::string_view body() const;
  /// The numeric address of who asks, without port: of the TCP peer, or, if that is among HubOptions::trusted_proxies, what
  /// it says of its client.
  std::string_view address() const;
  /// A trusted proxy says that its client came by https.
  bool secure() const;
  /// Names the request, also in the answer's X-Request-Id and in log lines: the X-Request-Id that it came with, if that is 1
  /// to 64 letters, digits and ".", "_", "-", "+", "=", "/"; else 32 bytes of text, new for each request.
  std::string_view id() const;
  /// When the handler was called, and, inside wait_service, when the work began: on the service thread it never goes back.
  Now now() const;

  /// The body as JSON, checked once. Errors: bad_json, bad_utf8, limit_exceeded. An empty body is null.
  Result<JsonView> json() const;
  /// From the body, as JsonView::get: get<UserId>("receiverId"), get<A, B>("a", "b").
  template <class T>
  Result<T> get(std::string_view member) const {
    auto root = json();
    if (!root) return unexpected(std::move(root).error());
    return root->get<T>(member);
  }
  template <class A, class B, class... More>
  Result<std::tuple<A, B, More...>> get(std::string_view a, std::string_view b, base_detail::JsonPath<More>... more) const {
    auto root = json();
    if (!root) return unexpected(std::move(root).error());
    return root->get<A, B, More...>(a, b, more...);
  }

  /// What Router::authenticate found; empty on an anonymous route.
  const Identity& identity() const;
  /// The client's Idempotency-Key, or a new id; the same at each call for one request.
  CommandId command_id() const;
  /// True unless the request has an Origin that is neither this host nor among HubOptions::allowed_origins. A write that
  /// is authenticated by a cookie must ask this.
  bool from_allowed_origin() const;

  /// For Run::worker: runs `work()`, which returns a Result, on the service thread in a group, and returns what it gave
  /// after the group's commit. On the service thread itself it just runs it. Errors: what `work` or the commit failed
  /// with; rate_limited (the mailbox is full); closed (the hub stops); invalid_state (called on a loop).
  template <class Work>
  std::invoke_result_t<Work&> wait_service(Work work) const {
    std::optional<std::invoke_result_t<Work&>> out;
    auto done = run_on_service([&] { out.emplace(work()); });
    if (!done) return unexpected(std::move(done).error());
    return *std::move(out);
  }

 private:
  friend struct server_detail::RequestAccess;
  Result<void> run_on_service(const std::function<void()>& work) const;
  server_detail::RequestState* state_;
};

/// How often one address may ask a route: `requests` at once, and they come back evenly over `per`. An address of IPv6
/// counts with the others of its /64. Who asks too often is answered 429 with a Retry-After, before any handler runs.
struct RouteRate {
  std::uint32_t requests = 0;    ///< 0: no limit
  std::chrono::seconds per{60};  ///< 1 s to 1 day
};

struct RouteOptions {
  std::size_t body_max = std::size_t{1} << 20;  ///< bytes; a longer body is answered 413 and never collected
  bool anonymous = false;                       ///< Router::authenticate is not asked
  RouteRate rate{};
  /// For authenticate and the handler together, where one of them leaves the loop; also for each piece of
  /// HttpResponse::parts. Then the client gets 503 with Retry-After, and what the handler answers later is dropped. Zero: no
  /// limit. A handler on the loop cannot be waited for.
  std::chrono::milliseconds time_limit{60'000};
};

/// Routes of one hub. Value type. A path is literal segments and `:name` segments; where both fit, literal wins. HEAD is
/// answered where GET is, OPTIONS everywhere; a known path with another method is 405 with Allow, else 404.
class Router {
 public:
  Router();
  Router(const Router&);
  Router(Router&&) noexcept;
  Router& operator=(const Router&);
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// Asked before every route that is not anonymous (files are). One for the whole router.
  Router& authenticate(HttpAuthenticator who, Run run = Run::loop);
  Router& route(Method method, std::string path, HttpHandler handler, Run run = Run::loop, RouteOptions options = {});
  /// Serves the files below `folder` at `prefix`; "index.html" answers for a folder. They are read into memory once, by
  /// Hub::open (at most 64 MiB), so that nothing outside the folder can be reached and no disk is waited for; a changed
  /// file needs a new hub. Routes win over files, a longer prefix over a shorter. Conditions (If-None-Match,
  /// If-Modified-Since) are answered 304. Where "NAME.gz" stands beside NAME and holds the same, it is sent to clients that
  /// take gzip, and has no path of its own.
  Router& files(std::string prefix, std::string folder);
  /// The shape of every failure: of handlers, of authenticate, and of the library's own refusals (404, 405, 413, 429,
  /// 503), which keep their own status whatever the shape says. The default is {"error": {"code", "field", "message"}} with
  /// http_status(code). Must not throw; any thread that runs handlers.
  Router& on_error(std::function<HttpResponse(const Error&)> shape);

 private:
  friend struct server_detail::RouterAccess;
  std::unique_ptr<server_detail::RouterParts> parts_;
};

}  // namespace zegocall
