#include "call/product.hpp"

#include <functional>

namespace call_product {
namespace {

using namespace zegocall;
using namespace std::chrono_literals;

const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}}, bob_laptop{{"bob"}, {"laptop"}}, bob_nowhere{{"bob"}, {}},
    carol{{"carol"}, {"pad"}}, dave{{"dave"}, {"web"}};
const CallId the_call{"42"}, other_call{"43"};

/// One engine on the way into a situation.
class World {
 public:
  explicit World(const CallPolicy& policy) : engine(CallEngine::open(policy).value()) {}

  Result<CallView> give(const Actor& by, CommandBody body, const CallId& call = the_call) {
    auto result = engine.handle({{}, by, call, std::move(body), {}}, clock.now());
    while (engine.poll()) ++said;
    return result;
  }
  World& must(const Actor& by, CommandBody body, const CallId& call = the_call) {
    const std::string word(name(body));
    if (auto result = give(by, std::move(body), call); !result) refused += word + ": " + to_string(result.error()) + "; ";
    return *this;
  }
  World& online(const Actor& who) { return must(who, DeviceOnline{}, {}); }
  World& offline(const Actor& who) { return must(who, DeviceOffline{}, {}); }
  World& pass(std::chrono::milliseconds time) {
    const UnixTime until = clock.now().wall + time;
    while (engine.deadline() && *engine.deadline() <= until) {
      clock.advance_to(*engine.deadline());
      engine.on_deadline(clock.now());
    }
    clock.advance_to(until);
    while (engine.poll()) ++said;
    return *this;
  }
  World& ring() { return online(alice).online(bob).online(bob_laptop).must(alice, StartCall{.callees = {bob.user}}); }
  World& answer() { return ring().must(bob, Accept{}); }
  World& talk() { return answer().must(alice, Join{}).must(bob, Join{}); }
  World& room(RoomOverrides settings = {}) {
    if (!settings.type) settings.type = RoomType::anyone;
    if (!settings.lobby) settings.lobby = LobbyRule::off;
    online(alice).online(bob).online(bob_laptop);
    return must(alice, CreateRoom{.from = "meeting", .settings = std::move(settings)});
  }
  World& enter(const Actor& who) { return must(who, Join{}).must(who, Join{}); }
  World& meet(RoomOverrides settings = {}) { return room(std::move(settings)).enter(alice).enter(bob); }
  World& lobby() { return room({.lobby = LobbyRule::on}).enter(alice).must(bob, Join{}); }
  CallView call() const {
    auto found = engine.find(the_call);
    return found ? *std::move(found) : CallView{};
  }

  CallEngine engine;
  ManualClock clock;
  std::size_t said = 0;
  std::string refused;
};

struct Way {
  const char* name;
  std::function<void(World&)> reach;
  CallPolicy policy{};
};

const std::vector<Way>& ways() {
  static const CallPolicy slow_end{.ending = 10s}, group{.ring_policy = RingPolicy::all_may_join},
      waits{.busy = BusyPolicy::wait};
  static const std::vector<Way> all = {
      {"ring: invited", [](World& w) { w.ring(); }},
      {"ring: alerting", [](World& w) { w.ring().must(bob, AckAlerting{}); }},
      {"ring: silenced on the phone", [](World& w) { w.ring().must(bob, Silence{}); }},
      {"ring: caller gone", [](World& w) { w.ring().offline(alice); }},
      {"ring: two people rung, nobody answered",
       [](World& w) {
         w.online(bob).must(alice, StartCall{.callees = {bob.user, dave.user}});
       },
       group},
      {"ring: two people rung, the other one in",
       [](World& w) {
         w.online(bob).must(alice, StartCall{.callees = {bob.user, dave.user}}).must(dave, Accept{}).must(dave, Join{});
       },
       group},
      {"ring: as a second call",
       [](World& w) {
         w.online(bob).must(dave, StartCall{.callees = {bob.user}}, other_call).must(bob, Accept{}, other_call);
         w.must(bob, Join{}, other_call).must(alice, StartCall{.callees = {bob.user}});
       },
       waits},
      {"call: answered, both on the way", [](World& w) { w.answer(); }},
      {"call: answered from nowhere", [](World& w) { w.ring().must(bob_nowhere, Accept{}); }},
      {"call: caller in", [](World& w) { w.answer().must(alice, Join{}); }},
      {"call: both in", [](World& w) { w.talk(); }},
      {"call: bob on hold", [](World& w) { w.talk().must(bob, Hold{}); }},
      {"call: bob in grace", [](World& w) { w.talk().offline(bob); }},
      {"call: alice in grace", [](World& w) { w.talk().offline(alice); }},
      {"call: alice alone", [](World& w) { w.talk().must(bob, Leave{}); }},
      {"call: bob alone", [](World& w) { w.talk().must(alice, Leave{}); }},
      {"call: bob rung again", [](World& w) { w.talk().must(bob, Leave{}).must(alice, Invite{bob.user}); }},
      {"call: ending", [](World& w) { w.talk().must(alice, EndCall{}); }, slow_end},
      {"ended: declined", [](World& w) { w.ring().must(bob, Decline{}); }},
      {"ended: cancelled", [](World& w) { w.ring().must(alice, CancelCall{}); }},
      {"ended: unreachable", [](World& w) { w.ring().pass(60s); }},
      {"ended: hung up", [](World& w) { w.talk().must(alice, EndCall{}); }},
      {"room: nobody in yet", [](World& w) { w.room(); }},
      {"room: host on the way", [](World& w) { w.room().must(alice, Join{}); }},
      {"room: host in", [](World& w) { w.room().enter(alice); }},
      {"room: bob on the way", [](World& w) { w.room().enter(alice).must(bob, Join{}); }},
      {"room: both in", [](World& w) { w.meet(); }},
      {"room: bob in grace", [](World& w) { w.meet().offline(bob); }},
      {"room: host in grace", [](World& w) { w.meet().offline(alice); }},
      {"room: host left", [](World& w) { w.meet({.host_policy = HostPolicy::wait}).must(alice, Leave{}); }},
      {"room: bob in the lobby", [](World& w) { w.lobby(); }},
      {"room: bob let in", [](World& w) { w.lobby().must(alice, Admit{bob.user}); }},
      {"room: bob denied",
       [](World& w) {
         w.lobby().must(alice, Deny{bob.user, {}});
       }},
      {"room: bob invited and rung", [](World& w) { w.room().enter(alice).must(alice, Invite{bob.user}); }},
      {"room: bob cohost",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("cohost")});
       }},
      {"room: bob guest",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("guest")});
       }},
      {"room: bob raised the hand", [](World& w) { w.meet().must(bob, RequestRole{}); }},
      {"room: bob muted by force", [](World& w) { w.meet().must(alice, Mute{.user = bob.user, .mode = MuteMode::force}); }},
      {"room: bob kicked",
       [](World& w) {
         w.meet().must(alice, Kick{bob.user, {}});
       }},
      {"room: bob banned",
       [](World& w) {
         w.meet().must(alice, Kick{bob.user, 0ms});
       }},
      {"room: locked", [](World& w) { w.room().enter(alice).must(alice, Lock{}); }},
      {"room: locked with bob in it", [](World& w) { w.meet().must(alice, Lock{}); }},
      {"room: full", [](World& w) { w.room({.capacity = 1}).enter(alice); }},
      {"room: with a passcode", [](World& w) { w.room().enter(alice).must(alice, SetPasscode{PasscodeStamp(1)}); }},
      {"room: for invited people only", [](World& w) { w.room({.type = RoomType::invited_only}).enter(alice); }},
      {"room: private", [](World& w) { w.room({.type = RoomType::private_room}).enter(alice); }},
      {"room: recorded", [](World& w) { w.meet().must(alice, SetRecording{true}); }},
      {"room: asked to be recorded",
       [](World& w) { w.meet({.consent = RecordingConsent::ask}).must(alice, SetRecording{true}); }},
      {"room: ending", [](World& w) { w.meet().must(alice, EndCall{}); }, slow_end},
      {"room: ended", [](World& w) { w.meet().must(alice, EndCall{}).pass(60s); }},
  };
  return all;
}

/// A command as somebody would give it who means the other one.
template <std::size_t I>
CommandBody body_of(const UserId& other) {
  CommandBody body(std::in_place_index<I>);
  std::visit(
      [&](auto& b) {
        if constexpr (requires { b.user = other; }) b.user = other;
        if constexpr (requires { b.to = other; }) b.to = dave.user;
        if constexpr (requires { b.callees; }) b.callees = {other};
        if constexpr (requires { b.audio = true; }) b.audio = true;
        if constexpr (requires { b.capacity = 5; }) b.capacity = 5;
        if constexpr (requires { b.text = ""; }) b.text = "agenda";
        if constexpr (requires { b.key = ""; }) b.key = "slide", b.value = "7";
        if constexpr (requires { b.role = RoleName(); }) b.role = RoleName("speaker");
        if constexpr (requires { b.code.uses_left; }) b.code = {JoinCodeId("c1"), RoleName("guest"), 1, UnixTime::max()};
        if constexpr (requires { b.code.view(); }) b.code = JoinCodeId("c1");
        if constexpr (requires { b.on = true; }) b.on = true;
        if constexpr (requires { b.given = true; }) b.given = true;
        if constexpr (requires { b.passcode.value; }) b.passcode = PasscodeStamp(7);
        if constexpr (std::is_same_v<std::decay_t<decltype(b)>, Invite>) b.user = dave.user, b.role = RoleName();
      },
      body);
  return body;
}

/// Those of people; the driver's own are walked below.
template <std::size_t I = 0>
void all_commands(const UserId& other, std::vector<CommandBody>& out) {
  if constexpr (I < std::variant_size_v<CommandBody>) {
    using Body = std::variant_alternative_t<I, CommandBody>;
    constexpr bool of_driver = std::is_same_v<Body, TimerFired> || std::is_same_v<Body, ServerStarted> ||
                               std::is_same_v<Body, ProviderWord> || std::is_same_v<Body, AdminEnd>;
    if constexpr (!of_driver) out.push_back(body_of<I>(other));
    all_commands<I + 1>(other, out);
  }
}

bool is_of_devices(const CommandBody& body) {
  return std::holds_alternative<DeviceOnline>(body) || std::holds_alternative<DeviceOffline>(body);
}
bool makes_a_call(const CommandBody& body) {
  return std::holds_alternative<StartCall>(body) || std::holds_alternative<CreateRoom>(body);
}

class Walk {
 public:
  Product run() {
    for (const Way& way : ways()) {
      Situation situation{way.name, {}};
      for (const Asker& asker : askers()) ask_all(way, asker.actor, situation);
      ask_driver(way);
      product_.situations.push_back(std::move(situation));
    }
    return std::move(product_);
  }

 private:
  void ask_all(const Way& way, const Actor& by, Situation& situation) {
    std::vector<CommandBody> bodies;
    all_commands(by.user == alice.user ? bob.user : alice.user, bodies);
    situation.answers.resize(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      situation.answers[i].first = name(bodies[i]);
      situation.answers[i].second.push_back(ask(way, by, bodies[i]));
    }
  }

  /// In a fresh world: what is told, and that a refusal changes nothing.
  std::string ask(const Way& way, const Actor& by, const CommandBody& body) {
    World w(way.policy);
    way.reach(w);
    const std::string word(name(body));
    if (!w.refused.empty()) wrong(way, word, "is not reached: " + w.refused);
    const CallView before = w.call();
    w.said = 0;
    const CallId call = is_of_devices(body) ? CallId() : makes_a_call(body) ? CallId("new") : the_call;
    const auto result = w.give(by, body, call);
    look(way, word, before, w);
    if (!result && w.said > 0) wrong(way, word, "is refused, and something happens");
    if (!result) return std::string(name(result.error().code));
    return w.said > 0 ? "**done**" : "nothing";
  }
  void ask_driver(const Way& way) {
    World probe(way.policy);
    way.reach(probe);
    for (const Deadline& due : probe.call().deadlines) {
      World w(way.policy);
      way.reach(w);
      const CallView before = w.call();
      w.clock.advance_to(due.at);
      (void)w.give({}, TimerFired{due});
      look(way, std::string(name(due.timer)) + " runs out", before, w);
    }
    World w(way.policy);
    way.reach(w);
    const CallView before = w.call();
    (void)w.give({}, ServerStarted{});
    look(way, "server_started", before, w);
  }

  void look(const Way& way, const std::string& what, const CallView& before, const World& w) {
    ++product_.pairs;
    const CallView after = w.call();
    if (auto why = inconsistency(after)) wrong(way, what, *why);
    if (before.state != after.state)
      product_.calls[{std::string(name(before.state)), std::string(name(after.state))}].insert(what);
    for (const LegView& leg : after.legs) {
      const bool is_new = leg.number > before.legs.size();
      const std::string from = is_new ? "[*]" : std::string(name(before.legs[leg.number - 1].state));
      if (from != name(leg.state)) product_.legs[{from, std::string(name(leg.state))}].insert(what);
    }
  }
  void wrong(const Way& way, const std::string& what, const std::string& why) {
    product_.wrong.push_back(std::string(way.name) + ", " + what + ": " + why);
  }

  Product product_{};
};

std::string diagram(const Transitions& transitions) {
  std::string out = "```mermaid\nstateDiagram-v2\n";
  for (const auto& [ends, causes] : transitions) {
    out += "  " + ends.first + " --> " + ends.second + ": ";
    for (const std::string& cause : causes) out += (cause == *causes.begin() ? "" : ", ") + cause;
    out += "\n";
  }
  return out + "```\n";
}

/// Commands that are answered alike share a row.
std::string table(const Situation& situation) {
  std::map<std::vector<std::string>, std::string> rows;
  std::vector<const std::vector<std::string>*> order;
  for (const auto& [command, answers] : situation.answers) {
    const auto [row, is_new] = rows.try_emplace(answers);
    if (is_new) order.push_back(&row->first);
    row->second += (row->second.empty() ? "`" : ", `") + command + "`";
  }
  std::string out = "### " + situation.name + "\n\n| command |";
  for (const Asker& asker : askers()) out += " " + std::string(asker.word) + " |";
  out += "\n|---|";
  for (std::size_t i = 0; i < askers().size(); ++i) out += "---|";
  for (const auto* answers : order) {
    out += "\n| " + rows.at(*answers) + " |";
    for (const std::string& answer : *answers) out += " " + answer + " |";
  }
  return out + "\n\n";
}

}  // namespace

const std::vector<Asker>& askers() {
  static const std::vector<Asker> all = {{"alice (called, or made the room)", alice},
                                         {"bob's phone", bob},
                                         {"bob's laptop", bob_laptop},
                                         {"carol, a stranger", carol}};
  return all;
}

Product walk() { return Walk().run(); }

std::string page(const Product& product) {
  std::string out =
      "# Every situation, every command\n\n"
      "Generated: `build/dev/bin/call_model_page docs/call-model-table.md` asks the rules themselves, in a fresh world for each "
      "pair.\n"
      "A test fails when this page is stale. What the words mean is in [call-model.md](call-model.md). **done**: something "
      "happened;\n"
      "nothing: there was nothing to do; everything else is the refusal, and it changes nothing.\n\n";
  out += std::to_string(product.situations.size()) + " situations, " + std::to_string(product.pairs) + " pairs.\n\n";
  out += "## How a call goes from state to state\n\n" + diagram(product.calls);
  out += "\n## How a leg goes from state to state\n\n" + diagram(product.legs) + "\n## The product\n\n";
  for (const Situation& situation : product.situations) out += table(situation);
  out.pop_back();
  return out;
}

}  // namespace call_product
