#include "base/address_key.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace zegocall::base_detail {

std::string address_key(std::string_view address) {
  constexpr std::array<std::uint8_t, 12> v4_in_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::string text(address);
  std::array<std::uint8_t, 16> bytes{};
  if (address.find(':') == std::string_view::npos || inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (std::equal(v4_in_v6.begin(), v4_in_v6.end(), bytes.begin()))
    return inet_ntop(AF_INET, bytes.data() + v4_in_v6.size(), out.data(), out.size());
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
}

}  // namespace zegocall::base_detail
