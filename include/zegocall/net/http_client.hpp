// HTTPS to other people's servers, as the HttpPort that ServerApi and others are given.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "zegocall/base/http.hpp"

namespace zegocall {

struct HttpClientOptions {
  std::string ca_file{};               ///< PEM; trusted instead of the system's authorities. Empty: those of the system
  std::string proxy{};                 ///< "http://host:port", asked to CONNECT; empty: none
  bool plain_http = false;             ///< also take http:// URLs; nothing is verified there
  std::size_t idle_max = 8;            ///< connections kept open for the next request
  std::chrono::seconds idle_time{30};  ///< and for how long
};

/// Blocks the calling thread until the reply is there or the time is up; any thread, several at once. TLS 1.2 or later,
/// HTTP/1.1, connections are used again. One that the server closed in the very moment of its use costs GET, HEAD, PUT,
/// DELETE and OPTIONS nothing: they are asked once more, on a new one; others fail with `closed`. Move-only.
class HttpClient final : public HttpPort {
 public:
  /// invalid_argument or out_of_range with the option's name; io_error for a ca_file that cannot be read or holds nothing.
  static Result<HttpClient> open(HttpClientOptions options = {});
  Result<HttpReply> send(const OutgoingRequest& request) override;

  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient() override;

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
