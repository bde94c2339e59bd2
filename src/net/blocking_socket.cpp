#include "net/blocking_socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "net/socket_address.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t unasked_max = 65536;  // what a server may say on an idle connection before it is given up

std::string errno_words(int number) {
  char text[128];
  return strerror_r(number, text, sizeof text);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

/// Asks the system; blocks for as long as that takes. Empty with the reason in `error`.
std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port, int flags, std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  if (failed != 0) return error = gai_strerror(failed), std::vector<SocketAddress>();
  std::vector<SocketAddress> out;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    SocketAddress& address = out.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  return out;
}

/// A look-up that nobody may have to wait for: getaddrinfo cannot be interrupted, so it has a thread of its own.
struct PendingLookup {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::vector<SocketAddress> found;
  std::string error;
};

Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port, SteadyTime deadline) {
  std::string error;
  if (auto numeric = resolve(host, port, AI_NUMERICHOST, error); !numeric.empty()) return numeric;
  auto pending = std::make_shared<PendingLookup>();
  std::thread([pending, host, port] {
    std::string why;
    auto found = resolve(host, port, AI_ADDRCONFIG, why);
    const std::scoped_lock lock(pending->mutex);
    pending->found = std::move(found);
    pending->error = std::move(why);
    pending->done = true;
    pending->changed.notify_one();
  }).detach();
  std::unique_lock lock(pending->mutex);
  if (!pending->changed.wait_until(lock, deadline, [&] { return pending->done; }))
    return fail(ErrorCode::unreachable, host + ": its name could not be looked up in time");
  if (pending->found.empty()) return fail(ErrorCode::unreachable, host + ": " + pending->error);
  return std::move(pending->found);
}

/// True once the socket is ready for `events`; false when the time is up.
Result<bool> wait_for(int fd, short events, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - system_now().steady).count();
    if (left <= 0) return false;
    pollfd waiting{fd, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::io_error, "poll: " + errno_words(errno));
  }
}

Result<void> connect_to(int fd, const SocketAddress& address, SteadyTime deadline) {
  if (::connect(fd, address.get(), address.size) == 0) return {};
  if (errno != EINPROGRESS) return fail(ErrorCode::unreachable, errno_words(errno));
  const auto ready = wait_for(fd, POLLOUT, deadline);
  if (!ready || !*ready) return fail(ErrorCode::unreachable, "no connection in time");
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(ErrorCode::unreachable, errno_words(error));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

Unexpected lost(int number) {
  if (number == ECONNRESET || number == EPIPE) return fail(ErrorCode::closed, "the server dropped the connection");
  return fail(ErrorCode::io_error, errno_words(number));
}

}  // namespace

Result<BlockingSocket> BlockingSocket::connect(const std::string& host, std::uint16_t port, SteadyTime deadline) {
  const auto addresses = look_up(host, port, deadline);
  if (!addresses) return unexpected(addresses.error());
  std::string why;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const SocketAddress& address = (*addresses)[i];
    BlockingSocket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.fd_ < 0) return fail(ErrorCode::unreachable, "no socket: " + errno_words(errno));
    const SteadyTime now = system_now().steady;  // each address gets its share of the time
    const auto share = (deadline - now) / static_cast<std::int64_t>(addresses->size() - i);
    auto good = connect_to(socket.fd_, address, now + share);
    if (good) return socket;
    why = std::move(good).error().detail;
  }
  return fail(ErrorCode::unreachable, host + ": " + why);
}

BlockingSocket::BlockingSocket(BlockingSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
BlockingSocket& BlockingSocket::operator=(BlockingSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
BlockingSocket::~BlockingSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<bool> BlockingSocket::read(std::string& into, SteadyTime deadline) {
  for (;;) {
    char chunk[16384];
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got > 0) return into.append(chunk, static_cast<std::size_t>(got)), true;
    if (got == 0) return false;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return lost(errno);
    auto ready = wait_for(fd_, POLLIN, deadline);
    if (!ready) return ready;
    if (!*ready) return fail(ErrorCode::timeout, "no reply in time");
  }
}

Result<void> BlockingSocket::write(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return lost(errno);
    const auto ready = wait_for(fd_, POLLOUT, deadline);
    if (!ready) return unexpected(ready.error());
    if (!*ready) return fail(ErrorCode::timeout, "the request did not leave in time");
  }
  return {};
}

bool BlockingSocket::read_now(std::string& into) {
  char chunk[16384];
  for (;;) {
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got > 0) {
      into.append(chunk, static_cast<std::size_t>(got));
      if (into.size() > unasked_max) return false;
    } else if (got == 0 || errno != EINTR) {
      return got != 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
  }
}

}  // namespace zegocall::net_detail
