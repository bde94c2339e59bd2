// Bytes as lower-case hex digits.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace zegocall::base_detail {

inline std::string hex_of(std::span<const std::byte> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    out.push_back(digits[std::to_integer<unsigned>(byte) >> 4]);
    out.push_back(digits[std::to_integer<unsigned>(byte) & 15]);
  }
  return out;
}

}  // namespace zegocall::base_detail
