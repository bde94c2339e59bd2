#include "server/cors.hpp"

#include <algorithm>

#include "server/url.hpp"

namespace zegocall::server_detail {
namespace {

bool is_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?# ,\r\n") == std::string_view::npos;
}

/// Header names and the commas between them; a peer's text goes back into a header only in this shape.
bool is_header_list(std::string_view text) {
  return !text.empty() && text.size() <= 1024 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ',' ||
           c == ' ';
  });
}

}  // namespace

Result<Cors> Cors::of(std::vector<std::string> allowed) {
  Cors out;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (allowed[i] == "*")
      out.any_ = true;
    else if (!is_origin(allowed[i]))
      return fail_field(ErrorCode::invalid_argument, "allowed_origins." + std::to_string(i), "must be * or scheme://host[:port]");
  }
  out.allowed_ = std::move(allowed);
  return out;
}

bool Cors::allowed(std::string_view origin) const {
  return any_ || std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

bool Cors::admits(const std::optional<std::string>& origin, std::string_view host) const {
  if (!origin || allowed(*origin)) return true;
  const std::size_t scheme = origin->find("://");
  return scheme != std::string::npos && equal_ignoring_case(std::string_view(*origin).substr(scheme + 3), host);
}

void Cors::add_headers(const std::optional<std::string>& origin, HeaderList& out) const {
  if (allowed_.empty()) return;
  const bool named = origin && std::find(allowed_.begin(), allowed_.end(), *origin) != allowed_.end();
  if (!any_ || named) out.emplace_back("Vary", "Origin");
  if (!origin || !allowed(*origin)) return;
  out.emplace_back("Access-Control-Allow-Origin", named ? *origin : "*");
  if (named) out.emplace_back("Access-Control-Allow-Credentials", "true");
  out.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
}

void Cors::add_preflight_headers(const std::optional<std::string>& origin, std::string_view requested_headers,
                                 HeaderList& out) const {
  add_headers(origin, out);
  if (!origin || !allowed(*origin)) return;
  out.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  if (is_header_list(requested_headers)) out.emplace_back("Access-Control-Allow-Headers", std::string(requested_headers));
  out.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace zegocall::server_detail
