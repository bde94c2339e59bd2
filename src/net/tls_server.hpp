// The server's end of TLS without a socket: what it shows of itself, and one session of it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::net_detail {

struct TlsIdentityFiles {
  std::string certificate_file{};  ///< PEM, the own certificate and its chain
  std::string key_file{};          ///< PEM, its key, not encrypted
  std::string client_ca_file{};    ///< PEM; if given, a client must show a certificate of one of these authorities
};

/// What a server shows of itself. Any thread, once made; sessions keep what they began with.
class TlsIdentity {
 public:
  /// Reads and checks all of it: the key belongs to the certificate, which is good at `now`. io_error or invalid_argument
  /// with the field "certificate_file", "key_file" or "client_ca_file".
  static Result<std::shared_ptr<const TlsIdentity>> open(const TlsIdentityFiles& files, UnixTime now);
  ~TlsIdentity();

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit TlsIdentity(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One client's session. On one thread at a time; it may go from one to another between calls.
class TlsServerSession {
 public:
  explicit TlsServerSession(const TlsIdentity& identity);
  ~TlsServerSession();
  TlsServerSession(const TlsServerSession&) = delete;
  TlsServerSession& operator=(const TlsServerSession&) = delete;

  // Each call appends what must go to the client to `out`.
  /// What was received, then shake_hands() or read() until nothing comes any more: the view must live so long.
  void feed(std::string_view received);
  /// True once the handshake is over. protocol: it cannot be; what says so to the client is in `out`.
  Result<bool> shake_hands(std::string& out);
  /// What has been decrypted, at most `size` bytes; 0 when there is no more for now. closed (the client said goodbye),
  /// protocol.
  Result<std::size_t> read(char* into, std::size_t size, std::string& out);
  Result<void> write(std::string_view bytes, std::string& out);
  void say_goodbye(std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
