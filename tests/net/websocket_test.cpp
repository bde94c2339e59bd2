#include <doctest/doctest.h>

#include "base/utf8.hpp"
#include "net/http_server.hpp"
#include "net/ws_frames.hpp"

using namespace zegocall;
using namespace zegocall::net_test;

namespace {

constexpr int fin = 0x80, text = 1, binary = 2, close_op = 8, ping = 9, pong = 10;

std::string close_bytes(int code) { return {static_cast<char>(code >> 8), static_cast<char>(code & 255)}; }

/// Opens a WebSocket, sends these bytes and expects the server to close with this code.
void check_closed(const std::string& bytes, int code, ListenOptions options = {}) {
  CAPTURE(code);
  TestServer server(std::move(options));
  server.message = [](PeerId, std::string_view, bool) {};
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  client.write(bytes);
  const auto frame = client.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.payload.substr(0, 2) == close_bytes(code));
  CHECK(client.read_to_end().empty());
  CHECK(server.saw("close"));
  CHECK(server.counters().websockets == 0);
}

std::string key_line(std::string_view key) { return "Sec-WebSocket-Key: " + std::string(key) + "\r\n"; }
int handshake_status(TestServer& server, const std::string& lines) {
  RawClient client(server.port);
  client.write("GET /ws HTTP/1.1\r\nHost: test\r\n" + lines + "\r\n");
  return client.read_answer().status;
}

}  // namespace

TEST_CASE("messages of every size class are echoed, text and binary, fragmented and in one piece") {
  TestServer server;
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 1500u, 65535u, 65536u, 300000u}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 26);
    client.write(RawClient::frame(fin | text, payload));
    auto back = client.read_frame();
    CHECK(back.opcode == text);
    CHECK(back.final);
    CHECK(!back.masked);
    CHECK(back.payload == payload);
    client.write(RawClient::frame(binary, payload.substr(0, size / 3)));
    client.write(RawClient::frame(0, payload.substr(size / 3, size / 3)));
    client.write(RawClient::frame(fin | ping, "in between"));
    client.write(RawClient::frame(fin | 0, payload.substr(size / 3 * 2)));
    CHECK(client.read_frame().opcode == pong);
    back = client.read_frame();
    CHECK(back.opcode == binary);
    CHECK(back.payload == payload);
  }
}

TEST_CASE("frames may arrive byte by byte, with the handshake, or many in one packet") {
  TestServer server;
  RawClient client(server.port);
  client.write(std::string(RawClient::handshake) + RawClient::frame(fin | text, "early"));
  client.read_until("\r\n\r\n");
  CHECK(client.read_frame().payload == "early");
  for (const char c : RawClient::frame(fin | text, std::string(200, 'y'))) client.write({&c, 1});
  CHECK(client.read_frame().payload == std::string(200, 'y'));
  std::string many;
  for (int i = 0; i < 500; ++i) many += RawClient::frame(fin | text, std::to_string(i));
  client.write(many);
  for (int i = 0; i < 500; ++i) CHECK(client.read_frame().payload == std::to_string(i));
}

TEST_CASE("what is sent in one turn of the loop leaves in one write") {
  TestServer server;
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  const auto before = server.counters();
  server.on_loop([&] {
    const auto framed = std::make_shared<const std::string>(Listener::frame("shared", false));
    for (int i = 0; i < 50; ++i)
      server.listener->send(server.last_open, "one", false), server.listener->send_frame(server.last_open, framed);
    return 0;
  });
  for (int i = 0; i < 50; ++i) {
    CHECK(client.read_frame().payload == "one");
    CHECK(client.read_frame().payload == "shared");
  }
  const auto after = server.counters();
  CHECK(after.frames_out - before.frames_out == 100);
  CHECK(after.writes - before.writes == 1);
}

TEST_CASE("a slow reader costs bounded writes, is accounted for, and gets everything in order") {
  TestServer server;
  RawClient client(server.port, 4096);
  REQUIRE(client.upgrade());
  const std::string chunk(100'000, 'c');
  const std::size_t waiting = server.on_loop([&] {
    for (int i = 0; i < 100; ++i) server.listener->send(server.last_open, std::to_string(i) + chunk, false);
    return server.listener->buffered(server.last_open);
  });
  CHECK(waiting >= 10'000'000);
  CHECK(server.counts_up_to(&ListenerCounters::writes_short, 1));
  const std::size_t later = server.on_loop([&] { return server.listener->buffered(server.last_open); });
  CHECK(later < waiting);  // the kernel took some
  CHECK(later > 1'000'000);
  for (int i = 0; i < 100; ++i) REQUIRE(client.read_frame().payload == std::to_string(i) + chunk);
  client.write(RawClient::frame(fin | text, "and on"));
  CHECK(client.read_frame().payload == "and on");
  CHECK(server.on_loop([&] { return server.listener->buffered(server.last_open); }) == 0);
}

TEST_CASE("a slow reader is still read from while its output waits") {
  TestServer server;
  server.message = [&](PeerId, std::string_view message, bool) { server.note("message " + std::string(message)); };
  RawClient client(server.port, 4096);
  REQUIRE(client.upgrade());
  server.on_loop([&] { return server.listener->send(server.last_open, std::string(10'000'000, 'x'), false), 0; });
  REQUIRE(server.counts_up_to(&ListenerCounters::writes_short, 1));
  client.write(RawClient::frame(fin | text, "still here"));
  CHECK(server.saw("message still here"));
}

TEST_CASE("a slow reader that is closed goes after the close limit; one that resets goes at once") {
  TestServer server({.close_timeout = 50ms});
  RawClient client(server.port, 4096);
  REQUIRE(client.upgrade());
  server.on_loop([&] { return server.listener->send(server.last_open, std::string(10'000'000, 'x'), false), 0; });
  REQUIRE(server.counts_up_to(&ListenerCounters::writes_short, 1));
  SUBCASE("closed") {
    server.on_loop([&] { return server.listener->close(server.last_open, 1008, "too slow"), 0; });
    CHECK(server.saw("close"));
    CHECK(server.counts_up_to(&ListenerCounters::timeouts, 1));
  }
  SUBCASE("given up") {
    server.on_loop([&] { return server.listener->close(server.last_open, 0, {}), 0; });
    CHECK(server.saw("close"));
    CHECK(server.counters().timeouts == 0);
  }
  SUBCASE("reset") {
    client.reset();
    CHECK(server.saw("close"));
  }
  CHECK(server.counters().connections == 0);
}

TEST_CASE("close sends what is queued, then the close frame; messages that come later are not heard") {
  TestServer server;
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  server.on_loop([&] {
    server.listener->send(server.last_open, "last words", false);
    server.listener->close(server.last_open, 1001, "going away");
    server.listener->send(server.last_open, "never", false);
    server.note("close returned");
    return 0;
  });
  CHECK(client.read_frame().payload == "last words");
  const auto frame = client.read_frame();
  CHECK(frame.opcode == close_op);
  CHECK(frame.payload == close_bytes(1001) + "going away");
  client.write(RawClient::frame(fin | text, "hello?") + RawClient::frame(fin | close_op, close_bytes(1001)));
  CHECK(client.read_to_end().empty());
  REQUIRE(server.saw("close"));
  CHECK(server.diary() == std::vector<std::string>{"open", "close returned", "close"});
}

TEST_CASE("a client's close is echoed, its disappearance is noticed, each told once") {
  TestServer server;
  {
    RawClient client(server.port);
    REQUIRE(client.upgrade());
    client.write(RawClient::frame(fin | close_op, close_bytes(3999) + "bye"));
    CHECK(client.read_frame().payload == close_bytes(3999) + "bye");
    CHECK(client.read_to_end().empty());
  }
  REQUIRE(server.saw("close"));
  {
    RawClient client(server.port);
    REQUIRE(client.upgrade());
    client.write(RawClient::frame(fin | close_op, ""));
    CHECK(client.read_to_end() == std::string("\x88\x00", 2));
  }
  REQUIRE(server.counts_down_to(&ListenerCounters::connections, 0));
  REQUIRE(server.diary() == std::vector<std::string>{"open", "close", "open", "close"});
  PeerId stale = server.on_loop([&] { return server.last_open; });
  {
    RawClient client(server.port);
    REQUIRE(client.upgrade());
    client.reset();
  }
  REQUIRE(server.counts_down_to(&ListenerCounters::connections, 0));
  CHECK(server.diary() == std::vector<std::string>{"open", "close", "open", "close", "open", "close"});
  server.on_loop([&] {  // of a connection whose slot has had another owner since
    server.listener->send(stale, "x", false);
    server.listener->close(stale, 1000, {});
    server.listener->pause_reading(stale, true);
    server.listener->answer(stale, {});
    return server.listener->buffered(stale);
  });
}

TEST_CASE("broken frames close with 1002") {
  check_closed(RawClient::frame(fin | text, "not masked", false), 1002);
  check_closed(RawClient::frame(fin | 0x40 | text, "reserved bit"), 1002);
  check_closed(RawClient::frame(fin | 3, "reserved opcode"), 1002);
  check_closed(RawClient::frame(fin | 0, "nothing to continue"), 1002);
  check_closed(RawClient::frame(text, "one") + RawClient::frame(fin | text, "two"), 1002);
  check_closed(RawClient::frame(ping, "fragmented ping"), 1002);
  check_closed(RawClient::frame(fin | ping, std::string(126, 'x')), 1002);
  check_closed(RawClient::frame(fin | close_op, "x"), 1002);
  check_closed(RawClient::frame(fin | close_op, close_bytes(1005)), 1002);
  check_closed(RawClient::frame(fin | close_op, close_bytes(999)), 1002);
}

TEST_CASE("text that is not UTF-8 closes with 1007, also across fragments; binary may be anything") {
  check_closed(RawClient::frame(fin | text, "\xff"), 1007);
  check_closed(RawClient::frame(fin | text, "cut \xe2\x82"), 1007);
  check_closed(RawClient::frame(fin | close_op, close_bytes(1000) + "\xff"), 1007);
  TestServer server;
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  client.write(RawClient::frame(text, "\xe2\x82") + RawClient::frame(fin, "\xac"));  // a character in two fragments
  CHECK(client.read_frame().payload == "\xe2\x82\xac");
  client.write(RawClient::frame(fin | binary, "\xff\xfe"));
  CHECK(client.read_frame().payload == "\xff\xfe");
}

TEST_CASE("a message at the limit is taken, one over it closes with 1009, in one piece or in fragments") {
  const ListenOptions small{.message_bytes_max = 1000};
  TestServer server(small);
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  client.write(RawClient::frame(fin | text, std::string(1000, 'x')));
  CHECK(client.read_frame().payload.size() == 1000);
  client.write(RawClient::frame(text, std::string(500, 'x')) + RawClient::frame(fin, std::string(500, 'x')));
  CHECK(client.read_frame().payload.size() == 1000);
  check_closed(RawClient::frame(fin | text, std::string(1001, 'x')), 1009, small);
  check_closed(RawClient::frame(text, std::string(500, 'x')) + RawClient::frame(fin, std::string(501, 'x')), 1009, small);
  check_closed({'\x81', '\xff', 0, 0, 1, 0, 0, 0, 0, 0}, 1009, small);       // a terabyte is announced
  check_closed({'\x81', '\xff', '\x80', 0, 0, 0, 0, 0, 0, 0}, 1009, small);  // not even a length; as ws answers
  // What is wrong whatever its length is said to be so.
  check_closed({'\x88', '\xff', '\x80', 0, 0, 0, 0, 0, 0, 0}, 1002, small);
  check_closed({'\x80', '\xff', '\x80', 0, 0, 0, 0, 0, 0, 0}, 1002, small);
  check_closed(RawClient::frame(text, "one") + std::string("\x81\xff\x80\0\0\0\0\0\0\0", 10), 1002, small);
}

TEST_CASE("a handshake is refused by the handler before it happens") {
  TestServer server;
  server.verdict = [](PeerId, const RequestHead& head) -> std::optional<HttpAnswer> {
    if (head.path == "/ws" && head.query == "EIO=4") return std::nullopt;
    return HttpAnswer{.status = 403, .body = "no", .close = true};
  };
  RawClient client(server.port);
  CHECK(client.upgrade());
  CHECK(handshake_status(server, "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                                     key_line("dGhlIHNhbXBsZSBub25jZQ==")) == 403);
  CHECK(server.diary() == std::vector<std::string>{"open"});
}

TEST_CASE("a handshake that is not correct is refused, and without the right headers it is an ordinary request") {
  TestServer server;
  const std::string good = "Upgrade: WebSocket\r\nConnection: Upgrade\r\n", key = key_line("dGhlIHNhbXBsZSBub25jZQ==");
  CHECK(handshake_status(server, good + key) == 426);
  CHECK(handshake_status(server, good + key + "Sec-WebSocket-Version: 8\r\n") == 426);
  CHECK(handshake_status(server, good + "Sec-WebSocket-Version: 13\r\n") == 400);
  CHECK(handshake_status(server, good + "Sec-WebSocket-Version: 13\r\n" + key_line("short")) == 400);
  CHECK(handshake_status(server, "Upgrade: h2c\r\nConnection: Upgrade\r\n") == 200);
  CHECK(handshake_status(server, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + key) == 200);
  CHECK(handshake_status(server, good + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a b, c\r\n" + key) == 400);
  RawClient old(server.port);
  old.write("GET /ws HTTP/1.0\r\nHost: test\r\nSec-WebSocket-Version: 13\r\n" + good + key + "\r\n");
  CHECK(old.read_answer().status == 400);
}

TEST_CASE("of the subprotocols that a client offers the first is chosen, as ws does; where none is offered, none") {
  TestServer server;
  const auto answer_to = [&](const std::string& offer) {
    RawClient client(server.port);
    client.write("GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                 offer + key_line("dGhlIHNhbXBsZSBub25jZQ==") + "\r\n");
    return client.read_until("\r\n\r\n");
  };
  CHECK(answer_to("Sec-WebSocket-Protocol: chat, other\r\n").find("\r\nSec-WebSocket-Protocol: chat\r\n") != std::string::npos);
  CHECK(answer_to("").find("Protocol:") == std::string::npos);
}

TEST_CASE("a paused peer is not heard until it may go on, and nothing of it is lost") {
  TestServer server;
  server.message = [&](PeerId peer, std::string_view message, bool) {
    server.note(std::string(message));
    if (message == "1") server.listener->pause_reading(peer, true);
  };
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  client.write(RawClient::frame(fin | text, "1") + RawClient::frame(fin | text, "2"));
  REQUIRE(server.saw("1"));
  const PeerId first = server.on_loop([&] { return server.last_open; });
  client.write(RawClient::frame(fin | text, "3"));
  RawClient other(server.port);  // a whole round trip through the loop, twice
  REQUIRE(other.upgrade());
  other.write(RawClient::frame(fin | ping, ""));
  CHECK(other.read_frame().opcode == pong);
  const auto paused = server.diary();
  CHECK(std::find(paused.begin(), paused.end(), "2") == paused.end());
  CHECK(std::find(paused.begin(), paused.end(), "3") == paused.end());
  server.on_loop([&] { return server.listener->pause_reading(first, false), 0; });
  CHECK(server.saw("3"));
  const auto after = server.diary();
  CHECK(std::find(after.begin(), after.end(), "2") < std::find(after.begin(), after.end(), "3"));
}

TEST_CASE("a peer that pings and never reads does not fill the memory") {
  TestServer server;
  server.message = [&](PeerId, std::string_view message, bool) { server.note(std::string(message)); };
  RawClient client(server.port, 4096);
  REQUIRE(client.upgrade());
  std::string pings;
  for (int i = 0; i < 200'000; ++i) pings += RawClient::frame(fin | ping, std::string(125, 'p'));
  client.write(pings + RawClient::frame(fin | text, "done"));
  REQUIRE(server.saw("done"));
  CHECK(server.on_loop([&] { return server.listener->buffered(server.last_open); }) < 200'000);
}

TEST_CASE("a message handler that throws ends its own connection only") {
  TestServer server;
  server.message = [&](PeerId peer, std::string_view message, bool) {
    if (message == "throw") throw 42;
    server.listener->send(peer, message, false);
  };
  RawClient bad(server.port), good(server.port);
  REQUIRE(bad.upgrade());
  REQUIRE(good.upgrade());
  bad.write(RawClient::frame(fin | text, "throw"));
  CHECK(bad.read_to_end().empty());
  CHECK(server.saw("close"));
  good.write(RawClient::frame(fin | text, "fine"));
  CHECK(good.read_frame().payload == "fine");
}

TEST_CASE("two hundred connections at once") {
  TestServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port));
    REQUIRE(clients.back()->upgrade());
  }
  for (int i = 0; i < 200; ++i) clients[static_cast<std::size_t>(i)]->write(RawClient::frame(fin | text, std::to_string(i)));
  for (int i = 0; i < 200; ++i) CHECK(clients[static_cast<std::size_t>(i)]->read_frame().payload == std::to_string(i));
  CHECK(server.counters().websockets == 200);
}

TEST_CASE("destroying the listener tells the handler nothing") {
  TestServer server;
  RawClient client(server.port);
  REQUIRE(client.upgrade());
  server.on_loop([&] { return server.listener.reset(), 0; });
  CHECK(client.read_to_end().empty());
  CHECK(server.diary() == std::vector<std::string>{"open"});
}

TEST_CASE("masking twice gives the text back, at every length") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string data(size, 'm');
    net_detail::apply_mask(data.data(), size, 0x04030201);
    for (std::size_t i = 0; i < size; ++i) REQUIRE(data[i] == static_cast<char>('m' ^ (1 + i % 4)));
  }
}

TEST_CASE("a close reason is cut between characters") {
  const std::string payload = net_detail::close_payload(1000, std::string(122, 'x') + "\xe2\x82\xac");
  CHECK(payload.size() == 2 + 122);
  CHECK(base_detail::is_utf8(payload.substr(2)));
}
