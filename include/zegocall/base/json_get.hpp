// How get<T> finds and converts a value. Include base/json.hpp.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json_view.hpp"

namespace zegocall {

class Json;
class Args;

namespace base_detail {

/// The value at a path; no value if it is absent. mistyped_field if the way leads through something else.
Result<std::optional<JsonView>> json_find(JsonView from, std::string_view path, bool null_ends_the_way);
Result<std::optional<JsonView>> json_find(const ArgsView& from, std::string_view path, bool null_ends_the_way);
Error json_missing(std::string_view path);
Error json_mistyped(JsonView value, std::string_view must_be);
/// Puts `path` in front of the field of an error.
Error json_below(std::string_view path, Error error);

Result<bool> json_bool(JsonView value);
Result<std::int64_t> json_signed(JsonView value, std::int64_t min, std::int64_t max);
Result<std::uint64_t> json_unsigned(JsonView value, std::uint64_t max);
Result<double> json_double(JsonView value);
Result<BytesView> json_bytes(JsonView value);
/// The text of a string: a slice where nothing is escaped, else unescaped into `scratch`.
Result<std::string_view> json_text(JsonView value, std::string& scratch);

template <class T>
inline constexpr bool json_is_optional = false;
template <class T>
inline constexpr bool json_is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool json_is_vector = false;
template <class T>
inline constexpr bool json_is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool json_is_id = false;
template <class Tag>
inline constexpr bool json_is_id<Id<Tag>> = true;
template <class T>
inline constexpr bool json_is_number_type = false;
template <class Tag, class N>
inline constexpr bool json_is_number_type<Number<Tag, N>> = true;

/// What looks into the text that it was read from.
template <class T>
inline constexpr bool json_is_view = std::is_same_v<T, JsonView> || std::is_same_v<T, BytesView>;
template <class T>
inline constexpr bool json_is_view<std::optional<T>> = json_is_view<T>;
template <class T>
inline constexpr bool json_is_view<std::vector<T>> = json_is_view<T>;

template <class T>
concept JsonHooked = requires(JsonView in, T& out) {
  { from_json(in, out) } -> std::same_as<Result<void>>;
};

template <class T>
inline constexpr bool json_no_text_view = !std::is_same_v<T, std::string_view> && !std::is_same_v<T, const char*>;

template <class T>
Result<T> json_vector(JsonView value) {
  if (value.kind() != JsonKind::array) return unexpected(json_mistyped(value, "an array"));
  T out;
  for (JsonView element : value.elements()) {
    auto item = json_convert<typename T::value_type>(element);
    if (!item) return unexpected(json_below(std::to_string(out.size()), std::move(item).error()));
    out.push_back(*std::move(item));
  }
  return out;
}

template <class T>
Result<T> json_integer(JsonView value) {
  using limits = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, std::int64_t>)
    return json_signed(value, limits::min(), limits::max());
  else if constexpr (std::is_signed_v<T>)
    return json_signed(value, limits::min(), limits::max()).transform([](std::int64_t n) { return static_cast<T>(n); });
  else
    return json_unsigned(value, limits::max()).transform([](std::uint64_t n) { return static_cast<T>(n); });
}

template <class T>
Result<T> json_convert(JsonView value) {
  static_assert(json_no_text_view<T>, "an escaped string has no view: ask for std::string");
  if constexpr (json_is_optional<T>) {
    if (value.kind() == JsonKind::null) return T();
    return json_convert<typename T::value_type>(value).transform(
        [](typename T::value_type inner) { return T(std::move(inner)); });
  } else if constexpr (JsonHooked<T>) {
    T out{};
    if (auto read = from_json(value, out); !read) return unexpected(std::move(read).error());
    return out;
  } else if constexpr (std::is_same_v<T, JsonView>) {
    return value;
  } else if constexpr (std::is_same_v<T, Json>) {
    return T::copy_of(value);
  } else if constexpr (std::is_same_v<T, Args>) {
    if (value.kind() != JsonKind::array) return unexpected(json_mistyped(value, "an array"));
    return T::copy_of(ArgsView(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return json_bool(value);
  } else if constexpr (std::is_integral_v<T>) {
    return json_integer<T>(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return json_double(value).transform([](double n) { return static_cast<T>(n); });
  } else if constexpr (json_is_number_type<T>) {
    return json_integer<decltype(T::value)>(value).transform([](auto n) { return T(n); });
  } else if constexpr (std::is_same_v<T, std::string> || json_is_id<T>) {
    std::string scratch;
    return json_text(value, scratch).transform([](std::string_view text) { return T(text); });
  } else if constexpr (std::is_same_v<T, BytesView>) {
    return json_bytes(value);
  } else {
    static_assert(json_is_vector<T>, "no from_json(JsonView, T&) -> Result<void> beside this type");
    return json_vector<T>(value);
  }
}

template <class T, class From>
Result<T> json_get(const From& from, std::string_view path) {
  auto found = json_find(from, path, json_is_optional<T>);
  if (!found) return unexpected(std::move(found).error());
  if (!*found) {
    if constexpr (json_is_optional<T>)
      return T();
    else
      return unexpected(json_missing(path));
  }
  auto value = json_convert<T>(**found);
  if (!value) return unexpected(json_below(path, std::move(value).error()));
  return value;
}

template <class... T, class From, class... Paths>
Result<std::tuple<T...>> json_get_all(const From& from, Paths... paths) {
  std::optional<Error> first;
  auto one = [&]<class U>(std::type_identity<U>, std::string_view path) -> std::optional<U> {
    if (first) return std::nullopt;
    auto value = json_get<U>(from, path);
    if (value) return *std::move(value);
    first = std::move(value).error();
    return std::nullopt;
  };
  std::tuple<std::optional<T>...> all{one(std::type_identity<T>{}, paths)...};  // braces: left to right
  if (first) return unexpected(*std::move(first));
  return std::apply([](auto&&... each) { return std::tuple<T...>(*std::move(each)...); }, std::move(all));
}

}  // namespace base_detail
}  // namespace zegocall
