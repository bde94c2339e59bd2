// Random scripts: SQLite answers as the model does, operation by operation. The seed is part of every failure's text.
#include <doctest/doctest.h>

#include <random>

#include "store/sample.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace zegocall::test;

namespace {

const std::vector<UserId> people{"alice",  "Bob",    "carol",  "dave",   "erin",   "id-alice", "id-Alice",
                                 "id-bob", "gone-0", "gone-1", "gone-2", "gone-3", "gone-4"};

/// One operation on any store, by its numbers alone: the same on both.
class Script {
 public:
  explicit Script(std::uint64_t seed) : random_(seed) {}

  /// Runs the next operation on both and compares what they say.
  void step(Store& model, Store& store) {
    ++time_;
    const std::uint64_t kind = below(26), seed = random_();
    const std::string a = run(model, kind, seed), b = run(store, kind, seed);
    CAPTURE(kind);
    REQUIRE(a == b);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  /// Numbers for one operation; both stores get the same.
  struct Dice {
    std::mt19937_64 random;
    std::uint64_t below(std::uint64_t n) { return random() % n; }
    const UserId& person() { return people[below(5)]; }
    CallId call() { return CallId("call-" + std::to_string(below(12))); }
    CommandId command() { return CommandId("c" + std::to_string(1 + below(4))); }
    PageRequest page() { return {static_cast<std::uint32_t>(below(4)), static_cast<std::uint32_t>(below(102))}; }
  };

  CallChange::Part next_part(Store& store, Dice& dice) {
    const auto live = store.live_calls().value();
    const CallId id = dice.call();
    auto known = store.call(id).value();
    if (dice.below(3) > 0 && !live.empty()) known = live[dice.below(live.size())];
    if (!known || dice.below(8) == 0) return start(id, dice.person(), dice.person(), time_).parts[0];
    switch (dice.below(4)) {
      case 0: return accept(*known, time_).parts[0];
      case 1: return leave(*known, dice.person(), time_).parts[0];
      default: break;
    }
    CallChange::Part part = hang_up(*known, time_).parts[0];
    if (dice.below(6) == 0) part.expected.value++;  // wrong on purpose
    return part;
  }

  std::string change(Store& store, Dice& dice) {
    CallChange change;
    for (std::uint64_t parts = dice.below(3); parts > 0; --parts) change.parts.push_back(next_part(store, dice));
    if (dice.below(2) == 0) {
      change.answer = CommandAnswer{dice.person(), dice.command(), dice.call(), Version(dice.below(9)), {}, at(time_ + 5)};
      if (dice.below(2) == 0) change.answer->error = Error{ErrorCode::busy, "callees.0", "in a call"};
    }
    for (std::uint64_t rows = dice.below(3); rows > 0; --rows)
      change.outbox.push_back(
          {"t", "{\"user\":\"" + dice.person().str() + "\"}", at(time_), dice.below(3) == 0 ? "" : dice.call().str(), "e"});
    if (!change.parts.empty() && dice.below(3) == 0)
      change.missed.push_back({dice.person(), change.parts[0].after.id, 2, dice.person(), LegOutcome::busy, at(time_), {}});
    return show(store.change(change));
  }

  std::string run(Store& store, std::uint64_t kind, std::uint64_t seed) {
    Dice dice{std::mt19937_64(seed)};
    switch (kind) {
      case 0: return show(store.begin());
      case 1: return show(store.commit());
      case 2:
        if (dice.below(3) == 0) store.rollback();
        return dump(store, people);
      case 3: return show(store.forget_answers(at(time_), static_cast<std::uint32_t>(dice.below(3))));
      case 4: return show(store.outbox_done(static_cast<std::int64_t>(dice.below(30))));
      case 5: return show(store.add_account(account(dice.below(2) == 0 ? "alice" : dice.below(2) == 0 ? "Alice" : "bob", time_)));
      case 6: {
        std::vector<UserId> members{dice.person(), dice.person()};
        if (members[1] < members[0]) std::swap(members[0], members[1]);
        return show(
            store.add_chat(chat("chat-" + std::to_string(dice.below(4)), members, static_cast<std::int64_t>(dice.below(3)))));
      }
      case 7: return show(store.history(dice.person(), dice.page())) + show(store.chats_of(dice.person(), dice.page()));
      case 8:
        return show(
            store.due(at(time_ + static_cast<std::int64_t>(dice.below(60'000))), static_cast<std::uint32_t>(dice.below(4))));
      case 9: return show(store.calls_of({dice.person(), dice.person()})) + show(store.calls(dice.page()));
      default: break;
    }
    if (kind < 20) return run_port(store, kind, dice);
    if (!store.in_transaction() && dice.below(2) == 0) (void)store.begin();
    return change(store, dice);
  }

  /// The ports that came with the second schema.
  std::string run_port(Store& store, std::uint64_t kind, Dice& dice) {
    const auto number = [&] { return static_cast<std::int64_t>(dice.below(30)); };
    switch (kind) {
      case 10: return show(store.outbox_retry(number(), at(time_ + number())));
      case 11:
        return show(store.outbox_bury(number(), at(time_ + number()), "age")) + show(store.dead_letters(dice.page())) +
               show(store.outbox_next(OutboxLane::host)) + show(store.outbox_size(OutboxLane::host));
      case 12:
        return show(store.dead_letter_again(number(), at(time_))) +
               show(store.forget_dead_letters(OutboxLane::host, at(number()), 1)) +
               show(store.outbox_due(OutboxLane::host, at(time_ + number()), 3));
      case 13:
        return show(store.keep_settings({dice.person(), dice.below(2) == 0, at(number())})) + show(store.settings(dice.person()));
      case 14:
        if (dice.below(3) == 0) return show(store.unblock(dice.person(), dice.person()));
        return show(store.block({dice.person(), dice.person(), at(time_)})) + show(store.blocks(dice.person(), dice.page()));
      case 15:
        return show(store.mark_missed_seen(dice.person(), at(time_ - number()), at(time_))) +
               show(store.missed(dice.person(), dice.page())) + show(store.missed_unseen(dice.person()));
      case 16: {
        const CallId call = dice.call();
        return show(store.add_room_message({call, dice.below(9), dice.person(), at(time_), "hello"})) +
               show(store.forget_room_messages(call, dice.below(5))) + show(store.room_messages(call, dice.below(4), 3)) +
               show(store.last_room_message(call)) + show(store.keep_room_read(call, dice.person(), dice.below(9))) +
               show(store.room_read(call, dice.person()));
      }
      case 17: {
        const CallId call = dice.call();
        const std::string digest = "d" + std::to_string(dice.below(4));
        return show(store.keep_passcode({call, dice.below(9), "$y$"})) +
               show(store.add_join_code({digest, call, "c", at(number())})) + show(store.join_code(digest)) +
               show(store.forget_join_codes(at(number() - 15), 2));
      }
      case 18: return dice.below(4) == 0 ? show(store.forget_calls(at(time_ - number()), 2)) : "";
      default: {
        const UserId gone("gone-" + std::to_string(dice.below(5)));
        return dice.below(4) == 0 ? show(store.erase_user(dice.person(), gone)) : show(store.scrub());
      }
    }
  }

  std::mt19937_64 random_;
  std::int64_t time_ = 0;
};

}  // namespace

TEST_CASE("SQLite answers as the model does") {
  constexpr std::uint64_t scripts = 60;
  constexpr int steps = 80;
  std::size_t ended = 0;
  for (std::uint64_t seed = 1; seed <= scripts; ++seed) {
    CAPTURE(seed);
    const auto model = make_memory_store();
    SqliteStore store = SqliteStore::open({}).value();
    Script script(seed);
    for (int i = 0; i < steps; ++i) {
      CAPTURE(i);
      script.step(*model, store);
    }
    CHECK(dump(*model, people) == dump(store, people));
    for (const UserId& user : people) ended += model->history(user, {}).value().total;
  }
  CHECK(ended > scripts);  // the scripts get somewhere: calls begin and end in them
}
