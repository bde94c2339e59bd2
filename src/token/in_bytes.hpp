// A text as OpenSSL takes it.
#pragma once

#include <string_view>

namespace zegocall::token_detail {

inline const unsigned char* in_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace zegocall::token_detail
