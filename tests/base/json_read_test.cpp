// get<T>, paths, elements and members.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {

Json parsed(std::string_view text) { return Json::parse(std::string(text)).value(); }

template <class T>
Error error_of(std::string_view text, std::string_view path) {
  const Json json = parsed(text);
  const auto value = json.get<T>(path);
  if (value) FAIL("read: " << path);
  return value ? Error{} : value.error();
}
template <class T>
T read(std::string_view text) {
  const Json json = parsed(text);
  return json.get<T>().value();
}

enum class Colour { red, blue };
struct Point {
  int x = 0;
  std::optional<int> y;
};
Result<void> from_json(JsonView in, Colour& out) {
  auto word = in.get<std::string>();
  if (!word) return unexpected(word.error());
  if (*word != "red" && *word != "blue") return fail(ErrorCode::invalid_argument, "must be red or blue");
  out = *word == "red" ? Colour::red : Colour::blue;
  return {};
}
Result<void> from_json(JsonView in, Point& out) {
  return in.get<int, std::optional<int>>("x", "y").transform([&](const auto& xy) { out = {std::get<0>(xy), std::get<1>(xy)}; });
}

}  // namespace

TEST_CASE("scalars") {
  CHECK(read<bool>("true"));
  CHECK(!read<bool>("false"));
  CHECK(read<std::string>(R"("a\n\"\\\/\b\f\r\t\u00e4\u20AC\ud83d\ude00")") ==
        "a\n\"\\/\b\f\r\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(read<std::string>(R"("\u0000")") == std::string(1, '\0'));
  CHECK(read<UserId>(R"("alice")") == UserId{"alice"});
  CHECK(read<UserId>(R"("\u0061lice")") == UserId{"alice"});
  CHECK(read<AppId>("1234567890") == AppId{1234567890});
  CHECK(read<Version>("18446744073709551615") == Version{18446744073709551615u});
  CHECK(read<double>("1e3") == 1000.0);
  CHECK(read<double>("-2.5") == -2.5);
  CHECK(read<double>("7") == 7.0);
}

TEST_CASE("64-bit integers are exact and every width is range-checked") {
  CHECK(read<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(read<std::int64_t>("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(read<std::uint64_t>("9007199254740993") == 9007199254740993u);
  CHECK(error_of<std::int64_t>("9223372036854775808", "").code == ErrorCode::out_of_range);
  CHECK(error_of<std::uint64_t>("18446744073709551616", "").code == ErrorCode::out_of_range);
  CHECK(read<std::uint8_t>("255") == 255);
  CHECK(error_of<std::uint8_t>(R"({"n":256})", "n") == Error{ErrorCode::out_of_range, "n", "must be 0 to 255"});
  CHECK(error_of<std::uint8_t>("-1", "").code == ErrorCode::out_of_range);
  CHECK(read<std::int8_t>("-128") == -128);
  CHECK(error_of<std::int8_t>("-129", "").code == ErrorCode::out_of_range);
  CHECK(read<unsigned>("-0") == 0);
  CHECK(error_of<AppId>("4294967296", "").code == ErrorCode::out_of_range);
}

TEST_CASE("an integer is spelt as one") {
  for (const char* text : {"1.0", "1e3", "1E0", "-0.0"}) {
    const Error error = error_of<int>(text, "");
    CHECK(error.code == ErrorCode::mistyped_field);
    CHECK(error.detail == "is a fraction or has an exponent, must be a whole number");
  }
}

TEST_CASE("doubles beyond their range are refused, below it they are zero") {
  CHECK(error_of<double>("1e400", "").code == ErrorCode::out_of_range);
  CHECK(error_of<double>("-1e400", "").code == ErrorCode::out_of_range);
  CHECK(error_of<double>("1" + std::string(400, '0'), "").code == ErrorCode::out_of_range);
  CHECK(error_of<double>("1" + std::string(400, '0') + "e-1", "").code == ErrorCode::out_of_range);
  CHECK(error_of<double>("0.0001e99999999999999999999", "").code == ErrorCode::out_of_range);
  CHECK(read<double>("1e-400") == 0.0);
  CHECK(read<double>("0." + std::string(400, '0') + "1") == 0.0);
  CHECK(read<double>("1e-99999999999999999999") == 0.0);
  CHECK(std::signbit(read<double>("-1e-400")));
}

TEST_CASE("a wrong type says what is there and what must be") {
  const std::string_view text = R"({"s":"x","n":1,"b":true,"z":null,"a":[],"o":{}})";
  CHECK(error_of<int>(text, "s") == Error{ErrorCode::mistyped_field, "s", "is a string, must be a number"});
  CHECK(error_of<std::string>(text, "n") == Error{ErrorCode::mistyped_field, "n", "is a number, must be a string"});
  CHECK(error_of<UserId>(text, "b").detail == "is a boolean, must be a string");
  CHECK(error_of<double>(text, "z").detail == "is null, must be a number");
  CHECK(error_of<bool>(text, "a").detail == "is an array, must be a boolean");
  CHECK(error_of<std::vector<int>>(text, "o").detail == "is an object, must be an array");
  CHECK(error_of<Args>(text, "o").detail == "is an object, must be an array");
  CHECK(error_of<BytesView>(text, "o").detail == "is an object, must be binary");
  CHECK(error_of<int>(text, "gone") == Error{ErrorCode::missing_field, "gone", "is required"});
}

TEST_CASE("optional takes absent and null, never a wrong type") {
  const Json json = parsed(R"({"s":"x","z":null,"o":{"n":1}})");
  CHECK(json.get<std::optional<std::string>>("s").value() == "x");
  CHECK(json.get<std::optional<std::string>>("z").value() == std::nullopt);
  CHECK(json.get<std::optional<std::string>>("gone").value() == std::nullopt);
  CHECK(json.get<std::optional<int>>("z.deeper").value() == std::nullopt);
  CHECK(json.get<std::optional<int>>("gone.deeper").value() == std::nullopt);
  CHECK(json.get<std::optional<int>>("o.n").value() == 1);
  CHECK(json.get<std::optional<int>>("s").error().code == ErrorCode::mistyped_field);
  CHECK(json.get<std::optional<int>>("s.deeper").error() ==
        Error{ErrorCode::mistyped_field, "s", "is a string, must be an object"});
}

TEST_CASE("paths: dots, indexes on arrays, digits as names on objects") {
  const Json json = parsed(R"({"a":[{"b":[10,20]},{"0":"zero"}],"7":"seven","":{"x":1},"e\u0073c":5,"__proto__":{"p":9}})");
  CHECK(json.get<int>("a.0.b.1").value() == 20);
  CHECK(json.get<std::string>("a.1.0").value() == "zero");
  CHECK(json.get<std::string>("7").value() == "seven");
  CHECK(json.get<int>("esc").value() == 5);
  CHECK(json.get<int>("__proto__.p").value() == 9);
  CHECK(json.get<int>("a.0.b.2").error() == Error{ErrorCode::missing_field, "a.0.b.2", "is required"});
  CHECK(json.get<int>("a.9").error().code == ErrorCode::missing_field);
  CHECK(json.get<int>("a.99999999999999999999999").error().code == ErrorCode::missing_field);
  CHECK(json.get<int>("a.b").error() == Error{ErrorCode::mistyped_field, "a", "is an array, must be an object"});
  CHECK(json.get<int>("7.x").error() == Error{ErrorCode::mistyped_field, "7", "is a string, must be an object"});
  CHECK(json.get<int>("7.0").error() == Error{ErrorCode::mistyped_field, "7", "is a string, must be an array"});
  CHECK(json.has("a.0.b"));
  CHECK(json.has("__proto__"));
  CHECK(!json.has("a.0.c"));
  CHECK(!json.has("7.0"));
  CHECK(!json.has("prototype"));
  CHECK(json.get<JsonView>("a.1").value().text() == R"({"0":"zero"})");
  CHECK(parsed("null").get<int>("a").error() == Error{ErrorCode::mistyped_field, "", "is null, must be an object"});
}

TEST_CASE("several at once: all, or the first error") {
  const Json json = parsed(R"({"to":"bob","n":3,"data":{"x":[1, 2]}})");
  const auto all = json.get<UserId, int, JsonView, std::optional<bool>>("to", "n", "data", "gone");
  REQUIRE(all);
  CHECK(std::get<0>(*all) == UserId{"bob"});
  CHECK(std::get<1>(*all) == 3);
  CHECK(std::get<2>(*all).text() == R"({"x":[1, 2]})");
  CHECK(json.get<int, int, int>("n", "to", "gone").error().field == "to");
}

TEST_CASE("hooks: an enum, a struct, and their errors get the path in front") {
  CHECK(read<Colour>(R"("blue")") == Colour::blue);
  CHECK(error_of<Colour>(R"({"c":"green"})", "c") == Error{ErrorCode::invalid_argument, "c", "must be red or blue"});
  CHECK(error_of<Colour>(R"({"c":1})", "c") == Error{ErrorCode::mistyped_field, "c", "is a number, must be a string"});
  CHECK(read<Point>(R"({"x":1,"y":null})").x == 1);
  CHECK(error_of<Point>(R"({"p":{"x":1,"y":"2"}})", "p") ==
        Error{ErrorCode::mistyped_field, "p.y", "is a string, must be a number"});
  CHECK(error_of<std::vector<Point>>(R"({"p":[{"x":1},{}]})", "p") == Error{ErrorCode::missing_field, "p.1.x", "is required"});
  CHECK(error_of<std::vector<UserId>>(R"({"a":{"also":["x",2]}})", "a.also").field == "a.also.1");
  CHECK(read<std::vector<std::optional<int>>>("[1,null]") == std::vector<std::optional<int>>{1, std::nullopt});
  CHECK(read<std::optional<Colour>>("null") == std::nullopt);
}

TEST_CASE("elements and members in range-for") {
  const Json json = parsed(R"({ "a" : [ 1 , "x" , { } , [ ] ] , "k\u0065y" : null , "empty" : [ ] })");
  std::string texts;
  const JsonView array = json.get<JsonView>("a").value();
  for (const JsonView element : array.elements()) texts.append(element.text()).append(";");
  CHECK(texts == "1;\"x\";{ };[ ];");
  std::string keys;
  for (auto [key, value] : json.view().members()) keys.append(key).append("=").append(name(value.kind())).append(";");
  CHECK(keys == "a=array;key=null;empty=array;");
  CHECK(json.view().size() == 3);
  CHECK(array.size() == 4);
  CHECK(json.get<JsonView>("empty")->size() == 0);
  CHECK(JsonView().size() == 0);
  for (const JsonView element : json.view().elements()) FAIL(element.text());
  for (const auto& member : array.members()) FAIL(member.key);
}

TEST_CASE("kinds") {
  const std::pair<const char*, JsonKind> all[] = {{"null", JsonKind::null}, {"true", JsonKind::boolean},
                                                  {"-1", JsonKind::number}, {"\"\"", JsonKind::string},
                                                  {"[]", JsonKind::array},  {"{}", JsonKind::object}};
  for (const auto& [text, kind] : all) CHECK(parsed(text).kind() == kind);
  CHECK(JsonView().kind() == JsonKind::null);
  CHECK(name(JsonKind::binary) == "binary");
}

TEST_CASE("arguments: what stands behind the event's name, as received") {
  const Json frame = parsed(R"([ "signal" , {"to":"bob"} , [1,2] , null ] )");
  const ArgsView args(frame, 1);
  CHECK(args.text() == R"({"to":"bob"} , [1,2] , null)");
  CHECK(args.size() == 3);
  CHECK(args[0].get<UserId>("to").value() == UserId{"bob"});
  CHECK(args[9].kind() == JsonKind::null);
  CHECK(args.get<UserId, int>("0.to", "1.1").has_value());
  CHECK(args.get<int>("5").error() == Error{ErrorCode::missing_field, "5", "is required"});
  CHECK(args.get<int>("0.to").error() == Error{ErrorCode::mistyped_field, "0.to", "is a string, must be a number"});
  CHECK(args.get<int>("1.x").error() == Error{ErrorCode::mistyped_field, "1", "is an array, must be an object"});
  CHECK(args.get<std::optional<int>>("2.x").value() == std::nullopt);
  CHECK(ArgsView(frame, 4).empty());
  CHECK(ArgsView(frame, 99).empty());
  CHECK(ArgsView(JsonView(), 0).size() == 0);
  const Args kept = Args::copy_of(args);
  CHECK(kept.size() == 3);
  CHECK(kept.get<int>("1.0").value() == 1);
  CHECK(frame.get<Args>().value().size() == 4);
}
