// Which web pages may call: one answer for the preflight and for the request itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/result.hpp"

namespace zegocall::server_detail {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

class Cors {
 public:
  /// Errors: invalid_argument (allowed_origins.N): not "*" and not scheme://host[:port].
  static Result<Cors> of(std::vector<std::string> allowed);
  Cors() = default;

  /// True without an origin, for the origin of `host` (the Host header), and for those allowed.
  bool admits(const std::optional<std::string>& origin, std::string_view host) const;
  /// True where origins are listed and this one is neither among them nor that of `host`.
  bool refuses(const std::optional<std::string>& origin, std::string_view host) const {
    return !allowed_.empty() && !admits(origin, host);
  }
  /// Adds what the answer to a request from `origin` needs.
  void add_headers(const std::optional<std::string>& origin, HeaderList& out) const;
  /// The same for the answer to a preflight that asks for these headers.
  void add_preflight_headers(const std::optional<std::string>& origin, std::string_view requested_headers, HeaderList& out) const;

 private:
  bool allowed(std::string_view origin) const;
  std::vector<std::string> allowed_;
  bool any_ = false;
};

}  // namespace zegocall::server_detail
