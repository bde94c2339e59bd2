// Texts for people's screens.
#include <algorithm>

#include "base/json_scan.hpp"
#include "zegocall/base/text.hpp"

namespace zegocall {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

char32_t code_point(std::string_view sequence) {
  static constexpr unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t out = static_cast<unsigned char>(sequence[0]) & mask[sequence.size()];
  for (const char c : sequence.substr(1)) out = (out << 6) | (static_cast<unsigned char>(c) & 0x3f);
  return out;
}

/// C0, DEL, C1; line and paragraph separators; what sets or turns the writing direction; what XML forbids.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = base_detail::utf8_length(text.data(), text.data() + text.size());
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(size, 1));
    if (size == 0 || is_control(code_point(sequence)))
      out += '?';
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string shortened(std::string_view text, std::size_t most) {
  if (columns(text) <= most) return std::string(text);
  std::size_t end = 0;
  for (std::size_t kept = 0; end < text.size(); ++end)
    if (!is_continuation(text[end]) && ++kept > most - 1) break;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace zegocall
