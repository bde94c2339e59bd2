#include "channel.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace load {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "load: %s\n", why.c_str());
  std::exit(1);
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

Loop::Loop(const std::string& ca_file) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes) {
  if (epoll_ < 0) give_up("no epoll");
  if (ca_file.empty()) return;
  tls_ = SSL_CTX_new(TLS_client_method());
  if (!tls_ || SSL_CTX_load_verify_locations(tls_, ca_file.c_str(), nullptr) != 1) give_up("no certificates in " + ca_file);
  SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Loop::~Loop() {
  SSL_CTX_free(tls_);
  ::close(epoll_);
}

void Loop::turn(int timeout_ms) {
  std::array<epoll_event, 512> events{};
  const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Channel*>(event.data.ptr)->on_events(event.events);
  }
  for (std::size_t i = 0; i < dirty_.size(); ++i) dirty_[i]->flush();
  dirty_.clear();
}

Channel::~Channel() {
  close();
  std::erase(loop_.dirty_, this);
}

void Channel::connect(int port, int source) {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) give_up(std::string("no socket: ") + std::strerror(errno));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(source));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  if (source > 0 && ::bind(socket_, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) give_up("no source address");
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    give_up("cannot connect to port " + std::to_string(port) + ": " + std::strerror(errno));
  connecting_ = waits_ = true;
  ++generation_;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = this;
  if (::epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, socket_, &event) != 0) give_up("epoll takes no more sockets");
  if (!loop_.tls_) return;
  tls_ = SSL_new(loop_.tls_);
  if (!tls_ || SSL_set_fd(tls_, socket_) != 1 || SSL_set1_host(tls_, "localhost") != 1) give_up("no TLS");
  SSL_set_connect_state(tls_);
  shaking_ = true;
}

void Channel::close() {
  if (socket_ < 0) return;
  SSL_free(std::exchange(tls_, nullptr));
  ::close(std::exchange(socket_, -1));
  ++generation_;
  connecting_ = shaking_ = waits_ = false;
  in_.clear();
  out_.clear();
}

std::string& Channel::out() {
  if (!std::exchange(dirty_, true)) loop_.dirty_.push_back(this);
  return out_;
}

void Channel::fail() {
  close();
  on_gone();
}

void Channel::on_events(std::uint32_t events) {
  if (socket_ < 0) return;
  if (connecting_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail();
    connecting_ = false;
  }
  if (connecting_) return;
  const std::uint32_t generation = generation_;
  if (shaking_) {
    if (!shake_hands()) return;
    waits_ = false;
    flush();  // what was queued before there was a way
  }
  if (generation_ == generation && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read();
  if (generation_ == generation && (events & EPOLLOUT) != 0) {
    waits_ = false;
    flush();
    if (generation_ == generation && !waits_) wait_writable(false);
  }
}

bool Channel::shake_hands() {
  const int done = SSL_do_handshake(tls_);
  if (done == 1) return shaking_ = false, true;
  switch (SSL_get_error(tls_, done)) {
    case SSL_ERROR_WANT_READ: return wait_writable(false), false;
    case SSL_ERROR_WANT_WRITE: return wait_writable(true), false;
  }
  give_up(std::string("TLS: ") + ERR_error_string(ERR_get_error(), nullptr));
}

long Channel::receive(char* data, std::size_t size) {
  if (tls_) {
    const int got = SSL_read(tls_, data, static_cast<int>(size));
    return got > 0 ? got : SSL_get_error(tls_, got) == SSL_ERROR_WANT_READ ? 0 : -1;
  }
  const ssize_t got = ::recv(socket_, data, size, 0);
  return got > 0 ? got : got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

long Channel::transmit() {
  if (tls_) {
    const int sent = SSL_write(tls_, out_.data(), static_cast<int>(out_.size()));
    return sent > 0 ? sent : SSL_get_error(tls_, sent) == SSL_ERROR_WANT_WRITE ? 0 : -1;
  }
  const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
  return sent > 0 ? sent : sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void Channel::read() {
  const std::uint32_t generation = generation_;
  while (true) {
    const long got = receive(loop_.buffer_.data(), loop_.buffer_.size());
    if (got == 0) return;
    if (got < 0) return fail();
    take(loop_.buffer_.data(), static_cast<std::size_t>(got));
    // TLS hands out a record at a time, and epoll does not see what it holds.
    if (generation_ != generation || (!tls_ && static_cast<std::size_t>(got) < loop_.buffer_.size())) return;
  }
}

void Channel::take(char* data, std::size_t size) {
  const std::uint32_t generation = generation_;
  if (in_.empty()) {
    const std::size_t used = on_bytes(data, size);
    if (generation_ == generation && used < size) in_.assign(data + used, size - used);
    return;
  }
  std::string all = std::move(in_);
  in_.clear();
  all.append(data, size);
  const std::size_t used = on_bytes(all.data(), all.size());
  if (generation_ != generation) return;
  all.erase(0, used);
  in_ = std::move(all);
}

void Channel::flush() {
  dirty_ = false;
  if (socket_ < 0 || connecting_ || shaking_ || waits_) return;
  while (!out_.empty()) {
    const long sent = transmit();
    if (sent < 0) return fail();
    if (sent == 0) return waits_ = true, wait_writable(true);
    out_.erase(0, static_cast<std::size_t>(sent));
  }
}

void Channel::wait_writable(bool wanted) {
  epoll_event event{};
  event.events = EPOLLIN | (wanted ? std::uint32_t{EPOLLOUT} : 0u);
  event.data.ptr = this;
  ::epoll_ctl(loop_.epoll_, EPOLL_CTL_MOD, socket_, &event);
}

}  // namespace load
