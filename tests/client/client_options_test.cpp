// What a client refuses to be opened with.
#include <doctest/doctest.h>

#include "server/client_url.hpp"
#include "zegocall/client.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

TEST_CASE("a bad option is a clear error") {
  const auto error = [](ClientOptions options) { return Client::open(std::move(options), {}).error(); };
  for (const char* url : {"", "127.0.0.1", "ftp://x", "http://", "http://:80", "http://x:0", "http://x:99999", "http://x:8o",
                          "http://u:p@x", "http://[::1", "http://x/a,b", "http://x#y", "http://x y"}) {
    CAPTURE(url);
    CHECK(error({.url = url}).code == ErrorCode::invalid_argument);
    CHECK(error({.url = url}).field == "url");
  }
  using Headers = std::vector<std::pair<std::string, std::string>>;
  for (const Headers& bad : {Headers{{"", "x"}}, Headers{{"a b", "x"}}, Headers{{"Host", "x"}},
                             Headers{{"Sec-WebSocket-Key", "x"}}, Headers{{"fine", "x\r\ny"}}}) {
    CHECK(error({.url = "http://x", .headers = bad}).code == ErrorCode::invalid_argument);
    CHECK(error({.url = "http://x", .headers = bad}).field == "headers.0");
  }
  CHECK(to_string(error({.url = "https://x", .tls = {.ca_file = "/no/such/file"}})) ==
        "io_error: tls.ca_file: no certificates in /no/such/file: No such file or directory");
  CHECK(error({.url = "https://x", .tls = {.certificate_file = "/no/such/file"}}).field == "tls.key_file");
  CHECK(error({.url = "https://x", .tls = {.pins = {"short"}}}).field == "tls.pins");
  CHECK(error({.url = "https://x", .tls = {.pins_alone = true}}).field == "tls.pins");
  for (const ClientTls& unused :
       {ClientTls{.ca_file = "ca.pem"}, ClientTls{.certificate_file = "own.pem"}, ClientTls{.key_file = "own.pem"},
        ClientTls{.pins = {"pin"}}, ClientTls{.pins_alone = true}, ClientTls{.server_name = "x"}}) {
    CHECK(error({.url = "http://x", .tls = unused}).code == ErrorCode::invalid_argument);
    CHECK(error({.url = "ws://x", .tls = unused}).field == "tls");
  }
  CHECK(error({.url = "http://x", .proxy = {.url = "https://x"}}).field == "proxy.url");
  CHECK(error({.url = "http://x", .proxy = {.user = "u"}}).field == "proxy.url");
  CHECK(error({.url = "http://x", .proxy = {.url = "http://p", .user = "a:b"}}).field == "proxy.user");
  CHECK(error({.url = "http://x", .reconnect = {.first = -1ms}}).field == "reconnect.first");
  CHECK(to_string(error({.url = "http://x", .reconnect = {.first = 0ms}})) ==
        "out_of_range: reconnect.first: must be 1 ms to 24 h");
  CHECK(error({.url = "http://x", .reconnect = {.first = 0ms, .max = 0ms}}).field == "reconnect.first");
  CHECK(to_string(error({.url = "http://x", .reconnect = {.first = 2s, .max = 1999ms}})) ==
        "invalid_argument: reconnect.max: must be at least reconnect.first, 2000 ms");
  CHECK(Client::open({.url = "http://127.0.0.1:1", .reconnect = {.first = 1ms, .max = 1ms}}, {}));
  CHECK(error({.url = "http://x", .outbox_bytes_max = 0}).field == "outbox_bytes_max");
  for (const char* nsp : {"", "admin", "/a,b", "/a b", "/"}) {
    CAPTURE(nsp);
    ClientWiring wiring;
    wiring.namespaces.push_back({.name = nsp});
    CHECK(Client::open({.url = "http://x"}, std::move(wiring)).error().field == "namespaces.0.name");
  }
  for (const char* event : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    const Error why = Client::open({.url = "http://x"}, {.on = {{event, [](const Message&) { return Args{}; }}}}).error();
    CHECK(why.code == ErrorCode::invalid_argument);
    CHECK(why.field == "on." + std::string(event));
  }
  CHECK(Client::open({.url = "http://x"}, {.on = {{"x", nullptr}}}).error().field == "on.x");
  const MessageHandler quiet = [](const Message&) { return Args{}; };
  CHECK(to_string(Client::open({.url = "http://x"}, {.on = {{"x", quiet}, {"y", quiet}, {"x", quiet}}}).error()) ==
        "invalid_argument: on.x: has two handlers");
  ClientWiring other;
  other.namespaces.push_back({.name = "/a", .on = {{"y", nullptr}}});
  CHECK(Client::open({.url = "http://x"}, std::move(other)).error().field == "namespaces.0.on.y");
  CHECK(error({.url = "http://x", .path = "relative"}).field == "path");
  CHECK(error({.url = "http://x", .connect_timeout = 0ms}).field == "connect_timeout");
  CHECK(error({.url = "http://x", .message_bytes_max = 0}).field == "message_bytes_max");
}

TEST_CASE("the parts of an address") {
  const auto url = server_detail::parse_client_url("ws://[::1]:8080/ns/sub?a=b").value();
  CHECK(url.host == "::1");
  CHECK(url.authority == "[::1]:8080");
  CHECK(url.port == 8080);
  CHECK(url.nsp == "/ns/sub");
  CHECK(url.query == "a=b");
  CHECK(!url.tls);
  const auto tls = server_detail::parse_client_url("https://example.org").value();
  CHECK(tls.tls);
  CHECK(tls.port == 443);
  const auto plain = server_detail::parse_client_url("http://example.org/").value();
  CHECK(plain.port == 80);
  CHECK(plain.nsp == "/");
}
