// Reading JSON: a view is a checked slice of somebody else's text. Include base/json.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "zegocall/base/result.hpp"

namespace zegocall {

class JsonView;

namespace base_detail {
/// One path for each type of a get of several.
template <class>
using JsonPath = std::string_view;
template <class T>
Result<T> json_convert(JsonView value);
template <class T, class From>
Result<T> json_get(const From& from, std::string_view path);
template <class... T, class From, class... Paths>
Result<std::tuple<T...>> json_get_all(const From& from, Paths... paths);
}  // namespace base_detail

/// What a value is. `binary` is an attachment of a Socket.IO event; plain JSON has none.
enum class JsonKind : unsigned char { null, boolean, number, string, array, object, binary };
/// "null", "boolean", ...; valid for ever.
std::string_view name(JsonKind kind);

/// What a text may cost. Beyond it: payload_too_large (bytes) or limit_exceeded (depth).
struct JsonLimits {
  std::size_t bytes_max = 1'000'000;  ///< of the whole text
  unsigned depth_max = 64;            ///< arrays and objects inside each other; 0 = scalars only, more than 512 counts as 512
  /// Lets half of a surrogate pair stand in a string ("\ud800"), as JavaScript does. It goes on as it came; asked for as
  /// std::string or Id it is bad_utf8, and in JsonEntry::key it is U+FFFD.
  bool lone_surrogates = false;
};

/// Bytes that belong to somebody else; as a value to write, a binary attachment.
class BytesView {
 public:
  constexpr BytesView() = default;
  constexpr explicit BytesView(std::string_view bytes) : bytes_(bytes) {}
  constexpr std::string_view view() const { return bytes_; }
  constexpr std::size_t size() const { return bytes_.size(); }
  friend bool operator==(BytesView, BytesView) = default;

 private:
  std::string_view bytes_;
};

struct JsonEntry;
class JsonElements;
class JsonMembers;

/// A value inside a checked text. Cheap to copy; lives as long as the text and the attachments that it looks at. What
/// must stay is a value: Json::copy_of(view). Reading is thread-safe; nothing is cached.
///
/// A path is the programmer's word, never a peer's: member names and array indexes with dots between ("0.room",
/// "also.2"); the empty path is the value itself. Digits index an array and name a member of an object. A name that is
/// empty or holds a dot cannot be reached by path.
///
/// get<T> reads bool, integers (exact; a fraction or an exponent is mistyped, even 1.0 and 1e3), double, std::string
/// (unescaped), Id, AppId, Version, BytesView, JsonView, Json, Args (from an array), std::optional and std::vector of
/// these, and any type with a hook `Result<void> from_json(JsonView, T&)` beside it. optional takes absent and null and
/// still refuses a wrong type. Errors: missing_field, mistyped_field, out_of_range, or the hook's own; `field` is the path.
class JsonView {
 public:
  /// null.
  constexpr JsonView() = default;

  /// Checks all of `text` (RFC 8259, strict UTF-8, no lone surrogate unless allowed, no member twice, limits), in linear time.
  /// The text must outlive the view. Errors: bad_json, bad_utf8, limit_exceeded, payload_too_large; the detail names the byte.
  static Result<JsonView> check(std::string_view text, const JsonLimits& limits = {});
  template <std::same_as<std::string> Temporary>
  static Result<JsonView> check(Temporary&& text, const JsonLimits& limits = {}) = delete;

  /// The same value, in which Socket.IO's {"_placeholder":true,"num":N} is attachment N. protocol: there is no N.
  Result<JsonView> with_attachments(std::span<const std::string> attachments) const;

  JsonKind kind() const;
  /// The value as it was received, without space around it.
  std::string_view text() const { return text_; }
  std::span<const std::string> attachments() const { return attachments_; }
  /// Elements of an array, members of an object, otherwise 0. Walks the text.
  std::size_t size() const;
  /// True if something is there, even null.
  bool has(std::string_view path) const;

  /// This value itself.
  template <class T>
  Result<T> get() const {
    return base_detail::json_convert<T>(*this);
  }
  template <class T>
  Result<T> get(std::string_view path) const {
    return base_detail::json_get<T>(*this, path);
  }
  /// All of them, or the first error: get<UserId, bool>("to", "video").
  template <class A, class B, class... More>
  Result<std::tuple<A, B, More...>> get(std::string_view a, std::string_view b, base_detail::JsonPath<More>... more) const {
    return base_detail::json_get_all<A, B, More...>(*this, a, b, more...);
  }

  /// For range-for. Empty unless this is an array (an object).
  JsonElements elements() const;
  JsonMembers members() const;

  /// Plumbing: a slice that is known to be one valid value without space around it.
  static constexpr JsonView trusted(std::string_view text, std::span<const std::string> attachments = {}) {
    return JsonView(text, attachments);
  }

 private:
  constexpr JsonView(std::string_view text, std::span<const std::string> attachments) : text_(text), attachments_(attachments) {}

  std::string_view text_ = "null";
  std::span<const std::string> attachments_;
};

/// One member of an object: the key is unescaped, the value is a slice.
struct JsonEntry {
  std::string key;
  JsonView value;
};

/// The elements of an array, in order. A view like JsonView.
class JsonElements {
 public:
  class iterator {
   public:
    using value_type = JsonView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    iterator() = default;
    JsonView operator*() const { return current_; }
    const JsonView* operator->() const { return &current_; }
    iterator& operator++() { return read(), *this; }
    void operator++(int) { read(); }
    friend bool operator==(const iterator& it, std::default_sentinel_t) { return it.done_; }

   private:
    friend class JsonElements;
    iterator(std::string_view inner, std::span<const std::string> attachments);
    void read();

    JsonView current_;
    std::string_view rest_;
    std::span<const std::string> attachments_;
    bool done_ = true;
  };

  /// Plumbing: the text between an array's brackets.
  JsonElements(std::string_view inner, std::span<const std::string> attachments) : inner_(inner), attachments_(attachments) {}
  iterator begin() const { return iterator(inner_, attachments_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::string_view inner_;
  std::span<const std::string> attachments_;
};

/// The members of an object, in the order of the text. A view like JsonView.
class JsonMembers {
 public:
  class iterator {
   public:
    using value_type = JsonEntry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    iterator() = default;
    const JsonEntry& operator*() const { return current_; }
    const JsonEntry* operator->() const { return &current_; }
    iterator& operator++() { return read(), *this; }
    void operator++(int) { read(); }
    friend bool operator==(const iterator& it, std::default_sentinel_t) { return it.done_; }

   private:
    friend class JsonMembers;
    iterator(std::string_view inner, std::span<const std::string> attachments);
    void read();

    JsonEntry current_;
    std::string_view rest_;
    std::span<const std::string> attachments_;
    bool done_ = true;
  };

  /// Plumbing: the text between an object's braces.
  JsonMembers(std::string_view inner, std::span<const std::string> attachments) : inner_(inner), attachments_(attachments) {}
  iterator begin() const { return iterator(inner_, attachments_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::string_view inner_;
  std::span<const std::string> attachments_;
};

/// The arguments of a received event: a slice of an array from some element on, still the received text. `text()` is
/// that text without brackets, ready to be spliced into the next frame. A view like JsonView.
class ArgsView {
 public:
  ArgsView() = default;
  /// The elements of `array` from number `skip` on; none if it is not an array or has no more. Touches only what it skips.
  explicit ArgsView(JsonView array, std::size_t skip = 0);

  /// Comma-separated values, without brackets; empty if there are none.
  std::string_view text() const { return inner_; }
  std::span<const std::string> attachments() const { return attachments_; }
  bool empty() const { return inner_.empty(); }
  std::size_t size() const;
  /// Argument i; null if there are fewer.
  JsonView operator[](std::size_t i) const;
  bool has(std::string_view path) const;
  JsonElements elements() const { return {inner_, attachments_}; }

  /// The path begins with the argument's number: get<GroupId>("0.room").
  template <class T>
  Result<T> get(std::string_view path) const {
    return base_detail::json_get<T>(*this, path);
  }
  template <class A, class B, class... More>
  Result<std::tuple<A, B, More...>> get(std::string_view a, std::string_view b, base_detail::JsonPath<More>... more) const {
    return base_detail::json_get_all<A, B, More...>(*this, a, b, more...);
  }

  /// Plumbing: text that is known to be valid values with commas between.
  static ArgsView trusted(std::string_view inner, std::span<const std::string> attachments = {});

 private:
  std::string_view inner_;
  std::span<const std::string> attachments_;
};

}  // namespace zegocall

#include "zegocall/base/json_get.hpp"
