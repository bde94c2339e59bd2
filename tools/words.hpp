// Small texts for people: times, spans, columns.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/result.hpp"
#include "zegocall/base/text.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::cli {

constexpr std::int64_t last_second = 253402300799;  ///< of the year 9999: the last that the command line takes or prints

/// "2025-01-01 00:00:00 UTC"
std::string date_words(std::int64_t unix_seconds);
std::string date_words(UnixTime time);
/// In the reader's zone (TZ, else the machine's): "2025-01-01 01:00:00 CET".
std::string local_date_words(std::int64_t unix_seconds);
/// "4.1 s", "12 min", "1 h 5 min", "3 days"
std::string span_words(std::chrono::milliseconds span);
/// "12 min ago", "in 48 min"
std::string when_words(std::int64_t unix_seconds, UnixTime now);
/// As span_words, to the second: "1 min 51 s".
std::string exact_span_words(std::chrono::milliseconds span);
/// "90", "90s", "15min", "2h", "7d"; out_of_range or invalid_argument with field "lifetime".
Result<std::chrono::seconds> read_span(std::string_view text);

/// Blanks up to `width` columns (code points).
std::string padded(std::string text, std::size_t width);
/// Rows of equally many cells, in columns with two blanks between.
std::string aligned(const std::vector<std::vector<std::string>>& rows);
/// `text` broken at `width` columns; lines after the first begin with `indent` blanks, and the first is taken to begin there.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

void print(std::string_view text);
void complain(std::string_view text);

}  // namespace zegocall::cli
