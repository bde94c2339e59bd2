#include "signaling/wire/engine3_packet.hpp"

#include <charconv>

#include "base/json_scan.hpp"

namespace zegocall::wire_detail {

namespace {

constexpr char byte_delimiter = '\xff';
constexpr std::size_t length_digits_max = 10;  // a longer number is more than any body

Unexpected bad_length() { return fail(ErrorCode::protocol, "a packet's length is wrong"); }

/// The bytes of the first `units` UTF-16 units; nothing if the text is shorter, splits a pair there, or is not UTF-8.
std::optional<std::size_t> bytes_of_units(std::string_view text, std::size_t units) {
  const char* p = text.data();
  const char* const end = p + text.size();
  std::size_t left = units;
  while (left > 0) {
    const std::size_t length = p == end ? 0 : base_detail::utf8_length(p, end);
    const std::size_t wide = length == 4 ? 2 : 1;
    if (length == 0 || wide > left) return std::nullopt;
    p += length, left -= wide;
  }
  return static_cast<std::size_t>(p - text.data());
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  if (digits.empty() || digits.size() > length_digits_max) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void append_bytes_head(std::string& out, bool binary, std::size_t length) {
  out.push_back(binary ? '\1' : '\0');
  for (const char digit : std::to_string(length)) out.push_back(static_cast<char>(digit - '0'));
  out.push_back(byte_delimiter);
}

}  // namespace

std::optional<std::size_t> utf16_units(std::string_view text) {
  std::size_t units = 0;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    const std::size_t length = base_detail::utf8_length(p, end);
    if (length == 0) return std::nullopt;
    units += length == 4 ? 2 : 1;
    p += length;
  }
  return units;
}

Result<EnginePacket> decode_engine3(std::string_view text, std::string& scratch) {
  if (!text.starts_with('b')) return decode_engine(text, scratch);
  if (!text.starts_with("b4") || !decode_base64(text.substr(2), scratch))
    return fail(ErrorCode::protocol, "binary data is not a message in base64");
  return EnginePacket{EngineType::message, true, scratch};
}

Result<EnginePacket> decode_engine3_bytes(std::string_view bytes) {
  if (!bytes.starts_with('\4')) return fail(ErrorCode::protocol, "binary data is not a message");
  return EnginePacket{EngineType::message, true, bytes.substr(1)};
}

void append_to_payload3(std::string& body, std::string_view packet) {
  body.append(std::to_string(utf16_units(packet).value_or(packet.size())));
  body.push_back(':');
  body.append(packet);
}

void append_to_payload3(std::string& body, const EnginePacket& packet) {
  std::string text;
  if (packet.binary) {
    text = "b4";
    append_base64(text, packet.data);
  } else {
    encode_engine(text, packet);
  }
  append_to_payload3(body, std::string_view(text));
}

std::string payload3_as_bytes(std::string_view body) {
  std::string out, text;
  for (Payload3Reader reader(body, false); !reader.done();) {
    const auto packet = reader.next();
    ZC_ASSERT(packet);
    if (packet->binary) {
      append_bytes_head(out, true, packet->data.size() + 1);
      out.push_back('\4');
      out.append(packet->data);
      continue;
    }
    text.clear();
    encode_engine(text, *packet);
    append_bytes_head(out, false, text.size());
    out.append(text);
  }
  return out;
}

Result<EnginePacket> Payload3Reader::next() {
  auto packet = bytes_ ? next_bytes() : next_text();
  if (!packet || rest_.empty()) done_ = true;
  return packet;
}

Result<EnginePacket> Payload3Reader::next_text() {
  const std::size_t colon = rest_.substr(0, length_digits_max + 1).find(':');
  const auto units = colon == std::string_view::npos ? std::nullopt : number(rest_.substr(0, colon));
  if (!units) return bad_length();
  rest_.remove_prefix(colon + 1);
  const auto size = bytes_of_units(rest_, *units);
  if (!size) return bad_length();
  const std::string_view text = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return decode_engine3(text, scratch_);
}

Result<EnginePacket> Payload3Reader::next_bytes() {
  if (rest_.empty() || (rest_.front() != '\0' && rest_.front() != '\1')) return bad_length();
  const bool binary = rest_.front() == '\1';
  const std::size_t delimiter = rest_.substr(1, length_digits_max + 1).find(byte_delimiter);
  if (delimiter == std::string_view::npos) return bad_length();
  std::string digits(rest_.substr(1, delimiter));
  for (char& digit : digits) digit = static_cast<char>(digit + '0');  // what is no digit then still is none
  const auto size = number(digits);
  rest_.remove_prefix(delimiter + 2);
  if (!size || *size > rest_.size()) return bad_length();
  const std::string_view data = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  if (binary) return decode_engine3_bytes(data);
  if (!utf16_units(data)) return fail(ErrorCode::protocol, "a packet is not UTF-8");
  return decode_engine3(data, scratch_);
}

}  // namespace zegocall::wire_detail
