#include <doctest/doctest.h>
#include <sys/resource.h>

#include "net/http_server.hpp"

using namespace zegocall;
using namespace zegocall::net_test;

namespace {

std::string get(std::string_view target, std::string_view more = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n";
}
std::string post(std::string_view body, std::string_view more = {}) {
  return "POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
         "\r\n" + std::string(body);
}

/// Sends one request and expects this refusal and then the end of the connection; the handler hears nothing.
void check_refused(const std::string& request, int status, ListenOptions options = {}) {
  CAPTURE(request.substr(0, 300));
  TestServer server(std::move(options));
  RawClient client(server.port);
  client.write(request);
  CHECK(client.read_answer().status == status);
  CHECK(client.read_to_end().empty());
  CHECK(client.ended());
  CHECK(server.diary().empty());
  CHECK(server.counters().requests_bad == 1);
  RawClient next(server.port);
  next.write(get("/still-there"));
  CHECK(next.read_answer().status == 200);
}

}  // namespace

TEST_CASE("a request is answered, and the connection serves the next one") {
  TestServer server;
  RawClient client(server.port);
  client.write(get("/a?b=c"));
  const auto first = client.read_answer();
  CHECK(first.body == "GET /a?b=c ");
  CHECK(first.head.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(first.head.find("\r\nDate: ") != std::string::npos);
  CHECK(first.head.find("\r\nConnection: keep-alive\r\n") != std::string::npos);
  client.write(post("hello"));
  CHECK(client.read_answer().body == "POST /p? hello");
  client.write(get("/last", "Connection: close\r\n"));
  CHECK(client.read_answer().head.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(client.read_to_end().empty());
  CHECK(server.counters().accepted == 1);
}

TEST_CASE("a request may arrive byte by byte, with an extra line behind its body") {
  TestServer server;
  RawClient client(server.port);
  for (const char c : post("slow")) client.write({&c, 1});
  CHECK(client.read_answer().body == "POST /p? slow");
  client.write(post("line") + "\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.body == "POST /p? line");
  CHECK(answer.head.find("Connection: keep-alive") != std::string::npos);
  client.write(get("/next"));
  CHECK(client.read_answer().body == "GET /next? ");
  CHECK(server.counters().requests_pipelined == 0);
}

TEST_CASE("of requests that are sent at once the first is answered, and that the rest is not is told by the close") {
  for (const std::string& first : {get("/1"), post("one")}) {
    TestServer server;
    RawClient client(server.port);
    client.write(first + post("two") + get("/3"));
    const auto answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.head.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(client.read_to_end().empty());
    CHECK(client.ended());
    CHECK(server.diary().size() == 1);
    CHECK(server.counters().requests_pipelined == 1);
    CHECK(server.counters().requests == 1);
  }
}

TEST_CASE("a request that is sent while another is pending is not served, whatever follows it costs nothing") {
  TestServer server;
  PeerId waiting;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { waiting = peer; };
  RawClient client(server.port);
  client.write(get("/poll"));
  REQUIRE(server.saw("request /poll"));
  client.write(get("/next"));
  REQUIRE(server.counts_up_to(&ListenerCounters::requests_pipelined, 1));
  const auto before = server.counters().bytes_in;
  std::thread flood([&] { client.write(std::string(50'000'000, 'x')); });  // more than two sockets hold
  RawClient other(server.port);
  server.request = nullptr;
  other.write(get("/other"));
  CHECK(other.read_answer().body == "GET /other? ");
  CHECK(server.counters().bytes_in < before + 1'000'000);
  server.on_loop([&] { return server.listener->answer(waiting, {.body = "first"}), 0; });
  const auto answer = client.read_answer();
  CHECK(answer.body == "first");
  CHECK(answer.head.find("\r\nConnection: close\r\n") != std::string::npos);
  client.read_to_end();
  flood.join();
  CHECK(server.diary() == std::vector<std::string>{"request /poll", "request /other"});
}

TEST_CASE("HEAD gets the length and no body; 204 gets neither") {
  TestServer server;
  RawClient client(server.port);
  client.write("HEAD /h HTTP/1.1\r\nHost: test\r\n\r\n");
  const auto head = client.read_answer(false);
  CHECK(head.head.find("Content-Length: 9\r\n") != std::string::npos);
  server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->answer(peer, {.status = 204}); };
  client.write(get("/none"));
  CHECK(client.read_answer().head.find("Content-Length") == std::string::npos);
  server.request = nullptr;
  client.write(get("/next"));
  CHECK(client.read_answer().body == "GET /next? ");  // nothing was left over between the answers
}

TEST_CASE("an escaped slash reaches the handler as it was sent") {
  TestServer server;
  RawClient client(server.port);
  client.write(get("/users/a%2Fb/%2e%2e?x=%26"));
  CHECK(client.read_answer().body == "GET /users/a%2Fb/%2e%2e?x=%26 ");
}

TEST_CASE("headers are found by lower-case name, repeated ones are joined") {
  TestServer server;
  std::string seen;
  server.request = [&](PeerId peer, const RequestHead& head, std::string) {
    seen = head.header("x-one").value_or("none") + "|" + head.header("x-two").value_or("none") + "|" + head.peer_address;
    server.listener->answer(peer, {});
  };
  RawClient client(server.port);
  client.write(get("/", "X-ONE: a\r\nx-One:  b \r\n"));
  client.read_answer();
  CHECK(seen == "a, b|none|127.0.0.1");
}

TEST_CASE("a pending request is held for longer than five seconds, and answered") {
  TestServer server;
  PeerId waiting;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { waiting = peer; };
  RawClient client(server.port);
  client.write(get("/poll"));
  REQUIRE(server.saw("request /poll"));
  CHECK(!client.read_some(5500ms));
  CHECK(!client.ended());
  server.on_loop([&] { return server.listener->answer(waiting, {.body = "at last"}), 0; });
  CHECK(client.read_answer().body == "at last");
}

TEST_CASE("a client that leaves a pending request is noticed, and a late answer is a no-op") {
  TestServer server;
  PeerId waiting;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { waiting = peer; };
  SUBCASE("with a goodbye") {
    RawClient client(server.port);
    client.write(get("/poll"));
    REQUIRE(server.saw("request /poll"));
  }
  SUBCASE("with a reset") {
    RawClient client(server.port);
    client.write(get("/poll"));
    REQUIRE(server.saw("request /poll"));
    client.reset();
  }
  CHECK(server.saw("request gone"));
  server.on_loop([&] { return server.listener->answer(waiting, {.body = "too late"}), 0; });
  CHECK(server.counters().connections == 0);
}

TEST_CASE("a body that comes later than its head is announced, and that it broke off is told") {
  TestServer server;
  const std::string head = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";
  RawClient client(server.port);
  client.write(head + "four");
  REQUIRE(server.saw("request /slow"));
  CHECK(client.read_answer().body == "POST /slow? four");
  CHECK(server.diary() == std::vector<std::string>{"request /slow"});
  client.write(head + "fi");
  REQUIRE(server.saw("body of /slow"));
  SUBCASE("whole in the end") {
    client.write("ve");
    CHECK(client.read_answer().body == "POST /slow? five");
    CHECK(server.diary() == std::vector<std::string>{"request /slow", "body of /slow", "request /slow"});
  }
  SUBCASE("the client leaves") {
    client.close();
    CHECK(server.saw("request gone"));
  }
}

TEST_CASE("close ends a pending request") {
  TestServer server;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->close(peer, 0, {}); };
  RawClient client(server.port);
  client.write(get("/poll"));
  CHECK(client.read_to_end().empty());
  CHECK(server.saw("request gone"));
}

TEST_CASE("a chunked body is refused with 411") {
  check_refused("POST /p HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 411);
  check_refused("POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", 411);
}

TEST_CASE("a Content-Length that is not one number is refused with 400") {
  for (const char* lengths : {"Content-Length: 3\r\nContent-Length: 5", "Content-Length: 3\r\nContent-Length: 3",
                              "Content-Length: 3, 5", "Content-Length: -3", "Content-Length: +3", "Content-Length: 0x3",
                              "Content-Length: 3a", "Content-Length: ", "Content-Length: 99999999999999999999x"})
    check_refused("POST /p HTTP/1.1\r\nHost: test\r\n" + std::string(lengths) + "\r\n\r\nabc", 400);
}

TEST_CASE("a body over the limit is refused before it is read, one at the limit is taken") {
  TestServer server;
  RawClient client(server.port);
  client.write(post(std::string(1000, 'x')));
  CHECK(client.read_answer().body.size() == 9 + 1000);
  check_refused("POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n\r\n", 413);
  check_refused(post(std::string(500'000, 'x')), 413);  // and what was sent of it does not turn the answer into a reset
}

TEST_CASE("what is too long is told how long it may be") {
  TestServer server({.head_bytes_max = 2000});
  const auto refusal = [&](const std::string& request) {
    RawClient client(server.port);
    client.write(request);
    const auto answer = client.read_answer();
    return std::to_string(answer.status) + " " + answer.body;
  };
  const std::string post_head = "POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: ";
  const std::string body_told = "413 the body of the request has more than the 1000 bytes that are taken here\n";
  // 2^64 - 1, one more, and what has more digits than any number here.
  for (const std::string length : {"1001", "18446744073709551615", "18446744073709551616", "99999999999999999999999"})
    CHECK(refusal(post_head + length + "\r\n\r\n") == body_told);
  CHECK(refusal(get("/", "X: " + std::string(2000, 'x') + "\r\n")) == "431 the head of the request has more than 2000 bytes\n");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X: 1\r\n";  // and Host
  CHECK(refusal(get("/", many)) == "431 more than 100 headers\n");
}

TEST_CASE("the bodies of all requests that are not answered have a bound together") {
  TestServer server({.bodies_bytes_max = 1500});
  PeerId waiting;
  server.request = [&](PeerId peer, const RequestHead& head, std::string body) {
    if (head.method == "POST" && body.size() == 1000 && waiting == PeerId{}) return void(waiting = peer);
    server.listener->answer(peer, {.body = std::to_string(body.size())});
  };
  RawClient first(server.port), second(server.port), third(server.port), small(server.port);
  first.write(post(std::string(1000, 'x')));
  REQUIRE(server.saw("request /p"));
  second.write(post(std::string(1000, 'x')));
  CHECK(second.read_answer().status == 503);
  small.write(post(std::string(500, 'x')));
  CHECK(small.read_answer().body == "500");
  CHECK(server.counters().requests_no_room == 1);
  server.on_loop([&] { return server.listener->answer(waiting, {.body = "first"}), 0; });
  CHECK(first.read_answer().body == "first");
  third.write(post(std::string(1000, 'x')));
  CHECK(third.read_answer().body == "1000");
  {
    RawClient half(server.port);
    const auto before = server.counters().bytes_in;
    half.write(post(std::string(1000, 'x')).substr(0, 1000));
    REQUIRE(server.counts_up_to(&ListenerCounters::bytes_in, before + 1000));
  }
  second.close();
  REQUIRE(server.counts_down_to(&ListenerCounters::connections, 3));
  third.write(post(std::string(1000, 'x')));
  CHECK(third.read_answer().body == "1000");
}

TEST_CASE("an unknown method is refused with 501") {
  check_refused("BREW /pot HTTP/1.1\r\nHost: test\r\n\r\n", 501);
  check_refused("TRACE / HTTP/1.1\r\nHost: test\r\n\r\n", 501);
}

TEST_CASE("known methods reach the handler, with and without a body") {
  TestServer server;
  RawClient client(server.port);
  for (const std::string method : {"PUT", "PATCH", "DELETE", "OPTIONS"}) {
    client.write(method + " /m HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(client.read_answer().body == method + " /m? hi");
    client.write(method + " /m HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(client.read_answer().body == method + " /m? ");
  }
}

TEST_CASE("a head over the limit is refused with 431, one below it is not") {
  TestServer server;
  RawClient client(server.port);
  client.write(get("/", "X-Big: " + std::string(15'000, 'x') + "\r\n"));
  CHECK(client.read_answer().status == 200);
  check_refused(get("/", "X-Big: " + std::string(17'000, 'x') + "\r\n"), 431);
  check_refused("GET /" + std::string(20'000, 'x'), 431);  // no end in sight
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-N: 1\r\n";
  check_refused(get("/", many), 431);
}

TEST_CASE("what two readers could understand differently is refused") {
  for (const char* head :
       {"GET / HTTP/1.1\nHost: test\n\n", "GET / HTTP/1.1\nHost: test\n\n\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: test\r\nX: a\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: test\r\nX : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: test\r\nX\r\n\r\n", "GET / HTTP/1.1\r\nHost: test\r\nX: a\x01\r\n\r\n",
        "GET nowhere HTTP/1.1\r\nHost: test\r\n\r\n", "GET  / HTTP/1.1\r\nHost: test\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: test\r\n\r\n", "GET /\r\nHost: test\r\n\r\n", "G\"T / HTTP/1.1\r\nHost: test\r\n\r\n",
        "\x16\x03\x01\x02 hello tls\r\n\r\n", "GET * HTTP/1.1\r\nHost: test\r\n\r\n"})
    check_refused(head, 400);
  check_refused("GET / HTTP/2.0\r\nHost: test\r\n\r\n", 505);
}

TEST_CASE("a proxy's way to name the target is understood, an extra line before a request is passed over") {
  TestServer server;
  RawClient client(server.port);
  client.write("\r\nGET http://elsewhere.example/x?y HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(client.read_answer().body == "GET /x?y ");
  const std::pair<std::string, std::string> targets[] = {
      {"http://h", "/?"}, {"http://h?x=/version", "/?x=/version"}, {"http://h#/version", "/?"}, {"HTTP://h/?a#b", "/?a"}};
  for (const auto& each : targets) {
    CAPTURE(each.first);
    client.write("GET " + each.first + " HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(client.read_answer().body == "GET " + each.second + " ");
  }
}

TEST_CASE("HTTP/1.0 is answered and closed, or kept when it asks so") {
  TestServer server;
  RawClient client(server.port);
  client.write("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.read_answer().body == "GET /old? ");
  client.write("GET /old HTTP/1.0\r\n\r\n");
  CHECK(client.read_answer().body == "GET /old? ");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("Expect: 100-continue is answered before the body, or with the refusal") {
  TestServer server;
  RawClient client(server.port);
  client.write("POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.write("hello");
  CHECK(client.read_answer().body == "POST /p? hello");
  check_refused("POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n", 413);
  check_refused("POST /p HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: tea\r\n\r\n", 417);
}

TEST_CASE("a head or body that does not come in time ends the connection") {
  const ListenOptions hasty{.header_timeout = 50ms, .body_timeout = 50ms, .idle_timeout = 50ms};
  TestServer server(hasty);
  RawClient silent(server.port), half_head(server.port), half_body(server.port), idle(server.port);
  half_head.write("GET / HTTP/1.1\r\nHo");
  half_body.write("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc");
  idle.write(get("/"));
  CHECK(idle.read_answer().status == 200);
  CHECK(silent.read_to_end().empty());
  CHECK(half_head.read_answer().status == 408);
  CHECK(half_head.read_to_end().empty());
  CHECK(half_body.read_answer().status == 408);
  CHECK(half_body.read_to_end().empty());
  CHECK(idle.read_to_end().empty());
}

TEST_CASE("each kind of waiting has its counter") {
  TestServer server({.header_timeout = 50ms, .body_timeout = 50ms, .idle_timeout = 50ms, .unread_timeout = 50ms});
  const auto big = std::make_shared<const std::string>(20'000'000, 'b');
  server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->answer(peer, {.shared_body = big}); };
  RawClient silent(server.port), half_head(server.port), half_body(server.port), unread(server.port, 4096);
  half_head.write("GET / HTTP/1.1\r\nHo");
  half_body.write("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc");
  unread.write(get("/big"));
  CHECK(server.counts_up_to(&ListenerCounters::timeouts_head, 2));
  CHECK(server.counts_up_to(&ListenerCounters::timeouts_body, 1));
  CHECK(server.counts_up_to(&ListenerCounters::timeouts_unread, 1));
  for (RawClient* client : {&silent, &half_head, &half_body, &unread}) client->close();
  CHECK(server.counts_down_to(&ListenerCounters::connections, 0));
  CHECK(server.counters().timeouts >= 4);
}

TEST_CASE("a slow download goes on for as long as something is read") {
  TestServer server({.idle_timeout = 100ms, .unread_timeout = 400ms, .close_timeout = 100ms});
  const auto big = std::make_shared<const std::string>(12'000'000, 'b');
  for (const char* last : {"", "Connection: close\r\n"}) {
    server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->answer(peer, {.shared_body = big}); };
    RawClient client(server.port, 4096);
    client.write(get("/big", last));
    const auto start = std::chrono::steady_clock::now();
    std::size_t got = 0;
    while (std::chrono::steady_clock::now() - start < 700ms) {  // longer than any of the limits
      const auto step = std::chrono::steady_clock::now() + 20ms;
      while (std::chrono::steady_clock::now() < step) std::this_thread::yield();
      REQUIRE(client.read_some());
      got = client.received().size();
    }
    CHECK(got < big->size());  // it was indeed slow
    CHECK(client.read_answer().body.size() == big->size());
  }
  CHECK(server.counters().timeouts_unread == 0);
  CHECK(server.counters().timeouts_head == 0);
  CHECK(server.counters().timeouts_body == 0);  // how long the client takes to close afterwards is its own affair
}

TEST_CASE("a client that asks and asks and never reads costs one answer") {
  TestServer server;
  const auto big = std::make_shared<const std::string>(8'000'000, 'b');
  server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->answer(peer, {.shared_body = big}); };
  RawClient client(server.port, 4096);
  client.write(get("/big"));
  REQUIRE(server.counts_up_to(&ListenerCounters::writes_short, 1));
  for (int i = 0; i < 100; ++i) client.write(get("/again"));  // the answer before has not left: they wait
  RawClient other(server.port);
  server.request = nullptr;
  other.write(get("/other"));
  CHECK(other.read_answer().status == 200);
  CHECK(server.counters().requests == 2);
  CHECK(client.read_answer().body.size() == big->size());
  CHECK(client.read_answer().status == 200);  // the next one; that others were sent with it ends the connection
  client.read_to_end();
  CHECK(server.counters().requests == 3);
  CHECK(server.counters().requests_pipelined == 1);
}

TEST_CASE("a streamed answer: chunks for HTTP/1.1, the connection's end for 1.0, nothing for HEAD") {
  TestServer server;
  server.request = [&](PeerId peer, const RequestHead& head, std::string) {
    server.listener->answer(peer, {.streamed = true});
    if (head.path == "/cut") {
      server.listener->add_part(peer, "half");
      return server.listener->break_off(peer);
    }
    for (const char* part : {"abc", "", "0123456789abcdef"}) server.listener->add_part(peer, part);
    server.listener->end_parts(peer);
    server.listener->add_part(peer, "too late");
  };
  RawClient client(server.port);
  client.write(get("/a"));
  const std::string head = client.read_until("\r\n\r\n");
  CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(client.read_until("0\r\n\r\n") == "3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
  client.write("HEAD /a HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(client.read_answer(false).head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  client.write("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");  // cannot be kept: its end is the body's
  CHECK(client.read_until("\r\n\r\n").find("Connection: close\r\n") != std::string::npos);
  CHECK(client.read_to_end() == "abc0123456789abcdef");
  RawClient cut(server.port), reset(server.port);
  cut.write(get("/cut"));
  const std::string said = cut.read_to_end();
  CHECK(said.ends_with("\r\n\r\n4\r\nhalf\r\n"));
  CHECK(!cut.was_reset());
  reset.write("GET /cut HTTP/1.0\r\n\r\n");
  reset.read_to_end();
  CHECK(reset.was_reset());
}

TEST_CASE("a streamed answer waits for its reader, and ends with it") {
  TestServer server({.unread_timeout = 2s});
  std::size_t left = 20'000'000, most = 0;  // loop thread
  const std::string part(10'000, 'p');
  const auto go_on = [&](PeerId peer) {
    while (left > 0 && server.listener->buffered(peer) <= stream_room_bytes) {
      server.listener->add_part(peer, part);
      left -= part.size();
      most = std::max(most, server.listener->buffered(peer));
    }
    if (left == 0) server.listener->end_parts(peer);
  };
  server.room = go_on;
  server.request = [&](PeerId peer, const RequestHead&, std::string) {
    server.listener->answer(peer, {.streamed = true});
    go_on(peer);
  };
  SUBCASE("who reads") {
    RawClient client(server.port, 4096);
    client.write(get("/a", "Connection: close\r\n"));
    REQUIRE(server.counts_up_to(&ListenerCounters::writes_short, 1));
    CHECK(server.on_loop([&] { return left; }) > 0);
    CHECK(client.read_to_end().size() > 20'000'000);
    CHECK(server.on_loop([&] { return most; }) < 3 * stream_room_bytes);
  }
  SUBCASE("who goes away") {
    RawClient client(server.port, 4096);
    client.write(get("/a"));
    REQUIRE(server.counts_up_to(&ListenerCounters::writes_short, 1));
    client.reset();
    CHECK(server.saw("request gone"));
  }
  SUBCASE("who never reads") {
    RawClient client(server.port, 4096);
    client.write(get("/a"));
    CHECK(server.saw("request gone"));
    CHECK(server.counters().timeouts_unread == 1);
  }
  CHECK(server.counts_down_to(&ListenerCounters::connections, 0));
}

TEST_CASE("an answer's headers cannot smuggle lines") {
  TestServer server;
  server.request = [&](PeerId peer, const RequestHead&, std::string) {
    server.listener->answer(peer, {.status = 302, .headers = {{"Location", "/a\r\nSet-Cookie: x=y"}}});
  };
  RawClient client(server.port);
  client.write(get("/"));
  CHECK(client.read_answer().head.find("\r\nSet-Cookie") == std::string::npos);
}

TEST_CASE("a handler that throws loses its connection and harms nobody else") {
  TestServer server;
  server.request = [&](PeerId peer, const RequestHead& head, std::string) {
    if (head.path == "/throw") throw std::runtime_error("on purpose");
    server.listener->answer(peer, {.body = "fine"});
  };
  RawClient good(server.port), bad(server.port);
  bad.write(get("/throw"));
  CHECK(bad.read_to_end().empty());
  good.write(get("/"));
  CHECK(good.read_answer().body == "fine");
  CHECK(server.saw("log a handler threw, its connection ends: on purpose"));
}

TEST_CASE("a large shared body arrives whole through a small window") {
  const auto body = std::make_shared<const std::string>(8'000'000, 'b');
  TestServer server;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { server.listener->answer(peer, {.shared_body = body}); };
  RawClient client(server.port, 4096);
  client.write(get("/big"));
  CHECK(client.read_answer().body == *body);
  CHECK(server.counters().writes_short > 0);
}

TEST_CASE("stop_accepting frees the port, ends idle connections and lets the rest finish") {
  TestServer server;
  PeerId waiting;
  server.request = [&](PeerId peer, const RequestHead&, std::string) { waiting = peer; };
  RawClient idle(server.port), busy(server.port);
  busy.write(get("/poll"));
  REQUIRE(server.saw("request /poll"));
  server.on_loop([&] { return server.listener->stop_accepting(), 0; });
  CHECK(idle.read_to_end().empty());
  CHECK(!RawClient(server.port).connected());
  server.on_loop([&] { return server.listener->answer(waiting, {.body = "done"}), 0; });
  const auto answer = busy.read_answer();
  CHECK(answer.body == "done");
  CHECK(answer.head.find("Connection: close") != std::string::npos);
  CHECK(busy.read_to_end().empty());
}

TEST_CASE("an occupied port and an impossible host are clear errors") {
  LoopThread thread;
  TestServer server;
  const auto code = [&](ListenOptions options) {
    return thread.on_loop([&] {
      auto opened = Listener::open(thread.loop(), options, server);
      return opened ? ErrorCode::internal : opened.error().code;
    });
  };
  CHECK(code({.port = server.port}) == ErrorCode::address_in_use);
  CHECK(code({.host = "no such host"}) == ErrorCode::invalid_argument);
}

TEST_CASE("connections over the limit are closed at once") {
  TestServer server({.connections_max = 2});
  RawClient one(server.port), two(server.port);
  one.write(get("/1")), two.write(get("/2"));
  CHECK(one.read_answer().status == 200);
  CHECK(two.read_answer().status == 200);
  RawClient three(server.port);
  CHECK(three.read_to_end().empty());
  CHECK(server.counters().connections_over == 1);
}

TEST_CASE("without descriptors accepting pauses, the rest goes on, and accepting goes on when there are some again") {
  TestServer server;
  RawClient open(server.port), late;
  open.write(get("/1"));
  REQUIRE(open.read_answer().status == 200);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 3;  // a new descriptor would need a number below this
  setrlimit(RLIMIT_NOFILE, &none);
  late.connect(server.port);
  CHECK(server.counts_up_to(&ListenerCounters::accepts_paused, 2));  // it tried again, and did not spin
  open.write(get("/2"));
  CHECK(open.read_answer().status == 200);
  CHECK(server.counters().accepted == 1);
  setrlimit(RLIMIT_NOFILE, &before);
  late.write(get("/3"));
  CHECK(late.read_answer().status == 200);
}
