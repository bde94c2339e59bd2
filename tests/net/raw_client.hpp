// A blocking TCP client for tests: writes exactly the bytes it is given, and every wait of it has a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace zegocall::net_test {

using namespace std::chrono_literals;
inline constexpr auto patience = 10s;  // how long a test waits for what must come; nothing takes that long

class RawClient {
 public:
  /// Has its descriptor, but no connection yet.
  RawClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) : RawClient() {
    if (receive_buffer > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    connect(port);
  }
  void connect(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  /// Connects from another of this machine's own addresses, 127.0.0.1 to 127.255.255.254.
  RawClient(std::uint16_t port, const char* from) : RawClient() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, from, &own.sin_addr);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0) connect(port);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  /// Ends with a reset instead of a goodbye.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// True once something more has arrived; false at the end of the stream or when the time is up (ended() tells which).
  bool read_some(std::chrono::milliseconds limit = patience) {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(limit.count())) <= 0) return false;
    char chunk[65536];
    const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
    if (got < 0) was_reset_ = true;
    if (got <= 0) return ended_ = true, false;
    received_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }
  bool ended() const { return ended_; }
  /// The end was no goodbye.
  bool was_reset() const { return was_reset_; }
  std::string& received() { return received_; }

  /// Everything up to and with `mark`, taken out of what was received; empty if it does not come.
  std::string read_until(std::string_view mark) {
    while (received_.find(mark) == std::string::npos)
      if (!read_some()) return {};
    return take(received_.find(mark) + mark.size());
  }
  std::string read_exactly(std::size_t size) {
    while (received_.size() < size)
      if (!read_some()) return {};
    return take(size);
  }
  /// All that comes until the peer closes.
  std::string read_to_end() {
    while (read_some()) {
    }
    return std::exchange(received_, {});
  }

  struct Answer {
    int status = 0;
    std::string head, body;
  };
  /// One HTTP answer with a Content-Length (or none, for HEAD, 204 and 304).
  Answer read_answer(bool body_follows = true) {
    Answer out;
    out.head = read_until("\r\n\r\n");
    if (out.head.size() > 12) out.status = std::atoi(out.head.c_str() + 9);
    const std::size_t length = out.head.find("Content-Length: ");
    if (body_follows && length != std::string::npos)
      out.body = read_exactly(static_cast<std::size_t>(std::atol(out.head.c_str() + length + 16)));
    return out;
  }

  struct Frame {
    int opcode = -1;
    bool final = false, masked = false;
    std::string payload;
  };
  /// The next WebSocket frame that the server sent; opcode -1 if none comes.
  Frame read_frame() {
    Frame out;
    const std::string two = read_exactly(2);
    if (two.empty()) return out;
    const auto at = [](const std::string& s, std::size_t i) { return static_cast<unsigned char>(s[i]); };
    std::uint64_t size = at(two, 1) & 127u;
    if (size >= 126) {
      const std::string more = read_exactly(size == 126 ? 2 : 8);
      size = 0;
      for (std::size_t i = 0; i < more.size(); ++i) size = size << 8 | at(more, i);
    }
    out.final = (at(two, 0) & 128u) != 0;
    out.masked = (at(two, 1) & 128u) != 0;
    out.opcode = at(two, 0) & 15;
    out.payload = read_exactly(static_cast<std::size_t>(size));
    return out;
  }

  /// One client frame: masked with 0x01020304 unless told otherwise.
  static std::string frame(int first_byte, std::string_view payload, bool masked = true) {
    std::string out{static_cast<char>(first_byte)};
    const int mask_bit = masked ? 128 : 0;
    if (payload.size() < 126) {
      out += static_cast<char>(mask_bit | static_cast<int>(payload.size()));
    } else {
      const bool wide = payload.size() > 65535;
      out += static_cast<char>(mask_bit | (wide ? 127 : 126));
      for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift & 255);
    }
    const char key[4] = {1, 2, 3, 4};
    if (masked) out.append(key, 4);
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(masked ? payload[i] ^ key[i & 3] : payload[i]);
    return out;
  }
  static constexpr std::string_view handshake =
      "GET /ws?EIO=4 HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  /// The WebSocket handshake; true if the server agreed with the right key.
  bool upgrade() {
    write(handshake);
    const std::string head = read_until("\r\n\r\n");
    return head.substr(0, 12) == "HTTP/1.1 101" &&
           head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos;
  }

 private:
  std::string take(std::size_t size) {
    std::string out = received_.substr(0, size);
    received_.erase(0, size);
    return out;
  }
  int socket_;
  bool connected_ = false, ended_ = false, was_reset_ = false;
  std::string received_;
};

}  // namespace zegocall::net_test
