#include "net/http_url.hpp"

#include <algorithm>
#include <charconv>

namespace zegocall::net_detail {
namespace {

bool is_host_character(char c, bool bracketed) {
  const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return letter_or_digit || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
}

/// "host", "host:port", "[v6]:port".
bool read_authority(std::string_view text, HttpUrl& out) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return false;
  out.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  std::transform(out.host.begin(), out.host.end(), out.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (out.host.empty() || out.host.size() > 253) return false;
  if (!std::all_of(out.host.begin(), out.host.end(), [&](char c) { return is_host_character(c, bracketed); })) return false;
  const std::string_view rest = text.substr(bracketed ? end + 1 : end);
  if (rest.empty()) return true;
  const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), out.port);
  return rest[0] == ':' && read.ec == std::errc() && read.ptr == rest.data() + rest.size() && out.port != 0;
}

}  // namespace

std::string HttpUrl::host_and_port() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HttpUrl> parse_http_url(std::string_view url, std::string_view field) {
  const auto wrong = [&](const char* why) { return fail_field(ErrorCode::invalid_argument, std::string(field), why); };
  HttpUrl out;
  out.tls = url.starts_with("https://");
  if (!out.tls && !url.starts_with("http://")) return wrong("must begin with https:// or http://");
  out.port = out.tls ? 443 : 80;
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
    return wrong("must be percent-encoded: no blanks, control characters or bytes beyond ASCII");
  if (url.find('#') != std::string_view::npos) return wrong("must not have a fragment");
  url.remove_prefix(out.tls ? 8 : 7);
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  out.authority = url.substr(0, end);
  if (!read_authority(out.authority, out))
    return wrong("must name a host, with a port from 1 to 65535 or none, and nobody's password");
  out.target = url.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  return out;
}

}  // namespace zegocall::net_detail
