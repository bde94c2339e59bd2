// Certificates made on the spot, and a TLS front before a plain server: for the client's TLS tests.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/https_server.hpp"

namespace zegocall::net_test {

struct Issued {
  std::string certificate_file, key_file;
  std::string pin;  ///< base64 of SHA-256 of the public key
};

/// An authority of its own. Its files live as long as it does.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  const std::string& ca_file() const;
  /// The pin of the authority's own key.
  const std::string& pin() const;
  /// `names` as "DNS:localhost" or "IP:127.0.0.1"; valid until an hour ago if `expired`.
  Issued issue(const std::string& names, bool expired = false);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Ends TLS and passes the bytes on to a port of 127.0.0.1. With a client_ca_file every client must show a certificate.
class TlsFront final : public TestListener {
 public:
  TlsFront(std::uint16_t target, const Issued& own, const std::string& client_ca_file = {});
  ~TlsFront() override;
  std::string url(const std::string& host = "localhost") const { return "https://" + host + ":" + std::to_string(port()); }

 private:
  struct Impl;
  void serve(int socket);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_test
