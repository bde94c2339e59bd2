#include "server/client_url.hpp"

#include <algorithm>
#include <charconv>

namespace zegocall::server_detail {
namespace {

Unexpected bad(const char* detail) { return fail_field(ErrorCode::invalid_argument, "url", detail); }

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<void> read_authority(std::string_view text, ClientUrl& out) {
  out.authority = text;
  if (text.find('@') != std::string_view::npos) return bad("must not hold credentials");
  std::string_view port;
  if (take(text, "[")) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return bad("a bracket is not closed");
    out.host = text.substr(0, end);
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (out.host.empty()) return bad("has no host");
  if (port.empty()) return {};
  const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), out.port);
  if (port.front() != ':' || error != std::errc{} || end != port.data() + port.size() || out.port == 0)
    return bad("the port must be a number from 1 to 65535");
  return {};
}

}  // namespace

Result<ClientUrl> parse_client_url(std::string_view url) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f; };
  if (std::any_of(url.begin(), url.end(), is_odd)) return bad("has a character that must be escaped");
  if (url.find('#') != std::string_view::npos) return bad("must not have a fragment");
  ClientUrl out;
  out.tls = take(url, "https://") || take(url, "wss://");
  if (!out.tls && !take(url, "http://") && !take(url, "ws://")) return bad("must begin with http://, https://, ws:// or wss://");
  if (out.tls) out.port = 443;
  const std::size_t question = std::min(url.find('?'), url.size());
  if (question < url.size()) out.query = url.substr(question + 1);
  url = url.substr(0, question);
  const std::size_t slash = std::min(url.find('/'), url.size());
  if (slash + 1 < url.size()) out.nsp = url.substr(slash);
  if (out.nsp.find(',') != std::string::npos) return bad("the namespace must not hold a comma");
  if (auto read = read_authority(url.substr(0, slash), out); !read) return unexpected(std::move(read).error());
  return out;
}

}  // namespace zegocall::server_detail
