#include "net/tls_session.hpp"

#include <openssl/err.h>

#include <utility>

#include "net/tls_trust_impl.hpp"

namespace zegocall::net_detail {

struct TlsSession::Impl {
  const TlsTrust& trust;
  std::string host;
  std::unique_ptr<SSL, FreeTls> ssl;
};

TlsSession::TlsSession(const TlsTrust& trust, std::string host)
    : impl_(std::make_unique<Impl>(Impl{trust, std::move(host), nullptr})) {
  impl_->ssl = new_tls(trust, impl_->host);
}
TlsSession::~TlsSession() = default;

void TlsSession::feed(std::string_view received) {
  if (impl_->ssl) BIO_write(SSL_get_rbio(impl_->ssl.get()), received.data(), static_cast<int>(received.size()));
}

Result<bool> TlsSession::shake_hands() {
  SSL* const ssl = impl_->ssl.get();
  if (ssl == nullptr) return fail(ErrorCode::internal, "TLS could not begin: " + tls_reason());
  ERR_clear_error();
  const int result = SSL_connect(ssl);
  const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, result);
  const std::string why = error == SSL_ERROR_NONE ? std::string() : tls_reason();
  if (error == SSL_ERROR_WANT_READ) return false;
  if (auto good = check_peer(ssl, impl_->trust, impl_->host); !good) return unexpected(std::move(good).error());
  if (error != SSL_ERROR_NONE) return fail_field(ErrorCode::unreachable, "tls", impl_->host + ": no TLS: " + why);
  return true;
}

Result<std::size_t> TlsSession::read(char* into, std::size_t size) {
  ERR_clear_error();
  const int got = SSL_read(impl_->ssl.get(), into, static_cast<int>(size));
  if (got > 0) return static_cast<std::size_t>(got);
  const int error = SSL_get_error(impl_->ssl.get(), got);
  if (error == SSL_ERROR_WANT_READ) return std::size_t{0};
  if (error == SSL_ERROR_ZERO_RETURN) return fail(ErrorCode::closed, "the server ended TLS");
  return fail_field(ErrorCode::io_error, "tls", tls_reason());
}

Result<void> TlsSession::write(std::string_view bytes) {
  if (bytes.empty()) return {};
  ERR_clear_error();
  // Into memory, which takes everything; only a broken session fails.
  if (SSL_write(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0) return {};
  return fail_field(ErrorCode::io_error, "tls", tls_reason());
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  if (impl_->ssl && SSL_is_init_finished(impl_->ssl.get())) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

void TlsSession::take_output(std::string& out) {
  if (!impl_->ssl) return;
  BIO* const bio = SSL_get_wbio(impl_->ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  if (size > 0) out.append(data, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(bio));
}

}  // namespace zegocall::net_detail
