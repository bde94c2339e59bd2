#include <doctest/doctest.h>

#include <utility>

#include "client/bench.hpp"

using namespace zegocall;
using namespace zegocall::client_detail;
using namespace zegocall::client_test;
using namespace std::chrono_literals;

TEST_CASE("the way in: handshake, CONNECT with credentials, connected") {
  Bench t;
  t.open(JsonObject{{"token", "t"}});
  CHECK(t.says({R"(send 40{"token":"t"})"}));
  CHECK(!t.core.joined(0));
  t.hear(R"(40{"sid":"xyz"})");
  CHECK(t.says({"connected"}));
  CHECK(t.core.joined(0));
}

TEST_CASE("a namespace is named in every packet, and another one's packets are not ours") {
  CoreOptions options;
  options.spaces = {"/admin"};
  Bench t(options);
  t.open(JsonObject{{"a", 1}});
  CHECK(t.says({R"(send 40/admin,{"a":1})"}));
  t.hear(R"(40/admin,{"sid":"xyz"})");
  CHECK(t.says({"connected"}));
  t.emit("e", {1});
  CHECK(t.says({R"(send 42/admin,["e",1])"}));
  t.hear(R"(42["other"])");
  CHECK(t.out.empty());
  t.hear(R"(42/admin,["mine",2])");
  CHECK(t.says({"event mine 2"}));
  t.close("bye");
  CHECK(t.says({"send 41/admin,", "close websocket", "closed closed: bye"}));
}

TEST_CASE("what is emitted before the connection stands waits for it, in order") {
  Bench t;
  t.core.start(t.now());
  t.emit("one");
  t.ask(7, 60s);
  t.emit("two", {"x"});
  CHECK(t.core.waiting_bytes() > 0);
  t.open();
  CHECK(t.says({"send 40"}));
  t.hear(R"(40{"sid":"xyz"})");
  CHECK(t.says({"connected", R"(send 42["one"])", R"(send 427["ask"])", R"(send 42["two","x"])"}));
  CHECK(t.core.waiting_bytes() == 0);
}

TEST_CASE("an ask that timed out while it waited for the connection is not sent any more") {
  Bench t;
  t.core.start(t.now());
  t.ask(1, 5s);
  t.run_to_deadline();
  CHECK(t.says({"answer 1 timeout"}));
  t.open();
  t.hear(R"(40{"sid":"xyz"})");
  CHECK(t.says({"send 40", "connected"}));
}

TEST_CASE("a ping is answered with what it carried; noop is passed over") {
  Bench t;
  t.connect();
  t.hear("2");
  t.hear("2probe");
  t.hear("6");
  CHECK(t.says({"send 3", "send 3probe"}));
}

TEST_CASE("events, with acknowledgements and attachments, both ways") {
  Bench t;
  t.connect();
  t.hear(R"(42["plain",{"a":[1]}])");
  t.hear(R"(4217["asked"])");
  CHECK(t.says({R"(event plain {"a":[1]})", "event asked ", R"(send 4317["thanks"])"}));
  t.hear(R"(452-5["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  CHECK(t.out.empty());
  t.hear_bytes("\x01\x02");
  t.hear_bytes("two");
  CHECK(t.out.size() == 4);
  CHECK(t.out[1] == "with \x01\x02");
  CHECK(t.out[2] == "with two");
  CHECK(t.out[3] == R"(send 435["thanks"])");
  t.out.clear();
  t.emit("up", {BytesView("xyz")});
  CHECK(t.says({R"(send 451-["up",{"_placeholder":true,"num":0}])", "bytes xyz"}));
}

TEST_CASE("answers find their questions, in any order; an answer to nothing is passed over") {
  Bench t;
  t.connect();
  t.ask(1, 10s);
  t.ask(2, 10s);
  t.out.clear();
  t.hear(R"(432["b"])");
  t.hear(R"(431["a",1])");
  t.hear(R"(431["again"])");
  t.hear(R"(43999["never asked"])");
  CHECK(t.says({R"(answer 2 "b")", R"(answer 1 "a",1)"}));
  t.ask(3, 10s);
  t.out.clear();
  t.hear(R"(461-3[{"_placeholder":true,"num":0}])");
  t.hear_bytes("raw");
  CHECK(t.says({R"(answer 3 {"_placeholder":true,"num":0})"}));
}

TEST_CASE("an unanswered ask times out at its instant, the others wait on") {
  Bench t;
  t.connect();
  t.ask(1, 3s);
  t.ask(2, 9s);
  t.out.clear();
  t.run_to_deadline();
  CHECK(t.says({"answer 1 timeout"}));
  t.hear(R"(431["late"])");
  CHECK(t.out.empty());
  t.run_to_deadline();
  CHECK(t.says({"answer 2 timeout"}));
}

TEST_CASE("the end of the connection fails every ask at once, and is the last word") {
  Bench t;
  t.connect();
  t.ask(1, 3s);
  t.out.clear();
  t.gone();
  CHECK(t.says({"answer 1 closed", "closed closed: broke"}));
  t.gone("again");
  t.hear(R"(42["late"])");
  t.emit("late");
  t.close("again");
  CHECK(t.says({"unsent closed"}));
  CHECK(!t.core.deadline());
  t.ask(2, 3s);
  CHECK(t.says({"answer 2 closed"}));
}

TEST_CASE("a server that never answers ends the attempt at the connect limit, whatever it does first") {
  CoreOptions options;
  options.connect_timeout = 7s;
  SUBCASE("nothing") {
    Bench t(options);
    t.core.start(t.now());
    const auto begun = t.now().steady;
    t.run_to_deadline();
    CHECK(t.now().steady - begun == 7s);
    CHECK(t.says({"closed timeout: no credentials from their provider within 7000 ms"}));
  }
  SUBCASE("no handshake") {
    Bench t(options);
    t.core.start(t.now());
    t.core.on_credentials(std::vector<std::optional<Json>>(1), t.now());
    t.out.clear();
    t.run_to_deadline();
    CHECK(t.out.back() == "closed timeout: no Engine.IO handshake with the server within 7000 ms");
  }
  SUBCASE("only the handshake") {
    Bench t(options);
    t.open();
    t.out.clear();
    t.run_to_deadline();
    CHECK(t.says({"closed timeout: no word of the server that this client is in the namespace within 7000 ms"}));
  }
}

TEST_CASE("a dead link is found after ping interval plus timeout of silence, counted from the last frame") {
  Bench t;
  t.connect();
  t.clock.advance(40s);
  t.core.on_deadline(t.now());
  t.hear("2");
  CHECK(t.says({"send 3"}));
  const auto heard = t.now().steady;
  while (!t.core.closed()) t.run_to_deadline();
  CHECK(t.now().steady - heard == 45s);
  CHECK(t.says({"closed timeout: the server has not been heard for longer than its heartbeat"}));
}

TEST_CASE("a refusal carries the server's words, and its code if it is one of ours") {
  Bench t;
  SUBCASE("any server") {
    t.open();
    t.hear(R"(44{"message":"Invalid namespace"})");
    CHECK(t.says({"send 40", "close websocket", "closed not_found: Invalid namespace"}));
  }
  SUBCASE("any server, other words") {
    t.open();
    t.hear(R"(44{"message":"Not you"})");
    CHECK(t.says({"send 40", "close websocket", "closed unauthenticated: Not you"}));
  }
  SUBCASE("a server of ours") {
    t.open();
    t.hear(R"(44{"message":"token ended","data":{"code":"expired"}})");
    CHECK(t.says({"send 40", "close websocket", "closed expired: token ended"}));
  }
}

TEST_CASE("a refusal without words still says something") {
  for (const char* refusal : {R"(44"")", "44{}", R"(44{"message":7})"}) {
    Bench t;
    t.open();
    t.hear(refusal);
    CHECK(t.says({"send 40", "close websocket", "closed unauthenticated: the server refused the connection"}));
  }
}

TEST_CASE("events that come before the namespace is joined wait for that, as in the original") {
  Bench t;
  t.open();
  t.hear(R"(4217["early",1])");
  CHECK(t.says({"send 40"}));
  t.emit("mine");
  t.hear(R"(40{"sid":"x"})");
  CHECK(t.says({"connected", "event early 1", R"(send 4317["thanks"])", R"(send 42["mine"])"}));
  Bench flood;
  flood.open();
  const std::string big = R"(42["e",")" + std::string(900'000, 'x') + "\"]";
  for (int i = 0; i < 20; ++i) flood.hear(big);
  CHECK(flood.core.closed());
}

TEST_CASE("the server's goodbyes") {
  for (const char* goodbye : {"1", "41"}) {
    Bench t;
    t.connect();
    t.hear(goodbye);
    CHECK(t.core.closed());
    CHECK(t.out.back().substr(0, 14) == "closed closed:");
  }
}

TEST_CASE("what is not the protocol ends the connection, and nothing else") {
  for (const char* frame : {"", "x", "3", "5", "0{}", "4", "4x", "42", "42{}", "42[]", "42[1,", "42[{}]", R"(42["connect"])",
                            "43[]", "40{\"sid\":\"b\"}", R"(44{"message":"m"})", "451[\"x\"]", R"(4599-["x"])", "42[\"\xff\"]"}) {
    CAPTURE(frame);
    Bench t;
    t.connect();
    t.hear(frame);
    CHECK(t.core.closed());
    REQUIRE(t.out.size() == 1);
    CHECK(t.out[0].substr(0, 7) == "closed ");
  }
  for (const char* first : {"2", "40{}", "0", "0[]", R"(0{"sid":"a"})", R"(0{"pingInterval":-1,"pingTimeout":1})", "hello"}) {
    CAPTURE(first);
    Bench t;
    t.core.start(t.now());
    t.present();
    t.hear(first);
    CHECK(t.core.closed());
  }
  Bench early;
  early.open();
  early.hear(R"(431["too early"])");
  CHECK(early.core.closed());
}

TEST_CASE("attachments that were not announced, or text where they were, end the connection") {
  Bench one;
  one.connect();
  one.hear_bytes("surprise");
  CHECK(one.core.closed());
  Bench two;
  two.connect();
  two.hear(R"(451-["x",{"_placeholder":true,"num":0}])");
  two.hear(R"(42["y"])");
  CHECK(two.core.closed());
  Bench three;
  three.connect();
  three.hear(R"(451-["x",{"_placeholder":true,"num":4}])");
  three.hear_bytes("a");
  CHECK(three.core.closed());
}
