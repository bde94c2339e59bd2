// Passcodes and join codes: what is found out, what is counted, what is stored.
#include "zegocall/service/door.hpp"
#include "service/hasher.hpp"
#include "service/throttle.hpp"
#include "service/world.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;

namespace {

struct Room {
  explicit Room(Store& s, DoorOptions options = {}) : w(s), door(s, hasher, w.bytes, options) { call = w.ring(alice, bob); }
  void passcode(const std::string& text, std::uint64_t stamp) {
    REQUIRE(w.store.begin());
    REQUIRE(w.store.keep_passcode({call, stamp, text.empty() ? "" : door.hash(Secret{text}).value()}));
    REQUIRE(w.store.commit());
  }
  EntryFacts come(const Actor& who, const std::string& text, const std::string& address = "192.0.2.1") {
    const DoorTicket ticket =
        door.begin({.call = call, .user = who.user, .address = address, .passcode_given = true}, w.clock.now()).value();
    return door.end(ticket, door.check(ticket, Secret{text}));
  }
  EntryFacts with_code(const Actor& who, const std::string& text, const CallId& where) {
    const DoorTicket ticket =
        door.begin({.call = where, .user = who.user, .address = "192.0.2.1", .code_text = text}, w.clock.now()).value();
    return door.end(ticket, door.check(ticket, Secret{}));
  }

  World w;
  Hasher hasher;
  Door door;
  CallId call;
};

}  // namespace

TEST_CASE("a passcode is right or wrong, and says which one it was compared with") {
  over_stores([](Store& store) {
    Room room(store);
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::none);  // there is none: nothing is compared
    CHECK(room.hasher.compared == 0);
    room.passcode("tulips", 3);
    const EntryFacts right = room.come(carol, "tulips");
    CHECK(right.passcode == PasscodeCheck::right);
    CHECK(right.stamp == PasscodeStamp(3));
    CHECK(room.come(carol, "roses").passcode == PasscodeCheck::wrong);
    CHECK(room.come(carol, std::string(1000, 'x')).passcode == PasscodeCheck::wrong);
    const DoorTicket none = room.door.begin({.call = room.call, .user = carol.user}, room.w.clock.now()).value();
    CHECK(room.door.end(none, room.door.check(none, Secret{})).passcode == PasscodeCheck::none);
    room.passcode("", 3);
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::none);
  });
}

TEST_CASE("a passcode has limits, and its text is nowhere") {
  const auto store = make_memory_store();
  Room room(*store);
  CHECK(room.door.hash(Secret{}).error().code == ErrorCode::missing_field);
  CHECK(room.door.hash(Secret{"abc"}).error().field == "passcode");
  CHECK(room.door.hash(Secret{std::string(129, 'x')}).error().code == ErrorCode::out_of_range);
  CHECK(room.door.hash(Secret{"\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F"}));  // four characters
  CHECK(room.door.hash(Secret{std::string(128, 'x')}));
}

TEST_CASE("who is wrong too often waits, at that room; the right passcode forgets") {
  over_stores([](Store& store) {
    Room room(store, {.wrong_per_user = 3, .wrong_per_address = 1000, .window = 60s});
    room.passcode("tulips", 1);
    for (int i = 0; i < 2; ++i) CHECK(room.come(carol, "roses").passcode == PasscodeCheck::wrong);
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::right);
    for (int i = 0; i < 3; ++i) {
      CHECK(room.come(carol, "roses").passcode == PasscodeCheck::wrong);
      room.w.clock.advance(1s);
    }
    const int compared = room.hasher.compared;
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::throttled);
    CHECK(room.hasher.compared == compared);  // no work for who has to wait
    CHECK(room.come(dave, "tulips").passcode == PasscodeCheck::right);
    room.w.clock.advance(56s);
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::throttled);
    room.w.clock.advance(1s);
    CHECK(room.come(carol, "tulips").passcode == PasscodeCheck::right);
  });
}

TEST_CASE("an address that is wrong too often waits, whoever it says it is") {
  const auto store = make_memory_store();
  Room room(*store, {.wrong_per_user = 100, .wrong_per_address = 4, .window = 60s});
  room.passcode("tulips", 1);
  CHECK(room.come(bob, "tulips").passcode == PasscodeCheck::right);  // right ones do not count
  for (int i = 0; i < 4; ++i)
    CHECK(room.come(Actor{UserId("guest-" + std::to_string(i)), {}}, "roses").passcode == PasscodeCheck::wrong);
  CHECK(room.come(dave, "tulips").passcode == PasscodeCheck::throttled);
  CHECK(room.come(dave, "tulips", "192.0.2.2").passcode == PasscodeCheck::right);
  CHECK(room.come(dave, "tulips", "").passcode == PasscodeCheck::right);
}

TEST_CASE("who has to wait is told how long, and the addresses of one /64 count together") {
  const auto store = make_memory_store();
  Room room(*store, {.wrong_per_user = 3, .wrong_per_address = 6, .window = 60s});
  room.passcode("tulips", 1);
  const auto begin = [&](const UserId& user, const std::string& address) {
    return room.door.begin({.call = room.call, .user = user, .address = address, .passcode_given = true}, room.w.clock.now())
        .value();
  };
  const auto guest = [](int number) { return UserId("guest-" + std::to_string(number)); };
  for (int i = 0; i < 6; ++i) {
    CHECK(begin(guest(i), "2001:db8:1:2::" + std::to_string(i + 1)).wait == 0s);
    room.w.clock.advance(1s);
  }
  const DoorTicket refused = begin(guest(7), "2001:db8:1:2:ffff::9");
  CHECK(refused.facts.passcode == PasscodeCheck::throttled);
  CHECK(refused.wait == 54s);  // the first of six is 6 s old
  CHECK(begin(guest(7), "2001:db8:1:3::1").wait == 0s);
  for (int i = 0; i < 2; ++i) CHECK(begin(dave.user, "192.0.2.9").wait == 0s);
  CHECK(begin(dave.user, "::ffff:192.0.2.9").wait == 0s);
  CHECK(begin(dave.user, "192.0.2.10").wait == 60s);       // the person
  CHECK(begin(dave.user, "2001:db8:1:2::1").wait == 60s);  // the longer of both
  CHECK(begin(guest(9), "2001:db8:1:2::1").wait == 54s);
}

TEST_CASE("many tries at once are no more tries") {
  const auto store = make_memory_store();
  Room room(*store, {.wrong_per_user = 3, .wrong_per_address = 1000, .window = 60s});
  room.passcode("tulips", 1);
  std::vector<DoorTicket> tickets;
  for (int i = 0; i < 10; ++i)
    tickets.push_back(
        room.door.begin({.call = room.call, .user = carol.user, .passcode_given = true}, room.w.clock.now()).value());
  int compared = 0;
  for (const DoorTicket& ticket : tickets) compared += room.door.check(ticket, Secret{"guess"}) == PasscodeCheck::wrong ? 1 : 0;
  CHECK(compared == 3);
}

TEST_CASE("a join code is found by its text alone, in its own call, until it expires") {
  over_stores([](Store& store) {
    Room room(store);
    const NewJoinCode code = room.door.new_code(room.w.clock.now().wall);
    CHECK(code.text.size() == 12);
    CHECK(code.text.find_first_of("01IO") == std::string::npos);
    CHECK(code.digest.find(code.text) == std::string::npos);
    CHECK(room.door.new_code(room.w.clock.now().wall).text != code.text);
    REQUIRE(store.begin());
    REQUIRE(store.add_join_code({code.digest, room.call, code.id.str(), room.w.clock.now().wall + 10min}));
    REQUIRE(store.commit());
    const EntryFacts good = room.with_code(carol, code.text, room.call);
    CHECK(good.code_given);
    CHECK(good.code == code.id);
    std::string typed = code.text.substr(0, 4) + "-" + code.text.substr(4, 4) + " " + code.text.substr(8);
    for (char& c : typed)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    CHECK(room.with_code(carol, typed, room.call).code == code.id);
    CHECK(room.with_code(carol, code.text, "another call").code.empty());
    CHECK(room.with_code(carol, "23456789ABCD", room.call).code.empty());
    CHECK(room.with_code(carol, code.digest, room.call).code.empty());
    room.w.clock.advance(10min);
    const EntryFacts late = room.with_code(carol, code.text, room.call);
    CHECK(late.code_given);
    CHECK(late.code.empty());
    // Guessing is counted like wrong passcodes.
    for (int i = 0; i < 10; ++i) (void)room.with_code(carol, "guess", room.call);
    CHECK(room.with_code(carol, code.text, room.call).passcode == PasscodeCheck::throttled);
  });
}

TEST_CASE("a throttle remembers no more keys than it may") {
  service_detail::Throttle throttle(2, 10s, 3);
  const SteadyTime now{};
  for (const char* key : {"a", "a", "b", "b", "c", "c"}) throttle.hit(key, now);
  for (const char* key : {"a", "b", "c"}) CHECK(throttle.wait(key, now) == 10s);
  throttle.hit("a", now + 1s);  // now b was hit longest ago
  throttle.hit("d", now + 1s);
  CHECK(throttle.size() == 3);
  CHECK_FALSE(throttle.wait("b", now + 1s));
  CHECK(throttle.wait("a", now + 1s) == 9s);
  CHECK(throttle.wait("c", now + 9s) == 1s);
  CHECK_FALSE(throttle.wait("c", now + 10s));
  throttle.take_back("a");
  CHECK_FALSE(throttle.wait("a", now + 1s));
  throttle.forget("c");
  CHECK(throttle.size() == 2);
  throttle.forget("nobody");
}
