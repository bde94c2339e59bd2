#include "call/product.hpp"

#include "call/product_world.hpp"

namespace call_product {
namespace {

/// A command, and how the page calls it.
struct Wish {
  std::string word;
  CommandBody body;
};

/// A command as somebody would give it who means the other one.
template <std::size_t I>
CommandBody body_of(const UserId& other, const World& w) {
  CommandBody body(std::in_place_index<I>);
  const CallView call = w.call();
  const UnixTime soon = w.clock.now().wall + 1h;
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
        if constexpr (requires { b.code.uses_left; }) b.code = {JoinCodeId("c1"), RoleName("guest"), 1, soon};
        if constexpr (requires { b.code.view(); }) b.code = JoinCodeId("c1");
        if constexpr (requires { b.on = true; }) b.on = true;
        if constexpr (requires { b.given = true; }) b.given = true;
        if constexpr (requires { b.passcode.value; }) b.passcode = PasscodeStamp(7);
        if constexpr (std::is_same_v<std::decay_t<decltype(b)>, Invite>) b.user = dave.user, b.role = RoleName();
        if constexpr (std::is_same_v<std::decay_t<decltype(b)>, SetLobby>)
          b.lobby = call.room_view().settings.lobby == LobbyRule::off ? LobbyRule::on : LobbyRule::off;
      },
      body);
  return body;
}

template <class Body>
constexpr bool of_driver = std::is_same_v<Body, TimerFired> || std::is_same_v<Body, ServerStarted> ||
                           std::is_same_v<Body, ProviderWord> || std::is_same_v<Body, AdminEnd>;

template <std::size_t I = 0>
void plain_wishes(const UserId& other, const World& w, std::vector<Wish>& out) {
  if constexpr (I < std::variant_size_v<CommandBody>) {
    if constexpr (!of_driver<std::variant_alternative_t<I, CommandBody>>) {
      CommandBody body = body_of<I>(other, w);
      std::string word(name(body));
      out.push_back({std::move(word), std::move(body)});
    }
    plain_wishes<I + 1>(other, w, out);
  }
}

/// Those of people, and the forms in which a command asks for something else.
std::vector<Wish> wishes(const UserId& other, const World& w) {
  std::vector<Wish> out;
  plain_wishes(other, w, out);
  const UserId& nobody_else = dave.user;
  for (Wish& form : std::vector<Wish>{{"decline, busy", Decline{.busy = true}},
                                      {"invite without a ring", Invite{nobody_else, {}, false}},
                                      {"deny and ban", Deny{other, 0ms}},
                                      {"kick and ban", Kick{other, 0ms}},
                                      {"ban of somebody who is not in", Kick{nobody_else, 1h}},
                                      {"set_role host", SetRole{other, RoleName("host")}},
                                      {"set_role of somebody who is not in", SetRole{nobody_else, RoleName("guest")}},
                                      {"lower_hand, the own one", LowerHand{}},
                                      {"mute by force", Mute{.user = other, .mode = MuteMode::force}},
                                      {"mute, lifted", Mute{.user = other, .mode = MuteMode::lift}},
                                      {"mute everybody", Mute{.mode = MuteMode::force}},
                                      {"set_passcode, none", SetPasscode{}},
                                      {"set_recording off", SetRecording{false}},
                                      {"consent, refused", Consent{false}},
                                      {"set_media, screen", SetMedia{.screen = true}},
                                      {"set_media, nothing", SetMedia{false, false, false}}})
    out.push_back(std::move(form));
  return out;
}

/// What the driver may say of a call, beside its clocks.
std::vector<Wish> driver_says(const World& w) {
  const UnixTime now = w.clock.now().wall;
  std::vector<Wish> out;
  for (const ProviderSaid said : {ProviderSaid::joined, ProviderSaid::left})
    for (const UserId& user : {alice.user, bob.user, carol.user})
      out.push_back({"provider_event " + user.str() + " " + std::string(name(said)),
                     ProviderWord{.said = said, .user = user, .login = LoginId("l2"), .at = now}});
  out.push_back({"provider_event bob left, a session of long ago",
                 ProviderWord{.said = ProviderSaid::left, .user = bob.user, .login = LoginId("l0"), .at = now - 1h}});
  out.push_back({"provider_event room_closed", ProviderWord{.said = ProviderSaid::room_closed, .at = now}});
  out.push_back({"server_started", ServerStarted{}});
  out.push_back({"admin_end", AdminEnd{}});
  out.push_back({"admin_end server_shutdown", AdminEnd{{}, EndCause::server_shutdown}});
  return out;
}

bool is_of_devices(const CommandBody& body) {
  return std::holds_alternative<DeviceOnline>(body) || std::holds_alternative<DeviceOffline>(body);
}
bool makes_a_call(const CommandBody& body) {
  return std::holds_alternative<StartCall>(body) || std::holds_alternative<CreateRoom>(body);
}

/// The events one after the other, as people read them.
std::string told(const std::vector<CallEvent>& events) {
  std::string out;
  for (const CallEvent& event : events) {
    const std::string line = to_string(event);
    out += (out.empty() ? "" : ", ") + line.substr(line.find(' ') + 1);
    if (event.call != the_call) out += " (call " + event.call.str() + ")";
  }
  return out.empty() ? "nothing" : out;
}

class Walk {
 public:
  Product run() {
    for (const Way& way : ways()) {
      Situation situation{way.name, {}, {}};
      World probe = reached(way);
      if (!probe.refused.empty()) wrong(way, "the situation", "is not reached: " + probe.refused);
      meet(probe.call());
      for (const Asker& asker : askers()) ask_all(way, asker.actor, situation);
      ask_driver(way, situation);
      product_.situations.push_back(std::move(situation));
    }
    for (const std::string& word : never_met(product_)) product_.wrong.push_back("no situation meets " + word);
    return std::move(product_);
  }

 private:
  struct Before {
    CallView here, other;
  };
  static World reached(const Way& way) {
    World w(way.policy);
    way.reach(w);
    w.said.clear();
    return w;
  }
  static Before before(const World& w) { return {w.call(), w.call(other_call)}; }

  void ask_all(const Way& way, const Actor& by, Situation& situation) {
    const std::vector<Wish> all = wishes(by.user == alice.user ? bob.user : alice.user, reached(way));
    situation.answers.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      situation.answers[i].first = all[i].word;
      situation.answers[i].second.push_back(ask(way, by, all[i]));
    }
  }

  /// In a fresh world: what is told, and that a refusal changes nothing.
  std::string ask(const Way& way, const Actor& by, const Wish& wish) {
    World w = reached(way);
    const Before was = before(w);
    const CallId call = is_of_devices(wish.body) ? CallId() : makes_a_call(wish.body) ? new_call : the_call;
    const auto result = w.give(by, wish.body, call);
    look(way, std::string(name(wish.body)), was, w);
    if (!result && !(w.said.empty() && w.call() == was.here)) wrong(way, wish.word, "is refused, and something happens");
    check_laws(way, by, wish, was.here, w);
    if (!result) return std::string(name(result.error().code));
    return w.said.empty() ? "nothing" : "**done**";
  }

  /// What holds of every answer, whatever the rules say.
  void check_laws(const Way& way, const Actor& by, const Wish& wish, const CallView& was, const World& w) {
    const bool about_it = !is_of_devices(wish.body) && !makes_a_call(wish.body);
    const bool changed = w.call().version != was.version;
    if (was.state == CallState::ended && changed) wrong(way, wish.word, "changes a call that has ended (I1)");
    if (by.user == carol.user && !was.is_room() && about_it && changed) wrong(way, wish.word, "a stranger changes a call (I16)");
    const bool door = std::holds_alternative<Join>(wish.body) || std::holds_alternative<Knock>(wish.body);
    if (by.user == carol.user && was.is_room() && about_it && !door && changed)
      wrong(way, wish.word, "a stranger changes a room from outside (I16)");
  }

  void ask_driver(const Way& way, Situation& situation) {
    for (const Deadline& due : reached(way).call().deadlines) {
      std::string word = std::string(name(due.timer)) + " runs out";
      World w = reached(way);
      const Before was = before(w);
      w.clock.advance_to(due.at);
      const std::string whose = due.leg == 0 ? "" : " (" + was.here.legs[due.leg - 1].user.str() + ")";
      situation.driver.push_back({word + whose, say(way, word, TimerFired{due}, was, w)});
      if (w.call() == was.here) wrong(way, word, "and nothing comes of it: the call would wait for ever");
      w.said.clear();
      (void)w.give({}, TimerFired{due});
      for (const CallEvent& event : w.said)
        if (event.call == the_call) wrong(way, word, "a second time (race rule 11)");
    }
    for (const Wish& wish : driver_says(reached(way))) {
      World w = reached(way);
      const Before was = before(w);
      const std::string word = std::holds_alternative<ProviderWord>(wish.body)
                                   ? "provider: " + std::string(name(std::get<ProviderWord>(wish.body).said))
                                   : std::string(name(wish.body));
      situation.driver.push_back({wish.word, say(way, word, wish.body, was, w)});
    }
  }
  std::string say(const Way& way, const std::string& word, const CommandBody& body, const Before& was, World& w) {
    const auto result = w.give({}, body);
    look(way, word, was, w);
    if (result) return told(w.said);
    if (w.call() != was.here) wrong(way, word, "is refused, and something happens");
    return std::string(name(result.error().code));
  }

  void look(const Way& way, const std::string& what, const Before& was, const World& w) {
    ++product_.pairs;
    compare(way, what, was.here, w.call());
    compare(way, what, was.other, w.call(other_call));
    if (const CallView fresh = w.call(new_call); fresh.version.value > 0) compare(way, what, CallView{}, fresh);
  }
  void compare(const Way& way, const std::string& what, const CallView& was, const CallView& is) {
    if (is.version.value == 0) return;
    if (auto why = inconsistency(is)) wrong(way, what, *why);
    meet(is);
    const std::string from = was.version.value == 0 ? "[*]" : std::string(name(was.state));
    if (from != name(is.state)) product_.calls[{from, std::string(name(is.state))}].insert(what);
    for (const LegView& leg : is.legs) {
      const bool is_new = leg.number > was.legs.size();
      const std::string state = is_new ? "[*]" : std::string(name(was.legs[leg.number - 1].state));
      if (state != name(leg.state)) product_.legs[{state, std::string(name(leg.state))}].insert(what);
    }
  }
  /// Which words of the vocabulary this call shows.
  void meet(const CallView& call) {
    auto& words = product_.words;
    if (call.outcome) words.insert("call outcome " + std::string(name(*call.outcome)));
    if (call.end_cause) words.insert("end cause " + std::string(name(*call.end_cause)));
    for (const LegView& leg : call.legs) {
      if (leg.outcome) words.insert("leg outcome " + std::string(name(*leg.outcome)));
      for (const DeviceView& device : leg.devices)
        if (device.outcome) words.insert("device outcome " + std::string(name(*device.outcome)));
    }
    for (const Deadline& due : call.deadlines) {
      words.insert("timer " + std::string(name(due.timer)));
      if (due.leg != 0) product_.clocks[std::string(name(call.legs[due.leg - 1].state))].insert(std::string(name(due.timer)));
    }
  }
  void wrong(const Way& way, const std::string& what, const std::string& why) {
    product_.wrong.push_back(std::string(way.name) + ", " + what + ": " + why);
  }

  Product product_{};
};

}  // namespace

const std::vector<Asker>& askers() {
  static const std::vector<Asker> all = {{"alice (called, or made the room)", alice},
                                         {"bob's phone", bob},
                                         {"bob's laptop", bob_laptop},
                                         {"carol, a stranger", carol}};
  return all;
}

Product walk() { return Walk().run(); }

}  // namespace call_product
