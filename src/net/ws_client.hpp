// The client's end of a WebSocket. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/stream.hpp"

namespace zegocall::net_detail {

struct WsTarget {
  StreamTarget to;
  std::string head;  ///< the request's first lines: "GET /path HTTP/1.1\r\nHost: ...\r\n" and what else it says
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
  /// What is queued leaves, then a close frame; on_gone follows when the server answers. The owner limits that wait. Before
  /// the WebSocket is open it ends at once.
  void close(std::uint16_t code);
  /// The handler hears nothing any more.
  void detach();

 private:
  class Impl;
  explicit WsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
