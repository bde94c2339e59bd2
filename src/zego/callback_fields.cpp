#include "zego/callback_fields.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace zegocall::zego_detail {
namespace {

constexpr std::int64_t last_millisecond = 253402300799999;  // of the year 9999

// The value as a text, if it is something that has one.
std::optional<std::string> scalar_text(JsonView value) {
  switch (value.kind()) {
    case JsonKind::string: return value.get<std::string>().value();
    case JsonKind::number:
    case JsonKind::boolean: return std::string(value.text());
    case JsonKind::null:
    case JsonKind::array:
    case JsonKind::object:
    case JsonKind::binary: break;
  }
  return std::nullopt;
}

template <class N>
std::optional<N> whole(std::string_view text) {
  N number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Fields::Fields(JsonView body) {
  for (const auto& [key, value] : body.members()) members_.push_back({key, value});
}

const Fields::Member* Fields::find(std::string_view name) const {
  const auto at = std::find_if(members_.begin(), members_.end(), [&](const Member& member) { return member.name == name; });
  return at == members_.end() ? nullptr : &*at;
}

std::optional<JsonView> Fields::take(std::string_view name) {
  const Member* const found = find(name);
  if (found == nullptr) return std::nullopt;
  members_[static_cast<std::size_t>(found - members_.data())].read = true;
  if (found->value.kind() == JsonKind::null) return std::nullopt;
  return found->value;
}

void Fields::refuse(std::string_view name, std::string_view detail) {
  if (!error_) error_ = Error{ErrorCode::protocol, std::string(name), std::string(detail)};
}

void Fields::missing(std::string_view name) { refuse(name, "is missing"); }

std::string Fields::text(std::string_view name) {
  const auto value = take(name);
  if (!value) return {};
  auto text = scalar_text(*value);
  if (!text) refuse(name, "must be a text");
  return std::move(text).value_or("");
}

std::string Fields::required(std::string_view name) {
  std::string out = text(name);
  if (out.empty()) missing(name);
  return out;
}

std::optional<std::uint64_t> Fields::natural(std::string_view name) {
  const std::string digits = text(name);
  if (digits.empty()) return std::nullopt;
  const auto number = whole<std::uint64_t>(digits);
  if (!number) refuse(name, "must be a whole number from 0 to 18446744073709551615");
  return number;
}

std::uint64_t Fields::required_natural(std::string_view name) {
  const auto number = natural(name);
  if (!number) missing(name);
  return number.value_or(0);
}

std::optional<std::int64_t> Fields::integer(std::string_view name) {
  const std::string digits = text(name);
  if (digits.empty()) return std::nullopt;
  const auto number = whole<std::int64_t>(digits);
  if (!number) refuse(name, "must be a whole number of 64 bits");
  return number;
}

std::optional<int> Fields::small(std::string_view name) {
  const auto number = integer(name);
  if (!number) return std::nullopt;
  if (*number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) {
    refuse(name, "must be a whole number of 32 bits");
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<UnixTime> Fields::milliseconds(std::string_view name) {
  const auto number = natural(name).value_or(0);
  if (number == 0) return std::nullopt;
  if (number > static_cast<std::uint64_t>(last_millisecond)) return refuse(name, "must be Unix milliseconds"), std::nullopt;
  return UnixTime(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

std::optional<UnixTime> Fields::seconds(std::string_view name) {
  const auto number = natural(name).value_or(0);
  if (number == 0) return std::nullopt;
  if (number > static_cast<std::uint64_t>(last_millisecond / 1000)) return refuse(name, "must be Unix seconds"), std::nullopt;
  return UnixTime(std::chrono::seconds(static_cast<std::int64_t>(number)));
}

bool Fields::add_texts(JsonView list, std::vector<std::string>& out) {
  for (const JsonView element : list.elements()) {
    auto text = scalar_text(element);
    if (!text) return false;
    out.push_back(*std::move(text));
  }
  return true;
}

std::vector<std::string> Fields::texts(std::string_view name) {
  std::vector<std::string> out;
  const auto value = take(name);
  if (!value) return out;
  if (value->kind() == JsonKind::array) {
    if (!add_texts(*value, out)) refuse(name, "must be a list of texts");
    return out;
  }
  auto single = scalar_text(*value);
  if (!single) return refuse(name, "must be a list of texts"), out;
  if (single->empty()) return out;
  if (const auto inner = JsonView::check(std::as_const(*single)); inner && inner->kind() == JsonKind::array) {
    if (!add_texts(*inner, out)) refuse(name, "must be a list of texts");
    return out;
  }
  out.push_back(*std::move(single));
  return out;
}

std::vector<UserId> Fields::required_users(std::string_view name) {
  if (find(name) == nullptr) missing(name);
  std::vector<UserId> users;
  for (const std::string& user : texts(name)) users.emplace_back(std::string_view(user));
  return users;
}

Json Fields::any(std::string_view name) {
  const auto value = take(name);
  return value ? Json::copy_of(*value) : Json();
}

Json Fields::rest() const {
  JsonObject out;
  for (const Member& member : members_) {
    if (!member.read) out.add(member.name, member.value);
  }
  return Json(std::move(out));
}

}  // namespace zegocall::zego_detail
