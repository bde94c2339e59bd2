// Whether a text is UTF-8, once for all modules: what is kept or sent must be readable again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/json_scan.hpp"

namespace zegocall::base_detail {

/// Well-formed UTF-8 (RFC 3629), as strictly as the JSON scanner takes it: no overlong form, no surrogate, nothing past
/// U+10FFFF.
inline bool is_utf8(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  constexpr std::uint64_t beyond_ascii = 0x8080808080808080u;
  while (at != end) {
    std::array<std::uint64_t, 4> words;
    while (end - at >= std::ptrdiff_t{sizeof words}) {  // nearly all text is ASCII
      std::memcpy(words.data(), at, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & beyond_ascii) != 0) break;
      at += sizeof words;
    }
    while (end - at >= 8) {
      std::memcpy(words.data(), at, 8);
      if ((words[0] & beyond_ascii) != 0) break;
      at += 8;
    }
    if (at == end) return true;
    const std::size_t length = utf8_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/// Code points of a well-formed text.
inline std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace zegocall::base_detail
