// Routes and the way of one request through them, without a server.
#include <doctest/doctest.h>

#include "server/exchange.hpp"
#include "zegocall/base/random.hpp"

using namespace zegocall;
using namespace zegocall::server_detail;

namespace {

HttpHandler says(std::string text) {
  return [text](const HttpRequest&) -> Result<HttpResponse> { return HttpResponse{.status = 200, .body = text}; };
}

RouteTable table(const Router& router) { return RouteTable::of(RouterAccess::parts(router)).value(); }

/// Runs a request inline, whatever side its steps want.
HttpResponse serve(const RouteTable& routes, Method method, std::string path, RequestState request = {}) {
  RouteMatch match = routes.find(method, path);
  REQUIRE(match.route);
  request.method = method;
  request.target = path;
  request.path_values = match.path_values;
  Exchange exchange(routes, std::move(request), *match.route);
  while (!exchange.done()) exchange.advance(exchange.where());
  return exchange.take_response();
}

}  // namespace

TEST_CASE("a path finds its route, literal before named") {
  Router router;
  router.route(Method::get, "/calls/:id", says("id")).route(Method::get, "/calls/active", says("active"));
  router.route(Method::post, "/calls/:id/accept", says("accept")).route(Method::get, "/:any/active", says("any"));
  router.route(Method::get, "/", says("root"));
  const RouteTable routes = table(router);
  const auto found = [&](const char* path) -> std::string {
    const RouteMatch match = routes.find(Method::get, path);
    return match.route ? match.route->pattern : "";
  };
  CHECK(found("/calls/active") == "/calls/active");
  CHECK(found("/calls/active/") == "/calls/active");
  CHECK(found("/calls/a") == "/calls/:id");
  CHECK(found("/other/active") == "/:any/active");
  CHECK(found("/") == "/");
  CHECK(found("/calls") == "");
  CHECK(found("/calls//accept") == "");
  CHECK(found("/calls/%zz") == "");
  CHECK(routes.find(Method::post, "/calls/1/accept").allow == "POST, OPTIONS");
  CHECK(routes.find(Method::del, "/calls/1").allow == "GET, HEAD, OPTIONS");
  CHECK(routes.find(std::nullopt, "/calls/1").route == nullptr);
  const RouteMatch match = routes.find(Method::post, "/calls/a%2Fb%20c/accept");
  REQUIRE(match.route);
  CHECK(match.path_values == HeaderList{{"id", "a/b c"}});
}

TEST_CASE("a wrong router is refused with the reason") {
  const auto refused = [](const Router& router) {
    const auto made = RouteTable::of(RouterAccess::parts(router));
    REQUIRE(!made);
    CHECK(made.error().code == ErrorCode::invalid_argument);
    CHECK(made.error().field == "http.routes");
    return made.error().detail;
  };
  CHECK(refused(Router().route(Method::get, "a", says(""))).starts_with("\"a\" must begin with a slash"));
  CHECK(refused(Router().route(Method::get, "/:/a", says(""))) == "\"/:/a\" has an empty segment");
  CHECK(refused(Router().route(Method::get, "/:a/:a", says(""))) == "\"/:a/:a\" has a name twice");
  CHECK(refused(Router().route(Method::get, "/x", nullptr)) == "\"/x\" has no handler");
  CHECK(refused(Router().route(Method::get, "/:a", says("")).route(Method::get, "/:b", says(""))) == "GET \"/:b\" stands twice");
  const auto no_folder = RouteTable::of(RouterAccess::parts(Router().files("/", "/nothing/here")));
  REQUIRE(!no_folder);
  CHECK(no_folder.error().field == "http.files");
}

TEST_CASE("what a handler reads of its request") {
  RequestState seen;
  seen.query = "verbose=yes&q=a%20b";
  seen.body = R"({"n": 7, "who": {"id": "u1"}})";
  seen.fields = {{"cookie", "token=t1; x=2"}, {"x-device-id", "d1"}, {"accept", "a"}, {"accept", "b"}};
  Router router;
  router.route(Method::post, "/u/:id", [](const HttpRequest& request) -> Result<HttpResponse> {
    CHECK(request.path("id") == "é");
    CHECK(request.path("nothing").empty());
    CHECK(request.query("verbose") == "yes");
    CHECK(!request.query("nothing"));
    CHECK(request.header("X-Device-Id") == "d1");
    CHECK(request.header("Accept") == "a, b");
    CHECK(request.cookie("token") == "t1");
    CHECK(request.get<int>("n").value() == 7);
    const auto both = request.get<UserId, int>("who.id", "n");
    REQUIRE(both);
    CHECK(std::get<0>(*both) == UserId{"u1"});
    CHECK(request.get<int>("who").error().code == ErrorCode::mistyped_field);
    CHECK(request.command_id() == request.command_id());
    CHECK(is_id_text(request.command_id().view()));
    CHECK(request.wait_service([]() -> Result<int> { return 5; }).value() == 5);
    return http_json(201, JsonObject{{"ok", true}});
  });
  const HttpResponse response = serve(table(router), Method::post, "/u/%C3%A9", std::move(seen));
  CHECK(response.status == 201);
  CHECK(response.body == R"({"ok":true})");
}

TEST_CASE("the Idempotency-Key is the command id, if it can be one") {
  const auto id = [](std::string key) {
    RequestState state;
    state.fields = {{"idempotency-key", key}};
    return HttpRequest(state).command_id();
  };
  CHECK(id("again") == CommandId{"again"});
  CHECK(id(std::string(128, 'k')).view().size() == 128);
  CHECK(id(std::string(129, 'k')).view().size() == 24);
  CHECK(id("").view().size() == 24);
}

TEST_CASE("a body that is no JSON is an error of the one who asks for JSON") {
  RequestState state;
  state.body = "{\"a\":";
  const HttpRequest request(state);
  CHECK(request.body() == "{\"a\":");
  CHECK(request.json().error().code == ErrorCode::bad_json);
  CHECK(request.get<int>("a").error().code == ErrorCode::bad_json);
  RequestState empty;
  CHECK(HttpRequest(empty).get<int>("a").error().code != ErrorCode::bad_json);
}

TEST_CASE("authenticate comes first, but not before an anonymous route") {
  int asked = 0;
  Router router;
  router.authenticate([&](const HttpRequest& request) -> Result<Identity> {
    ++asked;
    if (request.header("authorization") != "Bearer good") return fail(ErrorCode::unauthenticated, "who are you?");
    return Identity{.user = UserId{"alice"}};
  });
  router.route(Method::get, "/me", [](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{.status = 200, .body = request.identity().user.str()};
  });
  router.route(Method::get, "/open", says("open"), Run::loop, {.anonymous = true});
  const RouteTable routes = table(router);
  CHECK(serve(routes, Method::get, "/open").body == "open");
  CHECK(asked == 0);
  const HttpResponse refused = serve(routes, Method::get, "/me");
  CHECK(refused.status == 401);
  CHECK(refused.body == R"({"error":{"code":"unauthenticated","message":"who are you?"}})");
  RequestState good;
  good.fields = {{"authorization", "Bearer good"}};
  CHECK(serve(routes, Method::get, "/me", std::move(good)).body == "alice");
}

TEST_CASE("each step runs where it was told") {
  Router router;
  router.authenticate([](const HttpRequest&) -> Result<Identity> { return Identity{}; }, Run::service);
  router.route(Method::get, "/w", says("w"), Run::worker);
  const RouteTable routes = table(router);
  const RouteMatch match = routes.find(Method::get, "/w");
  Exchange exchange(routes, {}, *match.route);
  CHECK(exchange.where() == Run::service);
  exchange.advance(Run::loop);
  CHECK(exchange.where() == Run::service);
  exchange.advance(Run::service);
  CHECK(!exchange.done());
  CHECK(exchange.where() == Run::worker);
  exchange.advance(Run::worker);
  CHECK(exchange.done());
}

TEST_CASE("a handler that throws is answered 500, and one that fails by its error") {
  Router router;
  router.route(Method::get, "/throw", [](const HttpRequest&) -> Result<HttpResponse> { throw 7; });
  router.route(Method::get, "/busy",
               [](const HttpRequest&) -> Result<HttpResponse> { return fail(ErrorCode::busy, "in another call"); });
  const RouteTable routes = table(router);
  CHECK(serve(routes, Method::get, "/throw").status == 500);
  CHECK(serve(routes, Method::get, "/busy").status == 409);
  Router shaped = router;
  shaped.on_error([](const Error& error) { return http_json(418, JsonObject{{"success", false}, {"message", error.detail}}); });
  const HttpResponse own = serve(table(shaped), Method::get, "/busy");
  CHECK(own.status == 418);
  CHECK(own.body == R"({"success":false,"message":"in another call"})");
  CHECK(serve(table(shaped), Method::get, "/throw").status == 500);
}

TEST_CASE("every error has a status") {
  const std::pair<ErrorCode, int> expected[] = {
      {ErrorCode::invalid_argument, 400}, {ErrorCode::missing_field, 422},     {ErrorCode::not_found, 404},
      {ErrorCode::unauthenticated, 401},  {ErrorCode::expired, 401},           {ErrorCode::forbidden, 403},
      {ErrorCode::conflict, 409},         {ErrorCode::already_done, 409},      {ErrorCode::payload_too_large, 413},
      {ErrorCode::rate_limited, 429},     {ErrorCode::store_unavailable, 503}, {ErrorCode::bad_json, 400},
      {ErrorCode::internal, 500},         {ErrorCode::store_corrupt, 500},     {ErrorCode::token_expired, 400}};
  for (const auto& each : expected) {
    CAPTURE(name(each.first));
    CHECK(http_status(each.first) == each.second);
  }
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info) {
    CHECK(http_status(info->code) >= 400);
    CHECK(http_status(info->code) < 600);
  }
}
