// Texts that come from elsewhere, on their way to a person's screen. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zegocall {

/// What a terminal or a page may be given: control characters, marks that turn the writing direction around and bytes that
/// are no UTF-8 become '?', each.
std::string printable(std::string_view text);

/// How many code points; what is no UTF-8 counts by its bytes that begin one.
std::size_t columns(std::string_view text);

/// The first `most` code points, the last of them "…" if there were more.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace zegocall
