// The validating scanner: one pass, no allocation unless many members are open at once or a key is spelt with escapes.
#include <algorithm>
#include <array>
#include <forward_list>
#include <vector>

#include "base/json_scan.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall {
namespace {

using base_detail::skip_plain;
using base_detail::skip_space;
using base_detail::utf8_length;

constexpr unsigned depth_ceiling = 512;  // the scanner recurses; about 100 bytes of stack for each level

constexpr auto short_escapes = [] {
  std::array<bool, 256> out{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();
bool is_short_escape(char c) { return short_escapes[static_cast<unsigned char>(c)]; }

/// A key, and eight of its bytes that tell almost any two keys of one length apart.
struct Key {
  std::uint64_t head;
  const char* data;
  std::size_t size;
  std::string_view text() const { return {data, size}; }
};

Key make_key(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])); };
  std::uint64_t head = 0;
  if (text.size() >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + text.size() - 4, 4);
    head = first | (static_cast<std::uint64_t>(last) << 32);
  } else if (!text.empty()) {
    head = byte(0) | (byte(text.size() / 2) << 8) | (byte(text.size() - 1) << 16);
  }
  return {head, text.data(), text.size()};
}
bool same(const Key& a, const Key& b) { return a.head == b.head && a.size == b.size && (a.size <= 8 || a.text() == b.text()); }
bool before(const Key& a, const Key& b) {
  if (a.head != b.head) return a.head < b.head;
  return a.size != b.size ? a.size < b.size : a.text() < b.text();
}

/// The keys of all objects that are open. Each object takes its own off when it ends.
class Keys {
 public:
  std::size_t size() const { return size_; }
  void push(const Key& key) {
    if (size_ < inline_.size())
      inline_[size_] = key;
    else
      more_.push_back(key);
    ++size_;
  }
  /// Takes off all from `first` on; the text of one that is there twice, if any. Sorting makes the cost of a big
  /// object n log n whatever its keys are, which a hash could not promise against somebody who knows it.
  std::optional<std::string_view> take(std::size_t first) {
    std::optional<std::string_view> twice;
    if (size_ <= inline_.size()) {
      twice = find_twice(inline_.data() + first, inline_.data() + size_);
    } else if (first >= inline_.size()) {
      twice = find_twice(more_.data() + (first - inline_.size()), more_.data() + more_.size());
    } else {
      std::vector<Key> all(inline_.begin() + static_cast<std::ptrdiff_t>(first), inline_.end());
      all.insert(all.end(), more_.begin(), more_.end());
      twice = find_twice(all.data(), all.data() + all.size());
    }
    size_ = first;
    more_.resize(size_ > inline_.size() ? size_ - inline_.size() : 0);
    return twice;
  }

 private:
  static constexpr std::ptrdiff_t few = 16;

  static std::optional<std::string_view> find_twice(Key* begin, Key* end) {
    if (end - begin > few) {
      std::sort(begin, end, before);
      const Key* found = std::adjacent_find(begin, end, same);
      if (found != end) return found->text();
      return std::nullopt;
    }
    for (const Key* a = begin; a != end; ++a)
      for (const Key* b = a + 1; b < end; ++b)
        if (same(*a, *b)) return a->text();
    return std::nullopt;
  }

  std::array<Key, 48> inline_;  // left as it is: only what was pushed is read
  std::vector<Key> more_;
  std::size_t size_ = 0;
};

class Checker {
 public:
  Checker(std::string_view text, const JsonLimits& limits)
      : begin_(text.data()),
        end_(text.data() + text.size()),
        depth_max_(std::min(limits.depth_max, depth_ceiling)),
        halves_(limits.lone_surrogates) {}

  /// The value without the space around it, or nothing and an error.
  std::optional<std::string_view> run() {
    const char* first = skip_space(begin_, end_);
    const char* last = value(first, 0);
    if (!last) return std::nullopt;
    const char* rest = skip_space(last, end_);
    if (rest != end_) return wrong(rest, "unexpected text behind the value"), std::nullopt;
    return std::string_view(first, static_cast<std::size_t>(last - first));
  }
  Error take_error() { return std::move(error_); }

 private:
  // Each step takes the place to read from and returns the place behind, or null after setting error_.
  const char* wrong(const char* p, std::string_view what, ErrorCode code = ErrorCode::bad_json) {
    error_.code = code;
    error_.detail.assign(what).append(" at byte ").append(std::to_string(p - begin_));
    if (p == end_) error_.detail.append(", where the text ends");
    return nullptr;
  }

  const char* value(const char* p, unsigned depth) {
    if (p == end_) return wrong(p, "a value is missing");
    switch (*p) {
      case '"': return string(p + 1);
      case '{': return object(p, depth + 1);
      case '[': return array(p, depth + 1);
      case 't': return word(p, "true");
      case 'f': return word(p, "false");
      case 'n': return word(p, "null");
    }
    return number(p);
  }

  const char* word(const char* p, std::string_view wanted) {
    const std::string_view rest(p, static_cast<std::size_t>(end_ - p));
    return rest.starts_with(wanted) ? p + wanted.size() : wrong(p, "an unknown word");
  }

  const char* digits(const char* p) const {
    while (p != end_ && *p >= '0' && *p <= '9') ++p;
    return p;
  }

  const char* number(const char* p) {
    if (*p == '-') ++p;
    const char* whole = p;
    p = digits(p);
    if (p == whole) return wrong(p, "not a value");
    if (*whole == '0' && p - whole > 1) return wrong(whole, "a number with a leading zero");
    if (p != end_ && *p == '.') {
      const char* fraction = ++p;
      p = digits(p);
      if (p == fraction) return wrong(p, "a digit is missing");
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p != end_ && (*p == '+' || *p == '-')) ++p;
      const char* exponent = p;
      p = digits(p);
      if (p == exponent) return wrong(p, "a digit is missing");
    }
    return p;
  }

  const char* string(const char* p) {
    for (;;) {
      p = skip_plain(p, end_);
      if (p == end_) return wrong(p, "a string without an end");
      if (*p == '"') return p + 1;
      if (*p == '\\') {
        do {  // the \r\n of SDP: the next one follows at once
          p = escape(p);
          if (!p) return nullptr;
        } while (p != end_ && *p == '\\');
      } else if (static_cast<unsigned char>(*p) >= 0x80) {
        p = beyond_ascii(p);
        if (!p) return nullptr;
      } else {
        return wrong(p, "a control character in a string");
      }
    }
  }

  const char* beyond_ascii(const char* p) {
    do {
      const std::size_t length = utf8_length(p, end_);
      if (length == 0) return wrong(p, "not UTF-8", ErrorCode::bad_utf8);
      p += length;
    } while (p != end_ && static_cast<unsigned char>(*p) >= 0x80);
    return p;
  }

  const char* escape(const char* p) {
    if (end_ - p >= 2 && is_short_escape(p[1])) return p + 2;
    if (end_ - p < 2) return wrong(end_, "a string without an end");
    return p[1] == 'u' ? unicode(p) : wrong(p, "an unknown escape");
  }

  const char* unicode(const char* p) {
    const int first = end_ - p >= 6 ? base_detail::hex4(p + 2) : -1;
    if (first < 0) return wrong(p, "\\u without four hex digits");
    if (first < 0xd800 || first > 0xdfff) return p + 6;
    const bool pair = first < 0xdc00 && end_ - p >= 12 && p[6] == '\\' && p[7] == 'u';
    const int second = pair ? base_detail::hex4(p + 8) : -1;
    if (second >= 0xdc00 && second <= 0xdfff) return p + 12;
    return halves_ ? p + 6 : wrong(p, "half of a surrogate pair", ErrorCode::bad_utf8);
  }

  bool too_deep(const char* p, unsigned depth) {
    if (depth <= depth_max_) return false;
    wrong(p, "nested deeper than " + std::to_string(depth_max_), ErrorCode::limit_exceeded);
    return true;
  }

  const char* array(const char* p, unsigned depth) {
    if (too_deep(p, depth)) return nullptr;
    p = skip_space(p + 1, end_);
    if (p != end_ && *p == ']') return p + 1;
    for (;;) {
      p = value(p, depth);
      if (!p) return nullptr;
      p = skip_space(p, end_);
      if (p == end_ || (*p != ',' && *p != ']')) return wrong(p, "a comma or ] is missing");
      if (*p == ']') return p + 1;
      p = skip_space(p + 1, end_);
    }
  }

  const char* object(const char* p, unsigned depth) {
    if (too_deep(p, depth)) return nullptr;
    const std::size_t first_key = keys_.size();
    const char* const opened = p;
    p = skip_space(p + 1, end_);
    if (p != end_ && *p == '}') return p + 1;
    for (;;) {
      p = member(p, depth);
      if (!p) return nullptr;
      p = skip_space(p, end_);
      if (p == end_ || (*p != ',' && *p != '}')) return wrong(p, "a comma or } is missing");
      if (*p == '}') break;
      p = skip_space(p + 1, end_);
    }
    if (const auto twice = keys_.take(first_key)) return duplicate(opened, *twice);
    return p + 1;
  }

  const char* member(const char* p, unsigned depth) {
    if (p == end_ || *p != '"') return wrong(p, "a member name is missing");
    const char* const name = p + 1;
    p = string(name);
    if (!p) return nullptr;
    keys_.push(make_key(plain_key({name, static_cast<std::size_t>(p - name - 1)})));
    p = skip_space(p, end_);
    if (p == end_ || *p != ':') return wrong(p, "a colon is missing");
    return value(skip_space(p + 1, end_), depth);
  }

  /// The same key may be spelt with different escapes.
  std::string_view plain_key(std::string_view raw) {
    if (raw.find('\\') == raw.npos) return raw;
    base_detail::unescape(raw, unescaped_.emplace_front(), base_detail::Halves::kept);
    return unescaped_.front();
  }

  const char* duplicate(const char* opened, std::string_view key) {
    wrong(opened, "a member twice in the object");
    std::string quoted;
    base_detail::write_string(quoted, key.substr(0, 64));
    error_.detail.append(": ").append(quoted);
    return nullptr;
  }

  const char* begin_;
  const char* end_;
  unsigned depth_max_;
  bool halves_;  // of surrogate pairs are let stand
  Keys keys_;
  std::forward_list<std::string> unescaped_;
  Error error_;
};

}  // namespace

Result<JsonView> JsonView::check(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return fail(ErrorCode::payload_too_large,
                std::to_string(text.size()) + " bytes, must be at most " + std::to_string(limits.bytes_max));
  Checker checker(text, limits);
  const auto value = checker.run();
  if (!value) return unexpected(checker.take_error());
  return JsonView(*value, {});
}

}  // namespace zegocall
