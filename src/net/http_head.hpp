// The head of an HTTP/1.1 request, read strictly: what two readers could understand differently is refused. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/net.hpp"

namespace zegocall::net_detail {

/// A head that was understood, with what the connection must know about it.
struct ParsedHead {
  RequestHead request;  ///< without peer_address
  std::size_t content_length = 0;
  bool keep_alive = true;
  bool is_one_one = true;  ///< HTTP/1.1, which knows chunks; else 1.0
  bool expects_continue = false;
  std::string_view websocket_protocol;  ///< the first that such a handshake offers; may be empty
  std::string_view websocket_key;       ///< set if this is a correct WebSocket handshake
};

/// Why a head is refused: the status to answer, and a sentence for the one who sent it.
struct HeadRefusal {
  int status = 400;
  std::string_view why;
};

/// Finds the empty line: the size of the head with it, or nothing while it has not come. `from` is how much was searched
/// before.
std::optional<std::size_t> head_size(std::string_view received, std::size_t from);

/// Reads a whole head; `text` must outlive `out`. Names of fields are put into lower case in place.
std::optional<HeadRefusal> parse_head(char* text, std::size_t size, ParsedHead& out);

/// The standard phrase of a status, "Unknown" for others.
std::string_view reason_phrase(int status);

/// What a head tells of the body behind it.
struct BodyFrame {
  std::size_t size = 0;
  bool streamed = false;  ///< `size` is not known
  bool chunks = false;    ///< streamed in chunks; else to the end of the connection
};

/// Writes status line, fields and empty line. Control characters in values become spaces.
void write_head(std::string& out, const HttpAnswer& answer, BodyFrame body, bool keep_alive, std::string_view date);

/// "Tue, 15 Nov 1994 08:12:31 GMT"
std::string http_date(UnixTime now);

}  // namespace zegocall::net_detail
