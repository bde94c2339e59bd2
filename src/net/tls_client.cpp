#include "net/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "net/tls_trust_impl.hpp"

namespace zegocall::net_detail {
struct TlsClient::Impl {
  BlockingSocket socket;
  std::unique_ptr<SSL, FreeTls> ssl{};
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
  impl->ssl = new_tls(trust, host);
  SSL* const ssl = impl->ssl.get();
  if (ssl == nullptr) return fail(ErrorCode::internal, "TLS could not begin: " + tls_reason());
  const auto shaken = impl->run([&] { return SSL_connect(ssl); }, deadline);
  if (auto good = check_peer(ssl, trust, host); !good) return unexpected(std::move(good).error());
  if (!shaken) return fail(ErrorCode::unreachable, host + ": no TLS: " + shaken.error().detail);
  if (*shaken != SSL_ERROR_NONE) return fail(ErrorCode::unreachable, host + ": no TLS: " + tls_reason());
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
  if (*done != SSL_ERROR_NONE) return fail(ErrorCode::io_error, "TLS: " + tls_reason());
  into.append(chunk, static_cast<std::size_t>(got));
  return true;
}

Result<void> TlsClient::write(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, 16384);
    const auto done =
        impl_->run([&] { return SSL_write(impl_->ssl.get(), part.data(), static_cast<int>(part.size())); }, deadline);
    if (!done) return unexpected(done.error());
    if (*done != SSL_ERROR_NONE) return fail(ErrorCode::io_error, "TLS: " + tls_reason());
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
