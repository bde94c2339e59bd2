// A form or a percent-encoded text, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::zego_detail {

/// %XX and + (a blank) decoded once. protocol names the byte of a bad escape.
Result<std::string> percent_decoded(std::string_view text);

/// "a=1&b[]=2&b[]=3" as {"a": "1", "b": ["2", "3"]}. protocol: a bad escape, no UTF-8, a name that comes twice or is empty,
/// too many fields, no field at all.
Result<Json> form_as_json(std::string_view form);

}  // namespace zegocall::zego_detail
