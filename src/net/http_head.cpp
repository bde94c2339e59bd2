#include "net/http_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <limits>

#include "base/http_text.hpp"

namespace zegocall::net_detail {
namespace {

constexpr std::size_t fields_max = 100;  // its error says so

using base_detail::equal_ignoring_case;
using base_detail::is_control;
using base_detail::is_token;
using base_detail::lists;
using base_detail::trimmed;

using Refusal = std::optional<HeadRefusal>;
Refusal bad(std::string_view why) { return HeadRefusal{400, why}; }

bool is_known(std::string_view method) {
  static constexpr std::array<std::string_view, 7> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) != known.end();
}

Refusal read_target(std::string_view target, RequestHead& out) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f; };
  if (target.empty() || std::any_of(target.begin(), target.end(), is_odd))
    return bad("the request target has a character that must be escaped");
  const bool absolute =
      target.size() > 7 && equal_ignoring_case(target.substr(0, 7), "http://");  // what a client sends to a proxy
  if (absolute)
    target.remove_prefix(std::min(target.find_first_of("/?#", 7), target.size()));
  else if (target.front() != '/' && !(target == "*" && out.method == "OPTIONS"))
    return bad("the request target does not start with a slash");
  target = target.substr(0, target.find('#'));
  const std::size_t question = target.find('?');
  out.path = target.substr(0, question);
  if (out.path.empty()) out.path = "/";  // of an absolute target: RFC 9112, section 3.2.1
  out.query = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
  return {};
}

Refusal read_request_line(std::string_view line, ParsedHead& out) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("the request line is not METHOD TARGET VERSION");
  const std::string_view version = line.substr(last + 1);
  out.request.method = line.substr(0, first);
  if (!is_token(out.request.method)) return bad("the method is not a word");
  if (version.substr(0, 5) != "HTTP/") return bad("the request line is not METHOD TARGET VERSION");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return HeadRefusal{505, "only HTTP/1.1 is spoken here"};
  out.is_one_one = version == "HTTP/1.1";
  out.keep_alive = out.is_one_one;
  if (!is_known(out.request.method)) return HeadRefusal{501, "this method is not known here"};
  return read_target(line.substr(first + 1, last - first - 1), out.request);
}

Refusal read_field(char* line, std::size_t size, ParsedHead& out) {
  const std::string_view text(line, size);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return bad("a header line has no colon");
  if (!is_token(text.substr(0, colon))) return bad("a header has a name that is not a word, or is folded");
  const std::string_view value = trimmed(text.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), is_control)) return bad("a header has a control character");
  if (out.request.fields.size() == fields_max) return HeadRefusal{431, "more than 100 headers"};
  std::transform(line, line + colon, line, base_detail::lower);
  out.request.fields.push_back({text.substr(0, colon), value});
  return {};
}

Refusal read_length(std::string_view value, ParsedHead& out, bool& seen) {
  if (std::exchange(seen, true)) return bad("Content-Length is given more than once");
  if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos)
    return bad("Content-Length is not a number");
  const auto read = std::from_chars(value.data(), value.data() + value.size(), out.content_length);
  // More than can be counted is more than anybody takes: 413 says what may be.
  if (read.ec == std::errc::result_out_of_range) out.content_length = std::numeric_limits<std::size_t>::max();
  return {};
}

struct Handshake {
  bool upgrade = false, connection = false;
  std::string_view version, key, protocol;
};

// A key is 16 bytes in base64: 22 digits and two pads.
bool is_websocket_key(std::string_view key) {
  const auto is_digit = [](char c) {
    const char letter = base_detail::lower(c);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return key.size() == 24 && key.substr(22) == "==" && std::all_of(key.begin(), key.begin() + 22, is_digit);
}

Refusal check_handshake(const Handshake& shake, ParsedHead& out) {
  out.request.wants_upgrade = shake.upgrade && shake.connection && out.request.method == "GET";
  if (!out.request.wants_upgrade) return {};
  if (!out.is_one_one) return bad("a WebSocket handshake needs HTTP/1.1");
  if (shake.version != "13") return HeadRefusal{426, "only version 13 of the WebSocket protocol is spoken here"};
  if (!is_websocket_key(shake.key)) return bad("Sec-WebSocket-Key is not 16 bytes in base64");
  if (out.content_length != 0) return bad("a WebSocket handshake has no body");
  out.websocket_key = shake.key;
  // The first of those that are offered, as ws chooses: a browser that offered some closes if none is chosen.
  out.websocket_protocol = trimmed(shake.protocol.substr(0, shake.protocol.find(',')));
  if (!shake.protocol.empty() && !is_token(out.websocket_protocol)) return bad("Sec-WebSocket-Protocol is not a list of words");
  return {};
}

Refusal interpret(ParsedHead& out) {
  int hosts = 0;
  bool length_seen = false;
  Handshake shake;
  Refusal wrong;
  const bool is_new = out.is_one_one;
  for (const auto& [name, value] : out.request.fields) {
    if (name == "host") ++hosts;
    if (name == "transfer-encoding") return HeadRefusal{411, "a body needs a Content-Length; Transfer-Encoding is not taken"};
    if (name == "content-length" && (wrong = read_length(value, out, length_seen))) return wrong;
    if (name == "connection") {
      if (lists(value, "close")) out.keep_alive = false;
      if (!is_new && lists(value, "keep-alive")) out.keep_alive = true;
      if (lists(value, "upgrade")) shake.connection = true;
    }
    if (name == "upgrade") shake.upgrade = shake.upgrade || lists(value, "websocket");
    if (name == "sec-websocket-version") shake.version = value;
    if (name == "sec-websocket-key") shake.key = value;
    if (name == "sec-websocket-protocol" && shake.protocol.empty()) shake.protocol = value;
    if (name == "expect") {
      if (!equal_ignoring_case(value, "100-continue")) return HeadRefusal{417, "only 100-continue can be expected here"};
      out.expects_continue = is_new;
    }
  }
  if (hosts > 1 || (hosts == 0 && is_new)) return bad("exactly one Host header is needed");
  return check_handshake(shake, out);
}

}  // namespace

std::optional<std::string> RequestHead::header(std::string_view name) const {
  std::optional<std::string> joined;
  for (const HeaderField& field : fields) {
    if (field.name != name) continue;
    if (joined)
      joined->append(", ").append(field.value);
    else
      joined.emplace(field.value);
  }
  return joined;
}

std::optional<std::size_t> head_size(std::string_view received, std::size_t from) {
  const std::size_t end = received.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  if (end == std::string_view::npos) return {};
  return end + 4;
}

std::optional<HeadRefusal> parse_head(char* text, std::size_t size, ParsedHead& out) {
  std::string_view left(text, size);
  bool first = true;
  while (true) {
    const std::size_t end = left.find("\r\n");
    if (end == std::string_view::npos) return bad("a line does not end in CR LF");
    const std::string_view line = left.substr(0, end);
    if (line.find_first_of("\r\n") != std::string_view::npos) return bad("a line does not end in CR LF");
    char* start = text + (size - left.size());
    left.remove_prefix(end + 2);
    if (line.empty()) return first ? bad("the request line is missing") : interpret(out);
    if (auto wrong = first ? read_request_line(line, out) : read_field(start, end, out)) return wrong;
    first = false;
  }
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

void write_head(std::string& out, const HttpAnswer& answer, BodyFrame body, bool keep_alive, std::string_view date) {
  const auto clean = [&out](std::string_view text) {
    for (const char c : text) out += is_control(c) ? ' ' : c;
  };
  out.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ").append(reason_phrase(answer.status)).append("\r\n");
  for (const auto& [name, value] : answer.headers) {
    clean(name);
    out += ": ";
    clean(value);
    out += "\r\n";
  }
  out.append("Date: ").append(date).append("\r\n");
  const bool bodily = answer.status >= 200 && answer.status != 204 && answer.status != 304;
  if (bodily && !body.streamed) out.append("Content-Length: ").append(std::to_string(body.size)).append("\r\n");
  if (bodily && body.chunks) out.append("Transfer-Encoding: chunked\r\n");
  out.append(keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

std::string http_date(UnixTime now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  static constexpr std::string_view days = "SunMonTueWedThuFriSat", months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto two = [](int n) { return std::string{static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)}; };
  std::string out(days.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3));
  out += ", " + two(parts.tm_mday) + " " + std::string(months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3)) + " ";
  out += std::to_string(1900 + parts.tm_year) + " " + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) +
         " GMT";
  return out;
}

}  // namespace zegocall::net_detail
