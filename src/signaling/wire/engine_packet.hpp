// Engine.IO v4 packets: one character of type, then data; several in one polling body with U+001E between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall::wire_detail {

/// The numbers are those of the wire.
enum class EngineType : unsigned char { open = 0, close = 1, ping = 2, pong = 3, message = 4, upgrade = 5, noop = 6 };

/// One packet; only a message can be binary. `data` is a view of what it was decoded from.
struct EnginePacket {
  EngineType type = EngineType::noop;
  bool binary = false;
  std::string_view data;
  friend bool operator==(const EnginePacket&, const EnginePacket&) = default;
};

/// The text of a WebSocket frame, or one packet of a polling body. A binary message in text form is decoded into
/// `scratch`. Errors: protocol.
Result<EnginePacket> decode_engine(std::string_view text, std::string& scratch);

/// Appends the text form; binary data becomes base64.
void encode_engine(std::string& out, const EnginePacket& packet);

/// Appends one packet to a polling body.
void append_to_payload(std::string& body, const EnginePacket& packet);
/// The same for a packet that is in its text form already.
void append_to_payload(std::string& body, std::string_view packet);

/// Walks over the packets of a polling body.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view body) : rest_(body) {}
  bool done() const { return done_; }
  /// The next packet, valid until the next call. Errors: protocol; then the reader is done.
  Result<EnginePacket> next();

 private:
  std::string_view rest_;
  bool done_ = false;
  std::string scratch_;
};

/// Standard alphabet; padding may be absent, anything else that is not base64 is refused. False: `out` is unspecified.
bool decode_base64(std::string_view text, std::string& out);
void append_base64(std::string& out, std::string_view bytes);

}  // namespace zegocall::wire_detail
