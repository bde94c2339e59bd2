// What a secret looks like from outside: invented, repeated, of one kind of character.
#pragma once

#include <string_view>

namespace zegocall::cli {

/// your_secret_here, changeme, abcabcabc, 123456789: what stands in examples until somebody puts the secret there.
bool is_placeholder(std::string_view value);
/// All digits, all capitals or all small letters: what chance hardly makes of 16 characters or more.
bool is_of_one_class(std::string_view value);

}  // namespace zegocall::cli
