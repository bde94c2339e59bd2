// Instants as clients write them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "zegocall/base/time.hpp"

namespace zegocall::gateway_detail {

/// "2027-01-01T09:00:00Z", with or without milliseconds; nothing for all else: other zones, a day that the calendar has not.
inline std::optional<UnixTime> instant_of(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd", millis = ".ddd";
  const bool exact = text.size() == shape.size() + millis.size() + 1;
  if ((text.size() != shape.size() + 1 && !exact) || text.back() != 'Z') return std::nullopt;
  const auto fits = [&](std::size_t at, char wanted) {
    return wanted == 'd' ? text[at] >= '0' && text[at] <= '9' : text[at] == wanted;
  };
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (!fits(i, i < shape.size() ? shape[i] : millis[i - shape.size()])) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  const auto two = [&](std::size_t at) { return static_cast<unsigned>(number(at, 2)); };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)), std::chrono::month(two(5)), std::chrono::day(two(8))};
  if (!day.ok() || two(11) > 23 || two(14) > 59 || two(17) > 59) return std::nullopt;
  return UnixTime(std::chrono::sys_days(day)) + std::chrono::hours(two(11)) + std::chrono::minutes(two(14)) +
         std::chrono::seconds(two(17)) + std::chrono::milliseconds(exact ? number(20, 3) : 0);
}

}  // namespace zegocall::gateway_detail
