// TCP connections of a load client on one epoll: plain or TLS, never blocking, loopback only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace load {

class Channel;

/// Says why and ends the program.
[[noreturn]] void give_up(const std::string& why);

/// CLOCK_MONOTONIC.
std::uint64_t now_ns();

/// One epoll and the channels on it.
class Loop {
 public:
  /// With `ca_file`, channels speak TLS and check the certificate for the name localhost.
  explicit Loop(const std::string& ca_file = {});
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// Waits at most that long for sockets, reads what came, then writes what was queued meanwhile.
  void turn(int timeout_ms);

 private:
  friend class Channel;
  int epoll_ = -1;
  ssl_ctx_st* tls_ = nullptr;
  std::vector<Channel*> dirty_{};
  std::vector<char> buffer_;
};

/// One connection. Whoever owns it derives from it; it may connect again once it is closed. It must not be destroyed in one of
/// its own callbacks.
class Channel {
 public:
  explicit Channel(Loop& loop) : loop_(loop) {}
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// `source` n connects from 127.0.0.(1 + n), so that the ports of one address do not run out.
  void connect(int port, int source);
  /// Without a word: a plain close.
  void close();
  bool is_open() const { return socket_ >= 0; }
  /// What is appended leaves at the end of the turn.
  std::string& out();

 protected:
  /// Takes what it can of `data`, which it may change; what is left comes again with more behind it. It may close the channel.
  virtual std::size_t on_bytes(char* data, std::size_t size) = 0;
  /// The peer closed it, or it failed. Not called for close().
  virtual void on_gone() = 0;

 private:
  friend class Loop;
  void on_events(std::uint32_t events);
  void read();
  void take(char* data, std::size_t size);
  void flush();
  /// Bytes received or sent; 0 if that would block, -1 if the connection has ended.
  long receive(char* data, std::size_t size);
  long transmit();
  bool shake_hands();
  void wait_writable(bool wanted);
  void fail();

  Loop& loop_;
  int socket_ = -1;
  ssl_st* tls_ = nullptr;
  bool connecting_ = false, shaking_ = false, waits_ = false, dirty_ = false;
  std::uint32_t generation_ = 0;  ///< of the socket; tells a callback that closed or renewed it
  std::string in_{}, out_{};
};

}  // namespace load
