// The provider's list against our calls, in virtual time.
#include "zegocall/service/reconcile.hpp"
#include "service/world.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {

std::string show(const std::vector<ProviderWord>& events) {
  std::string out;
  for (const ProviderWord& event : events) out += std::string(name(event.said)) + " " + event.user.str() + "; ";
  return out;
}

/// Answers DescribeUserList, two people a page, and counts the questions.
class Provider final : public HttpPort {
 public:
  Result<HttpReply> send(const OutgoingRequest& request) override {
    ++asked;
    if (!up) return fail(ErrorCode::unreachable, "no route");
    const std::size_t from = request.url.find("Marker=") == std::string::npos ? 0 : 2;
    JsonArray users;
    for (std::size_t i = from; i < std::min(there.size(), from + 2); ++i)
      users.add(JsonObject{{"UserId", there[i]}, {"UserName", ""}, {"UserRole", 0}});
    const std::string marker = there.size() > from + 2 ? "more" : "";
    return HttpReply{200,
                     {},
                     JsonObject{{"Code", 0},
                                {"Message", "success"},
                                {"RequestId", "1"},
                                {"Data", JsonObject{{"Marker", marker}, {"UserList", users}}}}
                         .text()};
  }
  std::vector<std::string> there;
  bool up = true;
  int asked = 0;
};

class NoPause final : public ApiPause {
 public:
  explicit NoPause(ManualClock& clock) : clock_(clock) {}
  Now wait_until(SteadyTime at) override {
    if (at > clock_.now().steady) clock_.advance(std::chrono::ceil<std::chrono::milliseconds>(at - clock_.now().steady));
    return clock_.now();
  }

 private:
  ManualClock& clock_;
};

}  // namespace

TEST_CASE("a call that something is lost of is asked about at once, any other in its turn") {
  const auto store = make_memory_store();
  World w(*store);
  w.online({alice, bob, carol, dave});
  const CallId one = w.talk(alice, bob), two = w.talk(carol, dave);
  Reconciler asks = Reconciler::open(*w.calls, *store).value();
  CHECK(asks.take(w.clock.now()).empty());
  asks.ask_soon(two, w.clock.now());
  asks.ask_soon(CallId("none"), w.clock.now());
  const auto jobs = asks.take(w.clock.now());
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].call == two);
  asks.ask_soon(two, w.clock.now());
  CHECK(asks.take(w.clock.now()).empty());  // it is on its way
}

TEST_CASE("differences: who is not there has left, who is there and was not let in has joined") {
  const auto store = make_memory_store();
  World w(*store);
  w.online({alice, bob});
  const CallId call = w.talk(alice, bob);
  const UnixTime joined = w.clock.now().wall;
  const CallView view = w.calls->find(call).value();
  const auto ask = [&](std::vector<UserId> there, std::chrono::milliseconds after) {
    return show(provider_differences(view, there, joined + after, 10s));
  };
  CHECK(ask({"alice", "bob"}, 1min).empty());
  CHECK(ask({"alice"}, 1min) == "left bob; ");
  CHECK(ask({}, 1min) == "left alice; left bob; ");
  CHECK(ask({"alice", "bob", "mallory"}, 1min) == "joined mallory; ");
  CHECK(ask({"alice"}, 9s).empty());  // bob joined just now: the provider may not have heard of it
  CHECK(ask({"alice"}, 10s) == "left bob; ");
  w.must(alice, EndCall{}, call);
  CHECK(provider_differences(w.calls->find(call).value(), std::vector<UserId>{"mallory"}, joined + 1min, 10s).empty());
}

TEST_CASE("who has just come back, or gone to another device, is not told to have left") {
  const auto store = make_memory_store();
  World w(*store);
  const Actor pad{bob.user, {"pad"}};
  w.online({alice, bob, pad});
  const CallId call = w.talk(alice, bob);
  const auto ask = [&] {
    const std::vector<UserId> only{"alice"};
    return show(provider_differences(w.calls->find(call).value(), only, w.clock.now().wall, 10s));
  };
  w.clock.advance(1min);
  SUBCASE("back") {
    w.must(bob, DeviceOffline{});
    w.must(bob, DeviceOnline{});
    w.must(bob, Join{}, call);
  }
  SUBCASE("another device") { w.must(pad, SwitchDevice{}, call); }
  CHECK(ask().empty());
  w.clock.advance(10s);
  CHECK(ask() == "left bob; ");
}

TEST_CASE("an active call is asked about once a period, within the rate, one question at a time for each call") {
  const auto store = make_memory_store();
  World w(*store);
  Reconciler reconciler = Reconciler::open(*w.calls, *store, {.every = 60s, .per_second = 2, .in_flight_max = 8}).value();
  w.online({alice, bob, carol, dave});
  CHECK(reconciler.take(w.clock.now()).empty());
  const CallId call = w.talk(alice, bob);
  w.clock.advance(5s);
  CHECK(reconciler.take(w.clock.now()).empty());  // now it knows of the call
  w.clock.advance(59s);
  CHECK(reconciler.take(w.clock.now()).empty());
  w.clock.advance(1s);
  auto jobs = reconciler.take(w.clock.now());
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].call == call);
  CHECK(jobs[0].room == w.calls->room_of(call));
  w.clock.advance(60s);
  CHECK(reconciler.take(w.clock.now()).empty());  // its question is still on its way
  const std::vector<UserId> both{"alice", "bob"};
  CHECK(reconciler.finished(jobs[0], both, w.clock.now()) == 0);
  w.clock.advance(60s);
  jobs = reconciler.take(w.clock.now());
  REQUIRE(jobs.size() == 1);
  CHECK(reconciler.finished(jobs[0], Result<std::vector<UserId>>(fail(ErrorCode::timeout, "")), w.clock.now()) == 0);
  CHECK(reconciler.counters().failed == 1);
  w.must(alice, EndCall{}, call);
  w.clock.advance(70s);
  CHECK(reconciler.take(w.clock.now()).empty());
  SUBCASE("two questions a second") {
    w.talk(alice, bob);
    w.talk(carol, dave);
    w.clock.advance(5s);
    CHECK(reconciler.take(w.clock.now()).empty());
    w.clock.advance(60s);
    CHECK(reconciler.take(w.clock.now()).size() == 1);
    CHECK(*reconciler.deadline() == w.clock.now().wall + 500ms);
    w.clock.advance(499ms);
    CHECK(reconciler.take(w.clock.now()).empty());
    w.clock.advance(1ms);
    CHECK(reconciler.take(w.clock.now()).size() == 1);
  }
}

TEST_CASE("where calls may go without the provider, nobody has left it who was never there") {
  const auto store = make_memory_store();
  World w(*store);
  Reconciler reconciler = Reconciler::open(*w.calls, *store, {.every = 5s, .seen_only = true}).value();
  w.online({alice, bob});
  const CallId call = w.talk(alice, bob);
  std::vector<std::string> carried;
  const auto handle = [&](const Command& command, Now now) {
    carried.emplace_back(name(command.body));
    return w.calls->handle(command, now);
  };
  const auto ask = [&](const std::vector<UserId>& there) {
    for (int seconds = 0; seconds < 12; ++seconds) {
      w.clock.advance(1s);
      for (const ReconcileJob& job : reconciler.take(w.clock.now()))
        return reconciler.finished(job, there, w.clock.now(), handle);
    }
    FAIL("no question came");
    return std::size_t{0};
  };
  w.clock.advance(20s);
  CHECK(ask({}) == 0);
  CHECK(ask({"alice"}) == 0);
  CHECK(ask({"alice", "bob"}) == 0);
  CHECK(ask({"alice"}) == 1);  // bob was there, and is not
  CHECK(carried == std::vector<std::string>{"provider_event"});
  CHECK(w.calls->find(call)->legs[1].state != LegState::joined);
}

TEST_CASE("the list comes page by page, and an outage is an error") {
  ManualClock clock;
  CountingBytes bytes;
  Provider provider;
  NoPause pause(clock);
  auto api = ServerApi::open({.app = AppId{1234567890}, .bytes = &bytes, .jitter = &bytes, .pause = &pause},
                             Secret{"zegocall-test-secret-0123456789a"}, provider);
  REQUIRE(api);
  provider.there = {"alice", "bob", "carol"};
  const auto there = ask_users(*api, "call_1", [&] { return clock.now(); });
  REQUIRE(there);
  CHECK(*there == std::vector<UserId>{"alice", "bob", "carol"});
  CHECK(provider.asked == 2);
  provider.there.clear();
  clock.advance(2s);
  CHECK(ask_users(*api, "call_1", [&] { return clock.now(); }).value().empty());
  provider.up = false;
  clock.advance(2s);
  CHECK(ask_users(*api, "call_1", [&] { return clock.now(); }).error().code == ErrorCode::unreachable);
}

TEST_CASE("options of the reconciler have limits") {
  const auto store = make_memory_store();
  World w(*store);
  const auto field = [&](ReconcileOptions options) {
    auto opened = Reconciler::open(*w.calls, *store, options);
    return opened ? std::string() : opened.error().field;
  };
  CHECK(field({}).empty());
  CHECK(field({.every = 4999ms}) == "every");
  CHECK(field({.settle = -1ms}) == "settle");
  CHECK(field({.per_second = 0}) == "per_second");
  CHECK(field({.per_second = 201}) == "per_second");
  CHECK(field({.in_flight_max = 65}) == "in_flight_max");
}

TEST_CASE("nobody is asked about a call that still rings, and every period about it once it is active") {
  const auto store = make_memory_store();
  World w(*store, {.policy = {.ring = 10min}});
  Reconciler reconciler = Reconciler::open(*w.calls, *store, {.every = 60s}).value();
  w.online({alice, bob});
  const CallId call = w.ring(alice, bob);
  CHECK(reconciler.take(w.clock.now()).empty());
  w.clock.advance(70s);
  CHECK(reconciler.take(w.clock.now()).empty());
  CHECK(reconciler.counters().asked == 0);
  w.must(bob, Accept{}, call);
  w.must(bob, Join{}, call);
  w.clock.advance(60s);
  CHECK(reconciler.take(w.clock.now()).size() == 1);
}
