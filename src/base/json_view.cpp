// Moving about in a text that was checked: nothing here can run into bad JSON.
#include <algorithm>
#include <array>

#include "base/json_scan.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall {
namespace base_detail {

int hex4(const char* p) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

const char* skip_string(const char* p, const char* end) {
  for (;;) {
    p = skip_to_quote(p, end);
    if (*p == '"') return p + 1;
    p += 2;
  }
}

namespace {

const char* skip_container(const char* p, const char* end) {
  std::size_t open = 0;
  for (;;) {
    switch (*p++) {
      case '"': p = skip_string(p, end); break;
      case '{':
      case '[': ++open; break;
      case '}':
      case ']':
        if (--open == 0) return p;
        break;
    }
  }
}

constexpr auto scalar_ends = [] {
  std::array<bool, 256> out{};
  for (const char c : {',', ']', '}', ':', ' ', '\n', '\r', '\t'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();
bool ends_scalar(char c) { return scalar_ends[static_cast<unsigned char>(c)]; }

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

}  // namespace

std::string_view take_value(std::string_view& rest) {
  const char* const end = rest.data() + rest.size();
  const char* const first = skip_space(rest.data(), end);
  const char* const last = skip_value(first, end);
  const char* next = skip_space(last, end);
  if (next != end) next = skip_space(next + 1, end);
  rest = between(next, end);
  return between(first, last);
}

std::string_view take_key(std::string_view& rest) {
  const char* const end = rest.data() + rest.size();
  const char* const first = skip_space(rest.data(), end) + 1;
  const char* const behind = skip_string(first, end);
  rest = between(skip_space(behind, end) + 1, end);
  return between(first, behind - 1);
}

std::string_view inner(std::string_view container) {
  const char* const end = container.data() + container.size() - 1;
  const char* const first = skip_space(container.data() + 1, end);
  return between(first, end);
}

namespace {

bool only_digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

/// The index, or more than any array can have.
std::size_t index_of(std::string_view digits) {
  if (digits.size() > 12) return static_cast<std::size_t>(-1);
  std::size_t n = 0;
  for (const char c : digits) n = n * 10 + static_cast<std::size_t>(c - '0');
  return n;
}

std::optional<std::string_view> nth(std::string_view inner_text, std::size_t n) {
  while (!inner_text.empty()) {
    const auto value = take_value(inner_text);
    if (n-- == 0) return value;
  }
  return std::nullopt;
}

/// Behind the value at p, the space and the comma, if there is one.
const char* next_part(const char* p, const char* end) {
  p = skip_space(skip_value(p, end), end);
  return p != end && *p == ',' ? skip_space(p + 1, end) : p;
}

/// Where element n begins, or null; p stands on the first one. The end of the array is not looked for.
const char* find_element(const char* p, const char* end, std::size_t n) {
  for (; p != end && *p != ']'; p = next_part(p, end))
    if (n-- == 0) return p;
  return nullptr;
}

/// Where the member's value begins, or null; p stands on the first key. The end of the object is not looked for.
const char* find_member(const char* p, const char* end, std::string_view wanted) {
  while (p != end && *p != '}') {
    const char* const key = p + 1;
    p = skip_string(key, end);
    const std::string_view raw = between(key, p - 1);
    p = skip_space(skip_space(p, end) + 1, end);
    if (key_is(raw, wanted)) return p;
    p = next_part(p, end);
  }
  return nullptr;
}

/// A path on its way: what begins at `p` is inside a checked text that ends at `end`.
struct Walk {
  const char* p;
  const char* end;
  std::span<const std::string> attachments;
  std::string_view path;
  bool null_ends_the_way;

  JsonView here() const { return JsonView::trusted(between(p, skip_value(p, end)), attachments); }

  /// One step down: found, absent, or the error that this is no container of the right kind.
  Result<bool> step(std::string_view word, std::size_t walked) {
    const bool placeholder = *p == '{' && !attachments.empty() && here().kind() == JsonKind::binary;
    const char* const first = skip_space(p + 1, end);
    if (*p == '{' && !placeholder) {
      p = find_member(first, end, word);
    } else if (*p == '[' && only_digits(word)) {
      p = find_element(first, end, index_of(word));
    } else if (*p == 'n' && null_ends_the_way) {
      p = nullptr;
    } else {
      Error error = json_mistyped(here(), only_digits(word) ? "an array" : "an object");
      error.field.assign(path.substr(0, walked));
      return unexpected(std::move(error));
    }
    return p != nullptr;
  }

  /// `next` is where the path goes on; beyond its size nothing is left to walk.
  Result<std::optional<JsonView>> run(std::size_t next) {
    while (next < path.size()) {
      const std::size_t dot = std::min(path.find('.', next), path.size());
      const auto found = step(path.substr(next, dot - next), next == 0 ? 0 : next - 1);
      if (!found) return unexpected(found.error());
      if (!*found) return std::optional<JsonView>();
      next = dot + 1;
    }
    return std::optional<JsonView>(here());
  }
};

}  // namespace

const char* skip_value(const char* p, const char* end) {
  switch (*p) {
    case '"': return skip_string(p + 1, end);
    case '{':
    case '[': return skip_container(p, end);
  }
  while (p != end && !ends_scalar(*p)) ++p;
  return p;
}

bool key_is(std::string_view raw, std::string_view wanted) {
  if (raw == wanted) return wanted.find('\\') == wanted.npos;
  if (raw.size() <= wanted.size() || raw.find('\\') == raw.npos) return false;
  std::string plain;
  unescape(raw, plain, Halves::kept);
  return plain == wanted;
}

Result<std::optional<JsonView>> json_find(JsonView from, std::string_view path, bool null_ends_the_way) {
  const std::string_view text = from.text();
  return Walk{text.data(), text.data() + text.size(), from.attachments(), path, null_ends_the_way}.run(0);
}

Result<std::optional<JsonView>> json_find(const ArgsView& from, std::string_view path, bool null_ends_the_way) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const std::string_view first = path.substr(0, dot);
  ZC_ASSERT(only_digits(first));  // "0.room", not "room": the path is the program's own word
  const char* const end = from.text().data() + from.text().size();
  const char* const argument = find_element(from.text().data(), end, index_of(first));
  if (!argument) return std::optional<JsonView>();
  return Walk{argument, end, from.attachments(), path, null_ends_the_way}.run(dot + 1);
}

std::optional<Placeholder> placeholder_at(const char* p, const char* end) {
  const char* const first = skip_space(p + 1, end);
  const std::string_view begins(first, static_cast<std::size_t>(end - first));
  if (!begins.starts_with("\"_placeholder\"") && !begins.starts_with("\"num\"")) return std::nullopt;
  const char* const behind = skip_value(p, end);
  std::string_view rest = inner(between(p, behind));
  bool marked = false;
  std::optional<std::size_t> number;
  for (int members = 0; members < 2 && !rest.empty(); ++members) {
    const auto key = take_key(rest);
    const auto value = take_value(rest);
    if (key == "_placeholder") marked = value == "true";
    if (key == "num" && only_digits(value)) number = index_of(value);
  }
  if (!marked || !number || !rest.empty()) return std::nullopt;
  return Placeholder{*number, behind};
}

const char* next_placeholder(const char* p, const char* end, std::optional<Placeholder>& found) {
  found.reset();
  while (p != end) {
    if (*p == '"') {
      p = skip_string(p + 1, end);
      continue;
    }
    if (*p == '{' && (found = placeholder_at(p, end))) return p;
    ++p;
  }
  return end;
}

}  // namespace base_detail

std::string_view name(JsonKind kind) {
  switch (kind) {
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "boolean";
    case JsonKind::number: return "number";
    case JsonKind::string: return "string";
    case JsonKind::array: return "array";
    case JsonKind::object: return "object";
    case JsonKind::binary: return "binary";
  }
  assertion_failed("JsonKind", __FILE__, __LINE__);
}

Result<JsonView> JsonView::with_attachments(std::span<const std::string> attachments) const {
  const char* const end = text_.data() + text_.size();
  std::optional<base_detail::Placeholder> found;
  base_detail::next_placeholder(text_.data(), end, found);
  while (found) {
    if (found->number >= attachments.size())
      return fail(ErrorCode::protocol,
                  "attachment " + std::to_string(found->number) + " of " + std::to_string(attachments.size()));
    const char* const behind = found->behind;
    base_detail::next_placeholder(behind, end, found);
  }
  return JsonView(text_, attachments);
}

JsonKind JsonView::kind() const {
  switch (text_.front()) {
    case 'n': return JsonKind::null;
    case 't':
    case 'f': return JsonKind::boolean;
    case '"': return JsonKind::string;
    case '[': return JsonKind::array;
    case '{': break;
    default: return JsonKind::number;
  }
  if (attachments_.empty()) return JsonKind::object;
  const auto placeholder = base_detail::placeholder_at(text_.data(), text_.data() + text_.size());
  return placeholder && placeholder->number < attachments_.size() ? JsonKind::binary : JsonKind::object;
}

std::size_t JsonView::size() const {
  std::size_t n = 0;
  switch (text_.front()) {
    case '[':
      for (auto rest = base_detail::inner(text_); !rest.empty(); ++n) base_detail::take_value(rest);
      return n;
    case '{':
      if (kind() == JsonKind::binary) return 0;
      for (auto rest = base_detail::inner(text_); !rest.empty(); ++n) {
        base_detail::take_key(rest);
        base_detail::take_value(rest);
      }
      return n;
  }
  return n;
}

bool JsonView::has(std::string_view path) const {
  const auto found = base_detail::json_find(*this, path, true);
  return found && found->has_value();
}

JsonElements JsonView::elements() const {
  return {text_.front() == '[' ? base_detail::inner(text_) : std::string_view(), attachments_};
}

JsonMembers JsonView::members() const {
  return {kind() == JsonKind::object ? base_detail::inner(text_) : std::string_view(), attachments_};
}

JsonElements::iterator::iterator(std::string_view inner, std::span<const std::string> attachments)
    : rest_(inner), attachments_(attachments), done_(false) {
  read();
}

void JsonElements::iterator::read() {
  done_ = rest_.empty();
  if (!done_) current_ = JsonView::trusted(base_detail::take_value(rest_), attachments_);
}

JsonMembers::iterator::iterator(std::string_view inner, std::span<const std::string> attachments)
    : rest_(inner), attachments_(attachments), done_(false) {
  read();
}

void JsonMembers::iterator::read() {
  done_ = rest_.empty();
  if (done_) return;
  const std::string_view key = base_detail::take_key(rest_);
  current_.key.clear();
  base_detail::unescape(key, current_.key);
  current_.value = JsonView::trusted(base_detail::take_value(rest_), attachments_);
}

ArgsView::ArgsView(JsonView array, std::size_t skip) {
  if (array.text().front() != '[') return;
  inner_ = base_detail::inner(array.text());
  attachments_ = array.attachments();
  while (skip-- > 0 && !inner_.empty()) base_detail::take_value(inner_);
  while (!inner_.empty() && base_detail::json_space(inner_.back())) inner_.remove_suffix(1);
}

ArgsView ArgsView::trusted(std::string_view inner, std::span<const std::string> attachments) {
  ArgsView out;
  out.inner_ = inner;
  out.attachments_ = attachments;
  return out;
}

std::size_t ArgsView::size() const {
  std::size_t n = 0;
  for (auto rest = inner_; !rest.empty(); ++n) base_detail::take_value(rest);
  return n;
}

JsonView ArgsView::operator[](std::size_t i) const {
  const auto found = base_detail::nth(inner_, i);
  return found ? JsonView::trusted(*found, attachments_) : JsonView();
}

bool ArgsView::has(std::string_view path) const {
  const auto found = base_detail::json_find(*this, path, true);
  return found && found->has_value();
}

}  // namespace zegocall
