// What the signaling cores ask of whoever owns the sockets, and what they are told. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace zegocall::wire_detail {

/// One HTTP request that waits for its answer, or one WebSocket; the host's own number for it. Slots are small and
/// reused, the generation tells the users of one slot apart. A stale one is a no-op on both sides.
struct Peer {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const Peer&, const Peer&) = default;
};

/// An answer to an HTTP request of the Engine.IO path. The host adds CORS headers and Content-Length.
struct HttpReply {
  int status = 200;
  std::string_view content_type;  ///< valid during the call
  std::string_view body;          ///< valid during the call
};

/// What the host wants to remember of the request that opened a session (headers, query, address). Lives as long as
/// the session.
class HandshakeContext {
 public:
  virtual ~HandshakeContext() = default;
  /// Of the client, for the limits by address; empty = it is not counted.
  virtual std::string_view address() const { return {}; }
};

enum class HttpMethod : unsigned char { get, post, other };

/// The part of a request's head that Engine.IO looks at. Views are valid during the call.
struct EngineRequest {
  HttpMethod method = HttpMethod::get;
  std::string_view query;         ///< raw, without the question mark
  std::string_view content_type;  ///< of a POST
};

/// The doors out of the cores. None of them may call back into the core that called it; what has to be said goes into
/// the next turn of the loop.
class TransportHost {
 public:
  virtual ~TransportHost() = default;
  /// One message to each of these WebSockets: framed once, queued, written at the end of the loop turn.
  virtual void send(std::span<const Peer> websockets, std::string_view payload, bool binary) = 0;
  /// Bytes that are queued for this WebSocket and not yet with the kernel.
  virtual std::size_t buffered(Peer websocket) = 0;
  /// Closes a WebSocket after what is queued for it, with a close frame without a code, as the original's; or at once if the
  /// queue is given up (`abort`). on_close need not follow; it is ignored when it does.
  virtual void close(Peer websocket, bool abort) = 0;
  /// The answer to a request that on_http took. Exactly once, unless the request went away before.
  virtual void answer(Peer request, const HttpReply& reply) = 0;
  /// Stop or resume reading from a WebSocket.
  virtual void pause_reading(Peer websocket, bool paused) = 0;
  /// Asked during on_http or on_upgrade when that request opens a session. May be null.
  virtual std::unique_ptr<HandshakeContext> handshake_of(Peer request) = 0;
};

}  // namespace zegocall::wire_detail
