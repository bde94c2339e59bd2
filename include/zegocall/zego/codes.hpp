// The provider's numbers in plain words: what a code means, what most likely caused it, what the backend should check.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"

namespace zegocall {

/// Who says the code. One number may mean different things in two mouths.
enum class CodeFrom : std::uint8_t {
  server_api,    ///< every product's server API
  room_api,      ///< server API, rooms and messages
  media_api,     ///< server API, streams and CDN
  mix_api,       ///< server API, mixing
  censor_api,    ///< server API, moderation
  chat_api,      ///< server API, In-app Chat (ZIM)
  native_sdk,    ///< Express on Android, iOS, Windows, ...
  web_sdk,       ///< Express Web
  room_service,  ///< seen inside the web SDK: the service behind a room login
  gateway,       ///< seen inside the web SDK: the connection's gateway and dispatch
  chat_sdk,      ///< In-app Chat (ZIM)
};
/// "server API, rooms"; valid for ever.
std::string_view name(CodeFrom from);

struct CodeCause {
  std::string_view what{};   ///< what may be the case
  std::string_view check{};  ///< how to see it, or what to do about it
};

/// One code in one mouth. Everything lives for ever.
struct CodeInfo {
  std::int64_t code = 0;
  CodeFrom from{};
  std::string_view title{};             ///< half a line
  std::string_view meaning{};           ///< a sentence or two
  std::span<const CodeCause> causes{};  ///< most likely first
  std::array<std::int64_t, 4> see{};    ///< other codes; 0 = no more
  bool documented = true;               ///< else learnt from the provider's web SDK
  /// Of server APIs: what ServerApi reports it as, and the parameter to blame, if it is one.
  ErrorCode error = ErrorCode::provider_refused;
  std::string_view field{};
  /// Of server APIs: the same request later may succeed, and ServerApi tries it again. The codes that the provider's pages
  /// say this of, and those that mean "not now": too frequent, overloaded.
  bool retry() const { return is_retryable(error); }
};

/// Every code, by number.
std::span<const CodeInfo> all_codes();

/// What is known about a number.
struct CodeExplanation {
  std::int64_t asked = 0;
  std::int64_t code = 0;                ///< as it is listed; another than `asked` where that is a longer spelling of it
  std::span<const CodeInfo> entries{};  ///< one for each mouth; empty: unknown
};
/// Knows the longer spellings too: 2002050119 (telemetry) and 250119 are 50119. Any thread.
CodeExplanation explain_code(std::int64_t number);

/// As an experienced colleague would say it, wrapped at 94 columns, with a line end. For an unknown number: where it
/// probably comes from.
std::string to_string(const CodeExplanation& explanation);

}  // namespace zegocall
