#include "plain_http.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <memory>

using namespace zegocall;

namespace plain_http {
namespace {

constexpr timeval patience{.tv_sec = 20, .tv_usec = 0};

struct Address {
  std::string host, port;
};

Result<Address> address_of(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return fail_field(ErrorCode::invalid_argument, "url", "must begin with http://");
  url.remove_prefix(scheme.size());
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto colon = url.rfind(':');
  if (colon == url.npos || colon == 0) return fail_field(ErrorCode::invalid_argument, "url", "must be http://HOST:PORT");
  return Address{std::string(url.substr(0, colon)), std::string(url.substr(colon + 1))};
}

class Connection {
 public:
  explicit Connection(int descriptor) : fd_(descriptor) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<std::unique_ptr<Connection>> connect_to(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found) != 0)
    return fail(ErrorCode::unreachable, "no such host or port: " + address.host + ":" + address.port);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each; each = each->ai_next) {
    auto connection =
        std::make_unique<Connection>(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
    if (connection->fd() < 0) continue;
    ::setsockopt(connection->fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection->fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(connection->fd(), each->ai_addr, each->ai_addrlen) == 0) return connection;
  }
  return fail(ErrorCode::unreachable, "nobody answers at " + address.host + ":" + address.port);
}

Result<void> send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return fail(ErrorCode::closed, "the server closed the connection");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> read_all(int fd) {
  std::string out;
  char buffer[8192];
  for (;;) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got < 0) return fail(ErrorCode::timeout, "the server did not answer in time");
    if (got == 0) return out;
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<Answer> parse(const std::string& text) {
  const auto space = text.find(' '), head_end = text.find("\r\n\r\n");
  Answer answer;
  if (!text.starts_with("HTTP/1.") || space == text.npos || head_end == text.npos ||
      std::from_chars(text.data() + space + 1, text.data() + text.size(), answer.status).ec != std::errc{})
    return fail(ErrorCode::protocol, "not an HTTP answer");
  auto body = Json::parse(text.substr(head_end + 4));
  if (!body) return unexpected(body.error());
  answer.body = *std::move(body);
  return answer;
}

}  // namespace

Result<Answer> request(const Request& r) {
  auto address = address_of(r.url);
  if (!address) return unexpected(address.error());
  auto connection = connect_to(*address);
  if (!connection) return unexpected(connection.error());
  const std::string body = r.body == "null" ? std::string() : r.body;
  std::string head =
      r.method + " " + r.path + " HTTP/1.1\r\nHost: " + address->host + ":" + address->port + "\r\nConnection: close\r\n";
  if (!r.bearer.empty()) head += "Authorization: Bearer " + r.bearer + "\r\n";
  if (!r.device.empty()) head += "X-Device-Id: " + r.device + "\r\n";
  if (!body.empty()) head += "Content-Type: application/json\r\n";
  if (r.method != "GET") head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (auto sent = send_all((*connection)->fd(), head + "\r\n" + body); !sent) return unexpected(sent.error());
  return read_all((*connection)->fd()).and_then([](const std::string& text) { return parse(text); });
}

}  // namespace plain_http
