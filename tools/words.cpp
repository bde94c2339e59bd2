#include "words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>

namespace zegocall::cli {
namespace {

constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;

std::string count_of(std::int64_t count, std::string_view unit) {
  std::string out = std::to_string(count);
  out += ' ';
  return out += unit;
}

std::string two_units(std::int64_t big, std::string_view big_unit, std::int64_t small, std::string_view small_unit) {
  std::string out = count_of(big, big_unit);
  if (small != 0) out.append(" ").append(count_of(small, small_unit));
  return out;
}

}  // namespace

std::string date_words(std::int64_t unix_seconds) {
  if (unix_seconds < 0 || unix_seconds > last_second) return "not a date (" + std::to_string(unix_seconds) + ")";
  return date_words(UnixTime(std::chrono::seconds(unix_seconds)));
}

std::string date_words(UnixTime time) {
  std::string text = iso8601(time).substr(0, 19);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text + " UTC";
}

std::string local_date_words(std::int64_t unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm fields{};
  std::array<char, 64> text{};
  if (unix_seconds < 0 || unix_seconds > last_second || localtime_r(&seconds, &fields) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %Z", &fields) == 0)
    return date_words(unix_seconds);
  return text.data();
}

std::string span_words(std::chrono::milliseconds span) {
  const std::int64_t ms = span.count();
  const std::int64_t s = ms / 1000;
  if (s < minute) return std::to_string(s) + "." + std::to_string(ms / 100 % 10) + " s";
  if (s < hour) return count_of(s / minute, "min");
  if (s < day) return two_units(s / hour, "h", s / minute % 60, "min");
  const std::int64_t days = s / day;
  return days < 730 ? count_of(days, days == 1 ? "day" : "days") : count_of(days / 365, "years");
}

std::string exact_span_words(std::chrono::milliseconds span) {
  const std::int64_t s = span.count() / 1000;
  if (s < minute) return span_words(span);
  if (s < hour) return two_units(s / minute, "min", s % minute, "s");
  return two_units(s / hour, "h", s / minute % 60, "min");
}

std::string when_words(std::int64_t unix_seconds, UnixTime now) {
  const std::int64_t now_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (unix_seconds < 0 || unix_seconds > 253402300799) return {};
  const std::int64_t away = unix_seconds - now_s;
  const auto words = [](std::int64_t s) {
    return s < minute ? count_of(s, "s") : span_words(std::chrono::milliseconds(std::chrono::seconds(s)));
  };
  return away > 0 ? "in " + words(away) : words(-away) + " ago";
}

Result<std::chrono::seconds> read_span(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::int64_t factor = unit.empty() || unit == "s"    ? 1
                              : unit == "min" || unit == "m" ? minute
                              : unit == "h"                  ? hour
                              : unit == "d"                  ? day
                                                             : 0;
  if (error != std::errc() || factor == 0)
    return fail_field(ErrorCode::invalid_argument, "lifetime", "must be a number with s, min, h or d, for example 90min");
  if (number > std::numeric_limits<std::int64_t>::max() / factor || number < 0)
    return fail_field(ErrorCode::out_of_range, "lifetime", "must be 1 s to 24 d");
  return std::chrono::seconds(number * factor);
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t have = columns(text);
  if (have < width) text.append(width - have, ' ');
  return text;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + 1 + columns(word) > width) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns(word);
  }
  return out;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void complain(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

}  // namespace zegocall::cli
