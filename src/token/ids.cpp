#include "token/ids.hpp"

#include <array>

#include "token/claims.hpp"

namespace zegocall::token_detail {
namespace {

using CharSet = std::array<bool, 256>;

constexpr CharSet char_set(std::string_view extra) {
  CharSet set{};
  for (char c = '0'; c <= '9'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (const char c : extra) set[static_cast<unsigned char>(c)] = true;
  return set;
}

// '%' is missing on purpose: native clients take it, web clients do not.
constexpr CharSet user_chars = char_set("~!@#$^&*()_+=-;',.<>`");
constexpr CharSet stream_chars = char_set("-_");

struct IdRule {
  const CharSet& chars;
  std::size_t size_max;
};

Error bad_character(std::string_view id, std::size_t at, std::string field) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(id[at]);
  const bool printable = byte >= 0x20 && byte < 0x7f;
  const std::string what =
      printable ? std::string("'") + id[at] + "'" : std::string("0x") + digits[byte >> 4] + digits[byte & 15];
  return {ErrorCode::invalid_argument, std::move(field),
          what + " at byte " + std::to_string(at) + ": some clients refuse it (IdPolicy::relaxed takes it)"};
}

Result<void> check_relaxed(std::string_view id, std::string field) {
  if (id.find('\0') != std::string_view::npos)
    return fail_field(ErrorCode::invalid_argument, std::move(field), "holds U+0000, at which native clients cut");
  if (!is_utf8(id)) return fail_field(ErrorCode::invalid_argument, std::move(field), "is not UTF-8");
  return {};
}

Result<void> check_id(std::string_view id, IdPolicy policy, const IdRule& rule, std::string field) {
  if (id.empty()) return fail_field(ErrorCode::invalid_argument, std::move(field), "is empty");
  if (policy == IdPolicy::relaxed) return check_relaxed(id, std::move(field));
  if (id.size() > rule.size_max)
    return fail_field(ErrorCode::out_of_range, std::move(field),
                      std::to_string(id.size()) + " bytes, must be 1 to " + std::to_string(rule.size_max));
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (!rule.chars[static_cast<unsigned char>(id[i])]) return unexpected(bad_character(id, i, std::move(field)));
  }
  return {};
}

}  // namespace

Result<void> check_user(std::string_view id, IdPolicy policy, std::string field) {
  return check_id(id, policy, {user_chars, 63}, std::move(field));
}
Result<void> check_room(std::string_view id, IdPolicy policy, std::string field) {
  return check_id(id, policy, {user_chars, 127}, std::move(field));
}
Result<void> check_stream(std::string_view id, IdPolicy policy, std::string field) {
  return check_id(id, policy, {stream_chars, 256}, std::move(field));
}

}  // namespace zegocall::token_detail
