// The driver in memory: command ids, deadlines of many calls, presence, what is kept and what is forgotten.
#include "call/world.hpp"

using namespace call_test;

TEST_CASE("race rule 14: a command id seen before gets the first answer, and nothing happens twice") {
  World w;
  const Command start{{"s"}, alice, the_call, StartCall{.callees = {bob.user}}, {}};
  const auto first = w.give(start);
  w.must(bob, Accept{});
  w.news();
  const auto second = w.give(start);
  CHECK(*second == *first);  // as the call was then
  CHECK(w.news().empty());

  SUBCASE("refusals too, also when they would succeed by now") {
    const Command join{{"j"}, carol, the_call, Join{}, {}};
    CHECK(verdict(w.give(join)) == "forbidden");
    CHECK(verdict(w.give(join)) == "forbidden");
    const Command call_bob{{"x"}, carol, {"43"}, StartCall{.callees = {bob.user}}, {}};
    const auto busy = w.give(call_bob);
    w.must(alice, EndCall{});
    CHECK(w.give(call_bob).error() == busy.error());
  }
  SUBCASE("the id counts, not what is asked") {
    CHECK(verdict(w.give({{"s"}, alice, the_call, EndCall{}, {}})) == "ok");
    CHECK(w.call().state == CallState::ringing);
  }
  SUBCASE("another person's id is another id") {
    CHECK(verdict(w.give({{"s"}, bob, the_call, EndCall{}, {}})) == "ok");
    CHECK(w.call().state == CallState::ended);
  }
  SUBCASE("without an id nothing is remembered") {
    CHECK(verdict(w.give({{}, bob, the_call, EndCall{}, {}})) == "ok");
    CHECK(verdict(w.give({{}, bob, the_call, EndCall{}, {}})) == "already_done");
  }
  SUBCASE("for ten minutes") {
    w.must(alice, Join{});
    w.must(bob, Join{});
    const Command leave{{"l"}, bob, the_call, Leave{}, {}};
    CHECK(verdict(w.give(leave)) == "ok");
    w.clock.advance(10min - 1ms);
    CHECK(verdict(w.give(leave)) == "ok");
    w.clock.advance(1ms);
    CHECK(verdict(w.give(leave)) == "already_done");
  }
  SUBCASE("presence") {
    const Command online{{"o"}, bob, {}, DeviceOnline{}, {}};
    CHECK(verdict(w.give(online)) == "ok");
    CHECK(*w.give(online) == CallView{});
  }
}

TEST_CASE("an id that is too long is refused and not kept") {
  World w;
  CHECK(verdict(w.give({CommandId(std::string(129, 'x')), alice, the_call, StartCall{.callees = {bob.user}}, {}})) ==
        "limit_exceeded id");
  CHECK(verdict(w.give({CommandId(std::string(128, 'x')), alice, the_call, StartCall{.callees = {bob.user}}, {}})) == "ok");
}

TEST_CASE("the engine's deadline is exactly the next clock of any call") {
  World w;
  CHECK_FALSE(w.engine.deadline());
  w.ring();
  const UnixTime start = w.clock.now().wall;
  CHECK(*w.engine.deadline() == start + 10s);
  w.clock.advance(5s);
  w.must(carol, StartCall{.callees = {{"dave"}}}, {"43"});
  CHECK(*w.engine.deadline() == start + 10s);
  w.must(bob, AckAlerting{});
  CHECK(*w.engine.deadline() == start + 15s);
  w.must({{"dave"}, {"d"}}, Accept{}, {"43"});
  CHECK(*w.engine.deadline() == start + 35s);
  w.must({{"dave"}, {"d"}}, EndCall{}, {"43"});
  CHECK(*w.engine.deadline() == start + 60s);
  w.pass(55s);
  CHECK_FALSE(w.engine.deadline());
}

TEST_CASE("many calls: each is due in its turn, and an early look does nothing") {
  World w;
  constexpr int calls = 500;
  for (int n = 0; n < calls; ++n) {
    const std::string number = std::to_string(n);
    w.must({UserId("a" + number), {"x"}}, StartCall{.callees = {UserId("b" + number)}}, CallId(number));
    if (n % 3 == 0) w.must({UserId("b" + number), {"y"}}, Accept{}, CallId(number));
    if (n % 3 == 1) w.must({UserId("b" + number), {"y"}}, AckAlerting{}, CallId(number));
    w.clock.advance(7ms);
  }
  w.news();
  w.engine.on_deadline(w.clock.now());
  CHECK_FALSE(w.engine.poll());
  UnixTime last{};
  std::size_t ended = 0;
  while (w.engine.deadline()) {
    CHECK(*w.engine.deadline() >= last);
    last = *w.engine.deadline();
    w.clock.advance_to(last);
    w.engine.on_deadline(w.clock.now());
    while (auto event = w.engine.poll()) {
      CHECK(event->at == last);
      ended += std::holds_alternative<CallEnded>(event->body) ? 1 : 0;
    }
  }
  CHECK(ended == calls);
}

TEST_CASE("late by an hour: everything that is due happens, in one go") {
  World w;
  w.talk();
  w.offline(bob);
  w.clock.advance(1h);
  w.engine.on_deadline(w.clock.now());
  CHECK(ending(w.call()) == "active");  // bob is lost; alice is alone from now on
  CHECK(w.left(Timer::alone, 0) == 60s);
}

TEST_CASE("an ended call stays until it is forgotten") {
  World w;
  w.ring();
  CHECK(verdict(w.engine.forget(the_call)) == "invalid_state call");
  const Command cancel{{"c"}, alice, the_call, CancelCall{}, {}};
  CHECK(w.give(cancel));
  CHECK(w.engine.find(the_call)->state == CallState::ended);
  CHECK(verdict(w.engine.forget(the_call)) == "ok");
  CHECK(verdict(w.engine.find(the_call)) == "not_found call");
  CHECK(verdict(w.engine.forget(the_call)) == "not_found call");
  CHECK(verdict(w.give(cancel)) == "not_found call");
  CHECK_FALSE(w.engine.deadline());
  w.ring();
}

TEST_CASE("an engine can be moved") {
  World w;
  w.ring();
  CallEngine moved = std::move(w.engine);
  CHECK(moved.find(the_call)->state == CallState::ringing);
  w.engine = std::move(moved);
  w.must(bob, Accept{});
}

TEST_CASE("decide() needs no engine: calls in a row, facts, a command, an instant") {
  World w;
  w.talk();
  const std::vector<CallView> calls = {w.call()};
  const Facts facts;
  const auto events = decide(calls, facts, {{}, bob, the_call, EndCall{}, {}}, w.clock.now().wall);
  REQUIRE(events);
  CallView after = calls[0];
  for (const CallEvent& event : *events) apply(after, event);
  CHECK(ending(after) == "answered hangup");
  CHECK(ending(w.call()) == "active");
}

TEST_CASE("who must be loaded for a command") {
  using People = std::vector<UserId>;
  const auto of = [](CommandBody body) { return people_concerned({{}, alice, the_call, std::move(body), {}}); };
  CHECK(of(StartCall{.callees = {bob.user}}) == People{alice.user, bob.user});
  CHECK(of(Invite{carol.user}) == People{carol.user});
  CHECK(of(DeviceOnline{}) == People{alice.user});
  CHECK(of(DeviceOffline{}) == People{alice.user});
  CHECK(of(Accept{}) == std::vector<UserId>{"alice"});
  CHECK(of(AckDelivered{}).empty());
  CHECK(of(TimerFired{}).empty());
}
