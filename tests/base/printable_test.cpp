// What a person's screen may be given.
#include "support/rapidcheck.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/text.hpp"

using namespace zegocall;

TEST_CASE("ordinary text stays, in every script") {
  for (const char* text : {"", "alice", "Žofie", "李雷", "🙂",
                           "a\xc2\xa0"
                           "b"})
    CHECK(printable(text) == text);
}

TEST_CASE("what steers a terminal, turns the direction or is no UTF-8 becomes a question mark") {
  CHECK(printable("a\x1b[31mb") == "a?[31mb");
  CHECK(printable(std::string_view("a\0b", 3)) == "a?b");
  CHECK(printable("\r\n\t\x7f") == "????");
  CHECK(printable("\xc2\x9b") == "?");  // C1
  CHECK(printable("a\xe2\x80\xae"
                  "b") == "a?b");           // right-to-left override
  CHECK(printable("\xe2\x81\xa6") == "?");  // isolate
  CHECK(printable("\xef\xbf\xbe") == "?");  // no character, and not allowed in XML
  CHECK(printable("\xff\x80") == "??");
  CHECK(printable("\xe2\x82") == "??");  // cut short
  CHECK(printable("\xc0\xaf") == "??");  // too long for what it says
  CHECK(printable("\xe0\x80\xaf") == "???");
  CHECK(printable("\xed\xa0\x80") == "???");       // half of a pair
  CHECK(printable("\xf4\x90\x80\x80") == "????");  // beyond the last
}

TEST_CASE("columns and shortening") {
  CHECK(columns("Žofie") == 5);
  CHECK(shortened("Žofie", 5) == "Žofie");
  CHECK(shortened("Žofie", 4) == "Žof…");
  CHECK(shortened("Žofie", 1) == "…");
}

TEST_CASE("what comes out is UTF-8 and stays as it is") {
  check_property("printable is idempotent and valid", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const std::string out = printable(bytes);
    RC_ASSERT(printable(out) == out);
    const Json written = Json::of(out);
    RC_ASSERT(JsonView::check(written.text()).has_value());
    RC_ASSERT(written.text() == "\"" + [&] {  // nothing was replaced by the writer either
      std::string escaped;
      for (const char c : out) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
      }
      return escaped;
    }() + "\"");
  });
}
