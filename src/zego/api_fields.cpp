#include "zego/api_fields.hpp"

#include <algorithm>
#include <charconv>

#include "base/utf8.hpp"

namespace zegocall::zego_detail {
namespace {

std::string span_words(Range range) { return "must be " + std::to_string(range.min) + " to " + std::to_string(range.max); }

template <class N>
Result<N> read_digits(std::string_view name, std::string_view text) {
  N out = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec == std::errc::result_out_of_range)
    return fail_field(ErrorCode::out_of_range, std::string(name), "is beyond 64 bits");
  if (read.ec != std::errc() || read.ptr != end)
    return fail_field(ErrorCode::invalid_argument, std::string(name), "must be a number");
  return out;
}

std::string_view plain(std::string_view name) {
  if (name.ends_with("[]")) name.remove_suffix(2);
  return name;
}

}  // namespace

Result<void> check_text(std::string_view name, std::string_view text, Range range) {
  if (text.empty() && range.min > 0) return fail_field(ErrorCode::missing_field, std::string(name), "must not be empty");
  if (text.size() > range.max)
    return fail_field(ErrorCode::out_of_range, std::string(name),
                      "has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(range.max));
  if (!base_detail::is_utf8(text)) return fail_field(ErrorCode::bad_utf8, std::string(name), "is not UTF-8");
  if (text.find('\0') != std::string_view::npos)
    return fail_field(ErrorCode::invalid_argument, std::string(name), "must not contain U+0000");
  return {};
}

Result<void> check_number(std::string_view name, std::int64_t value, Range range) {
  if (std::cmp_greater_equal(value, range.min) && std::cmp_less_equal(value, range.max)) return {};
  return fail_field(ErrorCode::out_of_range, std::string(name), "is " + std::to_string(value) + ", " + span_words(range));
}

Result<void> check_count(std::string_view name, std::size_t count, Range range) {
  if (count >= range.min && count <= range.max) return {};
  const ErrorCode code = count == 0 ? ErrorCode::missing_field : ErrorCode::out_of_range;
  return fail_field(code, std::string(name), std::to_string(count) + " of them, " + span_words(range));
}

Result<std::int64_t> read_number(std::string_view name, std::string_view text) { return read_digits<std::int64_t>(name, text); }
Result<std::uint64_t> read_natural(std::string_view name, std::string_view text) {
  return read_digits<std::uint64_t>(name, text);
}

std::vector<std::string_view> values_of(const std::vector<ApiParameter>& words, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : words)
    if (plain(key) == name) out.push_back(value);
  return out;
}

Result<void> check_known(const std::vector<ApiParameter>& words, const std::vector<std::string_view>& names) {
  for (const auto& [key, value] : words)
    if (std::find(names.begin(), names.end(), plain(key)) == names.end())
      return fail_field(ErrorCode::invalid_argument, key, "the action has no such parameter");
  return {};
}

}  // namespace zegocall::zego_detail
