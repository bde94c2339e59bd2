// Engine.IO v3 polling bodies, which clients of Socket.IO 2 speak: each packet with its length before it, as text
// (`6:4hello`, counted in UTF-16 units) or as bytes (kind, decimal digits, 255, data). Binary data is `b4` and base64 in
// the text form, and 4 and the bytes in the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "signaling/wire/engine_packet.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::wire_detail {

/// How a JavaScript string counts this text; nothing if it is not UTF-8.
std::optional<std::size_t> utf16_units(std::string_view text);

/// A packet of the text form without its length, or the text of a WebSocket frame. As decode_engine, but for `b4...`.
Result<EnginePacket> decode_engine3(std::string_view text, std::string& scratch);
/// What a binary WebSocket frame or a binary packet of a body holds. Errors: protocol.
Result<EnginePacket> decode_engine3_bytes(std::string_view bytes);

/// Appends to a body in the text form. The packet's text must be UTF-8.
void append_to_payload3(std::string& body, const EnginePacket& packet);
/// The same for a packet that is in its text form already.
void append_to_payload3(std::string& body, std::string_view packet);
/// A body that append_to_payload3 made, in the form of bytes.
std::string payload3_as_bytes(std::string_view body);

/// Walks over the packets of a body in either form.
class Payload3Reader {
 public:
  Payload3Reader(std::string_view body, bool bytes) : rest_(body), bytes_(bytes) {}
  bool done() const { return done_; }
  /// The next packet, valid until the next call. Errors: protocol; then the reader is done.
  Result<EnginePacket> next();

 private:
  Result<EnginePacket> next_text();
  Result<EnginePacket> next_bytes();

  std::string_view rest_;
  bool bytes_;
  bool done_ = false;
  std::string scratch_;
};

}  // namespace zegocall::wire_detail
