#include "net/ws_frames.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.hpp"

namespace zegocall::net_detail {
namespace {

unsigned byte(const char* at) { return static_cast<unsigned char>(*at); }
constexpr std::size_t control_max = 125;

void append_header(std::string& out, WsOpcode opcode, std::size_t size, unsigned mask_bit) {
  std::array<char, 10> head{};
  std::size_t used = 2;
  head[0] = static_cast<char>(0x80u | static_cast<unsigned>(opcode));
  if (size < 126) {
    head[1] = static_cast<char>(mask_bit | size);
  } else if (size < 65536) {
    head[1] = static_cast<char>(mask_bit | 126u);
    head[2] = static_cast<char>(size >> 8);
    head[3] = static_cast<char>(size & 255);
    used = 4;
  } else {
    head[1] = static_cast<char>(mask_bit | 127u);
    for (std::size_t i = 0; i < 8; ++i) head[2 + i] = static_cast<char>((size >> (56 - 8 * i)) & 255);
    used = 10;
  }
  out.append(head.data(), used);
}

/// 32 bytes at a time: every byte of every message passes here, and four words at once are two instructions of the machine.
using Words = std::array<std::uint64_t, 4>;
Words load(const char* at) {
  Words out;
  std::memcpy(out.data(), at, sizeof out);
  return out;
}

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

void apply_mask(char* data, std::size_t size, std::uint32_t key) {
  const std::uint64_t wide = static_cast<std::uint64_t>(key) << 32 | key;
  std::size_t at = 0;
  for (; at + sizeof(Words) <= size; at += sizeof(Words)) {
    Words words = load(data + at);
    for (std::uint64_t& word : words) word ^= wide;
    std::memcpy(data + at, words.data(), sizeof words);
  }
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, 8);
    word ^= wide;
    std::memcpy(data + at, &word, 8);
  }
  std::array<char, 4> bytes{};
  std::memcpy(bytes.data(), &key, 4);
  for (; at < size; ++at) data[at] = static_cast<char>(data[at] ^ bytes[at & 3]);
}

WsStep next_frame(char* data, std::size_t size, WsSide side, std::size_t payload_max, WsFrame& out) {
  if (size < 2) return WsStep::more;
  const unsigned first = byte(data), second = byte(data + 1);
  const bool masked = (second & 0x80u) != 0;
  if ((first & 0x70u) != 0 || !is_known(first & 15u) || masked != (side == WsSide::server)) return WsStep::broken;
  out.opcode = static_cast<WsOpcode>(first & 15u);
  out.final = (first & 0x80u) != 0;
  std::size_t head = 2;
  std::uint64_t length = second & 0x7fu;
  if ((first & 8u) != 0 && (length > control_max || !out.final)) return WsStep::broken;
  if (length >= 126) {
    const std::size_t digits = length == 126 ? 2 : 8;
    if (size < 2 + digits) return WsStep::more;
    length = 0;
    for (std::size_t i = 0; i < digits; ++i) length = length << 8 | byte(data + 2 + i);
    head += digits;
    if (length >> 63 != 0) return WsStep::too_big;  // no length by RFC 6455; ws answers as to any that is too long
  }
  if ((first & 8u) == 0 && length > payload_max) return WsStep::too_big;
  if (masked) head += 4;
  if (size < head || size - head < length) return WsStep::more;
  out.payload = data + head;
  out.payload_size = static_cast<std::size_t>(length);
  out.frame_size = head + out.payload_size;
  if (masked) {
    std::uint32_t key = 0;
    std::memcpy(&key, data + head - 4, 4);
    apply_mask(out.payload, out.payload_size, key);
  }
  return WsStep::frame;
}

WsReader::Step WsReader::next(char* data, std::size_t size, std::size_t message_max) {
  release();
  // A fragment out of turn is that first, however long it says it is.
  if (size >= 2 && (byte(data) & 8u) == 0 && ((byte(data) & 15u) == 0) != in_message_) return failed(ws_close::protocol_error);
  WsFrame frame;
  switch (next_frame(data, size, side_, message_max - std::min(message_max, fragments_.size()), frame)) {
    case WsStep::more: return {};
    case WsStep::broken: return failed(ws_close::protocol_error);
    case WsStep::too_big: return failed(ws_close::too_big);
    case WsStep::frame: break;
  }
  Step step;
  switch (frame.opcode) {
    case WsOpcode::continuation:
    case WsOpcode::text:
    case WsOpcode::binary: step = on_data(frame, message_max); break;
    case WsOpcode::close: step = on_close(frame); break;
    case WsOpcode::ping: step = {.got = Got::ping, .payload = frame.view()}; break;
    case WsOpcode::pong: step = {.got = Got::pong, .payload = frame.view()}; break;
  }
  step.consumed = frame.frame_size;
  return step;
}

WsReader::Step WsReader::on_data(const WsFrame& frame, std::size_t message_max) {
  const bool first = frame.opcode != WsOpcode::continuation;
  if (first) binary_ = frame.opcode == WsOpcode::binary;
  std::string_view message = frame.view();
  in_message_ = !frame.final;
  if (!first || !frame.final) {
    if (fragments_.size() + message.size() > message_max) return failed(ws_close::too_big);
    fragments_.append(message);
    if (!frame.final) return {};
    delivered_ = true;
    message = fragments_;
  }
  if (!binary_ && !base_detail::is_utf8(message)) return failed(ws_close::bad_text);
  return {.got = Got::message, .payload = message, .binary = binary_};
}

WsReader::Step WsReader::on_close(const WsFrame& frame) {
  if (frame.payload_size == 0) return {.got = Got::close, .close_code = ws_close::no_status};
  if (frame.payload_size == 1) return failed(ws_close::protocol_error);
  const auto code = static_cast<std::uint16_t>(byte(frame.payload) << 8 | byte(frame.payload + 1));
  if (!is_close_code(code)) return failed(ws_close::protocol_error);
  const std::string_view reason = frame.view().substr(2);
  if (!base_detail::is_utf8(reason)) return failed(ws_close::bad_text);
  return {.got = Got::close, .payload = reason, .close_code = code};
}

void append_frame(std::string& out, WsOpcode opcode, std::string_view payload) {
  append_header(out, opcode, payload.size(), 0);
  out.append(payload);
}

void append_masked_frame(std::string& out, WsOpcode opcode, std::string_view payload, std::uint32_t key) {
  append_header(out, opcode, payload.size(), 0x80);
  std::array<char, 4> bytes{};
  std::memcpy(bytes.data(), &key, 4);
  out.append(bytes.data(), 4);
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(out.data() + start, payload.size(), key);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  if (code == ws_close::no_status) return {};
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 255)};
  std::size_t kept = std::min(reason.size(), control_max - 2);
  while (kept > 0 && kept < reason.size() && (byte(reason.data() + kept) & 0xc0u) == 0x80u) --kept;  // not inside a character
  return out.append(reason.substr(0, kept));
}

bool is_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::string accept_key(std::string_view key) {
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  lws_SHA1(reinterpret_cast<const unsigned char*>(salted.data()), salted.size(), digest.data());
  std::array<char, 32> text{};
  lws_b64_encode_string(reinterpret_cast<const char*>(digest.data()), static_cast<int>(digest.size()), text.data(),
                        static_cast<int>(text.size()));
  return text.data();
}

}  // namespace zegocall::net_detail
