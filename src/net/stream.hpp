// A connection of a client on the loop: TCP to one of several addresses, through a proxy or not, in TLS or not. Bytes in,
// bytes out. Loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/net.hpp"
#include "net/tls_trust.hpp"

namespace zegocall::net_detail {

/// An HTTP proxy that is asked to CONNECT.
struct ProxyHop {
  std::string to;             ///< "host:port" of the server
  std::string authorization;  ///< value of Proxy-Authorization; "": none
};

struct StreamTarget {
  std::vector<std::string> addresses;  ///< numeric, of the server or of the proxy; tried in turn
  std::uint16_t port = 80;
  std::string host{};  ///< what they are addresses of, for errors; "": they speak for themselves
  std::optional<ProxyHop> proxy{};
  std::shared_ptr<const TlsTrust> tls{};              ///< null: plain
  std::string tls_host{};                             ///< whom the certificate must name
  std::chrono::milliseconds address_timeout{10'000};  ///< then the next address
};

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  /// Bytes may be queued from here on.
  virtual void on_ready() = 0;
  /// They may be changed in place.
  virtual void on_bytes(char* data, std::size_t size) = 0;
  /// Something left, buffered() is less than before.
  virtual void on_sent() {}
  /// Once: the connection is over, or could not be made.
  virtual void on_gone(const Error& why) = 0;
};

/// Destroying it ends the connection without a callback; not from inside a callback of its own.
class Stream {
 public:
  /// No callback comes out of this call.
  Stream(Loop& loop, StreamTarget target, StreamHandler& handler);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Where to append what is to be sent; it leaves at the end of the loop's turn. Only once ready.
  std::string& out();
  /// Queued, and not yet with the kernel.
  std::size_t buffered() const;
  /// Lets what is queued leave, then says "no more" to the peer.
  void finish();
  /// Ends the connection at the end of this turn; on_gone follows.
  void doom();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
