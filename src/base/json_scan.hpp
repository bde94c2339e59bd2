// The steps that the check, the reader and the writer of JSON share.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace zegocall::base_detail {

inline bool json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline const char* skip_space(const char* p, const char* end) {
  while (p != end && json_space(*p)) ++p;
  return p;
}

/// The first byte that a string cannot hold as it is, or that needs a look: quote, backslash, control, not ASCII.
inline const char* skip_plain(const char* p, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(' ');
  const auto look = [&](const char* at) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Signed comparison: bytes from 0x80 on are negative, so "less than space" finds them too.
    return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash)), _mm_cmplt_epi8(block, space));
  };
  // Most of what is relayed is SDP: long runs of plain text. Two blocks for one question.
  for (; end - p >= 32; p += 32) {
    const auto low = static_cast<unsigned>(_mm_movemask_epi8(look(p)));
    const auto high = static_cast<unsigned>(_mm_movemask_epi8(look(p + 16)));
    if (const unsigned mask = low | high << 16) return p + std::countr_zero(mask);
  }
  for (; end - p >= 16; p += 16)
    if (const int mask = _mm_movemask_epi8(look(p))) return p + std::countr_zero(static_cast<unsigned>(mask));
#endif
  while (p != end && *p != '"' && *p != '\\' && static_cast<signed char>(*p) >= ' ') ++p;
  return p;
}

/// The first quote or backslash, in a text that was checked.
inline const char* skip_to_quote(const char* p, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  for (; end - p >= 16; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, slash));
    if (const int mask = _mm_movemask_epi8(found)) return p + std::countr_zero(static_cast<unsigned>(mask));
  }
#endif
  while (p != end && *p != '"' && *p != '\\') ++p;
  return p;
}

/// How many bytes the UTF-8 sequence at p has, or 0 if it is none: overlong, a surrogate, beyond U+10FFFF, cut off.
inline std::size_t utf8_length(const char* p, const char* end) {
  const auto at = [p](std::size_t i) { return static_cast<unsigned char>(p[i]); };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const auto left = static_cast<std::size_t>(end - p);
  if (left == 0) return 0;
  const unsigned char c = at(0);
  if (c < 0x80) return 1;
  if (c < 0xc2) return 0;
  if (c < 0xe0) return left >= 2 && tail(1) ? 2 : 0;
  if (c < 0xf0) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if (c == 0xe0 && at(1) < 0xa0) return 0;
    return c == 0xed && at(1) > 0x9f ? 0 : 3;
  }
  if (c > 0xf4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (c == 0xf0 && at(1) < 0x90) return 0;
  return c == 0xf4 && at(1) > 0x8f ? 0 : 4;
}

/// The value of four hex digits, or -1.
int hex4(const char* p);
/// Behind the closing quote; p stands behind the opening one. Checked text only, like the next three.
const char* skip_string(const char* p, const char* end);
/// Behind the value that begins at p.
const char* skip_value(const char* p, const char* end);
/// What unescape() makes of half a surrogate pair: U+FFFD, or the three bytes that it would have, which no valid text has.
enum class Halves : unsigned char { replaced, kept };
/// Appends what the text between two quotes means; false if half a surrogate pair stands in it (JsonLimits::lone_surrogates).
bool unescape(std::string_view raw, std::string& out, Halves halves = Halves::replaced);
/// True if the text between two quotes means `wanted`.
bool key_is(std::string_view raw, std::string_view wanted);

/// Socket.IO's {"_placeholder":true,"num":N}, at p and up to `behind`. Only in this spelling: plain names, no third member.
struct Placeholder {
  std::size_t number;
  const char* behind;
};
std::optional<Placeholder> placeholder_at(const char* p, const char* end);
/// The place of the next one in a checked text, or the end.
const char* next_placeholder(const char* p, const char* end, std::optional<Placeholder>& found);

/// The text between a container's brackets, without space before the first part.
std::string_view inner(std::string_view container);
/// Takes `"key":` off the front and returns what stands between the quotes.
std::string_view take_key(std::string_view& rest);
/// Takes the next value and the comma behind it off the front; what is left begins with the next part or is empty.
std::string_view take_value(std::string_view& rest);

/// Appends a string with its quotes.
void write_string(std::string& out, std::string_view text);

}  // namespace zegocall::base_detail
