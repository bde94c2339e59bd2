#include "token/envelope.hpp"

#include "token/base64.hpp"
#include "token/cipher.hpp"

namespace zegocall::token_detail {
namespace {

constexpr std::string_view prefix = "04";
constexpr std::string_view prefix03 = "03";
constexpr std::size_t expire_size = 8;
constexpr std::size_t length_size = 2;
constexpr std::uint8_t mode_cbc = 0;
constexpr std::uint8_t mode_gcm = 1;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

void append_big_endian(std::uint64_t value, std::size_t size, Scratch& out) {
  for (std::size_t i = size; i-- > 0;) out.append(static_cast<char>(value >> (8 * i)));
}

Error error_of(ErrorCode code, std::string detail, std::string field = {}) { return {code, std::move(field), std::move(detail)}; }

std::string of_bytes(std::size_t size) { return std::to_string(size) + (size == 1 ? " byte" : " bytes"); }

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_percent_escape(std::string_view text) {
  // Not from find to find: a megabyte of % would pay for a million calls.
  for (std::size_t at = std::min(text.find('%'), text.size()); at + 2 < text.size(); ++at) {
    if (text[at] == '%' && is_hex(text[at + 1]) && is_hex(text[at + 2])) return true;
  }
  return false;
}

Error not_base64(std::string_view body, std::size_t at) {
  const std::string where = "character " + std::to_string(at + prefix.size() + 1);
  if (at == body.size())
    return error_of(ErrorCode::bad_base64,
                    "its " + std::to_string(body.size()) + " characters end too early: cut off, or padding lost");
  switch (body[at]) {
    case '-':
    case '_':
      return error_of(ErrorCode::bad_base64, where + " is of the URL alphabet; a token has the standard one, with + and /");
    case ' ':
    case '\t':
    case '\r':
    case '\n': return error_of(ErrorCode::bad_base64, where + " is white space");
    default: return error_of(ErrorCode::bad_base64, where + " does not belong there");
  }
}

// The one place that knows the order of the fields.
class FieldReader {
 public:
  FieldReader(std::string_view bytes, std::vector<TokenPart>* layout) : bytes_(bytes), layout_(layout) {}
  std::size_t left() const { return bytes_.size() - at_; }
  std::string_view take(std::string_view name, std::size_t size) {
    if (layout_ != nullptr) layout_->push_back({name, at_, size});
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

 private:
  std::string_view bytes_;
  std::vector<TokenPart>* layout_;
  std::size_t at_ = 0;
};

std::optional<Error> check_cbc(std::size_t iv, std::size_t sealed) {
  if (iv != iv_size(TokenMode::cbc)) return error_of(ErrorCode::bad_iv_length, of_bytes(iv) + ", must be 16 in cbc mode", "iv");
  if (sealed == 0 || sealed % block_size != 0)
    return error_of(ErrorCode::length_mismatch, of_bytes(sealed) + ", must be a multiple of 16 in cbc mode", "ciphertext");
  return std::nullopt;
}

std::optional<Error> check_gcm(std::size_t iv, std::size_t sealed) {
  if (iv != iv_size(TokenMode::gcm)) return error_of(ErrorCode::bad_iv_length, of_bytes(iv) + ", must be 12 in gcm mode", "iv");
  if (sealed <= tag_size)
    return error_of(ErrorCode::length_mismatch, of_bytes(sealed) + ", must be at least 17 in gcm mode", "ciphertext");
  return std::nullopt;
}

// The size field says `sealed`; what is behind it tells the mode.
std::optional<Error> read_sealed(FieldReader& fields, std::size_t sealed, Envelope& out) {
  if (sealed > fields.left())
    return error_of(ErrorCode::length_mismatch,
                    "the token announces " + of_bytes(sealed) + " of ciphertext and has " + of_bytes(fields.left()),
                    "ciphertext");
  const std::size_t behind = fields.left() - sealed;
  const bool has_tag = behind == 1 && out.iv.size() == iv_size(TokenMode::gcm) && sealed > tag_size;
  out.sealed = fields.take("ciphertext", has_tag ? sealed - tag_size : sealed);
  if (has_tag) {
    const std::string_view tag = fields.take("tag", tag_size);
    out.sealed = {out.sealed.data(), out.sealed.size() + tag.size()};
  }
  if (behind > 1) return error_of(ErrorCode::trailing_bytes, of_bytes(behind) + " behind the ciphertext, must be 0 or 1");
  if (behind == 0) return out.mode = TokenMode::cbc, check_cbc(out.iv.size(), sealed);
  const auto mode = static_cast<std::uint8_t>(fields.take("mode", 1).front());
  if (mode == mode_cbc) return out.mode = TokenMode::cbc, check_cbc(out.iv.size(), sealed);
  if (mode == mode_gcm) return out.mode = TokenMode::gcm, check_gcm(out.iv.size(), sealed);
  return error_of(ErrorCode::unknown_mode, "mode byte " + std::to_string(mode) + ", must be 0 or 1", "mode");
}

}  // namespace

TokenText recognize(std::string_view text) {
  std::string_view body = text;
  if (body.substr(0, 2) == prefix) body.remove_prefix(prefix.size());
  if (body.substr(0, 2) == "ey" && body.find('.') != std::string_view::npos) return TokenText::jwt;
  const bool token03 = text.substr(0, 2) == prefix03;
  if (!token03 && text.substr(0, 2) != prefix) return TokenText::other;
  if (text.find('#') != std::string_view::npos) return TokenText::kit_token;
  return token03 ? TokenText::token03 : TokenText::token04;
}

TokenVersion version_of(std::string_view text) {
  return text.substr(0, 2) == prefix03 ? TokenVersion::token03 : TokenVersion::token04;
}

std::optional<Error> decode_text(std::string_view text, Scratch& bytes) {
  if (text.empty()) return error_of(ErrorCode::empty, "there is no text");
  const TokenText kind = recognize(text);
  if (kind == TokenText::jwt) return error_of(ErrorCode::jwt_instead_of_token, misread_as_token(text));
  if (kind == TokenText::kit_token) return error_of(ErrorCode::kit_token_instead_of_token, "the token is the part before the #");
  const std::string_view body = text.substr(std::min(text.size(), prefix.size()));
  if (kind == TokenText::other) {
    const bool other_version = text.size() >= 2 && text[0] == '0' && is_digit(text[1]);
    return other_version ? error_of(ErrorCode::unsupported_version, "version " + std::string(text.substr(0, 2)) + ", must be 04")
                         : error_of(ErrorCode::bad_prefix, "a token begins with 04");
  }
  if (has_percent_escape(body)) return error_of(ErrorCode::url_encoded, "the text holds percent escapes");
  const Base64Fault fault = decode_base64(body, Alphabet::standard, bytes);
  if (!fault.failed) return std::nullopt;
  // A blank at the end is a lost + only where a character is missing there.
  const bool inside =
      fault.at < body.size() && body[fault.at] == ' ' && body.find_first_not_of(" \t\r\n", fault.at) != std::string_view::npos;
  const bool in_place = fault.at < body.size() && body[fault.at] == ' ' && body.size() % 4 == 0;
  if (inside || in_place)
    return error_of(ErrorCode::plus_turned_into_space,
                    "character " + std::to_string(fault.at + prefix.size() + 1) + " is a blank");
  return not_base64(body, fault.at);
}

std::optional<Error> read_envelope(std::string_view bytes, Envelope& out) {
  FieldReader fields(bytes, out.layout);
  const auto too_short = [&] { return error_of(ErrorCode::too_short, "only " + of_bytes(bytes.size())); };
  if (fields.left() < expire_size) return too_short();
  out.expires = static_cast<std::int64_t>(big_endian(fields.take("expire", expire_size)));
  if (fields.left() < length_size) return too_short();
  const auto iv = static_cast<std::size_t>(big_endian(fields.take("iv size", length_size)));
  if (iv != iv_size(TokenMode::gcm) && iv != iv_size(TokenMode::cbc))
    return error_of(ErrorCode::bad_iv_length, of_bytes(iv) + ", must be 12 or 16", "iv");
  if (fields.left() < iv + length_size) return too_short();
  out.iv = fields.take("iv", iv);
  const auto sealed = static_cast<std::size_t>(big_endian(fields.take("size", length_size)));
  if (auto wrong = read_sealed(fields, sealed, out)) return wrong;
  if (out.version == TokenVersion::token03 && *out.mode == TokenMode::gcm)
    return error_of(ErrorCode::unsupported_version, "a Token03 has no gcm mode: was it a Token04?", "mode");
  return std::nullopt;
}

Result<std::string> seal(const CipherKey& key, TokenMode mode, std::int64_t expires, std::string_view iv,
                         std::string_view plaintext, TokenVersion version) {
  ZC_ASSERT(iv.size() == iv_size(mode) && plaintext.size() <= token_plaintext_max);
  Scratch bytes;
  append_big_endian(static_cast<std::uint64_t>(expires), expire_size, bytes);
  append_big_endian(iv.size(), length_size, bytes);
  bytes.append(iv);
  append_big_endian(sealed_size(mode, plaintext.size()), length_size, bytes);
  if (auto done = key.encrypt(mode, iv, plaintext, bytes); !done) return unexpected(std::move(done).error());
  if (mode == TokenMode::gcm) bytes.append(static_cast<char>(mode_gcm));
  std::string token;
  token.reserve(prefix.size() + base64_size(bytes.size()));
  token = name(version);
  encode_base64(bytes.view(), Alphabet::standard, token);
  return token;
}

std::string misread_as_token(std::string_view jwt) {
  constexpr std::int64_t year = 31556952;  // mean, in seconds
  if (jwt.substr(0, 2) == prefix) jwt.remove_prefix(prefix.size());
  Scratch bytes;
  const Base64Fault fault = decode_base64(jwt.substr(0, 16), Alphabet::url, bytes);
  if (fault.failed || bytes.size() < expire_size + length_size) return "the text has the three parts of a JWT";
  const auto expires = big_endian(bytes.view().substr(0, expire_size));
  const auto iv = big_endian(bytes.view().substr(expire_size, length_size));
  return "the provider reads an expiry in the year " + std::to_string(expires / year / 1000000000) + " billion and an iv of " +
         std::to_string(iv / 1000) + "," + std::to_string(1000 + iv % 1000).substr(1) + " bytes";
}

}  // namespace zegocall::token_detail
