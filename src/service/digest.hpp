// A digest of a text under a label, so that it is no other digest of the same text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/hex.hpp"
#include "token/hmac.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::service_detail {

/// 64 hex digits. Not for texts that can be guessed: it is quick.
inline std::string digest_of(std::string_view label, std::string_view text) {
  const auto digest = token_detail::HmacKey(Secret(label)).sign(text);
  ZC_ASSERT(digest.has_value());
  return base_detail::hex_of(std::as_bytes(std::span(*digest)));
}

}  // namespace zegocall::service_detail
