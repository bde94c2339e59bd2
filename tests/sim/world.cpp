#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include "base/planted_fault.hpp"
#include "sim/races.hpp"
#include "sim/wishes.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/token.hpp"

namespace zegocall::sim {
namespace {

constexpr int turns_at_once_max = 2000;   // of clocks that are due at one instant
constexpr std::chrono::seconds slack{3};  // a store that failed rests for a second
constexpr std::chrono::minutes answers_kept{10};

/// Predictable and without state: nothing here is secret, and worlds run on several threads.
class SameBytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override { std::fill(out.begin(), out.end(), std::byte{7}); }
};

const Keyring& keys() {
  static const Keyring made = Keyring::of(AppId(1), Secret("0123456789abcdef0123456789abcdef")).value();
  return made;
}
const TokenMinter& minter() {
  static SameBytes bytes;
  static const TokenMinter made(keys(), bytes);
  return made;
}

/// Hashes and digests are the door's; what is in them does not matter here, but that they are written does. Two codes of one
/// text are there so that somebody may ask for it.
CommandExtras extras_of(const Command& command, const EntryFacts& entry) {
  CommandExtras extras{.entry = entry};
  const auto* room = std::get_if<CreateRoom>(&command.body);
  const auto* changed = std::get_if<SetPasscode>(&command.body);
  if ((room && room->passcode.value > 0) || (changed && changed->passcode.value > 0)) extras.passcode_hash = "a hash";
  if (const auto* added = std::get_if<AddJoinCode>(&command.body))
    extras.join_code_digest = "digest-" + added->code.id.str() + "-" + std::to_string(added->code.uses_left);
  return extras;
}

bool is_store_failure(ErrorCode code) { return code == ErrorCode::store_unavailable || code == ErrorCode::conflict; }

}  // namespace

std::unique_ptr<Store> World::make_store() { return make_memory_store(); }

World::World(Setup setup, Stats& stats) : setup_(std::move(setup)), stats_(stats), ledger_(*disk_, setup_, stats) {
  keep_wishes(setup_, *disk_);
  start();
}

// ---- the process ----------------------------------------------------------------------------------------------------

void World::start() {
  if (service_) die();
  store_.recover();
  service_ = std::make_unique<CallService>(
      store_, bytes_,
      CallServiceOptions{
          .policy = setup_.policy, .answers_kept = answers_kept, .tokens = &minter(), .app = AppId(1), .missed = missed_rules});
  fresh_ = true;
  lagging_ = false;
  well_since_ = clock_.now().wall;
  stats_.count("server", "start");
}

void World::die() {
  service_.reset();
  provider_.forget();
  store_.recover();
  in_group_ = false;
  held_.clear();
  online_.clear();
  stats_.count("server", "death");
}

/// One turn: work that may be cut short by a death, then a look at what stands in the store.
template <class Work>
void World::turn(Work work) {
  turn_.now = clock_.now().wall;
  turn_.started = fresh_;
  turn_.facts = Facts{.online = online_, .policy = setup_.policy};
  std::vector<Reply> replies;
  try {
    replies = work();
  } catch (const ProcessDied&) {
    turn_.died = true;
    die();
  }
  if (!in_group_) settle(std::move(replies));
}

/// After a commit or a death: what is there, was it told rightly, is it right?
void World::settle(std::vector<Reply> replies) {
  auto decided = service_ ? service_->take() : std::vector<Decided>{};
  ledger_.absorb(turn_);
  if (!turn_.died) check_told(decided);
  for (const Reply& reply : replies) check_reply(reply);
  turn_ = {};
  std::move(replies.begin(), replies.end(), std::back_inserter(news_.replies));
  std::move(decided.begin(), decided.end(), std::back_inserter(news_.decided));
}

// ---- time -----------------------------------------------------------------------------------------------------------

std::optional<milliseconds> World::next_deadline() {
  const auto next = disk_->next_deadline().value();
  if (!next) return std::nullopt;
  return *next - began_;
}

News World::pass(milliseconds until) {
  const UnixTime target = began_ + until;
  if (in_group_ && target > clock_.now().wall) commit();
  for (int turns = 0; service_ && !lagging_ && !in_group_; ++turns) {
    if (turns == turns_at_once_max) broken("I10", "the clocks do not come to rest");
    std::optional<UnixTime> due;
    turn([&]() -> std::vector<Reply> { return due = service_->deadline(), std::vector<Reply>{}; });
    if (!service_) break;
    const auto parked = provider_.deadline();
    const bool calls_first = due && (!parked || *due <= *parked);
    const auto next = calls_first ? due : parked;
    if (!next || *next > target) break;
    clock_.advance_to(*next);
    if (calls_first)
      fire();
    else
      tell(provider_.pass(clock_.now().wall));
  }
  clock_.advance_to(target);
  return std::exchange(news_, {});
}

void World::fire() {
  const auto failures = store_.failures_seen();
  turn([&]() -> std::vector<Reply> { return service_->on_deadline(clock_.now()), std::vector<Reply>{}; });
  if (service_ && store_.failures_seen() == failures && std::exchange(fresh_, false)) check_restart();
  check_on_time();
}

/// I15: after a start nobody counts as in until they show themselves, and everybody gets the time to come back.
void World::check_restart() {
  for (const auto& [id, record] : ledger_.calls()) {
    if (record.reading.ended() || record.view.created_at == clock_.now().wall) continue;
    require(record.reading.in(Reading::Place::in) == 0, "I15", "somebody is in without having shown themselves since the start");
    const UnixTime until = well_since_ + record.view.policy.restart_slack;
    for (const Deadline& deadline : record.view.deadlines)
      if (deadline.timer == Timer::join || deadline.timer == Timer::reconnect_grace)
        require(deadline.at >= until, "I15", "somebody has too little time to come back after the start");
  }
}

/// I10: no clock runs out unheard while nothing is wrong with the server.
void World::check_on_time() {
  const UnixTime now = clock_.now().wall;
  if (!service_ || lagging_ || now < well_since_ + slack) return;
  if (const auto next = disk_->next_deadline().value(); next && *next + slack < now) broken("I10", "a clock has run out unheard");
}

// ---- what a line does -----------------------------------------------------------------------------------------------

News World::play(const Step& step) {
  News before = pass(step.at);
  stats_.count("step", name(step.verb));
  if (service_ || step.verb == Verb::start) dispatch(step);
  std::move(news_.replies.begin(), news_.replies.end(), std::back_inserter(before.replies));
  std::move(news_.decided.begin(), news_.decided.end(), std::back_inserter(before.decided));
  news_ = {};
  return before;
}

void World::dispatch(const Step& step) {
  switch (step.verb) {
    case Verb::connect: return command({.by = step.command.by, .body = DeviceOnline{}});
    case Verb::disconnect: return command({.by = step.command.by, .body = DeviceOffline{}});
    case Verb::command: return command(step.command, step.entry);
    case Verb::token: return ask_token(step.command.by, step.command.call);
    case Verb::callback: return tell(provider_.hear(step.callback, clock_.now().wall));
    case Verb::open: return open();
    case Verb::commit: return commit();
    case Verb::fail:
      store_.fail_in(step.count, step.conflict ? ErrorCode::conflict : ErrorCode::store_unavailable);
      well_since_ = clock_.now().wall + slack;
      return;
    case Verb::crash: return store_.die_in(step.count, step.after);
    case Verb::kill:
      turn_.now = clock_.now().wall;
      turn_.died = true;
      die();
      return settle({});
    case Verb::start:
      if (service_) dispatch({.at = step.at, .verb = Verb::kill});
      return start();
    case Verb::lag: lagging_ = true; return;
    case Verb::catch_up:
      lagging_ = false;
      well_since_ = clock_.now().wall;
      return;
  }
}

/// What callbacks come to, in the order in which RoomOrder has it.
void World::tell(std::vector<Command> commands) {
  for (Command& each : commands) {
    if (!service_) return;  // died of the one before
    stats_.count("provider", name(std::get<ProviderWord>(each.body).said));
    command(std::move(each));
  }
}

/// A new passcode gets the next number: that is for the service to say, so it is known before from the store.
Command World::completed(const Command& command) const {
  Command full = command;
  auto* changed = std::get_if<SetPasscode>(&full.body);
  if (!changed || changed->passcode.value == 0) return full;
  const auto before = disk_->passcode(command.call).value();
  changed->passcode = PasscodeStamp((before ? before->stamp : 0) + 1);
  return full;
}

void World::command(Command command, const EntryFacts& entry) {
  turn([&]() -> std::vector<Reply> {
    turn_.causes.push_back({completed(command), facts(command, entry)});
    const auto expectation = expected_of(command);
    const std::string_view first_rule = rule_before_busy(command);
    const auto result = service_->handle(command, clock_.now(), extras_of(command, entry));
    Reply reply{command.by, command.id, command.call, {}, {}};
    if (result)
      reply.call = result->id, reply.version = result->version;
    else
      reply.error = result.error().code;
    turn_.causes.back().refused = reply.error.has_value();
    stats_.count(reply.error ? "refusal" : "done", name(command.body), reply.error ? name(*reply.error) : std::string_view{});
    if (!reply.error) note_presence(command);
    if (!first_rule.empty()) {
      stats_.count("race rule", first_rule);
      require(reply.error != ErrorCode::busy, "race", "somebody is busy for whom an earlier race rule decides (5 or 7)");
    }
    if (in_group_) return held_.push_back(reply), std::vector<Reply>{};
    if (result && !fresh_) provider_check_ = expectation;
    return {reply};
  });
  check_provider();
}

/// Race rules 12 and 13, from the outside: what the provider's word about this person may do.
World::ProviderCheck World::expected_of(const Command& command) const {
  const auto* event = std::get_if<ProviderWord>(&command.body);
  const Ledger::Record* record = ledger_.find(command.call);
  if (!event || !record || record->reading.ended()) return ProviderCheck::none;
  const Reading::Leg* seat = record->reading.live_leg(event->user);
  const LegView* leg = record->view.live_leg_of(event->user);
  const bool seated = seat && seat->seated;
  if (event->said == ProviderSaid::joined && !seated) return ProviderCheck::corrected;
  const UnixTime began = event->said == ProviderSaid::left && event->logged_in != UnixTime() ? event->logged_in : event->at;
  const bool old = leg && leg->login && leg->login->id != event->login && began < leg->login->at;
  return event->said != ProviderSaid::room_closed && old ? ProviderCheck::nothing : ProviderCheck::none;
}

/// Race rules 7, 5 and 6 come in this order: where one of the first two decides about this start, nobody is busy.
std::string_view World::rule_before_busy(const Command& command) const {
  const auto* start = std::get_if<StartCall>(&command.body);
  const bool known = start && !in_group_ && !fresh_ && start->callees.size() == 1;
  if (!known || disk_->answer(command.by.user, command.id).value()) return {};  // an answer of before stands
  return rule_of_start(ledger_, setup_.policy, command.by, *start);
}

void World::check_provider() {
  const ProviderCheck check = std::exchange(provider_check_, ProviderCheck::none);
  if (check == ProviderCheck::none) return;
  stats_.count("race rule", check == ProviderCheck::nothing ? "12" : "13");
  if (check == ProviderCheck::nothing) require(ledger_.news() == 0, "I14", "the word of an older session counts (race rule 12)");
  if (check == ProviderCheck::corrected)
    require(ledger_.news() > 0, "I14", "somebody is in the media room without a seat, and nobody hears of it (race rule 13)");
}

void World::open() {
  if (in_group_) return;
  turn([&]() -> std::vector<Reply> {
    online_before_ = online_;
    in_group_ = service_->open_group().has_value();
    return {};
  });
}

void World::commit() {
  if (!in_group_) return;
  turn([&]() -> std::vector<Reply> {
    in_group_ = false;
    if (ZC_PLANTED(send_before_commit)) check_told(service_->take());
    const auto committed = service_->commit_group();
    auto replies = std::exchange(held_, {});
    if (committed) return replies;
    online_ = online_before_;
    for (Reply& reply : replies) reply = {reply.to, reply.command, reply.call, {}, ErrorCode::store_unavailable};
    for (Cause& cause : turn_.causes) cause.refused = true;
    return replies;
  });
}

// ---- facts ----------------------------------------------------------------------------------------------------------

bool World::is_online(const Actor& actor) const { return std::find(online_.begin(), online_.end(), actor) != online_.end(); }

void World::note_presence(const Command& command) {
  const bool comes = std::holds_alternative<DeviceOnline>(command.body);
  if (comes && !is_online(command.by)) online_.push_back(command.by);
  if (std::holds_alternative<DeviceOffline>(command.body)) std::erase(online_, command.by);
}

Facts World::facts(const Command& command, const EntryFacts& entry) const {
  Facts out{.online = online_, .policy = setup_.policy, .entry = entry};
  if (std::holds_alternative<DeviceOffline>(command.body)) std::erase(out.online, command.by);
  if (std::holds_alternative<DeviceOnline>(command.body) && !is_online(command.by)) out.online.push_back(command.by);
  return out;
}

// ---- checks ---------------------------------------------------------------------------------------------------------

/// Nothing is told that is not committed, nothing that is committed stays untold, and nothing is told twice.
void World::check_told(const std::vector<Decided>& decided) {
  std::size_t told = 0;
  for (const Decided& each : decided) {
    for (const CallEvent& event : each.events) {
      const Ledger::Record* record = ledger_.find(event.call);
      require(record && event.version.value <= record->log.size(), "told", "an event was told that is not in the store");
      require(to_string(record->log[event.version.value - 1]) == to_string(event), "told",
              "another event was told than is in the store");
    }
    told += each.events.size();
  }
  require(told == ledger_.news(), "told", "not every committed event was told once");
}

/// I13 and I15: an answer stands, whatever happens afterwards; the same command gets it again.
void World::check_reply(const Reply& reply) {
  if (reply.error && is_store_failure(*reply.error)) return;
  const Ledger::Record* record = ledger_.find(reply.call);
  if (!reply.error && !reply.call.empty())
    require(record && record->log.size() >= reply.version.value, "I15",
            "a command was acknowledged that the store does not hold");
  if (reply.command.empty() || (reply.error && is_retryable(*reply.error))) return;
  const auto [known, is_new] = first_answers_.try_emplace({reply.to.user, reply.command}, Known{reply, clock_.now().wall});
  if (is_new) return;
  if (clock_.now().wall >= known->second.at + answers_kept) return;  // may be forgotten by now, or not yet
  const Reply& first = known->second.reply;
  require(first.error == reply.error && first.version == reply.version && (reply.error || first.call == reply.call), "I13",
          "a repeated command got another answer");
  stats_.count("answer", "again");
}

/// I8: no token for somebody who was not let in.
void World::ask_token(const Actor& by, const CallId& call) {
  turn([&]() -> std::vector<Reply> {
    const auto token = service_->token(call, by.user, clock_.now());
    if (!token && is_store_failure(token.error().code)) return {};
    stats_.count(token ? "done" : "refusal", "token", token ? std::string_view{} : name(token.error().code));
    const Ledger::Record* record = ledger_.find(call);
    const Reading::Leg* leg = record ? record->reading.live_leg(by.user) : nullptr;
    const auto at = leg ? leg->place : Reading::Place::over;
    const bool seated = at == Reading::Place::coming || at == Reading::Place::in || at == Reading::Place::away ||
                        (at == Reading::Place::waiting && !record->reading.is_room());
    const bool let_in = seated && !record->reading.ending() && !record->reading.is_banned(by.user, clock_.now().wall);
    if (!in_group_) require(!token || let_in, "I8", "a token for somebody who was not let in");
    return {};
  });
}

// ---- the end --------------------------------------------------------------------------------------------------------

/// Every device that holds a leg, and for legs that nobody holds, a last one of each person.
std::set<Actor, World::ByName> World::everybody() const {
  std::set<Actor, ByName> all(online_.begin(), online_.end());
  for (const auto& [id, record] : ledger_.calls())
    for (const LegView& leg : record.view.legs)
      if (leg.state != LegState::final) all.insert({leg.user, leg.device.empty() ? DeviceId("last") : leg.device});
  return all;
}

void World::finish() {
  if (in_group_) commit();
  if (provider_.check(clock_.now().wall)) stats_.count("I14", "rooms");
  ledger_.check_attendance_of_live(clock_.now().wall);
  store_.heal();
  if (!service_) start();
  lagging_ = false;
  well_since_ = clock_.now().wall;
  (void)pass(now());
  provider_.forget();  // nobody is in a media room any more: what waits to be told of it is not news now
  for (const Actor& actor : everybody()) command({.by = actor, .body = DeviceOffline{}});
  for (int turns = 0;; ++turns) {
    const auto next = next_deadline();
    if (!next) break;
    if (turns == turns_at_once_max) broken("I10", "the call's clocks never come to an end");
    (void)pass(std::max(*next, now() + milliseconds(1)));
  }
  for (const auto& [id, record] : ledger_.calls())
    require(record.reading.ended(), "I10", "everybody went and every clock ran out, and a call lives");
  ledger_.check_all();
}

}  // namespace zegocall::sim
