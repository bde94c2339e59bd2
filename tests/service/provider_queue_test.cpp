// What the provider is told of calls: from a command to the provider's own words, in virtual time, over both stores.
#include <doctest/doctest.h>

#include "service/world.hpp"
#include "zego/api_support.hpp"
#include "zegocall/service/provider_queue.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {

constexpr auto join_grace = 30s;  // CallPolicy::reconnect_grace

CallServiceOptions telling(ProviderRules rules = {}) {
  CallServiceOptions options;
  options.provider = rules;
  return options;
}

/// Calls whose provider is a port of the test; the queue is driven by hand.
struct Told {
  explicit Told(Store& store, ProviderQueueOptions options = {}, ProviderRules rules = {}) : world(store, telling(rules)) {
    options.jitter = &world.bytes;
    queue.emplace(ProviderQueue::open(store, options).value());
    api.emplace(provider.open());
  }
  std::vector<ProviderJob> take() { return queue->take(world.clock.now()).value(); }
  /// One turn: everything that is due is said, and what the provider answered is taken. How many there were.
  std::size_t turn() {
    const auto jobs = take();
    for (const ProviderJob& job : jobs) REQUIRE(queue->finished(job, api->call(job.request, provider.now()), world.clock.now()));
    return jobs.size();
  }
  /// "KickoutUser call_x bob" for everything that was asked.
  std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const auto& one : provider.asked)
      out.push_back(zego_test::parameter(one.request, "Action") + " " + zego_test::parameter(one.request, "UserId%5B%5D") +
                    zego_test::parameter(one.request, "CustomReason"));
    return out;
  }
  std::uint64_t waiting() { return queue->depth().value(); }
  /// A room of alice's with bob in it.
  CallId meeting() {
    const CallId call = world.must(alice, CreateRoom{.from = "drop_in"}).id;
    for (const Actor& who : {alice, bob}) {
      world.must(who, Join{}, call);
      world.must(who, Join{}, call);
    }
    return call;
  }

  World world;
  zego_test::World provider;
  std::optional<ServerApi> api;
  std::optional<ProviderQueue> queue;
};

}  // namespace

TEST_CASE("a kick is told to the provider after the engine has decided it") {
  over_stores([](Store& store) {
    Told t(store);
    const CallId room = t.meeting();
    CHECK(t.waiting() == 0);
    CHECK_FALSE(t.queue->deadline());
    const CallView after = t.world.must(alice, Kick{bob.user, 10min}, room);
    CHECK(reentry_stamp(after, bob.user));  // race rule 10: before anybody is told
    CHECK(t.provider.asked.empty());
    REQUIRE(t.queue->deadline() == t.world.clock.now().wall);
    CHECK(t.turn() == 1);
    REQUIRE(t.provider.asked.size() == 1);
    const OutgoingRequest& request = t.provider.asked[0].request;
    CHECK(zego_test::parameter(request, "Action") == "KickoutUser");
    CHECK(zego_test::parameter(request, "RoomId") == "call_" + room.str());
    CHECK(request.url.find("bob") != std::string::npos);
    CHECK(zego_test::parameter(request, "CustomReason") == "banned");
    CHECK(t.waiting() == 0);
    CHECK(t.queue->counters().delivered == 1);
    CHECK(t.take().empty());
  });
}

TEST_CASE(
    "who hears nothing of the provider still calls: a service without rules writes nothing, one with them waits for nobody") {
  over_stores([](Store& store) {
    const auto other = make_memory_store();
    World quiet(*other);
    const CallId call = quiet.talk(alice, bob);
    quiet.must(alice, EndCall{}, call);
    CHECK(other->outbox_size(OutboxLane::provider).value() == 0);
    Told t(store);
    t.provider.answer = [](const OutgoingRequest&) -> Result<HttpReply> { return fail(ErrorCode::unreachable, "gone"); };
    const CallId second = t.world.talk(carol, dave);
    CHECK(t.world.must(carol, EndCall{}, second).state == CallState::ended);
    CHECK(t.waiting() == 1);
  });
}

TEST_CASE("a provider that fails is asked again, later each time, and the calls go on") {
  over_stores([](Store& store) {
    Told t(store, {.first_pause = 1s, .longest_pause = 8s});
    t.provider.answer = [](const OutgoingRequest&) -> Result<HttpReply> { return fail(ErrorCode::unreachable, "gone"); };
    const CallId room = t.meeting();
    t.world.must(alice, Kick{bob.user, std::nullopt}, room);
    UnixTime last = t.world.clock.now().wall;
    for (int attempt = 1; attempt <= 6; ++attempt) {
      const auto jobs = t.take();
      REQUIRE(jobs.size() == 1);
      CHECK(jobs[0].attempt == static_cast<std::uint32_t>(attempt));
      REQUIRE(t.queue->finished(jobs[0], Result<ApiRequest::Answer>(fail(ErrorCode::unreachable, "gone")), t.world.clock.now()));
      REQUIRE(t.queue->deadline());
      const auto pause = *t.queue->deadline() - last;
      CHECK(pause <= 8s);
      CHECK(pause >= 500ms);
      CHECK(t.take().empty());
      t.world.must(alice, Heartbeat{}, room);  // the room does not wait
      t.world.clock.advance_to(*t.queue->deadline());
      last = t.world.clock.now().wall;
    }
    CHECK(t.queue->counters().failed_attempts == 6);
    t.provider.answers(zego_test::envelope(0));
    CHECK(t.turn() == 1);
    CHECK(t.waiting() == 0);
  });
}

TEST_CASE("what the provider will never do is dead at once, is seen, and can be said again") {
  over_stores([](Store& store) {
    Told t(store);
    const CallId room = t.meeting();
    t.world.must(alice, Kick{bob.user, std::nullopt}, room);
    const auto jobs = t.take();
    REQUIRE(jobs.size() == 1);
    REQUIRE(t.queue->finished(jobs[0], Result<ApiRequest::Answer>(fail(ErrorCode::forbidden, "not yours")), t.world.clock.now()));
    CHECK(t.waiting() == 0);
    CHECK(t.queue->counters().dead_by_refusal == 1);
    const auto dead = store.dead_letters({}).value();
    REQUIRE(dead.total == 1);
    CHECK(dead.items[0].reason == "refused: forbidden: not yours");
    CHECK(dead.items[0].entry.message.topic == "provider.KickoutUser");
    REQUIRE(t.queue->replay(dead.items[0].entry.number, t.world.clock.now()));
    CHECK(t.turn() == 1);
    CHECK(t.queue->counters().delivered == 1);
    CHECK(t.queue->replay(4711, t.world.clock.now()).error().field == "number");
  });
}

TEST_CASE("a kick that waited for the provider does not put out who came in again") {
  over_stores([](Store& store) {
    Told t(store);
    const CallId room = t.meeting();
    t.world.must(alice, Kick{bob.user, std::nullopt}, room);
    const auto jobs = t.take();
    REQUIRE(jobs.size() == 1);
    REQUIRE(t.queue->finished(jobs[0], Result<ApiRequest::Answer>(fail(ErrorCode::timeout, "slow")), t.world.clock.now()));
    t.world.clock.advance(1min);
    t.world.must(bob, Join{}, room);
    CHECK(t.take().empty());
    CHECK(t.queue->counters().outdated == 1);
    CHECK(t.waiting() == 0);
  });
}

TEST_CASE("commands of one call go in order, those of others beside them; the end of a big call closes its room") {
  over_stores([](Store& store) {
    Told t(store);
    const CallId first = t.meeting();
    for (int i = 0; i < 6; ++i) {
      const Actor guest{UserId("guest-" + std::to_string(i)), DeviceId("d")};
      t.world.must(guest, Join{}, first);
      t.world.must(guest, Join{}, first);
    }
    t.world.must(alice, Kick{bob.user, std::nullopt}, first);
    t.world.must(alice, EndCall{}, first);
    t.world.pass(10s);  // CallPolicy::ending of rooms
    REQUIRE(t.world.calls->find(first)->state == CallState::ended);
    const CallId other = t.world.talk(carol, dave);
    t.world.must(carol, EndCall{}, other);
    const auto jobs = t.take();
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].request.action == "KickoutUser");
    CHECK(jobs[1].request.action == "KickoutUser");
    CHECK(t.take().empty());  // the room's end waits for the kick
    for (const ProviderJob& job : jobs) REQUIRE(t.queue->finished(job, ApiRequest::Answer{}, t.world.clock.now()));
    const auto rest = t.take();
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].request.action == "CloseRoom");
    // A room that is gone already is as good as closed.
    REQUIRE(t.queue->finished(rest[0], Result<ApiRequest::Answer>(fail(ErrorCode::not_found, "no room")), t.world.clock.now()));
    CHECK(t.waiting() == 0);
    CHECK(t.queue->counters().delivered == 3);
  });
}

TEST_CASE("a process that dies with a command in flight says it again") {
  over_stores([](Store& store) {
    Told t(store);
    const CallId room = t.meeting();
    t.world.must(alice, Kick{bob.user, std::nullopt}, room);
    REQUIRE(t.take().size() == 1);
    ProviderQueue next = ProviderQueue::open(store).value();
    CHECK(next.take(t.world.clock.now()).value().size() == 1);
  });
}

TEST_CASE("too old is dead, too many are dead, and options outside their range are refused") {
  over_stores([](Store& store) {
    Told t(store, {.age_max = 10s, .depth_max = 2});
    const CallId room = t.meeting();
    t.world.must(alice, Kick{bob.user, std::nullopt}, room);
    t.world.clock.advance(10s);
    t.queue->given_back(t.take().at(0));  // at the limit it is still sent
    t.world.clock.advance(1ms);
    CHECK(t.take().empty());
    CHECK(t.queue->counters().dead_by_age == 1);
    for (int i = 0; i < 3; ++i) t.world.must(carol, EndCall{}, t.world.talk(carol, dave));
    t.world.clock.advance(2s);
    CHECK(t.take().size() == 2);
    CHECK(t.queue->counters().dead_by_depth == 1);
    CHECK(ProviderQueue::open(store, {.attempts_max = 0}).error().field == "attempts_max");
    CHECK(ProviderQueue::open(store, {.in_flight_max = 257}).error().field == "in_flight_max");
    CHECK(ProviderQueue::open(store, {.age_max = 999ms}).error().field == "age_max");
    CHECK(ProviderQueue::open(store, {.in_flight_max = 256}));
  });
}

TEST_CASE("a message that nobody can read is dead, and holds up nobody") {
  over_stores([](Store& store) {
    Told t(store);
    const std::string broken = R"({"action":5})";
    CallChange change;
    change.outbox = {{"provider.KickoutUser", broken, t.world.clock.now().wall, "call-x", "x", OutboxLane::provider}};
    REQUIRE(store.begin());
    REQUIRE(store.change(change));
    REQUIRE(store.commit());
    CHECK(t.take().empty());
    CHECK(t.queue->counters().dead_by_refusal == 1);
  });
}

TEST_CASE("a token is announced to be over 90 s before it is, for as long as its person is in") {
  over_stores([](Store& store) {
    CallServiceOptions options;
    options.policy.token_lifetime = 10min;
    World w(store, options);
    const CallId call = w.talk(alice, bob);
    w.settle();
    (void)w.calls->take();
    const UnixTime begun = w.clock.now().wall;
    std::vector<std::pair<std::string, std::chrono::milliseconds>> renewed;
    const auto listen = [&](std::chrono::milliseconds time) {
      const UnixTime until = w.clock.now().wall + time;
      while (w.calls->deadline() && *w.calls->deadline() <= until) {
        w.clock.advance_to(*w.calls->deadline());
        w.calls->on_deadline(w.clock.now());
        for (const Decided& decided : w.calls->take())
          for (const CallEvent& event : decided.events)
            if (const auto* e = std::get_if<TokenRenewed>(&event.body)) renewed.emplace_back(e->user.str(), event.at - begun);
      }
      w.clock.advance_to(until);
    };
    listen(10min - 91s);
    CHECK(renewed.empty());
    listen(2s);
    REQUIRE(renewed.size() == 2);
    for (const auto& [user, after] : renewed) CHECK(after == 10min - 90s);
    const CallView now = w.calls->find(call).value();
    CHECK(now.legs[0].token_until == w.clock.now().wall - 1s + 10min);
    renewed.clear();
    w.must(bob, Leave{}, call);
    listen(join_grace);
    renewed.clear();
    listen(20min);
    CHECK(renewed.empty());  // the call is over
  });
}
