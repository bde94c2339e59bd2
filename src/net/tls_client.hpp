// The client's end of TLS over a BlockingSocket. OpenSSL stays in the .cpp, and never touches the socket itself: a write to
// a connection that the peer has closed would raise SIGPIPE in somebody else's program.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/blocking_socket.hpp"
#include "net/tls_trust.hpp"

namespace zegocall::net_detail {

class TlsClient {
 public:
  /// Shakes hands and verifies the certificate and that it names `host`. unauthenticated (field "tls"), unreachable.
  static Result<TlsClient> connect(BlockingSocket socket, const TlsTrust& trust, const std::string& host, SteadyTime deadline);
  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;
  ~TlsClient();

  /// As BlockingSocket's. An end without TLS's own goodbye is closed, not false: somebody may have cut the reply.
  Result<bool> read(std::string& into, SteadyTime deadline);
  Result<void> write(std::string_view bytes, SteadyTime deadline);
  /// True if the peer has neither said anything nor gone.
  bool is_quiet();

 private:
  struct Impl;
  explicit TlsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
