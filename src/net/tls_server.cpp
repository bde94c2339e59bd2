#include "net/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string_view>

#include "net/tls_trust_impl.hpp"

namespace zegocall::net_detail {
namespace {

/// OpenSSL asks a terminal for the password of an encrypted key unless somebody answers.
int no_password(char*, int, int, void*) { return 0; }

std::string when(const ASN1_TIME* at) {
  std::tm parts{};
  char text[32] = "?";
  if (ASN1_TIME_to_tm(at, &parts) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

Result<void> check_dates(const X509* certificate, UnixTime now) {
  auto at = std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(now));
  const ASN1_TIME* const begins = X509_get0_notBefore(certificate);
  const ASN1_TIME* const ends = X509_get0_notAfter(certificate);
  if (X509_cmp_time(ends, &at) < 0)
    return fail_field(ErrorCode::invalid_argument, "certificate_file", "the certificate expired on " + when(ends));
  if (X509_cmp_time(begins, &at) > 0)
    return fail_field(ErrorCode::invalid_argument, "certificate_file", "the certificate is not good before " + when(begins));
  return {};
}

Result<void> load_pair(SSL_CTX* ctx, const TlsIdentityFiles& files, UnixTime now) {
  if (files.certificate_file.empty()) return fail_field(ErrorCode::invalid_argument, "certificate_file", "is needed with a key");
  if (files.key_file.empty()) return fail_field(ErrorCode::invalid_argument, "key_file", "is needed with a certificate");
  SSL_CTX_set_default_passwd_cb(ctx, no_password);
  if (SSL_CTX_use_certificate_chain_file(ctx, files.certificate_file.c_str()) != 1)
    return fail_field(ErrorCode::io_error, "certificate_file", tls_file_failure("no certificate", files.certificate_file));
  if (auto good = check_dates(SSL_CTX_get0_certificate(ctx), now); !good) return good;
  if (SSL_CTX_use_PrivateKey_file(ctx, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1)
    return fail_field(ErrorCode::io_error, "key_file", tls_file_failure("no key for this certificate", files.key_file));
  return {};
}

Result<void> load_client_ca(SSL_CTX* ctx, const std::string& file) {
  if (file.empty()) return {};
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(ctx, file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fail_field(ErrorCode::io_error, "client_ca_file", tls_file_failure("no certificates", file));
  }
  SSL_CTX_set_client_CA_list(ctx, names);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

/// HTTP/1.1 is all there is; who does not offer it may speak it all the same.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size,
                    void*) {
  static constexpr unsigned char http[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, http, sizeof http - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/// What a session reads from and writes to, without a copy in between.
struct Wire {
  std::string_view in;
  std::string* out = nullptr;
};

int wire_read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire.in.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *got = std::min(size, wire.in.size());
  std::memcpy(into, wire.in.data(), *got);
  wire.in.remove_prefix(*got);
  return 1;
}

int wire_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* taken) {
  static_cast<Wire*>(BIO_get_data(bio))->out->append(bytes, size);
  *taken = size;
  return 1;
}

long wire_control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "zegocall wire");
    BIO_meth_set_read_ex(made, wire_read);
    BIO_meth_set_write_ex(made, wire_write);
    BIO_meth_set_ctrl(made, wire_control);
    return made;
  }();
  return method;
}

Error broken() { return {ErrorCode::protocol, "tls", tls_reason()}; }

/// What an earlier call left must not be taken for this one's; emptying the queue of errors is dear, looking is not.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

struct TlsIdentity::Impl {
  std::unique_ptr<SSL_CTX, FreeTls> ctx;
};

TlsIdentity::TlsIdentity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::open(const TlsIdentityFiles& files, UnixTime now) {
  ERR_clear_error();
  auto impl = std::make_unique<Impl>();
  impl->ctx.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const ctx = impl->ctx.get();
  if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) return fail(ErrorCode::internal, tls_reason());
  if (auto loaded = load_pair(ctx, files, now); !loaded) return unexpected(std::move(loaded).error());
  if (auto loaded = load_client_ca(ctx, files.client_ca_file); !loaded) return unexpected(std::move(loaded).error());
  static constexpr unsigned char name[] = "zegocall";
  SSL_CTX_set_session_id_context(ctx, name, sizeof name - 1);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);  // tickets need no memory here
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no buffers
  SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
  return std::shared_ptr<const TlsIdentity>(new TlsIdentity(std::move(impl)));
}

struct TlsServerSession::Impl {
  Wire wire{};
  std::unique_ptr<SSL, FreeTls> ssl{};
};

TlsServerSession::TlsServerSession(const TlsIdentity& identity) : impl_(std::make_unique<Impl>()) {
  std::unique_ptr<SSL, FreeTls> ssl(SSL_new(identity.impl().ctx.get()));
  BIO* const bio = BIO_new(wire_method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return;
  }
  BIO_set_data(bio, &impl_->wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_accept_state(ssl.get());
  impl_->ssl = std::move(ssl);
}
TlsServerSession::~TlsServerSession() = default;

void TlsServerSession::feed(std::string_view received) { impl_->wire.in = received; }

Result<bool> TlsServerSession::shake_hands(std::string& out) {
  if (!impl_->ssl) return fail(ErrorCode::internal, "TLS could not begin");
  impl_->wire.out = &out;
  forget_errors();
  const int result = SSL_do_handshake(impl_->ssl.get());
  if (result == 1) return true;
  if (SSL_get_error(impl_->ssl.get(), result) == SSL_ERROR_WANT_READ) return false;
  return unexpected(broken());
}

Result<std::size_t> TlsServerSession::read(char* into, std::size_t size, std::string& out) {
  // The usual end of a turn: one whole record came. libssl would get buffers and build an error to say that there is no more.
  if (impl_->wire.in.empty() && SSL_has_pending(impl_->ssl.get()) == 0) return std::size_t{0};
  impl_->wire.out = &out;
  forget_errors();
  std::size_t got = 0;
  const int result = SSL_read_ex(impl_->ssl.get(), into, size, &got);
  if (result == 1) return got;
  const int error = SSL_get_error(impl_->ssl.get(), result);
  if (error == SSL_ERROR_WANT_READ) return std::size_t{0};
  if (error == SSL_ERROR_ZERO_RETURN) return fail(ErrorCode::closed, "the client ended TLS");
  return unexpected(broken());
}

Result<void> TlsServerSession::write(std::string_view bytes, std::string& out) {
  if (bytes.empty()) return {};
  impl_->wire.out = &out;
  forget_errors();
  std::size_t taken = 0;
  if (SSL_write_ex(impl_->ssl.get(), bytes.data(), bytes.size(), &taken) == 1) return {};
  return unexpected(broken());
}

void TlsServerSession::say_goodbye(std::string& out) {
  impl_->wire.out = &out;
  forget_errors();
  if (impl_->ssl && SSL_is_init_finished(impl_->ssl.get())) SSL_shutdown(impl_->ssl.get());
  forget_errors();
}

}  // namespace zegocall::net_detail
