// The HTTPS client against a real server on loopback, whose authority was made for the test.
#include "zegocall/net/http_client.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "net/http_url.hpp"
#include "net/https_server.hpp"

using namespace zegocall;
using namespace zegocall::net_test;
using namespace std::chrono_literals;

namespace {

const std::string local = "IP:127.0.0.1";

Reaction say(int status, const std::string& body) { return {.bytes = reply_text(status, body)}; }

HttpClient client_for(const HttpsServer& server, HttpClientOptions options = {}) {
  options.ca_file = server.ca_file();
  return HttpClient::open(std::move(options)).value();
}

/// A request to a server that says `bytes` and closes; one that hangs is given up after a moment.
Result<HttpReply> answer_to(const std::string& bytes, std::size_t max = 1000) {
  HttpsServer server(local, [&](const std::string&) { return Reaction{.bytes = bytes, .close = true}; });
  HttpClient client = client_for(server);
  return client.send({.url = server.url(), .time_limit = 10s, .reply_bytes_max = max});
}

ErrorCode refusal_of(const std::string& bytes, std::size_t max = 1000) {
  const auto reply = answer_to(bytes, max);
  REQUIRE_FALSE(reply);
  return reply.error().code;
}

}  // namespace

TEST_CASE("a request arrives whole, and so does its reply") {
  HttpsServer server(local, [](const std::string&) {
    return Reaction{.bytes = "HTTP/1.1 201 Created\r\nX-One: a\r\nx-ONE:  b \r\nContent-Length: 5\r\n\r\nhello"};
  });
  HttpClient client = client_for(server);
  const auto reply =
      client.send({.method = "POST", .url = server.url("/path?a=%20b"), .headers = {{"X-Mine", "1"}}, .body = "body"});
  REQUIRE(reply);
  CHECK(reply->status == 201);
  CHECK(reply->header("x-one") == "a");
  CHECK(reply->headers.at(1) == std::pair<std::string, std::string>("x-one", "b"));
  CHECK(reply->body == "hello");
  const std::string port = std::to_string(server.port());
  CHECK(server.requests().at(0) ==
        "POST /path?a=%20b HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nX-Mine: 1\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_CASE("a connection is used again, and not when the server has closed it meanwhile") {
  HttpsServer server(local, [](const std::string& request) {
    Reaction out = say(200, "ok");
    out.close = request.find("/last") != std::string::npos;
    return out;
  });
  HttpClient client = client_for(server);
  for (int i = 0; i < 3; ++i) CHECK(client.send({.url = server.url()}).value().body == "ok");
  CHECK(server.connections() == 1);
  CHECK(client.send({.url = server.url("/last")}).value().body == "ok");
  CHECK(client.send({.url = server.url()}).value().body == "ok");  // the close may or may not have been seen: both must do
  CHECK(server.requests().size() == 5);

  HttpsServer other(local, [](const std::string&) { return say(200, "ok"); });
  HttpClient forgetful = client_for(other, {.idle_max = 0});
  for (int i = 0; i < 2; ++i) CHECK(forgetful.send({.url = other.url()}).value().status == 200);
  CHECK(other.connections() == 2);
}

TEST_CASE("an idle connection that ends as it is used: what may be asked twice is asked once more, the rest is not") {
  for (const std::string method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH"}) {
    CAPTURE(method);
    int asked = 0;  // one connection at a time
    HttpsServer server(local, [&](const std::string&) {
      Reaction out = ++asked == 2 ? Reaction{} : say(200, "");
      out.close = asked == 2;
      return out;
    });
    HttpClient client = client_for(server);
    REQUIRE(client.send({.url = server.url()}));
    const auto reply = client.send({.method = method, .url = server.url("/again")});
    const bool repeats = method != "POST" && method != "PATCH";
    CHECK(reply.has_value() == repeats);
    if (!reply) CHECK(reply.error().code == ErrorCode::closed);
    CHECK(server.requests().size() == (repeats ? 3 : 2));
    CHECK(server.connections() == (repeats ? 2 : 1));
  }
  // Once: a server that does it again is not asked a third time.
  int asked = 0;
  HttpsServer server(local, [&](const std::string&) {
    Reaction out = ++asked >= 2 ? Reaction{} : say(200, "");
    out.close = asked >= 2;
    return out;
  });
  HttpClient client = client_for(server);
  REQUIRE(client.send({.url = server.url()}));
  CHECK(client.send({.url = server.url()}).error().code == ErrorCode::closed);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a certificate that is not good ends it before anything has left") {
  HttpsServer wrong_name("DNS:example.test", [](const std::string&) { return say(200, ""); });
  HttpsServer other(local, [](const std::string&) { return say(200, ""); });
  HttpsServer other_address("IP:127.0.0.2", [](const std::string&) { return say(200, ""); });
  struct Case {
    HttpsServer& server;
    std::string ca_file;
  };
  const Case cases[] = {{wrong_name, wrong_name.ca_file()},
                        {other_address, other_address.ca_file()},
                        {other, wrong_name.ca_file()},  // an authority that is not trusted
                        {other, ""}};                   // nor is it one of the system's
  for (const Case& one : cases) {
    HttpClient client = HttpClient::open({.ca_file = one.ca_file}).value();
    const auto reply = client.send({.url = one.server.url("/?Signature=secret")});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == ErrorCode::unauthenticated);
    CHECK(reply.error().field == "tls");
    CHECK(reply.error().detail.find("Signature") == std::string::npos);
    CHECK(one.server.requests().empty());
  }
}

TEST_CASE("a name is verified as well as an address") {
  HttpsServer server("DNS:localhost", [](const std::string&) { return say(200, "named"); });
  HttpClient client = client_for(server);
  CHECK(client.send({.url = "https://localhost:" + std::to_string(server.port())}).value().body == "named");
  CHECK(client.send({.url = server.url()}).error().code == ErrorCode::unauthenticated);
}

TEST_CASE("waiting ends with the time limit, wherever it stands") {
  for (const std::string& said :
       {std::string(), std::string("HTTP/1.1 200 OK\r\n"), std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")}) {
    HttpsServer server(local, [&](const std::string&) { return Reaction{.bytes = said, .hang = true}; });
    HttpClient client = client_for(server);
    const auto reply = client.send({.url = server.url(), .time_limit = 300ms});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == ErrorCode::timeout);
  }
}

TEST_CASE("no server, no TLS, no handshake in time: nothing has left") {
  std::uint16_t free_port = 0;
  {
    free_port = HttpsServer(local, [](const std::string&) { return say(200, ""); }).port();
  }
  HttpClient client = HttpClient::open().value();
  CHECK(client.send({.url = "https://127.0.0.1:" + std::to_string(free_port)}).error().code == ErrorCode::unreachable);
  ConnectProxy silent;  // waits for a CONNECT that does not come
  const auto late = client.send({.url = "https://127.0.0.1:" + std::to_string(silent.port()), .time_limit = 300ms});
  CHECK(late.error().code == ErrorCode::unreachable);
}

TEST_CASE("a redirect is a reply like another") {
  HttpsServer server(
      local, [](const std::string&) { return Reaction{.bytes = reply_text(302, "", "Location: https://127.0.0.1:1/\r\n")}; });
  HttpClient client = client_for(server);
  const auto reply = client.send({.url = server.url()}).value();
  CHECK(reply.status == 302);
  CHECK(reply.header("location") == "https://127.0.0.1:1/");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("bodies in each of the three ways, up to the bound and not beyond") {
  const std::string ten = "0123456789";
  CHECK(answer_to(reply_text(200, ten), 10).value().body == ten);
  CHECK(refusal_of(reply_text(200, ten), 9) == ErrorCode::payload_too_large);
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n") == ErrorCode::payload_too_large);

  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n4;x=y\r\n0123\r\n6\r\n456789\r\n0\r\nTrailer: 1\r\n\r\n";
  CHECK(answer_to(chunked, 10).value().body == ten);
  CHECK(refusal_of(chunked, 9) == ErrorCode::payload_too_large);
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n") == ErrorCode::payload_too_large);

  const std::string until_end = "HTTP/1.1 200 OK\r\n\r\n" + ten;
  CHECK(answer_to(until_end, 10).value().body == ten);
  CHECK(refusal_of(until_end, 9) == ErrorCode::payload_too_large);
  CHECK(answer_to("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n").value().status ==
        204);
}

TEST_CASE("a reply that is cut short is no reply") {
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012") == ErrorCode::closed);
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n01") == ErrorCode::closed);
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n0\r\n") == ErrorCode::closed);
  CHECK(refusal_of("") == ErrorCode::closed);
  // Without TLS's goodbye, an end cannot be told from a cut.
  HttpsServer server(local, [](const std::string&) { return Reaction{.bytes = "HTTP/1.1 200 OK\r\n\r\nall?", .drop = true}; });
  HttpClient client = client_for(server);
  CHECK(client.send({.url = server.url()}).error().code == ErrorCode::closed);
}

TEST_CASE("what is not HTTP, or could be read in two ways, is refused") {
  for (const char* bytes : {
           "SSH-2.0-x\r\n\r\n",
           "HTTP/2 200\r\n\r\n",
           "HTTP/1.1 20\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 -12 OK\r\n\r\n",
           "HTTP/1.1 101 Switching\r\n\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
       }) {
    CAPTURE(bytes);
    CHECK(refusal_of(bytes) == ErrorCode::protocol);
  }
  CHECK(refusal_of("HTTP/1.1 200 OK\r\nA: " + std::string(70000, 'a') + "\r\n\r\n") == ErrorCode::protocol);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10000; ++i) many += "Name: value\r\n";
  CHECK(refusal_of(many + "\r\n") == ErrorCode::protocol);
}

TEST_CASE("through a proxy, which learns the host and nothing else") {
  HttpsServer server(local, [](const std::string&) { return say(200, "through"); });
  ConnectProxy proxy;
  HttpClient client = client_for(server, {.proxy = "http://127.0.0.1:" + std::to_string(proxy.port())});
  CHECK(client.send({.url = server.url("/?Signature=1")}).value().body == "through");
  CHECK(client.send({.url = server.url()}).value().body == "through");
  CHECK(proxy.asked() == std::vector<std::string>{"CONNECT 127.0.0.1:" + std::to_string(server.port()) + " HTTP/1.1"});

  ConnectProxy refusing("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  HttpClient refused = client_for(server, {.proxy = "http://127.0.0.1:" + std::to_string(refusing.port())});
  const auto reply = refused.send({.url = server.url()});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::unreachable);
  CHECK(reply.error().field == "proxy");
}

TEST_CASE("several threads ask at once") {
  HttpsServer server(local, [](const std::string& request) { return say(200, request.substr(4, 2)); });
  HttpClient client = client_for(server);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c)
    threads.emplace_back([&, c] {
      for (int i = 0; i < 5; ++i) {
        const auto reply = client.send({.url = server.url(std::string("/") + c)});
        if (reply && reply->body == std::string("/") + c) ++good;
      }
    });
  for (std::thread& one : threads) one.join();
  CHECK(good == 20);
}

TEST_CASE("requests and options that cannot be meant") {
  HttpClient client = HttpClient::open().value();
  const auto field_of = [&](OutgoingRequest request) {
    const auto reply = client.send(request);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code != ErrorCode::unreachable);
    return reply.error().field;
  };
  for (const char* url :
       {"", "ftp://a", "http://127.0.0.1:1/", "https://", "https://a b/", "https://a/\r\nX: y", "https://user:word@a/",
        "https://a:0/", "https://a:65536/", "https://a:1x/", "https://[::1/", "https://a/#b", "https://\xc3\xa4/"}) {
    CAPTURE(url);
    CHECK(field_of({.url = url}) == "url");
  }
  CHECK(field_of({.method = "GET /", .url = "https://127.0.0.1:1"}) == "method");
  CHECK(field_of({.url = "https://127.0.0.1:1", .headers = {{"Good", "1"}, {"A", "b\r\nC: d"}}}) == "headers.1");
  CHECK(field_of({.url = "https://127.0.0.1:1", .headers = {{"A B", "c"}}}) == "headers.0");
  CHECK(field_of({.url = "https://127.0.0.1:1", .time_limit = 0ms}) == "time_limit");
  CHECK(HttpClient::open({.ca_file = "/nonexistent/ca.pem"}).error().field == "ca_file");
  CHECK(HttpClient::open({.ca_file = "/nonexistent/ca.pem"}).error().detail ==
        "no certificates in /nonexistent/ca.pem: No such file or directory");
  CHECK(HttpClient::open({.proxy = "https://a:1"}).error().field == "proxy");
  CHECK(HttpClient::open({.proxy = "socks5://a:1"}).error().field == "proxy");
  CHECK(HttpClient::open({.idle_max = 2000}).error().field == "idle_max");
}

TEST_CASE("addresses are taken apart") {
  const auto v6 = net_detail::parse_http_url("https://[::1]:8443/a?b", "url").value();
  CHECK((v6.host == "::1" && v6.port == 8443 && v6.authority == "[::1]:8443" && v6.target == "/a?b"));
  CHECK(v6.host_and_port() == "[::1]:8443");
  const auto bare = net_detail::parse_http_url("http://Example.TEST?x=1", "url").value();
  CHECK((!bare.tls && bare.host == "example.test" && bare.port == 80 && bare.target == "/?x=1"));
}
