// What a TlsTrust is made of, and what both ways of speaking TLS share. For src/net only: OpenSSL is visible here.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "net/tls_trust.hpp"

namespace zegocall::net_detail {

struct FreeTls {
  void operator()(SSL_CTX* ctx) const { SSL_CTX_free(ctx); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

struct TlsTrust::Impl {
  std::unique_ptr<SSL_CTX, FreeTls> ctx;
  std::vector<std::array<unsigned char, 32>> pins{};
  bool pins_alone = false;
};

/// A session that will speak through memory and expects a certificate for `host`; null if there is no memory.
std::unique_ptr<SSL, FreeTls> new_tls(const TlsTrust& trust, const std::string& host);
/// What the handshake has shown. unauthenticated with field "tls".
Result<void> check_peer(SSL* ssl, const TlsTrust& trust, const std::string& host);
/// OpenSSL's word for the last error of this thread, which is then forgotten.
std::string tls_reason();
/// "no key in FILE: why", for a file that was just asked of OpenSSL; the system's word if the system refused.
std::string tls_file_failure(const char* what, const std::string& file);

}  // namespace zegocall::net_detail
