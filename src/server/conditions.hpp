// Conditional requests and what encodings a client takes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zegocall/base/time.hpp"

namespace zegocall::server_detail {

/// True if an If-None-Match header names this tag; weak tags count as their strong ones (RFC 9110, section 13.1.2).
bool etag_matches(std::string_view if_none_match, std::string_view etag);

/// An HTTP date in any of its three forms (RFC 9110, section 5.6.7), to the second; nothing if it is none.
std::optional<UnixTime> parse_http_date(std::string_view text);

/// "Tue, 15 Nov 1994 08:12:31 GMT"
std::string http_date_text(UnixTime when);

/// True if an Accept-Encoding header takes gzip: named, or by "*", and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace zegocall::server_detail
