// Generated and mutated texts: both say yes, or both say no, and both read the same.
#include "base/json_oracle.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "zegocall/base/json.hpp"

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); }

template <std::size_t N>
std::string one_of(Random& random, const char* const (&texts)[N]) {
  return texts[below(random, N)];
}

std::string string_text(Random& random) {
  constexpr const char* parts[] = {"a",
                                   "key",
                                   "\\n",
                                   "\\\"",
                                   "\\\\",
                                   "\\/",
                                   "\\u0041",
                                   "\\u00e4",
                                   "\\ud83d\\ude00",
                                   "\xc3\xa4",
                                   "\xe2\x82\xac",
                                   "\xf0\x9f\x98\x80",
                                   " ",
                                   "{",
                                   "]",
                                   ",",
                                   "0123456789abcdef",
                                   "\\u0000",
                                   "__proto__"};
  std::string out = "\"";
  for (std::size_t n = below(random, 5); n > 0; --n) out += one_of(random, parts);
  return out + "\"";
}

std::string number_text(Random& random) {
  constexpr const char* numbers[] = {"0",
                                     "-0",
                                     "1",
                                     "-1",
                                     "1.5",
                                     "1e3",
                                     "1E-7",
                                     "0.1",
                                     "123456789012345678901234567890",
                                     "18446744073709551615",
                                     "18446744073709551616",
                                     "-9223372036854775808",
                                     "-9223372036854775809",
                                     "9007199254740993",
                                     "1e308",
                                     "1e309",
                                     "5e-324",
                                     "1e-400",
                                     "2.2250738585072011e-308",
                                     "0.30000000000000004",
                                     "-0.0"};
  if (below(random, 2) == 0) return one_of(random, numbers);
  return std::to_string(static_cast<std::int64_t>(random()));
}

std::string space(Random& random) {
  constexpr const char* spaces[] = {"", "", "", " ", "\n", "\t \r"};
  return one_of(random, spaces);
}

std::string value_text(Random& random, int depth) {
  constexpr const char* words[] = {"null", "true", "false"};
  switch (below(random, depth > 0 ? 7 : 4)) {
    case 0: return one_of(random, words);
    case 1: return number_text(random);
    case 2:
    case 3: return string_text(random);
  }
  const bool object = below(random, 2) == 0;
  std::string out = object ? "{" : "[";
  for (std::size_t n = below(random, 5); n > 0; --n) {
    out += space(random);
    if (object) out += string_text(random) + space(random) + ":" + space(random);
    out += value_text(random, depth - 1) + space(random);
    if (n > 1) out += ",";
  }
  return out + space(random) + (object ? "}" : "]");
}

void mutate(Random& random, std::string& text) {
  constexpr const char* pieces[] = {"\"",   "\\",           "{",       "}",  "[",    "]",    ",", ":", "0", "-", ".", "e", "\xff",
                                    "\x80", "\xed\xa0\x80", "\\ud800", "\n", "\x01", "null", " "};
  const std::size_t at = below(random, text.size() + 1);
  switch (below(random, 4)) {
    case 0: text.insert(at, one_of(random, pieces)); return;
    case 1: text.erase(at, 1 + below(random, 3)); return;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random() & 0xff);
      return;
  }
  text.resize(at);
}

}  // namespace

TEST_CASE("the scanner and the oracle agree on what is JSON and on what it says") {
  int accepted = 0;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 6000; ++seed) {
    Random random(seed);
    std::string text = value_text(random, 4);
    for (std::size_t round = 0; round < 4; ++round) {
      const auto difference = json_disagreement(text);
      if (difference) FAIL("seed " << seed << ", round " << round << ": " << *difference);
      ++(zegocall::JsonView::check(text) ? accepted : refused);
      mutate(random, text);
    }
  }
  // The generator must try both sides, or the test proves nothing.
  CHECK(accepted > 5000);
  CHECK(refused > 5000);
}

TEST_CASE("both agree on every single byte in and outside of a string") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string c(1, static_cast<char>(byte));
    for (const std::string& text :
         {c, "\"" + c + "\"", "\"\\" + c + "\"", "[1" + c + "]", "1" + c, "\"\\u004" + c + "\"", "-" + c, "1e" + c}) {
      const auto difference = json_disagreement(text);
      CHECK_MESSAGE(!difference, *difference);
    }
  }
}

TEST_CASE("both agree on every pair of bytes at the edges of UTF-8") {
  for (int lead = 0xc0; lead < 0x100; ++lead)
    for (const int second : {0x00, 0x22, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff})
      for (const int third : {0x22, 0x7f, 0x80, 0xbf, 0xc0}) {
        const std::string text{
            '"', static_cast<char>(lead), static_cast<char>(second), static_cast<char>(third), static_cast<char>(0x80), '"'};
        const auto difference = json_disagreement(text);
        CHECK_MESSAGE(!difference, *difference);
        const auto shorter = json_disagreement(text.substr(0, 4) + "\"");
        CHECK_MESSAGE(!shorter, *shorter);
      }
}

TEST_CASE("both agree on the fuzzer's corpus, where crash inputs go") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ZEGOCALL_FUZZ_CORPUS "/json")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto difference = json_disagreement(text);
    CHECK_MESSAGE(!difference, entry.path().string());
    ++files;
  }
  CHECK(files >= 7);
}
