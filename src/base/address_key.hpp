// What limits for one address count by.
#pragma once

#include <string>
#include <string_view>

namespace zegocall::base_detail {

/// v4 as it is (also one that is mapped into v6), v6 by the /64 that one customer has. What is no address stays.
std::string address_key(std::string_view address);

}  // namespace zegocall::base_detail
