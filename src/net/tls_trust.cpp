#include "net/tls_trust.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "net/tls_trust_impl.hpp"

namespace zegocall::net_detail {
namespace {

using Digest = std::array<unsigned char, 32>;

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

Result<Digest> read_pin(const std::string& text) {
  std::array<unsigned char, 33> bytes{};
  if (text.size() != 44 || EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), 44) != 33 ||
      text[43] != '=')
    return fail_field(ErrorCode::invalid_argument, "pins", "must be base64 of a SHA-256 digest: 44 characters");
  Digest out{};
  std::copy_n(bytes.begin(), out.size(), out.begin());
  return out;
}

bool is_pinned(X509* certificate, const std::vector<Digest>& pins) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return false;
  Digest digest{};
  EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return std::find(pins.begin(), pins.end(), digest) != pins.end();
}

/// In a chain that was verified any key may be pinned. One that was not is the server's own word: only the key that it has
/// just used counts, whatever else it sends along.
bool has_pinned_key(SSL* ssl, const TlsTrust::Impl& trust) {
  X509* const own = SSL_get0_peer_certificate(ssl);
  if (own != nullptr && is_pinned(own, trust.pins)) return true;
  if (trust.pins_alone) return false;
  STACK_OF(X509)* const chain = SSL_get0_verified_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i)
    if (is_pinned(sk_X509_value(chain, i), trust.pins)) return true;
  return false;
}

Result<void> load_own(SSL_CTX* ctx, const TlsSettings& settings) {
  if (settings.certificate_file.empty() && settings.key_file.empty()) return {};
  if (settings.certificate_file.empty())
    return fail_field(ErrorCode::invalid_argument, "certificate_file", "is needed with a key");
  if (settings.key_file.empty()) return fail_field(ErrorCode::invalid_argument, "key_file", "is needed with a certificate");
  if (SSL_CTX_use_certificate_chain_file(ctx, settings.certificate_file.c_str()) != 1)
    return fail_field(ErrorCode::io_error, "certificate_file", tls_file_failure("no certificate", settings.certificate_file));
  if (SSL_CTX_use_PrivateKey_file(ctx, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_field(ErrorCode::io_error, "key_file", tls_file_failure("no key for this certificate", settings.key_file));
  return {};
}

}  // namespace

std::string tls_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* const words = ERR_reason_error_string(code);
  return words != nullptr ? words : "TLS failed";
}

std::string tls_file_failure(const char* what, const std::string& file) {
  return std::string(what) + " in " + file + ": " + tls_reason();
}

std::unique_ptr<SSL, FreeTls> new_tls(const TlsTrust& trust, const std::string& host) {
  std::unique_ptr<SSL, FreeTls> ssl(SSL_new(trust.impl().ctx.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (ssl == nullptr || in == nullptr || out == nullptr || !expect_host(ssl.get(), host)) {
    BIO_free(in);
    BIO_free(out);
    return nullptr;
  }
  BIO_set_mem_eof_return(in, -1);  // empty is "wait", not "over"
  SSL_set_bio(ssl.get(), in, out);
  return ssl;
}

Result<void> check_peer(SSL* ssl, const TlsTrust& trust, const std::string& host) {
  const TlsTrust::Impl& impl = trust.impl();
  const long verdict = SSL_get_verify_result(ssl);
  if (!impl.pins_alone && verdict != X509_V_OK)
    return fail_field(ErrorCode::unauthenticated, "tls",
                      host + ": its certificate is not good: " + X509_verify_cert_error_string(verdict));
  if (SSL_is_init_finished(ssl) && !impl.pins.empty() && !has_pinned_key(ssl, impl))
    return fail_field(ErrorCode::unauthenticated, "tls", host + ": none of the pinned keys is in its certificates");
  return {};
}

Result<TlsTrust> TlsTrust::open(const TlsSettings& settings) {
  ERR_clear_error();
  auto impl = std::make_unique<Impl>();
  impl->ctx.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const ctx = impl->ctx.get();
  if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) return fail(ErrorCode::internal, tls_reason());
  const int loaded =
      settings.ca_file.empty() ? SSL_CTX_set_default_verify_paths(ctx) : SSL_CTX_load_verify_file(ctx, settings.ca_file.c_str());
  if (loaded != 1) return fail_field(ErrorCode::io_error, "ca_file", tls_file_failure("no certificates", settings.ca_file));
  if (auto own = load_own(ctx, settings); !own) return unexpected(std::move(own).error());
  for (const std::string& text : settings.pins) {
    const auto pin = read_pin(text);
    if (!pin) return unexpected(pin.error());
    impl->pins.push_back(*pin);
  }
  impl->pins_alone = settings.pins_alone;
  if (impl->pins_alone && impl->pins.empty())
    return fail_field(ErrorCode::invalid_argument, "pins", "are needed when nothing else is checked");
  SSL_CTX_set_verify(ctx, impl->pins_alone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no buffers
  static constexpr unsigned char http[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(ctx, http, sizeof http - 1);
  return TlsTrust(std::move(impl));
}
TlsTrust::TlsTrust(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsTrust::TlsTrust(TlsTrust&&) noexcept = default;
TlsTrust& TlsTrust::operator=(TlsTrust&&) noexcept = default;
TlsTrust::~TlsTrust() = default;

}  // namespace zegocall::net_detail
