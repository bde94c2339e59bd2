// From values to text.
#include <array>
#include <charconv>
#include <cmath>
#include <functional>

#include "base/json_scan.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall {
namespace base_detail {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

void write_escape(std::string& out, char c) {
  switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    case '\b': out.append("\\b"); return;
    case '\f': out.append("\\f"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\u00");
  out.push_back(hex[byte >> 4]);
  out.push_back(hex[byte & 15]);
}

template <class N>
void write_number(std::string& out, N value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

void write_placeholder(JsonText& out, std::string_view bytes) {
  out.text.append("{\"_placeholder\":true,\"num\":");
  write_number(out.text, out.attachments.size());
  out.text.push_back('}');
  out.attachments.emplace_back(bytes);
}

}  // namespace

void write_string(std::string& out, std::string_view text) {
  out.push_back('"');
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const char* plain = skip_plain(p, end);
    out.append(p, plain);
    p = plain;
    if (p == end) break;
    if (static_cast<unsigned char>(*p) < 0x80) {
      write_escape(out, *p++);
    } else if (const std::size_t length = utf8_length(p, end); length > 0) {
      out.append(p, length);
      p += length;
    } else {
      out.append(replacement);
      ++p;
    }
  }
  out.push_back('"');
}

/// Text as received; where it has attachments they come along, numbered anew.
void write_json(JsonText& out, std::string_view text, std::span<const std::string> attachments) {
  if (attachments.empty()) {
    out.text.append(text);
    return;
  }
  const char* p = text.data();
  const char* const end = p + text.size();
  std::optional<Placeholder> found;
  for (const char* copied = p; p != end; copied = p) {
    p = next_placeholder(p, end, found);
    out.text.append(copied, p);
    if (!found) return;
    if (found->number < attachments.size())
      write_placeholder(out, attachments[found->number]);
    else
      out.text.append(p, found->behind);
    p = found->behind;
  }
}

void json_write(JsonText& out, const JsonInput& value) {
  switch (value.kind_) {
    case JsonInput::Kind::absent:
    case JsonInput::Kind::null: out.text.append("null"); return;
    case JsonInput::Kind::boolean: out.text.append(value.boolean_ ? "true" : "false"); return;
    case JsonInput::Kind::integer: write_number(out.text, value.integer_); return;
    case JsonInput::Kind::natural: write_number(out.text, value.natural_); return;
    case JsonInput::Kind::real:
      if (std::isfinite(value.real_))
        write_number(out.text, value.real_);
      else
        out.text.append("null");
      return;
    case JsonInput::Kind::text: write_string(out.text, value.text_); return;
    case JsonInput::Kind::bytes: write_placeholder(out, value.text_); return;
    case JsonInput::Kind::json: write_json(out, value.text_, value.attachments_); return;
    case JsonInput::Kind::range: value.write_range_(out, value.range_); return;
  }
}

/// True if writing the value behind `out` would pull its text away from under it.
bool json_inside(const JsonText& out, const JsonInput& value) {
  if (value.kind_ != JsonInput::Kind::json && value.kind_ != JsonInput::Kind::text) return false;
  const std::less<> less;
  const char* const p = value.text_.data();
  return !less(p, out.text.data()) && less(p, out.text.data() + out.text.size());
}

}  // namespace base_detail

namespace {

using base_detail::JsonText;

void add_element(JsonText& out, bool first, const JsonInput& value) {
  if (base_detail::json_inside(out, value)) return add_element(out, first, Json::of(value));
  if (!first) out.text.push_back(',');
  base_detail::json_write(out, value);
}

constexpr std::size_t few_members = 32;

}  // namespace

JsonObject& JsonObject::add(std::string_view key, const JsonInput& value) {
  if (value.absent()) return *this;
  if (base_detail::json_inside(out_, value)) return add(key, Json::of(value));
  std::string& text = out_.text;
  const std::size_t end = text.size() - 1;
  text.pop_back();
  if (members_ > 0) text.push_back(',');
  const std::size_t quoted = text.size();
  base_detail::write_string(text, key);
  const std::string_view written = std::string_view(text).substr(quoted);
  const std::uint64_t bit = std::uint64_t{1} << (std::hash<std::string_view>{}(written)&63);
  if ((seen_ & bit) != 0 && known(written, end)) {
    const std::string again(written);
    text.resize(end);
    text.push_back('}');
    replace(again, value);
    return *this;
  }
  seen_ |= bit;
  remember(written, end);
  text.push_back(':');
  base_detail::json_write(out_, value);
  text.push_back('}');
  return *this;
}

/// The members so far end at `end`.
bool JsonObject::known(std::string_view written, std::size_t end) const {
  if (members_ > few_members) return keys_.contains(std::string(written));
  std::string_view rest = std::string_view(out_.text).substr(1, end - 1);
  while (!rest.empty()) {
    const auto key = base_detail::take_key(rest);
    base_detail::take_value(rest);
    if (key == written.substr(1, written.size() - 2)) return true;
  }
  return false;
}

void JsonObject::remember(std::string_view written, std::size_t end) {
  if (++members_ <= few_members) return;
  if (keys_.empty()) {
    std::string_view rest = std::string_view(out_.text).substr(1, end - 1);
    while (!rest.empty()) {
      std::string key = "\"";
      key.append(base_detail::take_key(rest)).push_back('"');
      keys_.insert(std::move(key));
      base_detail::take_value(rest);
    }
  }
  keys_.emplace(written);
}

void JsonObject::replace(std::string_view written, const JsonInput& value) {
  std::string_view rest = base_detail::inner(out_.text);
  std::string_view old;
  for (std::string_view key; key != written.substr(1, written.size() - 2);) {
    key = base_detail::take_key(rest);
    old = base_detail::take_value(rest);
  }
  JsonText fresh{{}, std::move(out_.attachments)};
  base_detail::json_write(fresh, value);
  out_.text.replace(static_cast<std::size_t>(old.data() - out_.text.data()), old.size(), fresh.text);
  out_.attachments = std::move(fresh.attachments);
  if (out_.attachments.empty()) return;
  Json whole = Json::copy_of(view());  // drops the attachments of the old value, numbers the others anew
  out_ = std::move(whole.out_);
}

JsonArray& JsonArray::add(const JsonInput& value) {
  const bool first = empty();
  if (base_detail::json_inside(out_, value)) return add(Json::of(value));
  out_.text.pop_back();
  add_element(out_, first, value);
  out_.text.push_back(']');
  return *this;
}

Args& Args::add(const JsonInput& value) {
  add_element(out_, out_.text.empty(), value);
  return *this;
}

Args Args::copy_of(ArgsView view) {
  Args out;
  base_detail::write_json(out.out_, view.text(), view.attachments());
  return out;
}

Json Json::of(const JsonInput& value) {
  base_detail::JsonText out;
  base_detail::json_write(out, value);
  return Json(std::move(out));
}

}  // namespace zegocall
