// Rings of every kind, pressed at random: I1-I6 and I13 hold, every call ends, and nobody who is blocked or does not want
// to be disturbed can be told from somebody who cannot be reached (I18).
#include "call/table.hpp"
#include "support/rapidcheck.hpp"

using namespace call_test;

namespace rings_at_random {

namespace {

struct Press {
  int what = 0, who = 0, other = 0, third = 0, call = 0, seconds = 0;
};
void showValue(const Press& p, std::ostream& out) {
  out << "{" << p.what << "," << p.who << "," << p.other << "," << p.third << "," << p.call << "," << p.seconds << "}";
}

const UserId people[] = {{"alice"}, {"bob"}, {"carol"}, {"dave"}};
constexpr RingPolicy policies[] = {RingPolicy::first_answer, RingPolicy::all_may_join, RingPolicy::all_must_answer,
                                   RingPolicy::hunt};

rc::Gen<std::vector<Press>> scripts(int calls) {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::resize(
      120, rc::gen::container<std::vector<Press>>(rc::gen::build<Press>(
               set(&Press::what, inRange(0, 19)), set(&Press::who, inRange(0, 8)), set(&Press::other, inRange(0, 4)),
               set(&Press::third, inRange(0, 4)), set(&Press::call, inRange(0, calls)), set(&Press::seconds, inRange(0, 40)))));
}

CommandBody body_of(const Press& p) {
  const UserId& other = people[p.other];
  switch (p.what) {
    case 3: return Decline{.busy = p.seconds > 30};
    case 4: return Silence{};
    case 5: return CancelCall{};
    case 6:
    case 7: return Join{};
    case 8: return Leave{};
    case 9: return EndCall{};
    case 10: return Invite{other};
    case 11: return CancelInvite{other};
    case 12: return Hold{};
    case 13: return Resume{};
    case 14: return Transfer{other};
    case 15: return SwitchDevice{};
    case 16: return SetMedia{.audio = p.seconds > 20, .screen = p.third > 1};
    default: return Accept{};
  }
}

/// Table looks after every step: consistent calls (I2-I5, I9, I10), refusals that change nothing, one seat for each.
class Game {
 public:
  explicit Game(CallPolicy policy) : table(policy) {}

  void play(const Press& p) {
    const Actor by{people[p.who % 4], DeviceId(p.who < 4 ? std::string_view("a") : std::string_view("b"))};
    const CallId newest(std::string_view("c" + std::to_string(made_ - std::min(made_, p.call))));
    if (p.what == 0) return start(p, by);
    if (p.what == 1) return talk(p, by);
    if (p.what == 17) return (void)table.handle(by, p.seconds > 20 ? CommandBody(DeviceOnline{}) : DeviceOffline{}, {});
    if (p.what == 18) return table.pass(std::chrono::seconds(p.seconds));
    (void)table.handle(by, body_of(p), newest);
  }
  void let_it_end() {
    for (const UserId& user : people)
      for (const char* device : {"a", "b"}) (void)table.handle({user, DeviceId(std::string_view(device))}, DeviceOffline{}, {});
    table.pass(3h);
    for (const auto& [id, call] : table.calls()) RC_ASSERT(call.state == CallState::ended);
  }

  Table table;

 private:
  /// A start that is answered and entered at once: so that much happens in calls, too.
  void talk(const Press& p, const Actor& by) {
    const int before = made_;
    start({.other = p.other, .third = p.other, .seconds = 0}, by);
    const CallId id(std::string_view("c" + std::to_string(made_)));
    const Actor other{people[p.other], by.device};
    if (made_ == before || !table.handle(other, Accept{}, id)) return;
    (void)table.handle(other, Join{}, id);
    (void)table.handle(by, Join{}, id);
  }
  void start(const Press& p, const Actor& by) {
    StartCall body{.callees = {people[p.other]}, .policy = policies[p.seconds % 4]};
    if (p.third != p.other) body.callees.push_back(people[p.third]);
    if (table.handle(by, body, CallId(std::string_view("c" + std::to_string(made_ + 1))))) ++made_;
  }
  int made_ = 0;
};

/// I6: of the people whom a start rang at most one joined, where the first answer takes the call.
void check_first_answer(const Table& table) {
  for (const auto& [id, call] : table.calls()) {
    if (call.policy.ring_policy != RingPolicy::first_answer && call.policy.ring_policy != RingPolicy::hunt) continue;
    std::set<std::uint32_t> rung, joined;
    for (const CallEvent& event : table.log(id)) {
      if (const auto* invited = std::get_if<LegInvited>(&event.body); invited && invited->by.empty()) rung.insert(invited->leg);
      if (const auto* in = std::get_if<LegJoined>(&event.body); in && rung.contains(in->leg)) joined.insert(in->leg);
    }
    RC_ASSERT(joined.size() <= 1);
  }
}

/// What the caller may see of all calls: everything but why a ring was not heard.
std::string seen_by_caller(const Table& table) {
  std::string all;
  for (const auto& [id, call] : table.calls()) {
    const auto view = snapshot(call, {}, UserId("alice"), std::nullopt);
    if (!view) continue;
    const CallView& v = *view->whole;
    all += id.str() + " v" + std::to_string(v.version.value) + " " + ending(v);
    for (const LegView& leg : v.legs) {
      all += " " + leg.user.str() + " " + outcome(leg) + (leg.hidden || leg.blocked ? " HIDDEN" : "") +
             (leg.second ? " second" : "");
      if (leg.final_at) all += " " + iso8601(*leg.final_at);
    }
    for (const Deadline& d : v.deadlines) all += " " + std::string(name(d.timer)) + iso8601(d.at);
    all += "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("whatever people do with rings, the invariants hold and every call ends") {
  std::set<std::string> seen;
  check_property("rings", [&] {
    const CallPolicy policy{.glare = *rc::gen::element(GlarePolicy::merge, GlarePolicy::busy),
                            .busy = *rc::gen::element(BusyPolicy::reject, BusyPolicy::wait, BusyPolicy::allow),
                            .decline = *rc::gen::element(DeclinePolicy::person, DeclinePolicy::device),
                            .hold_own_call = *rc::gen::arbitrary<bool>()};
    Game game(policy);
    if (*rc::gen::arbitrary<bool>()) game.table.quiet = {people[1]};
    if (*rc::gen::arbitrary<bool>()) game.table.blocked = {{people[2], people[0]}};
    for (const Press& press : *scripts(3)) game.play(press);
    game.let_it_end();
    check_first_answer(game.table);
    for (const auto& [id, call] : game.table.calls()) {
      seen.insert(ending(call));
      for (const LegView& leg : call.legs) seen.insert(outcome(leg));
    }
  });
  for (const std::string word :
       {"glare_merged", "superseded", "blocked", "dnd", "transferred", "busy", "declined", "cancelled"}) {
    CAPTURE(word);
    CHECK(seen.contains(word));
  }
}

TEST_CASE("I18: the caller sees the same of somebody who blocks, is not to be disturbed, or cannot be reached") {
  check_property("hidden rings", [] {
    // bob is the one: offline in the first table, with devices on line but hidden in the others. Only alice acts, and carol.
    Game plain({}), quiet({}), blocking({});
    for (Game* hidden : {&quiet, &blocking}) hidden->table.online(bob);
    quiet.table.quiet = {people[1]};
    blocking.table.blocked = {{people[1], people[0]}};
    for (Press press : *scripts(2)) {
      if (press.what == 1) press.what = 0;      // bob answers nobody
      if (press.who % 4 == 1) press.what = 17;  // he only comes and goes, where nobody rings him
      if (press.who % 4 == 3 || (press.who % 4 == 2 && (press.what == 0 || press.what == 10 || press.what == 14))) press.who = 0;
      for (Game* game : {&plain, &quiet, &blocking})
        if (game != &plain || press.who % 4 != 1) game->play(press);
      RC_ASSERT(seen_by_caller(quiet.table) == seen_by_caller(plain.table));
      RC_ASSERT(seen_by_caller(blocking.table) == seen_by_caller(plain.table));
    }
  });
}

TEST_CASE("I18 also in the events that a member may ask for") {
  Table w;
  w.blocked = {{bob.user, alice.user}};
  w.ring({bob.user});
  w.pass(60s);
  const auto got = snapshot(w.call(), w.log(the_call), alice.user, Version(0));
  REQUIRE(got);
  for (const CallEvent& event : got->events) {
    if (const auto* invited = std::get_if<LegInvited>(&event.body)) CHECK_FALSE((invited->hidden || invited->blocked));
    if (const auto* over = std::get_if<LegFinal>(&event.body)) CHECK(over->outcome == LegOutcome::unreachable);
  }
  CHECK(got->events.size() == w.log().size());
}

}  // namespace rings_at_random
