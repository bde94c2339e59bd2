// ceiling: how fast a Socket.IO server could be on this machine if it did nothing but the work of the load's four words. One
// epoll, one write for each connection and turn, WebSocket only, no limits, no checks, no JSON: fields are found by their text.
// A yardstick for bench/run.sh, never a server.
//
//   ceiling        prints "listening on http://127.0.0.1:PORT"; ends with its standard input
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/ws_frames.hpp"
#include "process.hpp"

namespace {

using namespace zegocall::net_detail;

struct Peer {
  int socket = -1;
  bool upgraded = false, dirty = false, waits = false;
  std::string in{}, out{};
  std::vector<std::string> groups{};
};

std::string_view text_of(std::string_view packet, std::string_view marker) {
  const std::size_t at = packet.find(marker);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + marker.size();
  return packet.substr(begin, packet.find('"', begin) - begin);
}

class Ceiling {
 public:
  Ceiling();
  int port() const { return port_; }
  void serve();

 private:
  void accept_all();
  void watch(Peer& peer, int how, std::uint32_t events) const;
  void read(Peer& peer);
  std::size_t take(Peer& peer, char* data, std::size_t size);
  void on_message(Peer& peer, std::string_view message);
  void on_event(Peer& peer, std::string_view ack, std::string_view args);
  void send(Peer& peer, std::string_view packet);
  void fan_out(std::string_view group, const Peer* except, std::string_view args);
  void flush(Peer& peer);
  void end(Peer& peer);

  int listener_ = -1, epoll_ = -1, port_ = 0;
  std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_{};
  std::unordered_map<std::string, std::vector<Peer*>> groups_{};
  std::vector<Peer*> dirty_{};
  std::vector<std::unique_ptr<Peer>> ended_{};
  std::vector<char> buffer_ = std::vector<char>(1 << 17);
  std::string framed_{}, packet_{};
};

Ceiling::Ceiling()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, 4096) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    std::perror("ceiling"), std::exit(1);
  port_ = ntohs(at.sin_port);
  for (const int watched : {listener_, STDIN_FILENO}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = watched == listener_ ? this : nullptr;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, watched, &event);
  }
}

void Ceiling::serve() {
  std::array<epoll_event, 512> events{};
  while (true) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (!event.data.ptr) return;
      if (event.data.ptr == this) {
        accept_all();
        continue;
      }
      Peer& peer = *static_cast<Peer*>(event.data.ptr);
      if (peer.socket >= 0 && (event.events & EPOLLOUT) != 0) {
        peer.waits = false;
        watch(peer, EPOLL_CTL_MOD, EPOLLIN);
        flush(peer);
      }
      if (peer.socket >= 0 && (event.events & ~std::uint32_t{EPOLLOUT}) != 0) read(peer);
    }
    for (std::size_t i = 0; i < dirty_.size(); ++i)
      if (dirty_[i]->socket >= 0) flush(*dirty_[i]);
    dirty_.clear();
    ended_.clear();
  }
}

void Ceiling::accept_all() {
  for (int socket = 0; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto peer = std::make_unique<Peer>();
    peer->socket = socket;
    watch(*peer, EPOLL_CTL_ADD, EPOLLIN);
    peers_.emplace(peer.get(), std::move(peer));
  }
}

void Ceiling::watch(Peer& peer, int how, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &peer;
  ::epoll_ctl(epoll_, how, peer.socket, &event);
}

void Ceiling::read(Peer& peer) {
  const ssize_t got = ::recv(peer.socket, buffer_.data(), buffer_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return end(peer);
  const auto size = static_cast<std::size_t>(got);
  if (peer.in.empty()) {
    const std::size_t used = take(peer, buffer_.data(), size);
    if (peer.socket >= 0 && used < size) peer.in.assign(buffer_.data() + used, size - used);
    return;
  }
  peer.in.append(buffer_.data(), size);
  peer.in.erase(0, take(peer, peer.in.data(), peer.in.size()));
}

std::size_t Ceiling::take(Peer& peer, char* data, std::size_t size) {
  std::size_t at = 0;
  if (!peer.upgraded) {
    const std::string_view head(data, size);
    const std::size_t stop = head.find("\r\n\r\n"), key = head.find("Sec-WebSocket-Key: ");
    if (stop == std::string_view::npos) return 0;
    if (key == std::string_view::npos) return end(peer), size;
    peer.out += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                accept_key(head.substr(key + 19, head.find('\r', key) - key - 19)) + "\r\n\r\n";
    peer.upgraded = true;
    at = stop + 4;
    send(peer, R"(0{"sid":"ceiling","upgrades":[],"pingInterval":3600000,"pingTimeout":20000,"maxPayload":1000000})");
  }
  WsFrame frame;
  while (peer.socket >= 0 && next_frame(data + at, size - at, WsSide::server, 1 << 24, frame) == WsStep::frame) {
    at += frame.frame_size;
    if (frame.opcode == WsOpcode::text) on_message(peer, frame.view());
    if (frame.opcode == WsOpcode::close) {
      append_frame(peer.out, WsOpcode::close, frame.view());
      flush(peer);
      end(peer);
    }
  }
  return at;
}

void Ceiling::on_message(Peer& peer, std::string_view message) {
  if (message.substr(0, 2) == "40") return send(peer, R"(40{"sid":"ceiling"})");
  if (message.substr(0, 2) != "42") return;
  const std::size_t args = message.find('[');
  if (args != std::string_view::npos) on_event(peer, message.substr(2, args - 2), message.substr(args));
}

void Ceiling::on_event(Peer& peer, std::string_view ack, std::string_view args) {
  const std::string_view name = text_of(args, "[\"");
  if (name == "echo") {
    packet_.assign("43").append(ack).append("[").append(args.substr(8));
    return send(peer, packet_);
  }
  if (name == "signal") return fan_out(text_of(args, "\"to\":\""), nullptr, args);
  if (name == "publish") return fan_out(text_of(args, "\"room\":\""), &peer, args);
  if (name != "join") return;
  for (const std::string_view group : {text_of(args, "\"room\":\""), text_of(args, "\"id\":\"")}) {
    groups_[std::string(group)].push_back(&peer);
    peer.groups.emplace_back(group);
  }
  packet_.assign("43").append(ack).append("[\"ok\"]");
  send(peer, packet_);
}

void Ceiling::send(Peer& peer, std::string_view packet) {
  append_frame(peer.out, WsOpcode::text, packet);
  if (!std::exchange(peer.dirty, true)) dirty_.push_back(&peer);
}

void Ceiling::fan_out(std::string_view group, const Peer* except, std::string_view args) {
  const auto found = groups_.find(std::string(group));
  if (found == groups_.end()) return;
  packet_.assign("42").append(args);
  framed_.clear();
  append_frame(framed_, WsOpcode::text, packet_);
  for (Peer* peer : found->second) {
    if (peer == except) continue;
    peer->out += framed_;
    if (!std::exchange(peer->dirty, true)) dirty_.push_back(peer);
  }
}

void Ceiling::flush(Peer& peer) {
  peer.dirty = false;
  if (peer.waits || peer.out.empty()) return;
  const ssize_t sent = ::send(peer.socket, peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return end(peer);
  peer.out.erase(0, sent < 0 ? 0 : static_cast<std::size_t>(sent));
  if (peer.out.empty()) return;
  peer.waits = true;
  watch(peer, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void Ceiling::end(Peer& peer) {
  if (peer.socket < 0) return;
  for (const std::string& name : peer.groups) {
    const auto group = groups_.find(name);
    if (group == groups_.end()) continue;
    std::erase(group->second, &peer);
    if (group->second.empty()) groups_.erase(group);
  }
  ::close(std::exchange(peer.socket, -1));
  ended_.push_back(std::move(peers_.extract(&peer).mapped()));
}

}  // namespace

int main() {
  load::raise_descriptor_limit();
  Ceiling ceiling;
  std::printf("listening on http://127.0.0.1:%d\n", ceiling.port());
  std::fflush(stdout);
  ceiling.serve();
}
