#include "store/utf8.hpp"

#include <cstddef>

namespace zegocall::store_detail {

namespace {

unsigned char at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }
bool within(unsigned char byte, unsigned char low, unsigned char high) { return byte >= low && byte <= high; }

/// The length of the sequence that begins at `i`, or 0. RFC 3629 section 4: the second byte's range depends on the first.
std::size_t sequence(std::string_view text, std::size_t i) {
  const unsigned char lead = at(text, i);
  if (lead < 0x80) return 1;
  const std::size_t length = within(lead, 0xC2, 0xDF) ? 2 : within(lead, 0xE0, 0xEF) ? 3 : within(lead, 0xF0, 0xF4) ? 4 : 0;
  if (length == 0 || i + length > text.size()) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (!within(at(text, i + 1), low, high)) return 0;
  for (std::size_t k = 2; k < length; ++k)
    if (!within(at(text, i + k), 0x80, 0xBF)) return 0;
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

}  // namespace zegocall::store_detail
