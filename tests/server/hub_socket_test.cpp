// Socket.IO through a whole hub, over loopback.
#include <doctest/doctest.h>

#include <future>

#include "server/hub_socket_world.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

TEST_CASE("events on both sides are answered with what the handler gives") {
  for (const Run run : {Run::loop, Run::service}) {
    const Hub hub = open(Namespace().on("echo", pong(), run));
    SocketClient client(hub.port());
    CHECK(client.open_packet().starts_with("0{\"sid\":"));
    CHECK(client.join().starts_with("0{\"sid\":"));
    client.say(R"(21["echo",1,{"a":[]}])");
    CHECK(client.hear_packet() == R"(31[1,{"a":[]}])");
  }
}

TEST_CASE("a failed handler acknowledges its error, in the namespace's shape, and harms nobody") {
  Namespace ns;
  ns.on("get", [](const Event& e) -> Result<Args> { return e.get<int>("0.n").transform([](int n) { return Args{n}; }); });
  ns.on("echo", pong());
  {
    const Hub hub = open(ns);
    SocketClient client(hub.port());
    client.join();
    client.say(R"(21["get",{"n":"x"}])");
    CHECK(client.hear_packet().starts_with(R"(31[{"error":{"code":"mistyped_field","field":"0.n","message":)"));
    client.say(R"(22["nobody knows this"])");
    CHECK(client.hear_packet() == R"(32[{"error":{"code":"unknown_event","message":"nobody handles this event"}}])");
    client.say(R"(2["nobody knows this either"])");
    client.say(R"(23["echo",1])");
    CHECK(client.hear_packet() == "33[1]");
    CHECK(metric(hub.port(), "zegocall_server_events_unknown_total") == 2);
    CHECK(metric(hub.port(), "zegocall_server_events_failed_total") == 1);
  }
  ns.on_error([](const Error& error) { return Args{JsonObject{{"message", error.detail}}}; });
  const Hub hub = open(ns);
  SocketClient client(hub.port());
  client.join();
  client.say(R"(21["get"])");
  CHECK(client.hear_packet().starts_with(R"(31[{"message":)"));
}

TEST_CASE("a handler that throws ends its own connection only") {
  for (const Run run : {Run::loop, Run::service}) {
    Namespace ns;
    ns.on(
          "throw", [](const Event&) -> Result<Args> { throw 7; }, run)
        .on("echo", pong(), run);
    const Hub hub = open(ns);
    SocketClient bad(hub.port()), good(hub.port());
    bad.join();
    good.join();
    bad.say(R"(21["throw"])");
    CHECK(bad.hear_packet() == "1");
    good.say(R"(21["echo",1])");
    CHECK(good.hear_packet() == "31[1]");
    CHECK(metric(hub.port(), "zegocall_server_events_threw_total") == 1);
  }
}

TEST_CASE("who may connect: the handshake is seen, a refusal has its reason") {
  for (const Run run : {Run::loop, Run::service}) {
    Namespace ns;
    ns.authenticate(
        [](const Handshake& shake) -> Result<Identity> {
          CHECK(shake.header("X-Test") == "1");
          CHECK(shake.query("EIO") == "4");
          CHECK(shake.address() == "127.0.0.1");
          if (shake.auth().get<std::string>("token").value_or("") != "good") return fail(ErrorCode::unauthenticated, "bad token");
          return Identity{.user = UserId{"alice"}};
        },
        run);
    ns.on("me", [](const Event& e) -> Result<Args> {
      CHECK(e.identity().device == session_device(e.connection()));
      return Args{e.identity().user};
    });
    const Hub hub = open(ns);
    SocketClient client(hub.port(), "/socket.io/", "X-Test: 1\r\n");
    CHECK(client.join(R"({"token":"bad"})") == R"(4{"message":"bad token","data":{"code":"unauthenticated"}})");
    CHECK(client.join(R"({"token":"good"})").starts_with("0{"));
    client.say(R"(21["me"])");
    CHECK(client.hear_packet() == R"(31["alice"])");
    CHECK(metric(hub.port(), "zegocall_server_auth_refused_total") == 1);
  }
}

TEST_CASE("groups, users, others, exceptions, one connection") {
  Namespace ns = with_users();
  ns.on("join", [](const Event& e) -> Result<Args> {
    const auto room = e.get<GroupId>("0");
    if (!room) return unexpected(room.error());
    if (auto joined = e.sender().join(*room); !joined) return unexpected(joined.error());
    return Args{e.connection().view()};
  });
  ns.on("say", [](const Event& e) -> Result<Args> {
    e.others().to(GroupId{"room"}).emit("others", {1});
    e.everyone().user(UserId{"bob"}).emit("bob", {2});
    e.everyone().to(GroupId{"room"}).except(e.connection()).emit("except", {3});
    e.everyone().to(GroupId{""}).emit("nobody");
    e.sender().emit("own", {4});
    e.sender().to(GroupId{"none"}).relay("union", e.args());
    return Args{};
  });
  const Hub hub = open(ns);
  SocketClient alice(hub.port()), bob(hub.port()), carol(hub.port());
  alice.join(R"({"user":"alice"})");
  bob.join(R"({"user":"bob"})");
  carol.join(R"({"user":"carol"})");
  for (SocketClient* each : {&alice, &bob}) {
    each->say(R"(21["join","room"])");
    CHECK(each->hear_packet().starts_with("31["));
  }
  alice.say(R"(22["say","x"])");
  CHECK(alice.hear_packet() == R"(2["own",4])");
  CHECK(alice.hear_packet() == R"(2["union","x"])");
  CHECK(alice.hear_packet() == "32[]");
  CHECK(bob.hear_packet() == R"(2["others",1])");
  CHECK(bob.hear_packet() == R"(2["bob",2])");
  CHECK(bob.hear_packet() == R"(2["except",3])");
  CHECK(carol.silent());
  hub.in("/").to(GroupId{"room"}).emit("from outside", {JsonObject{{"a", 1}}});
  CHECK(alice.hear_packet() == R"(2["from outside",{"a":1}])");
  CHECK(bob.hear_packet() == R"(2["from outside",{"a":1}])");
  hub.in("/nowhere").emit("nobody");
  hub.in("/").user(UserId{"bob"}).disconnect();
  CHECK(bob.hear_packet() == "1");
  CHECK(carol.silent());
}

TEST_CASE("a WebSocket that the server ends is closed without a code, as by the original") {
  const Hub hub = open(Namespace());
  SocketClient sent_away(hub.port()), broken(hub.port());
  sent_away.join();
  hub.in("/").disconnect({.whole_session = true});
  broken.join();
  broken.write("4abc");
  for (SocketClient* each : {&sent_away, &broken}) {
    auto frame = each->raw().read_frame();
    while (frame.opcode == 1) frame = each->raw().read_frame();
    CHECK(frame.opcode == 8);
    CHECK(frame.payload.empty());
  }
}

TEST_CASE("names that the protocol keeps for itself are never sent") {
  std::atomic<int> complaints{0};
  HubOptions options;
  options.log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::error && text.find("event") != std::string_view::npos) ++complaints;
  };
  Namespace ns;
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  SocketClient client(hub.port());
  client.join();
  for (const char* event : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    hub.in("/").emit(event, {1});
    hub.in("/").droppable().emit(event);
    std::promise<Error> answer;
    hub.in("/").ask(event, {}, {}, [&](Result<std::vector<Args>> all) { answer.set_value(all.error()); });
    const Error why = answer.get_future().get();
    CHECK(why.code == ErrorCode::invalid_argument);
    CHECK(why.field == "event");
  }
  hub.in("/").emit("fence");
  CHECK(client.hear_packet() == R"(2["fence"])");
  CHECK(complaints == 12);
}

TEST_CASE("a question to a namespace of a pattern in which nobody is has no answers, and says so") {
  for (const unsigned loops : {1u, 3u}) {
    HubOptions options;
    options.loops = loops;
    const Hub hub = Hub::open(options, {.namespaces = {Namespace("/room-*")}}).value();
    auto promise = std::make_shared<std::promise<Result<std::vector<Args>>>>();
    auto told = promise->get_future();
    hub.in("/room-1").ask("q", {}, {}, [promise](Result<std::vector<Args>> all) { promise->set_value(std::move(all)); });
    REQUIRE(told.wait_for(10s) == std::future_status::ready);
    CHECK(told.get().value().empty());
  }
}

TEST_CASE("a question to many: all answers, or the reason why not") {
  const Hub hub = open(with_users());
  SocketClient alice(hub.port()), bob(hub.port());
  alice.join(R"({"user":"alice"})");
  bob.join(R"({"user":"bob"})");
  const auto ask = [&](Audience audience, std::chrono::milliseconds timeout) {
    auto promise = std::make_shared<std::promise<Result<std::vector<Args>>>>();
    audience.ask("closing", {"soon"}, {.timeout = timeout},
                 [promise](Result<std::vector<Args>> all) { promise->set_value(std::move(all)); });
    return promise->get_future();
  };
  const auto answer = [](SocketClient& client, const std::string& text) {
    const std::string question = client.hear_packet();
    CHECK(question.ends_with(R"(["closing","soon"])"));
    client.say("3" + question.substr(1, question.find('[') - 1) + "[\"" + text + "\"]");
  };
  auto all = ask(hub.in("/"), 10s);
  answer(alice, "a");
  answer(bob, "b");
  CHECK(all.get().value().size() == 2);
  auto late = ask(hub.in("/").user(UserId{"alice"}), 20ms);
  CHECK(late.get().error().code == ErrorCode::timeout);
  CHECK(alice.hear_packet().ends_with(R"(["closing","soon"])"));
  CHECK(ask(hub.in("/").user(UserId{"nobody"}), 10s).get().value().empty());
  for (const auto none : {0ms, -1ms, std::chrono::milliseconds::min()}) {
    const Error why = ask(hub.in("/"), none).get().error();
    CHECK(why.code == ErrorCode::invalid_argument);
    CHECK(why.field == "timeout");
  }
  auto ever = ask(hub.in("/").user(UserId{"alice"}), std::chrono::milliseconds::max());
  answer(alice, "in the end");
  CHECK(ever.get());
  auto gone = ask(hub.in("/").user(UserId{"bob"}), 10s);
  CHECK(bob.hear_packet().ends_with(R"(["closing","soon"])"));
  bob.raw().close();
  CHECK(gone.get().error().code == ErrorCode::closed);
}

TEST_CASE("a question to many tells who answered what, also when the time is over or somebody has gone") {
  const Hub hub = open(with_users());
  SocketClient alice(hub.port()), bob(hub.port());
  const std::string joined = alice.join(R"({"user":"alice"})");
  const ConnectionId of_alice(Json::parse(joined.substr(1)).value().get<std::string>("sid").value());
  bob.join(R"({"user":"bob"})");
  const auto ask = [&](Audience audience, std::chrono::milliseconds timeout) {
    auto promise = std::make_shared<std::promise<Answers>>();
    audience.ask("q", {}, {.timeout = timeout}, [promise](Answers all) { promise->set_value(std::move(all)); });
    return promise->get_future();
  };
  const auto answer = [](SocketClient& client, const std::string& text) {
    const std::string question = client.hear_packet();
    client.say("3" + question.substr(1, question.find('[') - 1) + "[" + text + "]");
  };
  auto asked = ask(hub.in("/"), 10s);
  answer(alice, R"("a",1)");
  answer(bob, R"("b")");
  const Answers both = asked.get();
  CHECK(both.all);
  REQUIRE(both.came.size() == 2);
  const Answer& hers = both.came[both.came[0].connection == of_alice ? 0 : 1];
  CHECK(hers.connection == of_alice);
  CHECK(hers.args.view().text() == R"("a",1)");
  asked = ask(hub.in("/"), 1s);
  answer(alice, "2");
  CHECK(bob.hear_packet().ends_with(R"(["q"])"));
  const Answers late = asked.get();
  CHECK(late.all.error().code == ErrorCode::timeout);
  REQUIRE(late.came.size() == 1);
  CHECK(late.came[0].connection == of_alice);
  CHECK(late.came[0].args.view().text() == "2");
  asked = ask(hub.in("/"), 10s);
  answer(alice, "3");
  bob.raw().close();
  const Answers gone = asked.get();
  CHECK(gone.all.error().code == ErrorCode::closed);
  REQUIRE(gone.came.size() == 1);
  CHECK(gone.came[0].args.view().text() == "3");
  CHECK(ask(hub.in("/").user(UserId{"nobody"}), 10s).get().all);
  const Answers refused = ask(hub.in("/"), 0ms).get();
  CHECK(refused.all.error().field == "timeout");
  CHECK(refused.came.empty());
}

TEST_CASE("events of one connection are handled in order, wherever each of them runs") {
  GateStore store;
  Namespace ns;
  ns.on(
      "service", [](const Event&) -> Result<Args> { return Args{"service"}; }, Run::service);
  ns.on("loop", [](const Event&) -> Result<Args> { return Args{"loop"}; });
  const Hub hub = open(ns, {&store});
  SocketClient client(hub.port()), other(hub.port());
  client.join();
  other.join();
  store.close_gate();
  client.say(R"(21["service"])");
  client.say(R"(22["loop"])");
  client.say(R"(23["service"])");
  REQUIRE(store.wait_for_commit());
  other.say(R"(21["loop"])");
  CHECK(other.hear_packet() == R"(31["loop"])");  // the loop is not blocked
  CHECK(client.silent());                         // and nothing overtook the first
  store.open_gate();
  CHECK(client.hear_packet() == R"(31["service"])");
  CHECK(client.hear_packet() == R"(32["loop"])");
  CHECK(client.hear_packet() == R"(33["service"])");
}

TEST_CASE("what a service handler says leaves after the commit, in order, the reply last; or not at all") {
  GateStore store;
  Namespace ns = with_users();
  std::atomic<int> on_loop{-1};
  HubAccess access;
  ns.on_open([&](const HubAccess& given) { access = given; });
  ns.on(
      "ring",
      [&](const Event& e) -> Result<Args> {
        e.everyone().user(UserId{"bob"}).emit("incoming", {e.identity().user});
        access.on_each_loop([&](unsigned loop) { on_loop = static_cast<int>(loop); });
        e.sender().emit("ringing");
        return Args{"ok"};
      },
      Run::service);
  ns.on("fence", pong());
  const Hub hub = open(ns, {&store});
  CHECK(access.loops == 1);
  SocketClient alice(hub.port()), bob(hub.port()), carol(hub.port());
  alice.join(R"({"user":"alice"})");
  bob.join(R"({"user":"bob"})");
  carol.join(R"({"user":"carol"})");
  store.close_gate();
  alice.say(R"(21["ring"])");
  REQUIRE(store.wait_for_commit());
  carol.say(R"(21["fence"])");
  CHECK(carol.hear_packet() == "31[]");
  CHECK(alice.silent());
  CHECK(bob.silent());
  CHECK(on_loop == -1);
  store.open_gate();
  CHECK(alice.hear_packet() == R"(2["ringing"])");
  CHECK(on_loop == 0);
  CHECK(alice.hear_packet() == R"(31["ok"])");
  CHECK(bob.hear_packet() == R"(2["incoming","alice"])");
  store.set_failing(true);
  alice.say(R"(22["ring"])");
  CHECK(alice.hear_packet() == R"(32[{"error":{"code":"store_unavailable","message":"nothing was changed; try again"}}])");
  CHECK(bob.silent());
}

TEST_CASE("a quick half decides on the loop, or hands over to the service thread") {
  Namespace ns;
  std::atomic<int> asked_service{0};
  ns.on(
      "relay",
      [](const Event& e) -> std::optional<Result<Args>> {
        if (e.get<int>("0").value_or(0) == 1) return Result<Args>(Args{"quick"});
        return std::nullopt;
      },
      [&](const Event&) -> Result<Args> { return ++asked_service, Args{"service"}; });
  const Hub hub = open(ns);
  SocketClient client(hub.port());
  client.join();
  client.say(R"(21["relay",1])");
  CHECK(client.hear_packet() == R"(31["quick"])");
  client.say(R"(22["relay",2])");
  CHECK(client.hear_packet() == R"(32["service"])");
  CHECK(asked_service == 1);
}

TEST_CASE("connect and disconnect are told once, on the side that was asked for, in order with the events") {
  std::mutex mutex;
  std::vector<std::string> seen;
  Count gone;
  const auto note = [&](std::string line) {
    std::scoped_lock lock(mutex);
    seen.push_back(std::move(line));
  };
  Namespace ns = with_users();
  ns.on_connect([&](const Event& e) { note("connect " + e.identity().user.str()); }, Run::service);
  ns.on(
      "work", [&](const Event&) -> Result<Args> { return note("work"), Args{}; }, Run::service);
  ns.on_disconnect([&](const Event& e, std::string_view) { note("loop end " + e.identity().user.str()), gone.add(); });
  ns.on_disconnect(
      [&](const Event& e, std::string_view reason) {
        note("service end " + e.identity().user.str() + " " + std::string(reason)), gone.add();
      },
      Run::service);
  const Hub hub = open(ns);
  {
    SocketClient client(hub.port());
    client.join(R"({"user":"alice"})");
    client.say(R"(2["work"])");
    client.say("1");
    REQUIRE(gone.wait_for(2));
  }
  std::scoped_lock lock(mutex);
  CHECK(seen ==
        std::vector<std::string>{"connect alice", "work", "loop end alice", "service end alice client namespace disconnect"});
}

TEST_CASE("a full mailbox: the ack says rate_limited, nothing is lost that was taken, and disconnects get through") {
  GateStore store;
  Count gone;
  Namespace ns;
  ns.on("work", pong(), Run::service);
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); }, Run::service);
  HubOptions options;
  options.limits.mailbox_max = 4;
  const Hub hub = open(ns, {&store}, options);
  SocketClient heavy(hub.port()), light(hub.port()), leaver(hub.port());
  heavy.join();
  light.join();
  leaver.join();
  store.close_gate();
  heavy.say(R"(20["work",0])");
  REQUIRE(store.wait_for_commit());
  for (int i = 1; i <= 4; ++i) heavy.say("2" + std::to_string(i) + "[\"work\"," + std::to_string(i) + "]");
  REQUIRE(await_at_least(hub.port(), "zegocall_service_waiting", 4));
  light.say(R"(21["work"])");
  CHECK(light.hear_packet() == R"(31[{"error":{"code":"rate_limited","message":"too many at once; try again"}}])");
  heavy.say(R"(25["work",5])");  // the heaviest sender: held, not refused
  leaver.say("1");
  REQUIRE(await_at_least(hub.port(), "zegocall_service_waiting", 5));
  CHECK(metric(hub.port(), "zegocall_hub_held_total") == 1);
  store.open_gate();
  for (int i = 0; i <= 5; ++i) CHECK(heavy.hear_packet() == "3" + std::to_string(i) + "[" + std::to_string(i) + "]");
  CHECK(gone.wait_for(1));
  CHECK(metric(hub.port(), "zegocall_server_events_rate_limited_total") == 1);
}

TEST_CASE("an identity that ends is told so first") {
  AdvancingClock clock;
  const UnixTime end = clock.now().wall;
  Namespace ns;
  ns.authenticate([&](const Handshake&) -> Result<Identity> { return Identity{.user = UserId{"alice"}, .expires = end}; });
  HubOptions options;
  options.clock = &clock;
  const Hub hub = open(ns, {}, options);
  SocketClient client(hub.port());
  CHECK(client.join().starts_with("0{"));
  CHECK(client.hear_packet() == R"(2["auth_expiring"])");
}

TEST_CASE("pages of other origins may not open a WebSocket where origins are listed") {
  const Hub listed = open(Namespace(), {}, {.allowed_origins = {"https://app.example"}});
  CHECK(SocketClient(listed.port(), "/socket.io/", "Origin: https://app.example\r\n").upgraded());
  CHECK(SocketClient(listed.port(), "/socket.io/", "Origin: http://test\r\n").upgraded());
  CHECK(SocketClient(listed.port()).upgraded());
  CHECK(SocketClient(listed.port(), "/socket.io/", "Origin: https://evil.example\r\n")
            .upgrade_answer()
            .starts_with("HTTP/1.1 403"));
  CHECK(SocketClient(listed.port(), "/nothing/").upgrade_answer().starts_with("HTTP/1.1 404"));
}

TEST_CASE("the late answer to a client that is gone does not touch who came to its place") {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  Count inside;
  Router http;
  http.route(
      Method::get, "/slow",
      [&](const HttpRequest&) -> Result<HttpResponse> {
        inside.add();
        opened.wait();
        return HttpResponse{.status = 200, .body = "slow"};
      },
      Run::worker);
  HubOptions options;
  options.limits.workers = 1;
  const Hub hub = Hub::open(options, {.namespaces = {Namespace().on("echo", pong())}, .http = http}).value();
  {
    RawClient gone(hub.port());
    gone.write("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
    REQUIRE(inside.wait_for(1));
  }
  REQUIRE(await_at_most(hub.port(), "zegocall_net_connections", 1));
  std::vector<std::unique_ptr<SocketClient>> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(std::make_unique<SocketClient>(hub.port()));
  for (auto& socket : sockets) CHECK(socket->join().starts_with("0{"));
  gate.set_value();
  CHECK(get(hub.port(), "/slow").body == "slow");  // the one worker had posted the other answer before
  for (auto& socket : sockets) {
    socket->say(R"(21["echo",1])");
    CHECK(socket->hear_packet() == "31[1]");
  }
}

TEST_CASE("raw Engine.IO: what the host does with each message") {
  Wiring wiring;
  wiring.engine = EngineEndpoint{.on_message = [](EnginePeer& peer, std::string_view message, bool binary) {
    if (message == "close") return peer.close();
    if (message == "throw") throw 7;
    peer.send(message, binary);
  }};
  const Hub hub = Hub::open({}, std::move(wiring)).value();
  SocketClient client(hub.port(), "/engine.io/");
  client.write("4hello");
  CHECK(client.hear() == "4hello");
  client.raw().write(RawClient::frame(0x82, "bytes"));
  const auto frame = client.raw().read_frame();
  CHECK(frame.opcode == 2);
  CHECK(frame.payload == "bytes");
  client.write("4close");
  CHECK(client.hear() != "4close");
  SocketClient bad(hub.port(), "/engine.io/");
  bad.write("4throw");
  CHECK(bad.hear() != "4throw");
  CHECK(metric(hub.port(), "zegocall_server_callbacks_threw_total") == 1);
}
