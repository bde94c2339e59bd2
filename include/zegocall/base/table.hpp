// A report as rows and columns, and its two spellings: CSV for spreadsheets, JSON for programs. Reports (attendance,
// statistics) make tables; how a table is written is decided here once.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// One value of a table; nothing stands for "not known" or "does not apply". Spans are whole milliseconds.
class Cell {
 public:
  Cell() = default;
  template <std::same_as<bool> B>
  Cell(B value) : value_(value) {}
  template <std::integral N>
  requires(!std::same_as<N, bool>) Cell(N value) : value_(static_cast<std::int64_t>(value)) {}
  Cell(double value) : value_(value) {}
  Cell(UnixTime value) : value_(value) {}
  Cell(std::chrono::milliseconds value) : value_(std::int64_t{value.count()}) {}
  Cell(std::string value) : value_(std::move(value)) {}
  Cell(std::string_view value) : value_(std::string(value)) {}
  Cell(const char* value) : value_(std::string(value)) {}
  template <class Tag>
  Cell(const Id<Tag>& id) : value_(id.str()) {}
  template <class T>
  requires std::constructible_from<Cell, const T&> Cell(const std::optional<T>& value) {
    if (value) *this = Cell(*value);
  }
  bool operator==(const Cell&) const = default;

  using Value = std::variant<std::monostate, bool, std::int64_t, double, UnixTime, std::string>;
  const Value& value() const { return value_; }

 private:
  Value value_{};
};

/// Every row has as many cells as there are columns (asserted when it is written). Value type.
struct Table {
  std::vector<std::string> columns{};  ///< each name once
  std::vector<std::vector<Cell>> rows{};
  bool operator==(const Table&) const = default;
};

/// RFC 4180: a header line, lines end with CR LF, what needs quotes has them. Times are iso8601(), nothing is an empty
/// field, NaN and the infinities too. A text that a spreadsheet would take for a formula (it begins with = + - @, their
/// full-width forms, a tab or a line break) gets an apostrophe in front, and so does one that begins with an apostrophe: a
/// program takes one leading apostrophe away and has the text again. Numbers are never changed.
std::string to_csv(const Table& table);

/// An object per row, a member per column; nothing is null, times are iso8601().
JsonArray to_json(const Table& table);

}  // namespace zegocall
