// The frames of RFC 6455, both directions. Pure: bytes in, frames out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace zegocall::net_detail {

enum class WsOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Close codes that this module sends itself.
namespace ws_close {
inline constexpr std::uint16_t normal = 1000, protocol_error = 1002, no_status = 1005, bad_text = 1007, too_big = 1009;
}

/// One frame inside a receive buffer, already unmasked there.
struct WsFrame {
  WsOpcode opcode = WsOpcode::text;
  bool final = true;
  char* payload = nullptr;
  std::size_t payload_size = 0;
  std::size_t frame_size = 0;  ///< with its header
  std::string_view view() const { return {payload, payload_size}; }
};

enum class WsStep : std::uint8_t { more, frame, broken, too_big };

/// Which side reads: a server takes masked frames only, a client unmasked ones only.
enum class WsSide : std::uint8_t { server, client };

/// Takes the first frame of `data`. A payload over `payload_max` is too_big as soon as its header is here.
WsStep next_frame(char* data, std::size_t size, WsSide side, std::size_t payload_max, WsFrame& out);

/// Collects the fragments of messages, answers nothing itself.
class WsReader {
 public:
  enum class Got : std::uint8_t { more, message, ping, pong, close, failed };
  struct Step {
    Got got = Got::more;
    std::size_t consumed = 0;
    std::string_view payload{};  ///< of a message, ping, pong or close; valid until release() or the next call
    bool binary = false;
    std::uint16_t close_code = 0;  ///< received (no_status if none), or the one to send when failed
  };

  explicit WsReader(WsSide side) : side_(side) {}
  Step next(char* data, std::size_t size, std::size_t message_max);
  /// Gives back the memory of a message that came in fragments.
  void release() {
    if (delivered_) std::string().swap(fragments_), delivered_ = false;
  }

 private:
  Step on_data(const WsFrame& frame, std::size_t message_max);
  static Step on_close(const WsFrame& frame);
  static Step failed(std::uint16_t code) { return {.got = Got::failed, .close_code = code}; }

  WsSide side_;
  bool in_message_ = false;
  bool binary_ = false;
  bool delivered_ = false;
  std::string fragments_;
};

/// Appends an unmasked frame (what a server sends).
void append_frame(std::string& out, WsOpcode opcode, std::string_view payload);
/// Appends a masked frame (what a client sends).
void append_masked_frame(std::string& out, WsOpcode opcode, std::string_view payload, std::uint32_t key);
/// The payload of a close frame; no_status gives an empty one.
std::string close_payload(std::uint16_t code, std::string_view reason);
/// What a peer may send as a close code.
bool is_close_code(std::uint16_t code);
/// Sec-WebSocket-Accept for a key.
std::string accept_key(std::string_view key);
/// XORs with the key, which starts at its first byte.
void apply_mask(char* data, std::size_t size, std::uint32_t key);

}  // namespace zegocall::net_detail
