// Rooms, doors and people's wishes through CallService: facts in, decisions kept, nothing secret in any log.
#include "service/failing_store.hpp"
#include "service/hasher.hpp"
#include "service/world.hpp"
#include "store/codec.hpp"
#include "zegocall/service/door.hpp"
#include "zegocall/service/people.hpp"
#include "zegocall/service/reconcile.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {

struct Rooms {
  explicit Rooms(Store& s, CallServiceOptions options = {}) : w(s, std::move(options)), door(s, hasher, w.bytes) {
    w.online({alice, bob, carol, dave});
  }
  CommandExtras with_passcode(const std::string& text) { return {.passcode_hash = door.hash(Secret{text}).value()}; }
  EntryFacts knows(const Actor& who, const CallId& call, const std::string& passcode, const std::string& code = {}) {
    const DoorTicket ticket =
        door.begin(
                {.call = call, .user = who.user, .address = "192.0.2.7", .passcode_given = !passcode.empty(), .code_text = code},
                w.clock.now())
            .value();
    return door.end(ticket, door.check(ticket, Secret{passcode}));
  }
  Result<CallView> enter(const Actor& who, const CallId& call, const EntryFacts& facts) {
    return w.run(who, Join{}, call, {.entry = facts});
  }
  ErrorCode refused(const Actor& who, const CallId& call, const EntryFacts& facts) {
    auto in = enter(who, call, facts);
    REQUIRE_FALSE(in);
    return in.error().code;
  }

  World w;
  Hasher hasher;
  Door door;
};

std::string everything(Store& store, const CallId& call) {
  std::string out = store_detail::encode_snapshot(store.call(call).value().value());
  for (const CallEvent& event : store.events(call, Version{}).value()) out += store_detail::encode_event(event);
  for (const OutboxEntry& entry : store.outbox(OutboxLane::host, 1000).value()) out += entry.message.body;
  return out;
}

}  // namespace

TEST_CASE("a passcode opens the room, a change of it closes it, and no log holds it") {
  over_stores([](Store& store) {
    Rooms r(store, {.outbox_topics = {"*"}});
    const CallId room = r.w.must(alice, CreateRoom{.settings = {.type = RoomType::anyone}}, {}, r.with_passcode("tulips")).id;
    CHECK(r.refused(bob, room, {}) == ErrorCode::passcode_required);
    CHECK(r.refused(bob, room, r.knows(bob, room, "roses")) == ErrorCode::passcode_wrong);
    const EntryFacts early = r.knows(carol, room, "tulips");
    CHECK(r.enter(bob, room, r.knows(bob, room, "tulips")));
    r.w.must(alice, SetPasscode{}, room, r.with_passcode("daffodils"));
    CHECK(r.refused(carol, room, early) == ErrorCode::passcode_wrong);  // it was checked against the one before
    CHECK(r.refused(carol, room, r.knows(carol, room, "tulips")) == ErrorCode::passcode_wrong);
    CHECK(r.enter(carol, room, r.knows(carol, room, "daffodils")));
    CHECK(store.passcode(room).value()->stamp == 2);
    r.w.must(alice, SetPasscode{}, room);  // none any more
    CHECK(r.enter(dave, room, {}));
    r.w.must(alice, SetPasscode{}, room, r.with_passcode("crocus"));
    CHECK(store.passcode(room).value()->stamp == 3);  // never a number twice
    const std::string all = everything(store, room);
    for (const char* secret : {"tulips", "daffodils", "crocus", "hash:"}) CHECK(all.find(secret) == std::string::npos);
  });
}

TEST_CASE("who may not change the passcode changes nothing, not even its hash") {
  const auto store = make_memory_store();
  Rooms r(*store);
  const CallId room = r.w.must(alice, CreateRoom{.settings = {.type = RoomType::anyone}}, {}, r.with_passcode("tulips")).id;
  CHECK_FALSE(r.w.run(bob, SetPasscode{}, room, r.with_passcode("mine now")));
  CHECK(store->passcode(room).value()->hash == "hash:tulips");
  CHECK(r.enter(bob, room, r.knows(bob, room, "tulips")));
}

TEST_CASE("a join code lets in whom it says, as often as it says, in the role that it carries") {
  over_stores([](Store& store) {
    Rooms r(store, {.outbox_topics = {"*"}});
    const CallId room = r.w.must(alice, CreateRoom{.settings = {.type = RoomType::invited_only}}).id;
    CHECK(r.refused(bob, room, {}) == ErrorCode::not_invited);
    const NewJoinCode code = r.door.new_code(r.w.clock.now().wall);
    r.w.must(alice, AddJoinCode{{code.id, "speaker", 1, r.w.clock.now().wall + 10min}}, room, {.join_code_digest = code.digest});
    CHECK(r.refused(bob, room, r.knows(bob, room, {}, "23456789ABCD")) == ErrorCode::not_invited);
    const auto in = r.enter(bob, room, r.knows(bob, room, {}, code.text));
    REQUIRE(in);
    CHECK(role_of(*in, bob.user) == "speaker");
    CHECK(r.refused(carol, room, r.knows(carol, room, {}, code.text)) == ErrorCode::not_invited);
    CHECK(everything(store, room).find(code.text) == std::string::npos);
    CHECK(everything(store, room).find(code.digest) == std::string::npos);
    const NewJoinCode late = r.door.new_code(r.w.clock.now().wall);
    r.w.must(alice, AddJoinCode{{late.id, "guest", 100, r.w.clock.now().wall + 10min}}, room, {.join_code_digest = late.digest});
    r.w.clock.advance(10min);
    CHECK(r.refused(dave, room, r.knows(dave, room, {}, late.text)) == ErrorCode::not_invited);
  });
}

namespace {

/// Alice rings Bob, who does not want it: nobody hears it, it lasts as long as any ring, and she sees no reason.
void check_unheard(Rooms& r, PeopleService& people) {
  const CallId call = r.w.ring(alice, bob);
  for (const Decided& each : r.w.calls->take())
    for (const CallEvent& event : each.events)
      if (const auto* rung = std::get_if<DeviceRing>(&event.body)) CHECK(rung->device.empty());  // as of somebody without one
  r.w.pass(30s);
  CHECK(r.w.calls->find(call).value().state == CallState::ringing);
  r.w.pass(60s);
  const auto seen = r.w.calls->snapshot(call, alice.user, std::nullopt).value();
  CHECK(seen.whole->outcome == CallOutcome::unreachable);
  CHECK(people.missed(bob.user, {}).value().calls.total == 0);
}

}  // namespace

TEST_CASE("somebody who does not want to be disturbed is not rung, and the caller cannot tell") {
  over_stores([](Store& store) {
    Rooms r(store);
    PeopleService people(store);
    REQUIRE(people.disturb_not(bob.user, r.w.clock.now().wall + 1h, r.w.clock.now()));
    check_unheard(r, people);
    r.w.clock.advance(1h);
    CHECK(r.w.calls->find(r.w.ring(alice, bob)).value().legs.at(1).devices.size() == 1);
  });
}

TEST_CASE("somebody who blocks the caller is not rung by them, but by others") {
  over_stores([](Store& store) {
    Rooms r(store);
    PeopleService people(store);
    REQUIRE(people.block(bob.user, alice.user, r.w.clock.now()));
    check_unheard(r, people);
    CHECK(r.w.calls->find(r.w.ring(carol, bob)).value().legs.at(1).devices.size() == 1);
  });
}

TEST_CASE("who calls too often waits") {
  const auto store = make_memory_store();
  Rooms r(*store, {.starts_max = 3, .starts_window = 1min});
  for (int i = 0; i < 3; ++i) {
    r.w.must(alice, CancelCall{}, r.w.ring(alice, bob));
    r.w.clock.advance(1s);
  }
  const auto fourth = r.w.run(alice, StartCall{{bob.user}});
  REQUIRE_FALSE(fourth);
  CHECK(fourth.error().code == ErrorCode::rate_limited);
  CHECK(store->calls({}).value().total == 3);
  CHECK(r.w.run(carol, StartCall{{bob.user}}));
  r.w.clock.advance(56s);
  CHECK_FALSE(r.w.run(alice, StartCall{{dave.user}}));
  r.w.clock.advance(1s);
  CHECK(r.w.run(alice, StartCall{{dave.user}}));
}

TEST_CASE("a waiting call: a second ring sits beside the first, and takes its seat when it is answered") {
  over_stores([](Store& store) {
    Rooms r(store, {.policy = {.busy = BusyPolicy::wait}});
    const CallId first = r.w.talk(alice, bob);
    const CallId second = r.w.ring(carol, bob);
    CHECK(store.calls_of({bob.user}).value().size() == 2);
    CHECK(r.w.calls->active(bob.user).value()->id == first);
    CHECK_FALSE(r.w.run(dave, StartCall{{bob.user}}));  // one waiting ring
    r.w.must(bob, Accept{}, second);
    for (const CallView& call : store.calls_of({bob.user}).value()) CHECK_FALSE(inconsistency(call));
    r.w.must(carol, EndCall{}, second);
    r.w.must(alice, EndCall{}, first);
    CHECK(store.calls_of({bob.user}).value().empty());
  });
}

TEST_CASE("what the provider's list shows becomes events of the call") {
  const auto store = make_memory_store();
  Rooms r(*store);
  const CallId call = r.w.talk(alice, bob);
  Reconciler reconciler = Reconciler::open(*r.w.calls, *store).value();
  r.w.clock.advance(1min);
  const ReconcileJob job{call, r.w.calls->room_of(call), r.w.clock.now().wall};
  REQUIRE(r.w.calls->open_group());
  CHECK(reconciler.finished(job, std::vector<UserId>{"alice", "mallory"}, r.w.clock.now()) == 2);
  REQUIRE(r.w.calls->commit_group());
  std::string corrected;
  for (const Decided& each : r.w.calls->take())
    for (const CallEvent& event : each.events)
      if (const auto* found = std::get_if<ReconcileCorrected>(&event.body)) corrected += found->user.str() + " ";
  CHECK(corrected.find("bob") != std::string::npos);
  CHECK(corrected.find("mallory") != std::string::npos);
  CHECK(r.w.calls->find(call).value().live_leg_of(alice.user)->state == LegState::joined);
  CHECK(reconciler.counters().corrected == 2);
}

TEST_CASE("a join code of a text that is there is refused, and the room does not have it") {
  over_stores([](Store& store) {
    World w(store);
    const CallId room = w.must(alice, CreateRoom{.settings = {.type = RoomType::invited_only}}).id;
    w.must(alice, Join{}, room);
    const auto code = [&](const char* id) { return AddJoinCode{{JoinCodeId(id), "guest", 1, w.clock.now().wall + 1h}}; };
    const Version before = w.must(alice, code("first"), room, {.join_code_digest = "digest"}).version;
    const auto again = w.run(alice, code("second"), room, {.join_code_digest = "digest"});
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::already_exists);
    CHECK(again.error().field == "code");
    CHECK(store.call(room).value()->version == before);
    CHECK(store.events(room, before).value().empty());
  });
}

TEST_CASE("a command that was written by half takes its group with it") {
  const auto memory = make_memory_store();
  FailingStore store(*memory);
  World w(store);
  const CallId room = w.must(alice, CreateRoom{.settings = {.type = RoomType::anyone}}).id;
  const Version before = w.must(alice, Join{}, room).version;
  const AddJoinCode code{{"code", "guest", 1, w.clock.now().wall + 1h}};
  REQUIRE(w.calls->open_group());
  w.must(alice, Lock{}, room);
  store.only("add_join_code");
  store.fail_at(0, ErrorCode::conflict);
  CHECK_FALSE(w.run(alice, code, room, {.join_code_digest = "digest"}));
  CHECK(store.failed());
  CHECK_FALSE(w.calls->commit_group());
  CHECK_FALSE(memory->in_transaction());
  CHECK(w.calls->take().empty());
  CHECK(memory->call(room).value()->version == before);
  // The next group is a new one.
  REQUIRE(w.calls->open_group());
  w.must(alice, code, room, {.join_code_digest = "digest"});
  CHECK(w.calls->commit_group());
  CHECK(memory->join_code("digest").value());
}

TEST_CASE("every store operation of a room's life may fail: the next try succeeds, nothing is half done") {
  for (int n = 0;; ++n) {
    CAPTURE(n);
    const auto memory = make_memory_store();
    FailingStore store(*memory);
    World w(store, {.outbox_topics = {"*"}});
    store.fail_at(n);
    CallId room;
    const auto insist = [&](const Actor& by, const CommandBody& body, const CommandExtras& extras = {}) {
      for (int tries = 0; tries < 3; ++tries) {
        auto done = w.run(by, body, room, extras);
        if (done) return *done;
        CHECK(done.error().code == ErrorCode::store_unavailable);
        CHECK_FALSE(memory->in_transaction());
      }
      FAIL("never succeeded");
      return CallView{};
    };
    room = insist(alice, CreateRoom{.settings = {.type = RoomType::anyone}}, {.passcode_hash = "hash-1"}).id;
    insist(alice, Join{});
    insist(alice, SetPasscode{}, {.passcode_hash = "hash-2"});
    insist(alice, AddJoinCode{{"code", "guest", 1, w.clock.now().wall + 1h}}, {.join_code_digest = "digest"});
    insist(alice, SetPasscode{});
    insist(bob, Join{});
    const CallView ended = insist(alice, EndCall{});
    CHECK(memory->passcode(room).value()->hash.empty());
    CHECK(memory->passcode(room).value()->stamp == 2);
    CHECK(memory->join_code("digest").value());
    CHECK(fold(memory->events(room, Version{}).value()).value() == ended);
    CHECK(memory->outbox_size(OutboxLane::host).value() == ended.version.value);
    CHECK_FALSE(inconsistency(ended));
    if (!store.failed()) break;
  }
}

TEST_CASE("somebody's live rooms, and what a host may read of one") {
  over_stores([](Store& store) {
    Rooms r(store);
    const auto room = [&](std::vector<RoomMember> members, RoomOverrides settings = {}) {
      r.w.clock.advance(1s);
      return r.w.must(alice, CreateRoom{.from = "drop_in", .settings = std::move(settings), .members = std::move(members)}).id;
    };
    const CallId first = room({{bob.user, {}}}), second = room({}), third = room({{bob.user, {}}});
    const auto listed = [&](const Actor& who, PageRequest page = {}) {
      std::vector<CallId> out;
      for (const CallView& call : r.w.calls->rooms(who.user, page).value().items) out.push_back(call.id);
      return out;
    };
    using Ids = std::vector<CallId>;
    CHECK(listed(alice) == Ids{third, second, first});
    CHECK(listed(alice, {2, 2}) == Ids{first});
    CHECK(r.w.calls->rooms(alice.user, {2, 2}).value().total == 3);
    CHECK(r.w.calls->rooms(alice.user, {4'294'967'295U, 100}).value().items.empty());
    CHECK(r.w.calls->rooms(alice.user, {1, 101}).error().code == ErrorCode::out_of_range);
    CHECK(listed(bob) == Ids{third, first});
    CHECK(listed(carol).empty());
    REQUIRE(r.enter(carol, second, {}));
    CHECK(listed(carol) == Ids{second});
    REQUIRE(r.enter(alice, first, {}));
    REQUIRE(r.enter(alice, first, {}));
    REQUIRE(r.enter(bob, first, {}));
    REQUIRE(r.enter(bob, first, {}));
    r.w.clock.advance(20s);
    CHECK(r.w.calls->figures(first, alice.user).error().code == ErrorCode::invalid_state);  // it lives
    r.w.must(alice, EndCall{}, first);
    r.w.pass(1min);
    CHECK(listed(bob) == Ids{third});
    const Attendance who = r.w.calls->attendance(first, alice.user, {}, r.w.clock.now()).value();
    CHECK(who.members.size() == 2);
    CHECK(who.peak == 2);
    CHECK(who.members[0].total >= 20s);
    CHECK(r.w.calls->figures(first, alice.user).value().peak_call == 2);
    CHECK(r.w.calls->attendance(first, bob.user, {}, r.w.clock.now()).error().code == ErrorCode::forbidden);
    CHECK(r.w.calls->figures(first, bob.user).error().code == ErrorCode::forbidden);
    CHECK(r.w.calls->attendance("nothing", alice.user, {}, r.w.clock.now()).error().code == ErrorCode::not_found);
    const UnixTime begin = r.w.clock.now().wall + 5min;
    const CallId planned = room({}, {.schedule = Schedule{begin}});
    CHECK(r.w.calls->attendance(planned, alice.user, {}, r.w.clock.now()).value().starts == begin);
    CHECK(r.w.calls->attendance(planned, alice.user, {.starts = begin + 1min}, r.w.clock.now()).value().starts == begin + 1min);
  });
}

TEST_CASE("who rings too often is told how long to wait") {
  const auto store = make_memory_store();
  World w(*store, {.starts_max = 1, .starts_window = 60s});
  w.online({bob});
  w.must(alice, CancelCall{}, w.ring(alice, bob));
  w.clock.advance(20s);
  const auto refused = w.run(alice, StartCall{{bob.user}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rate_limited);
  CHECK(refused.error().retry_after == 40s);
}
