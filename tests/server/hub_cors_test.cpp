// Origins, exactly as configured: whatever a page asks for, the preflight and the answer say the same.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zegocall-cors-XXXXXX").string();
    path = mkdtemp(pattern.data());
    std::ofstream(path / "page.html") << "<p>page";
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string field(const RawClient::Answer& answer, const std::string& name) {
  const std::size_t at = answer.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "-";
  const std::size_t start = at + name.size() + 4;
  return answer.head.substr(start, answer.head.find("\r\n", start) - start);
}

struct Asked {
  const char* request;
  int status;
  const char* body = "";
};

/// One of each kind of answer that a hub gives.
const std::vector<Asked> all_kinds = {
    {"GET /fine HTTP/1.1", 200},
    {"HEAD /fine HTTP/1.1", 200},
    {"GET /parts HTTP/1.1", 200},
    {"GET /fails HTTP/1.1", 409},
    {"GET /throws HTTP/1.1", 500},
    {"GET /members HTTP/1.1", 401},
    {"GET /late HTTP/1.1", 503},
    {"GET /rare HTTP/1.1", 429},
    {"POST /fine HTTP/1.1", 405},
    {"POST /small HTTP/1.1", 413, "more than ten bytes"},
    {"GET /nothing HTTP/1.1", 404},
    {"GET /page.html HTTP/1.1", 200},
    {"GET /page.html HTTP/1.1\r\nIf-None-Match: *", 304},
    {"DELETE /page.html HTTP/1.1", 405},
    {"GET /healthz HTTP/1.1", 200},
    {"GET /metrics HTTP/1.1", 200},
    {"OPTIONS /fine HTTP/1.1", 204},
    {"GET /socket.io/?EIO=4&transport=polling HTTP/1.1", 200},
    {"GET /socket.io/?EIO=4&transport=polling&sid=none HTTP/1.1", 400},
    {"POST /socket.io/?EIO=4&transport=polling HTTP/1.1", 400, "x"},
};

Router routes(const Folder& folder, const std::shared_future<void>& opened) {
  Router http;
  const auto fine = [](const HttpRequest&) -> Result<HttpResponse> { return http_json(200, JsonObject{}); };
  http.authenticate([](const HttpRequest&) -> Result<Identity> { return fail(ErrorCode::unauthenticated, "log in"); });
  const RouteOptions open{.anonymous = true};
  http.files("/", folder.path.string());
  http.route(Method::get, "/fine", fine, Run::loop, open).route(Method::get, "/members", fine);
  http.route(
      Method::get, "/fails", [](const HttpRequest&) -> Result<HttpResponse> { return fail(ErrorCode::busy, "busy"); }, Run::loop,
      open);
  http.route(
      Method::get, "/throws", [](const HttpRequest&) -> Result<HttpResponse> { throw std::runtime_error("planned"); }, Run::loop,
      open);
  http.route(Method::post, "/small", fine, Run::loop, {.body_max = 10, .anonymous = true});
  http.route(Method::get, "/rare", fine, Run::loop, {.anonymous = true, .rate = {.requests = 1, .per = 86'400s}});
  http.route(Method::get, "/late", [opened](const HttpRequest&) -> Result<HttpResponse> { return opened.wait(), HttpResponse{}; },
             Run::worker, {.anonymous = true, .time_limit = 20ms});
  http.route(
      Method::get, "/parts",
      [](const HttpRequest&) -> Result<HttpResponse> {
        HttpResponse out;
        out.parts = [] { return Result<std::optional<std::string>>(std::optional<std::string>()); };
        return out;
      },
      Run::loop, open);
  return http;
}

}  // namespace

TEST_CASE("the answer to every kind of request carries what its preflight says, for each origin and list") {
  struct Case {
    std::vector<std::string> list;
    std::string origin, allow, credentials;
    bool refused;  // with 403, where a preflight or a session asks
  };
  const std::vector<Case> cases = {
      {{"https://app.example", "https://other.example"}, "https://app.example", "https://app.example", "true", false},
      {{"https://app.example"}, "https://evil.example", "-", "-", true},
      {{"https://app.example"}, "https://app.example.evil.example", "-", "-", true},
      {{"https://app.example"}, "http://app.example", "-", "-", true},
      {{"https://app.example"}, "https://app.example:8443", "-", "-", true},
      {{"https://app.example"}, "null", "-", "-", true},
      {{"https://app.example"}, "http://test", "-", "-", false},  // the hub's own
      {{"*"}, "https://any.example", "*", "-", false},
      {{"*", "https://app.example"}, "https://app.example", "https://app.example", "true", false},
      {{"*", "https://app.example"}, "https://any.example", "*", "-", false},
      {{}, "https://any.example", "-", "-", false},
  };
  const Folder folder;
  for (const Case& c : cases) {
    CAPTURE(c.origin);
    std::promise<void> gate;
    HubOptions options;
    options.allowed_origins = c.list;
    Wiring wiring;
    wiring.http = routes(folder, gate.get_future().share());
    const Hub hub = Hub::open(options, std::move(wiring)).value();
    REQUIRE(get(hub.port(), "/rare").status == 200);  // the only one for today
    for (const Asked& asked : all_kinds) {
      CAPTURE(asked.request);
      const std::string request_line = asked.request;
      const bool session = request_line.find("/socket.io/") != std::string::npos;
      const auto answer = request(hub.port(), request_line + "\r\nOrigin: " + c.origin, asked.body);
      CHECK(answer.status == (session && c.refused ? 403 : asked.status));
      const std::size_t path = request_line.find(' ') + 1;
      const auto preflight = request(hub.port(), "OPTIONS " + request_line.substr(path, request_line.find(' ', path) - path) +
                                                     " HTTP/1.1\r\nAccess-Control-Request-Method: GET\r\nOrigin: " + c.origin);
      CHECK(preflight.status == (c.refused ? 403 : 204));
      for (const auto& said : {answer, preflight}) {
        CHECK(field(said, "Access-Control-Allow-Origin") == c.allow);
        CHECK(field(said, "Access-Control-Allow-Credentials") == c.credentials);
        // A cache must not give one origin's answer to another.
        const bool differs = !c.list.empty() && (c.list.front() != "*" || c.credentials == "true");
        if (differs) CHECK(said.head.find("\r\nVary: Origin\r\n") != std::string::npos);
      }
      CHECK((field(preflight, "Access-Control-Allow-Methods") != "-") == (c.allow != "-"));
    }
    gate.set_value();
  }
}

TEST_CASE("a preflight allows the headers that it asks for, as far as they are names, and to no stranger") {
  HubOptions options;
  options.allowed_origins = {"https://app.example"};
  const Hub hub = Hub::open(options, {}).value();
  const auto ask = [&](const std::string& headers, const std::string& origin = "https://app.example") {
    return field(request(hub.port(), "OPTIONS /x HTTP/1.1\r\nOrigin: " + origin +
                                         "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: " + headers),
                 "Access-Control-Allow-Headers");
  };
  CHECK(ask("authorization, x-device-id") == "authorization, x-device-id");
  CHECK(ask("x<script>") == "-");
  CHECK(ask(std::string(2000, 'x')) == "-");
  CHECK(ask("authorization", "https://evil.example") == "-");
}

TEST_CASE("a WebSocket from a stranger's page is refused where origins are listed") {
  HubOptions options;
  options.allowed_origins = {"https://app.example"};
  const Hub hub = Hub::open(options, {.namespaces = {Namespace()}}).value();
  const auto opens = [&](const char* origin) {
    return SocketClient(hub.port(), "/socket.io/", "Origin: " + std::string(origin) + "\r\n").upgraded();
  };
  CHECK(opens("https://app.example"));
  CHECK(opens("http://test"));
  for (const char* stranger : {"https://evil.example", "null", "https://app.example.", "HTTPS://app.example"})
    CHECK(!opens(stranger));
  CHECK(SocketClient(hub.port()).upgraded());  // no page at all
  CHECK(metric(hub.port(), "zegocall_server_origins_refused_total") == 4);
}
