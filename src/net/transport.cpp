#include "net/transport.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/loop_impl.hpp"
#include "net/socket_address.hpp"

namespace zegocall::net_detail {
namespace {

// Buffers that are kept between uses: a few, and none that a single large answer has blown up.
constexpr std::size_t spare_buffers_max = 64;
constexpr std::size_t spare_buffer_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t inline_bytes = 15;  // what a std::string holds without an allocation

}  // namespace

// libwebsockets' one callback. Nothing may be thrown through its frames.
struct TransportCallbacks {
  static int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, std::size_t size) noexcept {
    auto* transport = static_cast<Transport*>(wsi ? lws_get_opaque_user_data(wsi) : nullptr);
    if (!transport) return 0;
    switch (static_cast<int>(reason)) {
      case LWS_CALLBACK_RAW_RX: transport->on_bytes(static_cast<char*>(in), size); break;
      case LWS_CALLBACK_RAW_WRITEABLE:
        transport->waits_writable_ = false;
        if (transport->connecting_) transport->finish_connecting();
        transport->flush();
        break;
      case LWS_CALLBACK_RAW_CLOSE:
        if (transport->connecting_) (void)transport->note_connect_error();
        lws_set_opaque_user_data(wsi, nullptr);
        transport->wsi_ = nullptr;
        transport->on_gone();
        break;
    }
    return 0;
  }
};

const lws_protocols* Transport::protocols() {
  static const lws_protocols list[] = {
      {"zegocall", TransportCallbacks::on_event, 0, 0, 0, nullptr, 1 << 20},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0},
  };
  return list;
}

Transport::Transport(Loop& loop) : loop_(loop.impl()) {}

Transport::~Transport() {
  loop_.forget(*this);
  if (wsi_) {
    lws_set_opaque_user_data(wsi_, nullptr);
    lws_set_timeout(wsi_, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_SYNC);
  }
}

bool Transport::adopt(int socket) {
  lws_adopt_desc_t how;
  std::memset(&how, 0, sizeof how);
  how.vh = loop_.vhost;
  how.type = LWS_ADOPT_SOCKET;
  how.fd.sockfd = socket;
  how.vh_prot_name = protocols()[0].name;
  wsi_ = lws_adopt_descriptor_vhost_via_info(&how);
  if (!wsi_) return false;
  lws_set_opaque_user_data(wsi_, this);
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);  // time limits are the owner's business
  return true;
}

/// libwebsockets closes what it was given, so that the socket lives on under another number.
int Transport::detach() {
  const int copy = ::fcntl(lws_get_socket_fd(wsi_), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return -1;
  lws_set_opaque_user_data(wsi_, nullptr);
  lws_set_timeout(std::exchange(wsi_, nullptr), PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_SYNC);
  return copy;
}

std::string Transport::take_unsent() {
  std::string out = std::exchange(out_, {});
  out.erase(0, std::exchange(out_at_, 0));
  return out;
}

/// A socket of our own, taken over while it connects: what libwebsockets does when a connection of its own making fails in
/// the middle (a full descriptor table, an end while connecting) leaves it with freed memory.
void Transport::connect(const std::string& address, std::uint16_t port) {
  auto to = numeric_address(address, port);
  if (!to) return void(connect_error_ = EADDRNOTAVAIL);
  const int socket = ::socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  connect_error_ = socket < 0 ? errno : 0;
  if (socket < 0) return;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket, to->get(), to->size) != 0 && errno != EINPROGRESS) {
    connect_error_ = errno;
    ::close(socket);
    return;
  }
  if (!adopt(socket)) return;
  connecting_ = waits_writable_ = true;
  if (lws_callback_on_writable(wsi_) < 0) doom();
}

void Transport::finish_connecting() {
  connecting_ = false;
  if (!note_connect_error()) return doom();
  on_connected();
}

/// True if there is none.
bool Transport::note_connect_error() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) connect_error_ = error;
  return error == 0;
}

std::size_t Transport::unconfirmed() const {
  int bytes = 0;
  return wsi_ && ::ioctl(lws_get_socket_fd(wsi_), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

std::string& Transport::out() {
  loop_.mark_dirty(*this);
  if (out_.empty() && out_.capacity() <= inline_bytes && !loop_.spare_buffers.empty()) {
    out_ = std::move(loop_.spare_buffers.back());
    loop_.spare_buffers.pop_back();
  }
  return out_;
}

void Transport::queue(std::string_view bytes) {
  if (!wsi_) return;
  if (out_.size() + bytes.size() > inline_bytes) {
    out().append(bytes);
    return;
  }
  loop_.mark_dirty(*this);
  out_.append(bytes);
}

void Transport::flush() {
  if (!wsi_ || waits_writable_ || doomed_) return;
  on_flush();
  if (out_at_ < out_.size()) {
    const std::size_t wanted = out_.size() - out_at_;
    const ssize_t sent = ::send(lws_get_socket_fd(wsi_), out_.data() + out_at_, wanted, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return doom();
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    out_at_ += taken;
    on_written(taken, taken == wanted);
    if (taken < wanted) {
      waits_writable_ = true;
      if (out_at_ > out_.size() / 2) out_.erase(0, std::exchange(out_at_, 0));
      if (lws_callback_on_writable(wsi_) < 0) doom();
      return;
    }
  }
  drained();
}

void Transport::drained() {
  out_.clear();
  out_at_ = 0;
  if (out_.capacity() > inline_bytes) {
    if (loop_.spare_buffers.size() < spare_buffers_max && out_.capacity() <= spare_buffer_bytes_max)
      loop_.spare_buffers.push_back(std::move(out_));
    out_ = std::string();
  }
  if (std::exchange(finishing_, false)) ::shutdown(lws_get_socket_fd(wsi_), SHUT_WR);
}

void Transport::finish() {
  if (!wsi_) return;
  finishing_ = true;
  loop_.mark_dirty(*this);
}

void Transport::doom() {
  if (wsi_) loop_.mark_doomed(*this);
}

void Transport::reset() {
  const linger at_once{1, 0};
  if (wsi_) ::setsockopt(lws_get_socket_fd(wsi_), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  doom();
}

void Transport::kill() {
  if (wsi_) lws_set_timeout(wsi_, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_SYNC);
}

void Transport::shut_down() {
  if (wsi_) ::shutdown(lws_get_socket_fd(wsi_), SHUT_RDWR);
}

void Transport::pause_reading(bool paused) {
  if (wsi_) lws_rx_flow_control(wsi_, paused ? 0 : 1);
}

}  // namespace zegocall::net_detail
