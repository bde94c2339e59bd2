// The parts of the catalogue, one per family.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "zegocall/zego/codes.hpp"

namespace zegocall::zego_detail {

std::span<const CodeInfo> server_codes();    ///< server API: all products, rooms
std::span<const CodeInfo> media_codes();     ///< server API: media, mixing, moderation, chat
std::span<const CodeInfo> client_codes();    ///< Express, native and web
std::span<const CodeInfo> internal_codes();  ///< what the web SDK hides
std::span<const CodeInfo> chat_codes();      ///< In-app Chat clients

/// A code of the server API: what ServerApi makes of it stands beside what a person reads, so that both say the same.
struct ApiRow {
  std::int64_t code = 0;
  CodeFrom from{};
  ErrorCode error{};         ///< decides whether it is tried again: is_retryable()
  std::string_view field{};  ///< the parameter to blame, if it is one
  std::string_view title{}, meaning{};
  std::span<const CodeCause> causes{};
  std::array<std::int64_t, 4> see{};
};
template <std::size_t N>
std::array<CodeInfo, N> infos_of(const ApiRow (&rows)[N]) {
  std::array<CodeInfo, N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    const ApiRow& row = rows[i];
    out[i] = {row.code, row.from, row.title, row.meaning, row.causes, row.see, true, row.error, row.field};
  }
  return out;
}

/// Why a token is refused where nobody says why.
inline constexpr CodeCause token_causes[] = {
    {"not a Token04 at all (a JWT, a kit token)", "zegocall token inspect < token.txt"},
    {"another project's secret", "compare app id and secret in the console"},
    {"user id differs from the one that logs in", "exactly, also in case and spaces"},
    {"damaged on the way, a + became a space", "send it in JSON, not in a query"},
    {"expired, or the server's clock is wrong", "zegocall doctor"},
};
inline constexpr CodeCause expired_causes[] = {
    {"its lifetime is over and nobody renewed it", "renew at tokenWillExpire, 30 s before the end"},
    {"expire is milliseconds, or a text", "it must be a JSON number in seconds: zegocall token inspect"},
    {"the server's clock is wrong", "zegocall doctor"},
};
inline constexpr CodeCause app_causes[] = {
    {"app id and environment do not belong together", "compare both with the console's project page"},
    {"the project is paused, expired or deleted", "look at its state in the console"},
    {"the client mixes AppSign and token", "where both are given the AppSign is checked first: give one"},
};
inline constexpr CodeCause busy_causes[] = {
    {"too many requests at once", "back off with jitter and try the same again"},
};
inline constexpr CodeCause theirs_causes[] = {
    {"a fault on the provider's side", "keep the RequestId for their support"},
};
inline constexpr CodeCause enabling_causes[] = {
    {"the service is not switched on for this project", "switch it on in the console, or ask their support"},
    {"the wrong app id", "compare it with the console"},
};

}  // namespace zegocall::zego_detail
