// The client's end of a WebSocket, and names to addresses. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/net.hpp"

namespace zegocall::net_detail {

struct WsTarget {
  std::string address;  ///< numeric
  std::uint16_t port = 80;
  std::string host;          ///< what goes into the Host header, with the port if it is not 80
  std::string target = "/";  ///< path and query
  std::size_t message_bytes_max = 1'000'000;
};

class WsClientHandler {
 public:
  virtual ~WsClientHandler() = default;
  virtual void on_open() = 0;
  /// The view lives as long as the call.
  virtual void on_message(std::string_view message, bool binary) = 0;
  /// Something left, buffered() is less than before.
  virtual void on_sent() {}
  /// Once, unless the WsClient is destroyed before: the connection is over, or could not be made.
  virtual void on_gone(const Error& why) = 0;
};

/// One connection, from the attempt to the end. Destroying it ends it without a callback; not from inside a callback.
class WsClient {
 public:
  /// No callback comes out of this call.
  static std::unique_ptr<WsClient> connect(Loop& loop, WsTarget target, WsClientHandler& handler);
  ~WsClient();
  WsClient(const WsClient&) = delete;
  WsClient& operator=(const WsClient&) = delete;

  void send(std::string_view payload, bool binary);
  /// Queued and not yet with the kernel.
  std::size_t buffered() const;
  /// What is queued leaves, then a close frame; on_gone follows when the server answers. The owner limits that wait.
  void close(std::uint16_t code);

 private:
  class Impl;
  explicit WsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Asks the system for the addresses of a host, on a thread of its own: getaddrinfo cannot be interrupted, and neither the
/// loop nor its owner may have to wait for it. `done` runs on the loop, unless the Lookup is gone before. Numeric texts are
/// answered without asking anybody.
class Lookup {
 public:
  using Done = std::function<void(Result<std::vector<std::string>>)>;
  Lookup(Loop& loop, std::string host, Done done);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace zegocall::net_detail
