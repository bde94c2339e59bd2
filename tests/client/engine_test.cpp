// Long-polling and the upgrade to WebSocket, seen from the client's core.
#include <doctest/doctest.h>

#include <algorithm>

#include "client/bench.hpp"

using namespace zegocall;
using namespace zegocall::client_detail;
using namespace zegocall::client_test;
using namespace std::chrono_literals;

namespace {

CoreOptions in_mode(EngineMode mode) {
  CoreOptions options;
  options.mode = mode;
  options.target = "/socket.io/?a=b&EIO=4";
  return options;
}

/// Up to the namespace, over polling.
struct Polling : Bench {
  explicit Polling(EngineMode polling_mode = EngineMode::polling) : Bench(in_mode(polling_mode)) {
    core.start(now());
    present();
    reply(HttpCall::poll, "0" + std::string(handshake_text));
    reply(HttpCall::post, "ok");
    if (polling_mode == EngineMode::polling) {
      reply(HttpCall::poll, R"(40{"sid":"x"})");
      out.clear();
    }
  }
};

}  // namespace

TEST_CASE("polling: handshake, one poll after another, posts beside them") {
  Bench t(in_mode(EngineMode::polling));
  t.core.start(t.now());
  t.present();
  CHECK(t.says({"get "}));
  CHECK(t.targets.back() == "/socket.io/?a=b&EIO=4&transport=polling&t=1");
  t.reply(HttpCall::poll, "0" + std::string(handshake_text));
  CHECK(t.says({"get ", "post 40"}));
  CHECK(t.targets[1] == "/socket.io/?a=b&EIO=4&transport=polling&t=2&sid=abc");
  t.reply(HttpCall::post, "ok");
  t.reply(HttpCall::poll, R"(40{"sid":"x"})");
  CHECK(t.says({"connected", "get "}));
  t.emit("one");
  t.emit("two");
  t.emit("three");
  CHECK(t.says({R"(post 42["one"])"}));
  t.reply(HttpCall::post, "ok");
  CHECK(
      t.says({"post 42[\"two\"]\x1e"
              "42[\"three\"]"}));
  t.reply(HttpCall::poll,
          "2\x1e"
          "42[\"a\"]\x1e"
          "42[\"b\",1]");
  CHECK(t.says({"event a ", "event b 1", "get "}));
  t.reply(HttpCall::post, "ok");
  CHECK(t.says({"post 3"}));
}

TEST_CASE("polling: binary is base64, both ways") {
  Polling t;
  t.emit("up", {BytesView("xyz")});
  CHECK(
      t.says({"post 451-[\"up\",{\"_placeholder\":true,\"num\":0}]\x1e"
              "beHl6"}));
  t.reply(HttpCall::poll,
          "451-[\"down\",{\"_placeholder\":true,\"num\":0}]\x1e"
          "beHl6");
  CHECK(t.out.size() == 3);
  CHECK(t.out[1] == "with xyz");
}

TEST_CASE("polling: a body holds no more than the server takes, and everything goes in order") {
  Polling t;
  for (int i = 0; i < 10; ++i) t.emit("e", {i, std::string(300, 'x')});
  t.reply(HttpCall::post, "ok");
  int next = 1;
  while (t.out.size() > 1 || next < 10) {
    REQUIRE(t.out.back().size() <= 1005);
    const std::string body = t.out.back();
    for (; body.find("[\"e\"," + std::to_string(next) + ",") != std::string::npos; ++next) {
    }
    t.out.clear();
    t.reply(HttpCall::post, "ok");
    if (t.out.empty()) break;
  }
  CHECK(next == 10);
}

TEST_CASE("polling: a body holds no more packets than the server of Python takes") {
  Polling t;
  for (int i = 0; i < 40; ++i) t.emit("e", {i});
  std::vector<std::ptrdiff_t> packets;
  for (int i = 0; i < 4; ++i) {
    const std::string body = std::exchange(t.out, {}).back();
    packets.push_back(std::count(body.begin(), body.end(), '\x1e') + 1);
    t.reply(HttpCall::post, "ok");
  }
  CHECK(packets == std::vector<std::ptrdiff_t>{1, 16, 16, 7});
}

TEST_CASE("polling: what ends the session") {
  Polling t;
  SUBCASE("a refused poll") {
    t.reply(HttpCall::poll, "{}", 400);
    CHECK(t.says({"closed closed: the server answered 400 to a poll"}));
  }
  SUBCASE("a refused post") {
    t.emit("e");
    t.out.clear();
    t.reply(HttpCall::post, "", 413);
    CHECK(t.says({"closed closed: the server answered 413 to a post"}));
  }
  SUBCASE("a broken poll") {
    t.engine().on_request_gone(HttpCall::poll, {ErrorCode::closed, {}, "cut"}, t.now());
    CHECK(t.says({"closed closed: cut"}));
  }
  SUBCASE("a packet that is none") {
    t.reply(HttpCall::poll, "x");
    CHECK(t.core.closed());
  }
  SUBCASE("nothing at all") {
    t.reply(HttpCall::poll, "");
    CHECK(t.core.closed());
  }
  SUBCASE("the server's word") {
    t.reply(HttpCall::poll, "1");
    CHECK(t.says({"closed closed: the server closed the session"}));
  }
  SUBCASE("silence") {
    const auto since = t.now().steady;
    t.run_to_deadline();
    CHECK(t.now().steady - since == 45s);
    CHECK(t.says({"closed timeout: the server has not been heard for longer than its heartbeat"}));
  }
  SUBCASE("a post that is never answered, while polls are") {
    t.emit("e");
    const auto since = t.now().steady;
    while (!t.core.closed()) {
      t.clock.advance(10s);
      t.core.on_deadline(t.now());
      if (!t.core.closed()) t.reply(HttpCall::poll, "2");
    }
    CHECK(t.now().steady - since <= 55s);
    CHECK(t.out.back() == "closed timeout: the server has not answered a post in the time of its heartbeat");
  }
}

TEST_CASE("polling: the goodbye is posted, after what is queued") {
  Polling t;
  t.emit("one");
  t.emit("two");
  t.out.clear();
  t.close("bye");
  CHECK(t.says({"closed closed: bye"}));
  CHECK(!t.core.finished());
  t.reply(HttpCall::post, "ok");
  CHECK(
      t.says({"post 42[\"two\"]\x1e"
              "41\x1e"
              "1"}));
  t.reply(HttpCall::poll, "6");
  CHECK(!t.core.finished());
  t.reply(HttpCall::post, "ok");
  CHECK(t.core.finished());
}

TEST_CASE("the handshake must be usable") {
  for (const char* bad :
       {"", "x", "2", "0{}", R"(0{"sid":"","pingInterval":1,"pingTimeout":1})",
        R"(0{"sid":"a&b","pingInterval":1,"pingTimeout":1})", R"(0{"sid":"a","pingInterval":"1","pingTimeout":1})",
        R"(0{"sid":"a\r\nX: y","pingInterval":1,"pingTimeout":1})"}) {
    CAPTURE(bad);
    Bench t(in_mode(EngineMode::polling));
    t.core.start(t.now());
    t.present();
    t.reply(HttpCall::poll, bad);
    CHECK(t.core.closed());
  }
  Bench t(in_mode(EngineMode::polling));
  t.core.start(t.now());
  t.present();
  t.reply(HttpCall::poll, R"({"code":0,"message":"Transport unknown"})", 400);
  CHECK(t.says({"get ", "closed protocol: the server answered 400 to a poll"}));
}

TEST_CASE("the upgrade: probe, the last poll comes home, then everything goes over the WebSocket") {
  Polling t(EngineMode::upgrade);
  CHECK(t.says({"get ", "open websocket", "get ", "post 40"}));
  CHECK(t.targets[1] == "/socket.io/?a=b&EIO=4&transport=websocket&sid=abc");
  t.engine().on_websocket_open();
  CHECK(t.says({"send 2probe"}));
  t.reply(HttpCall::poll, R"(40{"sid":"x"})");
  CHECK(t.says({"connected", "get "}));
  t.hear("3probe");
  CHECK(t.out.empty());
  t.emit("held back");
  t.emit("with", {BytesView("xyz")});
  CHECK(t.out.empty());
  t.reply(HttpCall::poll, "6");
  CHECK(t.says({"send 5", R"(send 42["held back"])", R"(send 451-["with",{"_placeholder":true,"num":0}])", "bytes xyz"}));
  t.hear(R"(42["down"])");
  t.emit("up");
  CHECK(t.says({"event down ", R"(send 42["up"])"}));
}

TEST_CASE("the upgrade waits for a post under way") {
  Polling t(EngineMode::upgrade);
  t.reply(HttpCall::poll, R"(40{"sid":"x"})");
  t.emit("one");
  t.engine().on_websocket_open();
  t.out.clear();
  t.hear("3probe");
  t.reply(HttpCall::poll, "6");
  CHECK(t.out.empty());
  t.reply(HttpCall::post, "ok");
  CHECK(t.says({"send 5"}));
}

TEST_CASE("an upgrade that fails leaves polling as it was") {
  Polling t(EngineMode::upgrade);
  t.reply(HttpCall::poll, R"(40{"sid":"x"})");
  t.out.clear();
  SUBCASE("refused") { t.gone("refused"); }
  SUBCASE("a wrong answer") {
    t.engine().on_websocket_open();
    t.hear("3other");
  }
  SUBCASE("an answer before the question") { t.hear("3probe"); }
  SUBCASE("too slow") {
    t.clock.advance(20s);
    t.reply(HttpCall::poll, "2");
    t.clock.advance(25s);
    t.core.on_deadline(t.now());
    t.settle();
  }
  SUBCASE("it breaks while polling comes to rest, with no poll left") {
    t.engine().on_websocket_open();
    t.emit("post under way");
    t.hear("3probe");
    t.reply(HttpCall::poll, "6");
    t.out.clear();
    t.gone();
    CHECK(t.out.back() == "get ");
    t.reply(HttpCall::post, "ok");
  }
  CHECK(!t.core.closed());
  CHECK(std::find(t.out.begin(), t.out.end(), "drop websocket") != t.out.end());
  t.out.clear();
  t.reply(HttpCall::poll, "42[\"still here\"]");
  CHECK(t.out.front() == "event still here ");
  CHECK(t.out.back().substr(0, 3) == "get");
}

TEST_CASE("no upgrade where the server offers none") {
  Bench t(in_mode(EngineMode::upgrade));
  t.core.start(t.now());
  t.present();
  t.reply(HttpCall::poll, R"(0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000})");
  CHECK(t.says({"get ", "get ", "post 40"}));
}

TEST_CASE("close during the upgrade goes over polling") {
  Polling t(EngineMode::upgrade);
  t.reply(HttpCall::poll, R"(40{"sid":"x"})");
  t.engine().on_websocket_open();
  t.hear("3probe");
  t.out.clear();
  t.close("bye");
  CHECK(t.says({"drop websocket",
                "post 41\x1e"
                "1",
                "closed closed: bye"}));
  t.gone();
  t.reply(HttpCall::post, "ok");
  CHECK(t.core.finished());
}
