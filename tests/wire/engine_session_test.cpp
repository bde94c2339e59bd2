// One session against a scripted peer: what it answers, sends and asks its owner to do.
#include "signaling/wire/engine_session.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <vector>

using namespace zegocall::wire_detail;

namespace {

constexpr EngineSession::Sid sid = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j',
                                    'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't'};

struct World : SessionOwner, TransportHost {
  SessionSettings settings;
  std::vector<std::string> log;
  std::optional<SessionTimer> heartbeat;
  bool upgrade_timer = false;
  bool wants_flush = false;
  EngineSession session{settings, *this, *this, sid};

  ~World() override { CHECK(session.consistent()); }

  void arm(EngineSession&, SessionTimer timer) override {
    if (timer == SessionTimer::upgrade)
      upgrade_timer = true;
    else
      heartbeat = timer;
  }
  void disarm(EngineSession&, SessionTimer timer) override {
    if (timer == SessionTimer::upgrade)
      upgrade_timer = false;
    else
      heartbeat.reset();
  }
  void flush_soon(EngineSession&) override { wants_flush = true; }
  void on_message(EngineSession&, std::string_view payload, bool binary) override {
    log.push_back((binary ? "binary " : "text ") + std::string(payload));
  }
  void on_upgraded(EngineSession&) override { log.push_back("upgraded"); }
  void on_end(EngineSession&, SessionEnd why) override { log.push_back("end " + std::string(name(why))); }
  void on_gone(EngineSession&) override { log.push_back("gone"); }

  void send(std::span<const Peer> peers, std::string_view payload, bool binary) override {
    for (const Peer& peer : peers)
      log.push_back("ws" + std::to_string(peer.slot) + (binary ? " binary " : " ") + std::string(payload));
  }
  std::size_t buffered(Peer) override { return 0; }
  void close(Peer peer, bool abort) override { log.push_back((abort ? "abort ws" : "close ws") + std::to_string(peer.slot)); }
  void answer(Peer peer, const HttpReply& reply) override {
    log.push_back("answer" + std::to_string(peer.slot) + " " + std::to_string(reply.status) + " " + std::string(reply.body));
  }
  void pause_reading(Peer, bool) override {}
  std::unique_ptr<HandshakeContext> handshake_of(Peer) override { return nullptr; }

  std::vector<std::string> take() { return std::exchange(log, {}); }
  void probed() {
    session.open_polling({1, 1});
    CHECK(session.on_probe_open({9, 1}));
    session.on_frame({9, 1}, "2probe", false);
    take();
  }
};

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("the handshake of both transports, to the byte") {
  World polling;
  polling.session.open_polling({1, 1});
  CHECK(polling.take() ==
        Log{"answer1 200 0{\"sid\":\"abcdefghijklmnopqrst\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
            "\"pingTimeout\":20000,\"maxPayload\":1000000}"});
  CHECK(polling.heartbeat == SessionTimer::ping);
  World websocket;
  websocket.session.open_websocket({2, 1});
  CHECK(websocket.take() ==
        Log{"ws2 0{\"sid\":\"abcdefghijklmnopqrst\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
            "\"maxPayload\":1000000}"});
}

TEST_CASE("without upgrades none are announced and none are taken") {
  World world;
  world.settings.upgrades = false;
  world.session.open_polling({1, 1});
  CHECK(world.take().front().find("\"upgrades\":[]") != std::string::npos);
  CHECK(!world.session.on_probe_open({9, 1}));
}

TEST_CASE("a poll waits for something to say, and takes all of it") {
  World world;
  world.session.open_polling({1, 1});
  world.take();
  world.session.on_get({2, 1});
  CHECK(world.take().empty());
  world.session.send("4a");
  world.session.send("4b");
  CHECK(world.wants_flush);
  CHECK(world.take().empty());
  world.session.flush();
  CHECK(world.take() == Log{"answer2 200 4a\x1e"
                            "4b"});
  world.session.send_binary("\x01\x02\x03\x04");
  world.session.on_get({3, 1});
  CHECK(world.take() == Log{"answer3 200 bAQIDBA=="});
}

TEST_CASE("a second poll ends the session, and the first is told so") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  world.take();
  world.session.on_get({3, 1});
  CHECK(world.take() == Log{"answer2 200 1", "end transport error", "answer3 400 "});
  CHECK(world.session.gone());
  CHECK(!world.heartbeat);
}

TEST_CASE("an aborted poll ends the session; another request's end does not") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  world.take();
  world.session.on_request_gone({3, 1});
  world.session.on_request_gone({2, 2});
  CHECK(world.session.open());
  world.session.on_request_gone({2, 1});
  CHECK(world.take() == Log{"end transport error"});
}

TEST_CASE("posted packets are handled in order and answered with ok") {
  World world;
  world.session.open_polling({1, 1});
  world.take();
  world.session.on_post({2, 1},
                        "4a\x1e"
                        "bAQI=\x1e"
                        "4b");
  CHECK(world.take() == Log{"text a", "binary \x01\x02", "text b", "answer2 200 ok"});
}

TEST_CASE("a POST that begins before another's body has ended ends the session, and is refused") {
  World world;
  world.session.open_polling({1, 1});
  world.take();
  world.session.on_post_begins({2, 1});
  world.session.on_post({2, 1}, "4a");
  world.session.on_post_begins({3, 1});
  world.session.on_post_refused({3, 1});  // by the owner, as too long
  world.session.on_post({4, 1}, "4b");
  CHECK(world.take() == Log{"text a", "answer2 200 ok", "text b", "answer4 200 ok"});
  SUBCASE("whole at once") {
    world.session.on_post_begins({5, 1});
    world.session.on_post({6, 1}, "4c");
    CHECK(world.take() == Log{"end transport error", "answer6 400 "});
  }
  SUBCASE("in pieces") {
    world.session.on_post_begins({5, 1});
    world.session.on_post_begins({6, 1});
    CHECK(world.take() == Log{"end transport error"});
  }
}

TEST_CASE("a body that breaks off ends the session; another request's end does not") {
  World world;
  world.session.open_polling({1, 1});
  world.take();
  world.session.on_post_begins({2, 1});
  world.session.on_request_gone({2, 2});
  world.session.on_request_gone({3, 1});
  CHECK(world.session.open());
  world.session.on_request_gone({2, 1});
  CHECK(world.take() == Log{"end transport error"});
}

TEST_CASE("a bad packet in a body ends the session after the good ones before it") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  world.take();
  world.session.on_post({3, 1},
                        "4a\x1e"
                        "abc\x1e"
                        "4b");
  CHECK(world.take() == Log{"text a", "answer2 200 1", "end parse error", "answer3 400 "});
}

TEST_CASE("a posted close answers the waiting poll with a noop") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  world.take();
  world.session.on_post({3, 1}, "1");
  CHECK(world.take() == Log{"answer2 200 6", "end transport close", "answer3 200 ok"});
}

TEST_CASE("heartbeat: the server pings, the peer answers, silence ends the session") {
  World world;
  world.session.open_websocket({1, 1});
  world.take();
  world.session.on_timer(SessionTimer::ping);
  CHECK(world.take() == Log{"ws1 2"});
  CHECK(world.heartbeat == SessionTimer::pong);
  world.session.on_frame({1, 1}, "3", false);
  CHECK(world.heartbeat == SessionTimer::ping);
  world.session.on_timer(SessionTimer::ping);
  world.session.on_timer(SessionTimer::pong);
  CHECK(world.take() == Log{"ws1 2", "close ws1", "end ping timeout"});
}

TEST_CASE("a ping from the peer is in the wrong direction") {
  World world;
  world.session.open_websocket({1, 1});
  world.take();
  world.session.on_frame({1, 1}, "2", false);
  CHECK(world.take() == Log{"close ws1", "end transport error"});
}

TEST_CASE("frames of a WebSocket") {
  World world;
  world.session.open_websocket({1, 1});
  world.take();
  world.session.on_frame({1, 1}, "4hello", false);
  world.session.on_frame({1, 1}, "\x01\x02", true);
  world.session.on_frame({1, 1}, "bAQI=", false);
  world.session.on_frame({1, 1}, "6", false);
  world.session.on_frame({1, 1}, "5", false);
  CHECK(world.take() == Log{"text hello", "binary \x01\x02", "binary \x01\x02"});
  world.session.on_frame({2, 1}, "4other", false);
  CHECK(world.take().empty());
  world.session.on_frame({1, 1}, "abc", false);
  CHECK(world.take() == Log{"close ws1", "end parse error"});
  world.session.on_frame({1, 1}, "4late", false);
  world.session.send("4late");
  CHECK(world.take().empty());
}

TEST_CASE("a close packet or a closed WebSocket ends the session") {
  World said;
  said.session.open_websocket({1, 1});
  said.take();
  said.session.on_frame({1, 1}, "1", false);
  CHECK(said.take() == Log{"close ws1", "end transport close"});
  World cut;
  cut.session.open_websocket({1, 1});
  cut.take();
  cut.session.on_websocket_gone({1, 1});
  CHECK(cut.take() == Log{"end transport close"});
}

TEST_CASE("the upgrade: probe, noop for the waiting poll, flush") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  world.take();
  CHECK(world.session.on_probe_open({9, 1}));
  CHECK(world.upgrade_timer);
  CHECK(!world.session.on_probe_open({8, 1}));
  world.session.on_frame({9, 1}, "2probe", false);
  CHECK(world.take() == Log{"ws9 3probe", "answer2 200 6"});
  world.session.send("4a");
  world.session.send_binary("\x01");
  CHECK(world.take().empty());
  world.session.on_frame({9, 1}, "5", false);
  CHECK(world.take() == Log{"ws9 4a", "ws9 binary \x01", "upgraded"});
  CHECK(!world.upgrade_timer);
  CHECK(!world.session.polling());
  CHECK(!world.session.on_probe_open({7, 1}));
  world.session.send("4b");
  world.session.on_frame({9, 1}, "4c", false);
  CHECK(world.take() == Log{"ws9 4b", "text c"});
}

TEST_CASE("after the probe the next poll gets what there is, or a noop, at once") {
  World world;
  world.probed();
  world.session.on_get({2, 1});
  CHECK(world.take() == Log{"answer2 200 6"});
  world.session.send("4a");
  world.session.on_get({3, 1});
  CHECK(world.take() == Log{"answer3 200 4a"});
  world.session.on_post({4, 1}, "4still here");
  CHECK(world.take() == Log{"text still here", "answer4 200 ok"});
}

TEST_CASE("an upgrade packet without a probe is taken, and a waiting poll is let go") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  CHECK(world.session.on_probe_open({9, 1}));
  world.take();
  world.session.on_frame({9, 1}, "5", false);
  CHECK(world.take() == Log{"answer2 200 6", "upgraded"});
}

TEST_CASE("a failed upgrade leaves the session as it was") {
  for (int how = 0; how < 4; ++how) {
    CAPTURE(how);
    World world;
    world.probed();
    switch (how) {
      case 0: world.session.on_frame({9, 1}, "4early", false); break;
      case 1: world.session.on_frame({9, 1}, "\x01", true); break;
      case 2: world.session.on_timer(SessionTimer::upgrade); break;
      default: world.session.on_websocket_gone({9, 1}); break;
    }
    CHECK(world.take() == (how == 3 ? Log{} : Log{"close ws9"}));
    CHECK(!world.session.upgrading());
    CHECK(!world.upgrade_timer);
    world.session.on_get({2, 1});
    world.session.send("4a");
    world.session.flush();
    CHECK(world.take() == Log{"answer2 200 4a"});
    CHECK(world.session.on_probe_open({10, 1}));
  }
}

TEST_CASE("a session closed by us tells a polling peer with the next poll") {
  World world;
  world.session.open_polling({1, 1});
  world.take();
  world.session.send("4bye");
  world.session.end(SessionEnd::server_close);
  CHECK(world.take() == Log{"end forced server close"});
  CHECK(!world.session.open());
  CHECK(!world.session.gone());
  CHECK(world.heartbeat == SessionTimer::linger);
  world.session.on_post({2, 1}, "4late");
  CHECK(world.take() == Log{"answer2 200 ok"});
  world.session.on_get({3, 1});
  CHECK(world.take() == Log{"answer3 200 4bye\x1e"
                            "1",
                            "gone"});
  CHECK(world.session.gone());
}

TEST_CASE("a polling peer that never comes back is forgotten") {
  World world;
  world.session.open_polling({1, 1});
  world.session.end(SessionEnd::shutting_down);
  world.take();
  world.session.on_timer(SessionTimer::linger);
  CHECK(world.take() == Log{"gone"});
}

TEST_CASE("a waiting poll hears of the end at once, a probe is closed") {
  World world;
  world.session.open_polling({1, 1});
  world.session.on_get({2, 1});
  CHECK(world.session.on_probe_open({9, 1}));
  world.take();
  world.session.end(SessionEnd::server_close);
  CHECK(world.take() == Log{"close ws9", "answer2 200 1", "end forced server close"});
  CHECK(world.session.gone());
  world.session.end(SessionEnd::server_close);
  CHECK(world.take().empty());
}

TEST_CASE("what waits for a poll is bounded") {
  World world;
  world.settings.outbox_bytes = 10;
  world.session.open_polling({1, 1});
  world.take();
  world.session.send("4123456789");
  CHECK(world.session.open());
  world.session.send("4");
  CHECK(world.take() == Log{"end slow reader"});
  World binary;
  binary.settings.outbox_bytes = 10;
  binary.session.open_polling({1, 1});
  binary.take();
  binary.session.send_binary("0123456789");
  CHECK(binary.take() == Log{"end slow reader"});
}
