#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <list>
#include <string>

#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {
std::string written(const JsonInput& value) { return Json::of(value).text(); }
}  // namespace

TEST_CASE("scalars") {
  CHECK(written(nullptr) == "null");
  CHECK(written(true) == "true");
  CHECK(written(false) == "false");
  CHECK(written(-5) == "-5");
  CHECK(written(std::uint8_t{200}) == "200");
  CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(written(std::uint64_t{18446744073709551615u}) == "18446744073709551615");
  CHECK(written(0.1) == "0.1");
  CHECK(written(5.0) == "5");
  CHECK(written(1e300) == "1e+300");
  CHECK(written(std::nan("")) == "null");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "null");
  CHECK(written("text") == "\"text\"");
  CHECK(written(std::string("text")) == "\"text\"");
  CHECK(written(UserId{"bob"}) == "\"bob\"");
  CHECK(written(AppId{7}) == "7");
  CHECK(written(std::vector<int>{1, 2}) == "[1,2]");
  CHECK(written(std::vector<UserId>{{"a"}, {"b"}}) == R"(["a","b"])");
  CHECK(written(std::optional<int>{}) == "null");
}

TEST_CASE("strings: least escapes, UTF-8 as it is, no byte that is not UTF-8") {
  CHECK(written("\"\\/\b\f\n\r\t\x01\x1f\x7f") == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  CHECK(written("\xc3\xa4\xf0\x9f\x98\x80") == "\"\xc3\xa4\xf0\x9f\x98\x80\"");
  CHECK(written(std::string_view("a\0b", 3)) == "\"a\\u0000b\"");
  CHECK(written("a\xff"
                "b\xed\xa0\x80"
                "c\xc3") ==
        "\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
        "c\xef\xbf\xbd\"");
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string plain(before, 'x');
    CHECK(written(plain + "\"" + plain) == "\"" + plain + "\\\"" + plain + "\"");
    CHECK(written(plain + "\xff") == "\"" + plain + "\xef\xbf\xbd\"");
  }
}

TEST_CASE("objects") {
  CHECK(JsonObject().text() == "{}");
  CHECK(JsonObject{{"a", 1}}.text() == R"({"a":1})");
  CHECK(JsonObject{{"a", "x"}, {"b", JsonObject{{"c", nullptr}}}}.text() == R"({"a":"x","b":{"c":null}})");
  CHECK(JsonObject{{"a", std::optional<int>()}, {"b", std::optional<int>(2)}, {"c", std::optional<int>()}}.text() ==
        R"({"b":2})");
  CHECK(JsonObject{{"__proto__", 1}, {"a\"b", 2}}.text() == R"({"__proto__":1,"a\"b":2})");
  JsonObject built;
  CHECK(built.empty());
  built.add("x", 1).add("y", std::vector<int>{});
  CHECK(!built.empty());
  CHECK(built.text() == R"({"x":1,"y":[]})");
}

TEST_CASE("the last value of a key wins and keeps the first one's place") {
  JsonObject out{{"senderId", "forged"}, {"a", 1}};
  out.add("senderId", UserId{"alice"}).add("b", 2).add("a", nullptr);
  CHECK(out.text() == R"({"senderId":"alice","a":null,"b":2})");
  CHECK(JsonObject{{"\xff", 1}, {"\xfe", 2}}.text() == "{\"\xef\xbf\xbd\":2}");
  out.add("a", std::optional<int>());
  CHECK(out.text() == R"({"senderId":"alice","a":null,"b":2})");
  for (const int members : {31, 32, 33, 34, 500}) {
    CAPTURE(members);
    JsonObject big;
    for (int i = 0; i < members; ++i) big.add("k" + std::to_string(i), i);
    for (int i = 0; i < members; i += 7) big.add("k" + std::to_string(i), "again");
    const auto checked = JsonView::check(big.text());
    REQUIRE(checked);
    CHECK(checked->size() == static_cast<std::size_t>(members));
    CHECK(checked->get<std::string>("k7").value() == "again");
    CHECK(checked->get<int>("k30").value() == 30);
  }
}

TEST_CASE("arrays") {
  CHECK(JsonArray().text() == "[]");
  CHECK(JsonArray::list({}).text() == "[]");
  CHECK(JsonArray::list({1, "a", nullptr, JsonArray::list({2})}).text() == R"([1,"a",null,[2]])");
  CHECK(JsonArray::of(std::list<int>{1, 2}, [](int n) { return n * 2; }).text() == "[2,4]");
  CHECK(JsonArray::of(std::vector<UserId>{{"a"}}, [](const UserId& id) -> Json {
          return JsonObject{{"_id", id}};
        }).text() == R"([{"_id":"a"}])");
  CHECK(JsonArray::of(std::vector<std::string>{"x"}).text() == R"(["x"])");
  CHECK(JsonArray().add(std::optional<int>()).add(1).text() == "[null,1]");
}

TEST_CASE("arguments") {
  CHECK(Args().empty());
  CHECK(Args().text() == "");
  CHECK(Args().size() == 0);
  const Args args{"ok", 1, JsonObject{{"a", 2}}, std::optional<int>()};
  CHECK(args.text() == R"("ok",1,{"a":2},null)");
  CHECK(args.size() == 4);
  CHECK(args[2].get<int>("a").value() == 2);
  CHECK(args.get<std::string, int>("0", "2.a").has_value());
  const Args copy{args};
  CHECK(copy.size() == 4);
}

TEST_CASE("a received slice goes on as it was") {
  const Json received = Json::parse(R"(  {"x" : [1.50, "\u0061"]} )").value();
  CHECK(received.text() == R"({"x" : [1.50, "\u0061"]})");
  CHECK(JsonObject{{"echo", received}, {"part", *received.get<JsonView>("x.1")}}.text() ==
        R"({"echo":{"x" : [1.50, "\u0061"]},"part":"\u0061"})");
  CHECK(Json::copy_of(*received.get<JsonView>("x.0")).text() == "1.50");
}

TEST_CASE("adding a part of itself is safe") {
  JsonObject object{{"text", std::string(100, 'x')}};
  object.add("again", *object.view().get<JsonView>("text")).add("all", object);
  REQUIRE(JsonView::check(object.text()));
  CHECK(object.view().get<std::string>("all.again").value() == std::string(100, 'x'));
  Args args{std::string(100, 'y')};
  args.add(args[0]);
  CHECK(args.get<std::string>("1").value() == std::string(100, 'y'));
  JsonArray array = JsonArray::list({std::string(100, 'z')});
  array.add(array);
  CHECK(array.view().get<std::string>("1.0").value() == std::string(100, 'z'));
}

TEST_CASE("a default value is null") {
  CHECK(Json().text() == "null");
  CHECK(Json().kind() == JsonKind::null);
  CHECK(Json::of(nullptr).text() == "null");
}
