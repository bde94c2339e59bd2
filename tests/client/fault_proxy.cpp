#include "client/fault_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>

namespace zegocall::net_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int look_every_ms = 2;  // at the knobs, beside the sockets

int connect_to(std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(out, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return out;
  ::close(out);
  return -1;
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// One direction, with what is delayed.
struct Lane {
  int from, to;
  std::deque<std::pair<Clock::time_point, std::string>> late{};
  std::minstd_rand random{};

  bool take(int delay_ms, bool lose) {
    char chunk[16384];
    const ssize_t got = ::recv(from, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (!lose)
      late.emplace_back(Clock::now() + std::chrono::milliseconds(delay_ms), std::string(chunk, static_cast<std::size_t>(got)));
    return true;
  }
  bool give(std::size_t piece_max) {
    for (; !late.empty() && late.front().first <= Clock::now(); late.pop_front())
      for (std::string_view left = late.front().second; !left.empty();) {
        const std::size_t piece = piece_max == 0 ? left.size() : std::min(left.size(), 1 + random() % piece_max);
        if (!write_all(to, left.substr(0, piece))) return false;
        left.remove_prefix(piece);
      }
    return true;
  }
};

}  // namespace

/// Closes the connection with a reset, and keeps the number of the descriptor for its owner to close.
void FaultProxy::drop_hard(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, socket);
  ::close(nothing);
}

void FaultProxy::serve(int client) {
  if (fault_ == Fault::refuse) return void(::shutdown(client, SHUT_RDWR));
  if (fault_ == Fault::reset) return drop_hard(client);
  const int server = connect_to(target_);
  if (server < 0) return void(::shutdown(client, SHUT_RDWR));
  if (fault_ == Fault::half_close) ::shutdown(client, SHUT_WR);
  pass(client, server);
  ::close(server);
}

void FaultProxy::pass(int client, int server) {
  const int cuts = cuts_, at_once = 1;
  for (const int socket : {client, server}) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  Lane up{client, server}, down{server, client};
  for (bool open = true; open && !over_;) {
    if (cuts != cuts_) {
      if (resets_) return drop_hard(client);
      break;
    }
    const bool silent = fault_ == Fault::silent;
    pollfd both[2] = {{client, static_cast<short>(silent ? 0 : POLLIN), 0}, {server, static_cast<short>(silent ? 0 : POLLIN), 0}};
    ::poll(both, 2, look_every_ms);
    if (both[0].revents & POLLIN) open = up.take(delay_ms_, fault_ == Fault::deaf_server);
    if (open && both[1].revents & POLLIN) open = down.take(delay_ms_, fault_ == Fault::half_close);
    if (!silent) open = open && up.give(pieces_) && down.give(pieces_);
    if (!silent && ((both[0].revents | both[1].revents) & (POLLERR | POLLHUP)) && !((both[0].revents | both[1].revents) & POLLIN))
      open = false;
  }
  ::shutdown(client, SHUT_RDWR);
}

}  // namespace zegocall::net_test
