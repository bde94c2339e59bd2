// Which ids a token may carry: what the provider's clients take, so that a bad id fails here and not in a browser.
#pragma once

#include <string>
#include <string_view>

#include "zegocall/token.hpp"

namespace zegocall::token_detail {

Result<void> check_user(std::string_view id, IdPolicy policy, std::string field);
Result<void> check_room(std::string_view id, IdPolicy policy, std::string field);
Result<void> check_stream(std::string_view id, IdPolicy policy, std::string field);

}  // namespace zegocall::token_detail
