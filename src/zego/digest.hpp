// Digests as text.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace zegocall::zego_detail {

/// Lower-case hex of the digest ("SHA1", "SHA256") of the parts, one behind the other. Nothing where the machine's OpenSSL
/// refuses it. The parts are not copied: one may be a secret.
std::optional<std::string> hex_digest(const char* algorithm, std::initializer_list<std::string_view> parts);

}  // namespace zegocall::zego_detail
