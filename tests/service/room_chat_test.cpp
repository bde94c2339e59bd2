// Chat in a call, over the store.
#include "zegocall/service/room_chat.hpp"

#include "service/failing_store.hpp"
#include "service/world.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {

struct Talk {
  explicit Talk(Store& s, RoomChatOptions options = {}) : w(s), chat(RoomChat::open(s, options).value()) {
    w.online({alice, bob});
    call = w.talk(alice, bob);
  }
  Result<RoomMessage> say(const Actor& who, const std::string& text) { return chat.write(call, who.user, text, w.clock.now()); }
  std::string told(const Actor& who) {
    std::string out;
    for (const RoomMessage& message : chat.replay(call, who.user).value())
      out += std::to_string(message.number) + message.text + " ";
    return out;
  }
  World w;
  RoomChat chat;
  CallId call;
};

}  // namespace

TEST_CASE("messages have one order, and who comes later is told them once") {
  over_stores([](Store& store) {
    Talk t(store);
    CHECK(t.say(alice, "a").value().number == 1);
    CHECK(t.say(bob, "b").value().number == 2);
    CHECK(t.told(bob) == "1a 2b ");
    CHECK(t.told(bob).empty());
    CHECK(t.say(alice, "c").value().at == t.w.clock.now().wall);
    CHECK(t.told(bob) == "3c ");
    CHECK(t.told(alice) == "2b 3c ");  // her first she knew: she had been told all before it
    CHECK(t.say(bob, "d"));
    CHECK(t.told(bob).empty());
    CHECK(t.chat.has(t.call, alice.user, 4));
    CHECK(t.told(alice).empty());
    CHECK(t.chat.has(t.call, alice.user, 1'000'000));  // from nowhere
    CHECK(t.say(bob, "e"));
    CHECK(t.told(alice) == "5e ");
    CHECK(t.chat.read(t.call, alice.user, 3).value().size() == 2);
  });
}

TEST_CASE("chat stays with the call over a restart, and within its bound") {
  over_stores([](Store& store) {
    Talk t(store, {.messages_max = 3, .burst = 100});
    for (const char* text : {"a", "b", "c", "d", "e"}) CHECK(t.say(alice, text));
    RoomChat again = RoomChat::open(store, {.messages_max = 3}).value();
    CHECK(again.replay(t.call, bob.user).value().size() == 3);
    CHECK(again.replay(t.call, bob.user).value().empty());
    CHECK(t.say(bob, "f").value().number == 6);
    CHECK(store.room_messages(t.call, 0, 100).value().size() == 3);
  });
}

TEST_CASE("who is not in may neither write nor read, and nothing is kept of a refusal") {
  const auto store = make_memory_store();
  Talk t(*store);
  CHECK(t.say(carol, "hello").error().code == ErrorCode::forbidden);
  CHECK(t.chat.replay(t.call, carol.user).error().code == ErrorCode::forbidden);
  CHECK(t.chat.read(t.call, carol.user, 0).error().code == ErrorCode::forbidden);
  CHECK(t.chat.has(t.call, carol.user, 1).error().code == ErrorCode::forbidden);
  CHECK(t.chat.typing(t.call, carol.user, t.w.clock.now()).error().code == ErrorCode::forbidden);
  CHECK(t.chat.write("nothing", alice.user, "hello", t.w.clock.now()).error().field == "call");
  CHECK(t.say(alice, "").error().field == "text");
  CHECK(t.say(alice, std::string(4001, 'x')).error().code == ErrorCode::out_of_range);
  CHECK(t.say(alice, "\xFF").error().code == ErrorCode::bad_utf8);
  CHECK(store->last_room_message(t.call).value() == 0);
  t.w.must(alice, EndCall{}, t.call);
  CHECK_FALSE(t.say(alice, "too late"));
  CHECK(store->last_room_message(t.call).value() == 0);
}

TEST_CASE("who writes too fast waits") {
  const auto store = make_memory_store();
  Talk t(*store, {.burst = 2, .every = 1s});
  CHECK(t.say(alice, "a"));
  CHECK(t.say(alice, "b"));
  CHECK(t.say(alice, "c").error().code == ErrorCode::rate_limited);
  CHECK(t.say(bob, "c"));
  t.w.clock.advance(1s);
  CHECK(t.say(alice, "d"));
  CHECK(store->last_room_message(t.call).value() == 4);
}

TEST_CASE("typing is passed on now and then, and a message takes it back") {
  const auto store = make_memory_store();
  Talk t(*store);
  const auto types = [&](const Actor& who) { return t.chat.typing(t.call, who.user, t.w.clock.now()).value(); };
  CHECK(types(alice));
  CHECK_FALSE(types(alice));
  CHECK(t.chat.now_typing(t.call, t.w.clock.now()) == std::vector<UserId>{alice.user});
  CHECK(t.say(alice, "there"));
  CHECK(t.chat.now_typing(t.call, t.w.clock.now()).empty());
  CHECK(types(bob));
  CHECK(t.chat.stopped(t.call, bob.user, t.w.clock.now()));
  CHECK_FALSE(t.chat.stopped(t.call, bob.user, t.w.clock.now()));
  t.chat.forget(t.call);
}

TEST_CASE("a store that fails keeps no half of a message") {
  for (int n = 0;; ++n) {
    CAPTURE(n);
    const auto memory = make_memory_store();
    FailingStore store(*memory);
    Talk t(store, {.messages_max = 1});
    CHECK(t.say(alice, "a"));
    store.fail_at(n);
    const auto written = t.say(bob, "b");
    const bool failed = store.failed();
    store.heal();
    CHECK_FALSE(memory->in_transaction());
    CHECK(written.has_value() == !failed);
    const std::uint64_t last = memory->last_room_message(t.call).value();
    CHECK(last == (failed ? 1 : 2));
    CHECK(memory->room_messages(t.call, 0, 9).value().size() == 1);
    if (!failed) break;
  }
}

TEST_CASE("options of chat have limits") {
  const auto store = make_memory_store();
  const auto field = [&](RoomChatOptions options) {
    auto opened = RoomChat::open(*store, options);
    return opened ? std::string() : opened.error().field;
  };
  CHECK(field({}).empty());
  CHECK(field({.messages_max = 0}) == "messages_max");
  CHECK(field({.messages_max = 100'001}) == "messages_max");
  CHECK(field({.burst = 0}) == "burst");
  CHECK(field({.every = 0ms}) == "every");
}

TEST_CASE("a message is written once for each command id of a person in a call") {
  over_stores([](Store& store) {
    Talk t(store, {.messages_max = 2, .burst = 100});
    const auto say = [&](const Actor& who, const std::string& text, const CommandId& id) {
      return t.chat.write(t.call, who.user, text, t.w.clock.now(), id);
    };
    const RoomMessage first = say(alice, "a", "k").value();
    t.w.clock.advance(1s);
    CHECK(say(alice, "another text", "k").value() == first);
    CHECK(say(alice, "", "k").value() == first);
    CHECK(say(bob, "b", "k").value().number == 2);
    CHECK_FALSE(t.chat.written(t.call, alice.user, "other").value());
    CHECK_FALSE(t.chat.written(t.call, alice.user, "").value());
    RoomChat again = RoomChat::open(store, {.messages_max = 2}).value();  // after a restart
    CHECK(again.write(t.call, alice.user, "a", t.w.clock.now(), "k").value() == first);
    CHECK(store.last_room_message(t.call).value() == 2);
    CHECK(say(alice, "c", CommandId(std::string(128, 'k'))).value().number == 3);
    const auto gone = say(alice, "a", "k");  // the first one is kept no more
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == ErrorCode::already_exists);
    CHECK(gone.error().field == "text");
    CHECK(t.w.calls->handle({.id = "k", .by = alice, .call = t.call, .body = SetMetadata{"x", {}}}, t.w.clock.now()));
    CHECK(t.w.calls->find(t.call).value().room_view().metadata == "x");  // a command may have the same id
  });
  const auto store = make_memory_store();
  CHECK(RoomChat::open(*store, {.answers_kept = 999ms}).error().field == "answers_kept");
}

TEST_CASE("a message whose id cannot be kept is not there, and comes with the next try") {
  const auto memory = make_memory_store();
  FailingStore store(*memory);
  Talk t(store);
  store.only("change");
  store.fail_at(0);
  CHECK_FALSE(t.chat.write(t.call, alice.user, "a", t.w.clock.now(), "k"));
  CHECK(memory->last_room_message(t.call).value() == 0);
  CHECK(t.chat.write(t.call, alice.user, "a", t.w.clock.now(), "k").value().number == 1);
  CHECK(memory->last_room_message(t.call).value() == 1);
}

TEST_CASE("who writes too fast is told a wait that is enough") {
  const auto store = make_memory_store();
  Talk t(*store, {.burst = 1, .every = 20s});
  CHECK(t.say(alice, "a"));
  t.w.clock.advance(5s);
  const auto fast = t.say(alice, "b");
  REQUIRE_FALSE(fast);
  CHECK(fast.error().code == ErrorCode::rate_limited);
  CHECK(fast.error().retry_after == 20s);
  t.w.clock.advance(fast.error().retry_after);
  CHECK(t.say(alice, "b"));
}
