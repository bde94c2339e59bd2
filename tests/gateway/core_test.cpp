// The gateway without a hub: who hears what, in virtual time, with a voice that writes everything down.
#include <doctest/doctest.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "service/failing_store.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::gateway_detail;
using namespace std::chrono_literals;

namespace {

struct Script final : Voice {
  std::vector<std::string> lines;  // "bob incoming_call {...}" to a person, "#sid ..." to a socket
  LiveCalls model;
  void to_user(const UserId& user, std::string_view word, ArgsView args) override {
    lines.push_back(user.str() + " " + std::string(word) + " " + std::string(args.text()));
  }
  void to_connection(const ConnectionId& connection, std::string_view word, ArgsView args) override {
    lines.push_back("#" + connection.str() + " " + std::string(word) + " " + std::string(args.text()));
  }
  void to_loops(const CallId& call, std::shared_ptr<const LiveCall> live) override {
    if (live)
      model.insert_or_assign(call, live);
    else
      model.erase(call);
  }
};

Dialect dialect() {
  return {
      .hear = {{"accept", "0.callId", command<Accept>}, {"end", "0.callId", command<EndCall>}},
      .relay = {{"offer", "0.callId", "0.to", "from"}, {"answer", "0.callId", "0.to", "from", RelayEffect::joins}},
      .say = {say<DeviceRing>("ring", To::subject, [](const DeviceRing&, const CallView&) { return Args{}; }),
              say<LegAccepted>("accepted", To::others, [](const LegAccepted& e, const CallView&) { return Args{e.user}; }),
              say<DeviceDismiss>("dismiss", To::subject,
                                 [](const DeviceDismiss& e, const CallView&) { return Args{name(e.outcome)}; }),
              say<CallActive>("active", To::others, [](const CallActive&, const Told& told) { return Args{told.by.user}; }),
              say<CallEnded>("ended", To::others,
                             [](const CallEnded& e, const CallView&) -> std::optional<Args> {
                               if (e.outcome == CallOutcome::declined) return std::nullopt;
                               return Args{name(e.outcome)};
                             }),
              say<LegReconnecting>("lost", To::caller, [](const LegReconnecting&, const CallView&) { return Args{}; }),
              say<LegResumed>("back", To::callees, [](const LegResumed&, const CallView&) { return Args{}; })},
      .refusal = [](const Error& e) { return Args{e.detail}; },
      .done = [](const CallView& c) { return Args{name(c.state)}; },
  };
}

const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}}, laptop{{"bob"}, {"laptop"}}, carol{{"carol"}, {"pad"}};

struct Stage {
  ManualClock clock;
  CountingBytes bytes;
  std::unique_ptr<Store> memory = make_memory_store();
  test::FailingStore store{*memory};
  CallService calls{store, bytes, {.policy = {.ring = 30s}}};
  Script script;
  std::vector<std::pair<std::string, bool>> presence;
  std::unique_ptr<Core> core;

  explicit Stage(Dialect words = dialect()) {
    words.presence = [this](const UserId& user, bool online, Now) { presence.emplace_back(user.str(), online); };
    core = std::make_unique<Core>(calls, words, script);
  }
  void connect(std::string sid, Actor who) { core->connected(ConnectionId(sid), who, clock.now()); }
  void disconnect(std::string sid, Actor who) { core->disconnected(ConnectionId(sid), who, clock.now()); }
  Result<CallView> run(Actor by, CommandBody body, CallId call = {}) {
    return core->handle({.by = by, .call = call, .body = std::move(body)}, clock.now());
  }
  CallId ring() { return run(alice, StartCall{{bob.user}}).value().id; }
  std::vector<std::string> heard() { return std::exchange(script.lines, {}); }
  Result<Args> say_relay(std::size_t word, Actor by, const std::string& json) {
    const Json value = Json::parse(json).value();
    const Args args{value};
    const Relay& relay = core->dialect().relay[word];
    auto quick = Core::quick(relay, by.user, args, script.model);
    if (!quick) return core->relay(relay, by, args, clock.now());
    if (!*quick) return unexpected(quick->error());
    script.to_user((*quick)->first, relay.word, (*quick)->second);
    return Args{"quick"};
  }
  void settle() {
    for (int n = 0; n < 1000 && core->deadline() && *core->deadline() <= clock.now().wall; ++n) core->on_deadline(clock.now());
  }
};

std::string to(const CallId& call, std::string_view user, std::string_view more = "") {
  return "{\"callId\":\"" + call.str() + "\",\"to\":\"" + std::string(user) + "\"" + std::string(more) + "}";
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a ring reaches each device's socket once, and counts as delivered") {
  Stage s;
  s.connect("b1", bob), s.connect("b2", laptop), s.connect("a1", alice);
  const CallId call = s.ring();
  CHECK(s.heard() == Lines{"#b1 ring ", "#b2 ring "});
  CHECK(s.calls.find(call).value().live_leg_of(bob.user)->delivered);
  s.clock.advance(30s);
  s.settle();
  CHECK(s.calls.find(call).value().outcome == CallOutcome::no_answer);
  CHECK(s.script.model.empty());
}

TEST_CASE("without a socket nothing is delivered") {
  Stage s;
  const CallId call = s.ring();
  CHECK(s.heard().empty());
  s.clock.advance(30s);
  s.settle();
  CHECK(s.calls.find(call).value().outcome == CallOutcome::unreachable);
}

TEST_CASE("who accepts is told to the other person; the own other device is dismissed, the acting one hears nothing") {
  Stage s;
  s.connect("b1", bob), s.connect("b2", laptop), s.connect("a1", alice);
  const CallId call = s.ring();
  s.heard();
  const Hear& accept = s.core->dialect().hear[0];
  auto ack = s.core->hear(accept, bob, Args{JsonObject{{"callId", call}}}, s.clock.now());
  REQUIRE(ack);
  CHECK(ack->text() == "\"ringing\"");
  auto lines = s.heard();
  CHECK(std::count(lines.begin(), lines.end(), "alice accepted \"bob\"") == 1);
  CHECK(std::count(lines.begin(), lines.end(), "#b2 dismiss \"answered_elsewhere\"") == 1);
  CHECK(std::none_of(lines.begin(), lines.end(), [](const std::string& l) { return l.starts_with("bob "); }));
  CHECK(s.core->hear(accept, bob, Args{JsonObject{{"callId", call}}}, s.clock.now()));
  CHECK(s.heard().empty());  // a repeat is silent
  CHECK(s.core->hear(accept, laptop, Args{JsonObject{{"callId", call}}}, s.clock.now()).error().code == ErrorCode::already_done);
}

TEST_CASE("I18: who does not want to be disturbed, or blocks the caller, hears nothing at all; the caller hears of nobody") {
  for (const bool blocked : {false, true}) {
    CAPTURE(blocked);
    Stage s;
    REQUIRE(s.memory->begin());
    if (blocked)
      REQUIRE(s.memory->block({bob.user, alice.user, s.clock.now().wall}));
    else
      REQUIRE(s.memory->keep_settings({bob.user, true, std::nullopt}));
    REQUIRE(s.memory->commit());
    s.connect("a1", alice);
    s.connect("b1", bob);
    const CallId call = s.run(alice, StartCall{{bob.user}})->id;
    const Args offer = Args{JsonObject{{"callId", call}, {"to", bob.user}}};
    const Relay& word = s.core->dialect().relay.at(0);
    CHECK_FALSE(Core::quick(word, alice.user, offer, s.script.model));
    CHECK(s.core->relay(word, alice, offer, s.clock.now()));
    const Args back = Args{JsonObject{{"callId", call}, {"to", alice.user}}};
    CHECK(Core::quick(word, bob.user, back, s.script.model)->error().code == ErrorCode::forbidden);
    CHECK(s.core->relay(word, bob, back, s.clock.now()).error().code == ErrorCode::forbidden);
    s.connect("b2", laptop);
    s.clock.advance(30s);
    s.core->on_deadline(s.clock.now());
    std::string heard;
    for (const std::string& line : s.script.lines) heard += line + "\n";
    CHECK(heard == "alice ended \"unreachable\"\n");
  }
}

TEST_CASE("the caller hears once that somebody is not reached, and of who blocks the same (I18)") {
  enum class Case { offline, two_deaf_devices, dnd, blocked };
  for (const Case which : {Case::offline, Case::two_deaf_devices, Case::dnd, Case::blocked}) {
    CAPTURE(static_cast<int>(which));
    Dialect words;
    words.say = {say<DeviceRing>("rings", To::caller, [](const DeviceRing& e, const CallView&) {
      return Args{e.user, e.device, static_cast<std::int64_t>(e.attempt)};
    })};
    Stage s(words);
    REQUIRE(s.memory->begin());
    if (which == Case::dnd) REQUIRE(s.memory->keep_settings({bob.user, true, std::nullopt}));
    if (which == Case::blocked) REQUIRE(s.memory->block({bob.user, alice.user, s.clock.now().wall}));
    REQUIRE(s.memory->commit());
    if (which == Case::two_deaf_devices)
      for (const Actor& device : {bob, laptop}) REQUIRE(s.calls.handle({.by = device, .body = DeviceOnline{}}, s.clock.now()));
    s.ring();
    CHECK(s.heard() == Lines{"alice rings \"bob\",\"\",1"});
    s.clock.advance(10s);
    s.settle();
    CHECK(s.heard() == Lines{"alice rings \"bob\",\"\",2"});
    s.clock.advance(10s);
    s.settle();
    CHECK(s.heard().empty());
  }
}

TEST_CASE("a new missed call is told to the person who missed it, after it is in their list") {
  Dialect words;
  Stage* stage = nullptr;
  words.missed = {"missed", [&](const MissedCall& one) -> std::optional<Args> {
                    CHECK(stage->memory->missed(one.user, {}).value().items == std::vector<MissedCall>{one});
                    return Args{one.call, name(one.outcome)};
                  }};
  Stage s(words);
  stage = &s;
  s.connect("a1", alice), s.connect("b1", bob);
  const CallId call = s.ring();
  s.clock.advance(30s);
  s.settle();
  CHECK(s.heard() == Lines{"bob missed \"" + call.str() + "\",\"no_answer\""});
  REQUIRE(s.run(bob, Decline{}, s.ring()));
  CHECK(s.heard().empty());
}

TEST_CASE("a bad word is refused with its field and changes nothing") {
  Stage s;
  const Hear& accept = s.core->dialect().hear[0];
  CHECK(s.core->hear(accept, bob, Args{}, s.clock.now()).error().field == "0.callId");
  CHECK(s.core->hear(accept, bob, Args{nullptr}, s.clock.now()).error().field == "0");
  CHECK(s.core->hear(accept, bob, Args{JsonObject{{"callId", 7}}}, s.clock.now()).error().code == ErrorCode::mistyped_field);
  CHECK(s.core->hear(accept, bob, Args{JsonObject{{"callId", "none"}}}, s.clock.now()).error().code == ErrorCode::not_found);
  CHECK(s.heard().empty());
}

TEST_CASE("a relay goes between the two only, untouched, with the sender's id") {
  Stage s;
  s.connect("b1", bob), s.connect("a1", alice), s.connect("c1", carol);
  const CallId call = s.ring();
  s.heard();
  CHECK(s.say_relay(0, alice, to(call, "bob", ",\"from\":\"carol\",\"n\":1.50"))->text() == "\"quick\"");
  CHECK(s.heard() == Lines{"bob offer {\"from\":\"alice\",\"callId\":\"" + call.str() + "\",\"to\":\"bob\",\"n\":1.50}"});
  CHECK(s.say_relay(0, alice, " { \"to\" : \"bob\" , \"callId\":\"" + call.str() + "\" } "));
  CHECK(s.heard() == Lines{"bob offer {\"from\":\"alice\", \"to\" : \"bob\" , \"callId\":\"" + call.str() + "\" }"});
  CHECK(s.say_relay(0, carol, to(call, "bob")).error().code == ErrorCode::forbidden);
  CHECK(s.say_relay(0, alice, to(call, "carol")).error().code == ErrorCode::forbidden);
  CHECK(s.say_relay(0, alice, to(call, "alice")).error().code == ErrorCode::forbidden);
  CHECK(s.say_relay(0, alice, "{}").error().field == "0.callId");
  CHECK(s.say_relay(0, alice, "null").error().code == ErrorCode::mistyped_field);
  CHECK(s.say_relay(0, alice, to(CallId{"other"}, "bob")).error().code == ErrorCode::not_found);
  const std::string big(relay_bytes_max - to(call, "bob", ",\"x\":\"\"").size(), 'x');
  CHECK(s.say_relay(0, alice, to(call, "bob", ",\"x\":\"" + big + "\"")));
  CHECK(s.say_relay(0, alice, to(call, "bob", ",\"x\":\"x" + big + "\"")).error().code == ErrorCode::payload_too_large);
  CHECK(s.run(alice, EndCall{}, call));
  s.heard();
  CHECK(s.say_relay(0, alice, to(call, "bob")).error().code == ErrorCode::forbidden);
  CHECK(s.heard().empty());
}

TEST_CASE("a relay that the loop does not know asks the service, which tells the loop") {
  Stage s;
  const CallId call = s.ring();
  s.script.model.clear();
  CHECK(s.say_relay(0, alice, to(call, "bob"))->empty());
  CHECK(s.say_relay(0, alice, to(call, "bob"))->text() == "\"quick\"");
}

TEST_CASE("the first answer joins both, once") {
  Stage s;
  s.connect("b1", bob), s.connect("a1", alice);
  const CallId call = s.ring();
  CHECK(s.say_relay(1, alice, to(call, "bob"))->text() == "\"quick\"");  // not answered yet: only relayed
  CHECK(s.calls.find(call).value().state == CallState::ringing);
  CHECK(s.run(bob, Accept{}, call));
  s.heard();
  CHECK(s.say_relay(1, bob, to(call, "alice")));
  CHECK(s.calls.find(call).value().state == CallState::active);
  for (const LegView& leg : s.calls.find(call).value().legs) CHECK(leg.state == LegState::joined);
  CHECK(s.heard() ==
        Lines{"alice active \"bob\"", "alice answer {\"from\":\"bob\",\"callId\":\"" + call.str() + "\",\"to\":\"alice\"}"});
  CHECK(s.say_relay(1, bob, to(call, "alice"))->text() == "\"quick\"");
}

TEST_CASE("a leg without a device is bound by its person's first word, and the others are dismissed then") {
  Stage s;
  s.connect("b1", bob), s.connect("b2", laptop), s.connect("a1", alice);
  const CallId call = s.ring();
  CHECK(s.run({bob.user, {}}, Accept{}, call));
  auto before = s.heard();
  CHECK(std::none_of(before.begin(), before.end(), [](const std::string& l) { return l.find("dismiss") != l.npos; }));
  CHECK(s.say_relay(0, laptop, to(call, "alice")));
  auto after = s.heard();
  CHECK(std::count(after.begin(), after.end(), "#b1 dismiss \"answered_elsewhere\"") == 1);
  CHECK(s.calls.find(call).value().live_leg_of(bob.user)->device == laptop.device);
  CHECK(s.say_relay(0, laptop, to(call, "alice"))->text() == "\"quick\"");
}

TEST_CASE("who names no device and has one connected declines on it; accepting binds nothing, so that a new socket may go on") {
  Stage s;
  s.connect("b1", bob), s.connect("a1", alice);
  const Actor nowhere{bob.user, {}};
  CallId call = s.ring();
  CHECK(s.run(nowhere, Decline{}, call)->legs.at(1).devices.at(0).outcome == DeviceOutcome::declined_here);
  call = s.ring();
  CHECK(s.run(nowhere, Accept{}, call));
  CHECK(s.core->join_all(call, nowhere, s.clock.now()));
  s.disconnect("b1", bob);
  s.connect("b2", laptop);
  s.clock.advance(1min);  // longer than the grace
  s.settle();
  CHECK(s.calls.find(call).value().state == CallState::active);
  CHECK(s.calls.find(call).value().live_leg_of(bob.user));
  CHECK(s.run(nowhere, EndCall{}, call));
  SUBCASE("with two connected it is neither") {
    s.connect("b3", bob);
    call = s.ring();
    const CallView declined = s.run(nowhere, Decline{}, call).value();
    for (const DeviceView& device : declined.legs.at(1).devices) CHECK(device.outcome == DeviceOutcome::declined_elsewhere);
  }
  SUBCASE("a leg that another device holds is left to it") {
    call = s.ring();
    CHECK(s.run(bob, Accept{}, call));
    CHECK(s.run(nowhere, EndCall{}, call)->state == CallState::ended);
  }
}

TEST_CASE("who connects while being rung is rung on that socket only") {
  Stage s;
  s.connect("b1", bob), s.connect("a1", alice);
  const CallId call = s.ring();
  s.heard();
  s.connect("b2", laptop);
  CHECK(s.heard() == Lines{"#b2 ring "});
  s.connect("b3", bob);  // the same device again: a second socket of the tab
  CHECK(s.heard() == Lines{"#b3 ring "});
  s.disconnect("b2", laptop);
  s.connect("b4", laptop);
  CHECK(s.heard() == Lines{"#b4 ring "});
  CHECK(s.run(bob, Accept{}, call));
  s.heard();
  s.connect("b5", laptop);
  CHECK(s.heard().empty());
}

TEST_CASE("the last socket of a device takes it off line, and coming back ends the grace") {
  Stage s;
  s.connect("b1", bob), s.connect("b2", bob), s.connect("a1", alice);
  const CallId call = s.ring();
  CHECK(s.run(bob, Accept{}, call));
  CHECK(s.core->join_all(call, bob, s.clock.now()));
  s.heard();
  s.disconnect("b1", bob);
  CHECK(s.heard().empty());
  s.disconnect("b2", bob);
  CHECK(s.heard() == Lines{"alice lost "});
  s.connect("b3", bob);
  CHECK(s.heard() == Lines{"bob back "});
  CHECK(s.presence == std::vector<std::pair<std::string, bool>>{{"bob", true}, {"alice", true}, {"bob", false}, {"bob", true}});
  s.disconnect("b3", bob);
  s.disconnect("b3", bob);  // twice is once
  s.clock.advance(5min);    // the grace
  s.settle();
  CHECK(s.calls.find(call).value().live_leg_of(bob.user) == nullptr);
  s.clock.advance(5min);  // alone
  s.settle();
  CHECK(s.calls.find(call).value().state == CallState::ended);
}

TEST_CASE("a refused answer is not said where the dialect says nothing") {
  Stage s;
  const CallId call = s.ring();
  CHECK(s.run(bob, Decline{}, call));
  CHECK(s.heard().empty());
}

TEST_CASE("presence that could not be committed is told again") {
  Stage s;
  REQUIRE(s.core->open_group());
  s.connect("b1", bob);
  s.store.only("commit");
  s.store.fail_at(0);
  CHECK_FALSE(s.core->commit_group());
  CHECK_FALSE(s.calls.is_online(bob));
  REQUIRE(s.core->deadline());
  s.clock.advance(1s);
  REQUIRE(s.core->open_group());
  s.core->on_deadline(s.clock.now());
  CHECK(s.core->commit_group());
  CHECK(s.calls.is_online(bob));
  CHECK_FALSE(s.core->deadline());
  SUBCASE("also outside a group, also when it goes") {
    s.store.fail_at(0);
    s.disconnect("b1", bob);
    CHECK(s.calls.is_online(bob));
    s.clock.advance(1s);
    s.settle();
    CHECK_FALSE(s.calls.is_online(bob));
  }
}

TEST_CASE("every store operation may fail: words are only said of what was committed") {
  for (int n = 0;; ++n) {
    CAPTURE(n);
    Stage s;
    s.store.fail_at(n);
    s.connect("b1", bob), s.connect("a1", alice);
    auto call = s.run(alice, StartCall{{bob.user}});
    if (call) {
      CHECK(s.memory->call(call->id).value());
      const bool accepted = s.run(bob, Accept{}, call->id).has_value();
      CHECK(s.memory->call(call->id).value()->answered_at.has_value() == accepted);
    } else {
      CHECK(s.memory->calls({}).value().total == 0);
      CHECK(s.heard().empty());
    }
    if (!s.store.failed()) break;
  }
}

TEST_CASE("a socket that named no device comes back as another one, and takes the leg in grace over") {
  Stage s;
  const Actor first{bob.user, session_device({"b1"})}, second{bob.user, session_device({"b2"})};
  s.connect("a1", alice), s.connect("b1", first);
  const CallId call = s.ring();
  REQUIRE(s.run(first, Accept{}, call));
  REQUIRE(s.run(alice, Join{}, call));
  REQUIRE(s.run(first, Join{}, call));
  s.disconnect("b1", first);
  CHECK(s.calls.find(call)->live_leg_of(bob.user)->state == LegState::reconnecting);
  s.connect("b2", second);
  const CallView back = s.calls.find(call).value();
  CHECK(back.live_leg_of(bob.user)->state == LegState::joined);
  CHECK(back.live_leg_of(bob.user)->device == second.device);
  s.clock.advance(10min);
  s.settle();
  CHECK(s.calls.find(call)->state == CallState::active);
  s.disconnect("b2", second);  // and it holds the leg now
  CHECK(s.calls.find(call)->live_leg_of(bob.user)->state == LegState::reconnecting);
}

TEST_CASE("who may not act any more does nothing, by whatever way; their devices go all the same") {
  Dialect words = dialect();
  bool gone = false;
  words.may_act = [&gone](const UserId& user) -> Result<void> {
    if (gone && user == alice.user) return fail(ErrorCode::unauthenticated, "no such account");
    return {};
  };
  Stage s(std::move(words));
  s.connect("a1", alice), s.connect("b1", bob);
  const CallId call = s.ring();
  gone = true;
  const Version before = s.calls.find(call).value().version;
  CHECK(s.run(alice, EndCall{}, call).error().code == ErrorCode::unauthenticated);
  CHECK(s.run(carol, StartCall{{alice.user}}).error().code == ErrorCode::busy);  // the others are not asked about
  const Json named = Json::parse(to(call, "bob")).value();
  CHECK(s.core->hear(s.core->dialect().hear[1], alice, Args{named}, s.clock.now()).error().code == ErrorCode::unauthenticated);
  CHECK(s.calls.find(call).value().version == before);
  s.disconnect("a1", alice);
  CHECK_FALSE(s.calls.is_online(alice.user));
  CHECK(s.run(bob, Decline{}, call));
}
