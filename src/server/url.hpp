// The text of requests: percent signs, queries, paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_text.hpp"

namespace zegocall::server_detail {

/// Undoes percent signs. Nothing if one is not followed by two hex digits, or stands for a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The first value of a name in "a=1&b=2", decoded; nothing if it is absent or broken.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// "/a/b%2Fc/" is {"a", "b/c"}: split first, then decoded; one slash at the end does not count. Nothing if broken.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// The value of one cookie of a Cookie header.
std::optional<std::string> cookie_value(std::string_view header, std::string_view name);

using base_detail::equal_ignoring_case;
using base_detail::lower_case;

}  // namespace zegocall::server_detail
