#include "zego/callback_form.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall::zego_detail {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct FormField {
  std::string name;
  bool list = false;
  std::vector<std::string> values;
};

// "ids[]" and "ids[0]" are elements of ids; PHP writes both.
bool take_brackets(std::string& name) {
  if (name.empty() || name.back() != ']') return false;
  const std::size_t open = name.rfind('[');
  if (open == std::string::npos || open == 0) return false;
  if (!std::all_of(name.begin() + static_cast<std::ptrdiff_t>(open) + 1, name.end() - 1,
                   [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  name.resize(open);
  return true;
}

// The JSON writer puts U+FFFD where a text is no UTF-8.
Result<void> add_field(std::vector<FormField>& fields, std::string_view pair) {
  const std::size_t equals = pair.find('=');
  auto field_name = percent_decoded(pair.substr(0, equals));
  if (!field_name) return unexpected(std::move(field_name).error());
  auto value = equals == std::string_view::npos ? Result<std::string>(std::string()) : percent_decoded(pair.substr(equals + 1));
  if (!value) return unexpected(std::move(value).error());
  if (!base_detail::is_utf8(*field_name) || !base_detail::is_utf8(*value))
    return fail(ErrorCode::protocol, "the form holds a text that is not UTF-8");
  const bool list = take_brackets(*field_name);
  if (field_name->empty() || equals == std::string_view::npos)
    return fail(ErrorCode::protocol, "neither JSON nor a form of name=value pairs");
  const auto known = std::find_if(fields.begin(), fields.end(), [&](const FormField& f) { return f.name == *field_name; });
  if (known == fields.end())
    fields.push_back({*std::move(field_name), list, {*std::move(value)}});
  else if (list && known->list)
    known->values.push_back(*std::move(value));
  else
    return fail_field(ErrorCode::protocol, *field_name, "comes twice in the form");
  return {};
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(ErrorCode::protocol, "a bad percent escape at byte " + std::to_string(i));
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

Result<Json> form_as_json(std::string_view form) {
  std::vector<FormField> fields;
  std::size_t pairs = 0;
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(pair.size() + 1, form.size()));
    if (++pairs > callback_fields_max)
      return fail(ErrorCode::protocol, "more than " + std::to_string(callback_fields_max) + " fields in the form");
    if (auto added = add_field(fields, pair); !added) return unexpected(added.error());
  }
  if (fields.empty()) return fail(ErrorCode::protocol, "the body is empty");
  JsonObject out;
  for (const FormField& field : fields) {
    if (field.list)
      out.add(field.name, field.values);
    else
      out.add(field.name, field.values.front());
  }
  return Json(std::move(out));
}

}  // namespace zegocall::zego_detail
