// What goes after its time, and who wants to be forgotten.
#include "zegocall/service/housekeeping.hpp"

#include "service/failing_store.hpp"
#include "service/world.hpp"
#include "zegocall/service/people.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

TEST_CASE("calls go when they ended long enough ago, a few at a time, and live ones stay") {
  over_stores([](Store& store) {
    World w(store);
    Housekeeping keeper = Housekeeping::open(store, w.bytes, {.calls_kept = 24h, .every = 10min, .at_once = 2}).value();
    for (int i = 0; i < 5; ++i) w.must(alice, CancelCall{}, w.ring(alice, bob));
    w.online({carol, dave});
    const CallId live = w.talk(carol, dave);
    const auto turn = [&] {
      w.clock.advance_to(*keeper.deadline());
      keeper.on_deadline(w.clock.now());
    };
    w.clock.advance(24h);
    turn();
    CHECK(keeper.calls_forgotten() == 0);  // exactly as old as may be
    w.clock.advance(1ms);
    turn();
    CHECK(keeper.calls_forgotten() == 2);
    CHECK(*keeper.deadline() == w.clock.now().wall + 1s);  // there is more
    turn();
    turn();
    CHECK(keeper.calls_forgotten() == 5);
    CHECK(*keeper.deadline() == w.clock.now().wall + 10min);
    CHECK(w.calls->history(alice.user, {}).value().total == 0);
    CHECK(w.calls->find(live));
  });
}

TEST_CASE("a store that fails keeps its calls until the next turn; without a limit nothing is due") {
  const auto memory = make_memory_store();
  FailingStore store(*memory);
  World w(store);
  Housekeeping keeper = Housekeeping::open(store, w.bytes, {.calls_kept = 1h, .every = 1min}).value();
  w.must(alice, CancelCall{}, w.ring(alice, bob));
  w.clock.advance(2h);
  store.only("forget_calls");
  store.fail_at(0);
  keeper.on_deadline(w.clock.now());
  CHECK(keeper.calls_forgotten() == 0);
  CHECK_FALSE(memory->in_transaction());
  w.clock.advance_to(*keeper.deadline());
  keeper.on_deadline(w.clock.now());
  CHECK(keeper.calls_forgotten() == 1);
  Housekeeping without = Housekeeping::open(store, w.bytes).value();
  w.must(alice, CancelCall{}, w.ring(alice, bob));
  w.clock.advance(24h);
  without.on_deadline(w.clock.now());
  CHECK(without.calls_forgotten() == 0);
  CHECK(without.deadline() > w.clock.now().wall);
}

TEST_CASE("join codes go when nobody can use them any more") {
  over_stores([](Store& store) {
    World w(store);
    Housekeeping keeper = Housekeeping::open(store, w.bytes, {.every = 10min}).value();
    keeper.on_deadline(w.clock.now());
    const CallId room = w.must(alice, CreateRoom{.from = "meeting"}).id;
    w.must(alice, Join{}, room), w.must(alice, Join{}, room);
    for (const char* id : {"c1", "c2"}) {
      CommandExtras extras;
      extras.join_code_digest = std::string(64, id[1]);
      w.must(alice, AddJoinCode{{JoinCodeId(std::string_view(id)), {}, 5, w.clock.now().wall + (id[1] == '1' ? 5min : 1h)}}, room,
             extras);
    }
    w.clock.advance_to(*keeper.deadline());
    keeper.on_deadline(w.clock.now());
    CHECK(keeper.codes_forgotten() == 1);
    CHECK_FALSE(store.join_code(std::string(64, '1')).value());
    CHECK(store.join_code(std::string(64, '2')).value());
  });
}

TEST_CASE("a person is erased: their calls stay with others, whole and readable") {
  over_stores([](Store& store) {
    World w(store);
    Housekeeping keeper = Housekeeping::open(store, w.bytes).value();
    w.online({alice, bob});
    const CallId call = w.talk(alice, bob);
    CHECK(keeper.erase(alice.user, w.clock.now()).error().field == "user");  // she is in it
    w.must(alice, EndCall{"bye"}, call);
    const auto erased = keeper.erase(alice.user, w.clock.now()).value();
    CHECK(erased.calls == 1);
    CHECK(erased.instead.view().find("alice") == std::string_view::npos);
    CHECK(keeper.scrub());
    const CallView view = w.calls->find(call).value();
    CHECK(view.caller == erased.instead);
    CHECK(view.end_note.empty());
    CHECK_FALSE(inconsistency(view));
    CHECK(fold(store.events(call, Version{}).value()).value() == view);
    CHECK(w.calls->history(bob.user, {}).value().total == 1);
    CHECK(w.calls->history(alice.user, {}).value().total == 0);
    CHECK(keeper.erase(alice.user, w.clock.now()).value().calls == 0);
  });
}

TEST_CASE("erasing finds a person also where they never knew that they were rung") {
  over_stores([](Store& store) {
    World w(store);
    Housekeeping keeper = Housekeeping::open(store, w.bytes).value();
    PeopleService people(store);
    w.online({alice, bob});
    REQUIRE(people.block(bob.user, alice.user, w.clock.now()));
    const CallId call = w.ring(alice, bob);
    w.pass(60s);
    CHECK(w.calls->history(bob.user, {}).value().total == 0);
    const auto erased = keeper.erase(bob.user, w.clock.now()).value();
    CHECK(erased.calls == 1);
    CHECK(w.calls->find(call).value().legs[1].user == erased.instead);
    CHECK(w.calls->history(alice.user, {}).value().total == 1);
  });
}

TEST_CASE("what the host wrote about a person goes with them: topics, metadata and attributes that carry their id") {
  over_stores([](Store& store) {
    World w(store);
    Housekeeping keeper = Housekeeping::open(store, w.bytes).value();
    const CallId room = w.must(alice, CreateRoom{.from = "drop_in", .topic = "review of bob, by alice"}).id;
    const CallId other = w.must(carol, CreateRoom{.from = "drop_in", .topic = "bobsleigh-alices"}).id;
    for (const Actor& who : {alice, bob}) {
      w.must(who, Join{}, room);
      w.must(who, Join{}, room);
    }
    w.must(alice, SetMetadata{R"({"owner":"alice"})", {}}, room);
    w.must(alice, SetAttribute{"pinned", "alice:7", {}}, room);
    w.must(alice, SetAttribute{"colour", "malice", {}}, room);
    w.must(alice, EndCall{}, room);
    w.pass(10s);
    REQUIRE(keeper.erase(alice.user, w.clock.now()));
    const CallView view = w.calls->find(room).value();
    CHECK(view.topic.empty());
    CHECK(view.room->metadata.empty());
    REQUIRE(view.room->attributes.size() == 2);
    CHECK(view.room->attributes[0].value == "malice");  // not a word of its own
    CHECK(view.room->attributes[1].value.empty());
    CHECK(fold(store.events(room, Version{}).value()).value() == view);
    CHECK(w.calls->find(other)->topic == "bobsleigh-alices");
  });
}

TEST_CASE("within a group the scrubbing follows the commit, and an abandoned group erases nobody") {
  const auto memory = make_memory_store();
  FailingStore store(*memory);
  World w(store);
  Housekeeping keeper = Housekeeping::open(store, w.bytes).value();
  w.must(alice, CancelCall{}, w.ring(alice, bob));
  int scrubbed = 0;
  store.only("scrub");
  store.fail_from(0);
  const auto scrubs = [&] { return store.failures() - std::exchange(scrubbed, store.failures()); };
  REQUIRE(store.begin());
  REQUIRE(keeper.erase(alice.user, w.clock.now()));
  REQUIRE(keeper.commit_group());  // before the store's own: nothing yet
  CHECK(scrubs() == 0);
  REQUIRE(store.commit());
  REQUIRE(keeper.commit_group());
  CHECK(scrubs() == 1);
  REQUIRE(keeper.commit_group());
  CHECK(scrubs() == 0);
  REQUIRE(store.begin());
  REQUIRE(keeper.erase(bob.user, w.clock.now()));
  store.rollback();
  keeper.abandon_group();
  REQUIRE(keeper.commit_group());
  CHECK(scrubs() == 0);
  CHECK(w.calls->history(bob.user, {}).value().total == 1);
}

TEST_CASE("options of the housekeeping have limits") {
  const auto store = make_memory_store();
  CountingBytes bytes;
  const auto field = [&](HousekeepingOptions options) {
    auto opened = Housekeeping::open(*store, bytes, options);
    return opened ? std::string() : opened.error().field;
  };
  CHECK(field({}).empty());
  CHECK(field({.calls_kept = 1h}).empty());
  CHECK(field({.calls_kept = 1h - 1ms}) == "calls_kept");
  CHECK(field({.every = 999ms}) == "every");
  CHECK(field({.at_once = 0}) == "at_once");
  CHECK(field({.at_once = 10'001}) == "at_once");
}
