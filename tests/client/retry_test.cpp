// What happens between connections: back-off and its budget, credentials, what waits, recovery, several namespaces.
#include <doctest/doctest.h>

#include "client/bench.hpp"

using namespace zegocall;
using namespace zegocall::client_detail;
using namespace zegocall::client_test;
using namespace std::chrono_literals;

namespace {

CoreOptions patient(std::uint32_t tries = 1000) {
  CoreOptions options;
  options.retry = {.first = 100ms, .max = 1000ms, .tries_max = tries, .reset_after = 5s};
  return options;
}

struct Patient : Bench {
  explicit Patient(CoreOptions options = patient()) : Bench(std::move(options)) {}
  void reconnect() {
    run_to_deadline();
    present();
    hear("0" + std::string(handshake_text));
    hear(R"(40{"sid":"again"})");
  }
};

}  // namespace

TEST_CASE("a lost connection is told with its reason, and tried again with fresh credentials") {
  Patient t;
  t.tell_connecting = true;
  t.open(JsonObject{{"n", 1}});
  CHECK(t.asked_credentials == 1);
  t.hear(R"(40{"sid":"x"})");
  CHECK(t.says({"connecting", R"(send 40{"n":1})", "connected"}));
  t.gone();
  CHECK(t.says({"waiting closed: broke"}));
  CHECK(t.drops == 1);
  t.run_to_deadline();
  CHECK(t.asked_credentials == 2);
  t.present(JsonObject{{"n", 2}});
  t.hear("0" + std::string(handshake_text));
  t.hear(R"(40{"sid":"y"})");
  CHECK(t.says({"connecting", R"(send 40{"n":2})", "connected"}));
}

TEST_CASE("the waits double up to the cap, and the jitter is over the whole of them") {
  Patient t;
  t.jitter.next = 1'000'000'000'007u;
  t.core.start(t.now());
  std::vector<long> bounds{100, 200, 400, 800, 1000, 1000};
  for (const long bound : bounds) {
    t.core.on_credentials(fail(ErrorCode::expired, "no token"), t.now());
    const auto due = t.core.deadline();
    REQUIRE(due);
    CHECK(*due - t.now().steady == std::chrono::milliseconds(1'000'000'000'007u % (static_cast<unsigned long>(bound) + 1)));
    t.run_to_deadline();
  }
  t.jitter.next = 0;
  t.core.on_credentials(fail(ErrorCode::expired, "no token"), t.now());
  CHECK(*t.core.deadline() == t.now().steady);
}

TEST_CASE("the budget of tries ends the client, with the last reason") {
  Patient t(patient(2));
  t.core.start(t.now());
  for (int i = 0; i < 2; ++i) {
    t.core.on_credentials(fail(ErrorCode::expired, "no token"), t.now());
    t.run_to_deadline();
  }
  t.out.clear();
  t.core.on_credentials(fail(ErrorCode::forbidden, "no more"), t.now());
  CHECK(t.says({"closed forbidden: no more"}));
  CHECK(!t.core.deadline());
  CHECK(t.core.finished());
}

TEST_CASE("a row that lasts too long ends the client") {
  CoreOptions options = patient();
  options.retry.give_up_after = 30s;
  options.connect_timeout = 10s;
  Patient t(options);
  t.core.start(t.now());
  for (int i = 0; i < 20 && !t.core.closed(); ++i) t.run_to_deadline();
  CHECK(t.core.closed());
  CHECK(t.out.back() == "closed timeout: no credentials from their provider within 10000 ms");
}

TEST_CASE("only a connection that stood long enough gives the budget back") {
  Patient t(patient(1));
  t.connect();
  SUBCASE("long enough") {
    t.clock.advance(5s);
    t.gone();
    t.reconnect();
    CHECK(t.core.joined(0));
    CHECK(t.asked_credentials == 2);
    t.clock.advance(5s);
    t.gone();
    t.reconnect();
    CHECK(t.asked_credentials == 2);
    CHECK(t.core.joined(0));
  }
  SUBCASE("not long enough") {
    t.clock.advance(4999ms);
    t.gone();
    t.reconnect();
    CHECK(t.core.joined(0));
    t.clock.advance(4999ms);
    t.gone();
    CHECK(t.core.closed());
  }
}

TEST_CASE("a question on the broken connection fails at once; what waits for the next one goes out on it") {
  Patient t;
  t.connect();
  t.ask(1, 60s);
  t.out.clear();
  t.gone();
  CHECK(t.says({"answer 1 closed", "waiting closed: broke"}));
  t.emit("later", {1});
  t.ask(2, 60s);
  CHECK(t.out.empty());
  t.reconnect();
  CHECK(t.says({"send 40", "connected", R"(send 42["later",1])", R"(send 422["ask"])"}));
  t.hear("432[7]");
  CHECK(t.says({"answer 2 7"}));
}

TEST_CASE("an answer that the server gives after the reconnect to a question of before is nobody's") {
  Patient t;
  t.connect();
  t.ask(1, 60s);
  t.gone();
  t.out.clear();
  t.reconnect();
  t.out.clear();
  t.hear("431[7]");
  CHECK(t.out.empty());
}

TEST_CASE("what waits has a bound: the oldest goes, and is told") {
  CoreOptions options = patient();
  options.waiting_bytes_max = 100;
  Patient t(options);
  t.core.start(t.now());
  t.emit("a", {std::string(60, 'x')});
  t.ask(1, 60s);
  t.emit("b", {std::string(60, 'y')});
  CHECK(t.says({"unsent limit_exceeded"}));
  CHECK(t.core.waiting_bytes() <= 100);
  t.emit("c", {std::string(60, 'z')});
  CHECK(t.says({"answer 1 limit_exceeded", "unsent limit_exceeded"}));
}

TEST_CASE("a question can be cancelled, waiting or sent; all that waits can be") {
  Patient t;
  t.core.start(t.now());
  t.ask(1, 60s);
  t.ask(2, 60s);
  t.emit("e");
  t.core.cancel(1);
  t.core.cancel(77);
  CHECK(t.says({"answer 1 closed"}));
  t.core.cancel_waiting();
  CHECK(t.says({"answer 2 closed"}));
  CHECK(t.core.waiting_bytes() == 0);
  t.open();
  t.hear(R"(40{"sid":"x"})");
  CHECK(t.says({"send 40", "connected"}));
  t.ask(3, 60s);
  t.out.clear();
  t.core.cancel(3);
  CHECK(t.says({"answer 3 closed"}));
  t.hear("433[1]");
  CHECK(t.out.empty());
}

TEST_CASE("a question that timed out while it waited is not sent, and its place is free again") {
  Patient t;
  t.core.start(t.now());
  t.ask(1, 5s);
  t.run_to_deadline();
  CHECK(t.says({"answer 1 timeout"}));
  CHECK(t.core.waiting_bytes() == 0);
}

TEST_CASE("a message that the server would not take is refused here, and the connection stands") {
  Patient t;
  t.connect();
  t.emit("big", {std::string(1000, 'x')});
  CHECK(t.says({"unsent payload_too_large"}));
  const Args big{std::string(1000, 'x')};
  t.core.ask(make_event(0, "/", "big", big, 9), t.now().steady + 1s, t.now());
  CHECK(t.says({"answer 9 payload_too_large"}));
  t.emit("fits", {std::string(900, 'x')});
  CHECK(t.out.size() == 1);
  CHECK(t.core.joined(0));
}

TEST_CASE("a refusal is the last word, unless its code may be different next time") {
  Patient t;
  t.open();
  t.out.clear();
  SUBCASE("a refusal") {
    t.hear(R"(44{"message":"no","data":{"code":"forbidden"}})");
    CHECK(t.out.back() == "closed forbidden: no");
  }
  SUBCASE("a full server") {
    t.hear(R"(44{"message":"busy","data":{"code":"rate_limited"}})");
    CHECK(t.says({"waiting rate_limited: busy"}));
    t.reconnect();
    CHECK(t.core.joined(0));
  }
}

TEST_CASE("recovery: the session id of the server and the last offset are presented, and its word is believed") {
  Patient t;
  t.open();
  t.hear(R"(40{"sid":"s","pid":"private \"one"})");
  CHECK(!t.core.recovered(0));
  t.hear(R"(42["e",{"a":1},"offset-1"])");
  t.hear(R"(42["no offset",{"a":1}])");
  t.hear(R"(42["e","offset-2"])");
  t.out.clear();
  t.gone();
  t.run_to_deadline();
  t.out.clear();
  SUBCASE("without credentials") {
    t.present();
    t.hear("0" + std::string(handshake_text));
    CHECK(t.says({R"(send 40{"pid":"private \"one","offset":"offset-2"})"}));
  }
  SUBCASE("with credentials") {
    t.present(JsonObject{{"token", "t"}});
    t.hear("0" + std::string(handshake_text));
    CHECK(t.says({R"(send 40{"pid":"private \"one","offset":"offset-2","token":"t"})"}));
  }
  SUBCASE("with empty credentials") {
    t.present(JsonObject{});
    t.hear("0" + std::string(handshake_text));
    CHECK(t.says({R"(send 40{"pid":"private \"one","offset":"offset-2"})"}));
  }
  SUBCASE("the server agrees or not") {
    t.present();
    t.hear("0" + std::string(handshake_text));
    t.hear(R"(40{"sid":"s","pid":"private \"one"})");
    CHECK(t.core.recovered(0));
    t.gone();
    t.run_to_deadline();
    t.present();
    t.hear("0" + std::string(handshake_text));
    t.hear(R"(40{"sid":"s2","pid":"other"})");
    CHECK(!t.core.recovered(0));
    t.gone();
    t.run_to_deadline();
    t.present();
    t.out.clear();
    t.hear("0" + std::string(handshake_text));
    CHECK(t.says({R"(send 40{"pid":"other"})"}));
  }
}

TEST_CASE("several namespaces: each is joined, speaks for itself, and may end without the others") {
  CoreOptions options = patient();
  options.spaces = {"/", "/admin"};
  Patient t(options);
  t.open();
  CHECK(t.says({"send 40", "send 40/admin,"}));
  t.emit("early", {1}, 1);
  t.hear(R"(40/admin,{"sid":"b"})");
  CHECK(t.says({"space 1 connected", R"(send 42/admin,["early",1])"}));
  t.hear(R"(40{"sid":"a"})");
  CHECK(t.says({"connected"}));
  t.hear(R"(42/admin,["e",5])");
  t.hear(R"(42["e",6])");
  CHECK(t.says({"space 1 event e 5", "event e 6"}));
  t.ask(1, 60s, 1);
  t.hear("431[1]");  // another namespace's answer
  CHECK(t.says({R"(send 42/admin,1["ask"])"}));
  SUBCASE("the server ends one") {
    t.hear("41/admin,");
    CHECK(t.says({"answer 1 closed", "space 1 closed closed: the server disconnected this client"}));
    CHECK(t.core.joined(0));
    t.emit("late", {}, 1);
    CHECK(t.says({"unsent closed"}));
    t.ask(2, 1s, 1);
    CHECK(t.says({"answer 2 closed"}));
    t.gone();
    CHECK(t.says({"waiting closed: broke"}));
    t.reconnect();
    CHECK(t.says({"send 40", "connected"}));
  }
  SUBCASE("the main one ends: all do") {
    t.hear("41");
    CHECK(t.says({"close websocket", "answer 1 closed", "space 1 closed closed: the server disconnected this client",
                  "closed closed: the server disconnected this client"}));
  }
  SUBCASE("the connection breaks") {
    t.gone();
    CHECK(t.says({"answer 1 closed", "space 1 waiting closed: broke", "waiting closed: broke"}));
  }
  SUBCASE("close") {
    t.close("bye");
    CHECK(t.says(
        {"send 41", "send 41/admin,", "close websocket", "answer 1 closed", "space 1 closed closed: bye", "closed closed: bye"}));
    CHECK(!t.core.finished());
    t.gone();
    CHECK(t.core.finished());
  }
}

TEST_CASE("a namespace that the server never answers for ends the try") {
  CoreOptions options = patient();
  options.spaces = {"/", "/silent"};
  options.connect_timeout = 3s;
  Patient t(options);
  t.open();
  t.hear(R"(40{"sid":"a"})");
  t.out.clear();
  t.run_to_deadline();
  CHECK(t.out.back() == "waiting timeout: no word of the server that this client is in the namespace within 3000 ms");
}

TEST_CASE("a goodbye that the server does not answer ends at its limit") {
  Patient t;
  t.connect();
  t.close("bye");
  CHECK(!t.core.finished());
  t.run_to_deadline();
  CHECK(t.core.finished());
}

TEST_CASE("close in every state is the last word") {
  for (int state = 0; state < 6; ++state) {
    CAPTURE(state);
    Patient t;
    if (state > 0) t.core.start(t.now());
    if (state > 1) t.present();
    if (state > 2) t.hear("0" + std::string(handshake_text));
    if (state > 3) t.hear(R"(40{"sid":"x"})");
    if (state > 4) t.gone();
    t.ask(1, 1h);
    t.out.clear();
    t.close("bye");
    REQUIRE(!t.out.empty());
    CHECK(t.out.back() == "closed closed: bye");
    t.gone();
    t.hear("2");
    t.present();
    t.emit("late");
    while (t.core.deadline()) t.run_to_deadline();
    CHECK(t.core.finished());
    CHECK(t.out.back() == "unsent closed");
  }
}
