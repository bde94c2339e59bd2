// The signature and the query of a server API request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"

namespace zegocall::zego_detail {

/// Lower-case hex of MD5(app id, nonce, secret, timestamp), written one behind the other. not_in_this_build where the
/// machine's OpenSSL refuses MD5.
Result<std::string> sign_request(AppId app, std::string_view nonce, const Secret& secret, std::int64_t timestamp);

/// Percent-encodes everything but letters, digits and - . _ ~ (RFC 3986), byte by byte.
void percent_encode(std::string_view text, std::string& out);

/// Appends "name=value" to a query, both encoded, with & between.
void add_to_query(std::string& query, std::string_view name, std::string_view value);

}  // namespace zegocall::zego_detail
