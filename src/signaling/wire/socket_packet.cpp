#include "signaling/wire/socket_packet.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_scan.hpp"
#include "signaling/wire/reserved_names.hpp"

namespace zegocall::wire_detail {

namespace {

Unexpected bad(const char* detail) { return fail(ErrorCode::protocol, detail); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits at the front of `text`. Nothing if there are none or the number needs more than 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Result<void> read_attachments(std::string_view& text, SocketPacket& packet, const SocketLimits& limits) {
  if (!packet.binary()) return {};
  const bool digit = !text.empty() && is_digit(text.front());
  const auto count = take_number(text);
  if (!digit || !count || *count == 0 || text.empty() || text.front() != '-') return bad("illegal attachment count");
  text.remove_prefix(1);
  if (*count > limits.attachments)
    return fail(ErrorCode::limit_exceeded,
                std::to_string(*count) + " attachments, must be at most " + std::to_string(limits.attachments));
  packet.attachments = static_cast<std::size_t>(*count);
  return {};
}

void read_namespace(std::string_view& text, SocketPacket& packet) {
  if (text.empty() || text.front() != '/') return;
  const std::size_t comma = text.find(',');
  packet.nsp = text.substr(0, comma);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
}

/// The event's name: a string, or a number, which stands for its own text.
Result<std::string_view> read_name(JsonView first, std::string& scratch) {
  const JsonKind kind = first.kind();
  if (kind == JsonKind::number) return first.text();
  if (kind != JsonKind::string) return bad("an event's name must be a string");
  std::string_view name = first.text().substr(1, first.text().size() - 2);
  if (name.find('\\') != std::string_view::npos) {
    scratch.clear();
    base_detail::unescape(name, scratch);
    name = scratch;
  }
  if (is_reserved(name)) return bad("an event with a reserved name");
  return name;
}

Result<void> read_event(SocketPacket& packet, std::string& scratch) {
  if (packet.json.kind() != JsonKind::array) return bad("an event must be an array");
  const JsonElements elements = packet.json.elements();
  const auto first = elements.begin();
  if (first == std::default_sentinel) return bad("an event without a name");
  auto name = read_name(*first, scratch);
  if (!name) return unexpected(std::move(name).error());
  packet.name = *name;
  packet.args = ArgsView(packet.json, 1);
  return {};
}

Result<void> read_payload(std::string_view text, SocketPacket& packet, const SocketLimits& limits, std::string& scratch) {
  if (!text.empty()) {
    JsonLimits json_limits = limits.json;
    json_limits.lone_surrogates = true;  // strings of JavaScript may be cut in the middle of a character
    auto json = JsonView::check(text, json_limits);
    if (!json) return unexpected(std::move(json).error());
    packet.json = *json;
  }
  switch (packet.type) {
    case SocketType::connect:
      if (!text.empty() && packet.json.kind() != JsonKind::object) return bad("CONNECT takes an object");
      return {};
    case SocketType::disconnect:
      if (!text.empty()) return bad("DISCONNECT takes nothing");
      return {};
    case SocketType::event:
    case SocketType::binary_event: return read_event(packet, scratch);
    case SocketType::ack:
    case SocketType::binary_ack:
      if (!packet.id) return bad("an acknowledgement without an id");
      if (packet.json.kind() != JsonKind::array) return bad("an acknowledgement must be an array");
      packet.args = ArgsView(packet.json);
      return {};
    case SocketType::connect_error:
      if (packet.json.kind() != JsonKind::object && packet.json.kind() != JsonKind::string)
        return bad("CONNECT_ERROR takes an object or a string");
      return {};
  }
  return bad("unknown packet type");
}

/// The end of the string that begins at `p`, in checked text.
const char* string_end(const char* p) {
  for (++p; *p != '"'; ++p)
    if (*p == '\\') ++p;
  return p + 1;
}

bool is_placeholder_key(std::string_view quoted) {
  if (quoted == "\"_placeholder\"") return true;
  if (quoted.find('\\') == std::string_view::npos) return false;
  return JsonView::trusted(quoted).get<std::string>().value_or("") == "_placeholder";
}

/// How many objects a peer would take for a placeholder, however they are written.
std::size_t count_marked(std::string_view text) {
  const auto skip_space = [end = text.data() + text.size()](const char* p) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) ++p;
    return p;
  };
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    if (*p != '"') {
      ++p;
      continue;
    }
    const std::string_view quoted(p, static_cast<std::size_t>(string_end(p) - p));
    p = skip_space(p + quoted.size());
    if (p == end || *p != ':' || !is_placeholder_key(quoted)) continue;
    p = skip_space(p + 1);
    count += *p == 't' ? 1u : 0u;
  }
  return count;
}

std::size_t count_placeholders(std::string_view text) {
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  std::optional<base_detail::Placeholder> found;
  base_detail::next_placeholder(text.data(), end, found);
  while (found) {
    ++count;
    const char* const behind = found->behind;
    base_detail::next_placeholder(behind, end, found);
  }
  return count;
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_head(std::string& out, SocketType type, std::string_view nsp, std::size_t attachments = 0) {
  out.push_back('4');
  out.push_back(static_cast<char>('0' + static_cast<int>(type)));
  if (attachments > 0) append_number(out, attachments), out.push_back('-');
  if (nsp == "/") return;
  out.append(nsp);
  out.push_back(',');
}

}  // namespace

Result<SocketPacket> decode_socket(std::string_view text, const SocketLimits& limits, std::string& scratch) {
  if (text.empty() || text.front() < '0' || text.front() > '6') return bad("unknown packet type");
  SocketPacket packet;
  packet.type = static_cast<SocketType>(text.front() - '0');
  text.remove_prefix(1);
  if (auto read = read_attachments(text, packet, limits); !read) return unexpected(std::move(read).error());
  read_namespace(text, packet);
  if (!text.empty() && is_digit(text.front())) {
    packet.id = take_number(text);
    if (!packet.id) return bad("an id beyond 64 bits");
  }
  if (auto read = read_payload(text, packet, limits, scratch); !read) return unexpected(std::move(read).error());
  return packet;
}

Result<ArgsView> attach(const SocketPacket& packet, std::span<const std::string> attachments) {
  auto json = packet.json.with_attachments(attachments);
  if (!json) return unexpected(std::move(json).error());
  // A relay must not carry on what makes its receivers' parsers give up: a placeholder of another shape or number.
  if (packet.binary() && count_marked(packet.json.text()) != count_placeholders(packet.json.text()))
    return bad("an illegal placeholder");
  const bool named = packet.type == SocketType::event || packet.type == SocketType::binary_event;
  return ArgsView(*json, named ? 1 : 0);
}

void append_json_string(std::string& out, std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != '"' && c != '\\' && c != '\x7f'; });
  if (!plain) {
    out.append(Json::of(text).text());
    return;
  }
  out.push_back('"');
  out.append(text);
  out.push_back('"');
}

void encode_event(std::string& out, std::string_view nsp, std::optional<std::uint64_t> id, std::string_view name,
                  const ArgsView& args, std::string_view offset) {
  const std::size_t attachments = args.attachments().size();
  append_head(out, attachments > 0 ? SocketType::binary_event : SocketType::event, nsp, attachments);
  if (id) append_number(out, *id);
  out.push_back('[');
  append_json_string(out, name);
  if (!args.empty()) out.push_back(','), out.append(args.text());
  if (!offset.empty()) out.append(",\"").append(offset).push_back('"');
  out.push_back(']');
}

void encode_ack(std::string& out, std::string_view nsp, std::uint64_t id, const ArgsView& args) {
  const std::size_t attachments = args.attachments().size();
  append_head(out, attachments > 0 ? SocketType::binary_ack : SocketType::ack, nsp, attachments);
  append_number(out, id);
  out.push_back('[');
  out.append(args.text());
  out.push_back(']');
}

void encode_connected(std::string& out, std::string_view nsp, std::string_view sid, std::string_view pid) {
  append_head(out, SocketType::connect, nsp);
  out.append("{\"sid\":\"").append(sid);
  if (!pid.empty()) out.append("\",\"pid\":\"").append(pid);
  out.append("\"}");
}

void encode_connected_legacy(std::string& out, std::string_view nsp) { append_head(out, SocketType::connect, nsp); }

void encode_connect(std::string& out, std::string_view nsp, std::string_view auth) {
  append_head(out, SocketType::connect, nsp);
  out.append(auth);
}

void encode_connect_error(std::string& out, std::string_view nsp, std::string_view message, std::string_view data) {
  append_head(out, SocketType::connect_error, nsp);
  out.append("{\"message\":");
  append_json_string(out, message);
  if (!data.empty()) out.append(",\"data\":").append(data);
  out.push_back('}');
}

void encode_error_legacy(std::string& out, std::string_view nsp, std::string_view message, std::string_view data) {
  append_head(out, SocketType::connect_error, nsp);
  if (data.empty())
    append_json_string(out, message);
  else
    out.append(data);
}

void encode_disconnect(std::string& out, std::string_view nsp) { append_head(out, SocketType::disconnect, nsp); }

}  // namespace zegocall::wire_detail
