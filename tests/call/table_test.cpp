// The full product of states and commands, each with its stated answer, for the caller, the callee's device in the call
// (or the one that would answer), the callee's other device, and a stranger.
#include <functional>
#include <map>
#include <sstream>

#include "call/world.hpp"

using namespace call_test;

namespace {

// ok: something happens; --: nothing to do; st: invalid_state; do: already_done; fo: forbidden; ar: invalid_argument.
const std::vector<CommandBody> commands = {Invite{},     AckDelivered{}, AckAlerting{}, Accept{},  Decline{},  Silence{},
                                           CancelCall{}, Join{},         Leave{},       EndCall{}, Heartbeat{}};

struct Row {
  const char* who;
  const char* answers;  // in the order of `commands`
};
struct State {
  const char* name;
  std::function<void(World&)> reach;
  std::vector<Row> rows;
};

const char* const none_of_it = "fo fo fo fo fo fo fo fo fo fo fo";
const char* const too_late = "st st st st do st do st do do st";

const std::vector<State>& states() {
  static const std::vector<State> all = {
      //                                      inv del ale acc dec sil can joi lea end hea
      {"invited",
       [](World& w) { w.ring_two_devices(); },
       {{"caller", "st fo fo fo fo fo ok st ok ok --"},
        {"callee", "st ok ok ok ok ok fo st ok ok --"},
        {"other", "st ok ok ok ok ok fo st ok ok --"}}},
      {"alerting",
       [](World& w) { w.ring_two_devices(), w.must(bob, AckAlerting{}); },
       {{"caller", "st fo fo fo fo fo ok st ok ok --"},
        {"callee", "st -- -- ok ok ok fo st ok ok --"},
        {"other", "st ok ok ok ok ok fo st ok ok --"}}},
      {"silenced",
       [](World& w) { w.ring_two_devices(), w.must(bob, Silence{}); },
       {{"caller", "st fo fo fo fo fo ok st ok ok --"},
        {"callee", "st -- ok ok ok -- fo st ok ok --"},
        {"other", "st ok ok ok ok ok fo st ok ok --"}}},
      {"caller gone",
       [](World& w) { w.ring_two_devices(), w.offline(alice); },
       {{"caller", "st fo fo fo fo fo ok st ok ok ok"},
        {"callee", "st ok ok ok ok ok fo st ok ok --"},
        {"other", "st ok ok ok ok ok fo st ok ok --"}}},
      {"joining",
       [](World& w) { w.answer(); },
       {{"caller", "do fo fo fo fo fo do ok ok ok --"},
        {"callee", "do do do -- do do fo ok ok ok --"},
        {"other", "do do do do do do fo do do ok --"}}},
      {"answered from nowhere",
       [](World& w) { w.ring_two_devices(), w.must(bob_somewhere, Accept{}); },
       {{"caller", "do fo fo fo fo fo do ok ok ok --"},
        {"callee", "do do do ok do do fo ok ok ok ok"},
        {"other", "do do do ok do do fo ok ok ok ok"}}},
      {"caller joined",
       [](World& w) { w.answer(), w.must(alice, Join{}); },
       {{"caller", "do fo fo fo fo fo do -- ok ok --"},
        {"callee", "do do do -- do do fo ok ok ok --"},
        {"other", "do do do do do do fo do do ok --"}}},
      {"both joined",
       [](World& w) { w.talk(); },
       {{"caller", "do fo fo fo fo fo do -- ok ok --"},
        {"callee", "do do do -- do do fo -- ok ok --"},
        {"other", "do do do do do do fo do do ok --"}}},
      {"callee reconnecting",
       [](World& w) { w.talk(), w.offline(bob); },
       {{"caller", "do fo fo fo fo fo do -- ok ok --"},
        {"callee", "st do do -- do do fo ok ok ok ok"},
        {"other", "st do do do do do fo do ok ok --"}}},
      {"caller reconnecting",
       [](World& w) { w.talk(), w.offline(alice); },
       {{"caller", "st fo fo fo fo fo do ok ok ok ok"},
        {"callee", "do do do -- do do fo -- ok ok --"},
        {"other", "do do do do do do fo do do ok --"}}},
      {"caller alone",
       [](World& w) { w.talk(), w.must(bob, Leave{}); },
       {{"caller", "ok fo fo fo fo fo do -- ok ok --"},
        {"callee", "st do do st do do fo st do do --"},
        {"other", "st do do st do do fo st do do --"}}},
      {"callee alone",
       [](World& w) { w.talk(), w.must(alice, Leave{}); },
       {{"caller", "st fo fo fo fo fo do st do do --"},
        {"callee", "ok do do -- do do fo -- ok ok --"},
        {"other", "ok do do do do do fo do do ok --"}}},
      {"rung again",
       [](World& w) { w.talk(), w.must(bob, Leave{}), w.must(alice, Invite{bob.user}); },
       {{"caller", "do fo fo fo fo fo do -- ok ok --"},
        {"callee", "st ok ok ok ok ok fo st ok ok --"},
        {"other", "st ok ok ok ok ok fo st ok ok --"}}},
      {"declined",
       [](World& w) { w.ring_two_devices(), w.must(bob, Decline{}); },
       {{"caller", too_late}, {"callee", too_late}, {"other", too_late}}},
      {"cancelled",
       [](World& w) { w.ring_two_devices(), w.must(alice, CancelCall{}); },
       {{"caller", too_late}, {"callee", too_late}, {"other", too_late}}},
      {"unreachable",
       [](World& w) { w.ring_two_devices(), w.pass(60s); },
       {{"caller", too_late}, {"callee", too_late}, {"other", too_late}}},
      {"failed", [](World& w) { w.answer(), w.pass(30s); }, {{"caller", too_late}, {"callee", too_late}, {"other", too_late}}},
      {"hung up",
       [](World& w) { w.talk(), w.must(alice, EndCall{}); },
       {{"caller", too_late}, {"callee", too_late}, {"other", too_late}}},
  };
  return all;
}

Actor actor(std::string_view who) {
  if (who == "caller") return alice;
  if (who == "callee") return bob;
  return who == "other" ? bob_laptop : carol;
}

std::string short_answer(const Result<CallView>& result, bool something_happened) {
  if (result) return something_happened ? "ok" : "--";
  const std::map<ErrorCode, std::string> words = {{ErrorCode::invalid_state, "st"},
                                                  {ErrorCode::already_done, "do"},
                                                  {ErrorCode::forbidden, "fo"},
                                                  {ErrorCode::invalid_argument, "ar"},
                                                  {ErrorCode::stale_version, "sv"}};
  const auto found = words.find(result.error().code);
  return found == words.end() ? std::string(name(result.error().code)) : found->second;
}

CommandBody body_for(const CommandBody& body, const Actor& by) {
  if (std::holds_alternative<Invite>(body)) return Invite{by.user == alice.user ? bob.user : alice.user};
  return body;
}

/// Asks in a fresh world; checks that a refusal and a "nothing to do" change nothing, and that a change is whole.
std::string ask(const State& state, const Actor& by, const CommandBody& body, std::optional<Version> expected = {}) {
  World w;
  state.reach(w);
  const CallView before = w.call();
  w.news();
  const auto result = w.give({{"asked"}, by, the_call, body_for(body, by), expected});
  const Lines news = w.news();
  const CallView after = w.call();
  CHECK_MESSAGE(((after == before) == news.empty()), "news, or a change, without the other");
  CHECK(after.version.value == before.version.value + news.size());
  CHECK(inconsistency(after).value_or("consistent") == "consistent");
  if (result) CHECK(*result == after);
  return short_answer(result, !news.empty());
}

void check_row(const State& state, const Actor& by, const char* answers) {
  std::istringstream in(answers);
  for (const CommandBody& body : commands) {
    const std::string word(name(body));
    std::string stated;
    REQUIRE(static_cast<bool>(in >> stated));
    CAPTURE(word);
    CHECK(ask(state, by, body) == stated);
  }
}

}  // namespace

TEST_CASE("the table names every command of a member") {
  // The others are start_call (start_test), presence (below), the driver's two, and what rooms, roles and group calls add.
  constexpr std::size_t of_rooms_and_groups = 31;
  CHECK(commands.size() + 5 + of_rooms_and_groups == std::variant_size_v<CommandBody>);
}

TEST_CASE("every state, every member's command") {
  for (const State& state : states()) {
    CAPTURE(state.name);
    for (const Row& row : state.rows) {
      CAPTURE(row.who);
      check_row(state, actor(row.who), row.answers);
    }
  }
}

TEST_CASE("every state, every command: a stranger is told nothing but that") {
  for (const State& state : states()) {
    CAPTURE(state.name);
    check_row(state, carol, none_of_it);
  }
}

TEST_CASE("every state, every command: another version than the expected one is refused") {
  for (const State& state : states()) {
    CAPTURE(state.name);
    for (const CommandBody& body : commands) {
      const std::string word(name(body));
      CAPTURE(word);
      CHECK(ask(state, alice, body, Version(1)) == "sv");
      CHECK(ask(state, bob, body, Version(99)) == "sv");
      CHECK(ask(state, carol, body, Version(1)) == "fo");
      World w;
      state.reach(w);
      CHECK(ask(state, alice, body, w.call().version) == ask(state, alice, body));
    }
  }
}

TEST_CASE("no such call") {
  World w;
  for (const CommandBody& body : commands) {
    const std::string word(name(body));
    CAPTURE(word);
    CHECK(verdict(w.handle(alice, body_for(body, alice))) == "not_found call");
    CHECK(verdict(w.handle(alice, body_for(body, alice), {})) == "invalid_argument call");
  }
  CHECK(verdict(w.handle({}, TimerFired{})) == "not_found call");
  CHECK(verdict(w.handle({}, ServerStarted{})) == "not_found call");
}

TEST_CASE("every state: devices come and go, the server starts, an old timer fires") {
  const std::map<std::string, std::string> stated = {
      // alice/web on, off; bob/phone on, off; bob/laptop on, off; server_started; stale timer
      {"invited", "-- ok -- -- -- -- ok --"},
      {"alerting", "-- ok -- -- -- -- ok --"},
      {"silenced", "-- ok -- -- -- -- ok --"},
      {"caller gone", "ok -- -- -- -- -- -- --"},
      {"joining", "-- -- -- -- -- -- -- --"},
      {"answered from nowhere", "-- -- -- -- -- -- -- --"},
      {"caller joined", "-- ok -- -- -- -- ok --"},
      {"both joined", "-- ok -- ok -- -- ok --"},
      {"callee reconnecting", "-- ok ok -- -- -- ok --"},
      {"caller reconnecting", "ok -- -- ok -- -- ok --"},
      {"caller alone", "-- ok -- -- -- -- ok --"},
      {"callee alone", "-- -- -- ok -- -- ok --"},
      {"rung again", "-- ok -- -- -- -- ok --"},
      {"declined", "-- -- -- -- -- -- -- --"},
      {"cancelled", "-- -- -- -- -- -- -- --"},
      {"unreachable", "-- -- -- -- -- -- -- --"},
      {"failed", "-- -- -- -- -- -- -- --"},
      {"hung up", "-- -- -- -- -- -- -- --"},
  };
  CHECK(stated.size() == states().size());
  for (const State& state : states()) {
    CAPTURE(state.name);
    std::istringstream in(stated.at(state.name));
    const Deadline stale{Timer::ring, 2, UnixTime{} + 1ms};
    const std::vector<Command> asked = {{{}, alice, {}, DeviceOnline{}, {}},      {{}, alice, {}, DeviceOffline{}, {}},
                                        {{}, bob, {}, DeviceOnline{}, {}},        {{}, bob, {}, DeviceOffline{}, {}},
                                        {{}, bob_laptop, {}, DeviceOnline{}, {}}, {{}, bob_laptop, {}, DeviceOffline{}, {}},
                                        {{}, {}, the_call, ServerStarted{}, {}},  {{}, {}, the_call, TimerFired{stale}, {}}};
    for (const Command& command : asked) {
      World w;
      state.reach(w);
      w.news();
      const auto result = w.give(command);
      std::string answer;
      REQUIRE(static_cast<bool>(in >> answer));
      const std::string what = std::string(name(command.body)) + " " + command.by.device.str();
      CAPTURE(what);
      CHECK(short_answer(result, !w.news().empty()) == answer);
      CHECK(inconsistency(w.call()).value_or("consistent") == "consistent");
    }
  }
}

TEST_CASE("every state: every deadline that the call lists ends or moves when it fires, and only then") {
  for (const State& state : states()) {
    CAPTURE(state.name);
    World probe;
    state.reach(probe);
    for (const Deadline& due : probe.call().deadlines) {
      World w;
      state.reach(w);
      w.news();
      w.must({}, TimerFired{due});
      CHECK(w.news().empty());  // not due yet
      w.clock.advance_to(due.at);
      w.must({}, TimerFired{due});
      CHECK_FALSE(w.news().empty());
      const CallView after = w.call();
      CHECK(std::find(after.deadlines.begin(), after.deadlines.end(), due) == after.deadlines.end());
      w.must({}, TimerFired{due});  // race rule 11
      CHECK(w.news().empty());
      CHECK(inconsistency(after).value_or("consistent") == "consistent");
    }
  }
}
