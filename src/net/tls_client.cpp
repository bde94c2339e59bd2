#include "net/tls_client.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace zegocall::net_detail {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* ctx) const { SSL_CTX_free(ctx); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

std::string reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const words = ERR_reason_error_string(code);
  return words != nullptr ? words : "TLS failed";
}

bool is_numeric(const std::string& host) {
  in6_addr any;
  return inet_pton(AF_INET, host.c_str(), &any) == 1 || inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

/// The name that the certificate must have, and that the server is told to choose it by.
bool expect_host(SSL* ssl, const std::string& host) {
  if (is_numeric(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

struct TlsTrust::Impl {
  std::unique_ptr<SSL_CTX, FreeContext> ctx;
};

Result<TlsTrust> TlsTrust::open(const std::string& ca_file) {
  auto impl = std::make_unique<Impl>();
  impl->ctx.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const ctx = impl->ctx.get();
  if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) return fail(ErrorCode::internal, reason());
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(ctx) : SSL_CTX_load_verify_file(ctx, ca_file.c_str());
  if (loaded != 1) return fail_field(ErrorCode::io_error, "ca_file", "no certificates: " + reason());
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char http[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(ctx, http, sizeof http - 1);
  return TlsTrust(std::move(impl));
}
TlsTrust::TlsTrust(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;

struct TlsClient::Impl {
  BlockingSocket socket;
  std::unique_ptr<SSL, FreeSsl> ssl{};
  std::string incoming{};

  explicit Impl(BlockingSocket taken) : socket(std::move(taken)) {}

  BIO* inside() const { return SSL_get_rbio(ssl.get()); }
  void feed() {
    BIO_write(inside(), incoming.data(), static_cast<int>(incoming.size()));
    incoming.clear();
  }
  /// What TLS wants to say goes to the socket.
  Result<void> flush(SteadyTime deadline) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl.get()), &data);
    if (size <= 0) return {};
    auto written = socket.write({data, static_cast<std::size_t>(size)}, deadline);
    static_cast<void>(BIO_reset(SSL_get_wbio(ssl.get())));
    return written;
  }
  /// Repeats `step` until TLS needs nothing more from the peer. The last SSL_ERROR_..., SSL_ERROR_NONE if it went well.
  template <class Step>
  Result<int> run(Step step, SteadyTime deadline) {
    for (;;) {
      ERR_clear_error();
      const int result = step();
      const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl.get(), result);
      if (auto sent = flush(deadline); !sent) return unexpected(std::move(sent).error());
      if (error != SSL_ERROR_WANT_READ) return error;
      auto more = socket.read(incoming, deadline);
      if (!more) return unexpected(std::move(more).error());
      if (!*more) return fail(ErrorCode::closed, "the server closed the connection without a goodbye");
      feed();
    }
  }
};

Result<TlsClient> TlsClient::connect(BlockingSocket socket, const TlsTrust& trust, const std::string& host, SteadyTime deadline) {
  auto impl = std::make_unique<Impl>(std::move(socket));
  impl->ssl.reset(SSL_new(trust.impl_->ctx.get()));
  SSL* const ssl = impl->ssl.get();
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (ssl == nullptr || in == nullptr || out == nullptr || !expect_host(ssl, host)) {
    BIO_free(in);
    BIO_free(out);
    return fail(ErrorCode::internal, "TLS could not begin: " + reason());
  }
  BIO_set_mem_eof_return(in, -1);  // empty is "wait", not "over"
  SSL_set_bio(ssl, in, out);
  const auto shaken = impl->run([&] { return SSL_connect(ssl); }, deadline);
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return fail_field(ErrorCode::unauthenticated, "tls",
                      host + ": its certificate is not good: " + X509_verify_cert_error_string(verdict));
  if (!shaken) return fail(ErrorCode::unreachable, host + ": no TLS: " + shaken.error().detail);
  if (*shaken != SSL_ERROR_NONE) return fail(ErrorCode::unreachable, host + ": no TLS: " + reason());
  return TlsClient(std::move(impl));
}
TlsClient::TlsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

Result<bool> TlsClient::read(std::string& into, SteadyTime deadline) {
  char chunk[16384];
  int got = 0;
  const auto done = impl_->run([&] { return got = SSL_read(impl_->ssl.get(), chunk, sizeof chunk); }, deadline);
  if (!done) return unexpected(done.error());
  if (*done == SSL_ERROR_ZERO_RETURN) return false;
  if (*done != SSL_ERROR_NONE) return fail(ErrorCode::io_error, "TLS: " + reason());
  into.append(chunk, static_cast<std::size_t>(got));
  return true;
}

Result<void> TlsClient::write(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, 16384);
    const auto done =
        impl_->run([&] { return SSL_write(impl_->ssl.get(), part.data(), static_cast<int>(part.size())); }, deadline);
    if (!done) return unexpected(done.error());
    if (*done != SSL_ERROR_NONE) return fail(ErrorCode::io_error, "TLS: " + reason());
    bytes.remove_prefix(part.size());
  }
  return {};
}

bool TlsClient::is_quiet() {
  if (!impl_->socket.read_now(impl_->incoming)) return false;
  impl_->feed();
  ERR_clear_error();
  char one = 0;
  const int got = SSL_peek(impl_->ssl.get(), &one, 1);  // takes in what is not for us, such as session tickets
  return got <= 0 && SSL_get_error(impl_->ssl.get(), got) == SSL_ERROR_WANT_READ;
}

}  // namespace zegocall::net_detail
