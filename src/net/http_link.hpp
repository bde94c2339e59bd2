// A kept-alive HTTP/1.1 connection of a client on the loop, one request at a time. Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/stream.hpp"

namespace zegocall::net_detail {

class HttpLink;

class HttpLinkHandler {
 public:
  virtual ~HttpLinkHandler() = default;
  /// The view lives as long as the call. Another request() may follow in here if the link is reusable().
  virtual void on_reply(HttpLink& link, int status, std::string_view body) = 0;
  /// Once: the connection is over. `unheard`: a request was under way on a connection that had served before, and nothing
  /// of an answer came, so that the server has hardly seen it.
  virtual void on_link_gone(HttpLink& link, const Error& why, bool unheard) = 0;
};

/// Destroying it ends it without a callback; not from inside a callback of its own.
class HttpLink {
 public:
  HttpLink(Loop& loop, StreamTarget target, std::size_t body_bytes_max, HttpLinkHandler& handler);
  ~HttpLink();
  HttpLink(const HttpLink&) = delete;
  HttpLink& operator=(const HttpLink&) = delete;

  /// Head and body, complete. It leaves as soon as the connection stands. Not while another is under way.
  void request(std::string text);
  bool busy() const;
  /// Not busy, and not idle for so long that the server may be about to close it.
  bool reusable() const;
  std::size_t buffered() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall::net_detail
