// The list of missed calls: the table, and I12: entries and outcomes one to one.
#include "zegocall/call/missed.hpp"

#include <set>

#include "call/script.hpp"

using namespace call_test;

namespace {

/// A call with one callee who ended like this.
CallView ended(LegOutcome outcome) {
  CallView call;
  call.legs = {{.number = 1, .user = alice.user, .role = LegRole::caller, .state = LegState::final, .outcome = outcome},
               {.number = 2, .user = bob.user, .role = LegRole::callee, .state = LegState::final, .outcome = outcome}};
  return call;
}

/// What the outcome table of docs/call-model.md says.
const std::set<std::string> always{"busy", "no_answer", "unreachable", "cancelled", "superseded", "failed"};
const std::set<std::string> by_rule{"blocked", "dnd"};

}  // namespace

TEST_CASE("every outcome has its place in the table") {
  std::size_t outcomes = 0;
  for (int i = 0; !name(static_cast<LegOutcome>(i)).empty(); ++i, ++outcomes) {
    const auto outcome = static_cast<LegOutcome>(i);
    const std::string word(name(outcome));
    CAPTURE(word);
    const CallView call = ended(outcome);
    CHECK(is_missed_call(call, call.legs[1]) == always.contains(word));
    CHECK(is_missed_call(call, call.legs[1], {.blocked = true, .dnd = true}) ==
          (always.contains(word) || by_rule.contains(word)));
    CHECK(!is_missed_call(call, call.legs[0], {.blocked = true, .dnd = true}));
  }
  CHECK(outcomes == 20);
}

TEST_CASE("the two rules are two") {
  const CallView blocked = ended(LegOutcome::blocked), dnd = ended(LegOutcome::dnd);
  CHECK(is_missed_call(blocked, blocked.legs[1], {.blocked = true}));
  CHECK(!is_missed_call(blocked, blocked.legs[1], {.dnd = true}));
  CHECK(is_missed_call(dnd, dnd.legs[1], {.dnd = true}));
  CHECK(!is_missed_call(dnd, dnd.legs[1], {.blocked = true}));
}

TEST_CASE("failed is missed only before an answer") {
  CallView call = ended(LegOutcome::failed);
  call.legs[1].accepted_at = UnixTime{};
  CHECK(!is_missed_call(call, call.legs[1]));
}

TEST_CASE("a leg that lives, an entrant and a merged call are no entries") {
  CallView call = ended(LegOutcome::no_answer);
  call.legs[1].outcome.reset();
  CHECK(!is_missed_call(call, call.legs[1]));
  call = ended(LegOutcome::no_answer);
  call.legs[1].role = LegRole::entrant;
  CHECK(!is_missed_call(call, call.legs[1]));
  call = ended(LegOutcome::cancelled);
  call.outcome = CallOutcome::glare_merged;
  CHECK(missed_legs(call).empty());
}

TEST_CASE("a ring that nobody answered is one entry, and one that somebody declined is none") {
  World w;
  w.ring();
  CHECK(missed_legs(w.call(), w.log()).empty());
  SUBCASE("not reached") {
    w.pass(61s);
    CHECK(missed_legs(w.call(), w.log()) == std::vector<std::uint32_t>{2});
    CHECK(w.leg(bob).outcome == LegOutcome::unreachable);
  }
  SUBCASE("cancelled") {
    w.must(alice, CancelCall{});
    CHECK(missed_legs(w.call(), w.log()) == std::vector<std::uint32_t>{2});
  }
  SUBCASE("declined") {
    w.must(bob, Decline{});
    CHECK(missed_legs(w.call(), w.log()).empty());
  }
  SUBCASE("busy on the device") {
    w.must(bob, Decline{.busy = true});
    CHECK(missed_legs(w.call()) == std::vector<std::uint32_t>{2});
  }
}

TEST_CASE("entries and outcomes match one to one") {
  int entries = 0;
  check_property("I12", [&] {
    Script script(*presses());
    for (const auto& [id, log] : script.logs()) {
      // Written change by change, as a store does it: all events of one instant are one change.
      std::vector<std::uint32_t> written;
      CallView call;
      std::vector<CallEvent> change;
      for (std::size_t i = 0; i < log.size(); ++i) {
        apply(call, log[i]);
        change.push_back(log[i]);
        if (i + 1 < log.size() && log[i + 1].at == log[i].at) continue;
        for (const std::uint32_t leg : missed_legs(call, change)) written.push_back(leg);
        change.clear();
      }
      std::sort(written.begin(), written.end());
      RC_ASSERT(std::adjacent_find(written.begin(), written.end()) == written.end());
      RC_ASSERT(written == missed_legs(script.call(id)));
      for (const LegView& leg : call.legs) {
        const bool listed = std::binary_search(written.begin(), written.end(), leg.number);
        RC_ASSERT(listed == (leg.outcome && leg.role == LegRole::callee && always.contains(std::string(name(*leg.outcome))) &&
                             (leg.outcome != LegOutcome::failed || !leg.accepted_at)));
      }
      entries += static_cast<int>(written.size());
    }
  });
  CHECK(entries > 50);
}
