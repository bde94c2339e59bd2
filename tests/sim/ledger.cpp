#include "sim/ledger.hpp"

#include <algorithm>
#include <tuple>

#include "sim/broken.hpp"
#include "sim/rights.hpp"
#include "sim/sitting.hpp"
#include "sim/wishes.hpp"

namespace zegocall::sim {
namespace {

std::string place(const CallId& call, const CallEvent& event) { return call.str() + " " + to_string(event); }

/// Of no meaning for a call that is over, so it may not show.
constexpr auto attendance_asked_after = std::chrono::hours(1);

bool same(const CallEvent& a, const CallEvent& b) {
  return a.call == b.call && a.version == b.version && a.at == b.at && a.body.index() == b.body.index() &&
         to_string(a) == to_string(b);
}

}  // namespace

const Ledger::Record* Ledger::find(const CallId& call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? nullptr : &found->second;
}

void Ledger::absorb(const Turn& turn) {
  require(!store_.in_transaction(), "I15", "the ledger is read inside a transaction");
  std::vector<Fresh> news = read_news(turn);
  news_ = 0;
  for (const Fresh& fresh : news) news_ += fresh.events.size();
  if (news.empty()) return;
  explain(turn, news);
  for (const Fresh& fresh : news) {
    const Record& record = calls_.at(fresh.call);
    check_call(fresh.call, record);
    if (record.reading.ended()) check_attendance(record.log, turn.now + attendance_asked_after);
  }
  check_seats();
  for (const UserId& user : gone_) check_missed(user);
  gone_.clear();
}

/// New events of the calls that live, as far as we know or the store says; others cannot change.
std::vector<Ledger::Fresh> Ledger::read_news(const Turn& turn) {
  std::vector<Fresh> news;
  const auto live_now = store_.live_calls().value();
  std::set<CallId> asked = live_;
  for (const CallView& call : live_now) asked.insert(call.id);
  for (const Cause& cause : turn.causes) asked.insert(cause.command.call);  // may have come and gone
  for (const CallId& id : asked) {
    const Record* known = find(id);
    auto events = store_.events(id, Version(known ? known->log.size() : 0)).value();
    if (!events.empty()) news.push_back({id, std::move(events)});
  }
  live_.clear();
  for (const CallView& call : live_now) live_.insert(call.id);
  return news;
}

std::vector<const CallView*> Ledger::views() const {
  std::vector<const CallView*> all;
  for (const auto& [id, record] : calls_)
    if (record.view.state != CallState::ended) all.push_back(&record.view);
  return all;
}

/// I15: what stands in the store is what the pure rules make of what stood there before, in a run without a crash.
void Ledger::explain(const Turn& turn, std::vector<Fresh>& news) {
  std::vector<bool> used(turn.causes.size());
  const auto left = [&] {
    return std::find_if(news.begin(), news.end(), [](const Fresh& fresh) { return fresh.explained < fresh.events.size(); });
  };
  if (turn.started)
    for (const Fresh& fresh : news)
      (void)explains({.command = {.call = fresh.call, .body = ServerStarted{}}, .facts = {}}, turn.now, news);
  for (std::size_t i = 0; i < turn.causes.size(); ++i)
    used[i] = !turn.causes[i].refused && explains(turn.causes[i], turn.now, news);
  while (left() != news.end())
    if (!explain_by_clock(turn, news)) {
      const auto fresh = left();
      broken("I15", "nothing that happened leads to " + place(fresh->call, fresh->events[fresh->explained]));
    }
}

/// Clocks fire in the order of their instants, over all calls: one that frees a person comes before a later one that looks for
/// them.
bool Ledger::explain_by_clock(const Turn& turn, std::vector<Fresh>& news) {
  std::vector<std::pair<Deadline, CallId>> due;
  for (const Fresh& fresh : news) {
    const Record* record = find(fresh.call);
    if (!record || fresh.explained == fresh.events.size()) continue;
    for (const Deadline& deadline : record->view.deadlines)
      if (deadline.at <= turn.now) due.emplace_back(deadline, fresh.call);
  }
  std::stable_sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.first.at < b.first.at; });
  return std::any_of(due.begin(), due.end(), [&](const auto& next) {
    return explains({.command = {.call = next.second, .body = TimerFired{next.first}}, .facts = turn.facts}, turn.now, news);
  });
}

/// Whether this cause makes exactly the next new events; then they are taken in. The calls are given in another order than
/// a store has them in: that may not matter.
bool Ledger::explains(const Cause& cause, UnixTime now, std::vector<Fresh>& news) {
  std::vector<CallView> concerned;
  for (const CallView* view : views()) concerned.push_back(*view);
  if (const Record* over = find(cause.command.call); over && over->view.state == CallState::ended)
    concerned.push_back(over->view);
  std::reverse(concerned.begin(), concerned.end());
  Facts facts = cause.facts;
  const Record* named = find(cause.command.call);
  add_wishes(setup_, cause.command, named && !named->log.empty() ? &named->view : nullptr, facts);
  const auto made = decide(concerned, facts, cause.command, now);
  if (!made || made->empty()) return false;
  std::map<CallId, std::vector<CallEvent>> by_call;
  for (const CallEvent& event : *made) by_call[event.call].push_back(event);
  for (const auto& [id, events] : by_call) {
    const auto fresh = std::find_if(news.begin(), news.end(), [&, wanted = id](const Fresh& f) { return f.call == wanted; });
    if (fresh == news.end() || fresh->events.size() - fresh->explained < events.size()) return false;
    if (!std::equal(events.begin(), events.end(), fresh->events.begin() + static_cast<std::ptrdiff_t>(fresh->explained), same))
      return false;
  }
  for (Fresh& fresh : news) {
    const auto found = by_call.find(fresh.call);
    if (found == by_call.end()) continue;
    Record& record = calls_[fresh.call];
    check_cause(record, cause, found->second);
    CallView predicted = record.view;
    for (const CallEvent& event : found->second) {
      apply(predicted, event);
      keep(record, fresh.events[fresh.explained++]);
    }
    if (predicted != record.view) broken("I15", "the store holds other events than were decided of " + fresh.call.str());
  }
  return true;
}

/// I16: the command was this person's to give, in the state that they expected. I17: who comes in knew the passcode.
void Ledger::check_cause(const Record& record, const Cause& cause, const std::vector<CallEvent>& made) const {
  if (record.log.empty()) return;
  const Command& command = cause.command;
  if (!may_have(record.reading, command))
    broken("I16", std::string(name(command.body)) + " of somebody who may not: " + command.by.user.str());
  const bool expected = !command.expected || command.call != record.view.id || *command.expected == record.view.version;
  require(expected, "I16", "a command was done that expected another version");
  // Who does not hear a ring does not answer it; to call the caller is no answer.
  const Reading::Leg* own = record.reading.live_leg(command.by.user);
  const bool deaf = own && own->hidden && !std::holds_alternative<StartCall>(command.body);
  for (const CallEvent& event : made) {
    const auto* accepted = std::get_if<LegAccepted>(&event.body);
    require(!accepted || !deaf || accepted->user != command.by.user, "I18", "a ring that nobody heard is accepted");
  }
  const RoomView& room = record.reading.room();
  if (!record.reading.is_room() || room.passcode.value == 0 || room.host == command.by.user) return;
  if (const Reading::Leg* seat = record.reading.live_leg(command.by.user); seat && seat->seated) return;
  const bool knew = cause.facts.entry.passcode == PasscodeCheck::right && cause.facts.entry.stamp == room.passcode;
  for (const CallEvent& event : made) {
    const auto* entered = std::get_if<LegEntered>(&event.body);
    require(!entered || knew, "I17", "somebody comes into a room without its passcode");
  }
}

void Ledger::keep(Record& record, const CallEvent& event) {
  record.reading.take(event);
  apply(record.view, event);
  record.log.push_back(event);
  if (const auto* over = std::get_if<LegFinal>(&event.body)) {
    gone_.insert(over->user);
    if (Reading::is_missed(record.reading.legs()[over->leg - 1], missed_rules.blocked, missed_rules.dnd))
      missed_[over->user].push_back(
          {over->user, event.call, over->leg, record.reading.caller(), over->outcome, event.at, std::nullopt});
  }
  count(event);
  for (const std::uint64_t part : {event.version.value, static_cast<std::uint64_t>(event.body.index()),
                                   static_cast<std::uint64_t>(event.at.time_since_epoch().count())})
    digest_ = (digest_ ^ part) * 0x100000001b3u;
}

void Ledger::count(const CallEvent& event) {
  stats_.count("event", name(event.body));
  if (const auto* over = std::get_if<LegFinal>(&event.body)) stats_.count("leg", name(over->outcome));
  if (const auto* told = std::get_if<DeviceDismiss>(&event.body)) stats_.count("device", name(told->outcome));
  if (const auto* over = std::get_if<CallEnded>(&event.body)) {
    stats_.count("call", name(over->outcome));
    if (over->cause) stats_.count("cause", name(*over->cause));
  }
}

void Ledger::check_call(const CallId& id, const Record& record) {
  const auto snapshot = store_.call(id).value();
  require(snapshot.has_value(), "I9", "a call has a log and no snapshot");
  if (*snapshot != record.view) broken("I9", "the snapshot of " + id.str() + " is not the fold of its log");
  const Reading& reading = record.reading;
  reading.check();
  if (auto wrong = inconsistency(record.view)) broken("I10", id.str() + ": " + *wrong);
  require(reading.ended() == (record.view.state == CallState::ended), "I1", "the fold and the log disagree about the end");
  const bool empty_clock = std::any_of(record.view.deadlines.begin(), record.view.deadlines.end(),
                                       [](const Deadline& d) { return d.timer == Timer::empty; });
  if (reading.active() && !reading.ending())
    require(reading.empty_since().has_value() == empty_clock, "I7", "an active call is empty without its clock, or the reverse");
}

/// I4, across calls: a person sits in one live call, and in others only where their policy allows it, on hold, or while they
/// ring as a second call, or one that they are not to hear.
void Ledger::check_seats() const {
  std::set<UserId> seated;
  for (const CallId& id : live_) {
    const CallView& call = calls_.at(id).view;
    if (call.policy.busy == BusyPolicy::allow) continue;
    for (const LegView& leg : call.legs) {
      if (leg.state == LegState::final || leg.second || leg.on_hold || leg.hidden) continue;
      if (!seated.insert(leg.user).second) broken("I4", leg.user.str() + " sits in two calls");
    }
  }
}

/// I12: one entry for each leg whose outcome is a missed one, with its words, and no other.
void Ledger::check_missed(const UserId& user) {
  const auto page = store_.missed(user, {.page = 1, .size = StoreLimits::page_size_max}).value();
  std::vector<MissedCall> wanted = missed_[user];
  require(page.total == wanted.size(), "I12", "another number of missed calls is listed than there were");
  require(store_.missed_unseen(user).value() == wanted.size(), "I12", "a missed call is marked as seen that nobody looked at");
  if (wanted.size() > StoreLimits::page_size_max) return;
  const auto newest = [](const MissedCall& a, const MissedCall& b) {
    return std::tie(b.at, b.call, b.leg) < std::tie(a.at, a.call, a.leg);
  };
  std::sort(wanted.begin(), wanted.end(), newest);
  require(page.items == wanted, "I12", "the list of missed calls does not say what was missed");
}

void Ledger::check_attendance_of_live(UnixTime now) const {
  for (const auto& [id, record] : calls_)
    if (!record.reading.ended()) check_attendance(record.log, now);
}

void Ledger::check_all() {
  std::uint64_t there = 0;
  for (std::uint32_t page = 1;; ++page) {
    const auto calls = store_.calls({.page = page, .size = StoreLimits::page_size_max}).value();
    for (const CallView& call : calls.items) {
      const Record* record = find(call.id);
      require(record && record->view == call, "I15", "a call in the store is not what was seen of it");
    }
    there += calls.items.size();
    if (there >= calls.total) break;
  }
  require(there == calls_.size(), "I15", "a call that was seen is not in the store");
  for (const auto& [id, record] : calls_) {
    const auto log = store_.events(id, Version{}).value();
    require(log.size() == record.log.size() && std::equal(log.begin(), log.end(), record.log.begin(), same), "I15",
            "a log is not what was seen of it");
    const auto folded = fold(log);
    require(folded && *folded == record.view, "I9", "a snapshot is not the fold of its whole log");
  }
}

}  // namespace zegocall::sim
