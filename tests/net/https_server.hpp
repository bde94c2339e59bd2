// An HTTPS server for tests with an authority of its own, made when it starts: it answers what the test scripts, byte for
// byte. And a proxy that understands CONNECT.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace zegocall::net_test {

/// What the server does with a request.
struct Reaction {
  std::string bytes{};
  bool hang = false;   ///< then say nothing more until the client goes
  bool close = false;  ///< then close, with TLS's goodbye
  bool drop = false;   ///< then close without it
};

/// A complete reply with a length.
std::string reply_text(int status, const std::string& body, const std::string& headers = {});

/// A listening socket with a thread for each connection; all of it ends with the object.
class TestListener {
 public:
  TestListener();
  virtual ~TestListener();
  TestListener(const TestListener&) = delete;
  TestListener& operator=(const TestListener&) = delete;
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 protected:
  void start(std::function<void(int socket)> serve);
  /// Ends every connection and waits for its thread; the destructors of what serves call it first.
  void stop();

 private:
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool stopped_ = false;
  struct Served;
  void reap();
  std::list<Served> served_;
  std::thread acceptor_;
  std::function<void(int)> serve_;
};

class HttpsServer final : public TestListener {
 public:
  /// `names`: what the certificate names, as "IP:127.0.0.1" or "DNS:example.test".
  HttpsServer(const std::string& names, std::function<Reaction(const std::string& request)> answer);
  ~HttpsServer() override;

  std::string url(const std::string& target = "/") const;
  /// The authority's certificate, in a file that lives as long as the server.
  const std::string& ca_file() const;
  /// Every request, head and body.
  std::vector<std::string> requests();

 private:
  struct Parts;
  void serve(int socket);
  std::unique_ptr<Parts> parts_;
};

/// Passes connections on to 127.0.0.1 at the port of the CONNECT, or answers `refusal`.
class ConnectProxy final : public TestListener {
 public:
  explicit ConnectProxy(std::string refusal = {});
  ~ConnectProxy() override { stop(); }
  std::vector<std::string> asked();

 private:
  void serve(int socket);
  std::string refusal_;
  std::mutex asked_mutex_;
  std::vector<std::string> asked_;
};

}  // namespace zegocall::net_test
