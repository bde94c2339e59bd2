// What a web server owes its operators and pages: names of requests, the access log, limits of routes, proxies, conditions,
// packed files and streamed bodies, through a whole hub.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "server/lines.hpp"
#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

Hub open(Router http, HubOptions options = {}, std::vector<Namespace> namespaces = {}) {
  Wiring wiring;
  wiring.namespaces = std::move(namespaces);
  wiring.http = std::move(http);
  return Hub::open(std::move(options), std::move(wiring)).value();
}

HttpHandler says(std::string text) {
  return [text](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{.status = 200, .body = text, .content_type = "text/plain"};
  };
}

/// The value of a field of an answer's head; "-" if it is not there.
std::string field(const RawClient::Answer& answer, const std::string& name) {
  const std::size_t at = answer.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "-";
  const std::size_t start = at + name.size() + 4;
  return answer.head.substr(start, answer.head.find("\r\n", start) - start);
}

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-web-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name, std::ios::binary) << text; }
  std::filesystem::path path;
};

const std::string packed_page(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\xb0\x2b\x48\x4c\x4f\x05\x00\x42\x72\xd2\xd2\x07\x00\x00\x00", 27);

/// A chunked body, put together; nothing if it is not whole.
std::optional<std::string> unchunked(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t line = text.find("\r\n");
    if (line == std::string_view::npos) return {};
    const std::size_t size = std::strtoul(std::string(text.substr(0, line)).c_str(), nullptr, 16);
    if (text.size() < line + 2 + size + 2) return {};
    if (size == 0) return out;
    out += text.substr(line + 2, size);
    text.remove_prefix(line + 2 + size + 2);
  }
}

}  // namespace

TEST_CASE("a request's name: taken if it is sane, else made; in the answer, the refusal, the log and the handler") {
  Lines log, access;
  HubOptions options;
  options.log = log.sink();
  options.access_log = access.sink();
  Router http;
  http.route(Method::get, "/me", [](const HttpRequest& r) -> Result<HttpResponse> {
    return HttpResponse{.status = 200, .body = std::string(r.id())};
  });
  http.route(Method::get, "/throws", [](const HttpRequest&) -> Result<HttpResponse> { throw std::runtime_error("planned"); });
  const Hub hub = open(http, options);
  const auto named = get(hub.port(), "/me", "X-Request-Id: abc-1");
  CHECK(named.body == "abc-1");
  CHECK(field(named, "X-Request-Id") == "abc-1");
  CHECK(access.with("id=abc-1").find("path=/me") != std::string::npos);
  const auto made = get(hub.port(), "/me");
  CHECK(made.body.size() == 32);
  CHECK(field(made, "X-Request-Id") == made.body);
  for (const char* mad : {"a b", "x\"y", "<script>"}) {
    const auto other = get(hub.port(), "/me", std::string("X-Request-Id: ") + mad);
    CHECK(other.body.size() == 32);
    CHECK(field(other, "X-Request-Id") == other.body);
  }
  CHECK(field(get(hub.port(), "/nothing", "X-Request-Id: abc-2"), "X-Request-Id") == "abc-2");
  CHECK(field(get(hub.port(), "/throws", "X-Request-Id: abc-3"), "X-Request-Id") == "abc-3");
  CHECK(log.with("abc-3").find("planned") != std::string::npos);
  CHECK(field(request(hub.port(), "POST /me HTTP/1.1\r\nX-Request-Id: abc-4\r\nContent-Length: 99999999"), "X-Request-Id") ==
        "abc-4");
  CHECK(field(request(hub.port(), "BREW / HTTP/1.1\r\nX-Request-Id: abc-5"), "X-Request-Id").size() == 32);
  CHECK(field(get(hub.port(), "/socket.io/?EIO=4&transport=polling", "X-Request-Id: abc-6"), "X-Request-Id") == "abc-6");
  CHECK(field(get(hub.port(), "/healthz", "X-Request-Id: abc-7"), "X-Request-Id") == "abc-7");
}

TEST_CASE("the access log has a line for each request, and no secret") {
  Lines access;
  const Folder folder;
  folder.write("page.html", "<p>page");
  HubOptions options;
  options.access_log = access.sink();
  Router http;
  http.files("/", folder.path.string());
  http.route(Method::post, "/reset/:token", says("done"), Run::service);
  http.route(Method::get, "/slow", says("slow"), Run::worker);
  const Hub hub = open(http, options, {Namespace()});
  const std::string secret = "hunter2";
  const auto said = [&](const std::string& id) { return access.with("id=" + id); };
  const std::string more = " HTTP/1.1\r\nAuthorization: Bearer " + secret + "\r\nCookie: token=" + secret + "\r\nX-Request-Id: ";
  request(hub.port(), "POST /reset/" + secret + "?key=" + secret + more + "r1", "{\"password\":\"" + secret + "\"}");
  CHECK(said("r1").starts_with("method=POST path=/reset/:token status=200 bytes=4 us="));
  CHECK(said("r1").ends_with(" address=127.0.0.1 id=r1"));
  request(hub.port(), "GET /page.html?" + secret + more + "r2");
  CHECK(said("r2").starts_with("method=GET path=/page.html status=200 bytes=7 us="));
  request(hub.port(), "HEAD /page.html" + more + "r3");
  CHECK(said("r3").starts_with("method=HEAD path=/page.html status=200 bytes=0 us="));
  request(hub.port(), "GET /nothing?" + secret + more + "r4");
  CHECK(said("r4").starts_with("method=GET path=/nothing status=404 bytes="));
  request(hub.port(), "GET /" + std::string(5000, 'x') + more + "r5");
  CHECK(said("r5").size() < 500);
  request(hub.port(), "POST /reset/x" + more + "r6\r\nContent-Length: 99999999");
  CHECK(said("r6").starts_with("method=POST path=/reset/x status=413 "));
  request(hub.port(), "OPTIONS /x" + more + "r7\r\nOrigin: http://test\r\nAccess-Control-Request-Method: GET");
  CHECK(said("r7").starts_with("method=OPTIONS path=/x status=204 bytes=0 "));
  request(hub.port(), "GET /socket.io/?EIO=4&transport=polling&secret=" + secret + more + "r8");
  CHECK(said("r8").starts_with("method=GET path=/socket.io/ status=200 bytes="));
  request(hub.port(), "BREW /" + secret + more + "r9");
  CHECK(access.with("status=501").starts_with("method=- path=- status=501 "));
  const SocketClient socket(hub.port(), "/socket.io/", "X-Request-Id: r10\r\n");
  CHECK(said("r10").starts_with("method=GET path=/socket.io/ status=101 bytes=0 "));
  CHECK(access.all().find(secret) == std::string::npos);
}

TEST_CASE("a request whose client leaves is told so in the log, and a sink that throws harms nobody") {
  Lines access;
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  Count inside;
  HubOptions options;
  options.access_log = [&](LogLevel level, std::string_view line) {
    if (line.find("id=bad") != std::string_view::npos) throw std::runtime_error("no log");
    access.sink()(level, line);
  };
  Router http;
  http.route(
      Method::get, "/wait",
      [&](const HttpRequest&) -> Result<HttpResponse> {
        inside.add();
        opened.wait();
        return HttpResponse{};
      },
      Run::worker);
  http.route(Method::get, "/fine", says("fine"));
  const Hub hub = open(http, options);
  {
    RawClient client(hub.port());
    client.write("GET /wait HTTP/1.1\r\nHost: test\r\nX-Request-Id: left\r\n\r\n");
    REQUIRE(inside.wait_for(1));
  }
  CHECK(access.with("id=left").ends_with(" end=gone"));
  CHECK(metric(hub.port(), "zegocall_server_http_gone_total") == 1);
  gate.set_value();
  REQUIRE(await_at_least(hub.port(), "zegocall_server_http_late_total", 1));
  CHECK(get(hub.port(), "/fine", "X-Request-Id: bad").body == "fine");
  CHECK(metric(hub.port(), "zegocall_server_callbacks_threw_total") == 1);
}

TEST_CASE("a handler that does not answer in time is 503, its late answer is dropped, and the connection serves on") {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  Count inside;
  Router http;
  const auto waits = [&](const HttpRequest&) -> Result<HttpResponse> {
    inside.add();
    opened.wait();
    return HttpResponse{.status = 200, .body = "too late"};
  };
  http.route(Method::get, "/worker", waits, Run::worker, {.time_limit = 50ms});
  http.route(Method::get, "/service", waits, Run::service, {.time_limit = 50ms});
  http.route(Method::get, "/next", waits, Run::worker);
  http.route(Method::get, "/fine", says("fine"));
  const Hub hub = open(http);
  RawClient client(hub.port());
  const auto ask = [&](const std::string& path) {
    client.write("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.read_answer();
  };
  for (const char* path : {"/worker", "/service"}) {
    const auto refused = ask(path);
    CHECK(refused.status == 503);
    CHECK(refused.body == R"({"error":{"code":"timeout","message":"the handler did not answer in time"}})");
    CHECK(field(refused, "Retry-After") == "1");
    CHECK(field(refused, "Connection") == "keep-alive");
  }
  CHECK(ask("/fine").body == "fine");
  client.write("GET /next HTTP/1.1\r\nHost: test\r\n\r\n");  // another that waits: the late ones must not answer it
  REQUIRE(inside.wait_for(3));
  gate.set_value();
  CHECK(client.read_answer().body == "too late");  // its own
  REQUIRE(await_at_least(hub.port(), "zegocall_server_http_late_total", 2));
  CHECK(ask("/fine").body == "fine");
  CHECK(metric(hub.port(), "zegocall_server_http_timed_out_total") == 2);
}

TEST_CASE("a refusal that knows how long to wait says so in whole seconds, rounded up") {
  Router http;
  const auto refuses = [&](const char* path, ErrorCode code, std::chrono::milliseconds wait) {
    http.route(Method::get, path, [=](const HttpRequest&) -> Result<HttpResponse> { return unexpected({code, {}, {}, wait}); });
  };
  refuses("/slow", ErrorCode::rate_limited, 240'001ms);
  refuses("/soon", ErrorCode::rate_limited, 1ms);
  refuses("/unknown", ErrorCode::store_unavailable, 0ms);
  refuses("/never", ErrorCode::forbidden, 5s);
  const Hub hub = open(http);
  const auto wait = [&](const std::string& path) {
    return field(request(hub.port(), "GET " + path + " HTTP/1.1"), "Retry-After");
  };
  CHECK(wait("/slow") == "241");
  CHECK(wait("/soon") == "1");
  CHECK(wait("/unknown") == "1");
  CHECK(wait("/never") == "-");
}

TEST_CASE("a route's rate is for each address, before any handler; other routes are not concerned") {
  Router http;
  int asked = 0;  // loop thread
  http.route(Method::post, "/login",
             [&](const HttpRequest&) -> Result<HttpResponse> {
               ++asked;
               return HttpResponse{.status = 200, .body = "in"};
             },
             Run::loop, {.rate = {.requests = 3, .per = 3600s}});
  http.route(Method::post, "/other", says("other"));
  HubOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  const Hub hub = open(http, options);
  const auto login = [&](const std::string& who) {
    return request(hub.port(), "POST /login HTTP/1.1\r\nX-Forwarded-For: " + who, "x");
  };
  for (int i = 0; i < 3; ++i) CHECK(login("203.0.113.1").status == 200);
  const auto refused = login("203.0.113.1");
  CHECK(refused.status == 429);
  CHECK(refused.body == R"({"error":{"code":"rate_limited","message":"too many requests; try again later"}})");
  const int retry = std::atoi(field(refused, "Retry-After").c_str());
  CHECK(retry > 1100);
  CHECK(retry <= 1201);
  CHECK(login("6.6.6.6, 203.0.113.1").status == 429);  // naming others in front is no way around
  CHECK(login("203.0.113.2").status == 200);
  CHECK(post(hub.port(), "/other", "x").status == 200);
  CHECK(asked == 4);
  CHECK(metric(hub.port(), "zegocall_server_http_rate_limited_total") == 2);
}

TEST_CASE("the address of the client: from trusted proxies, for requests, handshakes, limits and the log, and from nobody else") {
  for (const bool trusted : {true, false}) {
    CAPTURE(trusted);
    Lines access;
    HubOptions options;
    options.access_log = access.sink();
    options.trusted_proxies = {trusted ? "127.0.0.0/8" : "127.0.0.2"};
    options.limits.sessions_per_address_max = 1;
    Router http;
    http.route(Method::get, "/me", [](const HttpRequest& r) -> Result<HttpResponse> {
      return HttpResponse{.status = 200, .body = std::string(r.address()) + (r.secure() ? " https" : " http")};
    });
    Namespace ns;
    std::promise<std::string> seen;
    ns.authenticate([&](const Handshake& shake) -> Result<Identity> {
      seen.set_value(std::string(shake.address()));
      return Identity{};
    });
    const Hub hub = open(http, options, {ns});
    const std::string client = trusted ? "203.0.113.9" : "127.0.0.1";
    const std::string more = "X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=1.1.1.1\r\n";
    CHECK(get(hub.port(), "/me", more + "X-Request-Id: m").body == client + (trusted ? " https" : " http"));
    CHECK(access.with("id=m").find(" address=" + client + " ") != std::string::npos);
    SocketClient socket(hub.port(), "/socket.io/", more);
    socket.join();
    CHECK(seen.get_future().get() == client);
    // A second session of that client is over the limit; one of another is over it only where nobody is believed.
    CHECK(!SocketClient(hub.port(), "/socket.io/", more).upgraded());
    CHECK(SocketClient(hub.port(), "/socket.io/", "X-Forwarded-For: 203.0.113.10\r\n").upgraded() == trusted);
    CHECK(metric(hub.port(), "zegocall_hub_refused_address_total") == (trusted ? 1 : 2));
  }
}

TEST_CASE("connections of one address are limited, those that a trusted proxy brings are not") {
  HubOptions options;
  options.trusted_proxies = {"127.0.0.2"};
  options.limits.connections_per_address_max = 2;
  Router http;
  http.route(Method::get, "/me", says("you"));
  const Hub hub = open(http, options);
  const auto served = [](RawClient& client, const char* more) {
    client.write("GET /me HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n");
    return client.read_answer().body == "you";
  };
  std::vector<std::unique_ptr<RawClient>> held;
  const auto comes_from = [&](const char* address, const char* more = "") {
    return served(*held.emplace_back(std::make_unique<RawClient>(hub.port(), address)), more);
  };
  for (int n = 0; n < 4; ++n) CHECK(comes_from("127.0.0.2", "X-Forwarded-For: 203.0.113.9\r\n"));
  CHECK(comes_from("127.0.0.3"));
  CHECK(comes_from("127.0.0.3"));
  CHECK(!comes_from("127.0.0.3", "X-Forwarded-For: 203.0.113.9\r\n"));  // whatever it says
  CHECK(metric(hub.port(), "zegocall_net_connections_over_address_total") == 1);
  options.limits.connections_per_address_max = 0;
  const Hub open_to_all = open(http, options);
  for (int n = 0; n < 5; ++n) CHECK(served(*held.emplace_back(std::make_unique<RawClient>(open_to_all.port(), "127.0.0.3")), ""));
}

TEST_CASE("a proxy list that cannot be meant is an error of open") {
  HubOptions options;
  options.trusted_proxies = {"10.0.0.0/8", "proxy.example"};
  const auto hub = Hub::open(options, {});
  REQUIRE(!hub);
  CHECK(hub.error().field == "trusted_proxies.1");
  Router http;
  http.route(Method::get, "/", says(""), Run::loop, {.rate = {.requests = 1, .per = 0s}});
  const auto other = Hub::open({}, {.namespaces = {}, .http = http});
  REQUIRE(!other);
  CHECK(other.error().field == "http.routes");
}

TEST_CASE("files: packed for those who take it, with a tag of its own, and conditions by tag and date") {
  const Folder folder;
  folder.write("index.html", "<p>page");
  folder.write("index.html.gz", packed_page);
  folder.write("old.html", "<p>newer than its packing");
  folder.write("old.html.gz", packed_page);
  folder.write("plain.txt", "plain");
  const Hub hub = open(Router().files("/", folder.path.string()), {.allowed_origins = {"https://app.example"}});
  const auto plain = get(hub.port(), "/"), packed = get(hub.port(), "/", "Accept-Encoding: br, gzip");
  CHECK(plain.body == "<p>page");
  CHECK(field(plain, "Content-Encoding") == "-");
  CHECK(packed.body == packed_page);
  CHECK(field(packed, "Content-Encoding") == "gzip");
  CHECK(field(packed, "Content-Type") == "text/html; charset=utf-8");
  for (const auto& answer : {plain, packed}) CHECK(answer.head.find("\r\nVary: Accept-Encoding\r\n") != std::string::npos);
  CHECK(plain.head.find("\r\nVary: Origin\r\n") != std::string::npos);
  const std::string tag = field(plain, "ETag"), packed_tag = field(packed, "ETag");
  CHECK(tag != packed_tag);
  const std::string gzip = "\r\nAccept-Encoding: gzip";
  CHECK(get(hub.port(), "/", "If-None-Match: " + tag).status == 304);
  CHECK(get(hub.port(), "/", "If-None-Match: " + packed_tag + gzip).status == 304);
  CHECK(field(get(hub.port(), "/", "If-None-Match: " + packed_tag + gzip), "ETag") == packed_tag);
  CHECK(get(hub.port(), "/", "If-None-Match: " + tag + gzip).status == 200);
  CHECK(get(hub.port(), "/", "If-None-Match: " + packed_tag).status == 200);
  CHECK(get(hub.port(), "/", "Accept-Encoding: gzip;q=0").body == "<p>page");
  CHECK(get(hub.port(), "/index.html.gz").status == 404);
  // One that does not hold what the file holds is not sent.
  const auto changed = get(hub.port(), "/old.html", "Accept-Encoding: gzip");
  CHECK(changed.body == "<p>newer than its packing");
  CHECK(changed.head.find("Vary: Accept-Encoding") == std::string::npos);

  const std::string date = field(plain, "Last-Modified");
  CHECK(date.ends_with(" GMT"));
  CHECK(get(hub.port(), "/", "If-Modified-Since: " + date).status == 304);
  CHECK(get(hub.port(), "/", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT").status == 200);
  CHECK(get(hub.port(), "/", "If-Modified-Since: Fri, 31 Dec 2100 08:49:37 GMT").status == 304);
  CHECK(get(hub.port(), "/", "If-Modified-Since: yesterday").status == 200);
  CHECK(get(hub.port(), "/", "If-None-Match: \"other\"\r\nIf-Modified-Since: " + date).status == 200);  // the tag decides
  CHECK(request(hub.port(), "HEAD / HTTP/1.1\r\nIf-Modified-Since: " + date).status == 304);
}

TEST_CASE("a body in parts, from every side, never ahead of its reader") {
  for (const Run run : {Run::loop, Run::service, Run::worker}) {
    CAPTURE(static_cast<int>(run));
    std::atomic<std::size_t> made{0};
    constexpr std::size_t all = 400, size = 50'000;
    Lines access;
    HubOptions options;
    options.access_log = access.sink();
    Router http;
    http.route(
        Method::get, "/export/:what",
        [&](const HttpRequest&) -> Result<HttpResponse> {
          HttpResponse out{.status = 200, .content_type = "text/csv"};
          out.parts = [&made]() -> Result<std::optional<std::string>> {
            if (made == all) return std::optional<std::string>();
            return std::string(size, static_cast<char>('a' + made++ % 26));
          };
          return out;
        },
        run);
    http.route(Method::get, "/fine", says("fine"));
    const Hub hub = open(http, options);
    RawClient client(hub.port(), 4096);
    client.write("GET /export/x HTTP/1.1\r\nHost: test\r\nX-Request-Id: e1\r\nConnection: close\r\n\r\n");
    const std::string head = client.read_until("\r\n\r\n");
    CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(head.find("Content-Type: text/csv\r\n") != std::string::npos);
    CHECK(head.find("X-Request-Id: e1\r\n") != std::string::npos);
    REQUIRE(await_at_least(hub.port(), "zegocall_net_writes_short_total", 1));
    CHECK(get(hub.port(), "/fine").body == "fine");
    CHECK(made < all);  // the reader holds it up
    const auto body = unchunked(client.read_to_end());
    REQUIRE(body);
    CHECK(body->size() == all * size);
    CHECK(body->front() == 'a');
    CHECK(access.with("id=e1").starts_with("method=GET path=/export/:what status=200 bytes=20000000 us="));
    // HEAD asks for no part.
    made = 0;
    CHECK(request(hub.port(), "HEAD /export/x HTTP/1.1").status == 200);
    CHECK(made == 0);
  }
}

TEST_CASE("a body that breaks off is seen to do so, by the client and in the log; one that hangs too") {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  Lines access, log;
  HubOptions options;
  options.log = log.sink();
  options.access_log = access.sink();
  Router http;
  const auto streams = [](auto last) {
    return [last](const HttpRequest&) -> Result<HttpResponse> {
      HttpResponse out;
      out.parts = [last, first = true]() mutable -> Result<std::optional<std::string>> {
        if (std::exchange(first, false)) return std::string("first");
        return last();
      };
      return out;
    };
  };
  using Part = Result<std::optional<std::string>>;
  http.route(Method::get, "/fails", streams([]() -> Part { return fail(ErrorCode::io_error, "no more"); }), Run::service);
  http.route(Method::get, "/throws", streams([]() -> Part { throw std::runtime_error("thrown"); }));
  http.route(Method::get, "/hangs", streams([opened]() -> Part { return opened.wait(), std::string("late"); }), Run::worker,
             {.time_limit = 50ms});
  http.route(Method::get, "/fine", says("fine"));
  const Hub hub = open(http, options);
  for (const auto& [route, end] : {std::pair{"/fails", "broken"}, {"/throws", "broken"}, {"/hangs", "timeout"}}) {
    const std::string path = route;
    CAPTURE(path);
    RawClient client(hub.port());
    client.write("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    const std::string rest = client.read_to_end();
    CHECK(client.ended());
    CHECK(!unchunked(rest));
    CHECK(access.with(std::string("path=") + path).ends_with(std::string(" end=") + end));
  }
  gate.set_value();
  CHECK(log.with("/fails").find("no more") != std::string::npos);
  CHECK(log.with("/throws").find("thrown") != std::string::npos);
  CHECK(metric(hub.port(), "zegocall_server_http_broken_off_total") == 2);
  CHECK(metric(hub.port(), "zegocall_server_http_timed_out_total") == 1);
  CHECK(get(hub.port(), "/fine").body == "fine");
}

TEST_CASE("a reader that goes away ends its stream, and what it held is freed") {
  auto held = std::make_shared<int>(1);
  Router http;
  http.route(
      Method::get, "/endless",
      [&](const HttpRequest&) -> Result<HttpResponse> {
        HttpResponse out;
        out.parts = [held]() -> Result<std::optional<std::string>> { return std::string(10'000, 'x'); };
        return out;
      },
      Run::worker);
  const Hub hub = open(http);
  {
    RawClient client(hub.port(), 4096);
    client.write("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    REQUIRE(await_at_least(hub.port(), "zegocall_net_writes_short_total", 1));
  }
  REQUIRE(await_at_least(hub.port(), "zegocall_server_http_gone_total", 1));
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (held.use_count() > 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(held.use_count() == 1);
}

TEST_CASE("a stream whose reader never lets it wait leaves the loop to others") {
  Router http;
  http.route(Method::get, "/endless", [](const HttpRequest&) -> Result<HttpResponse> {
    HttpResponse out;
    out.parts = []() -> Result<std::optional<std::string>> { return std::string(10'000, 'x'); };
    return out;
  });
  http.route(Method::get, "/fine", says("fine"));
  const Hub hub = open(http);
  RawClient client(hub.port());
  std::atomic<std::size_t> got{0};
  std::atomic<bool> over{false};
  client.write("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
  std::thread reader([&] {
    while (!over && client.read_some()) got += std::exchange(client.received(), {}).size();
  });
  for (int i = 0; i < 20; ++i) CHECK(get(hub.port(), "/fine").body == "fine");
  while (got < 50'000'000) std::this_thread::yield();
  over = true;
  reader.join();
}

TEST_CASE("stop and drain end while a body streams") {
  Router http;
  http.route(
      Method::get, "/endless",
      [&](const HttpRequest&) -> Result<HttpResponse> {
        HttpResponse out;
        out.parts = []() -> Result<std::optional<std::string>> { return std::string(10'000, 'x'); };
        return out;
      },
      Run::service);
  for (const bool drains : {false, true}) {
    std::optional<Hub> hub = open(http);
    RawClient client(hub->port(), 4096);
    client.write("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    REQUIRE(await_at_least(hub->port(), "zegocall_net_writes_short_total", 1));
    if (drains)
      hub->drain({.grace = 100ms});
    else
      hub->stop();
    hub.reset();
    CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    CHECK(!unchunked(client.read_to_end()));
    CHECK(client.ended());
  }
}
