#include "sim/play.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <queue>
#include <set>

#include "sim/cut.hpp"
#include "sim/people.hpp"
#include "sim/world.hpp"

namespace zegocall::sim {
namespace {

/// How the network behaves on this day; percent and milliseconds.
struct Weather {
  unsigned lost = 0, twice = 0, slow = 0;
  int delay_max = 200, slow_max = 20'000;
};

Weather any_weather(Random& random) {
  switch (random.below(5)) {
    case 0:
    case 1: return {};
    case 2:
    case 3: return {.lost = 3, .twice = 5, .slow = 5, .delay_max = 800};
    default: return {.lost = 15, .twice = 15, .slow = 20, .delay_max = 3000, .slow_max = 90'000};
  }
}

constexpr int spare_lines = 16;  // what one happening writes at most: a cut that takes every link at once

CallPolicy any_policy(Random& random) {
  using namespace std::chrono_literals;
  CallPolicy policy;
  if (random.chance(40)) return policy;
  policy.ring = milliseconds(random.between(5, 90) * 1000);
  policy.delivery = milliseconds(random.between(2, 20) * 1000);
  policy.join = milliseconds(random.between(5, 40) * 1000);
  policy.reconnect_grace = milliseconds(random.between(0, 40) * 1000);
  policy.alone = milliseconds(random.between(0, 90) * 1000);
  policy.restart_slack = milliseconds(random.between(0, 30) * 1000);
  policy.empty = policy.restart_slack + milliseconds(random.between(0, 60) * 1000);
  policy.lobby = milliseconds(random.between(30, 120) * 1000);
  policy.host_absent = milliseconds(random.between(0, 90) * 1000);
  if (random.chance(25)) policy.max_duration = milliseconds(random.between(60, 420) * 1000);
  if (random.chance(30)) policy.ending = milliseconds(random.between(1, 20) * 1000);
  if (random.chance(15)) policy.device_lease = milliseconds(random.between(10, 120) * 1000);
  if (random.chance(25)) policy.token_lifetime = milliseconds(random.between(120, 300) * 1000);
  policy.token_renew = milliseconds(random.between(10, 90) * 1000);
  policy.glare = random.chance(60) ? GlarePolicy::merge : GlarePolicy::busy;
  policy.ring_policy = static_cast<RingPolicy>(random.below(4));
  policy.busy = static_cast<BusyPolicy>(random.below(3));
  policy.decline = random.chance(70) ? DeclinePolicy::person : DeclinePolicy::device;
  policy.second_device = random.chance(50) ? SecondDevice::refuse : SecondDevice::replace;
  policy.one_screen = random.chance(70);
  policy.hold_own_call = random.chance(60);
  return policy;
}

void any_wishes(std::vector<Person>& people, Random& random) {
  for (Person& person : people) {
    person.quiet = random.chance(25);
    for (const Person& other : people)
      if (other.user != person.user && random.chance(20)) person.blocks.push_back(other.user);
  }
}

Setup any_setup(std::uint64_t seed, Random& random) {
  static const std::array<UserId, 5> users = {UserId("alice"), UserId("bob"), UserId("carol"), UserId("dave"), UserId("erin")};
  static const std::array<DeviceId, 3> devices = {DeviceId("web"), DeviceId("phone"), DeviceId("pad")};
  Setup setup;
  setup.seed = seed;
  setup.policy = any_policy(random);
  const auto count = static_cast<std::size_t>(random.between(2, 5));
  for (std::size_t i = 0; i < count; ++i) {
    const auto owned = static_cast<std::ptrdiff_t>(random.between(1, 3));
    setup.people.push_back({.user = users[i], .devices = {devices.begin(), devices.begin() + owned}});
  }
  // From dice of their own, so that the days without are what they were.
  Random wishes(~seed);
  if (wishes.chance(30)) any_wishes(setup.people, wishes);
  return setup;
}

class Play {
 public:
  Play(std::uint64_t seed, Stats& stats)
      : random_(seed),
        cuts_(seed ^ 0x637574u),
        setup_(any_setup(seed, random_)),
        weather_(any_weather(random_)),
        stats_(stats),
        world_(setup_, stats) {
    verdict_.script.setup = setup_;
    length_ = length();
    risk_ = random_.chance(60) ? static_cast<unsigned>(random_.between(1, 12)) : 0;
  }

  Verdict run() {
    try {
      begin();
      go_on();
      playing_ = false;
      world_.finish();
    } catch (const Broken& what) {
      verdict_.broken = what;
      note_time();
    }
    verdict_.digest = world_.ledger().digest();
    verdict_.steps_done = verdict_.script.steps.size();
    return std::move(verdict_);
  }

 private:
  /// A session of a person in a media room.
  struct Login {
    CallId call{};
    LoginId id{};
    UnixTime began{};
  };
  enum class Kind : std::uint8_t { line, frame, wish, retry, idea, luck, back, cut, give_up, heal };
  struct Happening {
    milliseconds at{};
    std::uint64_t order = 0;
    Kind kind{};
    std::size_t client = 0;
    Step step{};
    std::optional<CallEvent> event{};
    std::shared_ptr<const CallView> call{};  ///< as it was right after the event
    Wish wish{};
    int tries = 0;
    bool operator<(const Happening& other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  /// What broke after the last line, as time went by, is in no line; one that does nothing makes time go by again.
  void note_time() {
    auto& steps = verdict_.script.steps;
    if (playing_ && (steps.empty() || steps.back().at < world_.now()))
      steps.push_back({.at = world_.now(), .verb = Verb::catch_up});
  }

  std::size_t length() {
    const auto size = random_.below(100);
    if (size < 60) return static_cast<std::size_t>(random_.between(20, 100));
    if (size < 92) return static_cast<std::size_t>(random_.between(100, 220));
    return static_cast<std::size_t>(random_.between(220, steps_max - spare_lines));
  }

  void begin() {
    for (const Person& person : setup_.people)
      for (const DeviceId& device : person.devices) clients_.emplace_back(Actor{person.user, device}, random_.chance(80));
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (random_.chance(85)) plan(Kind::back, i, random_.between(0, 3000));
      plan(Kind::idea, i, random_.between(500, 30'000));
    }
    plan(Kind::luck, 0, random_.between(1000, 20'000));
    // From dice of its own, so that the days without are what they were.
    if (cuts_.chance(30)) plan(Kind::cut, 0, cuts_.between(5000, 90'000));
  }

  void go_on() {
    while (!queue_.empty() && verdict_.script.steps.size() < length_) {
      const Happening& next = queue_.top();
      if (const auto due = world_.next_deadline(); due && *due<next.at&& * due> world_.now()) {
        tell(world_.pass(*due));
        continue;
      }
      const Happening now = next;
      queue_.pop();
      happen(now);
    }
  }

  void happen(const Happening& what) {
    time_ = what.at;
    switch (what.kind) {
      case Kind::line: return arrive(what.step);
      case Kind::frame: return hear(what);
      case Kind::wish: return send(what.client, what.wish);
      case Kind::retry: return retry(what);
      case Kind::idea: return idea(what.client);
      case Kind::luck: return luck();
      case Kind::back: return come_back(what.client);
      case Kind::cut: return cut();
      case Kind::give_up: return give_up(what.client, what.tries);
      case Kind::heal: return heal();
    }
  }

  Happening& later(Kind kind, std::size_t client, std::int64_t in) {
    pending_ = {time_ + milliseconds(in), ++order_, kind, client, {}, {}, {}, {}, 0};
    return pending_;
  }
  void plan(Kind kind, std::size_t client, std::int64_t in) { queue_.push(later(kind, client, in)); }

  // ---- the network --------------------------------------------------------------------------------------------------

  std::int64_t delay() {
    return random_.chance(weather_.slow) ? random_.between(0, weather_.slow_max) : random_.between(1, weather_.delay_max);
  }
  /// A line reaches the server: late, twice, or not at all.
  void transmit(Step step) {
    if (random_.chance(weather_.lost)) return;
    for (int copies = random_.chance(weather_.twice) ? 2 : 1; copies > 0; --copies) {
      Happening& arrival = later(Kind::line, 0, delay());
      arrival.step = step;
      queue_.push(arrival);
    }
  }

  void arrive(const Step& step) {
    if (cut_.stops(step, time_)) return stats_.count("cut", "line held back");
    play(step);
  }

  void play(Step step) {
    if (!world_.is_up() && step.verb != Verb::start) return;
    if (step.verb == Verb::command || step.verb == Verb::connect) note(step);
    if (step.verb == Verb::command && writes_twice(step.command.body) && random_.chance(risk_ * 2))
      play({.verb = Verb::fail, .count = static_cast<std::uint32_t>(random_.between(2, 6)), .conflict = random_.chance(60)});
    step.at = time_;
    verdict_.script.steps.push_back(step);
    tell(world_.play(step));
  }
  /// Where half of a command could be left behind: the log, and what no event holds.
  static bool writes_twice(const CommandBody& body) {
    const auto* room = std::get_if<CreateRoom>(&body);
    return (room && room->passcode.value > 0) || std::holds_alternative<SetPasscode>(body) ||
           std::holds_alternative<AddJoinCode>(body);
  }
  void note(const Step& step) {
    if (step.verb == Verb::command && makes_a_call(step.command)) calls_.push_back(step.command.call);
    if (step.verb == Verb::command && random_.chance(10)) sent_.push_back(step.command);
  }

  /// What left the server goes to everybody whom it concerns and who is there to hear it.
  void tell(const News& news) {
    time_ = world_.now();
    for (const Reply& reply : news.replies)
      if (!random_.chance(weather_.lost) && !cut_.holds(reply.to)) answered_.insert(reply.command);
    for (const Decided& decided : news.decided) tell(decided);
    if (was_up_ && !world_.is_up()) went_down();
    was_up_ = world_.is_up();
  }
  void tell(const Decided& decided) {
    const auto call = std::make_shared<const CallView>(decided.after);
    if (call->is_room() && call->version.value == decided.events.size()) rooms_.push_back(call->id);
    for (const CallEvent& event : decided.events)
      if (const auto told = as_told(event, *call)) tell_members(call, *told);
  }
  void tell_members(const std::shared_ptr<const CallView>& call, const CallEvent& event) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!clients_[i].is_tidy() || !hears(*call, clients_[i].actor().user)) continue;
      const auto* ring = std::get_if<DeviceRing>(&event.body);
      const bool push = ring && ring->device.empty() && ring->user == clients_[i].actor().user;
      if (!clients_[i].connected && !push) continue;
      if (random_.chance(weather_.lost)) continue;
      Happening& frame = later(Kind::frame, i, delay());
      frame.event = event;
      frame.call = call;
      queue_.push(frame);
    }
  }
  static bool hears(const CallView& call, const UserId& user) {
    return call.has_member(user) ? knows_of(call, user) : !role_of(call, user).empty();
  }

  // ---- clients ------------------------------------------------------------------------------------------------------

  void hear(const Happening& frame) {
    Client& client = clients_[frame.client];
    if (cut_.holds(client.actor())) return;
    for (Wish& wish : client.hear(*frame.call, *frame.event, random_)) {
      Happening& wished = later(Kind::wish, frame.client, wish.in.count());
      wished.wish = std::move(wish);
      queue_.push(wished);
    }
    if (!client.connected && random_.chance(70)) plan(Kind::back, frame.client, random_.between(100, 4000));  // a push woke it
  }

  void send(std::size_t client, const Wish& wish) {
    if (std::holds_alternative<Join>(wish.body)) enter_media(client, wish.call);
    if (std::holds_alternative<Leave>(wish.body) || std::holds_alternative<EndCall>(wish.body)) leave_media(client);
    if (wish.token) return transmit({.verb = Verb::token, .command = {.by = clients_[client].actor(), .call = wish.call}});
    Command command{fresh_id(), clients_[client].actor(), wish.call, wish.body, {}};
    if (random_.chance(3)) command.by.device = DeviceId();  // by HTTP, from nowhere in particular
    send(client, command, 0);
  }
  /// Whoever comes to a room with a passcode knows it, knew it before it was changed, guesses, or forgets it; some have a
  /// join code.
  Step with_entry(const Command& command) {
    Step step{.verb = Verb::command, .command = command};
    const auto* known = world_.ledger().find(command.call);
    const bool comes = std::holds_alternative<Join>(command.body) || std::holds_alternative<Knock>(command.body) ||
                       std::holds_alternative<Accept>(command.body);
    if (!comes || !known || !known->view.room) return step;
    const RoomView& room = *known->view.room;
    if (room.passcode.value > 0) step.entry = knowledge(room.passcode);
    if (!room.codes.empty() && random_.chance(60)) step.entry.code = random_.pick(room.codes).id;
    step.entry.code_given = !step.entry.code.empty();
    return step;
  }
  EntryFacts knowledge(PasscodeStamp now) {
    const auto luck = random_.below(100);
    if (luck < 65) return {.passcode = PasscodeCheck::right, .stamp = now};
    if (luck < 75) return {.passcode = PasscodeCheck::right, .stamp = PasscodeStamp(now.value - 1)};
    if (luck < 88) return {.passcode = PasscodeCheck::wrong, .stamp = now};
    return {.passcode = luck < 92 ? PasscodeCheck::throttled : PasscodeCheck::none};
  }
  void send(std::size_t client, const Command& command, int tries) {
    Step step = with_entry(command);
    transmit(step);
    Happening& again = later(Kind::retry, client, 4000);
    again.step = std::move(step);
    again.tries = tries + 1;
    queue_.push(again);
  }
  void retry(const Happening& what) {
    if (answered_.contains(what.step.command.id) || what.tries > 3) return;
    transmit(what.step);
    Happening again = what;
    again.at = time_ + milliseconds(4000), again.order = ++order_, ++again.tries;
    queue_.push(again);
  }
  /// What the provider tells of it: late, twice, out of order, or never.
  void enter_media(std::size_t client, const CallId& call) {
    if (random_.chance(35)) return;
    media_[client] = {call, LoginId(std::string_view("l" + std::to_string(++logins_))), world_.wall()};
    tell_of_media(client, ProviderSaid::joined);
  }
  void leave_media(std::size_t client) {
    if (!media_.contains(client)) return;
    tell_of_media(client, ProviderSaid::left);
    media_.erase(client);
  }
  void tell_of_media(std::size_t client, ProviderSaid said) {
    const auto& [call, login, began] = media_.at(client);
    const UserId& user = clients_[client].actor().user;
    if (random_.chance(4))  // found by asking
      return transmit({.verb = Verb::command,
                       .command = {.call = call, .body = ProviderWord{said, user, login, world_.wall(), began, true}}});
    const bool comes = said == ProviderSaid::joined;
    auto& inside = in_room_[call];
    if (comes && inside.empty()) call_back(Tale::created, call, {}, {}, {});
    const milliseconds since = comes ? world_.now() : inside[login];
    call_back(comes ? Tale::login : Tale::logout, call, user, login.str(), since);
    if (comes)
      inside[login] = world_.now();
    else
      inside.erase(login);
    if (!comes && inside.empty()) call_back(Tale::closed, call, {}, {}, {});
  }
  /// The provider's word, late, twice, out of order, or never. A room that everybody left is a new one for who comes next.
  void call_back(Tale tale, const CallId& call, const UserId& user, const std::string& login, milliseconds since) {
    if (tale == Tale::created) ++sessions_[call];
    transmit(
        {.verb = Verb::callback,
         .callback = {tale, call, sessions_[call], user, login, tale == Tale::logout ? since : milliseconds{}, world_.now()}});
  }
  /// The operator, and a provider that says what nobody expects.
  void interfere() {
    if (calls_.empty()) return;
    const UserId& user = random_.pick(setup_.people).user;
    const auto what = random_.below(10);
    CommandBody body = AdminEnd{"bye", what == 0 ? EndCause::ended_by_admin : EndCause::server_shutdown};
    if (what == 2) body = ProviderWord{ProviderSaid::room_closed, {}, {}, world_.wall(), {}, false};
    if (what > 2)
      body = ProviderWord{random_.chance(60) ? ProviderSaid::joined : ProviderSaid::left, user, LoginId("l0"),
                          world_.wall() - milliseconds(random_.between(0, 90'000)),       {},   random_.chance(20)};
    play({.verb = Verb::command, .command = {.call = some_call(), .body = std::move(body)}});
  }
  CommandId fresh_id() { return CommandId(std::string_view("c" + std::to_string(++commands_))); }
  CallId fresh_call() { return CallId(std::string_view("k" + std::to_string(++call_numbers_))); }

  void idea(std::size_t index) {
    Client& client = clients_[index];
    if (client.is_tidy()) {
      if (client.connected)
        for (const Wish& wish : client.think(setup_.people, rooms_, fresh_call(), world_.wall(), random_)) send(index, wish);
    } else {
      press_a_button(index);
    }
    plan(Kind::idea, index, client.is_tidy() ? random_.between(3000, 60'000) : random_.between(300, 12'000));
  }
  /// Any command, about any call, with any expectation, sometimes one of before.
  void press_a_button(std::size_t index) {
    if (!sent_.empty() && random_.chance(12)) return transmit({.verb = Verb::command, .command = random_.pick(sent_)});
    Command command{fresh_id(), clients_[index].actor(), some_call(), any_command(setup_.people, world_.wall(), random_), {}};
    if (makes_a_call(command)) command.call = random_.chance(90) ? fresh_call() : some_call();
    if (random_.chance(10)) command.expected = Version(random_.below(12));
    if (random_.chance(5)) command.id = CommandId();
    if (random_.chance(8)) return transmit({.verb = Verb::token, .command = std::move(command)});
    transmit(with_entry(command));
  }
  static bool makes_a_call(const Command& command) {
    return std::holds_alternative<StartCall>(command.body) || std::holds_alternative<CreateRoom>(command.body);
  }
  CallId some_call() {
    if (calls_.empty()) return CallId("nowhere");
    return random_.chance(75) ? calls_.back() : random_.pick(calls_);
  }

  void come_back(std::size_t index) {
    clients_[index].connected = true;
    transmit({.verb = Verb::connect, .command = {.by = clients_[index].actor()}});
  }

  // ---- bad luck -----------------------------------------------------------------------------------------------------

  void luck() {
    plan(Kind::luck, 0, random_.between(500, 25'000));
    const auto what = random_.below(100);
    if (what < 33) return lose_link(random_.below(clients_.size()));
    if (what < 41) return group();
    if (what < 51) return lag();
    if (what < 58) return interfere();
    if (random_.chance(100 - risk_ * 4)) return;
    if (what < 70)
      return play({.verb = Verb::fail, .count = static_cast<std::uint32_t>(random_.below(12)), .conflict = random_.chance(40)});
    if (what < 90)
      return play({.verb = Verb::crash, .count = static_cast<std::uint32_t>(random_.below(14)), .after = random_.chance(50)});
    play({.verb = Verb::kill});
  }
  void lose_link(std::size_t index) {
    clients_[index].connected = false;
    if (random_.chance(60)) leave_media(index);
    if (random_.chance(80)) transmit({.verb = Verb::disconnect, .command = {.by = clients_[index].actor()}});
    if (random_.chance(85)) plan(Kind::back, index, random_.between(200, 70'000));
  }
  /// The next few lines come so close that they share one transaction.
  void group() {
    play({.verb = Verb::open});
    for (auto lines = random_.between(2, 6); lines > 0 && world_.is_up() && world_.in_group(); --lines) press_now();
    play({.verb = Verb::commit});
  }
  void press_now() {
    Command command{
        fresh_id(), random_.pick(clients_).actor(), some_call(), any_command(setup_.people, world_.wall(), random_), {}};
    if (makes_a_call(command)) command.call = fresh_call();
    if (!cut_.holds(command.by)) play({.verb = Verb::command, .command = std::move(command)});
  }
  void lag() {
    play({.verb = Verb::lag});
    Happening& end = later(Kind::line, 0, random_.between(500, 60'000));
    end.step = {.verb = Verb::catch_up};
    queue_.push(end);
  }
  void went_down() {
    for (std::size_t i = 0; i < clients_.size(); ++i) clients_[i].connected = false;
    Happening& start = later(Kind::line, 0, random_.between(50, random_.chance(80) ? 5000 : 120'000));
    start.step = {.verb = Verb::start};
    queue_.push(start);
    const milliseconds back = start.at - time_;
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (random_.chance(85)) plan(Kind::back, i, back.count() + random_.between(10, 20'000));
  }

  // ---- cuts ---------------------------------------------------------------------------------------------------------

  /// Some people, or the provider, or both, are cut off for a while. The server gives up the links of a cut all at once, or
  /// each when it has not answered for too long; a short one it may never notice.
  void cut() {
    plan(Kind::cut, 0, cuts_.between(40'000, 300'000));
    if (cut_.is_on()) return;
    const auto of = cuts_.below(10);
    cut_.begin(of < 8 ? some_peoples_devices() : std::vector<Actor>{}, of >= 6);
    stats_.count("cut", of < 6 ? "devices" : of < 8 ? "devices and provider" : "provider");
    plan(Kind::heal, 0, cuts_.chance(50) ? cuts_.between(300, 15'000) : cuts_.between(15'000, 150'000));
    const bool at_once = cuts_.chance(50);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!cut_.holds(clients_[i].actor())) continue;
      if (at_once)
        give_up(i, cut_.number());
      else
        later(Kind::give_up, i, cuts_.between(5000, 25'000)).tries = cut_.number(), queue_.push(pending_);
    }
  }
  std::vector<Actor> some_peoples_devices() {
    std::vector<Actor> out;
    for (const bool all : {false, true}) {
      for (const Person& person : setup_.people)
        if (all || cuts_.chance(55))
          for (const DeviceId& device : person.devices) out.push_back({person.user, device});
      if (out.size() > 1) return out;
      out.clear();
    }
    return out;
  }
  void give_up(std::size_t index, int number) {
    Client& client = clients_[index];
    if (number != cut_.number() || !cut_.holds(client.actor()) || !client.connected) return;
    client.connected = false;
    if (cuts_.chance(40)) leave_media(index);
    cut_.give_up(client.actor());
    stats_.count("cut", "link lost");
    play({.verb = Verb::disconnect, .command = {.by = client.actor()}});
  }
  /// Everything that waited arrives at once, and everybody comes back at once.
  void heal() {
    stats_.count("cut", cut_.given_up().empty() ? "healed unnoticed" : "healed");
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (among(cut_.given_up(), clients_[i].actor())) plan(Kind::back, i, cuts_.between(0, 2000));
    for (Step& step : cut_.heal(time_)) {
      Happening& arrival = later(Kind::line, 0, 0);
      arrival.step = std::move(step);
      queue_.push(arrival);
    }
  }
  static bool among(const std::vector<Actor>& list, const Actor& actor) {
    return std::find(list.begin(), list.end(), actor) != list.end();
  }

  Random random_, cuts_;
  Setup setup_;
  Weather weather_;
  Stats& stats_;
  World world_;
  Cut cut_{};
  Verdict verdict_{};
  std::size_t length_ = 0;
  unsigned risk_ = 0;
  std::vector<Client> clients_{};
  std::priority_queue<Happening> queue_{};
  Happening pending_{};
  milliseconds time_{};
  std::uint64_t order_ = 0;
  int commands_ = 0, call_numbers_ = 0;
  bool was_up_ = true, playing_ = true;
  std::vector<CallId> calls_{}, rooms_{};
  std::vector<Command> sent_{};
  std::set<CommandId> answered_{};
  std::map<std::size_t, Login> media_{};
  std::map<CallId, std::map<LoginId, milliseconds>> in_room_{};  ///< at the provider: since when
  std::map<CallId, std::uint64_t> sessions_{};
  int logins_ = 0;
};

}  // namespace

Verdict run_seed(std::uint64_t seed, Stats& stats) { return Play(seed, stats).run(); }

Verdict run_script(const Script& script, Stats& stats) {
  Verdict verdict{.script = script, .broken = {}};
  World world(script.setup, stats);
  try {
    for (const Step& step : script.steps) {
      ++verdict.steps_done;
      (void)world.play(step);
    }
    world.finish();
  } catch (const Broken& what) {
    verdict.broken = what;
  }
  verdict.digest = world.ledger().digest();
  return verdict;
}

}  // namespace zegocall::sim
