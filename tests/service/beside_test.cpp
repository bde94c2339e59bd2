// What CallService writes beside the log, and what it reads for clients that were away.
#include "service/failing_store.hpp"
#include "service/world.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/service/people.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {
std::string topics(Store& store) {
  std::string out;
  for (const OutboxEntry& entry : store.outbox(OutboxLane::host, 100).value()) out += entry.message.topic + " ";
  return out;
}
}  // namespace

TEST_CASE("wanted events are in the outbox with the transaction that made them") {
  over_stores([](Store& store) {
    FailingStore failing(store);
    World w(failing, {.outbox_topics = {"call.created", "call.ended"}});
    const CallId call = w.ring(alice, bob);
    w.must(alice, CancelCall{"later"}, call);
    CHECK(topics(store) == "call.created call.ended ");
    const OutboxEntry last = store.outbox(OutboxLane::host, 100).value().back();
    CHECK(last.message.order == call.str());
    const CallView view = w.calls->find(call).value();
    CHECK(last.message.id == call.str() + "-" + std::to_string(view.version.value));
    const Json body = Json::parse(last.message.body).value();
    CHECK(body.get<std::string>("id").value() == last.message.id);
    CHECK(body.get<std::string>("topic").value() == "call.ended");
    CHECK(body.get<CallId>("call").value() == call);
    CHECK(body.get<UserId>("by").value() == alice.user);
    CHECK(body.get<std::string>("event.outcome").value() == "cancelled");
    failing.only("commit");
    failing.fail_at(0);
    CHECK_FALSE(w.run(alice, StartCall{{bob.user}}));
    CHECK(topics(store) == "call.created call.ended ");
  });
}

TEST_CASE("all events or none go into the outbox") {
  const auto store = make_memory_store();
  World quiet(*store);
  quiet.must(alice, CancelCall{}, quiet.ring(alice, bob));
  CHECK(store->outbox_size(OutboxLane::host).value() == 0);
  const auto another = make_memory_store();
  World loud(*another, {.outbox_topics = {"*"}});
  const CallId call = loud.ring(alice, bob);
  CHECK(another->outbox_size(OutboxLane::host).value() == loud.calls->find(call).value().version.value);
}

TEST_CASE("I18: nothing that leaves the house tells a ring that nobody hears from one that nobody is there to hear") {
  over_stores([](Store& store) {
    World w(store, {.outbox_topics = {"*"}});
    PeopleService people(store);
    w.online({alice, bob});
    const auto told_of = [&](const CallId& call) {
      std::string out;
      for (const OutboxEntry& entry : store.outbox(OutboxLane::host, 100).value())
        if (entry.message.order == call.str()) out += entry.message.topic + " " + entry.message.body + "\n";
      return out;
    };
    for (const bool blocked : {false, true}) {
      CAPTURE(blocked);
      if (blocked)
        REQUIRE(people.block(bob.user, alice.user, w.clock.now()));
      else
        REQUIRE(people.disturb_not(bob.user, std::nullopt, w.clock.now()));
      const CallId call = w.ring(alice, bob);
      CHECK(w.calls->find(call)->legs[1].hidden);
      CHECK_FALSE(w.calls->active(bob.user).value());
      CHECK(w.calls->taken_by(bob.user).value());
      CHECK(w.calls->snapshot(call, bob.user, std::nullopt).error().code == ErrorCode::forbidden);
      w.pass(60s);
      const CallView over = w.calls->find(call).value();
      CHECK(over.outcome == CallOutcome::unreachable);
      CHECK(over.legs[1].outcome == (blocked ? LegOutcome::blocked : LegOutcome::dnd));
      const std::string told = told_of(call);
      CHECK(told.find("device.ring") == std::string::npos);  // neither a device nor a push
      CHECK(told.find("leg.final") != std::string::npos);
      for (const char* word : {"hidden\":true", "blocked\":true", "\"blocked\"", "\"dnd\""})
        CHECK(told.find(word) == std::string::npos);
      CHECK(people.disturb_again(bob.user));
      CHECK(w.calls->history(bob.user, {}).value().total == 0);
      CHECK(w.calls->history(alice.user, {}).value().total == (blocked ? 2 : 1));
    }
    // Somebody who can be rung is: the push hook hears it.
    CHECK(told_of(w.ring(alice, carol)).find("device.ring") != std::string::npos);
  });
}

TEST_CASE("calls are counted by outcome and cause, once they are committed") {
  over_stores([](Store& store) {
    FailingStore failing(store);
    World w(failing);
    w.must(alice, CancelCall{}, w.ring(alice, bob));
    w.must(alice, EndCall{}, w.talk(alice, bob));
    w.must(bob, Decline{}, w.ring(alice, bob));
    const auto count = [&](CallOutcome outcome) { return w.calls->counters().ended.at(static_cast<std::size_t>(outcome)); };
    CHECK(w.calls->counters().started == 3);
    CHECK(count(CallOutcome::cancelled) == 1);
    CHECK(count(CallOutcome::answered) == 1);
    CHECK(count(CallOutcome::declined) == 1);
    CHECK(w.calls->counters().causes.at(static_cast<std::size_t>(EndCause::hangup)) == 1);
    CHECK(w.calls->counters().legs == 6);
    CHECK(w.calls->counters().missed == 1);
    failing.only("commit");
    failing.fail_at(0);
    CHECK_FALSE(w.run(alice, StartCall{{bob.user}}));
    CHECK(w.calls->counters().started == 3);
    const std::string text = to_metrics(w.calls->counters());
    CHECK(text.find("zegocall_calls_ended_total{outcome=\"declined\"} 1\n") != std::string::npos);
    CHECK(text.find("zegocall_calls_answered_ended_total{cause=\"hangup\"} 1\n") != std::string::npos);
    CHECK(text.find("zegocall_calls_ended_total{outcome=\"glare_merged\"} 0\n") != std::string::npos);
    CHECK(text.find("cause=\"server_shutdown\"") != std::string::npos);
  });
}

TEST_CASE("a snapshot is the events after a version, or the call, and nothing for strangers") {
  over_stores([](Store& store) {
    World w(store);
    const CallId call = w.ring(alice, bob);
    const CallView ringing = w.calls->find(call).value();
    w.must(bob, Accept{}, call);
    const CallView now = w.calls->find(call).value();
    const auto news = w.calls->snapshot(call, alice.user, ringing.version).value();
    CHECK_FALSE(news.whole);
    REQUIRE(news.events.size() == now.version.value - ringing.version.value);
    CallView caught_up = ringing;
    for (const CallEvent& event : news.events) apply(caught_up, event);
    CHECK(caught_up == now);
    const auto present = w.calls->snapshot(call, bob.user, now.version).value();
    CHECK_FALSE(present.whole);
    CHECK(present.events.empty());
    CHECK(w.calls->snapshot(call, bob.user, std::nullopt).value().whole->version == now.version);
    CHECK(w.calls->snapshot(call, carol.user, now.version).error().code == ErrorCode::forbidden);
    CHECK(w.calls->snapshot(call, carol.user, std::nullopt).error().code == ErrorCode::forbidden);
    CHECK(w.calls->snapshot("nothing", alice.user, std::nullopt).error().code == ErrorCode::not_found);
    const auto beyond = w.calls->snapshot(call, alice.user, Version(now.version.value + 1));
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code == ErrorCode::out_of_range);
    CHECK(beyond.error().field == "since");
  });
}

TEST_CASE("a big gap is told as the whole call, and its log is not read") {
  const auto memory = make_memory_store();
  FailingStore store(*memory);
  World w(store);
  w.online({alice, bob});
  const CallId call = w.talk(alice, bob);
  for (int i = 0; i < 140; ++i) {  // two events each
    w.must(bob, DeviceOffline{});
    w.must(bob, DeviceOnline{});
  }
  const CallView view = w.calls->find(call).value();
  REQUIRE(view.version.value > 260);
  store.only("events");
  store.fail_from(0);
  CHECK(w.calls->snapshot(call, alice.user, Version(1)).value().whole->version == view.version);
  CHECK(w.calls->snapshot(call, alice.user, Version(view.version.value - 1)).error().code == ErrorCode::store_unavailable);
}

TEST_CASE("a missed ring is in its person's list, once, with the transaction that ended it, until it was seen") {
  over_stores([](Store& store) {
    World w(store);
    PeopleService people(store);
    const CallId call = w.ring(alice, bob);
    CHECK(people.missed(bob.user, {}).value().unseen == 0);
    w.pass(2min);
    const auto missed = people.missed(bob.user, {}).value();
    REQUIRE(missed.calls.total == 1);
    CHECK(missed.unseen == 1);
    CHECK(missed.calls.items[0].call == call);
    CHECK(missed.calls.items[0].caller == alice.user);
    CHECK(missed.calls.items[0].outcome == LegOutcome::unreachable);
    CHECK(people.missed(alice.user, {}).value().calls.total == 0);
    CHECK(people.seen(bob.user, w.clock.now().wall + 1ms, w.clock.now()).error().field == "up_to");
    CHECK(people.seen(bob.user, w.clock.now().wall, w.clock.now()).value() == 1);
    CHECK(people.seen(bob.user, w.clock.now().wall, w.clock.now()).value() == 0);
    CHECK(people.missed(bob.user, {}).value().unseen == 0);
    CHECK(people.missed(bob.user, {}).value().calls.items.at(0).seen == w.clock.now().wall);
    const CallId answered = w.talk(alice, bob);
    w.must(bob, EndCall{}, answered);
    CHECK(people.missed(bob.user, {}).value().calls.total == 1);
  });
}

TEST_CASE("settings and blocks are kept, with their limits") {
  over_stores([](Store& store) {
    ManualClock clock;
    PeopleService people(store);
    CHECK_FALSE(people.settings(alice.user).value().dnd);
    CHECK(people.disturb_not(alice.user, clock.now().wall, clock.now()).error().field == "until");
    CHECK(people.disturb_not(alice.user, clock.now().wall + 1h, clock.now()));
    CHECK(people.settings(alice.user).value().dnd_at(clock.now().wall));
    CHECK_FALSE(people.settings(alice.user).value().dnd_at(clock.now().wall + 1h));
    CHECK(people.disturb_again(alice.user));
    CHECK_FALSE(people.settings(alice.user).value().dnd);
    CHECK(people.block(alice.user, alice.user, clock.now()).error().field == "blocked");
    CHECK(people.block(alice.user, bob.user, clock.now()));
    CHECK(people.blocks(alice.user, {}).value().total == 1);
    CHECK(people.unblock(alice.user, bob.user));
    CHECK(people.blocks(alice.user, {}).value().total == 0);
  });
}

TEST_CASE("an answer of a call that was forgotten since says so") {
  const auto store = make_memory_store();
  World w(*store);
  const Command start{.id = "once", .by = alice, .body = StartCall{{bob.user}}};
  const CallId call = w.calls->handle(start, w.clock.now()).value().id;
  w.must(alice, CancelCall{}, call);
  REQUIRE(store->begin());
  CHECK(store->forget_calls(w.clock.now().wall + 1h, 10).value() == 1);
  REQUIRE(store->commit());
  CHECK(w.calls->handle(start, w.clock.now()).error().code == ErrorCode::not_found);
}
