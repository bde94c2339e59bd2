#include "server/conditions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/http_text.hpp"
#include "server/url.hpp"

namespace zegocall::server_detail {
namespace {

constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> days{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

using base_detail::trimmed;

std::string_view next_part(std::string_view& rest, char mark) {
  const std::size_t end = rest.find(mark);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trimmed(part);
}

/// Reads the front of a text; what does not fit makes it bad.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  void word(std::string_view expected) {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
  }
  int number(std::size_t digits) {
    int out = 0;
    if (rest_.size() < digits) return good_ = false, 0;
    const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + digits, out);
    good_ = good_ && failed == std::errc() && end == rest_.data() + digits && out >= 0;
    rest_.remove_prefix(digits);
    return out;
  }
  unsigned month() {
    const std::size_t at = rest_.size() < 3 ? std::string_view::npos : months.find(rest_.substr(0, 3));
    if (at == std::string_view::npos || at % 3 != 0) return good_ = false, 0;
    rest_.remove_prefix(3);
    return static_cast<unsigned>(at / 3) + 1;
  }
  /// "Sun" or "Sunday".
  void day_name(bool whole) {
    for (const std::string_view day : days)
      if (rest_.starts_with(whole ? day : day.substr(0, 3))) return rest_.remove_prefix(whole ? day.size() : 3);
    good_ = false;
  }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Moment {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
};

void read_time(Scanner& in, Moment& out) {
  out.hour = in.number(2), in.word(":"), out.minute = in.number(2), in.word(":"), out.second = in.number(2);
}

bool read_fixed(std::string_view text, Moment& out) {  // Sun, 06 Nov 1994 08:49:37 GMT
  Scanner in(text);
  in.day_name(false), in.word(", ");
  out.day = static_cast<unsigned>(in.number(2));
  in.word(" "), out.month = in.month(), in.word(" "), out.year = in.number(4), in.word(" ");
  read_time(in, out);
  return in.word(" GMT"), in.at_end();
}

bool read_rfc850(std::string_view text, Moment& out) {  // Sunday, 06-Nov-94 08:49:37 GMT
  Scanner in(text);
  in.day_name(true), in.word(", ");
  out.day = static_cast<unsigned>(in.number(2));
  in.word("-"), out.month = in.month(), in.word("-"), out.year = in.number(2), in.word(" ");
  out.year += out.year < 70 ? 2000 : 1900;
  read_time(in, out);
  return in.word(" GMT"), in.at_end();
}

bool read_asctime(std::string_view text, Moment& out) {  // Sun Nov  6 08:49:37 1994
  std::string padded(text);
  if (padded.size() > 8 && padded[8] == ' ') padded[8] = '0';
  Scanner in(padded);
  in.day_name(false), in.word(" "), out.month = in.month(), in.word(" ");
  out.day = static_cast<unsigned>(in.number(2));
  in.word(" "), read_time(in, out), in.word(" "), out.year = in.number(4);
  return in.at_end();
}

std::string two(int number) { return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)}; }

}  // namespace

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (trimmed(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    std::string_view each = next_part(if_none_match, ',');
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (each == etag) return true;
  }
  return false;
}

std::optional<UnixTime> parse_http_date(std::string_view text) {
  Moment m;
  if (!read_fixed(text, m) && !read_rfc850(text, m) && !read_asctime(text, m)) return {};
  const std::chrono::year_month_day date{std::chrono::year(m.year), std::chrono::month(m.month), std::chrono::day(m.day)};
  if (!date.ok() || m.hour > 23 || m.minute > 59 || m.second > 60) return {};
  return UnixTime(std::chrono::sys_days(date) + std::chrono::hours(m.hour) + std::chrono::minutes(m.minute) +
                  std::chrono::seconds(m.second));
}

std::string http_date_text(UnixTime when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when) - day);
  const auto number = [](auto value) { return static_cast<int>(value); };
  std::string out(days[std::chrono::weekday(day).c_encoding()].substr(0, 3));
  out += ", " + two(number(unsigned{date.day()})) + " " + std::string(months.substr(3 * (unsigned{date.month()} - 1), 3));
  out += " " + two(int{date.year()} / 100) + two(int{date.year()} % 100) + " " + two(number(time.hours().count())) + ":";
  return out + two(number(time.minutes().count())) + ":" + two(number(time.seconds().count())) + " GMT";
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool by_star = false;
  while (!accept_encoding.empty()) {
    std::string_view each = next_part(accept_encoding, ',');
    const std::string_view coding = next_part(each, ';');
    std::string_view weight = trimmed(each);
    const bool refused = weight.size() > 2 && equal_ignoring_case(weight.substr(0, 2), "q=") &&
                         weight.find_first_not_of("0.", 2) == std::string_view::npos;
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) return !refused;
    if (coding == "*") by_star = !refused;
  }
  return by_star;
}

}  // namespace zegocall::server_detail
