// Several loops at one port: whatever is true of a hub with one loop is true of all of them together.
#include "server/hub_loops_world.hpp"

using namespace zegocall;
using namespace zegocall::server_test;
using namespace zegocall::server_test::several_loops;

TEST_CASE("what is said reaches the members on every loop, from wherever it is said") {
  for (const unsigned loops : {2u, many}) {
    CAPTURE(loops);
    const Hub hub = Hub::open(on_loops(loops), {.namespaces = {with_users()}}).value();
    auto all = one_on_each(hub.port(), loops);
    hub.in("/").emit("hello", {1});
    for (auto& each : all) CHECK(each->client.hear_packet() == R"(2["hello",1])");
    for (auto& each : all) CHECK(each->ask(R"(21["join","g"])") == "31[]");
    CHECK(all[0]->ask(R"(22["tell others","x"])") == "32[]");
    for (unsigned n = 1; n < loops; ++n) CHECK(all[n]->client.hear_packet() == R"(2["told","x"])");
    // From the service thread: in order, the reply last.
    all[1]->client.say(R"(23["tell all after commit",7])");
    for (auto& each : all) {
      CHECK(each->client.hear_packet() == R"(2["first",1])");
      CHECK(each->client.hear_packet() == R"(2["second",7])");
    }
    CHECK(all[1]->client.hear_packet() == R"(33["done"])");
    hub.in("/").to(GroupId{"g"}).except(ConnectionId(all[0]->sid)).emit("not the first");
    for (unsigned n = 1; n < loops; ++n) CHECK(all[n]->client.hear_packet() == R"(2["not the first"])");
    hub.in("/").to(ConnectionId(all[1]->sid)).emit("only you");
    CHECK(all[1]->client.hear_packet() == R"(2["only you"])");
    CHECK(all[0]->ask(R"(24["where"])") == "34[0]");  // and nothing came before
  }
}

TEST_CASE("members of other loops are fetched, joined, left and disconnected, by group and by id") {
  Count gone;
  Namespace ns = with_users();
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); });
  const Hub hub = Hub::open(on_loops(many), {.namespaces = {ns}}).value();
  auto all = one_on_each(hub.port(), many);
  const Audience four = hub.in("/")
                            .to(ConnectionId(all[0]->sid))
                            .to(ConnectionId(all[1]->sid))
                            .to(ConnectionId(all[2]->sid))
                            .to(ConnectionId(all[3]->sid));
  CHECK(four.join(GroupId{"g"}));
  const auto members = fetched(hub.in("/").to(GroupId{"g"}));
  std::set<std::string> ids;
  for (const Member& member : members) {
    ids.insert(std::string(member.connection.view()));
    CHECK(std::count(member.groups.begin(), member.groups.end(), GroupId{"g"}) == 1);
  }
  CHECK(ids == std::set<std::string>{all[0]->sid, all[1]->sid, all[2]->sid, all[3]->sid});
  hub.in("/").to(ConnectionId(all[2]->sid)).leave(GroupId{"g"});
  CHECK(fetched(hub.in("/").to(GroupId{"g"})).size() == 3);
  const int before = gone.value();
  hub.in("/").to(ConnectionId(all[3]->sid)).disconnect();
  CHECK(all[3]->client.hear_packet() == "1");
  REQUIRE(gone.wait_for(before + 1));
  hub.in("/").to(GroupId{"g"}).disconnect();
  CHECK(all[0]->client.hear_packet() == "1");
  CHECK(all[1]->client.hear_packet() == "1");
  CHECK(all[2]->ask(R"(21["where"])") == "31[2]");
}

TEST_CASE("a question to members on all loops: every answer, or the reason why one is missing") {
  const Hub hub = Hub::open(on_loops(many), {.namespaces = {with_users()}}).value();
  auto all = one_on_each(hub.port(), many);
  for (auto& each : all) CHECK(each->ask(R"(21["join","g"])") == "31[]");
  const Audience group = hub.in("/").to(GroupId{"g"});
  const auto answer = [](Placed& who, const std::string& with) {
    const std::string question = who.client.hear_packet();
    const std::size_t end = question.find('[');
    REQUIRE(question.substr(end) == R"(["q",1])");
    who.client.say("3" + question.substr(1, end - 1) + "[" + with + "]");
  };
  auto later = std::async(std::launch::async, [&] { return asked(group, 10s); });
  for (unsigned n = 0; n < many; ++n) answer(*all[n], std::to_string(n));
  const auto answers = later.get();
  REQUIRE(answers);
  std::set<std::string> texts;
  for (const Args& each : *answers) texts.insert(std::string(each.view().text()));
  CHECK(texts == std::set<std::string>{"0", "1", "2", "3"});
  // One lets the time pass.
  auto again = std::async(std::launch::async, [&] { return asked(group, 100ms); });
  for (unsigned n = 1; n < many; ++n) answer(*all[n], "1");
  const auto missing = again.get();
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::timeout);
  // One goes.
  auto third = std::async(std::launch::async, [&] { return asked(group, 10s); });
  for (unsigned n = 1; n < many; ++n) answer(*all[n], "1");
  all[0]->client.raw().close();
  const auto lost = third.get();
  REQUIRE(!lost);
  CHECK(lost.error().code == ErrorCode::closed);
  // Nobody there is an answer too.
  const auto nobody = asked(hub.in("/").to(GroupId{"nobody"}), 10s);
  REQUIRE(nobody);
  CHECK(nobody->empty());
}

TEST_CASE("all loops hear what several threads say in one and the same order") {
  const Hub hub = Hub::open(on_loops(many), {.namespaces = {with_users()}}).value();
  auto all = one_on_each(hub.port(), many);
  constexpr int each_says = 200;
  std::vector<std::thread> speakers;
  for (int speaker = 0; speaker < 3; ++speaker)
    speakers.emplace_back([&, speaker] {
      for (int n = 0; n < each_says; ++n) hub.in("/").emit("n", {speaker, n});
    });
  for (auto& speaker : speakers) speaker.join();
  std::vector<std::string> first;
  for (auto& client : all) {
    std::vector<std::string> heard;
    for (int n = 0; n < 3 * each_says; ++n) heard.push_back(client->client.hear_packet());
    if (first.empty()) first = heard;
    CHECK(heard == first);
  }
}

TEST_CASE("a polling session's requests may arrive at any loop, also those that open its WebSocket") {
  const Hub hub = Hub::open(on_loops(many), {.namespaces = {with_users()}}).value();
  const std::uint16_t port = hub.port();
  for (int round = 0; round < 10; ++round) {
    const std::string opened = get(port, "/socket.io/?EIO=4&transport=polling").body;
    const std::string sid = member_of(opened, "sid");
    REQUIRE(sid.size() == 20);
    CHECK(post(port, polling(sid), R"(40{"user":"u"})").body == "ok");
    CHECK(get(port, polling(sid)).body.starts_with("40{"));
    // A poll that waits on one connection is answered for a post on another.
    RawClient waiting(port);
    waiting.write("GET " + polling(sid) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(post(port, polling(sid), R"(421["where"])").body == "ok");
    const auto answer = waiting.read_answer();
    CHECK(answer.body.starts_with("431["));
    SocketClient probe(port, "/socket.io/", "");  // another session, on any loop, in between
    RawClient upgrade(port);
    upgrade.write("GET /socket.io/?EIO=4&transport=websocket&sid=" + sid +
                  " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    CHECK(upgrade.read_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
    upgrade.write(RawClient::frame(0x81, "2probe"));
    CHECK(upgrade.read_frame().payload == "3probe");
    upgrade.write(RawClient::frame(0x81, "5"));
    upgrade.write(RawClient::frame(0x81, R"(422["where"])"));
    CHECK(upgrade.read_frame().payload == "432" + answer.body.substr(3));
  }
  CHECK(metric(port, "zegocall_net_connections_moved_total") > 0);
  CHECK(metric(port, "zegocall_hub_unknown_sid_total") == 0);
  CHECK(metric(port, "zegocall_net_moves_failed_total") == 0);
}

TEST_CASE("a connection serves sessions of several loops in turn, between answers that it takes long to read") {
  Router http;
  const std::string large(4'000'000, 'x');
  http.route(Method::get, "/large", [&](const HttpRequest&) -> Result<HttpResponse> {
    HttpResponse out;
    out.content_type = "text/plain";
    out.body = large;
    return out;
  });
  const Hub hub = Hub::open(on_loops(many), {.namespaces = {with_users()}, .http = http}).value();
  std::vector<std::string> sids(many);
  while (std::count(sids.begin(), sids.end(), "") > 0) {
    const std::string sid = member_of(get(hub.port(), "/socket.io/?EIO=4&transport=polling").body, "sid");
    sids.at(static_cast<std::size_t>(sid.front() - 'A')) = sid;  // its first character says the loop
  }
  RawClient client(hub.port());
  for (const std::string& sid : sids) {
    client.write("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    const bool whole = client.read_answer().body == large;
    CHECK(whole);
    client.write("POST " + polling(sid) + " HTTP/1.1\r\nHost: test\r\nContent-Length: 15\r\n\r\n40{\"user\":\"me\"}");
    CHECK(client.read_answer().body == "ok");
  }
  CHECK(metric(hub.port(), "zegocall_net_connections_moved_total") >= many - 1);
  CHECK(get(hub.port(), polling("zzzzzzzzzzzzzzzzzzzz")).status == 400);  // of no loop
  CHECK(get(hub.port(), polling("Azzzzzzzzzzzzzzzzzzz")).status == 400);  // of none of its sessions
}

TEST_CASE("who is lost and comes back on any loop again and again has missed nothing and hears nothing twice") {
  Count gone;
  Namespace ns = with_users();
  ns.on_connect([](const Event& e) { ++e.data<int>(); });
  ns.on("times", [](const Event& e) -> Result<Args> { return Args{e.data<int>(), e.recovered(), e.loop()}; });
  ns.on_disconnect([&](const Event& e, std::string_view) {
    if (e.identity().user == UserId{"me"}) gone.add();
  });
  HubOptions options = on_loops(many);
  options.recovery.keep = 60s;
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  const auto stays = one_on_each(hub.port(), many);  // each loop has somebody who keeps its log going
  std::atomic<int> said{0}, heard_up_to{0};
  std::jthread speaker([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      // Never so far ahead that what is missed would pass the bounds of recovery.
      if (said - heard_up_to < 2000) hub.in("/").to(GroupId{"g"}).emit("n", {said++});
      std::this_thread::yield();
    }
  });
  std::string sid, pid, offset;
  int next = -1, rounds = 0;
  std::set<std::string> loops_seen;
  for (; rounds < 40; ++rounds) {
    SocketClient client(hub.port());
    const auto take = [&](const std::string& packet) {
      const Json args = Json::parse(packet.substr(1)).value();
      const int n = args.get<int>("1").value();
      if (next >= 0) REQUIRE(n == next);
      next = n + 1;
      heard_up_to = next;
      offset = args.get<std::string>("2").value();
    };
    std::string answer = client.join(R"({"user":"me","pid":")" + pid + R"(","offset":")" + offset + "\"}");
    for (; answer.starts_with("2["); answer = client.hear_packet()) take(answer);  // what was missed comes first
    if (rounds == 0) {
      sid = member_of(answer, "sid");
      pid = member_of(answer, "pid");
      client.say(R"(21["join","g"])");
    } else {
      REQUIRE(member_of(answer, "sid") == sid);
      REQUIRE(member_of(answer, "pid") == pid);
      client.say(R"(21["times"])");
    }
    // The answer and a few events, then it is lost in the middle of more.
    bool answered = false;
    for (int heard = 0; heard < 25 || !answered;) {
      const std::string packet = client.hear_packet();
      REQUIRE(!packet.empty());
      if (packet.starts_with("31[")) {
        answered = true;
        if (rounds > 0) loops_seen.insert(packet.substr(packet.rfind(',')));
        if (rounds > 0) CHECK(packet.starts_with("31[" + std::to_string(rounds + 1) + ",true,"));
        continue;
      }
      take(packet);
      ++heard;
    }
    client.raw().reset();
    REQUIRE(gone.wait_for(rounds + 1));
  }
  speaker.request_stop();
  speaker.join();
  CHECK(loops_seen.size() > 1);
  CHECK(metric(hub.port(), "zegocall_hub_recovered_elsewhere_total") > 0);
  CHECK(metric(hub.port(), "zegocall_hub_recovered_total") == rounds - 1);
  // What is said now, to its id, is not lost either.
  hub.in("/").to(ConnectionId(sid)).emit("to you", {1});
  SocketClient last(hub.port());
  std::string packet = last.join(R"({"user":"me","pid":")" + pid + R"(","offset":")" + offset + "\"}");
  for (; next < said; ++next, packet = last.hear_packet()) CHECK(packet.starts_with(R"(2["n",)" + std::to_string(next) + ",\""));
  CHECK(packet.starts_with(R"(2["to you",1,")"));
  CHECK(last.hear_packet().starts_with("0{"));
}

TEST_CASE("only who it was comes back, also on another loop; others and late ones are new") {
  Count gone;
  Namespace ns = with_users();
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); });
  HubOptions options = on_loops(2);
  options.recovery = {.keep = 60s, .events_max = 3};
  const Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  int rounds = 0;
  const auto lose_one = [&] {
    SocketClient client(hub.port());
    const std::string answer = client.join(R"({"user":"me"})");
    client.raw().close();
    REQUIRE(gone.wait_for(++rounds));
    return answer;
  };
  for (int n = 0; n < 8; ++n) {  // some of them arrive on the same loop, some on the other one
    const std::string first = lose_one();
    const std::string pid = R"("pid":")" + member_of(first, "pid") + "\"";
    SocketClient thief(hub.port());
    CHECK(member_of(thief.join(R"({"user":"you",)" + pid + "}"), "sid") != member_of(first, "sid"));
    for (int i = 0; i < 5; ++i) hub.in("/").emit("much", {i});
    SocketClient late(hub.port());
    CHECK(member_of(late.join(R"({"user":"me",)" + pid + "}"), "sid") != member_of(first, "sid"));
    thief.raw().close();
    late.raw().close();
    REQUIRE(gone.wait_for(rounds += 2));
  }
  CHECK(metric(hub.port(), "zegocall_hub_recovered_total") == 0);
  CHECK(metric(hub.port(), "zegocall_hub_recovery_overrun_total") == 8);
}

TEST_CASE("limits of an address and of all connections hold for the loops together") {
  HubOptions options = on_loops(many);
  options.limits.sessions_per_address_max = 6;
  {
    const Hub hub = Hub::open(options, {.namespaces = {with_users()}}).value();
    std::vector<std::unique_ptr<SocketClient>> clients;
    for (int n = 0; n < 6; ++n) {
      clients.push_back(std::make_unique<SocketClient>(hub.port()));
      CHECK(clients.back()->upgraded());
    }
    for (int n = 0; n < 8; ++n) {
      SocketClient over(hub.port());
      CHECK(over.upgrade_answer().starts_with("HTTP/1.1 429"));
    }
    CHECK(metric(hub.port(), "zegocall_hub_refused_address_total") == 8);
    clients.back()->write("1");
    CHECK(clients.back()->hear().empty());
    CHECK(SocketClient(hub.port()).upgraded());
  }
  options.limits.sessions_per_address_max = 0;
  options.limits.connections_max = 5;
  const Hub hub = Hub::open(options, {.namespaces = {with_users()}}).value();
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (int n = 0; n < 5; ++n) {
    clients.push_back(std::make_unique<SocketClient>(hub.port()));
    CHECK(clients.back()->upgraded());
  }
  for (int n = 0; n < 8; ++n) CHECK(!SocketClient(hub.port()).upgraded());
}

TEST_CASE("connections of one address are counted over all loops, and go on counting where they move to") {
  HubOptions options = on_loops(many);
  options.limits.connections_per_address_max = 6;
  const Hub hub = Hub::open(options, {.namespaces = {with_users()}}).value();
  const char* const flooder = "127.0.0.2";  // so that 127.0.0.1 can ask for the counters
  const auto served = [](RawClient& client, const std::string& head, const std::string& body = {}) {
    client.write(head + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.read_answer();
  };
  std::vector<std::unique_ptr<RawClient>> held;
  const auto another = [&]() -> RawClient& { return *held.emplace_back(std::make_unique<RawClient>(hub.port(), flooder)); };
  const std::string opened = served(another(), "GET /socket.io/?EIO=4&transport=polling").body;
  const std::string sid = member_of(opened, "sid");
  REQUIRE(!sid.empty());
  CHECK(served(another(), "POST " + polling(sid), "40").status == 200);
  for (int n = 0; n < 4; ++n) CHECK(served(another(), "POST " + polling(sid), R"(42["x"])").status == 200);
  for (int n = 0; n < 8; ++n) CHECK(RawClient(hub.port(), flooder).read_to_end().empty());
  CHECK(metric(hub.port(), "zegocall_net_connections_over_address_total") == 8);
  // Those that had to go to their session's loop are as good as the others: all six places come back, and no more.
  held.clear();
  REQUIRE(await_at_most(hub.port(), "zegocall_net_connections", 1));
  for (int n = 0; n < 6; ++n) CHECK(served(another(), "GET /healthz").status == 200);
  CHECK(RawClient(hub.port(), flooder).read_to_end().empty());
  CHECK(metric(hub.port(), "zegocall_net_connections_over_address_total") == 9);
}

TEST_CASE("drain tells and closes the clients of every loop; the port is nobody else's before and free afterwards") {
  Count gone;
  Namespace ns = with_users();
  ns.on_disconnect([&](const Event&, std::string_view) { gone.add(); }, Run::service);
  HubOptions options = on_loops(many);
  Hub hub = Hub::open(options, {.namespaces = {ns}}).value();
  auto all = one_on_each(hub.port(), many);
  options.port = hub.port();
  for (const unsigned loops : {1u, many}) {
    options.loops = loops;
    const auto second = Hub::open(options, {.namespaces = {ns}});
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::address_in_use);
  }
  const int before = gone.value();
  hub.drain({.grace = 10s});
  CHECK(gone.value() >= before + static_cast<int>(many));
  for (auto& each : all) {
    CHECK(each->client.hear_packet() == R"(2["server_draining"])");
    CHECK(each->client.hear().empty());
  }
  CHECK(Hub::open(options, {.namespaces = {ns}}));
}

TEST_CASE("the number of loops has its bounds") {
  for (const unsigned loops : {0u, 65u}) {
    const auto hub = Hub::open(on_loops(loops), {});
    REQUIRE(!hub);
    CHECK(to_string(hub.error()) == "invalid_argument: loops: must be from 1 to 64");
  }
}
