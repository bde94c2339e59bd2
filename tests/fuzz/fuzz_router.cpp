// A request's way through what belongs to no socket: its head, the routes, files, its conditions, its proxies. Nothing may
// break, nothing outside the folder may be found, and what is believed of proxies is an address.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "net/http_head.hpp"
#include "server/conditions.hpp"
#include "server/cors.hpp"
#include "server/exchange.hpp"
#include "server/proxies.hpp"
#include "server/url.hpp"

using namespace zegocall;
using namespace zegocall::server_detail;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// A folder with one page, and beside it a secret.
std::string make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-fuzz-XXXXXX").string();
  const std::filesystem::path root = mkdtemp(pattern.data());
  std::filesystem::create_directories(root / "public" / "sub");
  std::ofstream(root / "public" / "index.html") << "page";
  std::ofstream(root / "public" / "sub" / "a b.js") << "page";
  std::ofstream(root / "secret.txt") << "secret";
  return root.string();
}

RouteTable make_routes() {
  const std::string root = make_folder();
  Router router;
  const auto handler = [](const HttpRequest& request) -> Result<HttpResponse> {
    (void)request.query("q"), (void)request.cookie("c"), (void)request.json(), (void)request.command_id();
    require(request.path("id").find('\0') == std::string::npos);
    if (request.body().size() > 3) return fail(ErrorCode::invalid_argument, "long");
    return HttpResponse{.status = 200, .body = request.path("id")};
  };
  router.route(Method::get, "/", handler).route(Method::get, "/users/:id", handler);
  router.route(Method::post, "/users/:id/calls/:call", handler).route(Method::get, "/users/me", handler);
  router.authenticate([](const HttpRequest& request) -> Result<Identity> {
    if (request.header("authorization") == "no") return fail(ErrorCode::unauthenticated, "no");
    return Identity{};
  });
  router.files("/", root + "/public");
  RouteTable out = RouteTable::of(RouterAccess::parts(router)).value();
  std::filesystem::remove_all(root);
  return out;
}

void look_at(const net_detail::RequestHead& head) {
  static const Proxies by_list = Proxies::of({"127.0.0.0/8", "::1"}, ProxyHeader::x_forwarded_for).value();
  static const Proxies by_forwarded = Proxies::of({"127.0.0.0/8", "::1"}, ProxyHeader::forwarded).value();
  static const Cors cors = Cors::of({"https://app.example"}).value();
  for (const Proxies* proxies : {&by_list, &by_forwarded}) require(IpAddress::of(proxies->asker(head).address).has_value());
  const std::string tags = head.header("if-none-match").value_or(""), since = head.header("if-modified-since").value_or("");
  (void)etag_matches(tags, "\"a\""), (void)accepts_gzip(head.header("accept-encoding").value_or(""));
  if (const auto date = parse_http_date(since)) require(parse_http_date(http_date_text(*date)) == date);
  HeaderList headers;
  cors.add_preflight_headers(head.header("origin"), head.header("access-control-request-headers").value_or(""), headers);
  for (const auto& [name, value] : headers) require(value.find_first_of("\r\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const RouteTable routes = make_routes();
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto end = net_detail::head_size(text, 0);
  if (!end) return 0;
  net_detail::ParsedHead parsed;
  if (net_detail::parse_head(text.data(), *end, parsed)) return 0;
  net_detail::RequestHead& head = parsed.request;
  head.peer_address = "127.0.0.1";
  look_at(head);
  if (const StaticFile* file = routes.file(head.path)) require(*file->content == "page");
  (void)routes.is_folder(head.path);
  const auto method = method_of(head.method);
  RouteMatch match = routes.find(method, head.path);
  require(!match.route || !match.allow.empty());
  if (!match.route) return 0;
  RequestState state;
  state.method = *method;
  state.target = head.path;
  state.query = head.query;
  state.body = text.substr(*end);
  for (const auto& field : head.fields) state.fields.emplace_back(std::string(field.name), std::string(field.value));
  state.path_values = std::move(match.path_values);
  Exchange exchange(routes, std::move(state), *match.route);
  while (!exchange.done()) exchange.advance(exchange.where());
  const HttpResponse response = exchange.take_response();
  require(!exchange.thrown() && response.status >= 200 && response.status < 600 && response.status != 500);
  return 0;
}
