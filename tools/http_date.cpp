#include "http_date.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace zegocall::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{3};
constexpr std::size_t host_max = 253;
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }
  bool ready(short events, Clock::time_point until) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wanted{fd_, events, 0};
    return left > 0 && poll(&wanted, 1, static_cast<int>(left)) == 1;
  }

 private:
  int fd_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// What the thread that looks a name up leaves behind; it may outlive the one who asked.
struct Lookup {
  std::mutex mutex;
  std::condition_variable done;
  bool finished = false;
  Addresses addresses;
};

// The system's resolver cannot be given up in time, so a thread of its own waits for it.
Addresses look_up(const std::string& host, const std::string& port, Clock::time_point until) {
  auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, port] {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const bool good = getaddrinfo(host.c_str(), port.c_str(), &hints, &found) == 0;
    const std::lock_guard lock(lookup->mutex);
    if (good) lookup->addresses.reset(found);
    lookup->finished = true;
    lookup->done.notify_one();
  }).detach();
  std::unique_lock lock(lookup->mutex);
  lookup->done.wait_until(lock, until, [&] { return lookup->finished; });
  return std::move(lookup->addresses);
}

bool connect_to(const Socket& socket, const addrinfo& address, Clock::time_point until) {
  if (connect(socket.fd(), address.ai_addr, address.ai_addrlen) == 0) return true;
  if (!socket.ready(POLLOUT, until)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool belongs_to_host(char c, bool address) {
  const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return digit || c == '.' || (address ? c == ':' || c == '%' : c == '-' || c == '_');
}

std::optional<UnixTime> date_of(std::string_view answer) {
  for (std::string_view name : {"\r\nDate: ", "\r\ndate: "}) {
    const std::size_t at = answer.find(name);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = answer.substr(at + name.size());
    return read_http_date(rest.substr(0, rest.find('\r')));
  }
  return std::nullopt;
}

Result<UnixTime> ask(const Socket& socket, const std::string& host, Clock::time_point until) {
  const std::string request = "HEAD / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  if (send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return fail(ErrorCode::unreachable, "the request could not be sent");
  std::string answer;
  std::array<char, 4096> buffer;
  while (answer.find("\r\n\r\n") == std::string::npos && answer.size() < 65536 && socket.ready(POLLIN, until)) {
    const ssize_t got = recv(socket.fd(), buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (const auto date = date_of(answer)) return *date;
  return fail(ErrorCode::protocol, "its answer has no Date");
}

}  // namespace

std::optional<UnixTime> read_http_date(std::string_view text) {
  const std::string copy(text.substr(0, 40));
  std::array<char, 4> month{};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(copy.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month.data(), &year, &hour, &minute, &second) != 6)
    return std::nullopt;
  for (unsigned i = 0; i < months.size(); ++i) {
    if (months[i] != month.data()) continue;
    const auto date = std::chrono::year(year) / std::chrono::month(i + 1) / std::chrono::day(static_cast<unsigned>(day));
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return UnixTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
  }
  return std::nullopt;
}

Result<Authority> read_authority(std::string_view text) {
  Authority out;
  const bool bracket = !text.empty() && text[0] == '[';
  const std::size_t end = bracket ? text.find(']') : text.find(':');
  const std::string_view host = text.substr(bracket ? 1 : 0, end == text.npos ? end : end - (bracket ? 1 : 0));
  const std::string_view rest = end == text.npos ? std::string_view() : text.substr(end + (bracket ? 1 : 0));
  const bool good_host = !host.empty() && host.size() <= host_max && host[0] != '-' && !(bracket && end == text.npos) &&
                         std::all_of(host.begin(), host.end(), [&](char c) { return belongs_to_host(c, bracket); });
  if (!good_host) return fail(ErrorCode::invalid_argument, "is no host");
  out.host = host;
  if (rest.empty()) return out;
  const std::string_view port = rest.substr(1);
  std::uint16_t number = 0;
  const auto [last, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (rest[0] != ':' || error != std::errc() || last != port.data() + port.size() || number == 0)
    return fail(ErrorCode::invalid_argument, "the port must be a number from 1 to 65535");
  out.port = port;
  return out;
}

Result<UnixTime> ask_http_date(const Authority& authority) {
  const auto until = Clock::now() + patience;
  const std::string& name = authority.host;
  const Addresses addresses = look_up(name, authority.port, until);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const Socket socket(::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, each->ai_protocol));
    if (socket.fd() >= 0 && connect_to(socket, *each, until))
      return ask(socket, name.find(':') == name.npos ? name : "[" + name + "]", until);
  }
  return fail(ErrorCode::unreachable, "no connection");
}

}  // namespace zegocall::cli
