#include "server/router.hpp"

#include <algorithm>

#include "server/url.hpp"

namespace zegocall {

Router::Router() : parts_(std::make_unique<server_detail::RouterParts>()) {}
Router::Router(const Router& other) : parts_(std::make_unique<server_detail::RouterParts>(*other.parts_)) {}
Router::Router(Router&& other) noexcept : parts_(std::move(other.parts_)) {}
Router& Router::operator=(const Router& other) {
  if (this != &other) parts_ = std::make_unique<server_detail::RouterParts>(*other.parts_);
  return *this;
}
Router& Router::operator=(Router&& other) noexcept = default;
Router::~Router() = default;

Router& Router::authenticate(HttpAuthenticator who, Run run) {
  parts_->who_is_missing = !who;
  if (parts_->who) parts_->who_is_repeated = true;
  parts_->who = std::move(who);
  parts_->who_run = run;
  return *this;
}

Router& Router::route(Method method, std::string path, HttpHandler handler, Run run, RouteOptions options) {
  parts_->routes.push_back({method, std::move(path), std::move(handler), run, options, {}, {}});
  return *this;
}

Router& Router::files(std::string prefix, std::string folder) {
  parts_->folders.push_back({std::move(prefix), std::move(folder)});
  return *this;
}

Router& Router::on_error(std::function<HttpResponse(const Error&)> shape) {
  parts_->shape = std::move(shape);
  return *this;
}

namespace server_detail {
namespace {

bool is_name(std::string_view segment) { return segment.size() > 1 && segment.front() == ':'; }

Result<std::vector<std::string>> pattern_segments(const std::string& pattern) {
  auto segments = path_segments(pattern);
  const auto bad = [&](const char* why) {
    return fail_field(ErrorCode::invalid_argument, "http.routes", "\"" + pattern + "\" " + why);
  };
  if (!segments) return bad("must begin with a slash and have whole percent signs");
  for (auto it = segments->begin(); it != segments->end(); ++it) {
    if (it->empty() || *it == ":") return bad("has an empty segment");
    if (is_name(*it) && std::find(segments->begin(), it, *it) != it) return bad("has a name twice");
  }
  return *std::move(segments);
}

bool same_shape(const Route& a, const Route& b) {
  return a.method == b.method &&
         std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
                    [](const std::string& x, const std::string& y) { return x == y || (is_name(x) && is_name(y)); });
}

Result<void> check_options(const Route& route) {
  const auto bad = [&](const char* why) {
    return fail_field(ErrorCode::invalid_argument, "http.routes", "\"" + route.pattern + "\" " + why);
  };
  const RouteOptions& options = route.options;
  if (options.time_limit.count() < 0 || options.time_limit > std::chrono::hours(24))
    return bad("has a time_limit that is not 0 to 24 h");
  if (options.rate.requests > 0 && (options.rate.per < std::chrono::seconds(1) || options.rate.per > std::chrono::days(1)))
    return bad("has a rate.per that is not 1 s to 1 day");
  return {};
}

bool fits(const Route& route, const std::vector<std::string>& path) {
  return std::equal(
      route.segments.begin(), route.segments.end(), path.begin(), path.end(),
      [](const std::string& pattern, const std::string& text) { return is_name(pattern) ? !text.empty() : pattern == text; });
}

/// True if `a` has a literal where `b` first has a name.
bool more_literal(const Route& a, const Route& b) {
  for (std::size_t i = 0; i < a.segments.size(); ++i)
    if (is_name(a.segments[i]) != is_name(b.segments[i])) return !is_name(a.segments[i]);
  return false;
}

void allow(std::string& list, std::string_view method) {
  if ((", " + list + ",").find(", " + std::string(method) + ",") != std::string::npos) return;
  if (!list.empty()) list += ", ";
  list += method;
}

}  // namespace

Result<RouteTable> RouteTable::of(RouterParts parts) {
  if (parts.who_is_missing) return fail_field(ErrorCode::invalid_argument, "http.authenticate", "was given no function");
  if (parts.who_is_repeated) return fail_field(ErrorCode::invalid_argument, "http.authenticate", "has two functions");
  RouteTable out;
  for (std::size_t i = 0; i < parts.routes.size(); ++i) {
    Route& route = parts.routes[i];
    auto segments = pattern_segments(route.pattern);
    if (!segments) return unexpected(std::move(segments).error());
    route.segments = *std::move(segments);
    if (!route.handler) return fail_field(ErrorCode::invalid_argument, "http.routes", "\"" + route.pattern + "\" has no handler");
    if (auto fine = check_options(route); !fine) return unexpected(std::move(fine).error());
    if (route.options.rate.requests > 0) route.rate = std::make_shared<RateTable>(route.options.rate);
    for (std::size_t n = 0; n < i; ++n)
      if (same_shape(route, parts.routes[n]))
        return fail_field(ErrorCode::invalid_argument, "http.routes",
                          std::string(name(route.method)) + " \"" + route.pattern + "\" stands twice");
  }
  std::stable_sort(parts.folders.begin(), parts.folders.end(),
                   [](const Folder& a, const Folder& b) { return a.prefix.size() < b.prefix.size(); });
  for (const Folder& folder : parts.folders)
    if (auto added = out.files_.add(folder.prefix, folder.path); !added)
      return fail_field(added.error().code, "http.files", added.error().detail);
  out.parts_ = std::move(parts);
  return out;
}

RouteMatch RouteTable::find(std::optional<Method> method, std::string_view path) const {
  RouteMatch out;
  const auto segments = path_segments(path);
  if (!segments) return out;
  for (const Route& route : parts_.routes) {
    if (!fits(route, *segments)) continue;
    allow(out.allow, name(route.method));
    if (route.method == Method::get) allow(out.allow, "HEAD");
    if (route.method == method && (!out.route || more_literal(route, *out.route))) out.route = &route;
  }
  if (!out.allow.empty()) allow(out.allow, "OPTIONS");
  if (out.route)
    for (std::size_t i = 0; i < segments->size(); ++i)
      if (is_name(out.route->segments[i])) out.path_values.emplace_back(out.route->segments[i].substr(1), (*segments)[i]);
  return out;
}

const StaticFile* RouteTable::file(std::string_view path) const {
  const auto decoded = percent_decode(path, false);
  return decoded ? files_.find(*decoded) : nullptr;
}

bool RouteTable::is_folder(std::string_view path) const {
  const auto decoded = percent_decode(path, false);
  return decoded && files_.is_folder(*decoded);
}

std::size_t RouteTable::body_max(std::optional<Method> method, std::string_view path) const {
  const RouteMatch match = find(method, path);
  return match.route ? match.route->options.body_max : RouteOptions{}.body_max;
}

HttpResponse RouteTable::shaped(const Error& error) const {
  if (parts_.shape) {
    HttpResponse out = parts_.shape(error);
    if (out.status == 0) out.status = http_status(error.code);
    return out;
  }
  return http_json(http_status(error.code), error_object(error));
}

}  // namespace server_detail
}  // namespace zegocall
