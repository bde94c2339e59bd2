// The routes of one hub, checked and compiled.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/files.hpp"
#include "server/request.hpp"
#include "server/route_rate.hpp"
#include "zegocall/net/http.hpp"

namespace zegocall::server_detail {

using ErrorShape = std::function<HttpResponse(const Error&)>;

struct Route {
  Method method = Method::get;
  std::string pattern;
  HttpHandler handler;
  Run run = Run::loop;
  RouteOptions options;
  std::vector<std::string> segments{};  ///< of the pattern; ":name" takes anything but nothing
  std::shared_ptr<RateTable> rate{};    ///< null: no limit
};

struct Folder {
  std::string prefix, path;
};

/// What a Router was told, unchecked.
struct RouterParts {
  std::vector<Route> routes;
  std::vector<Folder> folders;
  HttpAuthenticator who;
  Run who_run = Run::loop;
  bool who_is_missing = false;   ///< authenticate was given no function
  bool who_is_repeated = false;  ///< authenticate was given two
  ErrorShape shape;
};

struct RouterAccess {
  static const RouterParts& parts(const Router& router) { return *router.parts_; }
};

struct RouteMatch {
  const Route* route = nullptr;
  HeaderList path_values;
  std::string allow;  ///< the methods of this path, for 405 and OPTIONS; empty: nothing is there
};

class RouteTable {
 public:
  /// Errors: invalid_argument (http.routes: a pattern that is none or stands twice; http.authenticate), what a folder
  /// failed with (http.files).
  static Result<RouteTable> of(RouterParts parts);

  /// `path` undecoded. No method: one that no route can have.
  RouteMatch find(std::optional<Method> method, std::string_view path) const;
  const StaticFile* file(std::string_view path) const;
  bool is_folder(std::string_view path) const;
  std::size_t body_max(std::optional<Method> method, std::string_view path) const;
  HttpResponse shaped(const Error& error) const;
  const HttpAuthenticator& who() const { return parts_.who; }
  Run who_run() const { return parts_.who_run; }

 private:
  RouterParts parts_;
  StaticFiles files_;
};

}  // namespace zegocall::server_detail
