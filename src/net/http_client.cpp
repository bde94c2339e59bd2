#include "zegocall/net/http_client.hpp"
#include "base/http_text.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "net/blocking_socket.hpp"
#include "net/http_reply.hpp"
#include "net/http_url.hpp"
#include "net/tls_client.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {
namespace {

using net_detail::BlockingSocket;
using net_detail::HttpUrl;
using net_detail::TlsClient;

constexpr std::chrono::milliseconds time_limit_max = std::chrono::hours(1);

/// A connection to one server, encrypted or not.
class Connection {
 public:
  explicit Connection(TlsClient tls) : tls_(std::move(tls)) {}
  explicit Connection(BlockingSocket plain) : plain_(std::move(plain)) {}

  Result<bool> read(std::string& into, SteadyTime deadline) {
    return tls_ ? tls_->read(into, deadline) : plain_->read(into, deadline);
  }
  Result<void> write(std::string_view bytes, SteadyTime deadline) {
    return tls_ ? tls_->write(bytes, deadline) : plain_->write(bytes, deadline);
  }
  bool is_quiet() {
    std::string said;
    return tls_ ? tls_->is_quiet() : plain_->read_now(said) && said.empty();
  }

 private:
  std::optional<TlsClient> tls_;
  std::optional<BlockingSocket> plain_;
};

struct Idle {
  std::string origin;
  SteadyTime until;
  Connection connection;
};

using base_detail::is_token;

/// RFC 9110, section 9.2.2.
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

Result<void> check_headers(const HttpHeaders& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value] = headers[i];
    const bool clean = std::none_of(value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    if (!is_token(name) || !clean)
      return fail_field(ErrorCode::invalid_argument, "headers." + std::to_string(i), "must be a name and one line");
  }
  return {};
}

Result<void> check_request(const OutgoingRequest& request, const HttpUrl& url, bool plain_http) {
  if (!url.tls && !plain_http) return fail_field(ErrorCode::invalid_argument, "url", "must begin with https://");
  if (!is_token(request.method)) return fail_field(ErrorCode::invalid_argument, "method", "must be a word");
  if (request.time_limit.count() <= 0 || request.time_limit > time_limit_max)
    return fail_field(ErrorCode::out_of_range, "time_limit", "must be 1 ms to 1 h");
  return check_headers(request.headers);
}

std::string request_text(const OutgoingRequest& request, const HttpUrl& url) {
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority + "\r\n";
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\r\n");
  const bool bodily = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (bodily || !request.body.empty()) out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n").append(request.body);
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(HttpClientOptions options, net_detail::TlsTrust trust, std::optional<HttpUrl> proxy)
      : options_(std::move(options)), trust_(std::move(trust)), proxy_(std::move(proxy)) {}

  Result<HttpReply> send(const OutgoingRequest& request) {
    const SteadyTime deadline = system_now().steady + request.time_limit;
    const auto url = net_detail::parse_http_url(request.url, "url");
    if (!url) return unexpected(url.error());
    if (auto good = check_request(request, *url, options_.plain_http); !good) return unexpected(std::move(good).error());
    const std::string origin = (url->tls ? "https " : "http ") + url->host_and_port();
    if (auto idle = take(origin)) {
      auto reply = exchange(*std::move(idle), request, *url, origin, deadline);
      // The server may close an idle connection at the very moment it is used (RFC 9112, section 9.3.1): what is safe to
      // ask twice is asked again, once, on a new one.
      const bool lost = !reply && (reply.error().code == ErrorCode::closed || reply.error().code == ErrorCode::io_error);
      if (!lost || !is_idempotent(request.method)) return reply;
    }
    auto connection = connect(*url, deadline);
    if (!connection) return unexpected(std::move(connection).error());
    return exchange(*std::move(connection), request, *url, origin, deadline);
  }

 private:
  Result<HttpReply> exchange(Connection connection, const OutgoingRequest& request, const HttpUrl& url, const std::string& origin,
                             SteadyTime deadline) {
    if (auto written = connection.write(request_text(request, url), deadline); !written)
      return unexpected(std::move(written).error());
    auto read = net_detail::read_reply(request.method, request.reply_bytes_max,
                                       [&](std::string& into) { return connection.read(into, deadline); });
    if (!read) return unexpected(std::move(read).error());
    if (read->reusable) keep(origin, std::move(connection));
    return std::move(read->reply);
  }

  Result<Connection> connect(const HttpUrl& url, SteadyTime deadline) {
    const HttpUrl& first = proxy_ ? *proxy_ : url;
    auto socket = BlockingSocket::connect(first.host, first.port, deadline);
    if (!socket) return unexpected(std::move(socket).error());
    if (proxy_)
      if (auto through = pass_proxy(*socket, url, deadline); !through) return unexpected(std::move(through).error());
    if (!url.tls) return Connection(*std::move(socket));
    return TlsClient::connect(*std::move(socket), trust_, url.host, deadline).transform([](TlsClient tls) {
      return Connection(std::move(tls));
    });
  }

  static Result<void> pass_proxy(BlockingSocket& socket, const HttpUrl& url, SteadyTime deadline) {
    const std::string to = url.host_and_port();
    const auto written = socket.write("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n", deadline);
    if (!written) return fail_field(ErrorCode::unreachable, "proxy", written.error().detail);
    const auto status = net_detail::read_connect_reply([&](std::string& into) { return socket.read(into, deadline); });
    if (!status) return fail_field(ErrorCode::unreachable, "proxy", status.error().detail);
    if (*status < 200 || *status >= 300)
      return fail_field(ErrorCode::unreachable, "proxy", "answered " + std::to_string(*status) + " to CONNECT " + to);
    return {};
  }

  /// A connection that is open and still; the others to this origin that are not are dropped.
  std::optional<Connection> take(const std::string& origin) {
    const SteadyTime now = system_now().steady;
    const std::scoped_lock lock(mutex_);
    std::erase_if(idle_, [&](const Idle& one) { return one.until <= now; });
    for (;;) {
      const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const Idle& one) { return one.origin == origin; });
      if (found == idle_.end()) return std::nullopt;
      Connection connection = std::move(found->connection);
      idle_.erase(found);
      if (connection.is_quiet()) return connection;
    }
  }

  void keep(const std::string& origin, Connection connection) {
    if (options_.idle_max == 0) return;
    const std::scoped_lock lock(mutex_);
    if (idle_.size() >= options_.idle_max) idle_.erase(idle_.begin());
    idle_.push_back({origin, system_now().steady + options_.idle_time, std::move(connection)});
  }

  HttpClientOptions options_;
  net_detail::TlsTrust trust_;
  std::optional<HttpUrl> proxy_;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // oldest first
};

Result<HttpClient> HttpClient::open(HttpClientOptions options) {
  std::optional<HttpUrl> proxy;
  if (!options.proxy.empty()) {
    auto url = net_detail::parse_http_url(options.proxy, "proxy");
    if (!url) return unexpected(std::move(url).error());
    if (url->tls || url->target != "/") return fail_field(ErrorCode::invalid_argument, "proxy", "must be http://host:port");
    proxy = *std::move(url);
  }
  if (options.idle_max > 1024) return fail_field(ErrorCode::out_of_range, "idle_max", "must be at most 1024");
  if (options.idle_time < std::chrono::seconds(0) || options.idle_time > std::chrono::hours(1))
    return fail_field(ErrorCode::out_of_range, "idle_time", "must be 0 s to 1 h");
  auto trust = net_detail::TlsTrust::open(options.ca_file);
  if (!trust) return unexpected(std::move(trust).error());
  return HttpClient(std::make_unique<Impl>(std::move(options), *std::move(trust), std::move(proxy)));
}

Result<HttpReply> HttpClient::send(const OutgoingRequest& request) { return impl_->send(request); }

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

}  // namespace zegocall
