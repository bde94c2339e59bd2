// HTTP through a whole hub, over loopback.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "server/lines.hpp"
#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

Hub open(Router http, HubOptions options = {}, std::vector<Driven*> driven = {}) {
  Wiring wiring;
  wiring.http = std::move(http);
  wiring.driven = std::move(driven);
  return Hub::open(std::move(options), std::move(wiring)).value();
}

HttpHandler says(std::string text) {
  return [text](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{.status = 200, .body = text, .content_type = "text/plain"};
  };
}

}  // namespace

TEST_CASE("routes on every side answer, with path, query and body") {
  Router http;
  for (const auto& [path, run] :
       {std::pair{"/loop/:id", Run::loop}, {"/service/:id", Run::service}, {"/worker/:id", Run::worker}})
    http.route(
        Method::post, path,
        [](const HttpRequest& request) -> Result<HttpResponse> {
          const auto n = request.get<int>("n");
          if (!n) return unexpected(n.error());
          return http_json(201, JsonObject{{"id", request.path("id")}, {"q", request.query("q")}, {"n", *n}});
        },
        run);
  const Hub hub = open(http);
  for (const char* side : {"loop", "service", "worker"}) {
    const auto answer = post(hub.port(), std::string("/") + side + "/a%20b?q=1", R"({"n":5})");
    CHECK(answer.status == 201);
    CHECK(answer.body == R"({"id":"a b","q":"1","n":5})");
    CHECK(answer.head.find("Content-Type: application/json\r\n") != std::string::npos);
    const std::size_t id = answer.head.find("X-Request-Id: ");
    REQUIRE(id != std::string::npos);
    CHECK(answer.head.find("\r\n", id) - id == 14 + 32);
    const auto bad = post(hub.port(), std::string("/") + side + "/x", R"({"n":"five"})");
    CHECK(bad.status == 422);
    CHECK(bad.body.find(R"("field":"n")") != std::string::npos);
  }
}

TEST_CASE("unknown paths, known paths with other methods, HEAD and OPTIONS") {
  const Hub hub = open(Router().route(Method::get, "/a", says("abc")).route(Method::put, "/a", says("put")));
  const auto missing = get(hub.port(), "/nothing");
  CHECK(missing.status == 404);
  CHECK(missing.body == R"({"error":{"code":"not_found","message":"there is nothing at this path"}})");
  const auto wrong = request(hub.port(), "PATCH /a HTTP/1.1");
  CHECK(wrong.status == 405);
  CHECK(wrong.head.find("Allow: GET, HEAD, PUT, OPTIONS\r\n") != std::string::npos);
  const auto options = request(hub.port(), "OPTIONS /a HTTP/1.1");
  CHECK(options.status == 204);
  CHECK(options.head.find("Allow: GET, HEAD, PUT, OPTIONS\r\n") != std::string::npos);
  const auto head = request(hub.port(), "HEAD /a HTTP/1.1");
  CHECK(head.status == 200);
  CHECK(head.head.find("Content-Length: 3\r\n") != std::string::npos);
  CHECK(request(hub.port(), "OPTIONS /nothing HTTP/1.1").status == 404);
  const auto whole = request(hub.port(), "OPTIONS * HTTP/1.1");
  CHECK(whole.status == 204);
  CHECK(whole.head.find("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n") != std::string::npos);
}

TEST_CASE("the library's refusals take the router's shape and keep their status") {
  Router http;
  http.route(Method::get, "/a", says("a")).on_error([](const Error& error) {
    return http_json(400, JsonObject{{"success", false}, {"message", error.detail}});
  });
  const Hub hub = open(http);
  const auto missing = get(hub.port(), "/nothing");
  CHECK(missing.status == 404);
  CHECK(missing.body == R"({"success":false,"message":"there is nothing at this path"})");
  CHECK(request(hub.port(), "DELETE /a HTTP/1.1").status == 405);
}

TEST_CASE("what is refused at the path of Socket.IO is refused in its words, also by the network's limits") {
  HubOptions options;
  options.limits.message_bytes_max = 1000;
  const Hub hub = Hub::open(options, {.namespaces = {Namespace()}}).value();
  const auto large = post(hub.port(), "/socket.io/?EIO=4&transport=polling&sid=x", std::string(1001, 'x'));
  CHECK(large.status == 413);
  CHECK(large.head.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(large.body == R"({"code":3,"message":"the body of the request has more than the 1000 bytes that are taken here"})");
}

TEST_CASE("who asks whether to send a body gets the refusal that awaits it, and no 100 Continue") {
  Router http;
  http.route(Method::post, "/takes", says("taken"));
  const Hub hub = Hub::open({}, {.namespaces = {Namespace()}, .http = http}).value();
  const auto expecting = [&](const std::string& line) {
    RawClient client(hub.port());
    client.write(line + " HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
    const std::string head = client.read_until("\r\n\r\n");
    return head.substr(9, 3);
  };
  const std::string polling = "/socket.io/?EIO=4&transport=polling";
  const std::string sid = get(hub.port(), polling).body.substr(9, 20);
  CHECK(expecting("POST " + polling + "&sid=nobody") == "400");
  CHECK(expecting("POST " + polling) == "400");
  CHECK(expecting("PUT " + polling + "&sid=" + sid) == "400");
  CHECK(expecting("POST /nothing") == "404");
  CHECK(expecting("PUT /takes") == "405");
  CHECK(expecting("POST /takes") == "100");
  CHECK(expecting("POST " + polling + "&sid=" + sid) == "100");
  // A body that comes all the same is not taken for a request.
  RawClient hasty(hub.port());
  hasty.write("POST /nothing HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  CHECK(hasty.read_answer().status == 404);
  hasty.write("x");
  CHECK(hasty.read_to_end().empty());
}

TEST_CASE("a body over the route's limit is 413, the others' limit stands") {
  Router http;
  http.route(Method::post, "/small", says("small"), Run::loop, {.body_max = 10}).route(Method::post, "/usual", says("usual"));
  const Hub hub = open(http);
  CHECK(post(hub.port(), "/small", std::string(10, 'x')).status == 200);
  const auto refused = post(hub.port(), "/small", std::string(11, 'x'));
  CHECK(refused.status == 413);
  CHECK(
      refused.body ==
      R"({"error":{"code":"payload_too_large","message":"the body of the request has more than the 10 bytes that are taken here"}})");
  const auto bad = request(hub.port(), "GET /small HTTP/1.1\r\nContent-Length: -3");
  CHECK(bad.status == 400);
  CHECK(bad.body.starts_with(R"({"error":{"code":"protocol","message":)"));
  CHECK(post(hub.port(), "/usual", std::string(1 << 20, 'x')).status == 200);
  CHECK(post(hub.port(), "/usual", std::string((1 << 20) + 1, 'x')).status == 413);
}

TEST_CASE("origins: the preflight and the request say the same") {
  const Hub hub = open(Router().route(Method::post, "/a", says("a")), {.allowed_origins = {"https://app.example"}});
  const std::string good = "Origin: https://app.example", bad = "Origin: https://evil.example";
  const std::string ask = "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type,x-device-id";
  const auto yes = request(hub.port(), "OPTIONS /a HTTP/1.1\r\n" + good + ask);
  CHECK(yes.status == 204);
  CHECK(yes.head.find("Access-Control-Allow-Origin: https://app.example\r\n") != std::string::npos);
  CHECK(yes.head.find("Access-Control-Allow-Headers: content-type,x-device-id\r\n") != std::string::npos);
  const auto no = request(hub.port(), "OPTIONS /a HTTP/1.1\r\n" + bad + ask);
  CHECK(no.status == 403);
  CHECK(no.body == R"({"error":{"code":"forbidden","message":"pages of this origin may not call"}})");
  CHECK(no.head.find("Access-Control-Allow-") == std::string::npos);
  CHECK(request(hub.port(), "OPTIONS /a HTTP/1.1\r\nOrigin: http://test" + ask).status == 204);
  const auto real = request(hub.port(), "POST /a HTTP/1.1\r\n" + good, "x");
  CHECK(real.head.find("Access-Control-Allow-Origin: https://app.example\r\n") != std::string::npos);
  CHECK(real.head.find("Access-Control-Allow-Credentials: true\r\n") != std::string::npos);
  CHECK(request(hub.port(), "POST /a HTTP/1.1\r\n" + bad, "x").head.find("Access-Control-Allow-Origin") == std::string::npos);
  const auto polling = get(hub.port(), "/socket.io/?EIO=4&transport=polling", good);
  CHECK(polling.status == 200);
  CHECK(polling.head.find("Access-Control-Allow-Origin: https://app.example\r\n") != std::string::npos);
  CHECK(get(hub.port(), "/nothing", good).head.find("Access-Control-Allow-Origin: https://app.example\r\n") != std::string::npos);
  const auto stranger = get(hub.port(), "/socket.io/?EIO=4&transport=polling", bad);
  CHECK(stranger.status == 403);
  CHECK(stranger.body == R"({"code":4,"message":"Forbidden"})");
  CHECK(stranger.head.find("Access-Control-Allow-") == std::string::npos);
  CHECK(request(hub.port(), "OPTIONS /socket.io/ HTTP/1.1\r\n" + bad + ask).status == 403);
  CHECK(get(hub.port(), "/socket.io/?EIO=4&transport=polling", "Origin: http://test").status == 200);
  CHECK(get(hub.port(), "/socket.io/?EIO=4&transport=polling").status == 200);
  CHECK(metric(hub.port(), "zegocall_server_origins_refused_total") == 3);
}

TEST_CASE("without a list of origins nobody is a stranger, and no page of another origin may read the answer") {
  const Hub hub = open(Router().route(Method::post, "/a", says("a")));
  const std::string other = "Origin: https://any.example";
  const auto preflight = request(hub.port(), "OPTIONS /a HTTP/1.1\r\n" + other + "\r\nAccess-Control-Request-Method: POST");
  CHECK(preflight.status == 204);
  CHECK(preflight.head.find("Access-Control-Allow-") == std::string::npos);
  CHECK(get(hub.port(), "/socket.io/?EIO=4&transport=polling", other).status == 200);
  CHECK(get(hub.port(), "/socket.io/?EIO=4&transport=polling", "Origin: http://test").status == 200);
}

TEST_CASE("files: types, conditions, HEAD, a folder's slash, and no way out") {
  std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-page-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::filesystem::create_directories(folder / "sub");
  std::ofstream(folder / "index.html") << "<p>page";
  std::ofstream(folder / "sub" / "index.html") << "sub";
  std::ofstream(folder / "x y.js") << "1";
  Router http;
  http.route(Method::get, "/x", says("route")).files("/", folder.string());
  const Hub hub = open(http);
  std::filesystem::remove_all(folder);
  const auto page = get(hub.port(), "/");
  CHECK(page.status == 200);
  CHECK(page.body == "<p>page");
  CHECK(page.head.find("Content-Type: text/html; charset=utf-8\r\n") != std::string::npos);
  const std::size_t tag = page.head.find("ETag: ") + 6;
  const std::string etag = page.head.substr(tag, page.head.find("\r\n", tag) - tag);
  const auto again = request(hub.port(), "GET / HTTP/1.1\r\nIf-None-Match: " + etag);
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  const auto head = request(hub.port(), "HEAD /index.html HTTP/1.1");
  CHECK(head.status == 200);
  CHECK(head.head.find("Content-Length: 7\r\n") != std::string::npos);
  CHECK(get(hub.port(), "/x%20y.js").body == "1");
  CHECK(get(hub.port(), "/sub").status == 308);
  CHECK(get(hub.port(), "/sub/").body == "sub");
  CHECK(get(hub.port(), "/x").body == "route");
  CHECK(request(hub.port(), "DELETE /index.html HTTP/1.1").status == 405);
  for (const char* path : {"/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/sub/%2e%2e/index.html",
                           "/./index.html", "//etc/passwd", "/sub%5c..%5cindex.html", "/index.html%00.js"}) {
    CAPTURE(path);
    CHECK(get(hub.port(), path).status == 404);
  }
}

TEST_CASE("who is asked before every route but the anonymous") {
  Router http;
  http.authenticate(
      [](const HttpRequest& request) -> Result<Identity> {
        if (request.header("authorization") != "Bearer good") return fail(ErrorCode::unauthenticated, "log in");
        return Identity{.user = UserId{"alice"}};
      },
      Run::service);
  const auto me = [](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{.status = 200, .body = request.identity().user.str()};
  };
  http.route(Method::get, "/loop", me)
      .route(Method::get, "/service", me, Run::service)
      .route(Method::get, "/worker", me, Run::worker);
  http.route(Method::get, "/open", says("open"), Run::loop, {.anonymous = true});
  const Hub hub = open(http);
  CHECK(get(hub.port(), "/open").body == "open");
  for (const char* path : {"/loop", "/service", "/worker"}) {
    CHECK(get(hub.port(), path).status == 401);
    CHECK(get(hub.port(), path, "Authorization: Bearer good").body == "alice");
  }
}

TEST_CASE("a handler that throws is 500, on every side, and the server goes on") {
  Router http;
  const auto throws = [](const HttpRequest&) -> Result<HttpResponse> { throw std::runtime_error("a secret detail"); };
  http.route(Method::get, "/loop", throws).route(Method::get, "/service", throws, Run::service);
  http.route(Method::get, "/worker", throws, Run::worker).route(Method::get, "/fine", says("fine"));
  http.route(
      Method::get, "/deep",
      [](const HttpRequest& request) -> Result<HttpResponse> {
        return request.wait_service([]() -> Result<HttpResponse> { throw std::runtime_error("a secret detail"); });
      },
      Run::worker);
  const Hub hub = open(http);
  for (const char* path : {"/loop", "/service", "/worker", "/deep"}) {
    const auto answer = get(hub.port(), path);
    CHECK(answer.status == 500);
    CHECK(answer.body.find("secret") == std::string::npos);
  }
  CHECK(get(hub.port(), "/fine").body == "fine");
  CHECK(metric(hub.port(), "zegocall_server_http_threw_total") == 4);
}

TEST_CASE("an answer from the service thread comes after the commit, or is 503") {
  GateStore store;
  Router http;
  http.route(Method::post, "/write", says("written"), Run::service).route(Method::get, "/fence", says("here"));
  http.route(
      Method::post, "/worker",
      [](const HttpRequest& request) -> Result<HttpResponse> {
        auto done = request.wait_service([]() -> Result<int> { return 7; });
        if (!done) return unexpected(done.error());
        return http_json(200, *done);
      },
      Run::worker);
  const Hub hub = open(http, {}, {&store});
  for (const char* path : {"/write", "/worker"}) {
    store.close_gate();
    RawClient client(hub.port());
    client.write("POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    REQUIRE(store.wait_for_commit());
    CHECK(get(hub.port(), "/fence").body == "here");
    CHECK(!client.read_some(0ms));
    store.open_gate();
    CHECK(client.read_answer().status == 200);
  }
  store.set_failing(true);
  for (const char* path : {"/write", "/worker"}) {
    const auto refused = post(hub.port(), path, "x");
    CHECK(refused.status == 503);
    CHECK(refused.head.find("Retry-After: 1\r\n") != std::string::npos);
    CHECK(refused.body.find("store_unavailable") != std::string::npos);
    CHECK(refused.body.find("disk") == std::string::npos);
  }
  CHECK(get(hub.port(), "/readyz").status == 503);
  store.set_failing(false);
  CHECK(post(hub.port(), "/write", "x").status == 200);
  CHECK(get(hub.port(), "/readyz").status == 200);
}

TEST_CASE("a loop must not wait for the service thread") {
  Router http;
  http.route(Method::get, "/a", [](const HttpRequest& request) -> Result<HttpResponse> {
    auto done = request.wait_service([]() -> Result<int> { return 7; });
    return HttpResponse{.status = 200, .body = std::string(name(done.error().code))};
  });
  CHECK(get(open(http).port(), "/a").body == "invalid_state");
}

TEST_CASE("when workers and their queue are full, the next is 503 with Retry-After") {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  Count inside;
  Router http;
  http.route(
      Method::get, "/slow",
      [&](const HttpRequest&) -> Result<HttpResponse> {
        inside.add();
        opened.wait();
        return HttpResponse{.status = 200, .body = "slow"};
      },
      Run::worker);
  http.route(Method::get, "/quick", says("quick"));
  HubOptions options;
  options.limits.workers = 1;
  options.limits.worker_queue_max = 2;
  const Hub hub = open(http, options);
  RawClient first(hub.port()), second(hub.port()), third(hub.port());
  const std::string ask = "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n";
  first.write(ask);
  REQUIRE(inside.wait_for(1));
  second.write(ask);
  third.write(ask);
  RawClient::Answer refused;
  do refused = get(hub.port(), "/quick");  // until the loop has seen both
  while (metric(hub.port(), "zegocall_net_requests_total") < 3);
  refused = get(hub.port(), "/slow");
  CHECK(refused.status == 503);
  CHECK(refused.head.find("Retry-After: 1\r\n") != std::string::npos);
  CHECK(get(hub.port(), "/quick").body == "quick");
  CHECK(metric(hub.port(), "zegocall_workers_refused_total") == 1);
  gate.set_value();
  for (RawClient* client : {&first, &second, &third}) CHECK(client->read_answer().body == "slow");
}

TEST_CASE("a full mailbox is 503 with Retry-After") {
  GateStore store;
  Router http;
  http.route(Method::get, "/w", says("w"), Run::service);
  HubOptions options;
  options.limits.mailbox_max = 1;
  const Hub hub = open(http, options, {&store});
  store.close_gate();
  RawClient first(hub.port()), second(hub.port());
  first.write("GET /w HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(store.wait_for_commit());
  second.write("GET /w HTTP/1.1\r\nHost: test\r\n\r\n");
  REQUIRE(await_at_least(hub.port(), "zegocall_service_waiting", 1));
  const auto refused = get(hub.port(), "/w");
  CHECK(refused.status == 503);
  CHECK(refused.head.find("Retry-After: 1\r\n") != std::string::npos);
  CHECK(refused.body.find("rate_limited") != std::string::npos);
  store.open_gate();
  CHECK(first.read_answer().body == "w");
  CHECK(second.read_answer().body == "w");
}

TEST_CASE("operations: health, readiness, version, metrics, and none of them on request") {
  const Hub hub = open({}, {.version = "1.2.3-test"});
  CHECK(get(hub.port(), "/healthz").body == R"({"status":"ok"})");
  CHECK(get(hub.port(), "/readyz").status == 200);
  CHECK(get(hub.port(), "/version").body.find(R"("version":"1.2.3-test")") != std::string::npos);
  const auto metrics = get(hub.port(), "/metrics");
  CHECK(metrics.head.find("text/plain; version=0.0.4") != std::string::npos);
  CHECK(metrics.body.find("# HELP zegocall_net_accepted_total TCP connections accepted\n# TYPE zegocall_net_accepted_total "
                          "counter\nzegocall_net_accepted_total 4\n") != std::string::npos);
  CHECK(request(hub.port(), "POST /healthz HTTP/1.1").status == 405);
  CHECK(request(hub.port(), "BREW /pot HTTP/1.1").status == 501);
  CHECK(metric(hub.port(), "zegocall_server_http_501_total") == 1);
  CHECK(metric(hub.port(), "zegocall_server_http_5xx_total") == 0);
  const auto long_head = request(hub.port(), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  CHECK(long_head.status == 431);
  CHECK(long_head.body == R"({"error":{"code":"limit_exceeded","message":"the head of the request has more than 16384 bytes"}})");
  CHECK(metric(hub.port(), "zegocall_net_requests_bad_total") == 2);
  CHECK(metric(hub.port(), "zegocall_net_requests_too_large_total") == 1);
  const Hub bare = open({}, {.operations = false});
  CHECK(get(bare.port(), "/metrics").status == 404);
}

TEST_CASE("a program adds its own counters to the metrics, and one that throws is 500") {
  bool throws = false;
  const Hub hub = open({}, {.metrics = [&]() -> std::string {
                         if (throws) throw std::runtime_error("no numbers");
                         return "# TYPE live_calls gauge\nlive_calls 7";
                       }});
  CHECK(metric(hub.port(), "live_calls") == 7);
  CHECK(get(hub.port(), "/metrics").body.ends_with("live_calls 7\n"));
  throws = true;
  CHECK(get(hub.port(), "/metrics").status == 500);
  throws = false;
  CHECK(metric(hub.port(), "zegocall_server_callbacks_threw_total") == 1);
}

TEST_CASE("a header that a handler cannot send is left out, and a line in the log") {
  Lines log;
  HubOptions options;
  options.log = log.sink();
  Router http;
  http.route(Method::get, "/a", [](const HttpRequest&) -> Result<HttpResponse> {
    HttpResponse out{.status = 200, .body = "a"};
    out.headers = {{"X-Fine", "1"},         {"X-Bad", "1\r\nSet-Cookie: stolen"}, {"Bad Name: stolen", "1"},
                   {"content-length", "5"}, {"Transfer-Encoding", "chunked"},     {"Connection", "upgrade"}};
    return out;
  });
  const Hub hub = Hub::open(options, {.http = http}).value();
  const auto answer = get(hub.port(), "/a");
  CHECK(answer.head.find("X-Fine: 1\r\n") != std::string::npos);
  CHECK(answer.head.find("stolen") == std::string::npos);
  CHECK(answer.head.find("content-length") == std::string::npos);
  CHECK(answer.head.find("chunked") == std::string::npos);
  CHECK(answer.head.find("upgrade") == std::string::npos);
  CHECK(answer.head.find("Content-Length: 1\r\n") != std::string::npos);
  for (const char* name : {"X-Bad", "Bad Name: stolen", "content-length", "Transfer-Encoding", "Connection"})
    CHECK(log.with(name) == "a handler's header was left out, it is the library's own or none: " + std::string(name));
}

TEST_CASE("a status that ends no request is the handler's failure: 500, and a line in the log") {
  Lines log;
  HubOptions options;
  options.log = log.sink();
  Router http;
  http.route(Method::get, "/:status", [](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{.status = std::stoi(request.path("status")), .body = "a"};
  });
  const Hub hub = open(http, options);
  for (const char* status : {"0", "-1", "99", "100", "101", "199", "600", "1000"}) {
    CAPTURE(status);
    const auto answer = get(hub.port(), std::string("/") + status);
    CHECK(answer.status == 500);
    CHECK(answer.body.find("the handler failed") != std::string::npos);
    CHECK(!log.with(std::string("a handler answered with the status ") + status + ", which ends no request").empty());
  }
  CHECK(get(hub.port(), "/200").status == 200);
  CHECK(get(hub.port(), "/599").status == 599);
}
