// What the tests' own TLS ends have in common: OpenSSL's objects with owners, and threads that bear broken pipes.
#pragma once

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include <csignal>
#include <memory>
#include <string>

namespace zegocall::net_test {

template <auto F>
struct Free {
  template <class T>
  void operator()(T* it) const {
    F(it);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

inline void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx(&ctx, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> made(X509V3_EXT_conf_nid(nullptr, &ctx, id, value.c_str()));
  REQUIRE(made);
  REQUIRE(X509_add_ext(certificate, made.get(), -1) == 1);
}

/// OpenSSL writes to the socket in the server's threads; not so the client's, which must never raise this.
inline void bear_broken_pipes() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace zegocall::net_test
