#include "client/tls_front.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "net/openssl_parts.hpp"

namespace zegocall::net_test {
namespace {

std::string pin_of(X509* x) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
  std::array<unsigned char, 32> digest{};
  EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  std::array<unsigned char, 45> text{};
  EVP_EncodeBlock(text.data(), digest.data(), 32);
  return reinterpret_cast<const char*>(text.data());
}

template <class Write>
std::string write_file(Write write) {
  std::string path = (std::filesystem::temp_directory_path() / "zegocall-test-tls-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  std::FILE* const file = ::fdopen(fd, "w");
  REQUIRE(write(file) == 1);
  std::fclose(file);
  return path;
}

}  // namespace

struct TestAuthority::Impl {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate{X509_new()};
  std::string file, own_pin;
  std::vector<std::string> files;
  long serial = 1;

  Certificate make(EVP_PKEY* of, const std::string& name, X509* issuer, long from, long until) {
    Certificate out(X509_new());
    X509* const x = out.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), from);
    X509_gmtime_adj(X509_getm_notAfter(x), until);
    X509_set_pubkey(x, of);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer : x));
    return out;
  }
};

TestAuthority::TestAuthority() : impl_(std::make_unique<Impl>()) {
  impl_->certificate = impl_->make(impl_->key.get(), "zegocall test authority", nullptr, -7200, 7200);
  X509* const x = impl_->certificate.get();
  add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
  REQUIRE(X509_sign(x, impl_->key.get(), EVP_sha256()) > 0);
  impl_->file = write_file([x](std::FILE* file) { return PEM_write_X509(file, x); });
  impl_->files.push_back(impl_->file);
  impl_->own_pin = pin_of(x);
}

TestAuthority::~TestAuthority() {
  for (const std::string& path : impl_->files) ::unlink(path.c_str());
}
const std::string& TestAuthority::ca_file() const { return impl_->file; }
const std::string& TestAuthority::pin() const { return impl_->own_pin; }

Issued TestAuthority::issue(const std::string& names, bool expired) {
  const Key key(EVP_EC_gen("P-256"));
  X509* const by = impl_->certificate.get();
  const Certificate made = impl_->make(key.get(), "one of the tests", by, -7200, expired ? -3600 : 3600);
  X509* const x = made.get();
  add_extension(x, by, NID_basic_constraints, "CA:FALSE");
  if (!names.empty()) add_extension(x, by, NID_subject_alt_name, names);
  REQUIRE(X509_sign(x, impl_->key.get(), EVP_sha256()) > 0);
  Issued out{write_file([x, by](std::FILE* file) { return PEM_write_X509(file, x) == 1 ? PEM_write_X509(file, by) : 0; }),
             write_file([&key](std::FILE* file) {
               return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
             }),
             pin_of(x)};
  impl_->files.push_back(out.certificate_file);
  impl_->files.push_back(out.key_file);
  return out;
}

struct TlsFront::Impl {
  std::uint16_t target;
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> ctx{SSL_CTX_new(TLS_server_method())};
};

TlsFront::TlsFront(std::uint16_t target, const Issued& own, const std::string& client_ca_file) : impl_(std::make_unique<Impl>()) {
  impl_->target = target;
  SSL_CTX* const ctx = impl_->ctx.get();
  REQUIRE(SSL_CTX_use_certificate_chain_file(ctx, own.certificate_file.c_str()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey_file(ctx, own.key_file.c_str(), SSL_FILETYPE_PEM) == 1);
  if (!client_ca_file.empty()) {
    REQUIRE(SSL_CTX_load_verify_file(ctx, client_ca_file.c_str()) == 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  start([this](int socket) { serve(socket); });
}
TlsFront::~TlsFront() { stop(); }

void TlsFront::serve(int socket) {
  bear_broken_pipes();
  const std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(impl_->ctx.get()));
  SSL_set_fd(ssl.get(), socket);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(impl_->target);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool open = SSL_accept(ssl.get()) == 1 && ::connect(server, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  std::array<char, 16384> chunk{};
  while (open) {
    pollfd both[2] = {{socket, POLLIN, 0}, {server, POLLIN, 0}};
    if (SSL_pending(ssl.get()) == 0 && ::poll(both, 2, -1) < 0) break;
    if (both[0].revents != 0 || SSL_pending(ssl.get()) > 0) {
      const int got = SSL_read(ssl.get(), chunk.data(), chunk.size());
      open = got > 0 && ::send(server, chunk.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
    }
    if (open && both[1].revents != 0) {
      const ssize_t got = ::recv(server, chunk.data(), chunk.size(), 0);
      open = got > 0 && SSL_write(ssl.get(), chunk.data(), static_cast<int>(got)) == got;
    }
  }
  ::shutdown(socket, SHUT_RDWR);
  ::close(server);
}

}  // namespace zegocall::net_test
