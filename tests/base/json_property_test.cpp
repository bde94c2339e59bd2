// What the writer writes the scanner takes, and says the same.
#include <cmath>
#include <string>
#include <vector>

#include "support/rapidcheck.hpp"
#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {

/// Any tree of values, with strings of any bytes.
Json any_value(int depth) {
  const int kinds = depth > 0 ? 8 : 6;
  switch (*rc::gen::inRange(0, kinds)) {
    case 0: return Json::of(nullptr);
    case 1: return Json::of(*rc::gen::arbitrary<bool>());
    case 2: return Json::of(*rc::gen::arbitrary<std::int64_t>());
    case 3: return Json::of(*rc::gen::arbitrary<std::uint64_t>());
    case 4: return Json::of(*rc::gen::arbitrary<double>());
    case 5: return Json::of(*rc::gen::arbitrary<std::string>());
    case 6: {
      JsonArray array;
      for (int n = *rc::gen::inRange(0, 5); n > 0; --n) array.add(any_value(depth - 1));
      return array;
    }
  }
  JsonObject object;
  for (int n = *rc::gen::inRange(0, 5); n > 0; --n) object.add(*rc::gen::arbitrary<std::string>(), any_value(depth - 1));
  return object;
}

/// The same value, read with the public face and written again.
Json rebuilt(JsonView in) {
  switch (in.kind()) {
    case JsonKind::array: return JsonArray::of(in.elements(), rebuilt);
    case JsonKind::object: {
      JsonObject out;
      for (const auto& [key, value] : in.members()) out.add(key, rebuilt(value));
      return out;
    }
    case JsonKind::string: return Json::of(in.get<std::string>().value());
    case JsonKind::null:
    case JsonKind::boolean:
    case JsonKind::number:
    case JsonKind::binary: break;
  }
  return Json::copy_of(in);
}

}  // namespace

TEST_CASE("values") {
  check_property("what is written is accepted", [] {
    const Json value = any_value(4);
    RC_ASSERT(JsonView::check(value.text()).has_value());
  });
  check_property("read and written again it is the same text", [] {
    const Json value = any_value(4);
    RC_ASSERT(rebuilt(value).text() == value.text());
  });
  check_property("space between the tokens changes nothing", [] {
    const Json value = any_value(3);
    std::string spaced;
    bool inside = false;
    for (std::size_t i = 0; i < value.text().size(); ++i) {
      const char c = value.text()[i];
      if (c == '\\') {
        spaced.append(value.text().substr(i++, 2));
        continue;
      }
      if (c == '"') inside = !inside;
      const bool token = !inside && std::string_view("[]{},:").find(c) != std::string_view::npos;
      spaced.append(token ? " \n" : "").append(1, c).append(token ? "\t\r" : "");
    }
    const auto again = Json::parse(spaced);
    RC_ASSERT(again.has_value());
    RC_ASSERT(rebuilt(*again).text() == value.text());
  });
}

TEST_CASE("scalars come back exactly") {
  check_property("int64", [](std::int64_t n) { RC_ASSERT(Json::of(n).get<std::int64_t>().value() == n); });
  check_property("uint64", [](std::uint64_t n) { RC_ASSERT(Json::of(n).get<std::uint64_t>().value() == n); });
  check_property("double", [](double n) { RC_ASSERT(Json::of(n).get<double>().value() == n); });
  check_property("ASCII text", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    RC_ASSERT(Json::of(text).get<std::string>().value() == text);
  });
}

TEST_CASE("any bytes are answered, never a crash") {
  check_property("accepted or refused with a place", [](const std::string& noise) {
    for (const std::string& text : {noise, "[" + noise + "]", "\"" + noise + "\"", "{\"" + noise + "\":1}"}) {
      const auto checked = JsonView::check(text);
      if (checked)
        (void)rebuilt(*checked).text();
      else
        RC_ASSERT(!checked.error().detail.empty());
    }
  });
  check_property("every cut of a good text is refused or good", [] {
    const Json value = any_value(3);
    for (std::size_t n = 0; n < value.text().size(); ++n)
      if (const auto cut = JsonView::check(value.text().substr(0, n))) RC_ASSERT(cut->kind() == JsonKind::number);
  });
}

TEST_CASE("arguments") {
  check_property("the tail is what the elements are", [] {
    JsonArray array;
    const int n = *rc::gen::inRange(0, 6);
    for (int i = 0; i < n; ++i) array.add(any_value(2));
    const auto skip = static_cast<std::size_t>(*rc::gen::inRange(0, 7));
    const ArgsView args(array.view(), skip);
    const std::size_t left = skip >= static_cast<std::size_t>(n) ? 0 : static_cast<std::size_t>(n) - skip;
    RC_ASSERT(args.size() == left);
    for (std::size_t i = 0; i < left; ++i)
      RC_ASSERT(args[i].text() == array.view().get<JsonView>(std::to_string(skip + i))->text());
  });
}
