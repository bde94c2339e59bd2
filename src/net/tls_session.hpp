// The client's end of TLS without a socket: received bytes in, bytes to send out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/tls_trust.hpp"

namespace zegocall::net_detail {

class TlsSession {
 public:
  /// Expects a certificate for `host`. `trust` outlives the session.
  TlsSession(const TlsTrust& trust, std::string host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  void feed(std::string_view received);
  /// One more step, with what was fed; true once the handshake is over and the peer is who it should be. unauthenticated
  /// (field "tls"), unreachable.
  Result<bool> shake_hands();
  /// What has been decrypted, at most `size` bytes; 0 when there is no more for now. closed (the peer said goodbye), io_error.
  Result<std::size_t> read(char* into, std::size_t size);
  Result<void> write(std::string_view bytes);
  void say_goodbye();
  /// Appends what must go to the peer.
  void take_output(std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
