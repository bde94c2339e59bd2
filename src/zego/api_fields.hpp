// The table in which an action's parameters stand, and the three things that are done with it: check, say, read.
//
//   fields = {field("RoomId", &KickoutUser::room), field("UserId", &KickoutUser::users, {1, 5})}
//
// The range means the bytes of a text, the value of a number or enumerator, the number of a list's members. A text or an id
// with 0 for its least is optional and not sent when it is empty.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall::zego_detail {

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

inline constexpr Range user_id{1, 63}, room_id{1, 127}, stream_id{1, 256}, user_name{0, 255};
constexpr Range optional_of(Range range) { return {0, range.max}; }

/// What an element of a list must be; for others as the field itself.
template <class T>
inline constexpr Range element_range{};
template <>
inline constexpr Range element_range<UserId> = user_id;
template <>
inline constexpr Range element_range<RoomId> = room_id;
template <>
inline constexpr Range element_range<StreamId> = stream_id;

template <class Action, class T>
struct Field {
  using type = T;
  std::string_view name;
  T Action::*member;
  Range range;
};
template <class Action, class T>
constexpr Field<Action, T> field(std::string_view name, T Action::*member, Range range = element_range<T>) {
  return {name, member, range};
}
/// A bool that is said as "true", or not at all.
template <class Action>
struct Truth {
  using type = bool;
  std::string_view name;
  bool Action::*member;
};
template <class Action>
constexpr Truth<Action> truth(std::string_view name, bool Action::*member) {
  return {name, member};
}

// ---- plumbing of single values ---------------------------------------------------------------------------------------

Result<void> check_text(std::string_view name, std::string_view text, Range range);
Result<void> check_number(std::string_view name, std::int64_t value, Range range);
Result<void> check_count(std::string_view name, std::size_t count, Range range);
Result<std::int64_t> read_number(std::string_view name, std::string_view text);
Result<std::uint64_t> read_natural(std::string_view name, std::string_view text);
/// The values of `name`, also as `name[]`, in order.
std::vector<std::string_view> values_of(const std::vector<ApiParameter>& words, std::string_view name);
/// invalid_argument if a word is none of `names`.
Result<void> check_known(const std::vector<ApiParameter>& words, const std::vector<std::string_view>& names);

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<Id<Tag>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
std::int64_t number_of(const T& value) {
  if constexpr (std::is_same_v<T, std::chrono::seconds>)
    return value.count();
  else
    return static_cast<std::int64_t>(value);
}

// ---- check ----------------------------------------------------------------------------------------------------------

template <class T>
Result<void> check(std::string_view name, const T& value, Range range) {
  if constexpr (is_id<T>) {
    return check_text(name, value.view(), range);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return check_text(name, value, range);
  } else if constexpr (is_list<T>) {
    if (auto good = check_count(name, value.size(), range); !good) return good;
    using E = typename T::value_type;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Range each = is_id<E> ? element_range<E> : Range{1, range.max};
      if (auto good = check(std::string(name) + "." + std::to_string(i), value[i], each); !good) return good;
    }
    return {};
  } else if constexpr (is_optional<T> || std::is_same_v<T, bool>) {
    return {};
  } else {
    return check_number(name, number_of(value), range);
  }
}

// ---- say ------------------------------------------------------------------------------------------------------------

template <class T>
std::string word(const T& value) {
  if constexpr (is_id<T>)
    return value.str();
  else if constexpr (std::is_same_v<T, std::string>)
    return value;
  else if constexpr (std::is_same_v<T, RtmpDirection>)
    return value == RtmpDirection::push ? "push" : "pull";
  else if constexpr (std::is_unsigned_v<T>)
    return std::to_string(value);
  else
    return std::to_string(number_of(value));
}

template <class T>
void say(std::vector<ApiParameter>& out, std::string_view name, const T& value) {
  if constexpr (is_list<T>) {
    for (const auto& element : value) out.emplace_back(std::string(name) + "[]", word(element));
  } else if constexpr (is_optional<T>) {
    if (value) out.emplace_back(name, word(*value));
  } else {
    std::string text = word(value);
    if (!text.empty()) out.emplace_back(name, std::move(text));
  }
}

// ---- read -----------------------------------------------------------------------------------------------------------

template <class T>
Result<void> read_word(std::string_view name, std::string_view text, T& out) {
  if constexpr (is_id<T> || std::is_same_v<T, std::string>) {
    out = T(text);
  } else if constexpr (std::is_same_v<T, RtmpDirection>) {
    if (text != "pull" && text != "push")
      return fail_field(ErrorCode::invalid_argument, std::string(name), "must be pull or push");
    out = text == "push" ? RtmpDirection::push : RtmpDirection::pull;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text != "0" && text != "1") return fail_field(ErrorCode::invalid_argument, std::string(name), "must be 0 or 1");
    out = text == "1";
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    auto number = read_natural(name, text);
    if (!number) return unexpected(std::move(number).error());
    out = *number;
  } else {
    auto number = read_number(name, text);
    if (!number) return unexpected(std::move(number).error());
    using Small = std::conditional_t<std::is_enum_v<T>, std::uint8_t, std::int32_t>;
    if (std::cmp_less(*number, 0) || std::cmp_greater(*number, std::numeric_limits<Small>::max()))
      return fail_field(ErrorCode::out_of_range, std::string(name), "is " + std::string(text));
    out = static_cast<T>(*number);
  }
  return {};
}

template <class T>
Result<void> read_values(std::string_view name, const std::vector<std::string_view>& values, T& out) {
  if constexpr (is_list<T>) {
    for (const std::string_view value : values)
      if (auto good = read_word(name, value, out.emplace_back()); !good) return good;
    return {};
  } else {
    if (values.size() > 1) return fail_field(ErrorCode::invalid_argument, std::string(name), "is there twice");
    if (values.empty()) return {};
    if constexpr (is_optional<T>)
      return read_word(name, values[0], out.emplace());
    else
      return read_word(name, values[0], out);
  }
}

// ---- whole actions --------------------------------------------------------------------------------------------------

template <class Action, class T>
Result<void> check_field(const Action& action, const Field<Action, T>& f) {
  return check(f.name, action.*f.member, f.range);
}
template <class Action>
Result<void> check_field(const Action&, const Truth<Action>&) {
  return {};
}
template <class Action, class T>
void say_field(std::vector<ApiParameter>& out, const Action& action, const Field<Action, T>& f) {
  say(out, f.name, action.*f.member);
}
template <class Action>
void say_field(std::vector<ApiParameter>& out, const Action& action, const Truth<Action>& f) {
  if (action.*f.member) out.emplace_back(f.name, "true");
}
template <class Action, class T>
Result<void> read_field(const std::vector<ApiParameter>& words, Action& action, const Field<Action, T>& f) {
  return read_values(f.name, values_of(words, f.name), action.*f.member);
}
template <class Action>
Result<void> read_field(const std::vector<ApiParameter>& words, Action& action, const Truth<Action>& f) {
  const auto values = values_of(words, f.name);
  if (values.empty()) return {};
  if (values.size() > 1 || (values[0] != "true" && values[0] != "false"))
    return fail_field(ErrorCode::invalid_argument, std::string(f.name), "must be true or false, once");
  action.*f.member = values[0] == "true";
  return {};
}

/// The first failure of `f(field)` over a table, or none.
template <class Table, class F>
Result<void> each(const Table& table, F f) {
  Result<void> out;
  std::apply([&](const auto&... row) { static_cast<void>(((out = f(row), out.has_value()) && ...)); }, table);
  return out;
}

}  // namespace zegocall::zego_detail
