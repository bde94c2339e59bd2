// Strict base64: nothing but the alphabet, the right padding, and zero in the bits that padding leaves over, so that
// one byte string has exactly one spelling.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "token/scratch.hpp"

namespace zegocall::token_detail {

enum class Alphabet { standard, url };  ///< "+/" with padding, "-_" without

/// Appends the text of `bytes`.
void encode_base64(std::string_view bytes, Alphabet alphabet, std::string& out);
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

struct Base64Fault {
  bool failed = false;
  std::size_t at = 0;  ///< the character's position in the text; its size if something is missing at the end
};
/// Appends the bytes of `text`; after a fault, those before it.
Base64Fault decode_base64(std::string_view text, Alphabet alphabet, Scratch& out);

}  // namespace zegocall::token_detail
