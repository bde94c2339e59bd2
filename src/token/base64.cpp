#include "token/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace zegocall::token_detail {
namespace {

constexpr std::string_view standard_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_letter = 0xff;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view letters) {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = no_letter;
  for (std::size_t i = 0; i < letters.size(); ++i) values[static_cast<std::uint8_t>(letters[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr auto standard_values = values_of(standard_letters);
constexpr auto url_values = values_of(url_letters);

// The same for the fast way: the value in its place among the 24 bits of a group of four; foreign letters set the top bits.
constexpr std::uint32_t foreign = 0xff000000u;
using Places = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr Places places_of(const std::array<std::uint8_t, 256>& values) {
  Places out{};
  for (std::size_t place = 0; place < 4; ++place)
    for (std::size_t c = 0; c < 256; ++c)
      out[place][c] = values[c] == no_letter ? foreign : static_cast<std::uint32_t>(values[c]) << (18 - 6 * place);
  return out;
}
constexpr auto standard_places = places_of(standard_values);
constexpr auto url_places = places_of(url_values);

std::uint32_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }

// The bytes of one group of 2 to 4 letters; false if a letter is foreign or bits are left over. `at` is moved to the culprit.
bool decode_group(std::string_view group, const std::array<std::uint8_t, 256>& values, char* out, std::size_t& at) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::uint32_t value = values[byte_at(group, i)];
    if (value == no_letter) return at += i, false;
    bits |= value << (18 - 6 * i);
  }
  const std::size_t bytes = group.size() - 1;
  if ((bits & (0xffffffu >> (8 * bytes))) != 0) return at += group.size() - 1, false;
  const char all[] = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
  std::copy_n(all, bytes, out);
  return true;
}

// False if characters are missing at the end: padding, or half a letter.
bool complete(std::string_view text, Alphabet alphabet) {
  return alphabet == Alphabet::standard ? text.size() % 4 == 0 : text.size() % 4 != 1;
}

// The last letters, where they are fewer than four.
bool decode_tail(std::string_view letters, bool whole, const std::array<std::uint8_t, 256>& values, char* out, std::size_t& at) {
  for (std::size_t i = at; i < letters.size(); ++i) {
    if (values[byte_at(letters, i)] == no_letter) return at = i, false;
  }
  if (!whole) return at = letters.size(), false;
  return decode_group(letters.substr(at), values, out, at);
}

// As many groups of four as are good from the beginning; `out` has room for three bytes each.
std::size_t decode_groups(std::string_view text, const Places& places, char* out) {
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t all = text.size() / 4;
  for (std::size_t done = 0; done < all; ++done, from += 4, out += 3) {
    const std::uint32_t bits = places[0][from[0]] | places[1][from[1]] | places[2][from[2]] | places[3][from[3]];
    if ((bits & foreign) != 0) return done;
    out[0] = static_cast<char>(bits >> 16);
    out[1] = static_cast<char>(bits >> 8);
    out[2] = static_cast<char>(bits);
  }
  return all;
}

}  // namespace

void encode_base64(std::string_view bytes, Alphabet alphabet, std::string& out) {
  const char* const letters = (alphabet == Alphabet::standard ? standard_letters : url_letters).data();
  const std::size_t begin = out.size();
  out.resize(begin + base64_size(bytes.size()));
  char* to = out.data() + begin;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t bits = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    *to++ = letters[bits >> 18];
    *to++ = letters[bits >> 12 & 63];
    *to++ = letters[bits >> 6 & 63];
    *to++ = letters[bits & 63];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t bits = byte_at(bytes, i) << 16 | (rest == 2 ? byte_at(bytes, i + 1) << 8 : 0u);
  *to++ = letters[bits >> 18];
  *to++ = letters[bits >> 12 & 63];
  *to++ = rest == 2 ? letters[bits >> 6 & 63] : '=';
  *to = '=';
  if (alphabet == Alphabet::url) out.resize(out.size() - (3 - rest));
}

Base64Fault decode_base64(std::string_view text, Alphabet alphabet, Scratch& out) {
  const auto& values = alphabet == Alphabet::standard ? standard_values : url_values;
  const auto& places = alphabet == Alphabet::standard ? standard_places : url_places;
  std::size_t letters = text.size();
  if (alphabet == Alphabet::standard) {
    while (letters > 0 && text.size() - letters < 2 && text[letters - 1] == '=') --letters;
  }
  const std::size_t rest = letters % 4;
  char* to = out.grow(letters / 4 * 3 + 3);
  const std::size_t begin = out.size() - (letters / 4 * 3 + 3);
  const std::size_t groups = decode_groups(text.substr(0, letters), places, to);
  std::size_t at = groups * 4;
  to += groups * 3;
  bool good = groups == letters / 4 || decode_group(text.substr(at, 4), values, to, at);
  std::size_t size = begin + at / 4 * 3;
  if (good && rest != 0) {
    good = decode_tail(text.substr(0, letters), complete(text, alphabet), values, to, at);
    if (good) size += rest - 1;
  }
  out.shrink(size);
  if (!good) return {true, at};
  return complete(text, alphabet) ? Base64Fault{} : Base64Fault{true, text.size()};
}

}  // namespace zegocall::token_detail
