// What is JSON and what is not, and what a text may cost.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {

Error refused(std::string_view text, const JsonLimits& limits = {}) {
  const auto checked = JsonView::check(text, limits);
  if (checked) FAIL("accepted: " << text);
  return checked ? Error{} : checked.error();
}
bool accepted(std::string_view text, const JsonLimits& limits = {}) { return JsonView::check(text, limits).has_value(); }

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string object_of(std::size_t members, std::string_view prefix) {
  std::string out = "{";
  for (std::size_t i = 0; i < members; ++i) {
    if (i > 0) out += ',';
    out.append("\"").append(prefix).append(std::to_string(i)).append("\":0");
  }
  return out + "}";
}

}  // namespace

TEST_CASE("every kind of value is accepted, with space around it, and the view is without that space") {
  for (const char* text : {"null", "true", "false", "0", "-0", "12", "-1.5", "1e9", "1E+9", "2.5e-3", "\"\"", "\"a\"", "[]", "{}",
                           "[1,2]", "{\"a\":1,\"b\":[{}]}", " [ 1 , { \"a\" : \"b\" } ] ", "\t{ }\r\n"}) {
    CAPTURE(text);
    REQUIRE(accepted(text));
    const std::string_view slice = JsonView::check(text)->text();
    CHECK(slice.find_first_of(" \t\r\n") != 0);
    CHECK(slice.find_last_of(" \t\r\n") != slice.size() - 1);
  }
}

TEST_CASE("what is not JSON is refused and the place is named") {
  for (const char* text :
       {"",    " ",       "nul",         "nulll",      "True",     "+1",     "01",        "-",        "1.",   ".5",
        "1e",  "1e+",     "0x1",         "NaN",        "Infinity", "'a'",    "\"a",       "[1,]",     "[,1]", "[1 2]",
        "[1",  "{\"a\"}", "{\"a\":}",    "{\"a\":1,}", "{a:1}",    "{1:1}",  "{\"a\" 1}", "{\"a\":1", "1 1",  "[]]",
        "{}}", "\"\\x\"", "\"\\u12g4\"", "\"\\u123",   "\"\\",     "\"\t\"", "\"\n\"",    "/**/1",    "[1}",  "{\"a\":1]"}) {
    CAPTURE(text);
    CHECK(refused(text).code == ErrorCode::bad_json);
  }
  CHECK(refused("[1,x]").detail == "not a value at byte 3");
  CHECK(refused("[1").detail == "a comma or ] is missing at byte 2, where the text ends");
  CHECK(refused(std::string_view("\"a\0b\"", 5)).code == ErrorCode::bad_json);
  CHECK(refused(std::string_view("1\0", 2)).code == ErrorCode::bad_json);
}

TEST_CASE("UTF-8 is strict") {
  for (const char* text :
       {"\"\xc3\xa4\"", "\"\xe2\x82\xac\"", "\"\xf0\x9f\x98\x80\"", "\"\xed\x9f\xbf\xee\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"",
        "\"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf0\x90\x80\x80\"", "\"\x7f\""})
    CHECK_MESSAGE(accepted(text), text);
  const char* bad[] = {"\x80",
                       "\xbf",
                       "\xc0\x80",
                       "\xc1\xbf",
                       "\xc3",
                       "\xe0\x9f\xbf",
                       "\xe2\x82",
                       "\xed\xa0\x80",
                       "\xed\xbf\xbf",
                       "\xf0\x8f\xbf\xbf",
                       "\xf4\x90\x80\x80",
                       "\xf5\x80\x80\x80",
                       "\xff",
                       "\xfe",
                       "\xf0\x9f\x98",
                       "\xe2\x28\xa1"};
  for (const char* bytes : bad) {
    // At every offset against the 16-byte blocks of the scanner.
    for (std::size_t before = 0; before < 34; ++before) {
      const std::string text = "\"" + std::string(before, 'a') + bytes + "\"";
      REQUIRE(refused(text).code == ErrorCode::bad_utf8);
      REQUIRE(refused(text + std::string(20, ' ')).code == ErrorCode::bad_utf8);
    }
  }
}

TEST_CASE("escapes of surrogates come in pairs") {
  CHECK(accepted(R"("\ud83d\ude00 \uFFFF \u0000")"));
  for (const char* text : {R"("\ud83d")", R"("\ud83dx")", R"("\ude00")", R"("\ud83d\n")", R"("\ud83d\u0041")",
                           R"("\ud83d\ud83d")", R"("\uDC00\uD800")"})
    CHECK(refused(text).code == ErrorCode::bad_utf8);
}

TEST_CASE("half a surrogate pair stands where it is allowed, and is no text") {
  const JsonLimits lone{.lone_surrogates = true};
  const std::string text = R"({"whole":"\ud83d\ude00","cut":"a\ud83d","low":"\ude00\ud83d","\ud83d":1,"\ud83e":2,"\ufffd":3})";
  REQUIRE(accepted(text, lone));
  CHECK(refused(text).code == ErrorCode::bad_utf8);
  const JsonView view = JsonView::check(text, lone).value();
  CHECK(view.get<std::string>("whole").value() == "\xf0\x9f\x98\x80");
  for (const char* path : {"cut", "low"}) {
    const auto got = view.get<std::string>(path);
    REQUIRE(!got);
    CHECK(got.error().code == ErrorCode::bad_utf8);
    CHECK(got.error().field == path);
    CHECK(view.get<std::optional<UserId>>(path).error().field == path);
  }
  CHECK(view.get<JsonView>("cut").value().text() == R"("a\ud83d")");
  CHECK(view.get<int>("\xef\xbf\xbd").value() == 3);  // half a pair is no U+FFFD
  std::vector<std::string> keys;
  for (const auto& [key, value] : view.members()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"whole", "cut", "low", "\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd"});
  CHECK(Json::copy_of(view).text() == text);
  CHECK(refused(R"({"\ud83d":1,"\uD83D":2})", lone).code == ErrorCode::bad_json);  // one name twice
  for (const char* broken : {R"("\ud83")", R"("\ud83d\u12")", R"("\ud83d\x")", "\"\xed\xa0\xbd\""})
    CHECK(!accepted(broken, lone));
}

TEST_CASE("a quote, a backslash or a control is found at every offset") {
  for (std::size_t before = 0; before < 50; ++before) {
    const std::string plain(before, 'x');
    CHECK(accepted("\"" + plain + "\""));
    CHECK(accepted("\"" + plain + "\\\"\""));
    CHECK(refused("\"" + plain + "\x1f\"").code == ErrorCode::bad_json);
    CHECK(refused("\"" + plain).code == ErrorCode::bad_json);
    CHECK(refused("\"" + plain + "\\\"").code == ErrorCode::bad_json);
  }
}

TEST_CASE("depth: at the limit and one more") {
  CHECK(accepted(nested(64)));
  const Error error = refused(nested(65));
  CHECK(error.code == ErrorCode::limit_exceeded);
  CHECK(error.detail == "nested deeper than 64 at byte 64");
  CHECK(accepted("1", {.depth_max = 0}));
  CHECK(refused("[]", {.depth_max = 0}).code == ErrorCode::limit_exceeded);
  CHECK(accepted(nested(512), {.depth_max = 1'000'000}));
  CHECK(refused(nested(513), {.depth_max = 1'000'000}).code == ErrorCode::limit_exceeded);
  CHECK(refused(std::string(900'000, '[')).code == ErrorCode::limit_exceeded);
}

TEST_CASE("bytes: at the limit and one more") {
  CHECK(accepted("[1,2]", {.bytes_max = 5}));
  const Error error = refused("[1,2] ", {.bytes_max = 5});
  CHECK(error.code == ErrorCode::payload_too_large);
  CHECK(error.detail == "6 bytes, must be at most 5");
}

TEST_CASE("no member twice, however it is spelt, in objects of every size") {
  const Error error = refused(R"({"a":1,"b":2,"a":3})");
  CHECK(error.code == ErrorCode::bad_json);
  CHECK(error.detail == R"(a member twice in the object at byte 0: "a")");
  CHECK(refused(R"({"ab":1,"a\u0062":2})").code == ErrorCode::bad_json);
  CHECK(refused(R"({"\u00e4":1,"ä":2})").code == ErrorCode::bad_json);
  CHECK(refused(R"({"":1,"":2})").code == ErrorCode::bad_json);
  CHECK(refused(R"([{"x":{"a":1,"a":1}}])").code == ErrorCode::bad_json);
  CHECK(refused(R"({"__proto__":1,"__proto__":2})").code == ErrorCode::bad_json);
  CHECK(accepted(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
  CHECK(accepted(R"({"aXXXXb":1,"aYXXXb":2,"abcdXXefgh":3,"abcdYYefgh":4,"abcdXefgh":5})"));
  for (const std::size_t members : {1u, 15u, 16u, 17u, 47u, 48u, 49u, 50u, 200u}) {
    CAPTURE(members);
    for (const std::string_view prefix : {"k", "a_long_prefix_of_keys_", "\\u006b"}) {
      std::string text = object_of(members, prefix);
      CHECK(accepted(text));
      CHECK(accepted("{\"outer\":" + text + ",\"k\":1,\"l\":2}"));
      text.pop_back();
      CHECK(refused(text + ",\"" + std::string(prefix) + "0\":1}").code == ErrorCode::bad_json);
      CHECK(refused("{\"k\":0,\"o\":" + text + "},\"k\":1}").code == ErrorCode::bad_json);
    }
  }
}

TEST_CASE("a megabyte of members, of depth or of nothing but keys takes no more than its share of time") {
  const auto in_time = [](const std::string& text, bool good) {
    const auto start = std::chrono::steady_clock::now();
    CHECK(accepted(text, {.bytes_max = 4'000'000}) == good);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    CHECK(took.count() < 5.0);  // quadratic would be minutes; a sanitizer and a busy machine are not
  };
  in_time(object_of(100'000, "k"), true);
  in_time(object_of(30'000, "the_same_long_beginning_of_all_keys_"), true);
  in_time(object_of(100'000, "\\u006b"), true);
  std::string twice = object_of(100'000, "k");
  twice.pop_back();
  in_time(twice + ",\"k77\":1}", false);
  std::string wide = "[";
  for (int i = 0; i < 20'000; ++i) wide += R"({"a":1,"b":{"c":2,"d":[]},"e":3},)";
  in_time(wide + "0]", true);
}

TEST_CASE("a big object is read and walked in linear time") {
  const std::string text = object_of(100'000, "k");
  const JsonView view = *JsonView::check(text, {.bytes_max = 4'000'000});
  CHECK(view.size() == 100'000);
  std::size_t seen = 0;
  for (const auto& [key, value] : view.members()) seen += key.size() > 1 && value.text() == "0";
  CHECK(seen == 100'000);
  CHECK(view.get<int>("k99999").has_value());
}
