// Hubs of several loops that share a bus are one hub.
#include "server/hub_loops_world.hpp"

using namespace zegocall;
using namespace zegocall::server_test;
using namespace zegocall::server_test::several_loops;

TEST_CASE("hubs of several loops on one bus are one") {
  const auto bus = make_local_bus();
  HubOptions options = on_loops(2);
  options.bus = bus.get();
  const Hub one = Hub::open(options, {.namespaces = {with_users()}}).value();
  const Hub two = Hub::open(options, {.namespaces = {with_users()}}).value();
  auto of_one = one_on_each(one.port(), 2), of_two = one_on_each(two.port(), 2);
  one.in("/").emit("hello");
  for (auto* all : {&of_one, &of_two})
    for (auto& each : *all) CHECK(each->client.hear_packet() == R"(2["hello"])");
  two.in("/").to(ConnectionId(of_one[1]->sid)).disconnect();
  CHECK(of_one[1]->client.hear_packet() == "1");
}

namespace {

std::future<Answers> asked_each(const Audience& audience, std::chrono::milliseconds timeout) {
  auto promise = std::make_shared<std::promise<Answers>>();
  audience.ask("q", {1}, {.timeout = timeout}, [promise](Answers all) { promise->set_value(std::move(all)); });
  return promise->get_future();
}

/// Hears `["q",1]` and answers with its own id.
void answer(Placed& who) {
  const std::string question = who.client.hear_packet();
  REQUIRE(question.ends_with(R"(["q",1])"));
  who.client.say("3" + question.substr(1, question.find('[') - 1) + "[\"" + who.sid + "\"]");
}

/// Each answer has come from the connection that it names.
std::set<std::string> who_answered(const Answers& answers) {
  std::set<std::string> out;
  for (const Answer& each : answers.came) {
    CHECK(each.args.view().get<std::string>("0").value() == each.connection.view());
    CHECK(out.insert(std::string(each.connection.view())).second);
  }
  return out;
}

}  // namespace

TEST_CASE("a question over several loops tells who answered, also those of a question whose time is over") {
  const Hub hub = Hub::open(on_loops(3), {.namespaces = {with_users()}}).value();
  const auto all = one_on_each(hub.port(), 3);
  auto asked = asked_each(hub.in("/"), 10s);
  for (const auto& each : all) answer(*each);
  const Answers whole = asked.get();
  CHECK(whole.all);
  CHECK(who_answered(whole) == std::set{all[0]->sid, all[1]->sid, all[2]->sid});
  asked = asked_each(hub.in("/"), 1s);
  answer(*all[0]);
  answer(*all[2]);
  CHECK(all[1]->client.hear_packet().ends_with(R"(["q",1])"));
  const Answers late = asked.get();
  CHECK(late.all.error().code == ErrorCode::timeout);
  CHECK(who_answered(late) == std::set{all[0]->sid, all[2]->sid});
}

TEST_CASE("a question goes to the other hubs on the bus, and their answers come back, whole or not") {
  const auto bus = make_local_bus();
  HubOptions options = on_loops(2);
  options.bus = bus.get();
  Namespace ns = with_users();
  ns.on(
      "ask after commit",
      [](const Event& e) -> Result<Args> {
        e.everyone().ask("q", {1}, {.timeout = 10s},
                         [to = e.sender()](const Answers& answers) { to.emit("got", {static_cast<int>(answers.came.size())}); });
        return Args{};
      },
      Run::service);
  const Hub one = Hub::open(options, {.namespaces = {ns}}).value();
  Hub two = Hub::open(options, {.namespaces = {ns}}).value();
  const auto here = one_on_each(one.port(), 2), there = one_on_each(two.port(), 2);
  const std::set everybody{here[0]->sid, here[1]->sid, there[0]->sid, there[1]->sid};
  const auto all_answer = [&] {
    for (const auto* side : {&here, &there})
      for (const auto& each : *side) answer(*each);
  };
  for (const Hub* from : {&one, &std::as_const(two)}) {
    auto asked = asked_each(from->in("/"), 10s);
    all_answer();
    const Answers answers = asked.get();
    CHECK(answers.all);
    CHECK(who_answered(answers) == everybody);
  }
  here[0]->client.say(R"(21["ask after commit"])");
  answer(*here[1]);
  for (const auto& each : there) answer(*each);
  answer(*here[0]);
  CHECK(here[0]->client.hear_packet() == "31[]");  // behind the question, as everything that is said in a group
  CHECK(here[0]->client.hear_packet() == R"(2["got",4])");
  // Only here, and only there.
  auto asked = asked_each(one.in("/").local(), 10s);
  for (const auto& each : here) answer(*each);
  CHECK(asked.get().came.size() == 2);
  asked = asked_each(one.in("/").to(ConnectionId(there[1]->sid)), 10s);
  answer(*there[1]);
  CHECK(who_answered(asked.get()) == std::set{there[1]->sid});
  // Who does not answer there, does not keep the others' answers away.
  asked = asked_each(one.in("/"), 1s);
  for (const auto& each : here) answer(*each);
  answer(*there[0]);
  CHECK(there[1]->client.hear_packet().ends_with(R"(["q",1])"));
  const Answers late = asked.get();
  CHECK(late.all.error().code == ErrorCode::timeout);
  CHECK(who_answered(late) == std::set{here[0]->sid, here[1]->sid, there[0]->sid});
  // A hub that stops is not waited for.
  asked = asked_each(one.in("/"), 60s);
  for (const auto& each : here) answer(*each);
  CHECK(there[0]->client.hear_packet().ends_with(R"(["q",1])"));
  two.stop();
  const Answers left = asked.get();
  CHECK(left.all.error().code == ErrorCode::closed);
  CHECK(who_answered(left) == std::set{here[0]->sid, here[1]->sid});
  asked = asked_each(one.in("/"), 60s);
  for (const auto& each : here) answer(*each);
  CHECK(asked.get().all);
  // One that was killed says no goodbye: it is waited for once.
  REQUIRE(bus->publish("zegocall.hub", R"({"word":"hello","from":"killed"})"));
  asked = asked_each(one.in("/"), 1s);
  for (const auto& each : here) answer(*each);
  const Answers without = asked.get();
  CHECK(without.all.error().code == ErrorCode::timeout);
  CHECK(without.came.size() == 2);
  asked = asked_each(one.in("/"), 60s);
  for (const auto& each : here) answer(*each);
  CHECK(asked.get().all);
}

TEST_CASE("a question over the bus ends with its hub") {
  const auto bus = make_local_bus();
  HubOptions options = on_loops(1);
  options.bus = bus.get();
  Hub one = Hub::open(options, {.namespaces = {Namespace()}}).value();
  const Hub two = Hub::open(options, {.namespaces = {Namespace()}}).value();
  SocketClient there(two.port());
  there.join();
  auto asked = asked_each(one.in("/"), 60s);
  CHECK(there.hear_packet().ends_with(R"(["q",1])"));
  one.stop();
  REQUIRE(asked.wait_for(0s) == std::future_status::ready);
  CHECK(asked.get().all.error().code == ErrorCode::closed);
}
