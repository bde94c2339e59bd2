// What the hub's face offers beyond events and groups: own data, patterns, checks, recovery, members, other hubs.
#include <doctest/doctest.h>

#include <deque>
#include <future>

#include "server/socket_client.hpp"

using namespace zegocall;
using namespace zegocall::server_test;

namespace {

EventHandler pong() {
  return [](const Event& e) -> Result<Args> { return Args::copy_of(e.args()); };
}

Namespace with_users(const std::string& name = "/") {
  Namespace ns{name};
  ns.authenticate([](const Handshake& shake) -> Result<Identity> {
    return shake.auth().get<UserId>("user").transform([](const UserId& user) { return Identity{.user = user}; });
  });
  ns.on("join", [](const Event& e) -> Result<Args> {
    const auto group = e.get<GroupId>("0");
    if (!group) return unexpected(group.error());
    if (auto joined = e.sender().join(*group); !joined) return unexpected(joined.error());
    return Args{};
  });
  ns.on("echo", pong());
  return ns;
}

std::string member_of(const std::string& packet, const char* name) {
  return Json::parse(packet.substr(packet.find('{'))).value().get<std::string>(name).value_or("");
}

std::vector<Member> fetched(const Audience& audience) {
  auto promise = std::make_shared<std::promise<std::vector<Member>>>();
  audience.fetch([promise](std::vector<Member> members) { promise->set_value(std::move(members)); });
  return promise->get_future().get();
}

}  // namespace

TEST_CASE("own data lives as long as its connection, on whichever side the handlers run") {
  struct Tally {
    int count = 0;
  };
  Namespace ns;
  ns.on("loop", [](const Event& e) -> Result<Args> { return Args{++e.data<Tally>().count}; });
  ns.on(
      "service", [](const Event& e) -> Result<Args> { return Args{++e.data<Tally>().count}; }, Run::service);
  std::atomic<int> last{0};
  Count gone;
  ns.on_disconnect([&](const Event& e, std::string_view) { last = e.data<Tally>().count, gone.add(); });
  const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
  SocketClient one(hub.port()), two(hub.port());
  one.join();
  two.join();
  for (const char* event : {"loop", "service", "loop", "service"}) one.say("21[\"" + std::string(event) + "\"]");
  for (int n = 1; n <= 4; ++n) CHECK(one.hear_packet() == "31[" + std::to_string(n) + "]");
  two.say(R"(21["loop"])");
  CHECK(two.hear_packet() == "31[1]");
  one.say("1");
  CHECK(gone.wait_for(1));
  CHECK(last == 4);
}

TEST_CASE("handlers of a new connection: the loop's before the service's") {
  Namespace ns;
  ns.on_connect([](const Event& e) { e.data<std::string>() += "service"; }, Run::service);
  ns.on_connect([](const Event& e) { e.data<std::string>() += "loop "; });
  ns.on("seen", [](const Event& e) -> Result<Args> { return Args{e.data<std::string>()}; });
  const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
  for (int i = 0; i < 20; ++i) {
    SocketClient client(hub.port());
    client.join();
    client.say(R"(21["seen"])");
    CHECK(client.hear_packet() == R"(31["loop service"])");
  }
}

TEST_CASE("a pattern serves every name that fits, each a namespace of its own") {
  Namespace room{"/room-*"};
  room.on_connect([](const Event& e) { e.others().emit("came", {e.ns()}); });
  room.on("say", [](const Event& e) -> Result<Args> {
    e.others().relay("said", e.args());
    return Args{e.ns()};
  });
  room.authenticate([](const Handshake& shake) -> Result<Identity> {
    if (shake.ns() == "/room-closed") return fail(ErrorCode::forbidden, "closed");
    return Identity{};
  });
  Namespace exact{"/room-1"};
  exact.on("say", [](const Event&) -> Result<Args> { return Args{"exact"}; });
  const Hub hub = Hub::open({}, {.namespaces = {room, exact, Namespace{}}}).value();
  SocketClient a(hub.port()), b(hub.port()), c(hub.port());
  CHECK(a.join("", "/room-7").starts_with("0/room-7,{"));
  CHECK(b.join("", "/room-7").starts_with("0/room-7,{"));
  CHECK(c.join("", "/room-8").starts_with("0/room-8,{"));
  CHECK(a.hear_packet() == R"(2/room-7,["came","/room-7"])");
  a.say(R"(2/room-7,5["say",1])");
  CHECK(a.hear_packet() == R"(3/room-7,5["/room-7"])");
  CHECK(b.hear_packet() == R"(2/room-7,["said",1])");
  hub.in("/room-7").emit("outside");
  CHECK(a.hear_packet() == R"(2/room-7,["outside"])");
  CHECK(c.silent());
  hub.in("/room-nobody").emit("nobody");
  CHECK(c.join("", "/room-1").starts_with("0/room-1,{"));
  c.say(R"(2/room-1,6["say"])");
  CHECK(c.hear_packet() == R"(3/room-1,6["exact"])");
  CHECK(c.join("", "/room-closed") == R"(4/room-closed,{"message":"closed","data":{"code":"forbidden"}})");
  CHECK(c.join("", "/room-") == R"(4/room-,{"message":"Invalid namespace"})");
  CHECK(c.join("", "/room-a/b") == R"(4/room-a/b,{"message":"Invalid namespace"})");
  CHECK(metric(hub.port(), "zegocall_hub_namespaces") == 4);
}

TEST_CASE("checks of the handshake come before the question who it is, filters before the handler, in turn") {
  std::string order;
  Namespace ns;
  ns.admit([&](const Handshake&) -> Result<void> { return order += "a", Result<void>(); });
  ns.admit([&](const Handshake& shake) -> Result<void> {
    order += "b";
    if (shake.auth().get<bool>("bad").value_or(false)) return fail(ErrorCode::forbidden, "bad");
    return {};
  });
  ns.authenticate([&](const Handshake&) -> Result<Identity> { return order += "w", Identity{}; });
  ns.filter([&](const Event&) -> Result<void> { return order += "1", Result<void>(); });
  ns.filter([&](const Event& e) -> Result<void> {
    order += "2";
    if (e.name() == "no") return fail(ErrorCode::forbidden, "no");
    return {};
  });
  ns.on("yes", pong()).on("no", pong());
  {
    const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
    SocketClient client(hub.port());
    CHECK(client.join(R"({"bad":true})") == R"(4{"message":"bad","data":{"code":"forbidden"}})");
    client.join();
    client.say(R"(21["yes"])");
    CHECK(client.hear_packet() == "31[]");
    client.say(R"(22["no"])");
    CHECK(client.hear_packet() == R"(32[{"error":{"code":"forbidden","message":"no"}}])");
  }
  CHECK(order == "ababw1212");
}

TEST_CASE("a disconnect has the reason that it was given, for one namespace or all") {
  std::promise<std::string> reason;
  Namespace ns = with_users(), other{"/other"};
  ns.on_disconnect([&](const Event&, std::string_view why) { reason.set_value(std::string(why)); });
  other.on("echo", pong());
  const Hub hub = Hub::open({}, {.namespaces = {ns, other}}).value();
  {
    SocketClient client(hub.port());
    client.join(R"({"user":"a"})");
    client.join("", "/other");
    hub.in("/").user(UserId{"a"}).disconnect({.reason = "enough"});
    CHECK(client.hear_packet() == "1");
    CHECK(reason.get_future().get() == "enough");
    client.say(R"(2/other,1["echo"])");
    CHECK(client.hear_packet() == "3/other,1[]");
  }
  reason = {};
  SocketClient client(hub.port());
  client.join(R"({"user":"a"})");
  client.join("", "/other");
  hub.in("/other").disconnect({.reason = "closing time", .whole_session = true});
  CHECK(reason.get_future().get() == "closing time");
  for (std::string packet = client.hear_packet(); packet != "()"; packet = client.hear_packet())
    CHECK((packet == "1" || packet == "1/other,"));
}

TEST_CASE("members are fetched as they are: id, identity, groups") {
  const Hub hub = Hub::open({}, {.namespaces = {with_users()}}).value();
  SocketClient alice(hub.port()), bob(hub.port());
  const std::string sid = member_of(alice.join(R"({"user":"alice"})"), "sid");
  bob.join(R"({"user":"bob"})");
  alice.say(R"(21["join","room"])");
  CHECK(alice.hear_packet() == "31[]");
  CHECK(fetched(hub.in("/")).size() == 2);
  const auto in_room = fetched(hub.in("/").to(GroupId{"room"}));
  REQUIRE(in_room.size() == 1);
  CHECK(in_room[0].connection.view() == sid);
  CHECK(in_room[0].identity.user.view() == "alice");
  CHECK(in_room[0].groups == std::vector<GroupId>{GroupId{"user_alice"}, GroupId{"room"}});
  CHECK(fetched(hub.in("/").to(GroupId{"nobody"})).empty());
  CHECK(fetched(hub.in("/").to(ConnectionId(sid))).size() == 1);
}

TEST_CASE("what is for one connection or user is heard by nobody else, whatever groups there are") {
  HubOptions options;
  options.loops = 2;
  const Hub hub = Hub::open(options, {.namespaces = {with_users()}}).value();
  SocketClient alice(hub.port());
  const ConnectionId hers(member_of(alice.join(R"({"user":"alice"})"), "sid"));
  std::deque<SocketClient> eves;  // on both loops, for all we know
  for (int i = 0; i < 8; ++i) {
    eves.emplace_back(hub.port()).join(R"({"user":"eve"})");
    eves.back().say(R"(21["join",")" + hers.str() + R"("])");
    CHECK(eves.back().hear_packet() == "31[]");
    for (const char* name : {"", "user_alice", "user_", R"(\u0001x)"}) {
      eves.back().say(R"(22["join",")" + std::string(name) + R"("])");
      CHECK(eves.back().hear_packet().starts_with(R"(32[{"error":{"code":"invalid_argument","field":"group")"));
    }
  }
  CHECK(hub.in("/").join(GroupId{"user_x"}).error().field == "group");
  hub.in("/").to(hers).emit("private");
  hub.in("/").user(UserId{"alice"}).emit("also");
  CHECK(alice.hear_packet() == R"(2["private"])");
  CHECK(alice.hear_packet() == R"(2["also"])");
  hub.in("/").except(hers).emit("others");  // the group of that name is no exception
  for (SocketClient& eve : eves) CHECK(eve.hear_packet() == R"(2["others"])");
  hub.in("/").to(GroupId(hers.view())).emit("named");  // a name that a client gave: the group, and the connection
  for (SocketClient& eve : eves) CHECK(eve.hear_packet() == R"(2["named"])");
  CHECK(alice.hear_packet() == R"(2["named"])");
}

TEST_CASE("own data of two types ends the connection that asked, and nobody else's") {
  Namespace ns;
  ns.on("int", [](const Event& e) -> Result<Args> { return Args{++e.data<int>()}; });
  ns.on("text", [](const Event& e) -> Result<Args> { return Args{e.data<std::string>()}; });
  const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
  SocketClient one(hub.port()), two(hub.port());
  one.join();
  two.join();
  one.say(R"(21["int"])");
  CHECK(one.hear_packet() == "31[1]");
  one.say(R"(22["text"])");
  CHECK(one.hear_packet() == "1");
  two.say(R"(21["text"])");
  CHECK(two.hear_packet() == R"(31[""])");
}

TEST_CASE("who comes back in time is the same connection, and is sent what it missed") {
  Namespace ns = with_users();
  ns.on("mark", [](const Event& e) -> Result<Args> { return e.data<std::string>() = "marked", Args{}; });
  ns.on("state", [](const Event& e) -> Result<Args> { return Args{e.recovered(), e.data<std::string>()}; });
  std::vector<std::string> resynced;
  ns.on_resync([&](const Event& e) {
    resynced.push_back(e.get<std::string>("0.user").value());
    e.sender().emit("resync", {e.get<Json>("0.known").value_or(Json())});
  });
  Count gone;
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); });
  HubOptions options;
  options.recovery = {.keep = 30s, .events_max = 5};
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  std::string sid, pid;
  {
    SocketClient alice(hub.port());
    const std::string answer = alice.join(R"({"user":"alice"})");
    sid = member_of(answer, "sid"), pid = member_of(answer, "pid");
    alice.say(R"(21["mark"])");
    CHECK(alice.hear_packet() == "31[]");
    alice.raw().close();
  }
  REQUIRE(gone.wait_for(1));
  hub.in("/").user(UserId{"alice"}).emit("missed", {1});
  hub.in("/").user(UserId{"bob"}).emit("not missed");
  {
    SocketClient alice(hub.port());
    CHECK(alice.join(R"({"user":"alice","pid":")" + pid + "\"}").starts_with(R"(2["missed",1,")"));
    CHECK(member_of(alice.hear_packet(), "sid") == sid);
    alice.say(R"(22["state"])");
    CHECK(alice.hear_packet() == R"(32[true,"marked"])");
    alice.raw().close();
  }
  REQUIRE(gone.wait_for(2));
  CHECK(resynced.empty());
  for (int i = 0; i < 10; ++i) hub.in("/").emit("much", {i});
  SocketClient alice(hub.port());
  const std::string answer = alice.join(R"({"user":"alice","pid":")" + pid + R"(","known":{"42":7}})");
  CHECK(member_of(answer, "sid") != sid);
  CHECK(alice.hear_packet().starts_with(R"(2["resync",{"42":7},")"));
  alice.say(R"(23["state"])");
  CHECK(alice.hear_packet() == R"(33[false,""])");
  CHECK(metric(hub.port(), "zegocall_hub_recovered_total") == 1);
  CHECK(metric(hub.port(), "zegocall_hub_recovery_overrun_total") == 1);
  CHECK(resynced == std::vector<std::string>{"alice"});
}

TEST_CASE("what is said to a connection while it is away waits for it, also by a copy of its sender()") {
  std::promise<Audience> its;
  Namespace ns = with_users();
  Count gone;
  ns.on_connect([&](const Event& e) {
    if (!e.recovered()) its.set_value(e.sender());
  });
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); });
  const Hub hub = Hub::open({.recovery = {.keep = 30s}}, {.namespaces = {ns}}).value();
  auto alice = std::make_unique<SocketClient>(hub.port());
  const std::string pid = member_of(alice->join(R"({"user":"alice"})"), "pid");
  const Audience sender = its.get_future().get();
  alice.reset();
  REQUIRE(gone.wait_for(1));
  sender.emit("for you", {1});
  SocketClient back(hub.port());
  CHECK(back.join(R"({"user":"alice","pid":")" + pid + "\"}").starts_with(R"(2["for you",1,")"));
  CHECK(member_of(back.hear_packet(), "pid") == pid);
}

TEST_CASE("on_resync on the service thread, also for one that only says what it knows") {
  Namespace ns = with_users();
  ns.on_connect([](const Event& e) { e.sender().emit("first"); }, Run::service);
  ns.on_resync([](const Event& e) { e.sender().emit("resync", {e.get<Json>("0.known").value()}); }, Run::service);
  const Hub hub = Hub::open({}, {.namespaces = {ns}}).value();
  SocketClient plain(hub.port()), knows(hub.port());
  plain.join(R"({"user":"a"})");
  CHECK(plain.hear_packet() == R"(2["first"])");
  knows.join(R"({"user":"b","known":{"c":3}})");
  CHECK(knows.hear_packet() == R"(2["first"])");
  CHECK(knows.hear_packet() == R"(2["resync",{"c":3}])");
  CHECK(plain.silent());
}

TEST_CASE("hubs on one bus are one: emit, groups, disconnect; local stays here") {
  const auto bus = make_local_bus();
  const auto options = [&] {
    HubOptions out;
    out.bus = bus.get();
    return out;
  };
  std::promise<std::string> told;
  Namespace ns = with_users();
  ns.on("to room", [](const Event& e) -> Result<Args> {
    e.others().to(GroupId{"room"}).relay("room", e.args());
    return Args{};
  });
  ns.on(
      "from service",
      [](const Event& e) -> Result<Args> {
        e.others().emit("from service");
        return Args{};
      },
      Run::service);
  Namespace second_ns = ns;
  second_ns.on_server_event("config", [&](ArgsView args) { told.set_value(std::string(args.text())); });
  const Hub first = Hub::open(options(), {.namespaces = {ns}}).value();
  const Hub second = Hub::open(options(), {.namespaces = {second_ns}}).value();
  SocketClient alice(first.port()), bob(second.port());
  alice.join(R"({"user":"alice"})");
  bob.join(R"({"user":"bob"})");
  CHECK(first.in("/").user(UserId{"bob"}).join(GroupId{"room"}));
  alice.say(R"(2["to room",{"a":[1]},"cut: \ud800"])");
  CHECK(bob.hear_packet() == R"(2["room",{"a":[1]},"cut: \ud800"])");
  alice.say(R"(21["from service"])");
  CHECK(alice.hear_packet() == "31[]");
  CHECK(bob.hear_packet() == R"(2["from service"])");
  first.in("/").local().emit("here");
  CHECK(alice.hear_packet() == R"(2["here"])");
  const std::string bytes = "\x01\xff";
  first.in("/").except(GroupId{"user_alice"}).emit("bytes", Args{1, BytesView(bytes)});
  CHECK(bob.hear_packet() == R"(51-["bytes",1,{"_placeholder":true,"num":0}])");
  CHECK(bob.hear() == bytes);
  REQUIRE(first.tell_servers("/", "config", {JsonObject{{"v", 2}}}));
  CHECK(told.get_future().get() == R"({"v":2})");
  CHECK(first.tell_servers("/nowhere", "config").error().code == ErrorCode::not_found);
  first.in("/").user(UserId{"bob"}).leave(GroupId{"room"});
  first.in("/").to(GroupId{"room"}).emit("nobody");
  first.in("/").user(UserId{"bob"}).disconnect({.reason = "over there"});
  CHECK(bob.hear_packet() == "1");
  CHECK(alice.silent());
  CHECK(Hub::open({}, {.namespaces = {ns}}).value().tell_servers("/", "x").error().code == ErrorCode::invalid_state);
  REQUIRE(bus->publish("zegocall.hub", "not JSON"));
  REQUIRE(bus->publish("zegocall.hub", R"({"word":"emit"})"));
  alice.say(R"(22["echo",1])");
  CHECK(alice.hear_packet() == "32[1]");
}

TEST_CASE("limits have their error and their counter") {
  std::promise<std::string> logged;
  HubOptions options;
  options.log = [&](LogLevel, std::string_view line) {
    if (line.find("left out") != std::string_view::npos) logged.set_value(std::string(line));
  };
  options.limits.groups_per_connection_max = 1;
  options.limits.namespaces_per_session_max = 2;
  options.limits.sessions_per_address_max = 2;
  options.limits.packets_burst = 100;
  options.limits.packets_per_second = 1;
  options.limits.attachments_max = 1;
  options.limits.json_depth_max = 8;
  const Hub hub = Hub::open(options, {.namespaces = {with_users(), Namespace{"/a"}, Namespace{"/b"}}}).value();
  SocketClient one(hub.port());
  one.join(R"({"user":"u"})");
  const auto join = [&](const std::string& group) {
    one.say(R"(21["join",")" + group + R"("])");
    return one.hear_packet();
  };
  CHECK(join("g") == "31[]");
  CHECK(join("g") == "31[]");  // it is in already
  CHECK(join("h") == R"(31[{"error":{"code":"limit_exceeded","field":"group","message":)"
                     R"("the connection is in 1 groups, which is the most"}}])");
  CHECK(metric(hub.port(), "zegocall_hub_limit_groups_total") == 1);
  CHECK(join(std::string(257, 'x')) == R"(31[{"error":{"code":"limit_exceeded","field":"group","message":)"
                                       R"("a name of 257 bytes, must be at most 256"}}])");
  // From another thread it is known too late for a Result: counted and logged. A name is known at once.
  CHECK(hub.in("/").join(GroupId{std::string(257, 'x')}).error().field == "group");
  CHECK(metric(hub.port(), "zegocall_hub_limit_groups_total") == 1);
  REQUIRE(hub.in("/").join(GroupId{"h"}));
  REQUIRE(await_at_least(hub.port(), "zegocall_hub_limit_groups_total", 2));
  CHECK(logged.get_future().get() == "1 connections were left out of the group h: limits.groups_per_connection_max is 1");
  CHECK(one.join("", "/a").starts_with("0/a,{"));
  CHECK(one.join("", "/b") == R"(4/b,{"message":"too many namespaces"})");
  CHECK(metric(hub.port(), "zegocall_hub_limit_namespaces_total") == 1);
  {
    SocketClient two(hub.port());
    CHECK(SocketClient(hub.port()).upgrade_answer().starts_with("HTTP/1.1 429"));
    CHECK(metric(hub.port(), "zegocall_hub_refused_address_total") == 1);
    two.join(R"({"user":"v"})");
    for (int i = 0; i < 120; ++i) two.say(R"(2["echo"])");
    CHECK(two.hear_packet() == "()");
    CHECK(metric(hub.port(), "zegocall_hub_flood_session_total") == 1);
  }
  one.say(R"(52-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  CHECK(one.hear_packet() == "()");
  CHECK(metric(hub.port(), "zegocall_hub_limit_packet_total") == 1);
}
