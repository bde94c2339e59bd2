// Reading one HTTP/1 reply from a stream of bytes that a server controls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "zegocall/base/http.hpp"

namespace zegocall::net_detail {

inline constexpr std::size_t reply_head_max = 65536;

/// Appends some more bytes to what it is given. False: the stream has ended, in good order. Blocks.
using ReadMore = std::function<Result<bool>(std::string&)>;

struct ReadReply {
  HttpReply reply;
  bool reusable = false;  ///< the connection may carry another request
};

/// Reads a reply to `method`, over interim (1xx) ones; the body's bound is `body_max`. Errors: closed (the stream ended
/// inside the reply), protocol, payload_too_large, or those of `more`.
Result<ReadReply> read_reply(std::string_view method, std::size_t body_max, const ReadMore& more);

/// Reads a head only, as a proxy answers a CONNECT; the status. protocol if bytes follow.
Result<int> read_connect_reply(const ReadMore& more);

}  // namespace zegocall::net_detail
