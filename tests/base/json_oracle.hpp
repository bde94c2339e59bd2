// A second opinion on JSON, from a library that we did not write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What our scanner and reader say about `text` compared with the oracle; nothing if they agree. Meant differences, which
/// are no disagreement: we refuse a member twice, nesting beyond 512, a byte order mark and a NUL byte behind the value;
/// we accept numbers beyond double, whose conversion then fails.
std::optional<std::string> json_disagreement(std::string_view text);
