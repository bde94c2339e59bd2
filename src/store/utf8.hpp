// Whether a text is UTF-8, as strictly as the JSON scanner takes it: what is kept must be readable again.
#pragma once

#include <string_view>

namespace zegocall::store_detail {

/// Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace zegocall::store_detail
