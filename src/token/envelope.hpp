// The outside of a token: "04" or "03", then in base64 (integers big-endian)
//   expire 8 | iv size 2 | iv | size 2 | ciphertext (in gcm followed by its 16-byte tag) | in gcm a mode byte 1
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "token/scratch.hpp"
#include "zegocall/token.hpp"

namespace zegocall::token_detail {

/// A token's outside, as far as it could be read; the views point into the bytes it was read from.
struct Envelope {
  TokenVersion version = TokenVersion::token04;  ///< of the text; read_envelope is told
  std::optional<std::int64_t> expires{};
  std::optional<TokenMode> mode{};
  std::string_view iv{};
  std::string_view sealed{};                 ///< ciphertext, in gcm with its tag
  std::vector<TokenPart>* layout = nullptr;  ///< filled where somebody wants it
};

/// What a text is, by its looks.
TokenText recognize(std::string_view text);

/// The version that a text claims.
TokenVersion version_of(std::string_view text);
/// Text to bytes, appended to `bytes`; the reason if it is no text of a Token04 or Token03.
std::optional<Error> decode_text(std::string_view text, Scratch& bytes);
/// Bytes to fields; the reason if they do not fit.
std::optional<Error> read_envelope(std::string_view bytes, Envelope& out);

/// Encrypts and wraps: the whole token. `iv` must have iv_size(mode) bytes, the plaintext at most token_plaintext_max.
class CipherKey;
Result<std::string> seal(const CipherKey& key, TokenMode mode, std::int64_t expires, std::string_view iv,
                         std::string_view plaintext, TokenVersion version = TokenVersion::token04);

/// What a provider that expects a Token04 reads in a JWT's first ten bytes, in words; empty if it is shorter.
std::string misread_as_token(std::string_view jwt);

}  // namespace zegocall::token_detail
