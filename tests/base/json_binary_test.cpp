// Attachments: a kind of value, carried beside the text.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {
const std::vector<std::string> bytes{"first", std::string("\0\xff", 2)};
constexpr std::string_view two = R"(["f",{"_placeholder":true,"num":0},{"x":{"num":1,"_placeholder":true}}])";
}  // namespace

TEST_CASE("a placeholder is binary where there are attachments, and an object where there are none") {
  const JsonView plain = *JsonView::check(two);
  CHECK(plain.get<JsonView>("1")->kind() == JsonKind::object);
  const JsonView view = *plain.with_attachments(bytes);
  CHECK(view.get<JsonView>("1")->kind() == JsonKind::binary);
  CHECK(view.get<BytesView>("1")->view() == "first");
  CHECK(view.get<BytesView>("2.x")->view() == bytes[1]);
  CHECK(view.get<JsonView>("2")->kind() == JsonKind::object);
  CHECK(view.get<std::string>("1").error().detail == "is binary, must be a string");
  CHECK(view.get<JsonView>("1")->size() == 0);
  CHECK(view.get<std::optional<BytesView>>("9").value() == std::nullopt);
}

TEST_CASE("a number without an attachment is refused") {
  const JsonView three = *JsonView::check(R"({"a":"{\"_placeholder\":true,\"num\":9}","b":[{"_placeholder":true,"num":2}]})");
  CHECK(three.with_attachments(bytes).error() == Error{ErrorCode::protocol, "", "attachment 2 of 2"});
  const JsonView none = *JsonView::check(R"({"_placeholder":false,"num":7})");
  CHECK(none.with_attachments(bytes).has_value());
}

TEST_CASE("bytes are written as placeholders and travel along") {
  const Args args{"f", BytesView("abc"), JsonObject{{"deep", BytesView("def")}}};
  CHECK(args.text() == R"("f",{"_placeholder":true,"num":0},{"deep":{"_placeholder":true,"num":1}})");
  REQUIRE(args.attachments().size() == 2);
  CHECK(args.attachments()[1] == "def");
  CHECK(args.get<BytesView>("2.deep")->view() == "def");
}

TEST_CASE("a spliced view brings the attachments that it uses, numbered anew") {
  const JsonView view = *JsonView::check(two)->with_attachments(bytes);
  JsonObject out{{"own", BytesView("mine")}, {"part", *view.get<JsonView>("2")}};
  CHECK(out.text() == R"({"own":{"_placeholder":true,"num":0},"part":{"x":{"_placeholder":true,"num":1}}})");
  REQUIRE(out.attachments().size() == 2);
  CHECK(out.attachments()[1] == bytes[1]);
  const Json copy = Json::copy_of(out.view());
  CHECK(copy.get<BytesView>("part.x")->view() == bytes[1]);
  const Args args = Args::copy_of(ArgsView(view, 2));
  REQUIRE(args.attachments().size() == 1);
  CHECK(args.get<BytesView>("0.x")->view() == bytes[1]);
}

TEST_CASE("members of kind binary can be picked out") {
  const JsonView view = *JsonView::check(R"({"a":1,"b":{"_placeholder":true,"num":1}})")->with_attachments(bytes);
  JsonObject out;
  for (auto [key, value] : view.members())
    if (value.kind() == JsonKind::binary) out.add(key, value);
  CHECK(out.text() == R"({"b":{"_placeholder":true,"num":0}})");
  CHECK(out.attachments()[0] == bytes[1]);
}

TEST_CASE("replacing a member drops its attachment") {
  JsonObject out{{"a", BytesView("old")}, {"b", BytesView("kept")}};
  out.add("a", 1);
  CHECK(out.text() == R"({"a":1,"b":{"_placeholder":true,"num":0}})");
  REQUIRE(out.attachments().size() == 1);
  CHECK(out.attachments()[0] == "kept");
  out.add("a", BytesView("new"));
  CHECK(out.view().get<BytesView>("a")->view() == "new");
  CHECK(out.view().get<BytesView>("b")->view() == "kept");
  out.add("b", out);
  CHECK(out.view().get<BytesView>("b.b")->view() == "kept");
}
