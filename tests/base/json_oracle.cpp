#include "base/json_oracle.hpp"

#include <nlohmann/json.hpp>

#include "zegocall/base/json.hpp"

using namespace zegocall;
using Oracle = nlohmann::json;

namespace {

enum class Verdict { accepts, refuses, number_too_big };

Verdict ask(std::string_view text, Oracle& value) {
  try {
    value = Oracle::parse(text.begin(), text.end());
    return Verdict::accepts;
  } catch (const Oracle::out_of_range&) {
    return Verdict::number_too_big;
  } catch (const Oracle::exception&) {
    return Verdict::refuses;
  }
}

std::string show(std::string_view what, JsonView ours) { return std::string(what) + ": " + std::string(ours.text()); }

std::optional<std::string> compare(JsonView ours, const Oracle& theirs);

std::optional<std::string> compare_number(JsonView ours, const Oracle& theirs) {
  if (theirs.is_number_unsigned() && ours.get<std::uint64_t>().value_or(0) != theirs.get<std::uint64_t>())
    return show("unsigned", ours);
  if (theirs.is_number_integer() && !theirs.is_number_unsigned() &&
      ours.get<std::int64_t>().value_or(0) != theirs.get<std::int64_t>())
    return show("signed", ours);
  if (theirs.is_number_float() && (!ours.get<double>() || *ours.get<double>() != theirs.get<double>()))
    return show("double", ours);
  return std::nullopt;
}

std::optional<std::string> compare_array(JsonView ours, const Oracle& theirs) {
  if (ours.size() != theirs.size()) return show("size", ours);
  std::size_t i = 0;
  for (const JsonView element : ours.elements())
    if (auto difference = compare(element, theirs[i++])) return difference;
  return std::nullopt;
}

std::optional<std::string> compare_object(JsonView ours, const Oracle& theirs) {
  if (ours.size() != theirs.size()) return show("size", ours);
  for (const auto& [key, value] : ours.members()) {
    const auto found = theirs.find(key);
    if (found == theirs.end()) return show("key " + key, ours);
    if (!key.empty() && key.find('.') == key.npos && (!ours.has(key) || ours.get<JsonView>(key)->text() != value.text()))
      return show("path " + key, ours);
    if (auto difference = compare(value, *found)) return difference;
  }
  return std::nullopt;
}

std::optional<std::string> compare(JsonView ours, const Oracle& theirs) {
  switch (ours.kind()) {
    case JsonKind::null: return theirs.is_null() ? std::nullopt : std::optional(show("null", ours));
    case JsonKind::boolean:
      if (!theirs.is_boolean() || ours.get<bool>().value() != theirs.get<bool>()) return show("boolean", ours);
      return std::nullopt;
    case JsonKind::number: return theirs.is_number() ? compare_number(ours, theirs) : show("number", ours);
    case JsonKind::string:
      if (!theirs.is_string() || ours.get<std::string>().value() != theirs.get_ref<const std::string&>())
        return show("string", ours);
      if (Oracle::parse(Json::of(ours.get<std::string>().value()).text()) != theirs) return show("written string", ours);
      return std::nullopt;
    case JsonKind::array: return theirs.is_array() ? compare_array(ours, theirs) : show("array", ours);
    case JsonKind::object: return theirs.is_object() ? compare_object(ours, theirs) : show("object", ours);
    case JsonKind::binary: break;
  }
  return show("binary without attachments", ours);
}

bool only_we_refuse(std::string_view text, const Error& error) {
  return error.code == ErrorCode::limit_exceeded || error.detail.starts_with("a member twice") ||
         text.starts_with("\xef\xbb\xbf") || text.find('\0') != text.npos;
}

}  // namespace

std::optional<std::string> json_disagreement(std::string_view text) {
  const auto ours = JsonView::check(text, {.bytes_max = 16'000'000, .depth_max = 512});
  Oracle theirs;
  const Verdict verdict = ask(text, theirs);
  if (!ours) {
    if (verdict == Verdict::refuses || only_we_refuse(text, ours.error())) return std::nullopt;
    // A number that is too big stops the oracle before it has seen the rest, so it has no opinion.
    if (verdict == Verdict::number_too_big) return std::nullopt;
    return "only we refuse (" + to_string(ours.error()) + "): " + std::string(text);
  }
  if (verdict == Verdict::number_too_big) return std::nullopt;
  if (verdict == Verdict::refuses) return "only we accept: " + std::string(text);
  return compare(*ours, theirs);
}
