// How a table is written.
#include "zegocall/base/table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace zegocall {
namespace {

/// What makes a spreadsheet calculate: OWASP's list, and the full-width forms that some take for the same.
constexpr std::array<std::string_view, 12> formula_starts{
    "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0", "'"};

std::string harmless(std::string_view text) {
  const bool formula =
      std::any_of(formula_starts.begin(), formula_starts.end(), [&](std::string_view start) { return text.starts_with(start); });
  return formula ? "'" + std::string(text) : std::string(text);
}

/// Semicolons and tabs separate in some countries' spreadsheets; blanks at the ends are cut by some readers.
bool needs_quotes(std::string_view text) {
  return text.find_first_of(",;\t\"\r\n") != text.npos || text.starts_with(' ') || text.ends_with(' ');
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out += '"';
}

std::string field(std::string_view text) { return needs_quotes(text) ? quoted(text) : std::string(text); }

template <class N>
std::string digits(N value) {
  std::array<char, 32> out;
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value);
  return {out.data(), end.ptr};
}

struct CsvField {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return digits(value); }
  std::string operator()(double value) const { return std::isfinite(value) ? digits(value) : std::string(); }
  std::string operator()(UnixTime value) const { return iso8601(value); }
  std::string operator()(const std::string& value) const { return field(harmless(value)); }
};

struct JsonMemberOf {
  JsonObject& out;
  std::string_view key;
  void operator()(std::monostate) const { out.add(key, nullptr); }
  void operator()(UnixTime value) const { out.add(key, iso8601(value)); }
  template <class T>
  void operator()(const T& value) const {
    out.add(key, value);
  }
};

}  // namespace

std::string to_csv(const Table& table) {
  std::string out;
  for (const std::string& column : table.columns) out.append(out.empty() ? "" : ",").append(field(harmless(column)));
  out += "\r\n";
  for (const std::vector<Cell>& row : table.rows) {
    ZC_ASSERT(row.size() == table.columns.size());
    std::string_view before;
    for (const Cell& cell : row) {
      out.append(before).append(std::visit(CsvField{}, cell.value()));
      before = ",";
    }
    out += "\r\n";
  }
  return out;
}

JsonArray to_json(const Table& table) {
  JsonArray out;
  for (const std::vector<Cell>& row : table.rows) {
    ZC_ASSERT(row.size() == table.columns.size());
    JsonObject object;
    for (std::size_t i = 0; i < row.size(); ++i) std::visit(JsonMemberOf{object, table.columns[i]}, row[i].value());
    out.add(object);
  }
  return out;
}

}  // namespace zegocall
