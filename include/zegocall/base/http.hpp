// The port for asking a server over HTTP. net implements it (net/http_client.hpp); tests and hosts with an HTTP stack of
// their own implement it themselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/result.hpp"

namespace zegocall {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// What to ask.
struct OutgoingRequest {
  std::string method = "GET";
  std::string url{};                             ///< absolute, "https://host:port/path?query", everything percent-encoded
  HttpHeaders headers{};                         ///< beside Host, Content-Length and Connection, which the port writes
  std::string body{};                            ///< sent with Content-Length if it is not empty
  std::chrono::milliseconds time_limit{10'000};  ///< for all of it, from the look-up of the name to the reply's last byte
  std::size_t reply_bytes_max = 1'000'000;       ///< of the reply's body
};

/// What came back, whatever its status.
struct HttpReply {
  int status = 0;
  HttpHeaders headers{};  ///< names in lower case
  std::string body{};     ///< whole; without transfer coding

  /// The first value of a header (`name` in lower case); empty if there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

/// Asks and waits for the whole answer. An implementation may be used by several threads at once. It follows no redirect
/// (a 3xx is a reply like another), repeats nothing by itself that could act twice, and for https speaks only with a server whose
/// certificate is good and names the URL's host.
///
/// Errors: invalid_argument (field "url", "method" or "headers"); unreachable: there is no connection, and nothing of the
/// request has left; unauthenticated: the server's certificate is not good, and nothing has left; timeout, closed, io_error:
/// nobody knows whether the server acted; protocol: the reply is not HTTP; payload_too_large: its body exceeds the bound.
/// No error holds the URL's query, a header or the body.
class HttpPort {
 public:
  virtual ~HttpPort() = default;
  virtual Result<HttpReply> send(const OutgoingRequest& request) = 0;
};

}  // namespace zegocall
