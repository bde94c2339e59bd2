// From slices to values.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_scan.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall {
namespace base_detail {
namespace {

std::string_view with_article(JsonKind kind) {
  switch (kind) {
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "a boolean";
    case JsonKind::number: return "a number";
    case JsonKind::string: return "a string";
    case JsonKind::array: return "an array";
    case JsonKind::object: return "an object";
    case JsonKind::binary: return "binary";
  }
  assertion_failed("JsonKind", __FILE__, __LINE__);
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

/// Half a surrogate pair stands at p, or a whole one: the second half, or nothing.
std::optional<unsigned> second_half(const char* p, const char* end, unsigned first) {
  if (first > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u') return std::nullopt;
  const auto second = static_cast<unsigned>(hex4(p + 8));
  return second >= 0xdc00 && second <= 0xdfff ? std::optional(second) : std::nullopt;
}

struct Unescaped {
  std::string& out;
  Halves halves;
  bool whole = true;
};

/// p stands on the backslash of a checked string; the place behind the escape.
const char* append_escape(const char* p, const char* end, Unescaped& to) {
  std::string& out = to.out;
  switch (p[1]) {
    case 'b': out.push_back('\b'); return p + 2;
    case 'f': out.push_back('\f'); return p + 2;
    case 'n': out.push_back('\n'); return p + 2;
    case 'r': out.push_back('\r'); return p + 2;
    case 't': out.push_back('\t'); return p + 2;
    case 'u': break;
    default: out.push_back(p[1]); return p + 2;
  }
  const auto first = static_cast<unsigned>(hex4(p + 2));
  if (first < 0xd800 || first > 0xdfff) return append_utf8(out, first), p + 6;
  if (const auto second = second_half(p, end, first))
    return append_utf8(out, 0x10000 + ((first - 0xd800) << 10) + (*second - 0xdc00)), p + 12;
  to.whole = false;
  append_utf8(out, to.halves == Halves::kept ? first : 0xfffd);
  return p + 6;
}

bool integer_spelling(std::string_view text) { return text.find_first_of(".eE") == text.npos; }

Unexpected outside(std::string_view min, std::string_view max) {
  return fail(ErrorCode::out_of_range, "must be " + std::string(min) + " to " + std::string(max));
}

/// Where the first digit that counts stands, as a power of ten; tells an overflow from an underflow.
long magnitude(std::string_view text) {
  if (text.front() == '-') text.remove_prefix(1);
  const auto e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view digits = text.substr(0, e);
  const auto dot = std::min(digits.find('.'), digits.size());
  const auto first = digits.find_first_of("123456789");
  if (first == digits.npos) return 0;
  const long power = first < dot ? static_cast<long>(dot - first) - 1 : -static_cast<long>(first - dot);
  if (e == text.size()) return power;
  std::string_view exponent = text.substr(e + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  long n = 0;
  const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), n);
  constexpr long far = 1'000'000'000;
  if (read.ec != std::errc()) n = exponent.front() == '-' ? -far : far;
  return std::clamp(n, -far, far) + power;
}

}  // namespace

bool unescape(std::string_view raw, std::string& out, Halves halves) {
  Unescaped to{out, halves};
  const char* p = raw.data();
  const char* const end = p + raw.size();
  for (bool first = true; p != end; first = false) {
    const char* const slash = skip_to_quote(p, end);  // between two quotes there is none but behind a backslash
    if (slash == end) {
      out.append(p, end);
      break;
    }
    if (first) out.reserve(out.size() + raw.size());
    out.append(p, slash);
    p = append_escape(slash, end, to);
  }
  return to.whole;
}

Error json_missing(std::string_view path) { return {ErrorCode::missing_field, std::string(path), "is required"}; }

Error json_mistyped(JsonView value, std::string_view must_be) {
  Error error{ErrorCode::mistyped_field, {}, "is "};
  error.detail.append(with_article(value.kind())).append(", must be ").append(must_be);
  return error;
}

Error json_below(std::string_view path, Error error) {
  if (error.field.empty())
    error.field.assign(path);
  else if (!path.empty())
    error.field.insert(0, std::string(path) + ".");
  return error;
}

Result<bool> json_bool(JsonView value) {
  if (value.kind() != JsonKind::boolean) return unexpected(json_mistyped(value, "a boolean"));
  return value.text() == "true";
}

template <class N>
Result<N> read_integer(JsonView value, N min, N max) {
  if (value.kind() != JsonKind::number) return unexpected(json_mistyped(value, "a number"));
  const std::string_view text = value.text();
  const char* const end = text.data() + text.size();
  N n{};
  const auto read = std::from_chars(text.data(), end, n);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  if (whole && n >= min && n <= max) return n;
  if (!whole && !integer_spelling(text))
    return fail(ErrorCode::mistyped_field, "is a fraction or has an exponent, must be a whole number");
  if (text == "-0" && N{} >= min && N{} <= max) return N{};
  return outside(std::to_string(min), std::to_string(max));
}

Result<std::int64_t> json_signed(JsonView value, std::int64_t min, std::int64_t max) { return read_integer(value, min, max); }
Result<std::uint64_t> json_unsigned(JsonView value, std::uint64_t max) { return read_integer(value, std::uint64_t{0}, max); }

Result<double> json_double(JsonView value) {
  if (value.kind() != JsonKind::number) return unexpected(json_mistyped(value, "a number"));
  const std::string_view text = value.text();
  double n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  if (read.ec == std::errc()) return n;
  if (magnitude(text) < 0) return text.front() == '-' ? -0.0 : 0.0;  // too small to tell from zero
  return outside("-1.8e308", "1.8e308");
}

Result<BytesView> json_bytes(JsonView value) {
  if (value.kind() != JsonKind::binary) return unexpected(json_mistyped(value, "binary"));
  const auto placeholder = placeholder_at(value.text().data(), value.text().data() + value.text().size());
  return BytesView(value.attachments()[placeholder->number]);
}

Result<std::string_view> json_text(JsonView value, std::string& scratch) {
  if (value.kind() != JsonKind::string) return unexpected(json_mistyped(value, "a string"));
  const std::string_view raw = value.text().substr(1, value.text().size() - 2);
  if (raw.find('\\') == raw.npos) return raw;
  scratch.clear();
  if (!unescape(raw, scratch)) return fail(ErrorCode::bad_utf8, "holds half of a surrogate pair");
  return std::string_view(scratch);
}

}  // namespace base_detail

Result<Json> Json::parse(std::string text, const JsonLimits& limits) {
  const auto checked = JsonView::check(text, limits);
  if (!checked) return unexpected(checked.error());
  const std::string_view slice = checked->text();
  const auto first = static_cast<std::size_t>(slice.data() - text.data());
  const std::size_t size = slice.size();
  text.resize(first + size);
  text.erase(0, first);
  return Json(base_detail::JsonText{std::move(text), {}});
}

}  // namespace zegocall
