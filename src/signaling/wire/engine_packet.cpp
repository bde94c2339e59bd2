#include "signaling/wire/engine_packet.hpp"

#include <array>

namespace zegocall::wire_detail {

namespace {

constexpr char separator = '\x1e';
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 255;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

}  // namespace

bool decode_base64(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  if (text.size() % 4 == 1) return false;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (char c : text) {
    const std::uint8_t digit = base64_values[static_cast<unsigned char>(c)];
    if (digit == no_digit) return false;
    bits = (bits << 6) | digit;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>((bits >> held) & 0xff));
  }
  return true;
}

void append_base64(std::string& out, std::string_view bytes) {
  auto put = [&out](std::uint32_t bits, int shift) { out.push_back(alphabet[(bits >> shift) & 63]); };
  auto byte = [&bytes](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    put(bits, 18), put(bits, 12), put(bits, 6), put(bits, 0);
  }
  if (bytes.size() - i == 1) {
    const std::uint32_t bits = byte(i) << 16;
    put(bits, 18), put(bits, 12), out.append("==");
  } else if (bytes.size() - i == 2) {
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8;
    put(bits, 18), put(bits, 12), put(bits, 6), out.push_back('=');
  }
}

Result<EnginePacket> decode_engine(std::string_view text, std::string& scratch) {
  if (text.empty()) return fail(ErrorCode::protocol, "an empty packet");
  const char first = text.front();
  text.remove_prefix(1);
  if (first == 'b') {
    if (!decode_base64(text, scratch)) return fail(ErrorCode::protocol, "binary data is not base64");
    return EnginePacket{EngineType::message, true, scratch};
  }
  if (first < '0' || first > '6') return fail(ErrorCode::protocol, "unknown packet type");
  return EnginePacket{static_cast<EngineType>(first - '0'), false, text};
}

void encode_engine(std::string& out, const EnginePacket& packet) {
  if (packet.binary) {
    out.push_back('b');
    append_base64(out, packet.data);
    return;
  }
  out.push_back(static_cast<char>('0' + static_cast<int>(packet.type)));
  out.append(packet.data);
}

void append_to_payload(std::string& body, const EnginePacket& packet) {
  if (!body.empty()) body.push_back(separator);
  encode_engine(body, packet);
}

void append_to_payload(std::string& body, std::string_view packet) {
  if (!body.empty()) body.push_back(separator);
  body.append(packet);
}

Result<EnginePacket> PayloadReader::next() {
  const std::size_t end = rest_.find(separator);
  const std::string_view packet = rest_.substr(0, end);
  if (end == std::string_view::npos)
    done_ = true;
  else
    rest_.remove_prefix(end + 1);
  auto decoded = decode_engine(packet, scratch_);
  if (!decoded) done_ = true;
  return decoded;
}

}  // namespace zegocall::wire_detail
