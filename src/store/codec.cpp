#include "store/codec.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "store/codec_fields.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall::store_detail {

namespace {

template <class T>
concept Record = requires {
  members(For<T>{});
};
template <class T>
concept Word = std::is_enum_v<T>;

// ---- writing --------------------------------------------------------------------------------------------------------

/// Appends members to one object's text.
class Writer {
 public:
  explicit Writer(std::string first) { out_.text = std::move(first); }
  template <class T>
  void record(const T& value) {
    std::apply([&](const auto&... member) { (put(member, value), ...); }, members(For<T>{}));
  }
  void add_word(const char* name, std::string_view word) { key(name), write(word); }
  std::string finish(std::string_view unknown) && {
    out_.text.append(unknown).push_back('}');
    return std::move(out_.text);
  }

 private:
  template <class T, class Value>
  void put(const Member<T, Value>& member, const T& record) {
    add(member.name, record.*member.at);
  }
  template <class T, class Value>
  void put(const Later<T, Value>& member, const T& record) {
    static const T blank{};
    if (!(record.*member.at == blank.*member.at)) add(member.name, record.*member.at);
  }
  template <class T>
  void add(const char* name, const T& value) {
    key(name), write(value);
  }
  template <class T>
  void add(const char* name, const std::optional<T>& value) {
    if (value) add(name, *value);
  }
  template <class T>
  void add(const char* name, const Box<T>& value) {
    if (value) add(name, *value);
  }
  void key(const char* name) {
    if (out_.text.back() != '{') out_.text.push_back(',');
    out_.text.append("\"").append(name).append("\":");
  }
  template <Record T>
  void write(const T& value) {
    out_.text.push_back('{');
    record(value);
    out_.text.push_back('}');
  }
  template <class T>
  void write(const std::vector<T>& values) {
    out_.text.push_back('[');
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_.text.push_back(',');
      write(values[i]);
    }
    out_.text.push_back(']');
  }
  template <std::integral N>
  void write(N value) {
    char digits[24];
    out_.text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void write(bool value) { out_.text.append(value ? "true" : "false"); }
  template <class Tag, class N>
  void write(Number<Tag, N> value) {
    write(value.value);
  }
  void write(UnixTime value) { write(value.time_since_epoch().count()); }
  void write(std::chrono::milliseconds value) { write(value.count()); }
  void write(std::string_view value) { base_detail::json_write(out_, JsonInput(value)); }
  void write(const std::string& value) { write(std::string_view(value)); }
  template <class Tag>
  void write(const Id<Tag>& value) {
    write(value.view());
  }
  template <Word E>
  void write(E value) {
    write(name(value));
  }

  base_detail::JsonText out_{};
};

std::string opening() { return "{\"v\":" + std::to_string(codec_version); }

void write_body(Writer& writer, const EventBody& body) {
  std::visit([&](const auto& event) { writer.record(event); }, body);
}

// ---- reading --------------------------------------------------------------------------------------------------------

using Failure = std::optional<Error>;

Error corrupt(std::string_view field, std::string detail) {
  return Error{ErrorCode::store_corrupt, std::string(field), std::move(detail)};
}

/// The members of one object, each to be taken once; what nobody took is unknown.
class Reader {
 public:
  explicit Reader(JsonView object) {
    for (const JsonEntry& entry : object.members()) entries_.push_back(entry);
    taken_.resize(entries_.size());
  }

  template <class T>
  Failure record(T& value) {
    Failure failure;
    std::apply([&](const auto&... member) { (void)(... && !(failure = get(member, value))); }, members(For<T>{}));
    return failure;
  }
  template <class T, class Value>
  Failure get(const Member<T, Value>& member, T& record) {
    return take(member.name, record.*member.at);
  }
  template <class T, class Value>
  Failure get(const Later<T, Value>& member, T& record) {
    const JsonEntry* entry = find(member.name);
    if (!entry || entry->value.kind() == JsonKind::null) return std::nullopt;
    return take(member.name, record.*member.at);
  }
  template <class T>
  Failure take(const char* name, T& value) {
    const JsonEntry* entry = find(name);
    if (!entry) return corrupt(name, "is missing");
    return under(name, read(entry->value, value));
  }
  template <class T>
  Failure take(const char* name, std::optional<T>& value) {
    const JsonEntry* entry = find(name);
    if (!entry || entry->value.kind() == JsonKind::null) return std::nullopt;
    return under(name, read(entry->value, value.emplace()));
  }
  template <class T>
  Failure take(const char* name, Box<T>& value) {
    const JsonEntry* entry = find(name);
    if (!entry || entry->value.kind() == JsonKind::null) return std::nullopt;
    return under(name, read(entry->value, value.emplace()));
  }
  std::string unknown() const {
    base_detail::JsonText out;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (taken_[i]) continue;
      out.text.push_back(',');
      base_detail::json_write(out, JsonInput(std::string_view(entries_[i].key)));
      out.text.append(":").append(entries_[i].value.text());
    }
    return std::move(out.text);
  }

 private:
  /// Members mostly stand in the order of the table, so the search goes on where the last one ended.
  const JsonEntry* find(std::string_view name) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::size_t at = (next_ + i) % entries_.size();
      if (entries_[at].key != name) continue;
      taken_[at] = true;
      next_ = at + 1;
      return &entries_[at];
    }
    return nullptr;
  }
  static Failure under(std::string_view name, Failure failure) {
    if (failure) failure->field = std::string(name) + (failure->field.empty() ? "" : ".") + failure->field;
    return failure;
  }
  template <class T>
  static Failure plain(JsonView in, T& out) {
    auto value = in.get<T>();
    if (!value) return corrupt({}, value.error().detail);
    out = std::move(*value);
    return std::nullopt;
  }

  static Failure read(JsonView in, bool& out) { return plain(in, out); }
  static Failure read(JsonView in, std::uint32_t& out) { return plain(in, out); }
  static Failure read(JsonView in, std::string& out) { return plain(in, out); }
  template <class Tag, class N>
  static Failure read(JsonView in, Number<Tag, N>& out) {
    return plain(in, out.value);
  }
  template <class Tag>
  static Failure read(JsonView in, Id<Tag>& out) {
    return plain(in, out);
  }
  static Failure read(JsonView in, std::chrono::milliseconds& out) {
    std::int64_t count = 0;
    Failure failure = plain(in, count);
    out = std::chrono::milliseconds(count);
    return failure;
  }
  static Failure read(JsonView in, UnixTime& out) {
    std::chrono::milliseconds since{};
    Failure failure = read(in, since);
    out = UnixTime(since);
    return failure;
  }
  template <Word E>
  static Failure read(JsonView in, E& out) {
    std::string word;
    if (Failure failure = plain(in, word)) return failure;
    const auto value = from_name<E>(word);
    if (!value) return corrupt({}, "is a word that this version does not know");
    out = *value;
    return std::nullopt;
  }
  template <class T>
  static Failure read(JsonView in, std::vector<T>& out) {
    if (in.kind() != JsonKind::array) return corrupt({}, "must be an array");
    std::size_t index = 0;
    for (JsonView element : in.elements())
      if (Failure failure = under(std::to_string(index++), read(element, out.emplace_back()))) return failure;
    return std::nullopt;
  }
  template <Record T>
  static Failure read(JsonView in, T& out) {
    if (in.kind() != JsonKind::object) return corrupt({}, "must be an object");
    return Reader(in).record(out);
  }

  std::vector<JsonEntry> entries_{};
  std::vector<bool> taken_{};
  std::size_t next_ = 0;
};

/// The object, after its version was looked at.
Result<Reader> open(std::string_view text) {
  // A snapshot with every leg and device that the limits allow stays far below this.
  constexpr JsonLimits limits{.bytes_max = 64'000'000, .depth_max = 64};
  auto json = JsonView::check(text, limits);
  if (!json) return unexpected(corrupt({}, json.error().detail));
  if (json->kind() != JsonKind::object) return unexpected(corrupt({}, "must be an object"));
  Reader reader(*json);
  std::uint32_t version = 0;
  if (Failure failure = reader.take("v", version)) return unexpected(std::move(*failure));
  if (version > codec_version) return fail_field(ErrorCode::store_newer, "v", "was written by a newer version");
  if (version == 0) return unexpected(corrupt("v", "is no version of this encoding"));
  return reader;
}

template <std::size_t... I>
std::optional<EventBody> body_named(std::string_view word, std::index_sequence<I...>) {
  static const std::array<EventBody, sizeof...(I)> bodies{EventBody(std::in_place_index<I>)...};
  for (const EventBody& body : bodies)
    if (name(body) == word) return body;
  return std::nullopt;
}

Failure read_body(Reader& reader, std::string_view event_name, EventBody& body) {
  auto empty = body_named(event_name, std::make_index_sequence<std::variant_size_v<EventBody>>());
  if (!empty) return corrupt("event", "is an event that this version does not know");
  body = std::move(*empty);
  return std::visit([&](auto& event) { return reader.record(event); }, body);
}

}  // namespace

std::string encode_event(const CallEvent& event, std::string_view unknown) {
  Writer writer(opening());
  writer.add_word("event", name(event.body));
  writer.record(event);
  write_body(writer, event.body);
  return std::move(writer).finish(unknown);
}

Result<Decoded<CallEvent>> decode_event(std::string_view text) {
  auto reader = open(text);
  if (!reader) return unexpected(std::move(reader).error());
  Decoded<CallEvent> out;
  std::string word;
  Failure failure = reader->take("event", word);
  if (!failure) failure = reader->record(out.value);
  if (!failure) failure = read_body(*reader, word, out.value.body);
  if (failure) return unexpected(std::move(*failure));
  out.unknown = reader->unknown();
  return out;
}

std::string encode_body(const EventBody& body) {
  Writer writer(opening());
  write_body(writer, body);
  return std::move(writer).finish({});
}

Result<EventBody> decode_body(std::string_view event_name, std::string_view text) {
  auto reader = open(text);
  if (!reader) return unexpected(std::move(reader).error());
  EventBody body;
  if (Failure failure = read_body(*reader, event_name, body)) return unexpected(std::move(*failure));
  return body;
}

std::string encode_snapshot(const CallView& call, std::string_view unknown) {
  Writer writer(opening());
  writer.record(call);
  return std::move(writer).finish(unknown);
}

Result<Decoded<CallView>> decode_snapshot(std::string_view text) {
  auto reader = open(text);
  if (!reader) return unexpected(std::move(reader).error());
  Decoded<CallView> out;
  if (Failure failure = reader->record(out.value)) return unexpected(std::move(*failure));
  out.value.reindex();
  out.unknown = reader->unknown();
  return out;
}

}  // namespace zegocall::store_detail
