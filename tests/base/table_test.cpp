// Tables as CSV and JSON: quoting, what a spreadsheet must not calculate, and that a reader gets back what was written.
#include "zegocall/base/table.hpp"

#include <limits>

#include "support/rapidcheck.hpp"

using namespace zegocall;

namespace {

std::string csv_of(Cell cell) {
  const std::string text = to_csv({{"a"}, {{std::move(cell)}}});
  REQUIRE(text.substr(0, 3) == "a\r\n");
  REQUIRE(text.substr(text.size() - 2) == "\r\n");
  return text.substr(3, text.size() - 5);
}

/// A strict reader of RFC 4180, as another program would have.
std::vector<std::vector<std::string>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string cell;
  std::size_t i = 0;
  const auto end_cell = [&] { rows.back().push_back(std::exchange(cell, {})); };
  while (i < text.size()) {
    if (text[i] == '"') {
      for (++i; text.at(i) != '"' || (i + 1 < text.size() && text[i + 1] == '"'); ++i) {
        if (text[i] == '"') ++i;
        cell += text[i];
      }
      ++i;
    } else if (text[i] == ',') {
      end_cell(), ++i;
    } else if (text[i] == '\r') {
      RC_ASSERT(text.at(i + 1) == '\n');
      end_cell(), i += 2;
      if (i < text.size()) rows.emplace_back();
    } else {
      RC_ASSERT(text[i] != '\n');
      cell += text[i++];
    }
  }
  return rows;
}

std::string without_guard(std::string text) { return text.starts_with('\'') ? text.substr(1) : text; }

}  // namespace

TEST_CASE("each kind of cell") {
  CHECK(csv_of({}) == "");
  CHECK(csv_of(true) == "true");
  CHECK(csv_of(-7) == "-7");
  CHECK(csv_of(std::uint32_t{4294967295}) == "4294967295");
  CHECK(csv_of(0.25) == "0.25");
  CHECK(csv_of(std::numeric_limits<double>::quiet_NaN()) == "");
  CHECK(csv_of(std::numeric_limits<double>::infinity()) == "");
  CHECK(csv_of(UnixTime(std::chrono::milliseconds(1735689600123))) == "2025-01-01T00:00:00.123Z");
  CHECK(csv_of(std::chrono::milliseconds(61500)) == "61500");
  CHECK(csv_of("text") == "text");
  CHECK(csv_of(UserId("alice")) == "alice");
  CHECK(csv_of(std::optional<UnixTime>()) == "");
  CHECK(csv_of(std::optional<int>(3)) == "3");
}

TEST_CASE("what needs quotes has them") {
  CHECK(csv_of("a,b") == R"("a,b")");
  CHECK(csv_of("a;b") == R"("a;b")");
  CHECK(csv_of("say \"hi\"") == R"("say ""hi""")");
  CHECK(csv_of("two\r\nlines") == "\"two\r\nlines\"");
  CHECK(csv_of(" blank") == R"(" blank")");
  CHECK(csv_of("blank ") == R"("blank ")");
}

TEST_CASE("no cell is a formula") {
  for (const std::string start : {"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"})
    CHECK(csv_of(start + "1") == "'" + start + "1");
  CHECK(csv_of("\t=1") == "\"'\t=1\"");
  CHECK(csv_of("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0");
  CHECK(csv_of("'quoted") == "''quoted");
  CHECK(csv_of("a=b") == "a=b");
  CHECK(to_csv({{"=a", "b"}, {}}) == "'=a,b\r\n");
}

TEST_CASE("JSON keeps kinds and nothing") {
  const Table table{{"who", "when", "ms", "ratio", "late", "none"},
                    {{"=a", UnixTime{}, 5, 0.5, false, {}}, {"b\"", {}, -1, {}, true, {}}}};
  CHECK(to_json(table).text() == R"([{"who":"=a","when":"1970-01-01T00:00:00.000Z","ms":5,"ratio":0.5,"late":false,"none":null},)"
                                 R"({"who":"b\"","when":null,"ms":-1,"ratio":null,"late":true,"none":null}])");
  CHECK(to_json({{"a"}, {}}).text() == "[]");
}

TEST_CASE("a strict reader gets back what was written") {
  const auto character = rc::gen::oneOf(rc::gen::element<char>(',', ';', '"', '\r', '\n', '\t', '=', '+', '-', '@', '\'', ' '),
                                        rc::gen::inRange<char>('a', 'e'));
  const auto texts = rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
      rc::gen::pair(rc::gen::container<std::string>(character), rc::gen::container<std::string>(character)));
  check_property("csv round trip", [&] {
    const auto cells = *texts;
    Table table{{"one", "two"}, {}};
    for (const auto& [one, two] : cells) table.rows.push_back({one, two});
    const auto rows = read_csv(to_csv(table));
    RC_ASSERT(rows.size() == cells.size() + 1);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      RC_ASSERT(rows[i + 1].size() == 2u);
      RC_ASSERT(without_guard(rows[i + 1][0]) == cells[i].first);
      RC_ASSERT(without_guard(rows[i + 1][1]) == cells[i].second);
      for (const std::string& cell : rows[i + 1])
        RC_ASSERT(cell.empty() || std::string_view("=+-@\t\r\n").find(cell[0]) == std::string_view::npos);
    }
  });
}
