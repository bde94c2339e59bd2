// Building and keeping JSON. Include base/json.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json_view.hpp"

namespace zegocall {

class Json;
class JsonObject;
class JsonArray;
class JsonInput;

namespace base_detail {

/// A text under construction and the byte strings that its placeholders number.
struct JsonText {
  std::string text;
  std::vector<std::string> attachments;
};
void json_write(JsonText& out, const JsonInput& value);
bool json_inside(const JsonText& out, const JsonInput& value);

template <class T>
concept JsonCharacter = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

}  // namespace base_detail

/// Plumbing: a value on its way into a text. Made by conversion in an argument list and gone after it; it refers to
/// what it was made from. Never keep one. An empty optional leaves its member out of an object, and is null in an array.
class JsonInput {
 public:
  JsonInput(std::nullptr_t) : kind_(Kind::null) {}
  template <std::same_as<bool> B>
  JsonInput(B value) : kind_(Kind::boolean), boolean_(value) {}
  template <std::signed_integral N>
  requires(!base_detail::JsonCharacter<N>) JsonInput(N value) : kind_(Kind::integer), integer_(value) {}
  template <std::unsigned_integral N>
  requires(!base_detail::JsonCharacter<N> && !std::same_as<N, bool>) JsonInput(N value) : kind_(Kind::natural), natural_(value) {}
  /// NaN and the infinities, which JSON has not, are null.
  template <std::floating_point N>
  JsonInput(N value) : kind_(Kind::real), real_(static_cast<double>(value)) {}
  /// Texts are UTF-8; each byte that is not becomes U+FFFD.
  JsonInput(const char* text) : JsonInput(std::string_view(text)) {}
  JsonInput(std::string_view text) : kind_(Kind::text), text_(text) {}
  JsonInput(const std::string& text) : JsonInput(std::string_view(text)) {}
  template <class Tag>
  JsonInput(const Id<Tag>& id) : JsonInput(id.view()) {}
  template <class Tag, class N>
  JsonInput(const Number<Tag, N>& number) : JsonInput(number.value) {}
  JsonInput(BytesView bytes) : kind_(Kind::bytes), text_(bytes.view()) {}
  /// Spliced in as received.
  JsonInput(JsonView view) : kind_(Kind::json), text_(view.text()), attachments_(view.attachments()) {}
  JsonInput(const Json& value);
  JsonInput(const JsonObject& value);
  JsonInput(const JsonArray& value);
  template <class T>
  requires std::convertible_to<const T&, JsonInput> JsonInput(const std::optional<T>& value)
      : JsonInput(value ? JsonInput(*value) : JsonInput(Absent{})) {}
  template <class T>
  requires std::convertible_to<const T&, JsonInput> JsonInput(const std::vector<T>& values)
      : kind_(Kind::range), range_(&values), write_range_(&write_vector<T>) {}

  bool absent() const { return kind_ == Kind::absent; }

 private:
  friend void base_detail::json_write(base_detail::JsonText&, const JsonInput&);
  friend bool base_detail::json_inside(const base_detail::JsonText&, const JsonInput&);
  enum class Kind : unsigned char { absent, null, boolean, integer, natural, real, text, bytes, json, range };
  struct Absent {};
  explicit JsonInput(Absent) : kind_(Kind::absent) {}
  template <class T>
  static void write_vector(base_detail::JsonText& out, const void* values) {
    out.text.push_back('[');
    bool first = true;
    for (const auto& value : *static_cast<const std::vector<T>*>(values)) {
      if (!first) out.text.push_back(',');
      first = false;
      base_detail::json_write(out, JsonInput(static_cast<const T&>(value)));
    }
    out.text.push_back(']');
  }

  Kind kind_;
  union {
    bool boolean_;
    std::int64_t integer_;
    std::uint64_t natural_;
    double real_;
    std::string_view text_ = {};
    const void* range_;
  };
  std::span<const std::string> attachments_;
  void (*write_range_)(base_detail::JsonText&, const void*) = nullptr;
};

/// Plumbing: one `{"key", value}` of a JsonObject's list. Refers to both.
struct JsonMember {
  std::string_view key;
  JsonInput value;
};

/// An object under construction, complete at any time. Value type. Members stand in the order of their first add.
class JsonObject {
 public:
  JsonObject() = default;
  JsonObject(std::initializer_list<JsonMember> members) {
    for (const JsonMember& member : members) add(member.key, member.value);
  }
  /// A second value for a key takes the place of the first (so that what a server adds wins over what it copied). An
  /// empty optional adds nothing.
  JsonObject& add(std::string_view key, const JsonInput& value);

  bool empty() const { return out_.text.size() == 2; }
  std::string_view text() const& { return out_.text; }
  std::string text() && { return std::move(out_.text); }
  std::span<const std::string> attachments() const { return out_.attachments; }
  JsonView view() const& { return JsonView::trusted(out_.text, out_.attachments); }
  JsonView view() const&& = delete;

 private:
  friend class Json;
  bool known(std::string_view written, std::size_t end) const;
  void remember(std::string_view written, std::size_t end);
  void replace(std::string_view written, const JsonInput& value);

  base_detail::JsonText out_{"{}", {}};
  std::uint64_t seen_ = 0;  // one bit per hash of a key: most new keys are known to be new at once
  std::size_t members_ = 0;
  std::unordered_set<std::string> keys_;  // only in big objects
};

/// An array under construction, complete at any time. Value type.
class JsonArray {
 public:
  JsonArray() = default;
  /// list({a, b}). There is no constructor from a list: JsonArray{x} would nest on one compiler and copy on the other.
  static JsonArray list(std::initializer_list<JsonInput> values) {
    JsonArray out;
    for (const JsonInput& value : values) out.add(value);
    return out;
  }
  /// One element for each of the range: shape(item).
  template <std::ranges::input_range Range, class Shape>
  static JsonArray of(Range&& range, Shape shape) {
    JsonArray out;
    for (auto&& item : range) out.add(std::invoke(shape, item));
    return out;
  }
  template <std::ranges::input_range Range>
  static JsonArray of(Range&& range) {
    JsonArray out;
    for (auto&& item : range) out.add(item);
    return out;
  }
  /// An empty optional adds null: places are kept.
  JsonArray& add(const JsonInput& value);

  bool empty() const { return out_.text.size() == 2; }
  std::string_view text() const& { return out_.text; }
  std::string text() && { return std::move(out_.text); }
  std::span<const std::string> attachments() const { return out_.attachments; }
  JsonView view() const& { return JsonView::trusted(out_.text, out_.attachments); }
  JsonView view() const&& = delete;

 private:
  friend class Json;
  base_detail::JsonText out_{"[]", {}};
};

/// A value that owns its text. Value type; reading is thread-safe.
class Json {
 public:
  /// null.
  Json() : out_{"null", {}} {}
  Json(JsonObject object) : out_(std::move(object.out_)) {}
  Json(JsonArray array) : out_(std::move(array.out_)) {}
  /// As JsonView::check, and keeps the text, without space around it.
  static Result<Json> parse(std::string text, const JsonLimits& limits = {});
  /// Copies the slice, and the attachments that it uses.
  static Json copy_of(JsonView view) { return of(view); }
  /// Any single value: Json::of("text"), Json::of(nullptr).
  static Json of(const JsonInput& value);

  JsonView view() const& { return JsonView::trusted(out_.text, out_.attachments); }
  JsonView view() const&& = delete;
  operator JsonView() const& { return view(); }
  operator JsonView() const&& = delete;

  std::string_view text() const& { return out_.text; }
  std::string text() && { return std::move(out_.text); }
  std::span<const std::string> attachments() const { return out_.attachments; }
  JsonKind kind() const { return view().kind(); }
  bool has(std::string_view path) const { return view().has(path); }

  /// As JsonView::get. A temporary gives values only, no views.
  template <class... T, class... Paths>
  auto get(Paths... paths) const& {
    return view().template get<T...>(paths...);
  }
  template <class... T, class... Paths>
  auto get(Paths... paths) const&& {
    static_assert((!base_detail::json_is_view<T> && ...), "a view of a temporary would look at nothing");
    return std::as_const(*this).view().template get<T...>(paths...);
  }

 private:
  friend class JsonObject;
  explicit Json(base_detail::JsonText out) : out_(std::move(out)) {}
  base_detail::JsonText out_;
};

/// The arguments of an event or an acknowledgement; owns them. `Args{a, b}` are two arguments, `Args{}` is none. Value type.
class Args {
 public:
  Args() = default;
  Args(std::initializer_list<JsonInput> values) {
    for (const JsonInput& value : values) add(value);
  }
  /// Copies the slices, and the attachments that they use.
  static Args copy_of(ArgsView view);

  Args& add(const JsonInput& value);
  /// Comma-separated values, without brackets; empty if there are none.
  std::string_view text() const& { return out_.text; }
  std::string text() && { return std::move(out_.text); }
  std::span<const std::string> attachments() const { return out_.attachments; }
  ArgsView view() const& { return ArgsView::trusted(out_.text, out_.attachments); }
  ArgsView view() const&& = delete;
  operator ArgsView() const& { return view(); }
  operator ArgsView() const&& = delete;

  bool empty() const { return out_.text.empty(); }
  std::size_t size() const { return view().size(); }
  /// Argument i; null if there are fewer.
  JsonView operator[](std::size_t i) const& { return view()[i]; }
  JsonView operator[](std::size_t i) const&& = delete;
  bool has(std::string_view path) const { return view().has(path); }
  /// The path begins with the argument's number: get<CallId>("0.callId"). A temporary gives values only, no views.
  template <class... T, class... Paths>
  auto get(Paths... paths) const& {
    return view().template get<T...>(paths...);
  }
  template <class... T, class... Paths>
  auto get(Paths... paths) const&& {
    static_assert((!base_detail::json_is_view<T> && ...), "a view of a temporary would look at nothing");
    return std::as_const(*this).view().template get<T...>(paths...);
  }

 private:
  base_detail::JsonText out_;
};

inline JsonInput::JsonInput(const Json& value) : JsonInput(value.view()) {}
inline JsonInput::JsonInput(const JsonObject& value) : JsonInput(value.view()) {}
inline JsonInput::JsonInput(const JsonArray& value) : JsonInput(value.view()) {}

}  // namespace zegocall
