#include "net/https_server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "net/openssl_parts.hpp"

namespace zegocall::net_test {
namespace {

using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

struct Named {
  Key key;
  Certificate certificate;
};

/// A key and its certificate, signed by `issuer` or by itself.
Named make_named(const std::string& name, const std::string& alternatives, const Named* issuer) {
  Named out{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* const x = out.certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_set_pubkey(x, out.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()),
                             -1, -1, 0);
  X509* const by = issuer == nullptr ? x : issuer->certificate.get();
  X509_set_issuer_name(x, X509_get_subject_name(by));
  add_extension(x, by, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!alternatives.empty()) add_extension(x, by, NID_subject_alt_name, alternatives);
  REQUIRE(X509_sign(x, issuer == nullptr ? out.key.get() : issuer->key.get(), EVP_sha256()) > 0);
  return out;
}

std::string write_pem(X509* certificate) {
  char path[] = "/tmp/zegocall-test-ca-XXXXXX";
  const int fd = mkstemp(path);
  REQUIRE(fd >= 0);
  std::FILE* const file = fdopen(fd, "w");
  REQUIRE(PEM_write_X509(file, certificate) == 1);
  std::fclose(file);
  return path;
}

std::size_t body_size(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

/// The next request of the connection; empty at its end.
std::string read_request(SSL* ssl, std::string& in) {
  for (;;) {
    const std::size_t end = in.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t size = end + 4 + body_size(in.substr(0, end + 2));
      if (in.size() >= size) {
        std::string out = in.substr(0, size);
        in.erase(0, size);
        return out;
      }
    }
    char chunk[4096];
    const int got = SSL_read(ssl, chunk, sizeof chunk);
    if (got <= 0) return {};
    in.append(chunk, static_cast<std::size_t>(got));
  }
}

bool write_raw(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Copies both ways until one side ends.
void splice(int a, int b) {
  for (;;) {
    pollfd both[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0) return;
    for (int i = 0; i < 2; ++i) {
      if (both[i].revents == 0) continue;
      char chunk[4096];
      const ssize_t got = ::recv(both[i].fd, chunk, sizeof chunk, 0);
      if (got <= 0 || !write_raw(both[1 - i].fd, {chunk, static_cast<std::size_t>(got)})) return;
    }
  }
}

}  // namespace

std::string reply_text(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// ---- the listener ---------------------------------------------------------------------------------------------------

struct TestListener::Served {
  int socket = -1;
  std::atomic<bool> done{false};
  std::thread thread{};
};

TestListener::TestListener() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::listen(listening_, 64) == 0);
  ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
}

void TestListener::start(std::function<void(int)> serve) {
  serve_ = std::move(serve);
  acceptor_ = std::thread([this] {
    for (;;) {
      const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const std::scoped_lock lock(mutex_);
      if (stopped_) return void(::close(socket));
      ++connections_;
      reap();
      Served& one = served_.emplace_back();
      one.socket = socket;
      one.thread = std::thread([this, &one] {
        bear_broken_pipes();
        serve_(one.socket);
        one.done = true;
      });
    }
  });
}

/// Gives back what connections held that are over.
void TestListener::reap() {
  for (auto one = served_.begin(); one != served_.end();) {
    if (!one->done) {
      ++one;
      continue;
    }
    one->thread.join();
    ::close(one->socket);
    one = served_.erase(one);
  }
}

void TestListener::stop() {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    for (const Served& one : served_) ::shutdown(one.socket, SHUT_RDWR);
  }
  ::shutdown(listening_, SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  for (Served& one : served_) {
    one.thread.join();
    ::close(one.socket);
  }
}

TestListener::~TestListener() {
  stop();
  ::close(listening_);
}

// ---- HTTPS ----------------------------------------------------------------------------------------------------------

struct HttpsServer::Parts {
  Named authority = make_named("zegocall test authority", "", nullptr);
  Named own;
  Context ctx{SSL_CTX_new(TLS_server_method())};
  std::string ca_file = write_pem(authority.certificate.get());
  std::function<Reaction(const std::string&)> answer;
  std::mutex mutex;
  std::vector<std::string> requests;
};

HttpsServer::HttpsServer(const std::string& names, std::function<Reaction(const std::string&)> answer)
    : parts_(std::make_unique<Parts>()) {
  parts_->own = make_named("server", names, &parts_->authority);
  parts_->answer = std::move(answer);
  REQUIRE(SSL_CTX_use_certificate(parts_->ctx.get(), parts_->own.certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(parts_->ctx.get(), parts_->own.key.get()) == 1);
  start([this](int socket) { serve(socket); });
}

HttpsServer::~HttpsServer() {
  stop();
  ::unlink(parts_->ca_file.c_str());
}

void HttpsServer::serve(int socket) {
  const std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(parts_->ctx.get()));
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) != 1) return void(::shutdown(socket, SHUT_RDWR));
  std::string in;
  for (;;) {
    const std::string request = read_request(ssl.get(), in);
    if (request.empty()) return void(::shutdown(socket, SHUT_RDWR));
    {
      const std::scoped_lock lock(parts_->mutex);
      parts_->requests.push_back(request);
    }
    const Reaction reaction = parts_->answer(request);
    if (!reaction.bytes.empty()) SSL_write(ssl.get(), reaction.bytes.data(), static_cast<int>(reaction.bytes.size()));
    if (reaction.hang) continue;  // reads on, and so learns that the client has gone
    if (reaction.close) SSL_shutdown(ssl.get());
    if (reaction.close || reaction.drop) return void(::shutdown(socket, SHUT_RDWR));
  }
}

std::string HttpsServer::url(const std::string& target) const { return "https://127.0.0.1:" + std::to_string(port()) + target; }
const std::string& HttpsServer::ca_file() const { return parts_->ca_file; }
std::vector<std::string> HttpsServer::requests() {
  const std::scoped_lock lock(parts_->mutex);
  return parts_->requests;
}

// ---- the proxy ------------------------------------------------------------------------------------------------------

ConnectProxy::ConnectProxy(std::string refusal) : refusal_(std::move(refusal)) {
  start([this](int socket) { serve(socket); });
}

void ConnectProxy::serve(int socket) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char c = 0;
    if (::recv(socket, &c, 1, 0) != 1) return;
    head.push_back(c);
  }
  {
    const std::scoped_lock lock(asked_mutex_);
    asked_.push_back(head.substr(0, head.find("\r\n")));
  }
  if (!refusal_.empty()) {
    write_raw(socket, refusal_);
    return void(::shutdown(socket, SHUT_RDWR));
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(head.c_str() + head.find(':') + 1, nullptr, 10)));
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(target, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 &&
      write_raw(socket, "HTTP/1.1 200 Connection established\r\n\r\n"))
    splice(socket, target);
  ::close(target);
  ::shutdown(socket, SHUT_RDWR);
}

std::vector<std::string> ConnectProxy::asked() {
  const std::scoped_lock lock(asked_mutex_);
  return asked_;
}

}  // namespace zegocall::net_test
